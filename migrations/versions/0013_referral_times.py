"""An index of when referrals were sent, by which they are filtered and told of."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX ix_referral_county_id_sent_at_id ON referral (county_id, sent_at, id)")


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP INDEX ix_referral_county_id_sent_at_id")
