"""What must hold of a database, as SQL: each query answers what breaks it, told by public words and ids alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """What must hold. looked: what is looked at, as a count with its unit. broken: `fault`, one row for each.

    catalogue: whether it is asked of the catalogue, of which every node of a distributed database has its own.
    """

    title: str
    looked: str
    broken: str
    catalogue: bool = False


RULE = """CASE c.level
  WHEN 'REGION' THEN COALESCE(p.level = 'REGION', true)
  WHEN 'HUB' THEN COALESCE(p.level = 'REGION', true)
  WHEN 'DEMONSTRATION' THEN p.level = 'HUB'
  WHEN 'BASIC' THEN p.level = 'DEMONSTRATION'
  WHEN 'COMMUNITY' THEN p.level IN ('HUB', 'DEMONSTRATION', 'BASIC')
  WHEN 'GRID' THEN p.level = 'COMMUNITY' END"""


def tree(above: str) -> str:
    """The places that hang where they cannot. above: the table that has what they hang under."""
    # By induction from the top: no path is longer than itself, so that this rules out a cycle, too.
    return f"""
SELECT format('%s %s hangs where it cannot', lower(c.level), c.id) AS fault
  FROM place c LEFT JOIN {above} p ON p.id = c.parent_id
 WHERE NOT COALESCE(
   {RULE}
   AND (c.parent_id IS NULL OR p.id IS NOT NULL)
   AND c.path = COALESCE(p.path, '') || c.id || '.'
   AND c.county_id = CASE WHEN c.level IN ('REGION', 'HUB') THEN c.id ELSE p.county_id END
   AND c.station_id = CASE WHEN c.level IN ('COMMUNITY', 'GRID') THEN p.station_id ELSE c.id END, false)
"""


NODES = " UNION ALL ".join(
    f"SELECT '{noun}' AS noun, id, path, station_id, county_id, parent_id, level, division_code, closed_on FROM {noun}"
    for noun in ("station", "community", "grid")
)
LEAVES = f"""
SELECT format('%s %s is not as the tree has it', COALESCE(n.noun, lower(p.kind)), COALESCE(n.id, p.id)) AS fault
  FROM place p FULL JOIN ({NODES}) n ON n.id = p.id AND lower(p.kind) = n.noun
 WHERE p.id IS NULL OR n.id IS NULL
    OR (p.path, p.station_id, p.county_id, p.parent_id, p.level)
       IS DISTINCT FROM (n.path, n.station_id, n.county_id, n.parent_id, n.level)
"""

# Of an open place, the last placement is where it hangs, and the last code is its own; of any, no two hold on one day.
DATED = f"""
SELECT format('%s %s hangs elsewhere than its placement says', n.noun, n.id) AS fault
  FROM ({NODES}) n LEFT JOIN placement h ON h.place_id = n.id AND h.valid_to IS NULL
 WHERE n.closed_on IS NULL AND h.parent_id IS DISTINCT FROM n.parent_id
UNION ALL
SELECT format('%s %s has another code than its dates say', n.noun, n.id)
  FROM ({NODES}) n LEFT JOIN division_code d ON d.place_id = n.id AND d.valid_to IS NULL
 WHERE d.code IS DISTINCT FROM n.division_code
UNION ALL
SELECT format('place %s has two %s on %s', place_id, kind, valid_from)
  FROM (SELECT place_id, kind, valid_from, valid_to,
               max(COALESCE(valid_to, 'infinity')) OVER (PARTITION BY kind, place_id ORDER BY valid_from, id
                 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
          FROM (SELECT 'placements' AS kind, id, place_id, valid_from, valid_to FROM placement
                 WHERE valid_to IS DISTINCT FROM valid_from
                UNION ALL
                SELECT 'codes', id, place_id, valid_from, valid_to FROM division_code
                 WHERE valid_to IS DISTINCT FROM valid_from) AS held) AS dated
 WHERE before > valid_from
"""

# As the triggers of `referral` and of consultations write it.
SHOULD_BE_SHARED = """
SELECT r.to_place_id, told.noun, told.row_id, r.id AS referral_id, NULL::bigint AS consultation_id
  FROM referral r
 CROSS JOIN LATERAL (VALUES ('client', r.client_id), ('survey', r.survey_id)) AS told (noun, row_id)
 WHERE r.state IN ('ACCEPTED', 'IN_PROGRESS', 'DONE') AND told.row_id IS NOT NULL
UNION
SELECT p.to_place_id, told.noun, told.row_id, NULL, c.id
  FROM consultation c
  JOIN consultation_participant p ON p.consultation_id = c.id
 CROSS JOIN LATERAL (
   SELECT 'consultation', c.id
   UNION ALL
   SELECT what.noun, what.row_id FROM consultation_attachment a
    CROSS JOIN LATERAL (VALUES ('client', a.client_id), ('survey', a.survey_id), ('referral', a.referral_id))
               AS what (noun, row_id)
    WHERE a.consultation_id = c.id) AS told (noun, row_id)
 WHERE c.state IN ('CALLED', 'HELD') AND told.row_id IS NOT NULL
"""
IS_SHARED = "SELECT place_id, noun, row_id, referral_id, consultation_id FROM sharing"
SHARING = f"""
SELECT format('%s %s is shared with place %s for no reason', noun, row_id, place_id) AS fault
  FROM ({IS_SHARED} EXCEPT ({SHOULD_BE_SHARED})) AS beyond
UNION ALL
SELECT format('%s %s is not shared with place %s', noun, row_id, to_place_id)
  FROM (({SHOULD_BE_SHARED}) EXCEPT {IS_SHARED}) AS missing
"""
GUESTS = """
SELECT format('assignment %s is not known where its person is a guest', a.id) AS fault
  FROM assignment a
 CROSS JOIN LATERAL (SELECT CASE WHEN starts_with(a.person_path, a.path) THEN '{}'::bigint[]
                                 ELSE places_apart(a.path, a.person_path) END AS places) AS away
 WHERE a.elsewhere = starts_with(a.person_path, a.path)
    OR NOT (a.guest_places @> away.places AND away.places @> a.guest_places)
"""

SPENT = """
SELECT format('award budget %s has spent %s, and its awards come to %s', b.id, b.spent, COALESCE(sum(a.amount), 0))
         AS fault
  FROM award_budget b LEFT JOIN award a ON a.budget_id = b.id AND a.state <> 'REVOKED'
 GROUP BY b.id, b.spent HAVING b.spent <> COALESCE(sum(a.amount), 0)
"""

SCOPED = """
SELECT c.oid, c.relname, c.relrowsecurity AND c.relforcerowsecurity AS forced FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND EXISTS (
   SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'path' AND NOT a.attisdropped)
"""
GUARDED = f"""
SELECT format('row-level security does not bind everybody in %s', relname) AS fault FROM ({SCOPED}) s WHERE NOT forced
UNION ALL
SELECT format('%s has no policy', relname) FROM ({SCOPED}) s
 WHERE NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = s.oid)
