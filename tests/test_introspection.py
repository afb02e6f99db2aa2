"""What the schema says of itself: to whom, the same as graphql-core would, and not more than a server can bear."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import execute_sync, get_introspection_query, parse

from resolvers.core.limits import Introspection
from schema import schema
from tests.conftest import Ask, Server
from tests.findings import refused

WRONG = '{ statoins { totalCount } station(code: "350526") { nmae } }'

ASKED = {
    "everything": get_introspection_query(),
    "all that there is": get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    ),
    "one type": """
        query ($name: String!, $no: Boolean = false) {
          here: __typename
          type: __type(name: $name) {
            ...Named kind @skip(if: $no) fields(includeDeprecated: true) { __typename ...Field ...Field }
            enumValues { name isDeprecated } left: kind @include(if: $no)
          }
          missing: __type(name: "Nothing") { name }
        }
        fragment Named on __Type { name description ofType { name } }
        fragment Field on __Field { name type { ...Named ofType { ...Named } } args { name defaultValue } }
    """,
}


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
def test_the_schema_is_told_as_graphql_core_tells_it(post: Ask, query: str) -> None:
    variables = {"name": "Station"} if "$name" in query else {}
    expected = execute_sync(schema._schema, parse(query), variable_values=variables)
    assert post("hub", query, variables).json() == {"data": expected.data}


def test_the_same_question_with_other_variables_has_another_answer(post: Ask) -> None:
    query = "query ($name: String!) { __type(name: $name) { name } }"
    for name in ("Station", "Grid"):
        assert post("hub", query, {"name": name}).json() == {"data": {"__type": {"name": name}}}


def test_the_schema_beside_rows_is_told_in_the_order_asked(post: Ask) -> None:
    answer = post("hub", '{ __type(name: "Grid") { name } stations { totalCount } __typename }').json()
    assert list(answer["data"].items()) == [
        ("__type", {"name": "Grid"}),
        ("stations", {"totalCount": 19}),
        ("__typename", "Query"),
    ]


def test_too_much_of_the_schema_at_once_is_refused(post: Ask) -> None:
    fields = " ".join(f"a{n}: fields {{ args {{ name type {{ name }} }} name }}" for n in range(100))
    assert refused(post("hub", f"{{ __schema {{ types {{ {fields} }} }} }}")) == {"BAD_USER_INPUT"}


def test_types_of_fields_of_types_are_refused(post: Ask) -> None:
    query = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }"
    assert refused(post("hub", query)) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize("query", ["{ __schema { queryType { name } } }", '{ __type(name: "Grid") { name } }'])
def test_nobody_is_told_the_schema(post: Ask, query: str) -> None:
    assert refused(post(None, query)) == {"INTROSPECTION_OFF"}


def test_nobody_may_still_ask_for_type_names(post: Ask) -> None:
    assert post(None, "{ __typename }").json() == {"data": {"__typename": "Query"}}


def messages(response: httpx.Response) -> str:
    return " ".join(error["message"] for error in response.json()["errors"])


def test_close_names_are_told_to_accounts_alone(post: Ask) -> None:
    assert "Did you mean 'stations'" in messages(post("hub", WRONG))
    assert "Did you mean" not in messages(post(None, WRONG))
    assert "statoins" in messages(post(None, WRONG))


def test_close_names_in_variables_are_told_to_accounts_alone(post: Ask) -> None:
    query = "query ($w: StationFilter) { stations(where: $w) { totalCount } }"
    assert "Did you mean" in messages(post("hub", query, {"w": {"cod": None}}))
    assert "Did you mean" not in messages(post(None, query, {"w": {"cod": None}}))


@pytest.mark.parametrize(
    ("setting", "nobody", "account"),
    [(Introspection.EVERYONE, True, True), (Introspection.ACCOUNTS, False, True), (Introspection.NOBODY, False, False)],
)
def test_who_is_told_is_a_setting(
    server: Server, post: Ask, monkeypatch: pytest.MonkeyPatch, setting: Introspection, nobody: bool, account: bool
) -> None:
    services: Any = server.app.state.services
    changed = replace(services, limits=replace(services.limits, introspection=setting))
    monkeypatch.setitem(server.app.state._state, "services", changed)
    for username, told in ((None, nobody), ("hub", account)):
        answer = post(username, "{ __schema { queryType { name } } }").json()
        assert ("errors" not in answer) is told
        assert ("Did you mean" in messages(post(username, WRONG))) is told
