"""What a review of writing has found: writes that should have been refused, and refusals that were failures."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from models import Role
from resolvers import account
from resolvers.core import owner
from resolvers.core.passwords import Passwords
from server.migrate import SERVER_ROLE
from server.transfer.tables import Table
from server.transfer.values import Fault, Number
from server.transfer.xlsx import Unreadable
from tests.importing import GRID, grid, refusal
from tests.payloads import mutating
from tests.test_import_files import rewritten
from tests.writing import Places, Writing


def version(writing: Writing, table: str, public_id: str) -> int:
    found: int = writing.value(f"SELECT version FROM {table} WHERE id = $1", int(public_id[1:]))
    return found


def refused(payload: Any) -> tuple[str, list[str]]:
    (error,) = payload["errors"]
    return error["code"], error["path"]


# -- what places are given -----------------------------------------------------------------------------------------


def test_a_station_was_not_opened_on_the_first_day_of_all(writing: Writing, places: Places) -> None:
    seen = version(writing, "station", places.station)
    given = {"id": places.station, "version": seen, "openedOn": "0001-01-01"}
    payload = writing.write("hub", "updateStation", "station { openedOn }", **given)
    assert refused(payload) == ("INVALID", ["input", "openedOn"])
    assert writing.value("SELECT count(*) FROM station WHERE NOT isfinite(opened_on)") == 0


def test_a_grid_does_not_hang_there_since_the_first_day_of_all(writing: Writing, places: Places) -> None:
    given = {"parentId": places.village, "code": "first", "name": "第一格", "divisionCode": "350526201200"}
    payload = writing.write(
        "leifeng", "createGrid", "grid { id }", **given, households=1, residents=1, since="0001-01-01"
    )
    assert refused(payload) == ("INVALID", ["input", "since"])


@pytest.mark.parametrize("name", ["\u200b", "甲\u202e乙", "a\u0007b", " \n "])
def test_a_place_is_not_named_by_what_nobody_sees(writing: Writing, places: Places, name: str) -> None:
    seen = version(writing, "grid", places.grid)
    payload = writing.write("leifeng", "renameGrid", "grid { name }", id=places.grid, version=seen, name=name)
    assert refused(payload) == ("INVALID", ["input", "name"])


def test_codes_of_places_do_not_differ_by_a_line_end(writing: Writing, places: Places) -> None:
    given = {
        "parentId": places.village,
        "name": "同格",
        "divisionCode": "350526201200",
        "households": 1,
        "residents": 1,
    }
    first = writing.write("leifeng", "createGrid", "grid { code }", **given, code=" same\n")
    assert (first["grid"], first["errors"]) == ({"code": "same"}, [])
    assert refused(writing.write("leifeng", "createGrid", "grid { code }", **given, code="same\n"))[0] == "TAKEN"


def test_a_place_is_not_closed_before_what_hung_below_it_left(writing: Writing, places: Places) -> None:
    sized = {"divisionCode": "350526201200", "households": 1, "residents": 1, "since": "2020-01-01"}
    given = {"parentId": places.station, "code": "past", "name": "旧村", "kind": "VILLAGE", **sized}
    village = writing.write("hub", "createCommunity", "community { id version }", **given)["community"]
    given = {"parentId": village["id"], "code": "past-01", "name": "旧格", **sized}
    grid = writing.write("hub", "createGrid", "grid { id version }", **given)["grid"]
    assert writing.write("hub", "moveGrid", "grid { id }", **grid, parentId=places.other)["errors"] == []
    early = writing.write("hub", "closeCommunity", "community { id }", **village, on="2024-01-01")
    assert refused(early) == ("INVALID", ["input", "on"])
    assert writing.write("hub", "closeCommunity", "community { id }", **village)["errors"] == []


def test_a_station_is_not_closed_before_it_was_opened(writing: Writing, places: Places) -> None:
    zone = writing.value("SELECT 'S' || id FROM station WHERE level = 'DEMONSTRATION' ORDER BY id LIMIT 1")
    given = {"parentId": zone, "code": "brief", "name": "短站", "divisionCode": "350526999", "openedOn": "2020-01-01"}
    station = writing.write("hub", "createStation", "station { id version }", **given)["station"]
    changed = writing.write("hub", "updateStation", "station { id version }", **station, openedOn="2024-01-01")
    early = writing.write("hub", "closeStation", "station { id }", **changed["station"], on="2023-01-01")
    assert refused(early) == ("INVALID", ["input", "on"])


# -- what never was ------------------------------------------------------------------------------------------------


def test_a_duty_that_was_called_off_does_not_keep_a_social_worker_one(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village, "SOCIAL_WORKER")
    given = {"personId": person["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    made = writing.write("leifeng", "assignPerson", "assignment { id version }", **given, validFrom="2100-01-01")
    off = writing.write("leifeng", "endAssignment", "assignment { id }", **made["assignment"], on="2100-01-01")
    assert off["errors"] == []
    changed = {"id": person["id"], "version": person["version"], "kind": "VOLUNTEER"}
    assert writing.write("leifeng", "updatePerson", "person { kind }", **changed)["errors"] == []


# -- what the policies hold alone ----------------------------------------------------------------------------------

WHO = """
SELECT set_config('zhanwang.scope', $1, true), set_config('zhanwang.account', $2::bigint::text, true),
       set_config('zhanwang.role', 'MANAGER', true)