UNION ALL
SELECT format('%s belongs to %s', relname, pg_get_userbyid(relowner)) FROM pg_class c
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
   AND pg_get_userbyid(relowner) <> 'zhanwang_owner'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE (d.classid, d.objid, d.deptype) = ('pg_class'::regclass, c.oid, 'e'))
"""

VALID = """
SELECT format('the index %s is not valid', indexrelid::regclass) AS fault
  FROM pg_index JOIN pg_class c ON c.oid = indrelid
 WHERE relnamespace = 'public'::regnamespace AND NOT (indisvalid AND indisready)
UNION ALL
SELECT format('the constraint %s of %s was never checked', conname, conrelid::regclass) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND NOT convalidated
UNION ALL
SELECT format('the trigger %s of %s is off', tgname, tgrelid::regclass)
  FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
 WHERE relnamespace = 'public'::regnamespace AND tgenabled IN ('D', 'R')
"""

CHECKS = (
    Check("The places are a tree", "SELECT count(*), 'places' FROM place", tree("place")),
    Check(
        "Each place is one station, community or grid", f"SELECT count(*), 'of them' FROM ({NODES}) AS nodes", LEAVES
    ),
    Check(
        "Placements and codes by date are the tree's",
        "SELECT (SELECT count(*) FROM placement) + (SELECT count(*) FROM division_code), 'dates'",
        DATED,
    ),
    Check("Shares are those of referrals and consultations", "SELECT count(*), 'shares' FROM sharing", SHARING),
    Check("Guests are known where they serve", "SELECT count(*), 'assignments' FROM assignment", GUESTS),
    Check("Budgets have spent what their awards come to", "SELECT count(*), 'budgets' FROM award_budget", SPENT),
    Check("Row-level security binds everybody", f"SELECT count(*), 'tables' FROM ({SCOPED}) AS scoped", GUARDED, True),
    Check(
        "Indexes, constraints and triggers are in force",
        "SELECT count(*), 'constraints' FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        VALID,
        True,
    ),
)

# -- what the catalogue says which queries there are -----------------------------------------------------------------

FOREIGN_KEYS = """
SELECT k.conname, k.conrelid::regclass::text AS child, k.confrelid::regclass::text AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (number, position)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY position) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (number, position)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY position) AS referenced,
       ARRAY(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
              WHERE i.indrelid = k.conrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)
              ORDER BY array_position(i.indkey::int2[], a.attnum)) AS key
  FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
 ORDER BY child, k.conname
"""
NUMBERED = """
SELECT d.refobjid::regclass::text AS of, a.attname::text AS column, d.objid::regclass::text AS sequence
  FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('i', 'a')
   AND s.relnamespace = 'public'::regnamespace
UNION
SELECT f.adrelid::regclass::text, a.attname::text, d.refobjid::regclass::text
  FROM pg_attrdef f JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid
  JOIN pg_class s ON s.oid = d.refobjid AND s.relkind = 'S' AND s.relnamespace = 'public'::regnamespace
  JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
 WHERE d.refclassid = 'pg_class'::regclass
 ORDER BY 1
"""


def dangling(key: Mapping[str, Any], *, children: str | None = None, parents: str | None = None) -> str:
    """The rows that name by a foreign key, as FOREIGN_KEYS tells it, what is not there.

    children, parents: which rows, in SQL, if not all of the tables that the key is of.
    """
    pairs = list(zip(key["columns"], key["referenced"], strict=True))
    named = " AND ".join(f"c.{here} IS NOT NULL" for here, _ in pairs)
    same = " AND ".join(f"p.{there} = c.{here}" for here, there in pairs)
    row = ", ".join(f"c.{column}" for column in key["key"])
    return f"""
SELECT format('%s %s: no %s for its %s', '{key["child"]}', concat_ws(' ', {row}), '{key["parent"]}',
              '{", ".join(key["columns"])}') AS fault
  FROM {children or key["child"]} c
 WHERE {named} AND NOT EXISTS (SELECT FROM {parents or key["parent"]} p WHERE {same})
"""
