"""What holds of a network whatever was written to it: each a query for what breaks it, to be run as the superuser."""

import asyncio
from typing import Any

import asyncpg

from resolvers import audit_chain
from tests import nouns
from tests.nouns.base import overlapping

LEVELS = "ARRAY['REGION', 'HUB', 'DEMONSTRATION', 'BASIC', 'COMMUNITY', 'GRID']"
TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"

NODES = """
SELECT 'station' AS noun, id, path, station_id, county_id, parent_id, level, division_code, closed_on, successor_id
  FROM station
UNION ALL
SELECT 'community', id, path, station_id, county_id, parent_id, level, division_code, closed_on, successor_id
  FROM community
UNION ALL
SELECT 'grid', id, path, station_id, county_id, parent_id, level, division_code, closed_on, successor_id FROM grid
"""
LOCATED = """
SELECT c.relname FROM pg_class c
  JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'path'
  JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'place_id'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
STRAY = """
SELECT r.id FROM {0} r LEFT JOIN place p ON p.id = r.place_id
 WHERE (r.path, r.station_id, r.county_id) IS DISTINCT FROM (p.path, p.station_id, p.county_id) LIMIT 5
"""
LOCATION = "(place_id, path, station_id, county_id)"
# Versioned rows by the noun that the log calls them.
VERSIONED = (
    *("person", "assignment", "qualification", "volunteer_team", "team_membership", "account", "account_grant"),
    *(noun.table for noun in nouns.NOUNS if noun.versioned),
)
UNVERSIONED = tuple(noun.table for noun in nouns.NOUNS if not noun.versioned)
# What the log tells of a row that is no change of it, or that counts as none.
NO_CHANGE = "ARRAY['logIn', 'refreshSession', 'logOut', 'readPrivate', 'made']"


PLACES = "ARRAY['station', 'community', 'grid']"
MOVED = "(e.before ? 'place' OR e.after ? 'place')"


INVARIANTS = {
    "a place is one node of its level": f"""
        SELECT p.id FROM place p FULL JOIN ({NODES}) n ON n.id = p.id AND lower(p.kind) = n.noun
         WHERE p.id IS NULL OR n.id IS NULL
            OR (p.path, p.station_id, p.county_id, p.parent_id, p.level)
               IS DISTINCT FROM (n.path, n.station_id, n.county_id, n.parent_id, n.level)""",
    "the places are a tree": f"""
        WITH RECURSIVE reached AS (
          SELECT id, id || '.' AS path, level, id AS county_id, id AS station_id FROM place WHERE parent_id IS NULL
          UNION ALL
          SELECT c.id, r.path || c.id || '.', c.level,
                 CASE WHEN c.level IN ('REGION', 'HUB') THEN c.id ELSE r.county_id END,
                 CASE WHEN c.level IN ('COMMUNITY', 'GRID') THEN r.station_id ELSE c.id END
            FROM place c JOIN reached r ON c.parent_id = r.id
           WHERE array_position({LEVELS}, c.level) > array_position({LEVELS}, r.level)
              OR (c.level = 'REGION' AND r.level = 'REGION'))
        SELECT p.id FROM place p LEFT JOIN reached r ON r.id = p.id
         WHERE (r.path, r.county_id, r.station_id) IS DISTINCT FROM (p.path, p.county_id, p.station_id)
            OR (p.parent_id IS NULL AND p.level NOT IN ('REGION', 'HUB'))""",
    "a station's level follows from its parent's": """
        SELECT c.id FROM place c JOIN place p ON p.id = c.parent_id
         WHERE NOT CASE c.level WHEN 'REGION' THEN p.level = 'REGION' WHEN 'HUB' THEN p.level = 'REGION'
                                WHEN 'DEMONSTRATION' THEN p.level = 'HUB' WHEN 'BASIC' THEN p.level = 'DEMONSTRATION'
                                WHEN 'GRID' THEN p.level = 'COMMUNITY'
                                ELSE p.level IN ('HUB', 'DEMONSTRATION', 'BASIC') END""",
    "an open place hangs where its placement says": f"""
        SELECT n.id FROM ({NODES}) n LEFT JOIN placement h ON h.place_id = n.id AND h.valid_to IS NULL
         WHERE n.closed_on IS NULL AND h.parent_id IS DISTINCT FROM n.parent_id""",
    "a placement of today is the one that has not ended": f"""
        SELECT n.id FROM ({NODES}) n JOIN placement h ON h.place_id = n.id
         WHERE n.closed_on IS NULL AND daterange(h.valid_from, h.valid_to) @> {TODAY} <> (h.valid_to IS NULL)""",
    "placements follow one another without a gap": """
        SELECT h.id FROM placement h
         WHERE h.valid_to IS NOT NULL AND h.valid_to > h.valid_from
           AND h.valid_to < (SELECT max(o.valid_from) FROM placement o WHERE o.place_id = h.place_id)
           AND NOT EXISTS (SELECT FROM placement o WHERE o.place_id = h.place_id AND o.valid_from = h.valid_to)""",
    "a closed place hangs nowhere after its end": f"""
        SELECT n.id FROM ({NODES}) n JOIN placement h ON h.place_id = n.id
         WHERE n.closed_on IS NOT NULL AND (h.valid_to IS NULL OR h.valid_to > n.closed_on)""",
    "nothing open hangs below a closed place": f"""
        SELECT c.id FROM ({NODES}) c JOIN ({NODES}) p ON p.id = c.parent_id
         WHERE c.closed_on IS NULL AND p.closed_on IS NOT NULL""",
    "nothing belongs to a closed place": f"""
        SELECT n.id FROM ({NODES}) n
         WHERE n.closed_on IS NOT NULL AND (EXISTS (SELECT FROM person r WHERE r.place_id = n.id)
            OR EXISTS (SELECT FROM volunteer_team r WHERE r.place_id = n.id)
            OR EXISTS (SELECT FROM account r WHERE r.place_id = n.id))""",
    "no duty and no grant goes on at a closed place": f"""
        SELECT n.id FROM ({NODES}) n
         WHERE n.closed_on IS NOT NULL
           AND (EXISTS (SELECT FROM assignment a WHERE a.place_id = n.id AND a.valid_from < a.valid_to IS NOT FALSE
                           AND (a.valid_to IS NULL OR a.valid_to > n.closed_on))
                OR EXISTS (SELECT FROM account_grant g WHERE g.place_id = n.id AND g.valid_to IS NULL))""",
    "a successor took over for a closed place": f"""
        SELECT c.id FROM ({NODES}) c LEFT JOIN ({NODES}) s ON s.id = c.successor_id
         WHERE c.successor_id IS NOT NULL AND (c.closed_on IS NULL OR s.noun IS DISTINCT FROM c.noun OR s.id = c.id)""",
    "placements do not overlap": overlapping("placement", "{0}.place_id"),
    "division codes do not overlap": overlapping("division_code", "{0}.place_id"),
    "assignments do not overlap": overlapping("assignment", "{0}.person_id, {0}.place_id, {0}.duty"),
    "memberships do not overlap": overlapping("team_membership", "{0}.team_id, {0}.person_id"),
    "a place has one responsible person a day": overlapping(
        "(SELECT * FROM assignment WHERE duty = 'RESPONSIBLE_PERSON')", "{0}.place_id"
    ),
    "an account holds a role at a place once": overlapping(
        "(SELECT * FROM account_grant WHERE given_by IS NOT NULL AND valid_to IS DISTINCT FROM valid_from)",
        "{0}.account_id, {0}.place_id, {0}.role",
        "tstzrange(valid_from, valid_to)",
    ),
    "a place's code is the one that has not ended": f"""
        SELECT n.id FROM ({NODES}) n LEFT JOIN division_code d ON d.place_id = n.id AND d.valid_to IS NULL
         WHERE d.code IS DISTINCT FROM n.division_code""",
    "what a person has is where the person is": f"""
        SELECT r.id FROM (SELECT id, person_id, {LOCATION} AS location FROM qualification
          UNION ALL SELECT id, person_id, {LOCATION} FROM person_skill) r
          LEFT JOIN (SELECT id, {LOCATION} AS location FROM person) p ON p.id = r.person_id
         WHERE p.location IS DISTINCT FROM r.location""",
    "a membership is where the team is": f"""
        SELECT r.id FROM (SELECT id, team_id, {LOCATION} AS location FROM team_membership) r
          LEFT JOIN (SELECT id, {LOCATION} AS location FROM volunteer_team) t ON t.id = r.team_id
         WHERE t.location IS DISTINCT FROM r.location""",
    "an assignment knows where its person is": """
        SELECT a.id FROM assignment a LEFT JOIN person p ON p.id = a.person_id
         WHERE p.path IS DISTINCT FROM a.person_path OR a.elsewhere <> NOT starts_with(p.path, a.path)""",
    # What is out of scope of who retires them goes on there, until something moves in.
    "who is retired serves no more where they were at home": f"""
        SELECT p.id FROM person p JOIN (SELECT person_id, path, valid_from, valid_to FROM assignment
          UNION ALL SELECT person_id, path, valid_from, valid_to FROM team_membership) f ON f.person_id = p.id
         WHERE p.retired_on IS NOT NULL AND starts_with(f.path, p.path)
           AND (f.valid_to IS NULL OR f.valid_to > greatest(p.retired_on, f.valid_from))
           AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.noun = 'person' AND e.row_id = p.id AND {MOVED})
           AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.noun = ANY ({PLACES}) AND {MOVED}
                              AND e.row_id::text = ANY (string_to_array(f.path, '.')))""",
    "a grant is given to another, and no role above the giver's": """
        SELECT g.id FROM account_grant g JOIN account_grant by ON by.id = g.given_by
         WHERE by.account_id = g.account_id OR role_rank(g.role) > role_rank(by.role)
            OR (by.valid_to IS NOT NULL AND by.valid_to < g.valid_from AND g.valid_from <= now())""",
    # As long as nothing has moved: then it is the place of that day that counts.
    "a grant's giver covered its place": f"""
        SELECT g.id FROM account_grant g JOIN account_grant by ON by.id = g.given_by
         WHERE NOT starts_with(g.path, by.path)
           AND NOT EXISTS (SELECT FROM audit_entry e WHERE e.noun = ANY ({PLACES}) AND {MOVED}
                              AND e.row_id::text = ANY (string_to_array(g.path || by.path, '.')))""",
    "a disabled account has no open session": """
        SELECT a.id FROM account a JOIN session s ON s.account_id = a.id AND s.ended_at IS NULL
         WHERE a.disabled_at IS NOT NULL AND s.created_at < a.disabled_at AND EXISTS (
           SELECT FROM audit_entry e WHERE e.noun = 'account' AND e.row_id = a.id AND e.action = 'disableAccount')""",
    "an idempotency key names the row that it made": """
        SELECT k.key FROM idempotency_key k
         WHERE k.row_id IS NULL OR k.action NOT LIKE 'import%' AND NOT EXISTS (
           SELECT FROM audit_entry e
            WHERE e.account_id = k.account_id AND e.action = k.action AND e.row_id = k.row_id)""",
    **nouns.INVARIANTS,
}


def of_the_log(noun: str) -> dict[str, str]:
    """What holds of a noun's rows and the log."""
    mine = f"e.noun = '{noun}' AND e.action <> ALL ({NO_CHANGE})"
    exists = f"""
        SELECT e.id FROM audit_entry e WHERE {mine} AND NOT EXISTS (SELECT FROM {noun} r WHERE r.id = e.row_id)"""
    if noun in UNVERSIONED:
        return {f"an entry's {noun} exists": exists}
    return {
        f"an entry's {noun} exists": exists,
        f"every version of a {noun} is in the log": f"""
            SELECT r.id, r.version, noted.changes FROM {noun} r
              JOIN LATERAL (
                SELECT count(DISTINCT e.request_id) - count(DISTINCT e.request_id) FILTER (
                         WHERE e.before IS NULL AND e.after IS NOT NULL AND NOT e.after ? 'place') AS changes,
                       bool_or(e.erased_by IS NOT NULL) AS erased
                  FROM audit_entry e WHERE {mine} AND e.row_id = r.id) noted ON true
             -- What was erased may have been the creation.
             WHERE r.version <> 1 + noted.changes AND noted.erased IS NOT TRUE""",
    }


