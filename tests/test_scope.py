"""What each account sees of the network and what it does not: the matrix of scopes, one behaviour a test."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest

from server.settings import Settings
from tests.conftest import Ask
from tests.oracle import Oracle, View

LEIFENG, LONGXUN, NANCHENGCUN = "350526104", "350526101", "350526105205"
SCOPED = ("longxun", "leifeng", "nanchengcun", "gridworker")


@pytest.fixture(scope="module")
def oracle(database: str, settings: Settings) -> Oracle:
    assert settings.personal_keys
    return Oracle.of(database, settings.personal_keys.get_secret_value())


@pytest.fixture(scope="module")
def view(oracle: Oracle) -> Callable[[str], View]:
    views = {username: oracle.view(username) for username in (*SCOPED, "hub", "hub-observer")}
    return views.__getitem__


def told(response: httpx.Response) -> str:
    """A response, byte for byte, without the request's id."""
    return f"{response.status_code} " + re.sub(r'"requestId":"[^"]*"', "", response.text)


def test_the_hub_counts_1_6_and_12_stations_and_217_communities(ask: Ask) -> None:
    levels = " ".join(f"{x}: stations(where: {{ level: {{ eq: {x} }} }}) {{ totalCount }}" for x in LEVELS)
    found = ask("hub", f"{{ {levels} communities {{ totalCount }} }}")
    assert [found[level]["totalCount"] for level in LEVELS] == [1, 6, 12]
    assert found["communities"]["totalCount"] == 217


LEVELS = ("HUB", "DEMONSTRATION", "BASIC")


def test_leifeng_sees_one_station_without_what_is_above_it(ask: Ask) -> None:
    query = """{ stations { nodes { code parent { id } ancestors { id } zone { code }
      responsibilityChain { place { code } } } } viewer { scope { code parent { id } ancestors { id } } } }"""
    found = ask("leifeng", query)
    station = {
        "code": LEIFENG,
        "parent": None,
        "ancestors": [],
        "zone": [{"code": LEIFENG}],
        "responsibilityChain": [{"place": {"code": LEIFENG}}],
    }
    assert found["stations"]["nodes"] == [station]
    assert found["viewer"]["scope"] == {"code": LEIFENG, "parent": None, "ancestors": []}


def test_leifeng_sees_its_own_communities_grids_and_people(ask: Ask, view: Callable[[str], View]) -> None:
    query = "{ communities { totalCount } grids { totalCount } personnel { totalCount } }"
    inside = view("leifeng").rows
    expected = {
        "communities": len(inside["Community"]),
        "grids": len(inside["Grid"]),
        "personnel": len(inside["Person"]),
    }
    assert {name: found["totalCount"] for name, found in ask("leifeng", query).items()} == expected
    assert all(0 < expected[name] < total for name, total in (("communities", 217), ("grids", 500), ("personnel", 999)))


@pytest.mark.parametrize(
    ("username", "length"), [("longxun", 3), ("leifeng", 3), ("nanchengcun", 2), ("gridworker", 1)]
)
def test_the_responsibility_chain_is_cut_at_the_root_of_the_scope(ask: Ask, username: str, length: int) -> None:
    query = "{ grids(first: 1) { nodes { ancestors { id } responsibilityChain { place { id } } } } }"
    (grid,) = ask(username, query)["grids"]["nodes"]
    assert (len(grid["ancestors"]), len(grid["responsibilityChain"])) == (length - 1, length)
    assert ask("hub", query)["grids"]["nodes"][0]["responsibilityChain"][-1]["place"]


def test_longxun_sees_itself_and_the_basic_stations_of_its_zone(ask: Ask) -> None:
    nodes = ask("longxun", "{ stations { nodes { code level parent { code } } } }")["stations"]["nodes"]
    assert Counter((n["level"], (n["parent"] or {}).get("code")) for n in nodes) == {
        ("DEMONSTRATION", None): 1,
        ("BASIC", LONGXUN): 2,
    }


def test_nanchengcun_sees_one_community_and_no_station(ask: Ask) -> None:
    found = ask("nanchengcun", "{ stations { totalCount } communities { nodes { code parent { id } } } }")
    assert found == {"stations": {"totalCount": 0}, "communities": {"nodes": [{"code": NANCHENGCUN, "parent": None}]}}


def test_gridworker_sees_one_grid_and_no_community(ask: Ask) -> None:
    found = ask("gridworker", "{ communities { totalCount } grids { nodes { code parent { id } } } }")
    assert found["communities"] == {"totalCount": 0}
    assert found["grids"] == {"nodes": [{"code": f"{NANCHENGCUN}-01", "parent": None}]}


