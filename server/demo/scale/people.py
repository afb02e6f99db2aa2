"""Who works there: persons at home in places, what they are assigned to, what they have and can."""

from models import PersonKind
from resolvers.core.personal import PersonalVault, mask_phone
from server.demo.names import GIVEN, SURNAMES
from server.demo.scale.sizes import Sizes
from server.demo.scale.steps import (
    BASIC,
    COMMUNITY,
    DEMONSTRATION,
    GRID,
    HERE,
    HUB,
    LOCATION,
    PIECE,
    STATIONS,
    Step,
    any_of,
    chance,
    one_of,
)
from server.demo.volunteers import SKILLS

PHONES = 10_000
"""How many numbers there are, so that many persons have the same: 1990000 and four digits, which nobody can have."""
TABLES = """
CREATE TEMPORARY TABLE phone (number integer PRIMARY KEY, masked text, cipher bytea, digest bytea, key text)
  ON COMMIT DROP;
"""

RETIRED_ON = "2025-06-30"
ONE_RETIRED_OF = 60
ONE_GAP_OF = 50
"""Of so many grids one has nobody responsible for it."""
ONE_LINKED_OF, LINKS = 3, 2
ONE_TEAM_OF, ONE_SKILLED_OF = 8, 8
SINCE = f"'2022-07-01'::date + {chance('p.id + 17', 850)}"
"""Since when a person `p` serves: when every station is open, before the first service record."""


def phones(vault: PersonalVault) -> list[tuple[int, str, bytes, bytes, str]]:
    """The rows of `phone`."""
    numbers = [f"1990000{number:04}" for number in range(PHONES)]
    return [
        (number, mask_phone(text), vault.seal(text), vault.digest("phone", text), vault.name)
        for number, text in enumerate(numbers)
    ]


def steps(sizes: Sizes) -> list[Step]:
    """Persons first, those of the grids before those of the communities and stations."""
    return [*_persons(sizes), *_assignments(), *_belongings()]


def _persons(sizes: Sizes) -> list[Step]:
    second = f"({chance('p.id + 3', 10)} < {sizes.workers - 10})::integer"
    return [
        _people(PersonKind.GRID_WORKER, (GRID, GRID), f"1 + {second}", 0),
        _people(PersonKind.GRID_ASSISTANT, (GRID, GRID), f"({chance('p.id + 5', 10)} < 4)::integer", 3),
        _people(PersonKind.AUXILIARY_POLICE, (GRID, GRID), f"({chance('p.id + 7', 20)} = 0)::integer", 4),
        _people(PersonKind.VOLUNTEER, (COMMUNITY, COMMUNITY), f"1 + {chance('p.id + 9', 4)}", 5),
        _people(
            PersonKind.SOCIAL_WORKER, STATIONS, f"CASE WHEN n.tier <= {HUB} THEN 8 ELSE 3 + p.id % 3 END::integer", 10
        ),
        Step("statistics", "ANALYZE place, person"),
    ]


def _people(kind: PersonKind, tiers: tuple[int, int], number: str, first: int) -> Step:
    """So many of a kind at each place; `first` keeps the hashes of the kinds at a place apart."""
    seed = f"(p.id * 31 + {first} + k)"
    women, men = (
        " || ".join([any_of(given, f"{seed} + 1000003"), any_of(given, f"{seed} + 2000003")])
        for given in GIVEN.values()
    )
    retired = f"CASE WHEN {chance(seed, ONE_RETIRED_OF)} = 0 THEN '{RETIRED_ON}'::date END"
    return Step(
        f"persons ({kind.lower().replace('_', ' ')})",
        f"""INSERT INTO person ({LOCATION}, kind, name, gender, phone, phone_cipher, phone_digest, sealed_with,
            retired_on)
          SELECT {HERE}, '{kind}', {any_of(SURNAMES, seed)} || CASE WHEN woman THEN {women} ELSE {men} END,
            CASE WHEN woman THEN 'FEMALE' ELSE 'MALE' END, t.masked, t.cipher, t.digest, t.key,
            {retired if kind is PersonKind.VOLUNTEER else "NULL"}
          FROM place p JOIN node n ON n.id = p.id CROSS JOIN LATERAL generate_series(1, {number}) AS k
          CROSS JOIN LATERAL (SELECT hashint8({seed}) % 2 = 0 AS woman) AS sex
          JOIN phone t ON t.number = {chance(f"{seed} + 5", PHONES)}
          WHERE n.tier BETWEEN {tiers[0]} AND {tiers[1]} AND n.closed_on IS NULL AND {PIECE} ORDER BY p.id, k""",
        tiers,
    )


