"""Fresh networks for tests that write: a database and a server of a module's own, and zones that are alike.

Each zone of a scene has the same rows under the same names, so that to every row there is a twin out of scope. All
that has a name and is no station but `S` and `B2` lies under `B1`:

    H                      the hub of a county
    └── S                  the demonstration station that leads the zone
        ├── B1             a basic station
        │   ├── C1         a village: P1 … P4, P6 (retired), T1 with M1, U1 with R1, U2 (disabled)
        │   │   ├── G1     A1: P1 is its responsible person
        │   │   └── G2     nothing belongs to it
        │   └── C2         P5 at home; G3 below
        └── B2
            └── C4, below it G4
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
from cryptography.fernet import Fernet
from pydantic import SecretStr

from models import Role
from resolvers.core.tokens import Tokens
from server.embedded import DATABASE, Embedded
from server.migrate import migrate
from server.settings import Settings
from tests import nouns
from tests.conftest import HAMMERED, Server
from tests.nouns.base import fresh as fresh
from tests.nouns.base import key as key
from tests.nouns.base import letters
from tests.payloads import mutating

T = TypeVar("T")
Row = asyncpg.Record

TABLES = {
    "S": "station",
    "C": "community",
    "G": "grid",
    "P": "person",
    "A": "assignment",
    "Q": "qualification",
    "T": "volunteer_team",
    "M": "team_membership",
    "U": "account",
    "R": "account_grant",
    **{noun.letters: noun.table for noun in nouns.NOUNS},
}
"""The table of the letters of each public id."""

SINCE = date(2021, 1, 1)
DIVISION = "350526"
MISSING = 2**62
# What is told apart by nothing that a write is about, or changes without one.
UNTOUCHED = ("alembic_version", "session", "refresh_token", "log_in_failure", "audit_%", "%_rollup", "%_delta")
LISTED = """
SELECT c.relname FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT c.relname LIKE ANY ($1) ORDER BY 1
"""


class World:
    """A database, and a server on it that listens at `address`. `url` is the superuser's."""

    def __init__(self, url: str, settings: Settings, address: str) -> None:
        self.url, self.settings, self.address = url, settings, address
        self.client = httpx.Client(timeout=30)
        assert settings.secret is not None
        self._tokens = Tokens(settings.secret.get_secret_value(), 60, 1)
        self._runner = asyncio.Runner()
        self.connection: asyncpg.Connection = self.run(asyncpg.connect(url))

    def reconnect(self) -> None:
        """Connects anew to a database that was away."""
        self.connection.terminate()
        self.connection = self.run(asyncpg.connect(self.url))

    def close(self) -> None:
        """Ends its connections."""
        self.client.close()
        self.connection.terminate()
        self._runner.close()

    def run(self, work: Awaitable[T]) -> T:
        """Runs to the end what speaks to the database."""

        async def whole() -> T:
            return await work

        return self._runner.run(whole())

    def sql(self, query: str, *values: object) -> list[Any]:
        """The rows of a statement, as the superuser."""
        found: list[Any] = self.run(self.connection.fetch(query, *values))
        return found

    def value(self, query: str, *values: object) -> Any:
        """The first value of a statement, as the superuser."""
        return self.run(self.connection.fetchval(query, *values))

    def digest(self) -> dict[str, Any]:
        """A digest of every table that a write is about: equal if nothing was written."""
        return self.run(digest(self.connection))

    def changed(self, before: dict[str, Any]) -> list[str]:
        """The tables that are not as they were."""
        after = self.digest()
        return [name for name in after if after[name] != before.get(name)]

    def entries(self, request_id: str) -> list[Any]:
        """What the audit log has of a request."""
        return self.sql("SELECT * FROM audit_entry WHERE request_id = $1 ORDER BY id", request_id)

    def scene(self, under: str | None = None) -> "Scene":
        """A fresh county: its hub `H` with two zones that are alike; under a region, if its public id is given."""
        return Scene(self, under)

    def token(self, account_id: int) -> str:
        """An access token of an account, in a session of its own."""
        session = self.value(
            "INSERT INTO session (account_id, expires_at) VALUES ($1, now() + interval '1 day') RETURNING id",
            account_id,
        )
        version = self.value("SELECT credential_version FROM account WHERE id = $1", account_id)
        return self._tokens.issue(account_id, version, session).text

    def post(
        self, token: str | None, query: str, variables: Mapping[str, Any] | None = None, **headers: str
    ) -> httpx.Response:
        """What the server answers to an operation."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables}
        return self.client.post(f"{self.address}/graphql", json=body, headers=headers)


def create(embedded: Embedded, data_dir: Path) -> tuple[str, Settings]:
    """A migrated database of its own, without a row: the superuser's URL, and a server's settings."""
    name = f"world_{secrets.token_hex(6)}"
    url = embedded.owner_url.replace(f"/{DATABASE}?", f"/{name}?")

    async def prepare() -> None:
        connection = await asyncpg.connect(embedded.owner_url)
        await connection.execute(f"CREATE DATABASE {name}")
        await connection.close()
        await migrate(url)

    asyncio.run(prepare())
    return url, Settings(
        database_url=embedded.server_url.replace(f"/{DATABASE}?", f"/{name}?"),
        data_dir=data_dir,
        secret=SecretStr("a secret of these tests, long enough for everybody"),
        personal_keys=SecretStr(Fernet.generate_key().decode()),
        **HAMMERED,
    )


@contextmanager
def world(embedded: Embedded, data_dir: Path) -> Iterator[World]:
    """A database of its own, and a server on it."""
    url, settings = create(embedded, data_dir)
    with Server(settings) as server, closing(World(url, settings, server.url)) as made:
        yield made


class Zone:
    """The public ids of a zone's rows, by name."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def key(self, name: str) -> int:
        """The key of a row."""
        return key(self.ids[name])

    def name(self, public_id: str) -> str | None:
        """The name of the row with a public id, if it is the zone's."""
        return next((name for name, id_ in self.ids.items() if id_ == public_id), None)


