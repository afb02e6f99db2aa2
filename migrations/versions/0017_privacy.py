"""Keys of personal data that can be changed, and the erasure of what is kept of a client.

The rules that the database itself holds, beside those before:
- of the keys that personal data is sealed with, one is in use, and a write that seals shares a lock on which it is
- what an entry of the audit log tells stands in its digest by a salted hash alone, so that it can be erased and the
  digest stays: the entry of the erasure has a hash of which entries it has emptied
- an erased client has nothing that tells of them, and nothing new is recorded of them

All of it is added: a server of the release before seals with its keys, and appends entries, as it did.
"""

from alembic import op

from migrations.shapes import beneath

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
harmless = {
    "CONSTRAINT": "a server of the release before writes none of the columns, and erases nobody",
    "CREATE INDEX": "both are empty; the log is read once for one, some seconds for ten million entries",
    "RESTRICTIVE POLICY": "nobody is erased yet, and of who is, nothing new is to be recorded by that server, too",
}

DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"
ERASED = "已删除"
"""What stands where a text was that may have told of an erased client; `models.client` has it too."""

KEYS = """
CREATE TABLE personal_key (
  name text PRIMARY KEY,
  sealed bytea NOT NULL,
  in_use boolean NOT NULL DEFAULT false,
  since timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX personal_key_in_use_key ON personal_key (in_use) WHERE in_use;
ALTER TABLE person ADD sealed_with text;
ALTER TABLE client ADD sealed_with text;

CREATE FUNCTION use_personal_key() RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang personal', 0));
  -- A statement of its own: it sees what whoever had the lock before has committed.
  RETURN (SELECT k.name FROM personal_key k WHERE k.in_use);
END $$;
COMMENT ON FUNCTION use_personal_key IS
  'The name of the key that seals, which stays so to the end of the transaction; none before a server has started.';

GRANT SELECT, INSERT (name, sealed, in_use) ON personal_key TO zhanwang_server;
GRANT INSERT (sealed_with), UPDATE (sealed_with) ON person TO zhanwang_server;
GRANT INSERT (sealed_with), UPDATE (sealed_with) ON client TO zhanwang_server;
"""

# Entries from before have no salt and keep the first form. A default of new rows alone: nothing is written anew.
ENTRIES = """
ALTER TABLE audit_entry ADD salt uuid, ADD values_digest bytea CHECK (length(values_digest) = 32), ADD erased_by bigint;
ALTER TABLE audit_entry ALTER salt SET DEFAULT gen_random_uuid();
CREATE INDEX ix_audit_entry_erased_by ON audit_entry (erased_by, id) WHERE erased_by IS NOT NULL;

CREATE FUNCTION audit_values(p_entry audit_entry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN p_entry.salt IS NULL THEN p_entry.values_digest
  ELSE sha256(convert_to('zhanwang audit values 1,' || audit_field(p_entry.salt::text)
    || audit_field(p_entry.before::text) || audit_field(p_entry.after::text), 'UTF8')) END;
COMMENT ON FUNCTION audit_values IS
  'SHA-256 of what an entry tells, with its salt; kept in its place once that is erased. Null for one without a salt.';

CREATE FUNCTION audit_fields(p_entry audit_entry) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN audit_field(p_entry.id::text) || audit_field(audit_instant(p_entry.at)) || audit_field(p_entry.place_id::text)
  || audit_field(p_entry.account_id::text) || audit_field(p_entry.grant_id::text)
  || audit_field(p_entry.request_id) || audit_field(p_entry.action) || audit_field(p_entry.noun)
  || audit_field(p_entry.row_id::text);
COMMENT ON FUNCTION audit_fields IS
  'What an entry says beside what it tells of the row; without path, station and county, which follow its place.';

CREATE OR REPLACE FUNCTION audit_digest(p_entry audit_entry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(CASE
  WHEN audit_values(p_entry) IS NULL
    THEN 'zhanwang audit entry 1,' || audit_fields(p_entry)
      || audit_field(p_entry.before::text) || audit_field(p_entry.after::text)
  ELSE 'zhanwang audit entry 2,' || audit_fields(p_entry) || audit_field(encode(audit_values(p_entry), 'hex')) END,
  'UTF8'));
COMMENT ON FUNCTION audit_digest IS 'SHA-256 of an entry, the same before and after what it tells is erased.';
"""

