"""The statements that distribute a migrated database by county, from what its catalogue says."""

from dataclasses import dataclass

from server.citus import erasing, gathering, keys, moving, opening, policies, triggers
from server.citus.catalogue import Catalogue, SqlFunction
from server.citus.kinds import COLOCATED, COUNTY, GIVEN_COUNTY, Kind

# One connection a node, in one order: what refers to one another cannot be changed by many at once.
SETTINGS = (
    "SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
    "SET LOCAL citus.enable_unsafe_triggers = on",
    "SET LOCAL client_min_messages = warning",
)
COMPUTED = "CASE WHEN level IN ('REGION', 'HUB') THEN id ELSE parent_county_id END"
INNER = "CASE WHEN parent_county_id = county_id THEN parent_id END"
# The column that says on which shard a row lies cannot be computed there.
OWN_COUNTY = (
    "ALTER TABLE place ALTER county_id DROP EXPRESSION",
    f"ALTER TABLE place ADD CONSTRAINT ck_place_county CHECK (county_id = {COMPUTED})",
    f"ALTER TABLE place ADD inner_parent_id bigint GENERATED ALWAYS AS ({INNER}) STORED",
    "GRANT INSERT (county_id) ON place TO zhanwang_server",
)
OPEN_PLACE = " UNION ALL ".join(
    f"SELECT p.id AS place_id, p.path, p.station_id, p.county_id, p.parent_id, r.code, r.name FROM place p"
    f" JOIN {table} r ON r.county_id = p.county_id AND r.id = p.id AND r.closed_on IS NULL"
    for table in ("station", "community", "grid")
)


class UnknownTrigger(Exception):
    """A trigger of which nothing is known of what it would do on a shard. `str()` of it says which."""


@dataclass(frozen=True)
class Step:
    """Statements that belong together, and what they do."""

    title: str
    statements: list[str]


def steps(catalogue: Catalogue, columns: dict[str, frozenset[str]], shards: int) -> list[Step]:
    """All of it, in order.

    columns: those of each table. shards: how many every table is cut into.
    Raises UnknownTable, UnknownTrigger, UnknownSubquery.
    """
    kinds = catalogue.kinds
    distributed, reference = catalogue.of_kind(Kind.DISTRIBUTED), catalogue.of_kind(Kind.REFERENCE)
    on_nodes = {*distributed, *reference}
    if unknown := [t for t in catalogue.triggers if t.table in on_nodes and t.function not in triggers.KNOWN]:
        raise UnknownTrigger(
            f"What does {unknown[0].name} on {unknown[0].table} do on a shard? (server/citus/triggers.py)"
        )
    foreign = [keys.wide_foreign_key(key, kinds) for key in catalogue.foreign_keys]
    wide = [widened for widened in foreign if widened is not None]
    narrow = [key for key in catalogue.keys if kinds[key.table] is Kind.DISTRIBUTED and not keys.fits(key)]
    same = sorted({(one.key.table, one.same) for one in wide if one.same})
    cascading = [w.key for w in wide if w.key.cascades and kinds[w.key.table] is Kind.DISTRIBUTED]
    waiting = ("event_waiting", erasing.TABLE)
    return [
        Step("Giving a county to what has none", _given_counties()),
        Step(
            "Taking away what no shard can hold",
            [f"ALTER TABLE {k.table} DROP CONSTRAINT {k.name}" for k in catalogue.foreign_keys]
            + [f"ALTER TABLE {x.table} DROP CONSTRAINT {x.name}" for x in catalogue.exclusions]
            + [f"DROP TRIGGER {t.name} ON {t.table}" for t in catalogue.triggers if t.table in on_nodes]
            + [f"DROP POLICY {p.name} ON {p.table}" for p in catalogue.policies if p.table in on_nodes]
            + [keys.without(key) for key in narrow]
            + [f"DROP FUNCTION {', '.join(f.signature for f in catalogue.row_functions)}"],
        ),
        Step(
            "Widening the keys",
            [*OWN_COUNTY, *map(keys.wide_key, narrow)]
            + [keys.same_county(table, column) for table, column in same]
            + [
                triggers.WAITING,
                erasing.MADE,
                DEFAULTED.format(tables=", ".join(f"'{table}'" for table in sorted(on_nodes))),
            ],
        ),
        Step("Sharing the reference tables", [f"SELECT create_reference_table('{table}')" for table in reference]),
        Step(
            "Distributing by county",
            [f"SELECT create_distributed_table('{COLOCATED}', '{COUNTY}', shard_count => {shards})"]
            + [
                f"SELECT create_distributed_table('{table}', '{COUNTY}', colocate_with => '{COLOCATED}')"
                for table in (*distributed, *waiting)
                if table != COLOCATED
            ],
        ),
        Step("Making the foreign keys", [keys.statement(one, kinds) for one in wide]),
        Step("Making the functions", _functions(catalogue, reference)),
        Step("Telling the nodes of the functions", [TOLD]),
        Step("Making the policies", _policies(catalogue, on_nodes)),
        Step(
            "Making the triggers",
            _triggers(catalogue, columns, on_nodes) + moving.carrying(cascading) + [*erasing.TRIGGERS, OWNED],
        ),
    ]


