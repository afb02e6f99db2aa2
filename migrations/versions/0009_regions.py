"""Levels above the county: the nation, its provinces and cities are `REGION` stations over the hubs.

The rules that the database itself holds, beside those before:
- a region hangs under a region or nowhere, and so does a hub; no place lies below itself
- a region is a county of its own: what lies at it is no county's
- every write shares the locks of all regions above it, so that one who writes in a region's scope can keep them out
- a referral does not go up beyond the hub, nor to a social worker of another county
- a county that comes to hang under a region takes along what it shares
"""

from alembic import op

from migrations.shapes import beneath

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

VIEW = "SELECT pg_get_viewdef('open_place'::regclass)"
# In the order in which they were made, which is that in which they cascade.
KEYS = """
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint
 WHERE contype = 'f' AND confrelid = 'place'::regclass
   AND (SELECT attnum FROM pg_attribute WHERE attrelid = confrelid AND attname = 'county_id') = ANY (confkey)
 ORDER BY oid
"""
# PostgreSQL before 17 cannot give a generated column another expression, so that it is made anew, with what needs it.
COUNTY = """
ALTER TABLE place DROP COLUMN county_id CASCADE;
ALTER TABLE place
  ADD county_id bigint NOT NULL
    GENERATED ALWAYS AS (CASE WHEN level IN ('REGION', 'HUB') THEN id ELSE parent_county_id END) STORED,
  ADD UNIQUE (id, path, station_id, county_id);
"""
LEVELS = """
ALTER TABLE place
  DROP CONSTRAINT place_level_check,
  ADD CHECK (level IN ('REGION', 'HUB', 'DEMONSTRATION', 'BASIC', 'COMMUNITY', 'GRID')),
  DROP CONSTRAINT ck_place_level,
  ADD CONSTRAINT ck_place_level CHECK (CASE level
    WHEN 'REGION' THEN COALESCE(parent_level = 'REGION', true)
    WHEN 'HUB' THEN COALESCE(parent_level = 'REGION', true)
    WHEN 'DEMONSTRATION' THEN COALESCE(parent_level = 'HUB', false)
    WHEN 'BASIC' THEN COALESCE(parent_level = 'DEMONSTRATION', false)
    WHEN 'COMMUNITY' THEN COALESCE(parent_level IN ('HUB', 'DEMONSTRATION', 'BASIC'), false)
    WHEN 'GRID' THEN COALESCE(parent_level = 'COMMUNITY', false) END),
  -- The order of the levels does not rule it out among regions.
  ADD CONSTRAINT ck_place_cycle CHECK (strpos('.' || parent_path, '.' || id || '.') = 0);

ALTER TABLE station
  DROP CONSTRAINT station_level_check,
  ADD CHECK (level IN ('REGION', 'HUB', 'DEMONSTRATION', 'BASIC')),
  DROP CONSTRAINT station_check1,
  ADD CONSTRAINT ck_station_parent CHECK (parent_id IS NOT NULL OR level IN ('REGION', 'HUB')),
  ADD CONSTRAINT ck_station_region CHECK (level <> 'REGION' OR length(division_code) = 6);
"""

GRANTS = """
DROP FUNCTION acting_grants(bigint, integer, bigint);
CREATE FUNCTION acting_grants(p_account bigint, p_credential_version integer, p_session bigint)
RETURNS TABLE (id bigint, path text, role text, county_id bigint, wide boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT g.id, g.path, g.role, g.county_id, p.level = 'REGION'
    FROM account a
    JOIN session s ON s.id = p_session AND s.account_id = a.id
    JOIN account_grant g ON g.account_id = a.id
    JOIN place p ON p.id = g.place_id
   WHERE a.id = p_account AND a.disabled_at IS NULL AND a.credential_version = p_credential_version
     AND s.ended_at IS NULL AND s.expires_at > now()
     AND holds(g.valid_from, g.valid_to)
   ORDER BY g.valid_from, g.id
$$;
COMMENT ON FUNCTION acting_grants IS
  'The grants under which a session may act, the oldest first; `wide` where one reaches over more than a county.';
"""

LOCKS = """
CREATE OR REPLACE FUNCTION lock_county(p_county bigint, p_whole boolean) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  regions constant bigint[] := (
    SELECT string_to_array(left(p.parent_path, -1), '.')::bigint[] FROM place p WHERE p.id = p_county);
  region bigint;
BEGIN
  -- From the top down, whoever comes.
  FOREACH region IN ARRAY COALESCE(regions, '{}') LOOP
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang county', region));
  END LOOP;
  IF p_whole THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('zhanwang county', p_county));
  ELSE
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang county', p_county));
  END IF;
END $$;
COMMENT ON FUNCTION lock_county IS
  'Every write in a county, or at a region, shares its lock and those of the regions above it to the end of the
   transaction; what moves a place, and what writes in the scope of a region, takes its own whole.';
"""

