"""How paths follow a place that moves, where no foreign key may carry them.

A place that is hung elsewhere in its county carries the paths of all below it, and of what leads there, in one update
a table; a row that changes what its own rows copy of it carries that to them. The keys, checked at the commit, hold
that nothing was left behind. The accounts are on every node: the coordinator lets them follow.
"""

from collections import defaultdict

from server.citus.catalogue import ForeignKey
from server.citus.kinds import COLOCATED, COUNTY
from server.citus.opening import ASKING, DEFINER, IN_SCOPE

CARRYING = "zhanwang.carrying"
# Of the columns that lead to a place: what the ending of a path's name says of the station's.
STATIONS = {"path": "station_id", "to_path": "to_station_id", "parent_path": "parent_station_id"}


def carrying(cascading: list[ForeignKey]) -> list[str]:
    """The functions and triggers that carry what the foreign keys, which cascaded, did.

    cascading: those between distributed tables.
    """
    paths: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, list[ForeignKey]] = defaultdict(list)
    for key in cascading:
        pairs = zip(key.columns, key.target_columns, strict=True)
        paths[key.table] |= {column for column, target in pairs if target == "path"}
        rows[key.target].append(key)
    made = _of_places(paths, [key for key in rows.pop(COLOCATED) if "parent_id" in key.target_columns])
    for target, keys in sorted(rows.items()):
        made += _of_rows(target, keys)
    return made


def _of_places(paths: dict[str, set[str]], hung: list[ForeignKey]) -> list[str]:
    """hung: the keys that copy where a place hangs, beside its path."""
    updates = "\n".join(_below(table, column) for table, columns in sorted(paths.items()) for column in sorted(columns))
    parents = "\n".join(
        f"  UPDATE {key.table} SET parent_id = NEW.parent_id WHERE {COUNTY} = NEW.{COUNTY} AND id = NEW.id;"
        for key in hung
    )
    function = f"""
CREATE FUNCTION carry_place() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
DECLARE
  low constant text := OLD.path;
  high constant text := left(OLD.path, -1) || '/';
  -- A station takes along those below it; what is none changes the one that it belongs to.
  left_station constant bigint := CASE WHEN NEW.level IN ('COMMUNITY', 'GRID') THEN OLD.station_id END;
BEGIN
  IF NEW.{COUNTY} <> OLD.{COUNTY} OR NEW.parent_county_id <> NEW.{COUNTY} THEN
    RAISE 'a place does not leave its county' USING ERRCODE = 'feature_not_supported';
  END IF;
  PERFORM set_config('{CARRYING}', 'yes', true);
{updates}
{parents}
  PERFORM set_config('{CARRYING}', '', true);
  RETURN NULL;
END $$
"""
    return [function, _trigger("place", "OLD.path <> NEW.path")]


def _trigger(table: str, changed: str) -> str:
    return f"""
CREATE TRIGGER carried AFTER UPDATE ON {table} FOR EACH ROW
  WHEN (({changed}) AND current_setting('{CARRYING}', true) IS DISTINCT FROM 'yes')
  EXECUTE FUNCTION carry_{table}()
"""


def _below(table: str, column: str) -> str:
    moved = f"{column} = NEW.path || substr({column}, length(low) + 1)"
    if station := STATIONS.get(column):
        moved += f", {station} = CASE WHEN {station} = left_station THEN NEW.station_id ELSE {station} END"
    return f"  UPDATE {table} SET {moved}\n   WHERE {COUNTY} = NEW.{COUNTY} AND {column} >= low AND {column} < high;"


def _of_rows(target: str, keys: list[ForeignKey]) -> list[str]:
    copied = sorted({name for key in keys for name in key.target_columns} - {"id", COUNTY})
    updates = []
    for key in keys:
        pairs = dict(zip(key.columns, key.target_columns, strict=True))
        sets = ", ".join(f"{column} = NEW.{name}" for column, name in pairs.items() if name in copied)
        owner = next(column for column, name in pairs.items() if name == "id")
        updates.append(f"  UPDATE {key.table} SET {sets} WHERE {COUNTY} = NEW.{COUNTY} AND {owner} = NEW.id;")
    changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in copied)
    lines = "\n".join(updates)
    function = f"""
CREATE FUNCTION carry_{target}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
{lines}
  RETURN NULL;
END $$
"""
    return [function, _trigger(target, changed)]


def following(tables: list[str]) -> str:
    """The function by which the accounts of a county follow the places that have moved in it.

    tables: the reference tables whose rows belong to places.
    """
    lying = " UNION ALL ".join(f"SELECT place_id, path, station_id, county_id FROM {table}" for table in tables)
    updates = "\n".join(
        f"""  UPDATE {table} SET path = p_path, station_id = p_station
   WHERE county_id = p_county AND place_id = p_place AND {IN_SCOPE.format("path")};"""
        for table in tables
    )
    return f"""
CREATE FUNCTION follow_place(p_county bigint, p_place bigint, p_path text, p_station bigint) RETURNS void
LANGUAGE plpgsql VOLATILE {DEFINER} AS $$
BEGIN
  IF NOT COALESCE({IN_SCOPE.format("p_path")}, false) THEN
    RAISE 'out of scope' USING ERRCODE = 'insufficient_privilege';
  END IF;
{updates}
END $$;
COMMENT ON FUNCTION follow_place IS 'Lets the accounts at a place, in scope, follow it to where it is now, in scope.';

CREATE FUNCTION carry_accounts(p_county bigint) RETURNS void LANGUAGE plpgsql VOLATILE {ASKING} AS $$
DECLARE
  moved record;
BEGIN
  FOR moved IN
    SELECT DISTINCT p.id, p.path, p.station_id
      FROM place p JOIN ({lying}) AS own ON own.county_id = p.county_id AND own.place_id = p.id
     WHERE p.county_id = p_county AND (own.path, own.station_id) <> (p.path, p.station_id)
  LOOP
    PERFORM follow_place(p_county, moved.id, moved.path, moved.station_id);
  END LOOP;
END $$;
COMMENT ON FUNCTION carry_accounts IS 'Lets the accounts of a county, in scope, follow its places that have moved.';
"""
