"""Python's `gql` against the running server."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gql import Client, gql
from gql.client import SyncClientSession
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError

from server.embedded import Embedded
from tests.conftest import Ask, Server
from tests.county import County
from tests.county import opened as county_opened
from tests.scene import fresh

STATION = "{ stations(first: 1) { nodes { id name openedOn } } }"
CHANGED = "subscription { placeChanged { place { id name } } }"


def socket(url: str, token: str) -> WebsocketsTransport:
    """As front ends open one; gql offers the old protocol first."""
    return WebsocketsTransport(url=url.replace("http", "ws", 1), init_payload={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def county(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with county_opened(embedded, tmp_path_factory.mktemp("gql")) as found:
        yield found


@pytest.fixture(scope="module")
def opened(server: Server, token: Callable[[str], str]) -> Iterator[SyncClientSession]:
    """A session that has fetched the schema."""
    transport = HTTPXTransport(
        url=f"{server.url}/graphql", headers={"Authorization": f"Bearer {token('leifeng')}"}, timeout=30
    )
    with Client(transport=transport, fetch_schema_from_transport=True) as session:
        yield session


def test_gql_asks_what_the_server_answers(opened: SyncClientSession, ask: Ask) -> None:
    assert opened.execute(gql(STATION)) == ask("leifeng", STATION)


def test_gql_builds_queries_from_the_fetched_schema(opened: SyncClientSession, ask: Ask) -> None:
    assert opened.client.schema is not None
    schema = DSLSchema(opened.client.schema)
    nodes = schema.StationConnection.nodes.select(schema.Station.id, schema.Station.name, schema.Station.openedOn)
    query = dsl_gql(DSLQuery(schema.Query.stations(first=1).select(nodes)))
    assert opened.execute(query) == ask("leifeng", STATION)


def test_gql_finds_faults_before_it_sends(opened: SyncClientSession) -> None:
    with pytest.raises(GraphQLError, match="nothing"):
        opened.execute(gql("{ nothing }"))


def test_gql_reads_codes_of_errors(opened: SyncClientSession) -> None:
    with pytest.raises(TransportQueryError) as refused:
        opened.execute(gql("{ stations(first: 1000) { nodes { id } } }"))
    errors: Any = refused.value.errors
    assert [error["extensions"]["code"] for error in errors] == ["BAD_USER_INPUT"]


def test_gql_asks_over_a_socket(server: Server, token: Callable[[str], str], ask: Ask) -> None:
    async def asked() -> Any:
        async with Client(transport=socket(f"{server.url}/graphql", token("leifeng"))) as session:
            return await session.execute(gql(STATION))

    assert asyncio.run(asked()) == ask("leifeng", STATION)


def test_gql_is_told_of_a_change(county: County) -> None:
    async def told() -> Any:
        async with Client(transport=socket(county.url, county.manager.token)) as session:
            listening = session.subscribe(gql(CHANGED))
            event = asyncio.create_task(anext(listening))
            # Again and again, for nothing says that the server listens already.
            while not (await asyncio.wait({event}, timeout=1))[0]:
                await asyncio.to_thread(county.rename, "G1", fresh("套接网格"))
            found = await event
            await listening.aclose()
            return found

    found = asyncio.run(asyncio.wait_for(told(), 30))
    place = found["placeChanged"]["place"]
    assert place["id"] == county.zone["G1"]
    assert place["name"].startswith("套接网格")
