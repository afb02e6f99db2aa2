"""What has changed, for subscriptions: each transaction that writes leaves events, and wakes whoever listens.

A reader takes its place among the transactions by a snapshot: the events after it are those of transactions that it
does not show and the next one does. So none is missed and none told twice, in whatever order transactions end.

NOTIFY lets transactions end one after the other. So only one of those that end at once notifies; its readers look again
for as long as others were under way, and once in a while in any case (docs/decisions/0021).
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# `xact` is an xid8 as a number, which every library can read.
TABLE = """
CREATE TABLE event (
  id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  xact bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  noun text NOT NULL CHECK (noun IN ('PLACE', 'REFERRAL', 'TASK', 'ASSIGNMENT', 'STATISTICS', 'ACCOUNT')),
  row_id bigint NOT NULL,
  paths text[] COLLATE "C" NOT NULL DEFAULT '{}'
);
CREATE INDEX ix_event_xact ON event (xact);
CREATE INDEX ix_event_at ON event USING brin (at);
ALTER TABLE event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY definer ON event TO zhanwang_owner USING (true) WITH CHECK (true);
"""

LOCK = "hashtextextended('zhanwang events', 0)"
DEFINER = "SECURITY DEFINER SET search_path = public, pg_temp"
ANNOUNCE = f"""
CREATE FUNCTION announce_events() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  IF current_setting('zhanwang.announced', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('zhanwang.announced', 'yes', true);
    IF pg_try_advisory_xact_lock({LOCK}) THEN PERFORM pg_notify('zhanwang', ''); END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER announced AFTER INSERT ON event
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION announce_events();
"""

TELL = f"""
CREATE FUNCTION tell_of_row() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  INSERT INTO event (noun, row_id, paths) VALUES (TG_ARGV[0], NEW.id, ARRAY[NEW.path]);
  RETURN NULL;
END $$;

CREATE FUNCTION tell_of_both_ends() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  INSERT INTO event (noun, row_id, paths)
  SELECT TG_ARGV[0], NEW.id,
         ARRAY[NEW.path, NEW.to_path] || ARRAY(SELECT path FROM sharing WHERE noun = TG_TABLE_NAME AND row_id = NEW.id);
  RETURN NULL;
END $$;

CREATE FUNCTION tell_of_move() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  INSERT INTO event (noun, row_id, paths) VALUES ('PLACE', NEW.id, ARRAY[OLD.path, NEW.path]);
  RETURN NULL;
END $$;

CREATE FUNCTION tell_of_sums() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  -- Of many rows at one place the first tells it.
  IF current_setting('zhanwang.told', true) IS DISTINCT FROM NEW.path THEN
    PERFORM set_config('zhanwang.told', NEW.path, true);
    INSERT INTO event (noun, row_id, paths) VALUES ('STATISTICS', NEW.place_id, ARRAY[NEW.path]);
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION tell_of_account() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  INSERT INTO event (noun, row_id)
  VALUES ('ACCOUNT', CASE TG_TABLE_NAME WHEN 'account' THEN (to_jsonb(NEW) ->> 'id')::bigint
                     ELSE (to_jsonb(NEW) ->> 'account_id')::bigint END);
  RETURN NULL;
END $$;
"""

READ = f"""
CREATE FUNCTION events_since(p_last pg_snapshot, p_path text, p_nouns text[], p_limit integer)
RETURNS TABLE (id bigint, xact bigint, at timestamptz, noun text, row_id bigint, paths text[])
LANGUAGE sql STABLE {DEFINER} AS $$
  -- What a restored database brings along is of transactions that this cluster has yet to see.
  SELECT e.id, e.xact, e.at, e.noun, e.row_id, e.paths FROM event e
   WHERE e.xact >= pg_snapshot_xmin(p_last)::text::bigint
     AND NOT pg_visible_in_snapshot(e.xact::text::xid8, p_last)
     AND pg_visible_in_snapshot(e.xact::text::xid8, pg_current_snapshot())
     AND (p_nouns IS NULL OR e.noun = ANY (p_nouns))
     AND (p_path IS NULL OR EXISTS (SELECT FROM unnest(e.paths) AS told (path) WHERE starts_with(told.path, p_path)))
   ORDER BY e.id LIMIT p_limit
$$;
COMMENT ON FUNCTION events_since IS
  'The events of transactions that a snapshot does not show, below a path and of nouns if they are given, by id.';

CREATE FUNCTION prune_events(p_hours integer) RETURNS void LANGUAGE sql VOLATILE {DEFINER} AS $$
  DELETE FROM event WHERE at < now() - make_interval(hours => p_hours)
$$;
COMMENT ON FUNCTION prune_events IS 'Removes the events that are older than a number of hours.';
"""

ROWS = {
    "PLACE": ("station", "community", "grid"),
    "TASK": ("measure", "qualification", "agency_rating"),
    "ASSIGNMENT": ("assignment",),
}
BOTH_ENDS = {"REFERRAL": "referral", "TASK": "resolution"}
# What decides whether a session may act.
ACCOUNTS = {
    "account": "disabled_at credential_version",
    "account_grant": "path role valid_from valid_to",
    "session": "ended_at",
}
CALLED_BY_SERVER = ("events_since(pg_snapshot, text, text[], integer)", "prune_events(integer)")
TRIGGERS = ("announce_events", "tell_of_row", "tell_of_both_ends", "tell_of_move", "tell_of_sums", "tell_of_account")


def triggers(table: str, function: str, noun: str) -> str:
    """Tells of each new row, and of each new version of one: a path that follows its place's tells nothing new."""
    return f"""
CREATE TRIGGER told AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {function}('{noun}');
CREATE TRIGGER told_change AFTER UPDATE ON {table} FOR EACH ROW
  WHEN (OLD.version IS DISTINCT FROM NEW.version) EXECUTE FUNCTION {function}('{noun}');
"""


def upgrade() -> None:
    """Add the table, what fills it, and what reads it."""
    for statements in (TABLE, ANNOUNCE, TELL, READ):
        op.execute(statements)
    for noun, tables in ROWS.items():
        for table in tables:
            op.execute(triggers(table, "tell_of_row", noun))
    for noun, table in BOTH_ENDS.items():
        op.execute(triggers(table, "tell_of_both_ends", noun))
    op.execute(
        "CREATE TRIGGER told AFTER UPDATE OF parent_id ON place FOR EACH ROW"
        " WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id) EXECUTE FUNCTION tell_of_move()"
    )
    for table in ("service_delta", "network_delta"):
        op.execute(f"CREATE TRIGGER told AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION tell_of_sums()")
    for table, columns in ACCOUNTS.items():
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns.split())
        op.execute(
            f"CREATE TRIGGER told AFTER UPDATE ON {table} FOR EACH ROW WHEN ({changed})"
            " EXECUTE FUNCTION tell_of_account()"
        )
    for function in (*CALLED_BY_SERVER, *(f"{name}()" for name in TRIGGERS)):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    for function in CALLED_BY_SERVER:
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """Remove all of it; nothing else depends on it."""
    for table in ("place", "service_delta", "network_delta", *ACCOUNTS):
        op.execute(f"DROP TRIGGER told ON {table}")
    for table in (*(table for tables in ROWS.values() for table in tables), *BOTH_ENDS.values()):
        op.execute(f"DROP TRIGGER told ON {table}; DROP TRIGGER told_change ON {table}")
    op.execute("DROP TABLE event")
    for function in (*CALLED_BY_SERVER, *(f"{name}()" for name in TRIGGERS)):
        op.execute(f"DROP FUNCTION {function}")
