"""What the coordinator does with what the shards have noted: it folds the sums, tells the events, seals the log.

And what a move does: the sums of what moves, at its own node; the accounts, which are whole on every node.
"""

from server.citus.kinds import LOCATION
from server.citus.opening import DEFINER

# Of each pair of tables: what its sums are of, and the sums.
PAIRS = {
    "service": (("month", "field", "item_id"), ("date", "text", "bigint"), ("records", "contacts", "beneficiaries")),
    "network": (("noun", "kind", "open"), ("text", "text", "boolean"), ("number", "households", "residents")),
}
# Who forgets to gather tells a second later: the fold does, too.
GATHER = f"""
CREATE FUNCTION gather_events() RETURNS void LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  waiting event_waiting;
BEGIN
  FOR waiting IN DELETE FROM event_waiting RETURNING * LOOP
    INSERT INTO event (noun, row_id, paths) VALUES (waiting.noun, waiting.row_id, waiting.paths);
  END LOOP;
END $$;
COMMENT ON FUNCTION gather_events IS 'Tells what the shards have noted of what was committed, by their transactions.';
"""


def folding(pair: str) -> str:
    """Folds some deltas of a pair: those of a county into its own sums where they lie, then into its regions'."""
    keys, _, sums = PAIRS[pair]
    key, total = ", ".join(keys), ", ".join(f"sum(part.{name})" for name in sums)
    added = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in sums)
    part = ", ".join(f"part.{name}" for name in keys)
    at_region = ", ".join("NULL::bigint" if name == "item_id" else f"part.{name}" for name in keys)
    kept = f"INSERT INTO {pair}_rollup AS kept ({LOCATION}, {key}, {', '.join(sums)})"
    merged = f"ON CONFLICT (county_id, place_id, {key}) DO UPDATE SET {added}"
    zero = f"({total}) <> (0, 0, 0)"
    arrays = ", ".join(f"array_agg({name})" for name in (*keys, *sums))
    lists = [f"l_{name}" for name in (*keys, *sums)]
    return f"""
  FOR taken IN
    SELECT d.county_id AS county, array_agg(d.id) AS ids
      FROM (SELECT county_id, id FROM {pair}_delta ORDER BY id LIMIT p_limit) d GROUP BY d.county_id
  LOOP
    {kept}
    SELECT p.id, p.path, p.station_id, p.county_id,
           {part.replace("part.item_id", "CASE WHEN p.level <> 'REGION' THEN part.item_id END")}, {total}
      FROM {pair}_delta part
     CROSS JOIN LATERAL unnest(string_to_array(rtrim(part.path, '.'), '.')::bigint[]) AS above (id)
      JOIN place p ON p.county_id = part.county_id AND p.id = above.id AND p.level <> 'GRID'
     WHERE part.county_id = taken.county AND part.id = ANY (taken.ids)
     GROUP BY 1, 2, 3, 4, 5, 6, 7
    HAVING {zero}
    {merged};
    SELECT string_to_array(rtrim(p.parent_path, '.'), '.')::bigint[] INTO regions
      FROM place p WHERE p.county_id = taken.county AND p.id = taken.county;
    IF cardinality(regions) > 0 THEN
      SELECT {arrays} INTO {", ".join(lists)} FROM (
        SELECT {at_region}, {", ".join(f"sum(part.{name})::bigint AS {name}" for name in sums)}
          FROM {pair}_delta part WHERE part.county_id = taken.county AND part.id = ANY (taken.ids)
         GROUP BY 1, 2, 3 HAVING {zero}) AS summed ({", ".join((*keys, *sums))});
      FOREACH region IN ARRAY regions LOOP
        {kept}
        SELECT p.id, p.path, p.station_id, p.county_id, {part}, {", ".join(f"part.{name}" for name in sums)}
          FROM place p
         CROSS JOIN unnest({", ".join(lists)}) AS part ({", ".join((*keys, *sums))})
         WHERE p.county_id = region AND p.id = region
        {merged};
      END LOOP;
    END IF;
    DELETE FROM {pair}_delta WHERE county_id = taken.county AND id = ANY (taken.ids);
    folded := folded + cardinality(taken.ids);
  END LOOP;"""