def _assignments() -> list[Step]:
    insert = f"INSERT INTO assignment ({LOCATION}, person_id, person_path, duty, valid_from)"
    at_home = "p.place_id, p.path, p.station_id, p.county_id, p.id, p.path"
    piece = PIECE.replace("p.id", "p.place_id")
    grids, stations = (GRID, GRID), STATIONS
    return [
        Step(
            "assignments in grids",
            f"""{insert} SELECT {at_home}, p.kind, {SINCE} FROM person p
              WHERE p.kind IN ('GRID_WORKER', 'GRID_ASSISTANT', 'AUXILIARY_POLICE') AND {piece} ORDER BY p.id""",
            grids,
        ),
        Step(
            "responsible persons",
            f"""{insert} SELECT {at_home}, 'RESPONSIBLE_PERSON', {SINCE}
              FROM (SELECT DISTINCT ON (p.place_id) p.* FROM person p WHERE p.kind = 'GRID_WORKER' AND {piece}
                ORDER BY p.place_id, p.id) p
              WHERE {chance("p.place_id + 13", ONE_GAP_OF)} <> 0 ORDER BY p.id""",
            grids,
        ),
        Step(
            "social workers at their stations",
            f"""{insert} SELECT {at_home}, 'STATION_SOCIAL_WORKER', {SINCE} FROM person p
              WHERE p.kind = 'SOCIAL_WORKER' AND {piece} ORDER BY p.id""",
            stations,
        ),
        Step(
            # A hub's serve below one of its demonstration stations.
            "linked social workers",
            f"""{insert} SELECT c.id, c.path, c.station_id, c.county_id, p.id, p.path, 'LINKED_SOCIAL_WORKER', {SINCE}
              FROM person p JOIN node s ON s.id = p.place_id AND s.tier BETWEEN {HUB} AND {BASIC}
              CROSS JOIN LATERAL (SELECT n.id FROM node n
                WHERE n.tier = {COMMUNITY} AND n.parent_id = CASE WHEN s.tier > {HUB} THEN s.id ELSE (SELECT d.id
                  FROM node d WHERE d.parent_id = s.id AND d.tier = {DEMONSTRATION} ORDER BY hashint8(d.id + p.id)
                  LIMIT 1) END
                ORDER BY hashint8(n.id + p.id) LIMIT {LINKS}) AS served
              JOIN place c ON c.id = served.id
              WHERE p.kind = 'SOCIAL_WORKER' AND p.id % {ONE_LINKED_OF} = 0 AND {piece} ORDER BY p.id, c.id""",
            stations,
        ),
    ]


def _belongings() -> list[Step]:
    at_home = "p.place_id, p.path, p.station_id, p.county_id, p.id"
    skills = ", ".join(f"('{code}', '{name}')" for code, name in SKILLS.items())
    levels = ("ASSISTANT", "ASSISTANT", "ASSISTANT", "INTERMEDIATE", "INTERMEDIATE", "SENIOR")
    with_team = f"{chance('p.id + 19', ONE_TEAM_OF)} = 0"
    return [
        Step(
            "qualifications",
            f"""INSERT INTO qualification ({LOCATION}, person_id, level, certificate_number, obtained_on)
              SELECT {at_home}, {one_of(levels, "p.id")}, 'ZS' || lpad(p.id::text, 9, '0'),
                '2019-11-01'::date + 365 * {chance("p.id + 1", 5)}
              FROM person p WHERE p.kind = 'SOCIAL_WORKER' AND p.id % 2 = 0 ORDER BY p.id""",
        ),
        Step("skills", f"INSERT INTO skill (code, name) VALUES {skills}"),
        Step(
            "volunteers' skills",
            f"""INSERT INTO person_skill ({LOCATION}, person_id, skill_id)
              SELECT {at_home}, s.id FROM person p
              JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS number FROM skill) s
                ON s.number = {chance("p.id + 2", len(SKILLS))}
              WHERE p.kind = 'VOLUNTEER' AND {chance("p.id", ONE_SKILLED_OF)} = 0 ORDER BY p.id""",
        ),
        Step(
            "volunteer teams",
            f"""INSERT INTO volunteer_team ({LOCATION}, code, name)
              SELECT {HERE}, n.code || '-T01', c.name || '邻里互助队'
              FROM place p JOIN node n ON n.id = p.id JOIN community c ON c.id = p.id WHERE {with_team}
              ORDER BY p.id""",
        ),
        Step(
            "volunteer teams' members",
            f"""INSERT INTO team_membership ({LOCATION}, team_id, person_id, valid_from)
              SELECT t.place_id, t.path, t.station_id, t.county_id, t.id, p.id, {SINCE}
              FROM volunteer_team t JOIN person p ON p.place_id = t.place_id
              WHERE p.kind = 'VOLUNTEER' AND p.retired_on IS NULL ORDER BY t.id, p.id""",
        ),
    ]