async def digest(connection: asyncpg.Connection) -> dict[str, Any]:
    """A digest of every table that a write is about, as a connection's transaction sees it.

    How many rows it has, and the last transaction that wrote one of them: what they say need not be read for that.
    """
    tables = [row["relname"] for row in await connection.fetch(LISTED, list(UNTOUCHED))]
    sums = "SELECT '{0}' AS name, count(*), max(xmin::text::bigint) FROM {0}"
    rows = await connection.fetch(" UNION ALL ".join(map(sums.format, tables)))
    return {row["name"]: tuple(row) for row in rows}


_SERIAL = count(1)


class Scene:
    """A county of its own: its hub and two zones that are alike, `here` and `there`."""

    def __init__(self, world: World, under: str | None = None) -> None:
        self.world = world
        self.here, self.there = Zone(), Zone()
        world.run(self._build(None if under is None else self._place_of(key(under))))

    @property
    def zones(self) -> tuple[Zone, Zone]:
        """Both zones."""
        return self.here, self.there

    def writer(self, role: Role, at: str) -> "Writing":
        """An account with a grant at a place, by its public id."""
        account = self.world.run(self._account(self._place_of(key(at)), role))
        return Writing(self.world, account, self.world.token(account))

    def _place_of(self, place_id: int) -> Row:
        found: Row = self.world.sql("SELECT * FROM place WHERE id = $1", place_id)[0]
        return found

    async def _build(self, region: Row | None) -> None:
        connection = self.world.connection
        async with connection.transaction():
            hub = await self._plant("HUB", region)
            for zone in self.zones:
                zone.ids["H"] = f"S{hub['id']}"
                await self._plant_zone(zone, hub)

    async def _plant_zone(self, zone: Zone, hub: Row) -> None:
        places = {"H": hub}

        async def plant(name: str, level: str, parent: Row) -> Row:
            made = places[name] = await self._plant(level, parent)
            zone.ids[name] = name[0].replace("B", "S") + str(made["id"])
            return made

        async def add(name: str, table: str, place: Row | None, /, **values: Any) -> int:
            made = await self._insert(table, **(_at(place) if place else {}), **values)
            if name:
                zone.ids[name] = f"{letters(name)}{made['id']}"
            return int(made["id"])

        s = await plant("S", "DEMONSTRATION", hub)
        b1, b2 = await plant("B1", "BASIC", s), await plant("B2", "BASIC", s)
        c1, c2 = await plant("C1", "COMMUNITY", b1), await plant("C2", "COMMUNITY", b1)
        c4 = await plant("C4", "COMMUNITY", b2)
        g1, _ = await plant("G1", "GRID", c1), await plant("G2", "GRID", c1)
        await plant("G3", "GRID", c2)
        await plant("G4", "GRID", c4)
        kinds = {"P1": "GRID_WORKER", "P2": "SOCIAL_WORKER", "P3": "VOLUNTEER", "P4": "VOLUNTEER", "P5": "GRID_WORKER"}
        kinds |= {"P6": "VOLUNTEER"}
        people = {}
        for name, kind in kinds.items():
            home = c2 if name == "P5" else c1
            people[name] = await add(name, "person", home, kind=kind, name=fresh("人"), gender="FEMALE")
        await self.world.connection.execute("UPDATE person SET retired_on = $2 WHERE id = $1", people["P6"], SINCE)
        for name, place, person, duty in (
            ("A1", g1, "P1", "RESPONSIBLE_PERSON"),
            ("A2", c1, "P2", "LINKED_SOCIAL_WORKER"),
        ):
            await add(
                name,
                "assignment",
                place,
                person_id=people[person],
                person_path=c1["path"],
                duty=duty,
                valid_from=SINCE,
            )
        certificate = {"level": "ASSISTANT", "certificate_number": fresh("Q"), "obtained_on": SINCE}
        await add("Q1", "qualification", c1, person_id=people["P2"], **certificate)
        team = await add("T1", "volunteer_team", c1, code=fresh("T"), name="队")
        await add("M1", "team_membership", c1, team_id=team, person_id=people["P3"], valid_from=SINCE)
        await self._insert("person_skill", **_at(c1), person_id=people["P3"], skill_id=await self._skill())
        for name, role in (("U1", Role.WORKER), ("U2", Role.OBSERVER)):
            account = await self._account(c1, role)
            zone.ids[name] = f"U{account}"
        await self.world.connection.execute("UPDATE account SET disabled_at = now() WHERE id = $1", account)
        grant = "SELECT id FROM account_grant WHERE account_id = $1"
        zone.ids["R1"] = f"R{await self.world.connection.fetchval(grant, key(zone['U1']))}"
        await self._insert("audit_entry", **_at(c1), request_id="scene", action="made", noun="scene")
        for group in nouns.PLANTS:
            await group(_Planting(zone, places, add))

    async def _plant(self, level: str, parent: Row | None) -> Row:
        under = {} if parent is None else {f"parent_{name}": parent[name] for name in UNDER}
        place = await self._insert("place", level=level, **under)
        common = {name: place[name] for name in ("id", "path", "station_id", "county_id", "parent_id")}
        common |= {"code": fresh(), "name": fresh("处")}
        # Places of one kind have different codes, as in life.
        serial = next(_SERIAL)
        if level in ("COMMUNITY", "GRID"):
            division = f"{DIVISION}{serial % 10**6:06}"
            counts = {"division_code": division, "households": 100, "residents": 300}
            kind = {"kind": "VILLAGE"} if level == "COMMUNITY" else {}
            await self._insert(level.lower(), **common, **counts, **kind)
        else:
            division = DIVISION if level == "HUB" else f"{DIVISION}{serial % 10**3:03}"
            await self._insert("station", **common, level=level, division_code=division, opened_on=SINCE)
        await self._insert("division_code", **_at(place), code=division, valid_from=SINCE)
        if parent is not None:
            await self._insert("placement", **_at(place), parent_id=parent["id"], valid_from=SINCE)
        return place

    async def _account(self, place: Row, role: Role) -> int:
        account = await self._insert("account", **_at(place), username=fresh("u"), password_hash="none")
        await self._insert("account_grant", **_at(place), account_id=account["id"], role=role.value)
        return int(account["id"])

    async def _skill(self) -> int:
        connection = self.world.connection
        await connection.execute("INSERT INTO skill (code, name) VALUES ('one', '一') ON CONFLICT DO NOTHING")
        return int(await connection.fetchval("SELECT id FROM skill WHERE code = 'one'"))

    async def _insert(self, table: str, **values: Any) -> Row:
        numbers = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({numbers}) RETURNING *"
        made = await self.world.connection.fetchrow(sql, *values.values())
        assert made is not None
        return made