def _given_counties() -> list[str]:
    statements = []
    for table, county in GIVEN_COUNTY.items():
        statements += [
            f"ALTER TABLE {table} ADD {COUNTY} bigint",
            f"UPDATE {table} SET {COUNTY} = ({county})",
            f"ALTER TABLE {table} ALTER {COUNTY} SET NOT NULL",
        ]
    return statements


def _functions(catalogue: Catalogue, reference: list[str]) -> list[str]:
    made = [
        *map(_in_plpgsql, catalogue.sql_functions),
        f"CREATE OR REPLACE VIEW open_place AS {OPEN_PLACE}",
        opening.OPEN_SCOPE,
        opening.OPEN_WRITING,
        opening.LOOKING_UP,
        erasing.ERASING,
        *triggers.REPLACED,
        gathering.GATHER,
        gathering.FOLD,
        gathering.SEAL,
        gathering.MOVE,
        moving.following([table for table in reference if table != "skill"]),
    ]
    # Of the coordinator alone: a table cannot follow to the nodes what takes its own rows.
    rows = [text for function in catalogue.row_functions for text in (function.definition, function.comment)]
    propagation = "SET LOCAL citus.enable_ddl_propagation = {}".format
    return [*made, NESTED, GRANTS, propagation("off"), *rows, OWNED, propagation("on"), OWNED]


def _in_plpgsql(function: SqlFunction) -> str:
    """The same function where parameters may say on which shard rows lie: not in SQL."""
    head = function.head.replace("LANGUAGE sql", "LANGUAGE plpgsql")
    body = function.body.strip().rstrip(";")
    answer = f"RETURN QUERY {body}" if function.many else f"RETURN ({body})"
    return f"{head}AS $function$\n#variable_conflict use_column\nBEGIN\n  {answer};\nEND $function$"


def _policies(catalogue: Catalogue, on_nodes: set[str]) -> list[str]:
    sights: set[policies.Sight] = set()
    made = []
    for policy in catalogue.policies:
        if policy.table in on_nodes:
            rewritten, asked = policies.rewritten(policy, catalogue.kinds)
            sights |= asked
            made.append(policies.statement(rewritten))
    asking = [policies.asking(sight) for sight in sorted(sights, key=lambda sight: sight.function)]
    granted = [f"REVOKE ALL ON FUNCTION {s.signature} FROM PUBLIC" for s in sights]
    granted += [f"GRANT EXECUTE ON FUNCTION {s.signature} TO zhanwang_server" for s in sights]
    carried = [
        f"CREATE POLICY carried_{verb} ON {table} FOR {verb} TO zhanwang_owner USING (true)"
        for table in sorted((on_nodes | {"event_waiting"}) - {"skill"})
        for verb in ("select", "update")
    ]
    events = "CREATE POLICY definer ON event_waiting TO zhanwang_owner USING (true) WITH CHECK (true)"
    return [*asking, *granted, OWNED, *made, *carried, events, *erasing.POLICIES]


