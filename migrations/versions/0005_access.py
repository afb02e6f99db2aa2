"""What an account may do is told beforehand: whether it administers another, also where nothing is written.

`administers` knew the role that writes from a setting that only a transaction which writes has. The rule of 0004 stays
as it is, in one place, and takes the role as an argument.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCOPE = "NULLIF(current_setting('zhanwang.scope', true), '')"
LOW, HIGH = f"(SELECT {SCOPE})", f"(SELECT left({SCOPE}, -1) || '/')"


def beneath(path: str) -> str:
    """Whether a path lies in the scope."""
    return f"COALESCE({path} >= {LOW} AND {path} < {HIGH}, false)"


FUNCTIONS = f"""
CREATE FUNCTION administers(p_account bigint, p_role text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM account a WHERE a.id = p_account AND {beneath("a.path")})
     AND NOT EXISTS (
       SELECT FROM account_grant g
        WHERE g.account_id = p_account AND (g.valid_to IS NULL OR g.valid_to > greatest(now(), g.valid_from))
          AND NOT ({beneath("g.path")} AND COALESCE(role_rank(g.role) <= role_rank(p_role), false)))
$$;
COMMENT ON FUNCTION administers(bigint, text) IS
  'Whether an account, and every grant that it holds, or will, lies in the open scope and within a role.';

CREATE OR REPLACE FUNCTION administers(p_account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT administers(p_account, NULLIF(current_setting('zhanwang.role', true), ''))
$$;
"""


def upgrade() -> None:
    """Let the role be given."""
    op.execute(FUNCTIONS)
    op.execute("REVOKE ALL ON FUNCTION administers(bigint, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION administers(bigint, text) TO zhanwang_server")


def downgrade() -> None:
    """The policies need the rule."""
    raise NotImplementedError("what an account may do could not be told any more")
