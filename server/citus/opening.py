"""How a scope is opened on shards: by SET LOCAL, which alone reaches them, and with what it sees beside its paths."""

SCOPE = "NULLIF(current_setting('zhanwang.scope', true), '')"
IN_SCOPE = f"{{0}} >= {SCOPE} AND {{0}} < left({SCOPE}, -1) || '/'"
COUNTY = "NULLIF(current_setting('zhanwang.county', true), '')::bigint"
NESTED = "SECURITY DEFINER SET search_path = public, pg_temp SET citus.allow_nested_distributed_execution = on"
# A statement that is planned before its values are known cannot say on which shard they lie.
DEFINER = f"{NESTED} SET plan_cache_mode = auto"
OPENING = f"{NESTED} SET citus.propagate_set_commands = 'local'"
# As who asks: what one login has changed in a transaction, no other may ask for in it.
ASKING = "SET search_path = public, pg_temp SET citus.propagate_set_commands = 'local'"
PLANNED = "SET LOCAL plan_cache_mode = auto"

OPEN_SCOPE = f"""
CREATE FUNCTION open_sight(p_county bigint, p_place bigint) RETURNS void LANGUAGE plpgsql VOLATILE {ASKING} AS $$
DECLARE
  seen record;
BEGIN
  -- Whoever is seen in a county is at home there, and what is shared stays in it: a hub and a region see all by paths.
  IF p_place = p_county THEN
    IF (SELECT level FROM place WHERE county_id = p_county AND id = p_place) <> 'REGION' THEN
      EXECUTE format('SET LOCAL zhanwang.county = %L', p_county);
    END IF;
    RETURN;
  END IF;
  EXECUTE format('SET LOCAL zhanwang.county = %L', p_county);
  FOR seen IN
    SELECT 'guests' AS name, string_agg(DISTINCT a.person_id::text, ',') AS ids FROM assignment a
     WHERE a.county_id = p_county AND a.elsewhere AND {IN_SCOPE.format("a.path")}
       AND a.valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)
    UNION ALL
    SELECT 'shared_' || s.noun, string_agg(DISTINCT s.row_id::text, ',') FROM sharing s
     WHERE s.county_id = p_county AND {IN_SCOPE.format("s.path")} GROUP BY s.noun
  LOOP
    IF seen.ids IS NOT NULL THEN EXECUTE format('SET LOCAL zhanwang.%s = %L', seen.name, seen.ids); END IF;
  END LOOP;
END $$;

CREATE FUNCTION held_grant(p_account bigint, p_credential_version integer, p_session bigint, p_grant bigint)
RETURNS TABLE (path text, role text, county_id bigint, place_id bigint) LANGUAGE plpgsql STABLE {DEFINER} AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT g.path, g.role, g.county_id, g.place_id
      FROM account a
      JOIN session s ON s.id = p_session AND s.account_id = a.id
      JOIN account_grant g ON g.id = p_grant AND g.account_id = a.id
     WHERE a.id = p_account AND a.disabled_at IS NULL AND a.credential_version = p_credential_version
       AND s.ended_at IS NULL AND s.expires_at > now()
       AND holds(g.valid_from, g.valid_to);
END $$;

CREATE OR REPLACE FUNCTION open_scope(p_account bigint, p_credential_version integer, p_session bigint,
                                      p_grant bigint, p_path text, p_role text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY INVOKER {ASKING} AS $$
DECLARE
  held record;
BEGIN
  -- To the end of the transaction, of all that is asked in it.
  {PLANNED};
  SELECT h.* INTO held FROM held_grant(p_account, p_credential_version, p_session, p_grant) h;
  IF NOT FOUND THEN RETURN 'REFUSED'; END IF;
  IF held.path <> p_path OR held.role <> p_role THEN RETURN 'STALE'; END IF;
  EXECUTE format('SET LOCAL zhanwang.scope = %L', held.path);
  EXECUTE format('SET LOCAL zhanwang.account = %L', p_account);
  PERFORM open_sight(held.county_id, held.place_id);
  RETURN 'OK';
END $$;
"""

