"""Keys as shards can have them: each begins with the county, or has it; what overlaps is found by triggers."""

import re
from dataclasses import dataclass

from server.citus.catalogue import Exclusion, ForeignKey, Key
from server.citus.kinds import COUNTY, OF_ANOTHER_COUNTY, WITHIN, Kind
from server.citus.opening import DEFINER

POINT = re.compile(r"(?:int8range|textrange)\((\w+), \1, '\[\]'::text\)")


@dataclass(frozen=True)
class Widened:
    """A foreign key between distributed tables. same: the other column that must have the row's own county, if any."""

    key: ForeignKey
    same: str | None


def wide_key(key: Key) -> str:
    """The statement that makes a key of a distributed table."""
    columns = key.columns if COUNTY in key.columns else (COUNTY, *key.columns)
    listed = ", ".join(columns)
    nulls = " NULLS NOT DISTINCT" if key.nulls_not_distinct else ""
    if key.index:
        return f"CREATE UNIQUE INDEX {key.name} ON {key.table} ({listed}){nulls}{key.suffix}"
    what = "PRIMARY KEY" if key.primary else f"UNIQUE{nulls}"
    return f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {what} ({listed})"


def without(key: Key) -> str:
    """The statement that takes a key away."""
    return f"DROP INDEX {key.name}" if key.index else f"ALTER TABLE {key.table} DROP CONSTRAINT {key.name}"


def fits(key: Key) -> bool:
    """Whether a key has the county already."""
    return COUNTY in key.columns


def wide_foreign_key(key: ForeignKey, kinds: dict[str, Kind]) -> Widened | None:
    """A foreign key as it is between shards; None for what nothing can hold there.

    That is what leaves a reference table or one of the coordinator's, or may be of another county. What leads to a
    reference table is as it was.
    """
    table, target = kinds[key.table], kinds[key.target]
    if table is not Kind.DISTRIBUTED or target is not Kind.DISTRIBUTED:
        stays = table is target or (table is Kind.DISTRIBUTED and target is Kind.REFERENCE)
        return Widened(key, None) if stays else None
    if any((key.table, column) in OF_ANOTHER_COUNTY for column in key.columns):
        return None
    pairs = dict(zip(key.columns, key.target_columns, strict=True))
    same = next((column for column, name in pairs.items() if name == COUNTY and column != COUNTY), None)
    if same is not None:
        del pairs[same]
    inner = next((column for column in pairs if (key.table, column) in WITHIN), None)
    renamed = {WITHIN[key.table, column] if column == inner else column: name for column, name in pairs.items()}
    columns = {COUNTY: COUNTY} | renamed
    wide = ForeignKey(key.table, key.name, tuple(columns), key.target, tuple(columns.values()), key.cascades)
    return Widened(wide, None if inner else same)


def statement(widened: Widened, kinds: dict[str, Kind]) -> str:
    """The statement that makes a foreign key. What cascaded is checked at the commit, when triggers have carried it."""
    key = widened.key
    later = ""
    if key.cascades:
        carried = kinds[key.table] is Kind.DISTRIBUTED
        later = " DEFERRABLE INITIALLY DEFERRED" if carried else " ON UPDATE CASCADE"
    own = f"FOREIGN KEY ({', '.join(key.columns)}) REFERENCES {key.target} ({', '.join(key.target_columns)})"
    return f"ALTER TABLE {key.table} ADD CONSTRAINT {key.name} {own}{later}"


def astray(widened: Widened) -> str:
    """How many rows name one of another county, in SQL."""
    key = widened.key
    owner = key.columns[key.target_columns.index("id")]
    where = f"(SELECT t.{COUNTY} FROM {key.target} t WHERE t.id = r.{owner}) <> r.{COUNTY}"
    return f"SELECT count(*) FROM {key.table} r WHERE {where}"


def same_county(table: str, column: str) -> str:
    """The constraint that what a row leads to is of its own county."""
    return f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{column} CHECK ({column} = {COUNTY})"


def exclusion(excluded: Exclusion, columns: frozenset[str]) -> list[str]:
    """The function and the trigger in the place of an exclusion constraint, whose index would need an extension.

    Two that may overlap have the first column in common; the lock lets one at a time look.
    """
    first = POINT.match(excluded.elements[0])
    assert first is not None
    name = re.compile(rf"\b({'|'.join(sorted(columns))})\b")

    def of(alias: str, text: str) -> str:
        return name.sub(rf"{alias}.\1", text)

    both = []
    for element in excluded.elements:
        expression, operator = element.rsplit(" ", 1)
        point = POINT.fullmatch(expression)
        # Two ranges of one point overlap where they are equal; the nodes need not know of which type.
        both.append(
            f"o.{point[1]} = NEW.{point[1]}" if point else f"{of('o', expression)} {operator} {of('NEW', expression)}"
        )
    where = [f"o.{COUNTY} = NEW.{COUNTY}", "o.id <> NEW.id", *both]
    if excluded.where:
        where.append(of("o", excluded.where))
    condition = "\n       AND ".join(where)
    when = f" WHEN ({of('NEW', excluded.where)})" if excluded.where else ""
    function = f"keep_apart_{excluded.name}"[:63]
    made = f"""
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql {DEFINER} AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{excluded.name}', NEW.{first[1]}));
  IF EXISTS (
    SELECT 1 FROM {excluded.table} o
     WHERE {condition}) THEN
    RAISE 'conflicting key value violates exclusion constraint "{excluded.name}"'
      USING ERRCODE = 'exclusion_violation', TABLE = '{excluded.table}', CONSTRAINT = '{excluded.name}';
  END IF;
  RETURN NULL;
END $$
"""
    trigger = f"CREATE TRIGGER apart_{excluded.name} AFTER INSERT OR UPDATE ON {excluded.table}"
    return [made, f"{trigger} FOR EACH ROW{when} EXECUTE FUNCTION {function}()"]