class _Planting:
    """A zone while the groups of nouns add their rows to it: tests/nouns/base.py."""

    def __init__(self, zone: Zone, places: Mapping[str, Row], add: Callable[..., Awaitable[int]]) -> None:
        self._zone, self._places, self._add = zone, places, add

    async def add(self, name: str, table: str, place: str | None, /, **values: Any) -> int:
        return await self._add(name, table, place and self._places[place], **values)

    def key(self, name: str) -> int:
        return self._zone.key(name)

    def place(self, name: str) -> Row:
        return self._places[name]

    def to(self, name: str) -> dict[str, Any]:
        return {f"to_{column}": value for column, value in _at(self._places[name]).items()}


UNDER = ("id", "level", "path", "station_id", "county_id")


class Writing:
    """An account that writes."""

    def __init__(self, world: World, account_id: int, token: str) -> None:
        self.world, self.account_id, self.token = world, account_id, token

    def post(self, query: str, variables: Mapping[str, Any] | None = None, **headers: str) -> httpx.Response:
        """What the server answers it."""
        return self.world.post(self.token, query, variables, **headers)

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data; any error fails the test."""
        answer = self.post(query, variables).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def write(self, mutation: str, **given: Any) -> Any:
        """The payload of a mutation about places: `station`, `community` or `grid`, and `errors`."""
        noun = next(word for word in ("station", "community", "grid") if mutation.lower().endswith(word))
        query = mutating(
            mutation,
            f"{noun} {{ id code name divisionCode version closedOn parent {{ id }} }} errors {{ code path message }}",
        )
        payload = self.ask(query, {"input": given})[mutation]
        return payload | {"row": payload[noun]}


def _at(place: Row) -> dict[str, Any]:
    return {"place_id": place["id"], **{name: place[name] for name in UNDER[2:]}}


RELOCATE = """
UPDATE place SET parent_id = p.id, parent_level = p.level, parent_path = p.path, parent_station_id = p.station_id,
                 parent_county_id = p.county_id
  FROM (SELECT * FROM place) AS p WHERE p.id = $2 AND place.id = $1
"""
REPLACE = "UPDATE placement SET parent_id = $2 WHERE place_id = $1 AND valid_to IS NULL"


async def relocate(connection: Any, place: str, parent: str) -> None:
    """Hangs a place under another by SQL, in the caller's transaction."""
    await connection.execute(RELOCATE, key(place), key(parent))
    await connection.execute(REPLACE, key(place), key(parent))
