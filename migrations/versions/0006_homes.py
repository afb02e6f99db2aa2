"""Where somebody is merely seen, nothing of them is written: the policies now say so for every column.

A person is seen where they serve, and an account sees its own row wherever that is. Both were let through to an UPDATE
by that, which the new row's place then had to stop; one that also moved the row into the scope was not stopped.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCOPE = "NULLIF(current_setting('zhanwang.scope', true), '')"
LOW, HIGH = f"(SELECT {SCOPE})", f"(SELECT left({SCOPE}, -1) || '/')"
IN_SCOPE = f"path >= {LOW} AND path < {HIGH}"

HOMES = f"""
CREATE POLICY at_home ON person AS RESTRICTIVE FOR UPDATE TO zhanwang_server USING ({IN_SCOPE});

CREATE FUNCTION home_of(p_account bigint) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT place_id FROM account WHERE id = p_account
$$;
COMMENT ON FUNCTION home_of IS 'The place of an account, as it was before the statement that asks.';

CREATE POLICY at_home ON account AS RESTRICTIVE FOR UPDATE TO zhanwang_server
  USING (true) WITH CHECK (COALESCE({IN_SCOPE}, false) OR place_id = home_of(id));
"""


def upgrade() -> None:
    """Add the policies."""
    op.execute(HOMES)
    op.execute("REVOKE ALL ON FUNCTION home_of(bigint) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION home_of(bigint) TO zhanwang_server")


def downgrade() -> None:
    """The release before guards less."""
    raise NotImplementedError("people could then be taken from where they are at home")
