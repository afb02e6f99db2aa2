"""Where people serve who are at home elsewhere, by each place that sees them for it.

`assignment.guest_places` has the ids of the places that see the person by this assignment and not by the home, so that
"who else serves below this place" is the look-up of one id, at whatever level: few at a township, none at the nation.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GUESTS = """
CREATE FUNCTION places_apart(path text, person_path text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT unnest(string_to_array(rtrim(path, '.'), '.')::bigint[])
             EXCEPT SELECT unnest(string_to_array(rtrim(person_path, '.'), '.')::bigint[]));
COMMENT ON FUNCTION places_apart IS 'The ids in a path that are not in another.';

ALTER TABLE assignment ADD guest_places bigint[] NOT NULL
  GENERATED ALWAYS AS
  (CASE WHEN starts_with(person_path, path) THEN '{}' ELSE places_apart(path, person_path) END) STORED;
CREATE INDEX ix_assignment_guest_places ON assignment USING gin (guest_places) WITH (fastupdate = off) WHERE elsewhere;
"""


def upgrade() -> None:
    """Add the column and its index."""
    op.execute(GUESTS)


def downgrade() -> None:
    """Take them away."""
    op.execute("ALTER TABLE assignment DROP guest_places; DROP FUNCTION places_apart")