# A move keeps the fold of the sums out, and cannot do that from a shard.
OPEN_WRITING = f"""
CREATE OR REPLACE FUNCTION lock_county(p_county bigint, p_whole boolean) RETURNS void
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  regions constant bigint[] := (
    SELECT string_to_array(left(p.parent_path, -1), '.')::bigint[]
      FROM place p WHERE p.county_id = p_county AND p.id = p_county);
  region bigint;
BEGIN
  FOREACH region IN ARRAY COALESCE(regions, '{{}}') LOOP
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang county', region));
  END LOOP;
  IF p_whole THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('zhanwang county', p_county));
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang rollups', 0));
  ELSE
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('zhanwang county', p_county));
  END IF;
END $$;

CREATE OR REPLACE FUNCTION open_writing(p_account bigint, p_credential_version integer, p_session bigint,
                                        p_grant bigint, p_path text, p_role text, p_county bigint, p_whole boolean)
RETURNS text LANGUAGE plpgsql VOLATILE
SET search_path = public, pg_temp SET citus.propagate_set_commands = 'local' AS $$
DECLARE
  state text;
BEGIN
  PERFORM lock_county(p_county, p_whole);
  state := open_scope(p_account, p_credential_version, p_session, p_grant, p_path, p_role);
  IF state = 'OK' THEN
    EXECUTE format('SET LOCAL zhanwang."grant" = %L', p_grant);
    EXECUTE format('SET LOCAL zhanwang."role" = %L', p_role);
  END IF;
  RETURN state;
END $$;

CREATE OR REPLACE FUNCTION act_as(p_account bigint) RETURNS void LANGUAGE plpgsql VOLATILE {OPENING} AS $$
DECLARE
  county bigint;
BEGIN
  {PLANNED};
  SELECT a.county_id INTO county FROM account a WHERE a.id = p_account;
  EXECUTE format('SET LOCAL zhanwang.account = %L', p_account);
  IF county IS NOT NULL THEN PERFORM lock_county(county, false); END IF;
END $$;

CREATE OR REPLACE FUNCTION acting_grants(p_account bigint, p_credential_version integer, p_session bigint)
RETURNS TABLE (id bigint, path text, role text, county_id bigint, wide boolean)
LANGUAGE plpgsql STABLE {DEFINER} AS $$
#variable_conflict use_column
DECLARE
  held account_grant;
BEGIN
  FOR held IN
    SELECT g.*
      FROM account a
      JOIN session s ON s.id = p_session AND s.account_id = a.id
      JOIN account_grant g ON g.account_id = a.id
     WHERE a.id = p_account AND a.disabled_at IS NULL AND a.credential_version = p_credential_version
       AND s.ended_at IS NULL AND s.expires_at > now()
       AND holds(g.valid_from, g.valid_to)
     ORDER BY g.valid_from, g.id
  LOOP
    RETURN QUERY
      SELECT held.id, held.path, held.role, held.county_id, p.level = 'REGION'
        FROM place p WHERE p.county_id = held.county_id AND p.id = held.place_id;
  END LOOP;
END $$;
"""