CLIENTS = f"""
ALTER TABLE client
  ADD erased_on date,
  ADD erasure_reason text
    CHECK (erasure_reason IN ('REQUESTED', 'CONSENT_WITHDRAWN', 'PURPOSE_ENDED', 'RETENTION_OVER', 'UNLAWFUL')),
  ADD CHECK ((erased_on IS NULL) = (erasure_reason IS NULL)),
  ADD CONSTRAINT ck_client_erased CHECK (erased_on IS NULL OR (
    name = '{ERASED}' AND household_size = 1 AND closed_on IS NOT NULL AND num_nonnulls(
      phone, id_number, birth_date, address, phone_cipher, id_number_cipher, birth_date_cipher, address_cipher,
      phone_digest, id_number_digest, sealed_with) = 0));
CREATE INDEX ix_client_closed_on ON client (closed_on, id) WHERE closed_on IS NOT NULL AND erased_on IS NULL;
"""

ERASURE = f"""
CREATE FUNCTION erase_client_data(p_client bigint, p_reason text, p_account bigint, p_grant bigint, p_request text)
RETURNS text LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  erased constant text := '{ERASED}';
  held client;
  entry bigint;
  surveys bigint[];
  referrals bigint[];
  records bigint[];
  corrections bigint[];
  consultations bigint[];
  resolutions bigint[];
  subjects text[];
BEGIN
  SELECT * INTO held FROM client WHERE id = p_client FOR UPDATE;
  IF NOT FOUND THEN RETURN 'NOT_FOUND'; END IF;
  IF held.erased_on IS NOT NULL THEN RETURN 'ERASED'; END IF;
  IF held.closed_on IS NULL THEN RETURN 'OPEN'; END IF;
  surveys := ARRAY(SELECT id FROM survey WHERE client_id = p_client);
  referrals := ARRAY(SELECT id FROM referral WHERE client_id = p_client);
  records := ARRAY(SELECT id FROM service_record WHERE client_id = p_client);
  -- What says why a record was taken from them stands in the record of somebody else, or of nobody, which has kept
  -- the note, too.
  corrections := ARRAY(
    WITH RECURSIVE correction AS (
      SELECT id, client_id FROM service_record WHERE corrects_id = ANY (records) AND client_id IS DISTINCT FROM p_client
      UNION ALL
      SELECT r.id, r.client_id FROM service_record r JOIN correction c ON c.id = r.corrects_id
       WHERE c.client_id IS NULL AND r.client_id IS DISTINCT FROM p_client)
    SELECT id FROM correction);
  consultations := ARRAY(SELECT DISTINCT consultation_id FROM consultation_attachment
    WHERE client_id = p_client OR survey_id = ANY (surveys) OR referral_id = ANY (referrals));
  resolutions := ARRAY(SELECT id FROM resolution WHERE consultation_id = ANY (consultations));
  IF EXISTS (SELECT FROM referral WHERE id = ANY (referrals) AND state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS'))
    OR EXISTS (SELECT FROM consultation WHERE id = ANY (consultations) AND state IN ('CALLED', 'HELD'))
    OR EXISTS (SELECT FROM resolution WHERE id = ANY (resolutions) AND state IN ('OPEN', 'IN_PROGRESS'))
  THEN RETURN 'UNDER_WAY'; END IF;

  UPDATE survey SET findings = erased, closing_reason = erased, state = 'CLOSED', version = version + 1,
                    closed_on = COALESCE(closed_on, greatest(current_date, surveyed_on))
   WHERE id = ANY (surveys);
  UPDATE referral SET reason = erased, outcome = CASE WHEN outcome IS NOT NULL THEN erased END, version = version + 1
   WHERE id = ANY (referrals);
  UPDATE service_record SET note = CASE WHEN note IS NOT NULL THEN erased END,
                            reason = CASE WHEN reason IS NOT NULL THEN erased END, version = version + 1
   WHERE id = ANY (records);
  UPDATE service_record SET reason = CASE WHEN reason IS NOT NULL THEN erased END,
                            note = CASE WHEN client_id IS NULL AND note IS NOT NULL THEN erased ELSE note END,
                            version = version + 1
   WHERE id = ANY (corrections);
  UPDATE consultation SET issue = erased, minutes = CASE WHEN minutes IS NOT NULL THEN erased END, version = version + 1
   WHERE id = ANY (consultations);
  UPDATE resolution SET title = erased, outcome = CASE WHEN outcome IS NOT NULL THEN erased END, version = version + 1
   WHERE id = ANY (resolutions);
  DELETE FROM client_category WHERE client_id = p_client;
  UPDATE client SET name = erased, household_size = 1, phone = NULL, id_number = NULL, birth_date = NULL,
    address = NULL, phone_cipher = NULL, id_number_cipher = NULL, birth_date_cipher = NULL, address_cipher = NULL,
    phone_digest = NULL, id_number_digest = NULL, sealed_with = NULL, erased_on = current_date,
    erasure_reason = p_reason, version = version + 1
   WHERE id = p_client;

  subjects := 'CL' || p_client || ARRAY(
    SELECT letters || key FROM (
      SELECT 'SU', unnest(surveys) UNION ALL SELECT 'RF', unnest(referrals)
      UNION ALL SELECT 'SR', unnest(records || corrections) UNION ALL SELECT 'CO', unnest(consultations)
      UNION ALL SELECT 'RS', unnest(resolutions)) AS told (letters, key));
  entry := nextval(pg_get_serial_sequence('audit_entry', 'id'));
  UPDATE audit_entry e SET values_digest = audit_values(e), salt = NULL, before = NULL, after = NULL, erased_by = entry
   WHERE e.subject = ANY (subjects) AND num_nonnulls(e.before, e.after) > 0;
  INSERT INTO audit_entry (id, place_id, path, station_id, county_id, account_id, grant_id, request_id, action, noun,
                           row_id, before, after)
  SELECT entry, held.place_id, held.path, held.station_id, held.county_id, p_account, p_grant, p_request,
         'eraseClient', 'client', p_client,
         jsonb_build_object('erased_on', NULL, 'erasure_reason', NULL),
         jsonb_build_object('erased_on', current_date, 'erasure_reason', p_reason,
                            'entries', count(*), 'sha256', audit_erasure(entry))
    FROM audit_entry e WHERE e.erased_by = entry;
  -- Each of the other rows has changed, too, and its history says by what.
  INSERT INTO audit_entry (place_id, path, station_id, county_id, account_id, grant_id, request_id, action, noun,
                           row_id)
  SELECT place_id, path, station_id, county_id, p_account, p_grant, p_request, 'eraseClient', noun, id
    FROM (SELECT place_id, path, station_id, county_id, 'survey', id FROM survey WHERE id = ANY (surveys)
          UNION ALL SELECT place_id, path, station_id, county_id, 'referral', id
            FROM referral WHERE id = ANY (referrals)
          UNION ALL SELECT place_id, path, station_id, county_id, 'service_record', id
            FROM service_record WHERE id = ANY (records || corrections)
          UNION ALL SELECT place_id, path, station_id, county_id, 'consultation', id
            FROM consultation WHERE id = ANY (consultations)
          UNION ALL SELECT place_id, path, station_id, county_id, 'resolution', id
            FROM resolution WHERE id = ANY (resolutions)
         ) AS changed (place_id, path, station_id, county_id, noun, id);
  RETURN 'OK';
END $$;
COMMENT ON FUNCTION erase_client_data IS
  'Erases what tells of a client whose file is closed, here, in what was recorded of them, and in the audit log.';

CREATE FUNCTION erase_client(p_client bigint, p_reason text, p_request text) RETURNS text
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
BEGIN
  IF NOT outranked('MANAGER') OR NOT EXISTS (SELECT FROM client c WHERE c.id = p_client AND {beneath("c.path")}) THEN
    RETURN 'NOT_FOUND';
  END IF;
  RETURN erase_client_data(p_client, p_reason, NULLIF(current_setting('zhanwang.account', true), '')::bigint,
                           NULLIF(current_setting('zhanwang.grant', true), '')::bigint, p_request);
END $$;
COMMENT ON FUNCTION erase_client IS
  'Erases a client in the scope and under the role that writes. OK; or why not: NOT_FOUND, OPEN (the file), ERASED
   before, UNDER_WAY (a referral, a consultation or what follows from one).';

CREATE FUNCTION client_erased(p_client bigint) RETURNS boolean LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT EXISTS (SELECT FROM client c WHERE c.id = p_client AND c.erased_on IS NOT NULL)
$$;
COMMENT ON FUNCTION client_erased IS 'Whether a client was erased, also one that is out of sight.';

CREATE FUNCTION due_clients(p_before date, p_after bigint, p_limit integer)
RETURNS TABLE (id bigint, county_id bigint, place_id bigint, closed_on date)
LANGUAGE sql STABLE {DEFINER} AS $$
  SELECT c.id, c.county_id, c.place_id, c.closed_on FROM client c
   WHERE c.erased_on IS NULL AND c.closed_on < p_before AND c.id > p_after ORDER BY c.id LIMIT p_limit
$$;
COMMENT ON FUNCTION due_clients IS 'Clients whose files were closed before a day and are kept still, for the schedule.';

CREATE FUNCTION erase_due_client(p_client bigint, p_before date, p_request text) RETURNS text
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
BEGIN
  -- Nobody may keep files for less than a year, whatever the schedule says.
  IF p_before > current_date - interval '1 year'
    OR NOT EXISTS (SELECT FROM client c WHERE c.id = p_client AND c.closed_on < p_before)
  THEN
    RETURN 'NOT_FOUND';
  END IF;
  RETURN erase_client_data(p_client, 'RETENTION_OVER', NULL, NULL, p_request);
END $$;
COMMENT ON FUNCTION erase_due_client IS
  'Erases a client whose file was closed before a day that is a year ago at least; answers as erase_client.';
"""
ERASED_ENTRIES = """
CREATE FUNCTION audit_erasure(p_erasure bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to('zhanwang audit erasure 1,' || COALESCE(string_agg(
           audit_fields(e) || audit_field(encode(e.values_digest, 'hex')), '' ORDER BY e.id), ''), 'UTF8')), 'hex')
    FROM audit_entry e WHERE e.erased_by = p_erasure
$$;
COMMENT ON FUNCTION audit_erasure IS 'SHA-256 over the entries that an erasure has emptied, in hexadecimal.';
"""