RECEIVERS = f"""
CREATE OR REPLACE FUNCTION default_receiver(p_place bigint)
RETURNS TABLE (place_id bigint, path text, station_id bigint, county_id bigint, name text, person_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.place_id, o.path, o.station_id, o.county_id, o.name, a.person_id
    FROM place p
    JOIN assignment a ON starts_with(p.path, a.path) AND a.duty = 'LINKED_SOCIAL_WORKER'
     AND a.valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)
    JOIN open_place o ON o.place_id = CASE WHEN a.place_id = p.id THEN p.parent_id ELSE a.place_id END
     AND o.county_id = p.county_id
   WHERE p.id = p_place AND {beneath("p.path")}
   ORDER BY length(a.path) DESC, a.valid_from, a.id LIMIT 1
$$;
COMMENT ON FUNCTION default_receiver IS
  'Where the social worker who is linked to a place in scope, or to what is above it, takes its referrals: the place
   that they are linked to, or of one linked to the place itself the one above; and who that is. None in another
   county.';
"""

ESCALATION = """
CREATE OR REPLACE FUNCTION overdue_referrals(p_today date, p_limit integer)
RETURNS TABLE (id bigint, county_id bigint, due_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT r.id, r.county_id, r.due_on
    FROM referral r JOIN place p ON p.id = COALESCE(r.escalated_to_id, r.to_place_id)
   WHERE r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today AND p.level NOT IN ('REGION', 'HUB')
   ORDER BY r.due_on, r.id LIMIT p_limit
$$;

CREATE OR REPLACE FUNCTION escalate_referral(p_id bigint, p_today date, p_due date, p_request text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  above bigint;
  changed referral;
BEGIN
  PERFORM lock_county(r.to_county_id, false) FROM referral r WHERE r.id = p_id;
  SELECT p.parent_id INTO above
    FROM referral r JOIN place p ON p.id = COALESCE(r.escalated_to_id, r.to_place_id)
   WHERE r.id = p_id AND r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today
     AND p.level NOT IN ('REGION', 'HUB')
     FOR UPDATE OF r;
  IF above IS NULL THEN RETURN false; END IF;
  UPDATE referral SET escalated_to_id = above, escalated_at = now(), escalations = escalations + 1, due_on = p_due,
                      version = version + 1
   WHERE id = p_id RETURNING * INTO changed;
  INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id, after)
  VALUES (changed.to_place_id, changed.to_path, changed.to_station_id, changed.to_county_id, p_request,
          'escalateReferral', 'referral', p_id,
          jsonb_build_object('escalations', changed.escalations, 'due_on', changed.due_on));
  RETURN true;
END $$;
"""
# What is shared follows its place by itself; said anew in the middle of a move, it would name paths that are no longer.
SHARING = """
DROP TRIGGER shared ON referral;
CREATE TRIGGER shared AFTER INSERT ON referral FOR EACH ROW EXECUTE FUNCTION share_referral();
CREATE TRIGGER shared_change AFTER UPDATE OF state, to_place_id ON referral FOR EACH ROW
  WHEN ((OLD.state, OLD.to_place_id) IS DISTINCT FROM (NEW.state, NEW.to_place_id))
  EXECUTE FUNCTION share_referral();
DROP TRIGGER shared ON consultation_participant;
CREATE TRIGGER shared AFTER INSERT ON consultation_participant FOR EACH ROW EXECUTE FUNCTION share_consultation();
CREATE TRIGGER shared_change AFTER UPDATE OF to_place_id ON consultation_participant FOR EACH ROW
  WHEN (OLD.to_place_id <> NEW.to_place_id)
  EXECUTE FUNCTION share_consultation();
"""
CALLED_BY_SERVER = ("acting_grants(bigint, integer, bigint)", "lock_county(bigint, boolean)")


def upgrade() -> None:
    """Let regions be over the hubs."""
    connection = op.get_bind()
    view = connection.exec_driver_sql(VIEW).scalar_one()
    keys = connection.exec_driver_sql(KEYS).scalars().all()
    op.execute(COUNTY)
    for key in keys:
        op.execute(key)
    op.execute(f"CREATE VIEW open_place AS {view}")
    for statements in (LEVELS, GRANTS, LOCKS, RECEIVERS, ESCALATION, SHARING):
        op.execute(statements)
    for function in CALLED_BY_SERVER:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO zhanwang_server")


def downgrade() -> None:
    """A county would have to be found for the regions."""
    raise NotImplementedError("the levels above the county cannot be taken back")
