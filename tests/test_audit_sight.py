"""Who sees which entries of the audit log; the history of a row."""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from models import Role
from server.demo import PASSWORD
from server.embedded import Embedded
from tests.auditing import append, found
from tests.conftest import LOG_IN, Ask
from tests.scene import Scene, World, Writing, Zone, world

HISTORY = " ".join(
    f"... on {type_} {{ history {{ totalCount nodes {{ id subject action }} }} }}"
    for type_ in ("Place", "Person", "Assignment", "Qualification", "VolunteerTeam", "TeamMembership")
)


@pytest.fixture(scope="module")
def scenes(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(embedded, tmp_path_factory.mktemp("audit")) as made:
        yield made


@pytest.fixture(scope="module")
def scene(scenes: World) -> Scene:
    return scenes.scene()


@pytest.fixture(scope="module")
def manager(scene: Scene) -> Writing:
    """Manages the zone `here`."""
    return scene.writer(Role.MANAGER, scene.here["S"])


# -- who sees them -------------------------------------------------------------------------------------------------


def test_a_scope_has_its_own_entries_and_no_others(scenes: World, scene: Scene) -> None:
    entries = {name: append(scenes, scene.here[name], action="scoped") for name in ("H", "S", "B1", "C1", "G1", "B2")}
    entries["there"] = append(scenes, scene.there["C1"], action="scoped")
    for name, below in (
        ("H", ("there", "B2", "G1", "C1", "B1", "S", "H")),
        ("S", ("B2", "G1", "C1", "B1", "S")),
        ("B1", ("G1", "C1", "B1")),
        ("B2", ("B2",)),
        ("G1", ("G1",)),
    ):
        asker = scene.writer(Role.MANAGER, scene.here[name])
        assert found(asker, 'where: { action: { eq: "scoped" } }') == [entries[one] for one in below], name
        counted = asker.ask('{ auditEntries(where: { action: { eq: "scoped" } }) { totalCount } }')
        assert counted["auditEntries"]["totalCount"] == len(below)


def test_leifeng_sees_none_of_anothers(ask: Ask, database: str) -> None:
    # Each log-in leaves an entry at its account's place.
    for username in ("leifeng", "longmentan"):
        ask(None, LOG_IN, {"username": username, "password": PASSWORD})
    answer = ask(
        "leifeng", "{ viewer { scope { id } } auditEntries(first: 100) { totalCount nodes { id place { id } } } }"
    )

    async def mine() -> set[str]:
        connection = await asyncpg.connect(database)
        rows = await connection.fetch(
            "SELECT e.id FROM audit_entry e JOIN station s ON starts_with(e.path, s.path) WHERE s.name = '雷峰镇社工站'"
        )
        assert len(rows) < await connection.fetchval("SELECT count(*) FROM audit_entry")
        await connection.close()
        return {f"E{row['id']}" for row in rows}

    expected = asyncio.run(mine())
    assert expected
    assert {node["id"] for node in answer["auditEntries"]["nodes"]} == expected


def test_who_acted_from_above_is_not_told(scenes: World, scene: Scene, manager: Writing) -> None:
    above = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    entry = append(scenes, scene.here["C1"], by=above.account_id, action="fromAbove")
    query = "query ($id: ID!) { auditEntries(where: { id: { eq: $id } }) { nodes { account { id } grant { id } } } }"
    assert manager.ask(query, {"id": entry})["auditEntries"]["nodes"] == [{"account": None, "grant": None}]
    (told,) = above.ask(query, {"id": entry})["auditEntries"]["nodes"]
    assert told["account"] == {"id": f"U{above.account_id}"}
    # Nor by asking for the entries of one account after the other.
    by = 'where: { action: { eq: "fromAbove" }, account: { eq: $id } }'
    assert found(manager, by, id=f"U{above.account_id}") == []
    assert found(above, by, id=f"U{above.account_id}") == [entry]


@pytest.mark.parametrize("role", [Role.WORKER, Role.OBSERVER])
def test_who_does_not_manage_is_refused(scene: Scene, role: Role) -> None:
    asker = scene.writer(role, scene.here["H"])
    person = scene.here["P1"]
    for query in (
        "{ found: auditEntries { totalCount } }",
        f'{{ found: person(id: "{person}") {{ id history {{ totalCount }} }} }}',
        f'{{ found: node(id: "{scene.here["C1"]}") {{ ... on Place {{ history {{ nodes {{ id }} }} }} }} }}',
        "{ found: stations { nodes { history(first: 1) { nodes { after } } } } }",
    ):
        answer = asker.post(query).json()
        assert answer["data"] == {"found": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


def test_an_entry_is_no_node(scenes: World, scene: Scene) -> None:
    entry = append(scenes, scene.here["C1"])
    for role in (Role.WORKER, Role.ADMINISTRATOR):
        asker = scene.writer(role, scene.here["H"])
        assert asker.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": entry}) == {"node": None}


# -- the history of a row ------------------------------------------------------------------------------------------


def histories(asker: Writing, ids: list[str]) -> list[Any]:
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {HISTORY} }} }}"
    return [node and node["history"] for node in asker.ask(query, {"ids": ids})["nodes"]]


