"""Signing in from outside, and machines: subjects of an OpenID Connect issuer, and keys of service accounts.

A key opens a session of its own that lives as long as the key, so that `open_scope` checks it as it checks any other,
and to end the session is to revoke the key. The rules that the database itself holds, beside those before:
- a service account has no password, and nobody else has keys
- a subject of an issuer is one account's at a time, and an ID token opens one session
- who links a subject to an account, or makes a key for it, administers that account, and is not it
- a key ends with its session, whatever ended that
"""

from alembic import op

from migrations.shapes import AT_PLACE, LOCATION, beneath, of

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MINE = "NULLIF(current_setting('zhanwang.account', true), '')::bigint"
LOCATED = "place_id, path, station_id, county_id"
# As in 0008, with what is new.
LETTERS = {
    "station": "S", "community": "C", "grid": "G", "person": "P", "assignment": "A", "qualification": "Q", "skill": "K",
    "volunteer_team": "T", "team_membership": "M", "account": "U", "account_grant": "R", "grant": "R",
    "leading_group": "LG", "leading_group_member": "LM", "implementation_plan": "IP", "measure": "ME", "agency": "AG",
    "agency_rating": "RT", "venue": "VE", "service_item": "SI", "service_offer": "SO", "calendar_day": "CD",
    "client": "CL", "service_record": "SR", "survey": "SU", "referral": "RF", "consultation": "CO",
    "consultation_participant": "CP", "consultation_attachment": "CA", "resolution": "RS", "target": "TG",
    "volunteer_call": "VC", "sign_up": "VS", "training_event": "TE", "attendance": "TA", "exam_result": "EX",
    "award_budget": "AB", "award": "AW", "external_identity": "EI", "service_key": "SK",
}  # fmt: skip
CASES = " ".join(f"WHEN '{noun}' THEN '{letters}'" for noun, letters in LETTERS.items())
SUBJECT = f"""
DROP INDEX ix_audit_entry_subject_id;
ALTER TABLE audit_entry DROP COLUMN subject;
ALTER TABLE audit_entry
  ADD subject text COLLATE "C" GENERATED ALWAYS AS (CASE noun {CASES} END || row_id) STORED;
CREATE INDEX ix_audit_entry_subject_id ON audit_entry (subject, id);
"""

TABLES = f"""
ALTER TABLE account
  ALTER password_hash DROP NOT NULL,
  ADD kind text NOT NULL DEFAULT 'PERSON' CHECK (kind IN ('PERSON', 'SERVICE')),
  ADD CHECK (kind <> 'SERVICE' OR password_hash IS NULL),
  ADD UNIQUE (id, {LOCATED});
ALTER TABLE session
  ADD of_key boolean NOT NULL DEFAULT false,
  ADD UNIQUE (id, account_id);

CREATE TABLE external_identity ({LOCATION} {of("account_id", "account")}
  issuer text NOT NULL CHECK (issuer <> ''),
  subject text NOT NULL CHECK (subject <> ''),
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_to timestamptz CHECK (valid_to >= valid_from),
  {AT_PLACE}
);
CREATE INDEX ix_external_identity_account_id ON external_identity (account_id);
CREATE UNIQUE INDEX external_identity_subject_key ON external_identity (subject, issuer) WHERE valid_to IS NULL;

CREATE TABLE used_id_token (
  digest bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ix_used_id_token_expires_at ON used_id_token (expires_at);

CREATE TABLE service_key ({LOCATION} {of("account_id", "account")}
  name text NOT NULL CHECK (name <> ''),
  prefix text NOT NULL,
  digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
  session_id bigint UNIQUE,
  valid_from timestamptz NOT NULL DEFAULT now(),
  valid_to timestamptz CHECK (valid_to >= valid_from),
  last_used_at timestamptz,
  FOREIGN KEY (session_id, account_id) REFERENCES session (id, account_id) ON DELETE SET NULL (session_id),
  {AT_PLACE}
);
CREATE INDEX ix_service_key_account_id ON service_key (account_id);
"""

