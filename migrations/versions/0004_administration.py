"""Delegated administration: what a grant may give, for as long as it holds itself; sessions that others end.

The rules that the database itself holds, beside those of 0002:
- a grant is given by one that holds at that moment, covers its place, role and time, and whose account is not disabled,
  to an account in scope
- who administers an account has that account in scope, too, and may end its sessions
- whoever gives, revokes, disables or resets holds the authority to do so until the end of the transaction: what would
  take it away waits, or came first
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCOPE = "NULLIF(current_setting('zhanwang.scope', true), '')"
LOW, HIGH = f"(SELECT {SCOPE})", f"(SELECT left({SCOPE}, -1) || '/')"
ACCOUNT = "NULLIF(current_setting('zhanwang.account', true), '')::bigint"
GRANT = "NULLIF(current_setting('zhanwang.grant', true), '')::bigint"


def beneath(path: str) -> str:
    """Whether a path lies in the scope."""
    return f"COALESCE({path} >= {LOW} AND {path} < {HIGH}, false)"


FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION administers(p_account bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM account a WHERE a.id = p_account AND {beneath("a.path")})
     AND NOT EXISTS (
       SELECT FROM account_grant g
        WHERE g.account_id = p_account AND (g.valid_to IS NULL OR g.valid_to > greatest(now(), g.valid_from))
          AND NOT ({beneath("g.path")} AND outranked(g.role)))
$$;
COMMENT ON FUNCTION administers IS
  'Whether an account, and every grant that it holds, or will, lies in the open scope and within the role that writes.';

CREATE FUNCTION delegates(p_grant bigint, p_path text, p_role text, p_valid_to timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM account_grant g JOIN account a ON a.id = g.account_id
     WHERE g.id = p_grant AND holds(g.valid_from, g.valid_to) AND a.disabled_at IS NULL
       AND starts_with(p_path, g.path) AND role_rank(p_role) <= role_rank(g.role)
       AND (g.valid_to IS NULL OR p_valid_to <= g.valid_to))
$$;
COMMENT ON FUNCTION delegates IS 'Whether a grant holds all that another is to: the place, the role, and the time.';

CREATE FUNCTION lock_authority(p_actor bigint, p_subject bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
DECLARE
  actor constant bigint := hashtextextended('zhanwang authority', p_actor);
  subject constant bigint := hashtextextended('zhanwang authority', p_subject);
BEGIN
  -- In one order, or two who administer each other would wait for each other.
  IF actor < subject THEN
    PERFORM pg_advisory_xact_lock_shared(actor);
    PERFORM pg_advisory_xact_lock(subject);
  ELSE
    PERFORM pg_advisory_xact_lock(subject);
    PERFORM pg_advisory_xact_lock_shared(actor);
  END IF;
END $$;
COMMENT ON FUNCTION lock_authority IS
  'To the end of the transaction, who administers (null from the command line) goes on being allowed to, and nobody
   else administers whom they administer (null for an account that is only being made).';

CREATE FUNCTION open_administration(p_account bigint, p_credential_version integer, p_session bigint, p_grant bigint,
                                    p_path text, p_role text, p_subject bigint)
RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM lock_authority(p_account, p_subject);
  RETURN open_scope(p_account, p_credential_version, p_session, p_grant, p_path, p_role);
END $$;
COMMENT ON FUNCTION open_administration IS
  'Locks the authority of who writes over an account, in a transaction that open_writing began, and says what is left
   of it then: as open_scope.';

CREATE FUNCTION end_sessions(p_account bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  ended integer;
BEGIN
  UPDATE session SET ended_at = now() WHERE account_id = p_account AND ended_at IS NULL;
  GET DIAGNOSTICS ended = ROW_COUNT;
  RETURN ended;
END $$;
COMMENT ON FUNCTION end_sessions IS
  'Ends the sessions of an account that the open scope administers; how many there were. None of any other.';

CREATE FUNCTION act_as(p_account bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('zhanwang.account', p_account::text, true);
  PERFORM lock_county(a.county_id, false) FROM account a WHERE a.id = p_account;
END $$;
COMMENT ON FUNCTION act_as IS
  'Begins what an account does to itself, which needs no scope. Like every write it shares the county''s lock first: its
   rows are what a move would take along.';
"""

POLICIES = f"""
DROP POLICY delegated ON account_grant;
CREATE POLICY delegated ON account_grant AS RESTRICTIVE FOR INSERT TO zhanwang_server
  WITH CHECK (given_by = {GRANT} AND account_id <> {ACCOUNT} AND delegates(given_by, path, role, valid_to)
    AND EXISTS (SELECT FROM account a WHERE a.id = account_grant.account_id AND {beneath("a.path")}));
CREATE POLICY administered ON session FOR UPDATE TO zhanwang_owner USING (administers(account_id));
"""

CALLED_BY_SERVER = (
    "delegates(bigint, text, text, timestamptz)",
    "lock_authority(bigint, bigint)",
    "open_administration(bigint, integer, bigint, bigint, text, text, bigint)",
    "end_sessions(bigint)",
    "act_as(bigint)",
)


def upgrade() -> None:
    """Add who administers whom."""
    op.execute(FUNCTIONS)
    op.execute(POLICIES)
    for function in CALLED_BY_SERVER:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """The release before knows less of what must hold."""
    raise NotImplementedError("grants could then be given that their giver does not hold")
