"""`zhanwang demo --scale`: a county as the command makes it, and beside it a nation of a few real places."""

import asyncio
import io
import json
import subprocess
import tarfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from resolvers.core.personal import PersonalVault
from server.demo import PASSWORD
from server.demo.scale import Scale, Sizes, divisions, fill
from server.embedded import DATABASE, Embedded, running
from server.migrate import migrate
from server.settings import Settings
from tests.conftest import HAMMERED, LOG_IN, Server
from tests.invariants import broken
from tests.processes import run, serving
from tests.test_cli import ready

T = TypeVar("T")

KEYS = """
SELECT format('ALTER TABLE %1$s DROP CONSTRAINT %2$I, ADD CONSTRAINT %2$I %3$s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
  FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY oid
"""
SCHEMA = """
SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
 WHERE c.relnamespace = 'public'::regnamespace
UNION ALL
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u', 'x') ORDER BY 1
"""
DIGESTS = "SELECT md5(string_agg(r::text, '|' ORDER BY id)) FROM (SELECT * FROM {0}) r"
# Code, name and list of some real places: a city without counties, a municipality, and two counties of one city.
LISTED = [
    ("provinces", "11", "北京市"),
    ("provinces", "35", "福建省"),
    ("provinces", "44", "广东省"),
    ("cities", "1101", "市辖区"),
    ("cities", "3505", "泉州市"),
    ("cities", "4419", "东莞市"),
    ("areas", "110101", "东城区"),
    ("areas", "350525", "永春县"),
    ("areas", "350526", "德化县"),
    ("areas", "441900", "东莞市"),
    *(("streets", f"350526{number}", f"第{number}镇") for number in range(100, 108)),
    ("streets", "110101001", "东华门街道"),
    ("streets", "441900003", "东城街道"),
    *(("villages", f"350526{number}001", "凤池社区居委会") for number in range(100, 108)),
    *(("villages", f"350526{number}200", "南埕村民委员会") for number in range(100, 108)),
    ("villages", "110101001001", "多福巷社区居委会"),
    ("villages", "441900003001", "岗贝社区居民委员会"),
]


