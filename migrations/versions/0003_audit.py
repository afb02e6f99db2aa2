"""The audit log: what it can be searched by, and its sealing into batches that are chained by their digests.

The rules that the database itself holds, beside those before:
- every entry is noted as unsealed in the transaction that appends it, and sealed in exactly one batch
- a batch names the digest of the one before, and no two name the same: there is one chain
- nobody but the function `seal_audit` seals, and it alone takes a note away; the server may call it and no more

The forms of what the digests cover are written here in SQL and in resolvers/audit_chain.py in Python, each on its own.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As the types of the schema have it; a test holds the two together.
LETTERS = {
    "station": "S",
    "community": "C",
    "grid": "G",
    "person": "P",
    "assignment": "A",
    "qualification": "Q",
    "skill": "K",
    "volunteer_team": "T",
    "team_membership": "M",
    "account": "U",
    "account_grant": "R",
    # As the command line has called it.
    "grant": "R",
}
CASES = " ".join(f"WHEN '{noun}' THEN '{letter}'" for noun, letter in LETTERS.items())

SEARCHING = f"""
ALTER TABLE audit_entry
  ADD subject text COLLATE "C" GENERATED ALWAYS AS (CASE noun {CASES} END || row_id) STORED;
CREATE INDEX ix_audit_entry_subject_id ON audit_entry (subject, id);
CREATE INDEX ix_audit_entry_account_id_id ON audit_entry (account_id, id);
CREATE INDEX ix_audit_entry_action_id ON audit_entry (action, id);
-- A range of paths is always taken for a small part of the log: at a county, pages were read by it, all of the log
-- sorted for each. By the ids, the newest are at hand.
DROP INDEX ix_audit_entry_path;
-- Entries lie nearly in the order of their time, and no write has to keep a tree of it.
CREATE INDEX ix_audit_entry_at ON audit_entry USING brin (at);
"""

TABLES = """
CREATE TABLE audit_batch (
  id bigint PRIMARY KEY CHECK (id > 0),
  previous bytea UNIQUE,
  digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
  entries integer NOT NULL CHECK (entries > 0),
  sealed_at timestamptz NOT NULL,
  CHECK ((previous IS NULL) = (id = 1)),
  FOREIGN KEY (previous) REFERENCES audit_batch (digest)
);

-- Which entry is in which batch is said for each, not by a range: ids are given before the commit, so that a number
-- below those that were sealed may still come.
CREATE TABLE audit_seal (
  entry_id bigint PRIMARY KEY,
  batch_id bigint NOT NULL REFERENCES audit_batch (id),
  digest bytea NOT NULL CHECK (length(digest) = 32),
  UNIQUE (batch_id, entry_id)
);

CREATE TABLE audit_unsealed (
  entry_id bigint PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
"""

# Each field as the length of its UTF-8, a colon, the text; "-" for NULL; each followed by a comma.
FORMS = """
CREATE FUNCTION audit_field(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN COALESCE(length(convert_to(p_text, 'UTF8')) || ':' || p_text, '-') || ',';

CREATE FUNCTION audit_instant(p_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (extract(epoch FROM p_at) * 1000000)::bigint::text;
COMMENT ON FUNCTION audit_instant IS 'Microseconds since 1970 in UTC.';

CREATE FUNCTION audit_digest(p_entry audit_entry) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to('zhanwang audit entry 1,'
  || audit_field(p_entry.id::text) || audit_field(audit_instant(p_entry.at)) || audit_field(p_entry.place_id::text)
  || audit_field(p_entry.account_id::text) || audit_field(p_entry.grant_id::text)
  || audit_field(p_entry.request_id) || audit_field(p_entry.action) || audit_field(p_entry.noun)
  || audit_field(p_entry.row_id::text) || audit_field(p_entry.before::text) || audit_field(p_entry.after::text),
  'UTF8'));
COMMENT ON FUNCTION audit_digest IS
  'SHA-256 of an entry, without path, station and county, which follow its place when that is moved.';
"""

SEALING = """
CREATE FUNCTION note_audit_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_unsealed (entry_id) SELECT id FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER INSERT ON audit_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note_audit_entries();

CREATE FUNCTION seal_audit(p_limit integer)
RETURNS TABLE (batch_id bigint, digest bytea, entries integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  chain_end audit_batch;
  ids bigint[];
  digests bytea[];
  sealed audit_batch;
BEGIN
  IF NOT EXISTS (SELECT FROM audit_unsealed) THEN RETURN; END IF;
  -- Whoever holds it seals what there is.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('zhanwang audit', 0)) THEN RETURN; END IF;
  -- Each statement from here on sees what the sealer before has committed.
  SELECT * INTO chain_end FROM audit_batch ORDER BY id DESC LIMIT 1;
  SELECT array_agg(chosen.id ORDER BY chosen.id), array_agg(chosen.digest ORDER BY chosen.id)
    INTO ids, digests
    FROM (SELECT e.id, audit_digest(e) AS digest
            FROM audit_unsealed u JOIN audit_entry e ON e.id = u.entry_id
           WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = u.entry_id)
           ORDER BY u.entry_id LIMIT GREATEST(p_limit, 1)) AS chosen;
  IF ids IS NULL THEN RETURN; END IF;
  sealed.id := COALESCE(chain_end.id, 0) + 1;
  sealed.previous := chain_end.digest;
  sealed.entries := cardinality(ids);
  sealed.sealed_at := clock_timestamp();
  sealed.digest := sha256(
    convert_to('zhanwang audit batch 1,' || audit_field(sealed.id::text)
      || audit_field(encode(sealed.previous, 'hex')) || audit_field(audit_instant(sealed.sealed_at))
      || audit_field(sealed.entries::text), 'UTF8')
    || (SELECT string_agg(one, ''::bytea ORDER BY position) FROM unnest(digests) WITH ORDINALITY AS d (one, position)));
  INSERT INTO audit_batch (id, previous, digest, entries, sealed_at)
  VALUES (sealed.id, sealed.previous, sealed.digest, sealed.entries, sealed.sealed_at);
  INSERT INTO audit_seal (entry_id, batch_id, digest)
  SELECT s.entry_id, sealed.id, s.digest FROM unnest(ids, digests) AS s (entry_id, digest);
  DELETE FROM audit_unsealed WHERE entry_id = ANY (ids);
  RETURN QUERY SELECT sealed.id, sealed.digest, sealed.entries;
END $$;
COMMENT ON FUNCTION seal_audit IS
  'Seals the committed entries that are not sealed yet, p_limit at the most, as the next batch of the chain, which it
   returns; no row if there is none, or if another is at it.';
"""


def upgrade() -> None:
    """Make the log searchable, and seal what is in it from now on."""
    op.execute(SEARCHING)
    op.execute(TABLES)
    # Whatever the scope: the sealer and the one who verifies read all of it.
    op.execute("CREATE POLICY definer ON audit_entry FOR SELECT TO zhanwang_owner USING (true)")
    op.execute(FORMS)
    op.execute(SEALING)
    op.execute("INSERT INTO audit_unsealed (entry_id) SELECT id FROM audit_entry")
    for function in ("note_audit_entries()", "seal_audit(integer)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION seal_audit(integer) TO zhanwang_server")


def downgrade() -> None:
    """What was sealed since would be lost."""
    raise NotImplementedError("the seals of the audit log cannot be taken back")