# Asked below a county or at its hub they ask the county's node; of a region, all.
LOOKING_UP = f"""
CREATE OR REPLACE FUNCTION guests_of(p_place bigint, p_day date) RETURNS TABLE (person_id bigint)
LANGUAGE plpgsql STABLE {DEFINER} ROWS 10 AS $$
DECLARE
  county constant bigint := {COUNTY};
BEGIN
  IF county IS NOT NULL THEN
    RETURN QUERY SELECT DISTINCT a.person_id FROM assignment a
     WHERE a.county_id = county AND a.elsewhere AND a.guest_places @> ARRAY[p_place]
       AND a.valid_from <= p_day AND (a.valid_to IS NULL OR a.valid_to > p_day)
       AND EXISTS (SELECT 1 FROM place p WHERE p.county_id = county AND p.id = p_place AND {IN_SCOPE.format("p.path")});
  ELSIF EXISTS (SELECT 1 FROM place p WHERE p.id = p_place AND {IN_SCOPE.format("p.path")}) THEN
    RETURN QUERY SELECT DISTINCT a.person_id FROM assignment a
     WHERE a.elsewhere AND a.guest_places @> ARRAY[p_place]
       AND a.valid_from <= p_day AND (a.valid_to IS NULL OR a.valid_to > p_day);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION find_receiver(p_code text)
RETURNS TABLE (place_id bigint, path text, station_id bigint, county_id bigint, name text, agency_id bigint)
LANGUAGE plpgsql STABLE {DEFINER} AS $$
#variable_conflict use_column
DECLARE
  -- A region's is its own, the last on the path.
  county constant bigint := COALESCE({COUNTY}, substring({SCOPE} FROM '([0-9]+)\\.$')::bigint);
BEGIN
  RETURN QUERY
    SELECT o.place_id, o.path, o.station_id, o.county_id, o.name, NULL::bigint
      FROM open_place o WHERE o.county_id = county AND o.code = p_code LIMIT 1;
  IF NOT FOUND THEN
    RETURN QUERY
      SELECT a.place_id, a.path, a.station_id, a.county_id, a.name, a.id
        FROM agency a WHERE a.county_id = county AND a.code = p_code AND a.closed_on IS NULL LIMIT 1;
  END IF;
END $$;

CREATE OR REPLACE FUNCTION default_receiver(p_place bigint)
RETURNS TABLE (place_id bigint, path text, station_id bigint, county_id bigint, name text, person_id bigint)
LANGUAGE plpgsql STABLE {DEFINER} AS $$
#variable_conflict use_column
DECLARE
  county constant bigint := {COUNTY};
  here place;
BEGIN
  IF county IS NULL THEN
    SELECT p.* INTO here FROM place p WHERE p.id = p_place AND {IN_SCOPE.format("p.path")};
  ELSE
    SELECT p.* INTO here FROM place p
     WHERE p.county_id = county AND p.id = p_place AND {IN_SCOPE.format("p.path")};
  END IF;
  RETURN QUERY
    SELECT o.place_id, o.path, o.station_id, o.county_id, o.name, a.person_id
      FROM assignment a
      JOIN open_place o ON o.county_id = a.county_id
       AND o.place_id = CASE WHEN a.place_id = here.id THEN here.parent_id ELSE a.place_id END
     WHERE a.county_id = here.county_id AND starts_with(here.path, a.path) AND a.duty = 'LINKED_SOCIAL_WORKER'
       AND a.valid_from <= current_date AND (a.valid_to IS NULL OR a.valid_to > current_date)
     ORDER BY length(a.path) DESC, a.valid_from, a.id LIMIT 1;
END $$;

CREATE OR REPLACE FUNCTION overdue_referrals(p_today date, p_limit integer)
RETURNS TABLE (id bigint, county_id bigint, due_on date) LANGUAGE plpgsql STABLE {DEFINER} AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT r.id, r.county_id, r.due_on
    FROM referral r
    JOIN place p ON p.county_id = r.county_id AND p.id = COALESCE(r.escalated_to_id, r.to_place_id)
   WHERE r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today AND p.level NOT IN ('REGION', 'HUB')
   ORDER BY r.due_on, r.id LIMIT p_limit;
END $$;

CREATE OR REPLACE FUNCTION escalate_referral(p_id bigint, p_today date, p_due date, p_request text) RETURNS boolean
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  county constant bigint := (SELECT r.county_id FROM referral r WHERE r.id = p_id);
  changed referral;
  above bigint;
BEGIN
  PERFORM lock_county(county, false);
  SELECT r.* INTO changed FROM referral r
   WHERE r.county_id = county AND r.id = p_id AND r.state IN ('SENT', 'ACCEPTED', 'IN_PROGRESS') AND r.due_on < p_today
     FOR UPDATE;
  SELECT p.parent_id INTO above FROM place p
   WHERE p.county_id = county AND p.id = COALESCE(changed.escalated_to_id, changed.to_place_id)
     AND p.level NOT IN ('REGION', 'HUB');
  IF above IS NULL THEN RETURN false; END IF;
  UPDATE referral SET escalated_to_id = above, escalated_at = now(), escalations = escalations + 1, due_on = p_due,
                      version = version + 1
   WHERE county_id = county AND id = p_id RETURNING * INTO changed;
  INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id, after)
  VALUES (changed.to_place_id, changed.to_path, changed.to_station_id, changed.to_county_id, p_request,
          'escalateReferral', 'referral', p_id,
          jsonb_build_object('escalations', changed.escalations, 'due_on', changed.due_on));
  RETURN true;
END $$;

CREATE OR REPLACE FUNCTION client_erased(p_client bigint) RETURNS boolean LANGUAGE plpgsql STABLE {DEFINER} AS $$
DECLARE
  county constant bigint := {COUNTY};
BEGIN
  IF county IS NULL THEN
    RETURN EXISTS (SELECT 1 FROM client c WHERE c.id = p_client AND c.erased_on IS NOT NULL);
  END IF;
  RETURN EXISTS (
    SELECT 1 FROM client c WHERE c.county_id = county AND c.id = p_client AND c.erased_on IS NOT NULL);
END $$;
"""
