"""Trusted documents: what clients may ask by an id instead of a text, added and removed by the command line alone.

They belong to no place: whoever may ask, may ask by them, and sees by them what the same text would show.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE trusted_document (
  id text COLLATE "C" PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
  digest bytea NOT NULL,
  text text NOT NULL,
  name text NOT NULL,
  added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK (digest = sha256(convert_to(text, 'UTF8')))
);
CREATE INDEX ix_trusted_document_digest ON trusted_document (digest);
GRANT SELECT ON trusted_document TO zhanwang_server;
"""


def upgrade() -> None:
    """Add the table."""
    op.execute(TABLE)


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE trusted_document")