"""
TAKE = "UPDATE {0} SET place_id = $2, path = $3, station_id = $4, county_id = $5 WHERE id = $1"


def taken(writing: Writing, table: str, key: int, scope: Any, to: Any, account_id: int = 0) -> str:
    """What the server's role is told when it takes a row to a place, under a scope; undone."""

    async def run() -> str:
        connection = await asyncpg.connect(writing.url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(f"SET LOCAL ROLE {SERVER_ROLE}")
            await connection.fetch(WHO, scope["path"], account_id)
            where = (to["id"], to["path"], to["station_id"], to["county_id"])
            return str(await connection.execute(TAKE.format(table), key, *where))
        except asyncpg.InsufficientPrivilegeError as error:
            return str(error)
        finally:
            await transaction.rollback()
            await connection.close()

    return asyncio.run(run())


def test_row_level_security_alone_lets_nobody_take_a_person_whom_they_merely_see(
    writing: Writing, places: Places
) -> None:
    home = writing.sql("SELECT * FROM place WHERE id = $1", int(places.elsewhere[1:]))[0]
    person = writing.hire("hub", places.elsewhere, "SOCIAL_WORKER")
    given = {"personId": person["id"], "placeId": places.village, "duty": "LINKED_SOCIAL_WORKER"}
    assigned = writing.write("hub", "assignPerson", "assignment { id }", **given, validFrom="2024-01-01")
    assert assigned["errors"] == []
    station = writing.sql("SELECT * FROM place WHERE id = $1", int(places.station[1:]))[0]
    key = int(person["id"][1:])
    seen = writing.ask("leifeng", "query ($id: ID!) { person(id: $id) { id } }", {"id": person["id"]})
    assert seen["person"]
    assert taken(writing, "person", key, station, station) == "UPDATE 0"
    assert taken(writing, "person", key, home, home) == "UPDATE 1"


def test_row_level_security_alone_lets_no_account_move_itself_out_of_scope(writing: Writing, places: Places) -> None:
    (mine,) = writing.sql("SELECT * FROM account WHERE username = 'leifeng'")
    (station,) = writing.sql("SELECT * FROM place WHERE id = $1", int(places.station[1:]))
    (hub,) = writing.sql("SELECT * FROM place WHERE level = 'HUB'")
    (village,) = writing.sql("SELECT * FROM place WHERE id = $1", int(places.village[1:]))
    assert "row-level security" in taken(writing, "account", mine["id"], station, hub, mine["id"])
    assert taken(writing, "account", mine["id"], station, village, mine["id"]) == "UPDATE 1"
    # As when a password is changed: no scope is needed for what stays where it is.
    assert taken(writing, "account", mine["id"], {"path": ""}, station, mine["id"]) == "UPDATE 1"


# -- what stands in the way of each other --------------------------------------------------------------------------


Work = Callable[[asyncpg.Connection], Awaitable[object]]


def given_up(writing: Writing, mutation: str, given: dict[str, Any], hold: Work, meanwhile: Work) -> None:
    """Asks leifeng for what has to wait for what a transaction holds; after what that does meanwhile, it is refused."""
    answers: list[Any] = []
    query = mutating(mutation, "errors { code }")

    async def run() -> None:
        connection = await asyncpg.connect(writing.url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await hold(connection)
            ask = threading.Thread(
                target=lambda: answers.append(writing.post("leifeng", query, {"input": given}).json())
            )
            ask.start()
            while not await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await connection.execute("SELECT pg_sleep(0.01)")
            await meanwhile(connection)
            await asyncio.to_thread(ask.join)
        finally:
            await transaction.rollback()
            await connection.close()

    asyncio.run(run())
    (error,) = answers[0]["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"


def test_who_loses_a_deadlock_may_try_again(writing: Writing, places: Places) -> None:
    person = writing.hire("leifeng", places.village)
    assign = {"personId": person["id"], "placeId": places.village, "duty": "AUXILIARY_POLICE"}
    made = writing.write("leifeng", "assignPerson", "assignment { id version }", **assign, validFrom="2024-01-01")
    assignment = made["assignment"]
    given = {"id": assignment["id"], "version": assignment["version"], "placeId": places.other}

    async def hold(connection: asyncpg.Connection) -> None:
        # So that it is the server's statement that is given up.
        await connection.execute("SET LOCAL deadlock_timeout = '30s'")
        await connection.execute(
            "INSERT INTO assignment (place_id, path, station_id, county_id, person_id, person_path, duty, valid_from)"
            " SELECT p.id, p.path, p.station_id, p.county_id, w.id, w.path, 'AUXILIARY_POLICE', '2024-01-01'"
            " FROM person w, place p WHERE w.id = $1 AND p.id = $2",
            int(person["id"][1:]),
            int(places.other[1:]),
        )

    async def meanwhile(connection: asyncpg.Connection) -> None:
        await connection.execute("SELECT FROM assignment WHERE id = $1 FOR UPDATE", int(assignment["id"][1:]))

    given_up(writing, "transferAssignment", given, hold, meanwhile)
    assert writing.write("leifeng", "transferAssignment", "assignment { id }", **given)["errors"] == []


def test_a_move_that_waits_for_an_import_does_not_keep_others_waiting_for_long(
    writing: Writing, places: Places
) -> None:
    given = {"id": places.grid, "version": version(writing, "grid", places.grid), "parentId": places.other}
    rename = {"id": places.village, "version": version(writing, "community", places.village), "name": "等村"}

    async def hold(connection: asyncpg.Connection) -> None:
        # As an import does for as long as it takes.
        await connection.execute("SELECT lock_county(id, false) FROM place WHERE level = 'HUB'")

    async def meanwhile(_: asyncpg.Connection) -> None:
        renamed = await asyncio.to_thread(writing.write, "hub", "renameCommunity", "community { id }", **rename)
        assert renamed["errors"] == []

    given_up(writing, "moveGrid", given, hold, meanwhile)
    assert writing.write("leifeng", "moveGrid", "grid { id }", **given)["errors"] == []


# -- files that cannot be read -------------------------------------------------------------------------------------


def test_a_file_of_half_a_character_is_refused(send: Callable[..., Any]) -> None:
    assert refusal(send("nancheng", "grids", b"\xff\xfea\0b")) == (400, "UNREADABLE_FILE")


def test_a_workbook_in_an_encoding_that_there_is_not_is_refused() -> None:
    body = rewritten({"xl/workbook.xml": b'<?xml version="1.0" encoding="no-such"?><workbook/>'})
    with pytest.raises(Unreadable):
        Table(body)


@pytest.mark.parametrize("text", ["9E999999999999999999", "9" * 5000, "1E+1000000"])
def test_a_number_beyond_all_numbers_is_a_fault_of_its_cell(text: str) -> None:
    with pytest.raises(Fault):
        Number(text).digits()


def test_an_import_of_a_day_before_all_others_is_a_fault_of_its_row(load: Callable[..., Any], community: str) -> None:
    answer = load("nancheng", "grids", [*GRID, "起始日期"], [*grid(community, 1), "0001-01-01"], dryRun="true")
    assert [(fault["column"], fault["code"]) for fault in answer["errors"]] == [("起始日期", "INVALID")]


# -- the command line ----------------------------------------------------------------------------------------------


def test_no_account_is_made_at_a_closed_place_and_no_grant_given(writing: Writing, places: Places) -> None:
    given = {"parentId": places.village, "code": "shut", "name": "撤格", "divisionCode": "350526201200"}
    made = writing.write("leifeng", "createGrid", "grid { id version }", **given, households=1, residents=1)["grid"]
    assert writing.write("leifeng", "closeGrid", "grid { id }", **made)["errors"] == []

    async def run(create: bool) -> None:
        connection = await asyncpg.connect(writing.url)
        try:
            async with connection.transaction():
                if create:
                    named: dict[str, Any] = {"username": "late", "password": "correct horse battery"}
                    await account.create(connection, Passwords(), **named, place_code="shut", role=Role.WORKER)
                else:
                    await account.grant(connection, username="leifeng", place_code="shut", role=Role.WORKER)
        finally:
            await connection.close()

    for create in (True, False):
        with pytest.raises(owner.AccountRefused, match="closed"):
            asyncio.run(run(create))


# -- what the log tells of those who have left ----------------------------------------------------------------------


def test_the_log_of_a_place_does_not_tell_its_new_zone_of_people_who_left_before(writing: Writing) -> None:
    query = """{ station(code: "350526104") { id version communities(first: 2) { nodes { id } } }
      to: station(code: "350526102") { id } }"""
    found = writing.ask("hub", query)
    first, second = [node["id"] for node in found["station"]["communities"]["nodes"]]
    given = {"homeId": first, "kind": "VOLUNTEER", "name": "离去者", "gender": "FEMALE"}
    person = writing.write("leifeng", "createPerson", "person { id version }", **given)["person"]
    moved = {"id": person["id"], "version": person["version"], "homeId": second}
    assert writing.write("leifeng", "updatePerson", "person { id }", **moved)["errors"] == []
    row = writing.sql("SELECT version FROM community WHERE id = $1", int(first[1:]))[0]
    given = {"id": first, "version": row["version"], "parentId": found["to"]["id"]}
    assert writing.write("hub", "moveCommunity", "community { id }", **given)["errors"] == []
    query = (
        f'{{ auditEntries(where: {{ subject: {{ eq: "{person["id"]}" }} }}) {{ nodes {{ action before after }} }} }}'
    )
    told = writing.ask("sanban", query)["auditEntries"]["nodes"]
    assert told == [
        {"action": "updatePerson", "before": {"place": first}, "after": None},
        {"action": "createPerson", "before": None, "after": None},
    ]
    created = [node for node in writing.ask("hub", query)["auditEntries"]["nodes"] if node["action"] == "createPerson"]
    assert created[0]["after"]["name"] == "离去者"