def rows_of(zone: Zone) -> list[str]:
    """One row of every type that has a history."""
    return [zone[name] for name in ("S", "B1", "C1", "G1", "P1", "A1", "Q1", "T1", "M1")]


def test_every_type_of_node_has_the_history_of_its_row_alone(scenes: World) -> None:
    scene = scenes.scene()
    rows = rows_of(scene.here)
    entries: dict[str, list[str]] = {}
    for place in ("B1", "G1"):
        for row in rows:
            entries.setdefault(row, []).append(append(scenes, scene.here[place], row, action=f"at{place}"))
    asker = scene.writer(Role.MANAGER, scene.here["S"])
    for row, history in zip(rows, histories(asker, rows), strict=True):
        first, second = entries[row]
        assert history == {
            "totalCount": 2,
            "nodes": [
                {"id": second, "subject": row, "action": "atG1"},
                {"id": first, "subject": row, "action": "atB1"},
            ],
        }


def test_a_history_has_no_entries_that_are_kept_out_of_scope(scenes: World) -> None:
    scene = scenes.scene()
    rows = rows_of(scene.here)[1:]
    inside = {row: append(scenes, scene.here["B1"], row) for row in rows}
    for row in rows:
        append(scenes, scene.here["B2"], row)
        append(scenes, scene.here["S"], row)
        append(scenes, scene.there["B1"], row)
    asker = scene.writer(Role.MANAGER, scene.here["B1"])
    for row, history in zip(rows, histories(asker, rows), strict=True):
        assert [node["id"] for node in history["nodes"]] == [inside[row]]
        assert history["totalCount"] == 1
    assert histories(asker, rows_of(scene.there)) == [None] * len(rows_of(scene.there))


def test_a_history_can_be_filtered_ordered_and_paged(scenes: World) -> None:
    scene = scenes.scene()
    person = scene.here["P2"]
    entries = [append(scenes, scene.here["C1"], person, action=f"act{number % 2}") for number in range(4)]
    asker = scene.writer(Role.MANAGER, scene.here["S"])
    query = """query ($id: ID!) { person(id: $id) {
      odd: history(where: { action: { eq: "act1" } }) { nodes { id } }
      oldest: history(orderBy: [{ field: ID, direction: ASC }], first: 1) {
        nodes { id } pageInfo { hasNextPage } } } }"""
    answer = asker.ask(query, {"id": person})["person"]
    assert [node["id"] for node in answer["odd"]["nodes"]] == [entries[3], entries[1]]
    assert answer["oldest"] == {"nodes": [{"id": entries[0]}], "pageInfo": {"hasNextPage": True}}