def test_a_linked_social_worker_of_the_hub_is_seen_with_the_link_alone(ask: Ask, view: Callable[[str], View]) -> None:
    lent = [
        row
        for row in view("nanchengcun").rows["Person"].values()
        if row["path"] == view("hub").path and not row["path"].startswith(view("nanchengcun").path)
    ]
    assert len(lent) == 1
    query = """query ($id: ID!) { person(id: $id) { name home { id } qualifications { id } skills { id }
      assignments { duty place { code } } every: assignments(current: false) { duty place { code } } } }"""
    link = [{"duty": "LINKED_SOCIAL_WORKER", "place": {"code": NANCHENGCUN}}]
    seen = ask("nanchengcun", query, {"id": f"P{lent[0]['id']}"})["person"]
    assert seen == {
        "name": lent[0]["name"],
        "home": None,
        "qualifications": [],
        "skills": [],
        "assignments": link,
        "every": link,
    }
    # The hub, where they are employed, sees more of the same person.
    whole = ask("hub", query, {"id": f"P{lent[0]['id']}"})["person"]
    assert whole["home"]
    assert len(whole["assignments"]) > 1


def test_ended_and_future_assignments_show_nobody(ask: Ask, oracle: Oracle, view: Callable[[str], View]) -> None:
    for username in ("nanchengcun", "longxun"):
        seen = view(username)
        over = {
            row["person_id"]
            for row in seen.rows["Assignment"].values()
            if row["person_id"] not in seen.rows["Person"] and not _current(row)
        }
        assert over
        ids = [f"P{key}" for key in over]
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } personnel(where: { id: { in: $ids } }) { totalCount } }"
        expected = {"nodes": [None] * len(ids), "personnel": {"totalCount": 0}}
        assert ask(username, query, {"ids": ids}) == expected
        assignments = [f"A{r['id']}" for r in seen.rows["Assignment"].values() if r["person_id"] in over]
        query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Assignment { duty person { id } } } }"
        assert {node["person"] is None for node in ask(username, query, {"ids": assignments})["nodes"]} == {True}


def _current(row: dict[str, Any]) -> bool:
    # A day's difference of time zones decides nothing here: the demo's dates are years away.
    return bool(row["valid_from"] <= date.today() and (row["valid_to"] is None or row["valid_to"] > date.today()))  # noqa: DTZ011


# -- an id out of scope, a malformed one and a missing one ---------------------------------------------------------

BY_ID = {
    "node": "query ($id: ID!) { node(id: $id) { __typename id } }",
    "nodes": "query ($id: ID!) { nodes(ids: [$id]) { __typename id } }",
    "station": "query ($id: ID!) { station(id: $id) { name } }",
    "community": "query ($id: ID!) { community(id: $id) { name } }",
    "grid": "query ($id: ID!) { grid(id: $id) { name } }",
    "person": "query ($id: ID!) { person(id: $id) { name } }",
    "where.id.eq": """query ($id: ID!) { stations(where: { id: { eq: $id } }) { totalCount nodes { id } }
      communities(where: { id: { eq: $id } }) { totalCount nodes { id } }
      personnel(where: { id: { eq: $id } }) { totalCount nodes { id } } }""",
    "where.id.in": """query ($id: ID!) { grids(where: { id: { in: [$id] } }) { totalCount nodes { id } }
      volunteerTeams(where: { id: { in: [$id] } }) { totalCount nodes { id } } }""",
    "where.within": """query ($id: ID!) { stations(where: { within: $id }) { totalCount }
      communities(where: { within: $id }) { totalCount } grids(where: { within: $id }) { totalCount }
      personnel(where: { within: $id }) { totalCount } volunteerTeams(where: { within: $id }) { totalCount } }""",
    "not within": """query ($id: ID!) { stations(where: { not: { within: $id } }) { totalCount }
      grids(where: { not: { within: $id } }) { totalCount nodes { id } }
      personnel(where: { not: { within: $id } }) { totalCount pageInfo { endCursor } } }""",
    "not id": "query ($id: ID!) { personnel(where: { not: { id: { eq: $id } } }) { totalCount nodes { id } } }",
}
NO_IDS = (
    "S999999999",
    "P999999999",
    "",
    "S",
    "S0",
    "s1",
    "S01",
    "S-1",
    "X1",
    "站1",
    " S1",
    "S9223372036854775808",
    "%",
)


