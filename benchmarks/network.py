"""A synthetic network in a migrated database: counties of stations, communities, grids, people and accounts.

Made by PostgreSQL itself with `INSERT … SELECT generate_series`, the same rows for the same sizes every time. A comment
on the database says which sizes, migrations and generator made it, so that a kept one is used again only if it fits.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rich.console import Console

from server.embedded import DATABASE, Embedded
from server.migrate import MIGRATIONS, migrate


@dataclass(frozen=True)
class Sizes:
    """How large the network is; the defaults are a province with about 150,000 people.

    townships: township stations of a county, 3 to 6 of them demonstration stations. communities: of a township station.
    grids: of a community; every tenth has one more. workers: grid workers of ten grids together, 10 to 20.
    """

    counties: int = 84
    townships: int = 13
    communities: int = 15
    grids: int = 6
    workers: int = 14


async def fill(embedded: Embedded, sizes: Sizes, console: Console, *, fresh: bool = False) -> bool:
    """Make the database `zhanwang` anew with a network of these sizes, unless it has just that; True if it was made."""
    wanted = fingerprint(sizes)
    elsewhere = embedded.owner_url.replace(f"/{DATABASE}?", "/postgres?")
    server = await asyncpg.connect(elsewhere)
    try:
        found = await server.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", DATABASE
        )
        if found == wanted and not fresh:
            return False
        await server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        await server.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await server.close()
    await migrate(embedded.owner_url)
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        # Keys are copied from `place`, so that checking each of them again would only take time.
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        with console.status("Making the network") as status:
            for title, statement in steps(sizes):
                status.update(f"Making the network: {title}")
                await connection.execute(statement)
        await connection.execute(f"COMMENT ON DATABASE {DATABASE} IS '{wanted}'")
    finally:
        await connection.close()
    return True


def fingerprint(sizes: Sizes) -> str:
    """What the rows of a network follow from: its sizes, the migrations, this generator."""
    digest = hashlib.sha256(repr(sizes).encode())
    for path in [*sorted((MIGRATIONS / "versions").glob("*.py")), Path(__file__)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


PARENT = "parent_id, parent_level, parent_path, parent_station_id, parent_county_id"
LOCATION = "place_id, path, station_id, county_id"
CHARACTERS = "东南西北山水金石林泉龙凤云溪湖江平安永和福德兴盛春夏秋冬梅兰竹松"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国文辉志红梅春海燕"


def _any(characters: str, seed: str) -> str:
    """One of some characters, chosen by a whole number."""
    return f"substr('{characters}', 1 + (hashint8({seed}) & 2147483647) % {len(characters)}, 1)"


def _place_name(seed: str) -> str:
    return f"{_any(CHARACTERS, seed)} || {_any(CHARACTERS, f'{seed} + 1000003')}"


def _person_name(seed: str) -> str:
    return " || ".join([_any(SURNAMES, seed), _any(GIVEN, f"{seed} + 1000003"), _any(GIVEN, f"{seed} + 2000003")])


def _below(level: str, parents: str, number: str) -> str:
    return f"""INSERT INTO place (level, {PARENT})
      SELECT '{level}', p.id, p.level, p.path, p.station_id, p.county_id
      FROM {parents} p JOIN generate_series(1, 100) AS n ON {number} ORDER BY p.id, n"""


def _people(places: str, kind: str, number: str) -> str:
    seed = "(p.id * 31 + n)"
    return f"""INSERT INTO person ({LOCATION}, kind, name, gender, phone, phone_cipher)
      SELECT p.id, p.path, p.station_id, p.county_id, '{kind}', {_person_name(seed)},
        CASE WHEN hashint8({seed}) % 2 = 0 THEN 'FEMALE' ELSE 'MALE' END,
        '13' || p.id % 10 || '****' || lpad(((hashint8({seed}) & 2147483647) % 10000)::text, 4, '0'), '\\x00'
      FROM {places} p JOIN generate_series(1, 20) AS n ON {number} ORDER BY p.id, n"""


def _assigned(duty: str, people: str) -> str:
    return f"""INSERT INTO assignment ({LOCATION}, person_id, person_path, duty, valid_from)
      SELECT l.id, l.path, l.station_id, l.county_id, p.id, p.path, '{duty}', '2020-01-01' FROM {people}"""


def steps(sizes: Sizes) -> list[tuple[str, str]]:
    """The statements, each with what it makes, level by level from the hubs down."""
    statistics = ("statistics", "ANALYZE")
    return [*_places(sizes), statistics, *_personnel(sizes), *_accounts(), statistics]


def _places(sizes: Sizes) -> list[tuple[str, str]]:
    demonstrations = f"(SELECT *, least({sizes.townships}, 3 + id % 4) AS k FROM place WHERE level = 'HUB')"
    basics = """(SELECT *, row_number() OVER (PARTITION BY county_id ORDER BY id) AS r,
      count(*) OVER (PARTITION BY county_id) AS k FROM place WHERE level = 'DEMONSTRATION')"""
    townships = "(SELECT * FROM place WHERE level IN ('DEMONSTRATION', 'BASIC'))"
    return [
        ("hubs", f"INSERT INTO place (level) SELECT 'HUB' FROM generate_series(1, {sizes.counties})"),
        ("demonstration stations", _below("DEMONSTRATION", demonstrations, "n <= p.k")),
        ("basic stations", _below("BASIC", basics, f"n > p.k AND n <= {sizes.townships} AND (n - 1) % p.k + 1 = p.r")),
        ("communities", _below("COMMUNITY", townships, f"n <= {sizes.communities}")),
        (
            "grids",
            _below(
                "GRID",
                "(SELECT * FROM place WHERE level = 'COMMUNITY')",
                f"n <= {sizes.grids} + (p.id % 10 = 0)::int",
            ),
        ),
        (
            "hubs",
            f"""INSERT INTO station (id, path, station_id, county_id, parent_id, level, code, name, division_code,
                 opened_on)
               SELECT id, path, station_id, county_id, parent_id, level, 'H' || id, {_place_name("id")} || '县社工总站',
                 (410000 + id)::text, '2019-01-01'
               FROM place WHERE level = 'HUB'""",
        ),
        (
            "stations",
            f"""INSERT INTO station (id, path, station_id, county_id, parent_id, level, code, name, division_code,
                 address, opened_on)
               SELECT p.id, p.path, p.station_id, p.county_id, p.parent_id, p.level, 'S' || p.id,
                 {_place_name("p.id")} || '镇社工站',
                 h.division_code || (100 + row_number() OVER (PARTITION BY p.county_id ORDER BY p.id)),
                 {_place_name("p.id + 7")} || '路' || p.id % 200 || '号', '2020-01-01'::date + (p.id % 700)::int
               FROM place p JOIN station h ON h.id = p.county_id WHERE p.level IN ('DEMONSTRATION', 'BASIC')""",
        ),
        (
            "communities",
            f"""INSERT INTO community (id, path, station_id, county_id, parent_id, kind, code, name, division_code,
                 households, residents)
               SELECT p.id, p.path, p.station_id, p.county_id, p.parent_id,
                 CASE WHEN p.id % 7 = 0 THEN 'RESIDENTIAL' ELSE 'VILLAGE' END, 'C' || p.id,
                 {_place_name("p.id")} || CASE WHEN p.id % 7 = 0 THEN '社区' ELSE '村' END,
                 s.division_code || (200 + row_number() OVER (PARTITION BY p.parent_id ORDER BY p.id)),
                 300 + p.id % 900, 900 + p.id % 3000
               FROM place p JOIN station s ON s.id = p.parent_id WHERE p.level = 'COMMUNITY'""",
        ),
        (
            "grids",
            f"""INSERT INTO grid (id, path, station_id, county_id, parent_id, code, name, division_code,
                 households, residents)
               SELECT p.id, p.path, p.station_id, p.county_id, p.parent_id, 'G' || p.id,
                 {_place_name("p.id")} || '网格', c.division_code, 40 + p.id % 150, 120 + p.id % 450
               FROM place p JOIN community c ON c.id = p.parent_id WHERE p.level = 'GRID'""",
        ),
    ]


def _personnel(sizes: Sizes) -> list[tuple[str, str]]:
    linked = "p.id % 3 = 0 AND p.kind = 'SOCIAL_WORKER'"
    return [
        ("grid workers", _people("grid", "GRID_WORKER", f"n <= 1 + (p.id % 10 < {sizes.workers - 10})::int")),
        ("grid assistants", _people("grid", "GRID_ASSISTANT", "n = 3 AND p.id % 10 = 9")),
        ("social workers", _people("station", "SOCIAL_WORKER", "n BETWEEN 4 AND 6")),
        ("volunteers", _people("community", "VOLUNTEER", "n = 7 AND p.id % 4 = 0")),
        (
            "assignments of grid workers",
            _assigned("GRID_WORKER", "person p JOIN place l ON l.id = p.place_id WHERE p.kind = 'GRID_WORKER'"),
        ),
        (
            "responsible persons",
            _assigned(
                "RESPONSIBLE_PERSON",
                """(SELECT DISTINCT ON (place_id) * FROM person WHERE kind = 'GRID_WORKER' ORDER BY place_id, id) p
                   JOIN place l ON l.id = p.place_id""",
            ),
        ),
        (
            "social workers at their stations",
            _assigned(
                "STATION_SOCIAL_WORKER", "person p JOIN place l ON l.id = p.place_id WHERE p.kind = 'SOCIAL_WORKER'"
            ),
        ),
        (
            # Each serves one of the communities of the township, a hub's one of the county's: assignments elsewhere.
            "linked social workers",
            _assigned(
                "LINKED_SOCIAL_WORKER",
                f"""(SELECT * FROM person p WHERE {linked}) p JOIN LATERAL (SELECT * FROM place c
                   WHERE c.county_id = p.county_id AND c.level = 'COMMUNITY'
                   AND (c.station_id = p.place_id OR p.place_id = p.county_id)
                   ORDER BY hashint8(c.id + p.id) LIMIT 2) l ON true""",
            ),
        ),
    ]


def _accounts() -> list[tuple[str, str]]:
    """One of each hub, township, community, and of the first grid of each community; each with a session."""
    return [
        (
            "accounts",
            f"""INSERT INTO account ({LOCATION}, username, password_hash)
               SELECT id, path, station_id, county_id, lower(level) || id, 'nobody logs in'
               FROM (SELECT * FROM place WHERE level <> 'GRID' UNION ALL
                 (SELECT DISTINCT ON (parent_id) * FROM place WHERE level = 'GRID' ORDER BY parent_id, id)) p
               ORDER BY id""",
        ),
        (
            "grants",
            f"""INSERT INTO account_grant ({LOCATION}, account_id, role, valid_from)
               SELECT a.place_id, a.path, a.station_id, a.county_id, a.id, CASE p.level WHEN 'HUB' THEN 'ADMINISTRATOR'
                 WHEN 'COMMUNITY' THEN 'WORKER' WHEN 'GRID' THEN 'WORKER' ELSE 'MANAGER' END, '2020-01-01'
               FROM account a JOIN place p ON p.id = a.place_id ORDER BY a.id""",
        ),
        (
            "sessions",
            """INSERT INTO session (account_id, created_at, expires_at)
               SELECT id, '2020-01-01', '2100-01-01' FROM account ORDER BY id""",
        ),
    ]
