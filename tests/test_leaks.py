"""Nothing from outside an account's scope comes back: for an account of every level, everything reachable from Query is
asked with what is out of its scope. Three times: with both guards, and with each of them alone.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests import nouns
from tests.conftest import Ask
from tests.findings import comparable, findings
from tests.guards import BOTH
from tests.harvest import Harvest
from tests.leaking import CORE, SHOWN, account
from tests.lists import CONNECTIONS, FOR_MANAGERS, readable, whole
from tests.oracle import TYPES, View
from tests.reference.pages import Order
from tests.shares import wander

OPERATIONS = int(os.environ.get("LEAK_OPERATIONS", "45"))
BELOW = {
    "Station": ("communities", "grids", "personnel", "volunteerTeams"),
    "Community": ("grids", "personnel", "volunteerTeams"),
    "Grid": ("personnel", "volunteerTeams"),
}
BELOW = {type_: (*names, *(n.many for n in nouns.NOUNS if type_ in n.below)) for type_, names in BELOW.items()}

pytestmark = pytest.mark.usefixtures("frozen_log")


@account
def test_every_id_out_of_scope_names_nothing(
    guards: str, username: str, post: Ask, view: Callable[[str], View]
) -> None:
    hidden = view(username).hidden()
    assert username == "hub-observer" or len(hidden) > 2000
    # With one guard, a third of them.
    hidden = hidden if guards == BOTH else hidden[::3]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    for start in range(0, len(hidden), 100):
        ids = hidden[start : start + 100]
        assert post(username, query, {"ids": ids}).json() == {"data": {"nodes": [None] * len(ids)}}
    for id_ in hidden[::97]:
        assert post(username, "query ($id: ID!) { node(id: $id) { id } }", {"id": id_}).json() == {
            "data": {"node": None}
        }


@account
@pytest.mark.parametrize("name", CONNECTIONS)
def test_a_list_paged_to_its_end_has_exactly_the_rows_in_scope(
    guards: str, username: str, name: str, ask: Ask, view: Callable[[str], View]
) -> None:
    if readable(view(username), CONNECTIONS[name]):
        assert_whole(name, CONNECTIONS[name], ask, view(username))


@pytest.mark.parametrize("username", ["longxun", "leifeng"])
@pytest.mark.parametrize("name", FOR_MANAGERS)
def test_a_managers_list_paged_to_its_end_has_exactly_the_rows_in_scope(
    guards: str, username: str, name: str, ask: Ask, view: Callable[[str], View]
) -> None:
    assert_whole(name, FOR_MANAGERS[name], ask, view(username))


def assert_whole(name: str, type_name: str, ask: Ask, seen: View) -> None:
    query = f"""query ($after: String) {{ {name}(first: 100, after: $after {whole(type_name)}) {{
      totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    ordered = Order.of(None, type_name).sort(list(seen.rows[type_name].values()))
    expected = [f"{TYPES[type_name][1]}{row['id']}" for row in ordered]
    found: list[str] = []
    after, more = None, True
    while more:
        page = ask(seen.username, query, {"after": after})[name]
        found += [node["id"] for node in page["nodes"]]
        assert page["totalCount"] == len(expected)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == expected


@account
def test_counts_below_every_place_are_the_oracles(
    guards: str, username: str, ask: Ask, view: Callable[[str], View]
) -> None:
    seen = view(username)
    for type_name, below in BELOW.items():
        # Of a county's hundreds of communities and grids, every ninth.
        ids = seen.ids(type_name)
        ids = ids if len(ids) < 60 else ids[::9]
        below = tuple(name for name in below if readable(seen, CONNECTIONS[name]))
        counts = [
            f"{name}{reach}: {name}(reach: {reach} {whole(CONNECTIONS[name])}) {{ totalCount }}"
            for name in below
            for reach in REACHES
        ]
        query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_name} {{ id {' '.join(counts)} }} }} }}"
        for node in ask(username, query, {"ids": ids})["nodes"] if ids else ():
            place = seen.rows[type_name][int(node.pop("id")[1:])]
            expected = {
                f"{name}{reach}": {"totalCount": len(seen.below(CONNECTIONS[name], place, own=reach == "OWN"))}
                for name in below
                for reach in REACHES
            }
            assert node == expected, place["code"]


REACHES = ("OWN", "SUBTREE")


@account
def test_counts_within_a_place_are_the_oracles_and_nothing_within_one_out_of_scope(
    guards: str, username: str, ask: Ask, view: Callable[[str], View]
) -> None:
    seen = view(username)
    connections = CONNECTIONS | (FOR_MANAGERS if seen.role == "MANAGER" else {})
    beyond = {noun.many for noun in nouns.NOUNS if not noun.within}
    connections = {name: row for name, row in connections.items() if name not in beyond and readable(seen, row)}
    counts = [f"{name}(where: {{ within: $id }} {whole(row)}) {{ totalCount }}" for name, row in connections.items()]
    query = f"query ($id: ID!) {{ {' '.join(counts)} }}"
    for type_name in BELOW:
        for id_ in seen.ids(type_name)[:: 1 + len(seen.ids(type_name)) // 12]:
            place = seen.rows[type_name][int(id_[1:])]
            expected = {name: {"totalCount": len(seen.below(row, place))} for name, row in connections.items()}
            assert ask(username, query, {"id": id_}) == expected, id_
        for id_ in seen.hidden(type_name)[:: 1 + len(seen.hidden(type_name)) // 12]:
            assert ask(username, query, {"id": id_}) == {name: {"totalCount": 0} for name in connections}, id_


@account
def test_random_operations_and_each_guard_alone_answers_as_both_do(
    guards: str,
    username: str,
    post: Ask,
    view: Callable[[str], View],
    hub: Harvest,
    held: Callable[[str], set[str]],
    answers: dict[str, Any],
) -> None:
    failures = wandered(post, view(username), held(username), hub, answers)
    assert not failures, "\n\n".join(failures[:SHOWN])


def wandered(post: Ask, seen: View, held: set[str], hub: Harvest, answers: dict[str, Any]) -> list[str]:
    """What random operations of an account find.

    answers: those of the guards before, by seed, which must come again.
    """
    failures = []
    for seed, query, variables in wander(CORE, seen, held, hub, OPERATIONS):
        response = post(seen.username, query, variables)
        found = findings(CORE, seen, query, variables, response)
        answer = comparable(response)
        if answers.setdefault(seed, answer) != answer:
            found.append(f"{seen.username}: another answer than with both guards\n{query}\n{variables}")
        failures += [f"seed {seed!r}: {finding}" for finding in found]
    return failures


def test_every_type_with_ids_is_known_to_the_oracle() -> None:
    rows = {t.name for t in CORE.type_map.values() if "id" in getattr(t, "fields", {}) and hasattr(t, "interfaces")}
    assert {name for name in rows if not hasattr(CORE.type_map[name], "resolve_type")} == set(TYPES)