@pytest.mark.parametrize("username", SCOPED)
@pytest.mark.parametrize("way", BY_ID)
def test_an_id_out_of_scope_answers_as_a_malformed_and_a_missing_one(
    post: Ask, username: str, way: str, view: Callable[[str], View]
) -> None:
    seen = view(username)
    hidden = [id_ for name in ("Station", "Community", "Grid", "Person") for id_ in seen.hidden(name)[::150][:3]]
    answers = {told(post(username, BY_ID[way], {"id": id_})) for id_ in (*hidden, *seen.hidden("Grant")[:1])}
    nothing = {told(post(username, BY_ID[way], {"id": id_})) for id_ in NO_IDS}
    assert len(answers) == 1
    assert answers == nothing


@pytest.mark.parametrize("username", SCOPED)
def test_a_code_out_of_scope_answers_as_a_missing_one(post: Ask, username: str, view: Callable[[str], View]) -> None:
    for name, field in (("Station", "station"), ("Community", "community"), ("Grid", "grid")):
        query = f"query ($code: String!) {{ {field}(code: $code) {{ id }} }}"
        hidden = {told(post(username, query, {"code": c})) for c in view(username).hidden_texts(name, "code")[::60]}
        assert hidden == {told(post(username, query, {"code": "no such code"}))}


@pytest.mark.parametrize("username", SCOPED)
def test_an_id_out_of_scope_is_not_even_confirmed_by_a_code_in_scope(
    post: Ask, username: str, view: Callable[[str], View]
) -> None:
    seen = view(username)
    code = next(iter(seen.rows["Grid"].values()))["code"]
    query = "query ($id: ID!, $code: String!) { grid(id: $id, code: $code) { id } }"
    hidden = told(post(username, query, {"id": seen.hidden("Grid")[0], "code": code}))
    assert hidden == told(post(username, query, {"id": "G999999999", "code": code}))


@pytest.mark.parametrize("username", SCOPED)
@pytest.mark.parametrize(("name", "type_name"), [("grids", "Grid"), ("personnel", "Person")])
def test_a_cursor_out_of_scope_only_skips_rows_in_scope(
    ask: Ask, username: str, name: str, type_name: str, view: Callable[[str], View]
) -> None:
    page = f"query ($after: String!) {{ {name}(first: 100, after: $after) {{ totalCount nodes {{ id }} }} }}"
    edges = ask("hub", f"{{ {name}(first: 100) {{ edges {{ cursor node {{ id }} }} }} }}")[name]["edges"]
    seen = view(username)
    hidden = [edge for edge in edges if not seen.sees(edge["node"]["id"])][::9]
    assert hidden
    for edge in hidden:
        found = ask(username, page, {"after": edge["cursor"]})[name]
        behind = [id_ for id_ in seen.ids(type_name) if int(id_[1:]) > int(edge["node"]["id"][1:])]
        assert [node["id"] for node in found["nodes"]] == behind[:100]
        assert found["totalCount"] == len(seen.rows[type_name])


# -- permissions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "{ personnel { nodes { name } } }",
        "{ personnel { nodes { again: name } } }",
        "{ personnel { edges { node { ...F } } } } fragment F on Person { name }",
        "{ personnel { nodes { gender } } }",
        "{ personnel { nodes { phone } } }",
        "{ personnel { nodes { idNumber } } }",
        "{ personnel { nodes { birthDate } } }",
        "{ personnel { nodes { address } } }",
        "{ personnel { nodes { private { phone } } } }",
        "{ personnel { nodes { qualifications { certificateNumber } } } }",
        "{ stations { nodes { responsibilityChain { responsiblePerson { name } } } } }",
        "{ grids { nodes { gridWorkers { phone } } } }",
        "{ volunteerTeams { nodes { memberships { person { name } } } } }",
        '{ node(id: "P1") { ... on Person { name } } }',
        "{ nodes(ids: []) { ... on Person { name } } }",
        '{ personnel(where: { name: { startsWith: "王" } }) { totalCount } }',
        '{ personnel(where: { not: { name: { eq: "王" } } }) { totalCount } }',
        "{ personnel(where: { or: [{ kind: { eq: VOLUNTEER } }, { name: { in: [] } }] }) { totalCount } }",
        '{ personnel(where: { phone: { eq: "13800000000" } }) { totalCount } }',
        '{ personnel(where: { idNumber: { eq: "350526198001010011" } }) { totalCount } }',
        "{ personnel(orderBy: [{ field: NAME }]) { nodes { id } } }",
        "{ personnel(orderBy: [{ field: KIND }, { field: NAME, direction: DESC }]) { pageInfo { endCursor } } }",
        "{ communities { nodes { personnel(orderBy: [{ field: NAME }]) { totalCount } } } }",
    ],
)
def test_an_observer_is_forbidden_what_tells_people_apart(post: Ask, query: str) -> None:
    answer = post("hub-observer", query).json()
    assert list(answer["data"].values()) == [None]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("argument", "type_", "value"),
    [
        ("where", "PersonFilter", {"name": {"eq": "王"}}),
        ("where", "PersonFilter", {"and": [{"not": {"phone": {"eq": "1"}}}]}),
        ("orderBy", "[PersonOrder!]", [{"field": "NAME"}]),
    ],
)
def test_a_variable_does_not_slip_past_a_permission(post: Ask, argument: str, type_: str, value: Any) -> None:
    query = f"query ($v: {type_}) {{ personnel({argument}: $v) {{ totalCount }} }}"
    # The plan of a variable that asks for nothing special must not serve the one that does.
    assert "errors" not in post("hub-observer", query, {"v": None}).json()
    answer = post("hub-observer", query, {"v": value}).json()
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "errors" not in post("hub", query, {"v": value}).json()


