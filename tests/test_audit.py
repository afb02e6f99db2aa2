"""The audit log as it is read: who may, what of it, in which order; the history of a row."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLObjectType

from models import Role
from resolvers import account
from resolvers.core.mapping import Entity, entity_of
from resolvers.core.passwords import Passwords
from schema import schema
from server.demo import PASSWORD
from server.embedded import Embedded
from tests.conftest import LOG_IN, Ask
from tests.scene import Scene, World, Writing, Zone, fresh, key, world

CORE = schema._schema
APPEND = """
INSERT INTO audit_entry (place_id, path, station_id, county_id, at, account_id, grant_id, request_id, action, noun,
                         row_id, before, after)
SELECT p.id, p.path, p.station_id, p.county_id, $2, $3, (SELECT min(id) FROM account_grant WHERE account_id = $3), $4,
       $5, $6, $7, $8::jsonb, $9::jsonb FROM place p WHERE p.id = $1 RETURNING id
"""
NOUNS = {
    "S": "station",
    "C": "community",
    "G": "grid",
    "P": "person",
    "A": "assignment",
    "Q": "qualification",
    "T": "volunteer_team",
    "M": "team_membership",
}
HISTORY = " ".join(
    f"... on {type_} {{ history {{ totalCount nodes {{ id subject action }} }} }}"
    for type_ in ("Place", "Person", "Assignment", "Qualification", "VolunteerTeam", "TeamMembership")
)
AT = datetime(2021, 6, 1, tzinfo=UTC)


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


def append(
    scenes: World,
    place: str,
    subject: str = "P1",
    *,
    at: datetime = AT,
    by: int | None = None,
    action: str = "updatePerson",
    noun: str | None = None,
    before: str | None = None,
    after: str | None = None,
) -> str:
    """An entry at a place about a row; its id."""
    noun = noun or NOUNS[subject[0]]
    values = (key(place), at, by, fresh("r"), action, noun, key(subject), before, after)
    return f"E{scenes.value(APPEND, *values)}"


def found(manager: Writing, arguments: str = "", **variables: Any) -> list[str]:
    """The ids of the entries of a page, in its order."""
    types = {"id": "ID", "ids": "[ID!]", "text": "String", "time": "DateTime"}
    declared = ", ".join(f"${name}: {types[name]}" for name in variables)
    head = f"query ({declared})" if declared else "query"
    answer = manager.ask(f"{head} {{ auditEntries{arguments and f'({arguments})'} {{ nodes {{ id }} }} }}", variables)
    return [node["id"] for node in answer["auditEntries"]["nodes"]]


# -- what an entry says --------------------------------------------------------------------------------------------


def test_a_log_in_is_in_the_log_with_who_where_and_whence(ask: Ask) -> None:
    answer = ask(
        "gekeng",
        """{ viewer { account { id } } auditEntries(where: { action: { eq: "logIn" } }, last: 1) { nodes {
          action noun subject before after account { id username } grant { id } place { name } } } }""",
    )
    assert answer["auditEntries"]["nodes"] == [
        {
            "action": "logIn",
            "noun": "session",
            "subject": None,
            "before": None,
            "after": {"address": "127.0.0.1"},
            "account": {"id": answer["viewer"]["account"]["id"], "username": "gekeng"},
            "grant": None,
            "place": {"name": "葛坑镇社工站"},
        }
    ]


def test_a_reading_in_full_is_in_the_history_of_the_person(ask: Ask) -> None:
    reader = "{ personnel(first: 1) { nodes { id private { phone } } } viewer { grant { id } } }"
    asked = ask("meihu", reader)
    query = """query ($id: ID!) { person(id: $id) { history(first: 1) { totalCount nodes {
      action subject account { username } grant { id role } requestId at } } } }"""
    person = asked["personnel"]["nodes"][0]["id"]
    history = ask("meihu", query, {"id": person})["person"]["history"]
    (entry,) = history["nodes"]
    assert history["totalCount"] == 1
    assert (entry["action"], entry["subject"]) == ("readPrivate", person)
    assert entry["account"] == {"username": "meihu"}
    assert entry["grant"] == {"id": asked["viewer"]["grant"]["id"], "role": "MANAGER"}
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry["at"])) < timedelta(minutes=5)
    assert len(entry["requestId"]) > 10


def test_a_write_is_in_the_history_with_what_was_and_what_became(scene: Scene, manager: Writing) -> None:
    grid = scene.here["G2"]
    asked = manager.ask("query ($id: ID!) { grid(id: $id) { name version } }", {"id": grid})["grid"]
    written = manager.write("renameGrid", id=grid, version=asked["version"], name="新网格")
    assert written["errors"] == []
    query = """query ($id: ID!) { grid(id: $id) { history(first: 1) { nodes {
      action noun before after account { id } place { id } } } } }"""
    assert manager.ask(query, {"id": grid})["grid"]["history"]["nodes"] == [
        {
            "action": "renameGrid",
            "noun": "grid",
            "before": {"name": asked["name"]},
            "after": {"name": "新网格"},
            "account": {"id": f"U{manager.account_id}"},
            "place": {"id": grid},
        }
    ]


def test_what_the_command_line_does_has_no_account(scenes: World, scene: Scene, manager: Writing) -> None:
    username = fresh("u")
    code = scenes.value("SELECT code FROM station WHERE id = $1", scene.here.key("B1"))

    async def create() -> int:
        connection = await asyncpg.connect(scenes.url)
        async with connection.transaction():
            made = await account.create(
                connection,
                Passwords(),
                username=username,
                password="很长的密码 long",
                place_code=code,
                role=Role.WORKER,
            )
        await connection.close()
        return made

    made = asyncio.run(create())
    query = """query ($id: ID!) { auditEntries(where: { subject: { eq: $id } }) { nodes {
      action requestId after account { id } grant { id } } } }"""
    assert manager.ask(query, {"id": f"U{made}"})["auditEntries"]["nodes"] == [
        {
            "action": "createAccount",
            "requestId": "command line",
            "after": {"username": username},
            "account": None,
            "grant": None,
        }
    ]
    grant = scenes.value("SELECT id FROM account_grant WHERE account_id = $1", made)
    assert len(found(manager, "where: { subject: { eq: $id } }", id=f"R{grant}")) == 1


def test_json_comes_as_it_was_written(scenes: World, scene: Scene, manager: Writing) -> None:
    after = '{"a": "引\\"号\\\\\\n\\u0001🏮", "b": [1, 2.50, null, true, {}], "c": 12345678901234567890, "d": {"": ""}}'
    entry = append(scenes, scene.here["B1"], before="{}", after=after)
    query = """query ($id: ID!) { auditEntries(where: { id: { eq: $id } }) {
      nodes { before after }
      edges { node { anAliasThatIsLongerThanAnyColumnNameOfPostgreSQLMayEverBeIndeedIs: after } } } }"""
    answer = manager.ask(query, {"id": entry})["auditEntries"]
    expected = {
        "a": '引"号\\\n\x01🏮',
        "b": [1, 2.5, None, True, {}],
        "c": 12345678901234567890,
        "d": {"": ""},
    }
    assert answer["nodes"] == [{"before": {}, "after": expected}]
    assert list(answer["edges"][0]["node"].values()) == [expected]


def test_the_subject_of_an_entry_has_the_letter_of_its_type(scenes: World, scene: Scene) -> None:
    letters = {}
    for type_ in CORE.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__") and "id" in type_.fields:
            behind = entity_of(type_)
            if isinstance(behind, Entity) and behind.prefix:
                letters[behind.table.name] = behind.prefix
    assert letters.pop("audit_entry") == "E"
    told = {}
    for noun in letters:
        entry = append(scenes, scene.there["C2"], "P7", noun=noun)
        told[noun] = scenes.value("SELECT subject FROM audit_entry WHERE id = $1", key(entry))
    unsaid = set(told) - {noun for noun, subject in told.items() if subject}
    # What is only ever written with its place.
    assert unsaid <= {"placement", "division_code"}
    assert {noun: subject for noun, subject in told.items() if subject} == {
        noun: f"{letter}7" for noun, letter in letters.items() if noun not in unsaid
    }


# -- which entries -------------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_pages_go_on_from_their_cursor(scenes: World, scene: Scene, manager: Writing) -> None:
    entries = [append(scenes, scene.here["B2"], action="paged") for _ in range(5)]
    query = """query ($after: String, $order: [AuditEntryOrder!]) {
      auditEntries(where: { action: { eq: "paged" } }, first: 2, after: $after, orderBy: $order) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } } }"""
    for order, expected in ((None, entries[::-1]), ([{"field": "ID"}], entries)):
        seen: list[str] = []
        after, more = None, True
        while more:
            page = manager.ask(query, {"after": after, "order": order})["auditEntries"]
            assert page["totalCount"] == len(entries)
            seen += [node["id"] for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert seen == expected
    last = manager.ask('{ auditEntries(where: { action: { eq: "paged" } }, last: 2) { nodes { id } } }')
    assert [node["id"] for node in last["auditEntries"]["nodes"]] == entries[1::-1]


def test_filters_find_what_they_say(scenes: World, scene: Scene, manager: Writing) -> None:
    here = scene.here
    mine = manager.account_id
    one = append(scenes, here["B1"], "P1", action="filterOne", by=mine, at=AT)
    two = append(scenes, here["C1"], "P2", action="filterTwo", at=AT + timedelta(days=1))
    three = append(scenes, here["B2"], "G2", action="filterThree", at=AT + timedelta(days=2), by=mine)
    only = 'action: { startsWith: "filter" }'
    for where, variables, expected in (
        ("account: { eq: $id }", {"id": f"U{mine}"}, [three, one]),
        ("account: { in: $ids }", {"ids": [f"U{mine}", "U999"]}, [three, one]),
        ("account: { eq: $id }", {"id": f"P{mine}"}, []),
        ("not: { account: { eq: $id } }", {"id": f"U{mine}"}, [two]),
        ('and: [{ action: { in: ["filterOne", "filterTwo"] } }]', {}, [two, one]),
        ("noun: { eq: $text }", {"text": "grid"}, [three]),
        ("subject: { eq: $id }", {"id": "P2"}, [two]),
        ("subject: { in: $ids }", {"ids": ["P1", "G2", "nothing"]}, [three, one]),
        ("subject: { eq: $id }", {"id": "P02"}, []),
        ("within: $id", {"id": here["B1"]}, [two, one]),
        ("within: $id", {"id": here["C1"]}, [two]),
        ("at: { gte: $time }", {"time": "2021-06-02T08:00:00+08:00"}, [three, two]),
        ("at: { lt: $time }", {"time": "2021-06-02T00:00:00Z"}, [one]),
        ("at: { gte: $time, lt: $time }", {"time": "2021-06-02T00:00:00Z"}, []),
        ("id: { in: $ids }", {"ids": [one, three]}, [three, one]),
    ):
        assert found(manager, f"where: {{ {only}, {where} }}", **variables) == expected, where


@pytest.mark.parametrize(
    "time", ["2021-06-01T08:00:00", "2021-06-01", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"]
)
def test_a_time_that_is_no_instant_is_refused(manager: Writing, time: str) -> None:
    query = "query ($time: DateTime) { auditEntries(where: { at: { gte: $time } }) { totalCount } }"
    for answer in (
        manager.post(query, {"time": time}).json(),
        manager.post(f'{{ auditEntries(where: {{ at: {{ lt: "{time}" }} }}) {{ totalCount }} }}').json(),
    ):
        assert answer["data"] == {"auditEntries": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("time", ["", "now", "infinity", "2021-13-01T00:00:00Z", "9999-12-31T24:00", "\0"])
def test_what_is_no_time_is_refused(manager: Writing, time: str) -> None:
    query = "query ($time: DateTime) { auditEntries(where: { at: { gte: $time } }) { totalCount } }"
    response = manager.post(query, {"time": time})
    assert response.status_code < 500
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["BAD_USER_INPUT"]


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