def _declared() -> str:
    declared: dict[str, str] = {}
    for keys, types, sums in PAIRS.values():
        declared |= {f"l_{name}": kind for name, kind in zip(keys, types, strict=True)}
        declared |= {f"l_{name}": "bigint" for name in sums}
    return "\n".join(f"  {name} {kind}[];" for name, kind in declared.items())


FOLD = f"""
CREATE OR REPLACE FUNCTION fold_rollups(p_limit integer) RETURNS integer LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
DECLARE
  folded integer := 0;
  taken record;
  regions bigint[];
  region bigint;
{_declared()}
BEGIN
  PERFORM gather_events();
  IF NOT pg_try_advisory_xact_lock(hashtextextended('zhanwang rollups', 0)) THEN RETURN 0; END IF;
{folding("service")}
{folding("network")}
  RETURN folded;
END $$;
"""

# What is sealed is taken off the list by the next call: the list's node and this one do not commit as one.
SEAL = f"""
CREATE OR REPLACE FUNCTION seal_audit(p_limit integer)
RETURNS TABLE (batch_id bigint, digest bytea, entries integer) LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
#variable_conflict use_column
DECLARE
  chain_end audit_batch;
  entry audit_entry;
  ids bigint[] := '{{}}';
  digests bytea[] := '{{}}';
  sealed audit_batch;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_unsealed) THEN RETURN; END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('zhanwang audit', 0)) THEN RETURN; END IF;
  ids := ARRAY(SELECT entry_id FROM audit_unsealed);
  ids := ARRAY(SELECT s.entry_id FROM audit_seal s WHERE s.entry_id = ANY (ids));
  IF cardinality(ids) > 0 THEN DELETE FROM audit_unsealed WHERE entry_id = ANY (ids); END IF;
  ids := '{{}}';
  SELECT * INTO chain_end FROM audit_batch ORDER BY id DESC LIMIT 1;
  FOR entry IN
    SELECT e.* FROM audit_unsealed u JOIN audit_entry e ON e.county_id = u.county_id AND e.id = u.entry_id
     ORDER BY u.entry_id LIMIT GREATEST(p_limit, 1)
  LOOP
    ids := ids || entry.id;
    digests := digests || audit_digest(entry);
  END LOOP;
  IF cardinality(ids) = 0 THEN RETURN; END IF;
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
  RETURN QUERY SELECT sealed.id, sealed.digest, sealed.entries;
END $$;
"""


def moving(pair: str) -> str:
    """Takes what is folded of a place from its old parent to its new one; both are of its county."""
    keys, _, sums = PAIRS[pair]
    key, total = ", ".join(keys), ", ".join(sums)
    summed = ", ".join(f"sum({name}) AS {name}" for name in sums)
    negative = ", ".join(f"-{name}" for name in sums)
    added = ", ".join(f"{{0}}part.{name}" for name in sums)
    columns = f"{pair}_delta ({LOCATION}, {key}, {total})"
    here = "WHERE county_id = NEW.county_id AND place_id = NEW.id"
    return f"""
  FOR part IN
    SELECT {key}, {total} FROM {pair}_rollup {here}
    UNION ALL
    SELECT {key}, {summed}
      FROM (SELECT {key}, {total} FROM {pair}_part {here}
            UNION ALL
            SELECT {key}, {negative} FROM {pair}_delta {here}) AS own
     WHERE NEW.level = 'GRID' GROUP BY {key} HAVING ({", ".join(f"sum({name})" for name in sums)}) <> (0, 0, 0)
  LOOP
    INSERT INTO {columns}
    VALUES (OLD.parent_id, OLD.parent_path, OLD.parent_station_id, OLD.county_id,
            {", ".join(f"part.{name}" for name in keys)}, {added.format("-")}),
           (NEW.parent_id, NEW.parent_path, NEW.parent_station_id, NEW.county_id,
            {", ".join(f"part.{name}" for name in keys)}, {added.format("")});
  END LOOP;"""


MOVE = f"""
CREATE OR REPLACE FUNCTION move_rollups() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
  part record;
BEGIN
{moving("service")}
{moving("network")}
  RETURN NULL;
END $$;
"""