def test_a_plan_that_a_manager_made_does_not_serve_an_observer(post: Ask) -> None:
    query = "{ personnel(first: 2) { nodes { name phone } } }"
    assert "errors" not in post("hub", query).json()
    assert post("hub-observer", query).json()["data"] == {"personnel": None}
    assert "errors" not in post("hub", query).json()


def test_an_observer_counts_what_a_manager_counts(ask: Ask) -> None:
    query = """{ personnel { totalCount } volunteers: personnel(where: { kind: { eq: VOLUNTEER } }) { totalCount }
      linked: personnel(where: { duty: { eq: LINKED_SOCIAL_WORKER } }) { totalCount } grids { totalCount } }"""
    assert ask("hub-observer", query) == ask("hub", query)


# -- grants --------------------------------------------------------------------------------------------------------

GRANTS = "{ viewer { grant { id role } grants { id role place { code } } scope { code } } stations { nodes { code } } }"


def test_the_header_picks_the_grant_and_with_it_scope_and_permissions(ask: Ask, post: Ask) -> None:
    first = ask("sanban", GRANTS)
    assert first["viewer"]["scope"] == {"code": "350526102"}
    own, second = first["viewer"]["grants"]
    # Where the other grant lies is out of the scope of this one.
    assert (own["id"], second["place"]) == (first["viewer"]["grant"]["id"], None)
    there = ask("sanban", GRANTS, grant=second["id"])
    assert there["viewer"]["grant"] == {"id": second["id"], "role": "OBSERVER"}
    assert there["viewer"]["scope"] == {"code": "350526110"}
    assert not {n["code"] for n in there["stations"]["nodes"]} & {n["code"] for n in first["stations"]["nodes"]}
    names = "{ personnel { nodes { name } } }"
    assert "errors" not in post("sanban", names).json()
    assert post("sanban", names, grant=second["id"]).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_somebody_elses_grant_answers_as_one_that_there_is_not(post: Ask, ask: Ask, oracle: Oracle) -> None:
    mine = {grant["id"] for grant in ask("leifeng", GRANTS)["viewer"]["grants"]}
    others = [f"R{key}" for key in oracle.rows["Grant"] if f"R{key}" not in mine]
    answers = {told(post("leifeng", GRANTS, grant=grant)) for grant in (*others, "R999999999", "R0", "S1", "nothing")}
    assert len(others) > 10
    assert len(answers) == 1
    assert '"UNAUTHENTICATED"' in answers.pop()


def test_a_grant_that_ended_opens_nothing_at_the_next_request(post: Ask, ask: Ask, database: str) -> None:
    second = ask("sanban", GRANTS)["viewer"]["grants"][1]["id"]
    query = "{ stations { totalCount } }"
    assert post("sanban", query, grant=second).json()["data"]["stations"]["totalCount"] > 0

    async def end(until: str) -> None:
        connection = await asyncpg.connect(database)
        await connection.execute(f"UPDATE account_grant SET valid_to = {until} WHERE id = $1", int(second[1:]))
        await connection.close()

    asyncio.run(end("now()"))
    try:
        answer = post("sanban", query, grant=second).json()
        assert answer["data"] in (None, {"stations": None})
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    finally:
        asyncio.run(end("NULL"))
    assert "errors" not in post("sanban", query, grant=second).json()


def test_what_scopes_hide_is_there_for_the_hub(view: Callable[[str], View]) -> None:
    """Else every test above could pass for want of rows."""
    assert json.dumps(view("hub").hidden()) == "[]"
    assert all(len(view(username).secrets) > 1000 for username in SCOPED)