for _noun in ("station", "community", "grid", *VERSIONED, *UNVERSIONED):
    INVARIANTS |= of_the_log(_noun)


async def broken(connection: asyncpg.Connection) -> dict[str, list[Any]]:
    """The invariants that do not hold, each with some rows that break it, as a connection sees them."""
    found = {}
    for name, query in INVARIANTS.items():
        if rows := await connection.fetch(f"SELECT * FROM ({query}) AS broken LIMIT 5"):
            found[name] = [tuple(row) for row in rows]
    for (table,) in await connection.fetch(LOCATED):
        if rows := await connection.fetch(STRAY.format(table)):
            found[f"{table} is where its place is"] = [tuple(row) for row in rows]
    return found


async def broken_chain(connection: asyncpg.Connection) -> list[str]:
    """What is wrong with the audit chain, once all is sealed."""
    faults: list[str] = []
    await audit_chain.seal(connection)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        report = await audit_chain.verify(connection, faults.append)
    assert report.waiting == 0
    assert report.findings == len(faults)
    return faults


def hold(url: str) -> bool:
    """Whether all of them hold; what does not is in the assertion's message."""

    async def look() -> tuple[dict[str, list[Any]], list[str]]:
        connection = await asyncpg.connect(url)
        try:
            return await broken(connection), await broken_chain(connection)
        finally:
            await connection.close()

    found = asyncio.run(look())
    assert found == ({}, []), found
    return True