def on(url: str, ask: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """What a question to a database answers; whatever it writes is taken back."""

    async def connect() -> T:
        connection = await asyncpg.connect(url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await ask(connection)
        finally:
            await transaction.rollback()
            await connection.close()

    return asyncio.run(connect())


class Made:
    """The county, with a server that serves it."""

    def __init__(self, folder: Path, command: "subprocess.CompletedProcess[str]") -> None:
        self.folder, self.command = folder, command
        self.tokens: dict[str, str] = {}

    def serve(self, url: str, owner_url: str, client: httpx.Client) -> "Made":
        self.url, self.owner_url, self.client = url, owner_url, client
        return self

    def ask(self, username: str, query: str, **variables: Any) -> Any:
        """The data of an answer to a demo account; any error fails the test."""
        if username not in self.tokens:
            given = {"query": LOG_IN, "variables": {"username": username, "password": PASSWORD}}
            self.tokens[username] = self.client.post("/graphql", json=given).json()["data"]["logIn"]["accessToken"]
        headers = {"Authorization": f"Bearer {self.tokens[username]}"}
        answer = self.client.post("/graphql", json={"query": query, "variables": variables}, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]


async def occupy(owner_url: str) -> None:
    """A hub of nobody's, for `--fresh` to throw away."""
    await migrate(owner_url)
    connection = await asyncpg.connect(owner_url)
    await connection.execute("INSERT INTO place (level) VALUES ('HUB')")
    await connection.close()


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("county")
    with running(folder) as embedded:
        asyncio.run(occupy(embedded.owner_url))
        made = Made(folder, run("demo", "--scale", "county", "--made-up", "--fresh", data_dir=folder))
        secrets = json.loads((folder / "demo-secrets.json").read_text())
        settings = Settings(
            database_url=embedded.server_url,
            data_dir=folder,
            secret=SecretStr(secrets["secret"]),
            personal_keys=SecretStr(secrets["personal_keys"]),
            **HAMMERED,
        )
        with Server(settings) as server, httpx.Client(base_url=server.url, timeout=30) as client:
            yield made.serve(embedded.server_url, embedded.owner_url, client)


def test_the_command_tells_what_it_made_and_who_can_log_in(county: Made) -> None:
    assert county.command.returncode == 0
    assert county.command.stderr.endswith("Made-up places.\n")
    assert PASSWORD in county.command.stdout
    assert "hub-110101" in county.command.stdout
    assert "zhanwang serve --demo" in county.command.stdout


def test_a_county_has_the_size_of_one(county: Made) -> None:
    counted = county.ask(
        "hub-110101",
        """{ stations { totalCount } communities { totalCount } grids { totalCount } personnel { totalCount }
             serviceRecords { totalCount } serviceItems { totalCount } clients { totalCount } }""",
    )
    found = {name: connection["totalCount"] for name, connection in counted.items()}
    assert (found["stations"], found["communities"], found["serviceItems"]) == (15, 210, 10)
    assert 400 < found["grids"] < 650
    assert 1_200 < found["personnel"] < 2_000
    assert 4_000 < found["serviceRecords"] < 6_500
    assert found["clients"] > 10


def test_everything_holds_that_holds_of_a_network(county: Made) -> None:
    assert on(county.owner_url, broken) == {}


def test_every_foreign_key_holds_that_was_not_checked(county: Made) -> None:
    async def check(connection: asyncpg.Connection) -> int:
        keys = [key for (key,) in await connection.fetch(KEYS)]
        for key in keys:
            await connection.execute(key)
        return len(keys)

    assert on(county.owner_url, check) > 100


def test_no_index_and_no_constraint_is_lost(county: Made, database: str) -> None:
    async def schema(connection: asyncpg.Connection) -> list[str]:
        return [text for (text,) in await connection.fetch(SCHEMA)]

    assert on(county.owner_url, schema) == on(database, schema)


def test_the_sums_are_what_counting_gives(county: Made) -> None:
    done = run("rollups", "verify", data_dir=county.folder)
    assert done.returncode == 0, done.stderr


def test_a_township_sees_its_own_part_and_an_observer_no_names(county: Made) -> None:
    query = "{ communities(first: 100) { totalCount nodes { code } } }"
    for township in ("110101100", "110101113"):
        seen = county.ask(f"township-{township}", f"{{ stations {{ totalCount }} {query[2:]}")
        led = [node["code"][:9] for node in seen["communities"]["nodes"]]
        assert township in led
        assert seen["communities"]["totalCount"] == 15 * seen["stations"]["totalCount"]
    whole = county.ask("hub-110101-observer", query)["communities"]["totalCount"]
    assert whole == 210


def test_a_phone_number_is_sealed_with_the_servers_keys(county: Made) -> None:
    query = "{ personnel(first: 5) { nodes { phone private { phone } } } }"
    for node in county.ask("hub-110101", query)["personnel"]["nodes"]:
        assert node["private"]["phone"].startswith("1990000")
        assert node["private"]["phone"][-4:] == node["phone"][-4:]


def test_records_lie_in_the_last_two_years_and_some_were_corrected(county: Made) -> None:
    async def months(connection: asyncpg.Connection) -> Any:
        return await connection.fetchrow(
            """SELECT count(DISTINCT date_trunc('month', served_on)), max(served_on) <= current_date,
                      count(*) FILTER (WHERE corrects_id IS NOT NULL) > 0 FROM service_record"""
        )

    assert tuple(on(county.owner_url, months)) == (24, True, True)


def test_a_second_time_is_refused_and_changes_nothing(county: Made) -> None:
    async def digests(connection: asyncpg.Connection) -> list[str]:
        return [await connection.fetchval(DIGESTS.format(table)) for table in ("place", "person", "service_record")]

    before = on(county.owner_url, digests)
    done = run("demo", "--scale", "city", "--made-up", data_dir=county.folder)
    assert done.returncode == 1
    assert done.stderr.startswith("The database holds places already")
    assert "Traceback" not in done.stderr
    assert on(county.owner_url, digests) == before


def test_what_was_there_before_is_thrown_away_when_asked(county: Made) -> None:
    async def hubs(connection: asyncpg.Connection) -> list[str]:
        return [code for (code,) in await connection.fetch("SELECT path FROM place WHERE level = 'HUB'")]

    assert on(county.owner_url, hubs) == ["1."]


def test_the_demos_server_serves_it(county: Made) -> None:
    with serving(county.folder, "--demo") as (_, address):
        assert ready(address)


def test_the_readme_says_how_and_names_every_scale() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## At any size\n")[2].partition("\n## ")[0]
    assert "zhanwang demo --scale county" in section
    assert "zhanwang serve --demo" in section
    assert not [scale for scale in Scale if scale.value not in section]


def test_a_given_database_is_refused(tmp_path: Path) -> None:
    done = run("demo", "--scale", "county", data_dir=tmp_path, ZHANWANG_DATABASE_URL="postgresql://127.0.0.1/zhanwang")
    assert done.returncode == 2
    assert "embedded PostgreSQL alone" in done.stderr


# -- real places -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package with a few places, as npm packs it."""
    path = tmp_path_factory.mktemp("npm") / f"{divisions.PACKAGE}-{divisions.VERSION}.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name in divisions.LISTS:
            rows = [f'{code},"{text}",0' for listed, code, text in LISTED if listed == name]
            content = "\n".join(["code,name,parentCode", *rows]).encode()
            member = tarfile.TarInfo(f"package/dist/{name}.csv")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_package_with_another_digest_is_not_used(packed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert divisions.fetch(packed.parent) is None


def test_a_scale_takes_what_belongs_to_its_root(packed: Path) -> None:
    assert {code[:6] for code, _ in divisions.read(packed, Scale.COUNTY)} == {"350526"}
    assert {code[:4] for code, _ in divisions.read(packed, Scale.CITY)} == {"3505"}
    assert len(list(divisions.read(packed, Scale.NATION))) == len(LISTED)


@pytest.fixture(scope="module")
def nation(embedded: Embedded, settings: Settings, packed: Path) -> str:
    """The URL of a database with a nation of those few."""
    url = embedded.owner_url.replace(f"/{DATABASE}?", "/nation?")

    async def make() -> None:
        connection = await asyncpg.connect(embedded.owner_url)
        await connection.execute("CREATE DATABASE nation")
        await connection.close()
        await migrate(url)
        assert settings.personal_keys
        vault = PersonalVault(settings.personal_keys.get_secret_value())
        listed = divisions.read(packed, Scale.NATION)
        await fill(url, Sizes(Scale.NATION), listed, vault, "nobody", lambda *_: None)

    asyncio.run(make())
    return url


async def above(connection: asyncpg.Connection) -> dict[str, tuple[str, str | None]]:
    """Name and the parent's code of regions and hubs, by their code."""
    rows = await connection.fetch(
        """SELECT s.code, s.name, p.code AS above FROM station s LEFT JOIN station p ON p.id = s.parent_id
            WHERE s.level IN ('REGION', 'HUB')"""
    )
    return {row["code"]: (row["name"], row["above"]) for row in rows}


def test_real_regions_are_over_the_hubs_and_a_city_without_counties_is_a_hub(nation: str) -> None:
    assert on(nation, above) == {
        "000000": ("全国", None),
        "110000": ("北京市", "000000"),
        "350000": ("福建省", "000000"),
        "440000": ("广东省", "000000"),
        "110100": ("北京市市辖区", "110000"),
        "350500": ("泉州市", "350000"),
        "110101": ("东城区社工总站", "110100"),
        "350525": ("永春县社工总站", "350500"),
        "350526": ("德化县社工总站", "350500"),
        "441900": ("东莞市社工总站", "440000"),
    }


def test_real_communities_have_their_kind_and_short_name(nation: str) -> None:
    async def communities(connection: asyncpg.Connection) -> set[tuple[str, str]]:
        return {tuple(row) for row in await connection.fetch("SELECT kind, name FROM community")}

    assert on(nation, communities) == {
        ("RESIDENTIAL", "凤池社区"),
        ("RESIDENTIAL", "多福巷社区"),
        ("RESIDENTIAL", "岗贝社区"),
        ("VILLAGE", "南埕村"),
    }


def test_everything_holds_of_a_nation(nation: str) -> None:
    assert on(nation, broken) == {}


def test_no_region_has_service_items_and_each_hub_has_ten(nation: str) -> None:
    async def items(connection: asyncpg.Connection) -> dict[str, int]:
        rows = await connection.fetch(
            """SELECT p.level, count(*) / count(DISTINCT p.id) AS each
                 FROM service_item i JOIN place p ON p.id = i.place_id GROUP BY 1"""
        )
        return {row["level"]: row["each"] for row in rows}

    assert on(nation, items) == {"HUB": 10}
