"""What is personal on a distributed database: a client is erased at the node of the county, and keys are changed."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date

import asyncpg
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from models import ERASED, Role
from resolvers.core.executor import Executor
from resolvers.core.personal import PersonalVault
from resolvers.retention import due_before, erase_due
from server import rotation
from server.database import Database
from server.migrate import SERVER_ROLE, migrate
from tests.citus import Cluster, cluster, distributed, needs_citus, settings_of
from tests.conftest import Server
from tests.erasing import FIGURES, PHONE, Case
from tests.regions import Regions
from tests.scene import Scene, World, key

pytestmark = needs_citus

DATABASE = "personal"
ASK = """
INSERT INTO client_erasure (county_id, client_id, reason, due_before, request_id)
VALUES ($1, $2, 'REQUESTED', $3, 'r') RETURNING answer
"""
OF_CLIENT = "county_id = $1 AND id = $2"
LONG_AGO = f"UPDATE client SET registered_on = '2015-01-01', closed_on = '2016-01-01' WHERE {OF_CLIENT}"


@pytest.fixture(scope="module")
def citus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("citus")) as found:
        yield found


@pytest.fixture(scope="module")
def regions(citus: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Three counties under regions, in a database that was distributed, with a server on it."""
    url = citus.create(DATABASE)
    settings = settings_of(citus, DATABASE, tmp_path_factory.mktemp("settings"))
    asyncio.run(migrate(url))
    with closing(World(url, settings, "")) as world:
        made = Regions(world)
    asyncio.run(distributed(url))
    Executor.plans.clear()
    with Server(settings) as server, closing(World(url, settings, server.url)) as world:
        for scene in (made.a, made.b, made.c):
            scene.world = world
        yield made


@pytest.fixture
def settled(regions: Regions) -> Callable[[Scene], Case]:
    """Makes a client of a county of whom all is recorded that can be, and closes the file."""

    def made(scene: Scene) -> Case:
        case = Case(scene.world, scene)
        case.settle()
        case.do("closeClient", case.id)
        return case

    return made


def test_nothing_at_any_node_tells_of_an_erased_client(regions: Regions, settled: Callable[[Scene], Case]) -> None:
    case = settled(regions.a)
    told = case.told()
    assert told.keys() >= {"client", "survey", "referral", "service_record", "consultation", "resolution"}
    assert told["audit_entry"] >= 12
    figures = case.hub.ask(FIGURES)
    case.do("eraseClient", case.id, reason="CONSENT_WITHDRAWN")
    assert case.told() == {}
    assert case.hub.ask(FIGURES) == figures
    assert case.look()["name"] == ERASED


def test_who_manages_a_region_erases_a_client_of_a_county_below_it_and_of_no_other(
    regions: Regions, settled: Callable[[Scene], Case]
) -> None:
    case = settled(regions.b)
    assert case.refusal(by=regions.writer(Role.MANAGER, regions["Q"])) == "NOT_FOUND"
    case.do("eraseClient", case.id, regions.writer(Role.MANAGER, regions["Y"]), reason="REQUESTED")
    assert case.look()["name"] == ERASED
    assert case.refusal() == "WRONG_STATE"


def test_whose_time_is_over_is_erased_by_the_schedule(regions: Regions, settled: Callable[[Scene], Case]) -> None:
    case = settled(regions.c)
    world, county = case.world, regions.c.here.key("H")
    world.sql(LONG_AGO, county, key(case.id))

    async def work() -> tuple[int, int]:
        url = world.settings.database_url
        assert url is not None
        database = await Database.open(url, pool_size=4, statement_timeout_ms=10_000)
        try:
            return await erase_due(database.transaction, await due_before(database.transaction, 5), "test")
        finally:
            await database.close()

    assert world.run(work()) == (1, 0)
    assert case.look()["name"] == ERASED


def test_the_servers_role_alone_erases_nobody(
    citus: Cluster, regions: Regions, settled: Callable[[Scene], Case]
) -> None:
    case = settled(regions.a)

    async def work() -> list[str]:
        connection = await asyncpg.connect(citus.url(DATABASE, SERVER_ROLE))
        try:
            who = regions.a.here.key("H"), key(case.id)
            return [await connection.fetchval(ASK, *who, due) for due in (None, date(2100, 1, 1))]
        finally:
            await connection.close()

    assert case.world.run(work()) == ["NOT_FOUND", "NOT_FOUND"]
    assert case.look()["name"] != ERASED


def test_the_rows_of_every_county_are_sealed_with_the_new_key(
    regions: Regions, settled: Callable[[Scene], Case]
) -> None:
    cases = [settled(regions.b), settled(regions.c)]
    world = regions.a.world
    assert world.settings.personal_keys is not None
    keys = f"{Fernet.generate_key().decode()},{world.settings.personal_keys.get_secret_value()}"
    vault = PersonalVault(keys)
    held = {row.name: row.rows for row in world.run(rotation.status(world.connection))}
    rows, _ = world.run(rotation.rotate(world.connection, vault, lambda *_: None))
    assert rows == sum(held.values()) > 2
    assert [(row.name, row.rows) for row in world.run(rotation.status(world.connection))] == [(vault.names[0], rows)]
    with Server(world.settings.model_copy(update={"personal_keys": SecretStr(keys)})) as server:
        for case in cases:
            case.world.address = server.url
            asked = case.manager.ask("query ($id: ID!) { client(id: $id) { private { phone } } }", {"id": case.id})
            assert asked == {"client": {"private": {"phone": PHONE}}}
