"""Where people serve who are at home elsewhere, by each place that sees them for it.

`assignment.guest_places` has the ids of the places that see the person by this assignment and not by the home, so that
"who else serves below this place" is the look-up of one id, at whatever level: few at a township, none at the nation.
A function looks it up: beside the scope's range of paths, which it checks of the place alone, PostgreSQL would read all
that lies in the range.
"""

from alembic import op

from migrations.shapes import beneath

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

GUESTS = f"""
CREATE FUNCTION places_apart(path text, person_path text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(SELECT unnest(string_to_array(rtrim(path, '.'), '.')::bigint[])
             EXCEPT SELECT unnest(string_to_array(rtrim(person_path, '.'), '.')::bigint[]));
COMMENT ON FUNCTION places_apart IS 'The ids in a path that are not in another.';

ALTER TABLE assignment ADD guest_places bigint[] NOT NULL
  GENERATED ALWAYS AS
  (CASE WHEN starts_with(person_path, path) THEN '{{}}' ELSE places_apart(path, person_path) END) STORED;
CREATE INDEX ix_assignment_guest_places ON assignment USING gin (guest_places) WITH (fastupdate = off) WHERE elsewhere;

CREATE FUNCTION guests_of(p_place bigint, p_day date) RETURNS TABLE (person_id bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT DISTINCT a.person_id FROM assignment a
   WHERE a.elsewhere AND a.guest_places @> ARRAY[p_place]
     AND a.valid_from <= p_day AND (a.valid_to IS NULL OR a.valid_to > p_day)
     AND EXISTS (SELECT FROM place p WHERE p.id = p_place AND {beneath("p.path")});
END $$;
COMMENT ON FUNCTION guests_of IS
  'The people who serve below a place in scope on a day, and are at home elsewhere.';
REVOKE ALL ON FUNCTION guests_of(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guests_of(bigint, date) TO zhanwang_server;
"""


def upgrade() -> None:
    """Add the column and its index."""
    op.execute(GUESTS)


def downgrade() -> None:
    """Take them away."""
    op.execute("DROP FUNCTION guests_of; ALTER TABLE assignment DROP guest_places; DROP FUNCTION places_apart")