def _triggers(catalogue: Catalogue, columns: dict[str, frozenset[str]], on_nodes: set[str]) -> list[str]:
    made = []
    for trigger in catalogue.triggers:
        if trigger.table in on_nodes:
            definition = triggers.REWRITTEN.get((trigger.table, trigger.name), trigger.definition)
            made += [definition] if definition else []
    for excluded in catalogue.exclusions:
        made += keys.exclusion(excluded, columns[excluded.table])
    return made


# The coordinator says a row's defaults to the shard, which asks whether who inserts may say them.
DEFAULTED = """
DO $$
DECLARE
  one record;
BEGIN
  FOR one IN
    SELECT c.relname, string_agg(quote_ident(a.attname), ', ') AS columns
      FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       AND (a.attidentity <> '' OR a.atthasdef AND a.attgenerated = '')
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ({tables})
       AND has_any_column_privilege('zhanwang_server', c.oid, 'INSERT')
     GROUP BY 1
  LOOP
    EXECUTE format('GRANT INSERT (%s) ON %I TO zhanwang_server', one.columns, one.relname);
  END LOOP;
END $$
"""


def _to_each_function(done: str, condition: str) -> str:
    """What is done, as a statement of PL/pgSQL, to `one` after the other of our functions `f` that are so."""
    return f"""
DO $$
DECLARE
  one regprocedure;
BEGIN
  FOR one IN
    SELECT f.oid::regprocedure FROM pg_proc f
     WHERE f.pronamespace = 'public'::regnamespace
       AND NOT EXISTS (SELECT 1 FROM pg_depend d
                        WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype IN ('e', 'i'))
       AND {condition}
  LOOP
    {done};
  END LOOP;
END $$
"""


# What a policy or a trigger asks of another table, it asks from within a query of a shard.
NESTED = _to_each_function(
    "EXECUTE format("
    "'ALTER FUNCTION %s SET citus.allow_nested_distributed_execution = on SET plan_cache_mode = auto', one)",
    """f.prosecdef
       AND NOT EXISTS (SELECT 1 FROM unnest(f.proconfig) AS c (setting) WHERE c.setting LIKE 'citus.allow_nested%')""",
)
# All is made as one login, whose connections to the nodes are those that see what it has made.
OWNED = _to_each_function(
    "EXECUTE format('ALTER FUNCTION %s OWNER TO zhanwang_owner', one)", "f.proowner <> 'zhanwang_owner'::regrole"
)
MADE = (
    "open_sight(bigint, bigint)",
    "held_grant(bigint, integer, bigint, bigint)",
    "gather_events()",
    "carry_accounts(bigint)",
    "follow_place(bigint, bigint, text, bigint)",
)
OWN = ("erase_client_here(bigint, bigint, text, bigint, bigint, text)",)
GRANTS = f"""
REVOKE ALL ON FUNCTION {", ".join(MADE + OWN)} FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {", ".join(MADE)} TO zhanwang_server;
"""
# What is still in SQL asks the coordinator's tables; what takes a row of a table is asked at the coordinator.
TOLD = _to_each_function(
    "PERFORM create_distributed_function(one)",
    """(f.prosqlbody IS NOT NULL OR f.prolang <> (SELECT l.oid FROM pg_language l WHERE l.lanname = 'sql'))
       AND NOT EXISTS (SELECT 1 FROM unnest(f.proargtypes) AS a (type) JOIN pg_type t ON t.oid = a.type
                        WHERE t.typrelid <> 0)""",
)