PURGING = f"""
CREATE FUNCTION purge_expired(p_refresh interval, p_limit integer) RETURNS integer
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  most integer := 0;
  gone integer;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('zhanwang purge', 0)) THEN RETURN 0; END IF;
  DELETE FROM refresh_token WHERE digest = ANY (ARRAY(
    SELECT t.digest FROM refresh_token t JOIN session s ON s.id = t.session_id
     WHERE s.ended_at IS NOT NULL OR s.expires_at <= now() OR t.used_at < now() - p_refresh LIMIT p_limit));
  GET DIAGNOSTICS most = ROW_COUNT;
  DELETE FROM session WHERE id = ANY (ARRAY(
    SELECT s.id FROM session s
     WHERE least(s.ended_at, s.expires_at) < now() - interval '1 day'
       AND NOT EXISTS (SELECT FROM refresh_token t WHERE t.session_id = s.id) LIMIT p_limit));
  GET DIAGNOSTICS gone = ROW_COUNT;
  most := greatest(most, gone);
  DELETE FROM idempotency_key WHERE (account_id, key) IN (
    SELECT k.account_id, k.key FROM idempotency_key k WHERE k.created_at < now() - interval '7 days' LIMIT p_limit);
  GET DIAGNOSTICS gone = ROW_COUNT;
  most := greatest(most, gone);
  DELETE FROM used_id_token WHERE digest = ANY (ARRAY(
    SELECT u.digest FROM used_id_token u WHERE u.expires_at < now() LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  most := greatest(most, gone);
  DELETE FROM log_in_failure WHERE key = ANY (ARRAY(
    SELECT f.key FROM log_in_failure f WHERE f.last_at < clock_timestamp() - interval '15 minutes'
     LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN greatest(most, gone);
END $$;
COMMENT ON FUNCTION purge_expired IS
  'Removes what is over for good, of accounts that never come again too: up to a number of refresh tokens, sessions,
   keys of repeats, used ID tokens and failed log-ins each; how many there were at the most of one kind.';
"""

