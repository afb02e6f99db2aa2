"""Python's `gql` against the running server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gql import Client, gql
from gql.client import SyncClientSession
from gql.dsl import DSLQuery, DSLSchema, dsl_gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXTransport
from graphql import GraphQLError

from tests.conftest import Ask, Server

STATION = "{ stations(first: 1) { nodes { id name openedOn } } }"


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