FUNCTIONS = """
CREATE FUNCTION find_identity(p_issuer text, p_subject text)
RETURNS TABLE (account_id bigint, credential_version integer, identity_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id, a.credential_version, i.id
    FROM external_identity i JOIN account a ON a.id = i.account_id
   WHERE i.issuer = p_issuer AND i.subject = p_subject AND i.valid_to IS NULL AND a.disabled_at IS NULL
$$;
COMMENT ON FUNCTION find_identity IS
  'Whom a subject of an issuer signs in as; no row for one that is not linked, or to a disabled account.';

CREATE FUNCTION use_service_key(p_digest bytea)
RETURNS TABLE (account_id bigint, credential_version integer, session_id bigint, expires_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- A machine may ask a thousand times a second: that it is used is worth a write an hour.
  UPDATE service_key k SET last_used_at = now()
   WHERE k.digest = p_digest AND holds(k.valid_from, k.valid_to)
     AND (k.last_used_at IS NULL OR k.last_used_at < now() - interval '1 hour');
  RETURN QUERY
    SELECT a.id, a.credential_version, s.id, s.expires_at
      FROM service_key k JOIN account a ON a.id = k.account_id JOIN session s ON s.id = k.session_id
     WHERE k.digest = p_digest AND a.disabled_at IS NULL AND s.ended_at IS NULL AND s.expires_at > now();
END $$;
COMMENT ON FUNCTION use_service_key IS
  'The session that a key opens, noting that it is used; no row for a key that is unknown, over, or of a disabled
   account.';

CREATE FUNCTION open_key_session(p_account bigint, p_expires_at timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO session (account_id, expires_at, of_key) VALUES (p_account, p_expires_at, true) RETURNING id
$$;
COMMENT ON FUNCTION open_key_session IS
  'Opens the session of a new key, of an account that the open scope administers.';

CREATE FUNCTION end_key_session(p_key bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE session SET ended_at = now()
   WHERE id = (SELECT k.session_id FROM service_key k WHERE k.id = p_key) AND ended_at IS NULL AND expires_at > now();
  RETURN FOUND;
END $$;
COMMENT ON FUNCTION end_key_session IS
  'Ends the session of a key, and with it the key, of an account that the open scope administers; whether it had one.';

CREATE FUNCTION end_service_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  -- The log says what has ended the session; the version counts what is done to the key itself.
  UPDATE service_key SET valid_to = greatest(valid_from, NEW.ended_at)
   WHERE session_id = NEW.id AND (valid_to IS NULL OR valid_to > NEW.ended_at);
  RETURN NULL;
END $$;
CREATE TRIGGER key_ended AFTER UPDATE OF ended_at ON session FOR EACH ROW
  WHEN (NEW.of_key AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION end_service_key();
"""

POLICIES = f"""
CREATE POLICY administered ON external_identity AS RESTRICTIVE FOR INSERT TO zhanwang_server
  WITH CHECK (account_id <> {MINE} AND administers(account_id));
CREATE POLICY administered_end ON external_identity AS RESTRICTIVE FOR UPDATE TO zhanwang_server
  USING (account_id <> {MINE} AND administers(account_id));
CREATE POLICY administered ON service_key AS RESTRICTIVE FOR INSERT TO zhanwang_server
  WITH CHECK (account_id <> {MINE} AND administers(account_id)
    AND EXISTS (SELECT FROM account a WHERE a.id = service_key.account_id AND a.kind = 'SERVICE'));
CREATE POLICY administered_end ON service_key AS RESTRICTIVE FOR UPDATE TO zhanwang_server
  USING (account_id <> {MINE} AND administers(account_id));
CREATE POLICY administered_key ON session FOR INSERT TO zhanwang_owner
  WITH CHECK (of_key AND account_id <> {MINE} AND administers(account_id));
CREATE POLICY definer ON external_identity FOR SELECT TO zhanwang_owner USING (true);
CREATE POLICY definer ON service_key FOR SELECT TO zhanwang_owner USING (true);
CREATE POLICY definer_update ON service_key FOR UPDATE TO zhanwang_owner USING (true) WITH CHECK (true);
"""

GRANTS = f"""
GRANT SELECT (kind), INSERT (kind) ON account TO zhanwang_server;
GRANT SELECT, INSERT ({LOCATED}, account_id, issuer, subject), UPDATE (valid_to, version)
   ON external_identity TO zhanwang_server;
-- To lock what is cleared away.
GRANT SELECT, INSERT, UPDATE (expires_at), DELETE ON used_id_token TO zhanwang_server;
GRANT SELECT (id, {LOCATED}, version, account_id, name, prefix, valid_from, valid_to, last_used_at),
      INSERT ({LOCATED}, account_id, name, prefix, digest, session_id, valid_to),
      UPDATE (version) ON service_key TO zhanwang_server;
"""

CALLED_BY_SERVER = (
    "find_identity(text, text)",
    "use_service_key(bytea)",
    "open_key_session(bigint, timestamptz)",
    "end_key_session(bigint)",
)


def upgrade() -> None:
    """Add identities and keys."""
    op.execute(SUBJECT)
    op.execute(TABLES)
    for table in ("external_identity", "service_key"):
        op.execute(f"CREATE INDEX ix_{table}_path ON {table} (path)")
        op.execute(f"CREATE INDEX ix_{table}_place_id ON {table} (place_id)")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({beneath('path')}) WITH CHECK ({beneath('path')})")
    for statements in (FUNCTIONS, POLICIES, GRANTS):
        op.execute(statements)
    for function in (*CALLED_BY_SERVER, "end_service_key()"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED_BY_SERVER:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """Accounts without a password could not be kept."""
    raise NotImplementedError("who signs in from outside could not be taken back")
