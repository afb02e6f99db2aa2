"""Clients from npm against the running server: Apollo, urql, Relay, and the one that `make client` writes."""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.embedded import Embedded
from tests import npm
from tests.conftest import Server
from tests.county import County, opened

pytestmark = npm.needs_npm

CLIENT = npm.CHECKOUT / "client"
FORBIDDEN = 4403
GENERATED = CLIENT / "source" / "generated"


@pytest.fixture(scope="module")
def county(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    with opened(embedded, tmp_path_factory.mktemp("clients")) as found:
        yield found


@pytest.fixture(scope="module")
def apollo(county: County) -> Any:
    automatic = county.world.settings.model_copy(update={"automatic_persisted_queries": True})
    with Server(automatic) as server:
        return npm.client("apollo", **county.told("G1", automatic=f"{server.url}/graphql"))


def test_apollo_reads_interfaces_from_its_cache(apollo: Any, county: County) -> None:
    found = apollo["interfaces"]
    assert found["asked"]["id"] == county.zone["G1"]
    assert found["cached"] == {name: found["asked"][name] for name in ("__typename", "code", "name")}


def test_apollo_fetches_page_after_page(apollo: Any, county: County) -> None:
    assert apollo["pages"] == {
        "first": county.communities[:1],
        "all": county.communities,
        "totalCount": len(county.communities),
    }


def test_apollo_reads_codes_of_errors(apollo: Any) -> None:
    found = {name: apollo[name]["codes"] for name in ("invalid", "outOfRange", "unauthenticated")}
    assert found == {
        "invalid": ["GRAPHQL_VALIDATION_FAILED"],
        "outOfRange": ["BAD_USER_INPUT"],
        "unauthenticated": ["UNAUTHENTICATED"],
    }


def test_apollo_keeps_what_a_mutation_answers(apollo: Any) -> None:
    assert apollo["mutation"]["errors"] == []
    assert apollo["mutation"]["cached"] == {"__typename": "Grid", "name": "阿波罗网格", "version": 2}


def test_apollo_is_told_that_batches_are_refused(apollo: Any) -> None:
    assert [one["name"] for one in apollo["batch"]] == ["Error", "Error"]


def test_apollo_registers_a_query_and_then_gets_it_by_its_digest(apollo: Any) -> None:
    assert apollo["persisted"] == {"sent": [["GET", False], ["POST", True], ["GET", False]], "answered": [True, True]}


@pytest.fixture(scope="module")
def urql(county: County) -> Any:
    return npm.client("urql", **county.told("G2"))


def test_urql_pages_in_its_normalised_cache(urql: Any, county: County) -> None:
    assert urql["pages"] == {"first": county.communities[:1], "all": county.communities}


def test_urql_keeps_what_a_mutation_answers(urql: Any, county: County) -> None:
    found = urql["mutation"]
    assert (found["errors"], found["cached"]["id"], found["cached"]["name"]) == ([], county.zone["G2"], "优客网格")


def test_urql_reads_codes_of_errors(urql: Any) -> None:
    assert urql["invalid"] == ["GRAPHQL_VALIDATION_FAILED"]


def test_urqls_cache_complains_of_nothing(urql: Any) -> None:
    assert urql["complaints"] == []


@pytest.fixture(scope="module")
def relay(county: County) -> Any:
    npm.install(npm.CLIENTS)
    npm.run(str(npm.NPM), "run", "--silent", "relay", cwd=npm.CLIENTS)
    return npm.client("relay", **county.told("G3"))


def test_relay_compiles_and_refetches_page_after_page_by_node(relay: Any, county: County) -> None:
    below = [county.zone["C1"], county.zone["C2"]]
    assert relay["pages"] == {"first": below[:1], "all": below, "totalCount": len(below)}


def test_relay_reads_a_fragment_on_an_interface(relay: Any) -> None:
    assert relay["place"] == ["code", "name"]


def test_relay_keeps_what_a_mutation_answers(relay: Any) -> None:
    assert relay["mutation"] == {"errors": [], "name": "接力网格"}


@pytest.fixture(scope="module")
def subscribing(county: County) -> Any:
    return npm.client("subscribing", **county.told("G2"))


@pytest.mark.parametrize("client", ["graphqlWs", "graphqlSse", "apollo", "urqlWs", "urqlSse"])
def test_each_client_is_told_of_a_change(subscribing: Any, county: County, client: str) -> None:
    found = subscribing["told"][client]["placeChanged"]
    assert found["place"]["id"] == county.zone["G2"]
    assert found["place"]["name"].startswith("第")


def test_a_socket_answers_queries_too(subscribing: Any, county: County) -> None:
    assert subscribing["asked"] == {"data": {"node": {"id": county.zone["G2"]}}}


def test_a_client_goes_on_after_the_event_that_it_got_last(subscribing: Any) -> None:
    assert subscribing["resumed"] == {"events": 3, "last": "之间二"}


def test_a_socket_with_a_wrong_token_is_closed_as_forbidden(subscribing: Any) -> None:
    assert subscribing["forbidden"]["code"] == FORBIDDEN


def test_the_old_protocol_of_sockets_is_refused(subscribing: Any) -> None:
    assert subscribing["protocols"] == {"new": "opened", "old": "refused"}


@pytest.fixture(scope="module")
def built() -> Path:
    """What `make client` makes; it fails where a scalar has no type, or `tsc --strict` finds fault."""
    npm.install(CLIENT)
    npm.run(str(npm.NPM), "run", "--silent", "build", cwd=CLIENT)
    return CLIENT / "dist"


@pytest.fixture(scope="module")
def trusting(county: County, built: Path) -> Iterator[str]:
    """The address of a server that answers nothing but the documents of Relay and of the written client."""
    npm.run(str(npm.NPM), "run", "--silent", "relay", cwd=npm.CLIENTS)
    manifests = [npm.CLIENTS / "relay" / "__generated__" / "persisted.json", GENERATED / "persisted-documents.json"]
    program = str(Path(sys.executable).with_name("zhanwang"))
    variables = {"ZHANWANG_DATABASE_URL": county.world.url, "ZHANWANG_OWNER_DATABASE_URL": county.world.url}
    npm.run(program, "documents", "add", *map(str, manifests), cwd=npm.CHECKOUT, variables=variables)
    with Server(county.world.settings.model_copy(update={"trusted_only": True})) as server:
        yield f"{server.url}/graphql"


def test_relay_asks_by_the_ids_that_its_compiler_gave(trusting: str, county: County) -> None:
    found = npm.client("relay", **county.told("G4", url=trusting, trusted=True))
    assert found["pages"]["all"] == [county.zone["C1"], county.zone["C2"]]
    assert found["mutation"] == {"errors": [], "name": "接力网格"}


def test_the_written_client_asks_by_the_ids_that_codegen_gave(trusting: str, county: County) -> None:
    told = county.told("G1", url=trusting, trusted=True, username=county.username, password=county.password)
    found = npm.client("typed", **told)
    assert (found["renamed"], found["renewed"], found["refreshes"]) == ("类型网格", [True, True], 1)


@pytest.fixture(scope="module")
def typed(built: Path, county: County) -> Any:
    return npm.client("typed", **county.told("G1", username=county.username, password=county.password))


def test_the_written_client_asks_and_writes(typed: Any, county: County) -> None:
    assert typed["node"]["id"] == county.zone["G1"]
    assert typed["renamed"] == "类型网格"


def test_the_written_client_knows_the_types_of_an_interface(typed: Any) -> None:
    assert typed["places"] == ["Community", "Grid", "Station"]


def test_the_written_client_tells_codes(typed: Any) -> None:
    assert (typed["unauthenticated"], typed["wrongPassword"]) == (["UNAUTHENTICATED"], ["INVALID_CREDENTIALS"])


def test_the_written_client_tells_its_grant_language_and_name(typed: Any) -> None:
    assert typed["headers"] == ["R0", "zh", "roster/1.2"]


def test_the_written_client_renews_its_token_once_for_several_operations(typed: Any) -> None:
    assert (typed["renewed"], typed["refreshes"]) == ([True, True], 1)


def test_the_example_of_the_readme_runs(built: Path, server: Any) -> None:
    example = (CLIENT / "source" / "example.ts").read_text(encoding="utf-8")
    assert re.findall(r"```ts\n(.*?)```", (npm.CHECKOUT / "README.md").read_text(encoding="utf-8"), re.DOTALL) == [
        example
    ]
    script = (built / "example.js").read_text(encoding="utf-8").replace("http://127.0.0.1:8000", server.url)
    printed = npm.run(str(npm.NODE), "--input-type=module", "--eval", script, cwd=CLIENT)
    assert printed.startswith("雷峰村第1网格 ")


def test_written_documents_are_named_by_their_digest(built: Path) -> None:
    manifest = json.loads((GENERATED / "persisted-documents.json").read_text(encoding="utf-8"))
    assert manifest
    for id_, text in manifest.items():
        assert id_ == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
