"""The audit log as it is read: what an entry says, which entries are found, in which order."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from graphql import GraphQLObjectType

from models import Role
from resolvers import account
from resolvers.core.mapping import Entity, entity_of
from resolvers.core.passwords import Passwords
from schema import schema
from server.embedded import Embedded
from tests.auditing import AT, append, found
from tests.conftest import Ask
from tests.scene import Scene, World, Writing, fresh, key, world

CORE = schema._schema


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