# What the owner's functions and commands read and write, whom the policies bind, too.
READ = ("client", "client_category", "survey", "resolution", "idempotency_key")
CHANGED = ("person", "client", "survey", "service_record", "consultation", "resolution", "audit_entry")
REMOVED = ("client_category", "session", "refresh_token", "idempotency_key")
ABOUT_CLIENTS = ("client_category", "survey", "referral", "service_record", "consultation_attachment")
CALLED_BY_SERVER = (
    "erase_client(bigint, text, text)",
    "client_erased(bigint)",
    "due_clients(date, bigint, integer)",
    "erase_due_client(bigint, date, text)",
    "purge_expired(interval, integer)",
)


def upgrade() -> None:
    """Add what is needed to change keys and to erase."""
    for statements in (KEYS, ENTRIES, ERASED_ENTRIES, CLIENTS, ERASURE, PURGING):
        op.execute(statements)
    for table in READ:
        op.execute(f"CREATE POLICY definer ON {table} FOR SELECT TO zhanwang_owner USING (true)")
    for table in CHANGED:
        op.execute(
            f"CREATE POLICY definer_change ON {table} FOR UPDATE TO zhanwang_owner USING (true) WITH CHECK (true)"
        )
    for table in REMOVED:
        op.execute(f"CREATE POLICY definer_removal ON {table} FOR DELETE TO zhanwang_owner USING (true)")
    for table in ABOUT_CLIENTS:
        op.execute(
            f"CREATE POLICY not_erased ON {table} AS RESTRICTIVE FOR INSERT TO zhanwang_server"
            " WITH CHECK (client_id IS NULL OR NOT client_erased(client_id))"
        )
    for function in ("erase_client_data(bigint, text, bigint, bigint, text)", *CALLED_BY_SERVER):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED_BY_SERVER:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """Erased entries could not be verified, and digests under a new key not be found."""
    raise NotImplementedError("what was erased or sealed anew cannot be taken back")
