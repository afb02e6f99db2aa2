"""Levels above the county: what an account at a region writes, who waits for whom, what the database holds."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from models import Role
from resolvers import account, escalation
from resolvers.core import owner
from resolvers.core.passwords import Passwords
from server.database import Database
from server.embedded import Embedded
from tests import invariants
from tests.regions import Regions
from tests.scene import Writing, fresh, key, world

PERSON = "mutation ($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code path } } }"
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
AGAIN = "UPDATE referral SET due_on = '2021-01-01' WHERE id = ANY ($1)"
MISSING = "S999999999"
TREE = (
    "a place is one node of its level",
    "the places are a tree",
    "a station's level follows from its parent's",
    "an open place hangs where its placement says",
    "a place's code is the one that has not ended",
)


@pytest.fixture(scope="module")
def regions(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Regions over three counties, in a database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("regions")) as made:
        yield Regions(made)


# -- writing -------------------------------------------------------------------------------------------------------


def person(home: str) -> dict[str, Any]:
    return {"input": {"homeId": home, "kind": "VOLUNTEER", "name": "试用人员", "gender": "FEMALE"}}


@pytest.mark.parametrize("name", ["N", "P", "Y"])
def test_a_region_writes_into_the_counties_below(regions: Regions, name: str) -> None:
    writer = regions.writer(Role.MANAGER, regions[name])
    for county in regions.counties(name):
        payload = writer.ask(PERSON, person(county.here["C1"]))["createPerson"]
        assert payload["errors"] == []
        made = regions.world.sql("SELECT county_id FROM person WHERE id = $1", key(payload["person"]["id"]))
        assert made[0]["county_id"] == county.here.key("H")


@pytest.mark.parametrize("name", ["P", "Y"])
def test_a_region_writes_nothing_outside(regions: Regions, name: str) -> None:
    writer = regions.writer(Role.MANAGER, regions[name])
    before = regions.world.digest()
    answers = [writer.ask(PERSON, person(home)) for home in (regions.c.here["C1"], regions["Q"], regions["N"], MISSING)]
    refused = {"person": None, "errors": [{"code": "NOT_FOUND", "path": ["input", "homeId"]}]}
    assert answers == [{"createPerson": refused}] * 4
    assert regions.world.changed(before) == []


@pytest.mark.parametrize(
    ("mutation", "given"),
    [
        ("createStation", {"parentId": "Y", "name": "站", "code": "new", "divisionCode": "350527"}),
        ("createCommunity", {"parentId": "Y", "name": "村", "code": "new", "divisionCode": "350527001001",
                             "kind": "VILLAGE", "households": 1, "residents": 1}),
        ("moveStation", {"id": "A", "version": 1, "parentId": "Q"}),
        ("moveStation", {"id": "Y", "version": 1, "parentId": "Q"}),
        ("moveStation", {"id": "AS", "version": 1, "parentId": "Y"}),
        ("moveStation", {"id": "AS", "version": 1, "parentId": "B"}),
        ("moveCommunity", {"id": "AC1", "version": 1, "parentId": "BB1"}),
        ("closeStation", {"id": "A", "version": 1, "successorId": "B"}),
        ("closeStation", {"id": "Y", "version": 1, "successorId": "Q"}),
        ("closeCommunity", {"id": "AC1", "version": 1, "successorId": "BC1"}),
    ],
)  # fmt: skip
def test_hubs_and_regions_are_not_made_moved_or_closed_and_no_place_leaves_its_county(
    regions: Regions, mutation: str, given: dict[str, Any]
) -> None:
    writer = regions.writer(Role.ADMINISTRATOR, regions["N"])
    ids = dict(regions.ids)
    for letter, scene in (("A", regions.a), ("B", regions.b)):
        ids |= {f"{letter}{name}": id_ for name, id_ in scene.here.ids.items()} | {letter: scene.here["H"]}
    before = regions.world.digest()
    given = {name: ids.get(value, value) if name.lower().endswith("id") else value for name, value in given.items()}
    errors = writer.write(mutation, **given)["errors"]
    assert [error["code"] for error in errors] == ["INVALID"]
    assert regions.world.changed(before) == []


def test_the_preview_and_the_rules_say_what_the_mutations_say(regions: Regions) -> None:
    asker = regions.writer(Role.ADMINISTRATOR, regions["N"])
    preview = "query ($id: ID!, $to: ID!) { previewMove(id: $id, parentId: $to) { reason } }"
    a, b = regions.a.here, regions.b.here
    for id_, to, reason in (
        (a["H"], regions["Q"], "ROOT"),
        (regions["Y"], regions["Q"], "ROOT"),
        (a["S"], regions["Y"], "OTHER_COUNTY"),
        (a["C1"], b["B1"], "OTHER_COUNTY"),
        (a["C1"], a["B2"], None),
    ):
        assert asker.ask(preview, {"id": id_, "to": to})["previewMove"]["reason"] == reason
    can = "query ($id: ID!, $action: Action!) { viewer { can(action: $action, id: $id) { reason } } }"
    for action, id_, reason in (
        ("CREATE_STATION", regions["Y"], "WRONG_LEVEL"),
        ("CREATE_STATION", a["H"], None),
        ("CREATE_COMMUNITY", regions["Y"], "WRONG_LEVEL"),
        ("CLOSE_STATION", a["H"], "ROOT"),
        ("CLOSE_STATION", regions["Y"], "ROOT"),
        ("MOVE_STATION", a["H"], "ROOT"),
        ("CREATE_SERVICE_ITEM", regions["Y"], "WRONG_LEVEL"),
    ):
        assert asker.ask(can, {"id": id_, "action": action})["viewer"]["can"]["reason"] == reason, action


def test_a_place_offers_nothing_of_another_countys_catalogue(regions: Regions) -> None:
    writer = regions.writer(Role.ADMINISTRATOR, regions["Y"])
    query = """mutation ($input: OfferServiceInput!) { offerService(input: $input) { errors { code path } } }"""
    given = {"placeId": regions.a.here["B2"], "itemId": regions.b.here["SI1"], "validFrom": "2031-01-01"}
    refused = [{"code": "INVALID", "path": ["input", "itemId"]}]
    assert writer.ask(query, {"input": given})["offerService"]["errors"] == refused
    given["itemId"] = regions.a.here["SI1"]
    assert writer.ask(query, {"input": given})["offerService"]["errors"] == []


# -- who waits for whom --------------------------------------------------------------------------------------------


def while_locked(regions: Regions, county: str, whole: bool, write: Callable[[], httpx.Response]) -> httpx.Response:
    """The answer to a write that has to wait for a transaction which has a county's, or a region's, lock."""
    answers: list[httpx.Response] = []

    async def hold() -> None:
        connection = await asyncpg.connect(regions.world.url)
        async with connection.transaction():
            await connection.execute("SELECT lock_county($1, $2)", key(county), whole)
            thread.start()
            while not await connection.fetchval(WAITING):
                assert thread.is_alive(), answers
        await connection.close()

    thread = threading.Thread(target=lambda: answers.append(write()))
    asyncio.run(hold())
    thread.join()
    return answers[0]


@pytest.mark.parametrize("name", ["N", "P", "Y"])
@pytest.mark.parametrize("whole", [True, False], ids=["a move", "a write"])
def test_a_regions_write_waits_for_what_is_under_way_in_a_county(regions: Regions, name: str, whole: bool) -> None:
    writer = regions.writer(Role.MANAGER, regions[name])
    home = person(regions.b.here["C1"])
    answer = while_locked(regions, regions.a.here["H"], whole, lambda: writer.post(PERSON, home))
    assert answer.json()["data"]["createPerson"]["errors"] == []


@pytest.mark.parametrize("name", ["N", "P", "Y"])
def test_a_countys_move_waits_for_a_regions_write(regions: Regions, name: str) -> None:
    scene = regions.a
    writer = scene.writer(Role.ADMINISTRATOR, scene.here["H"])
    version = regions.world.value("SELECT version FROM grid WHERE id = $1", scene.here.key("G2"))
    here = regions.world.value("SELECT parent_id FROM grid WHERE id = $1", scene.here.key("G2"))
    to = next(scene.here[name] for name in ("C1", "C2") if scene.here.key(name) != here)
    query = "mutation ($input: MoveGridInput!) { moveGrid(input: $input) { errors { code } } }"
    given = {"input": {"id": scene.here["G2"], "version": version, "parentId": to}}
    answer = while_locked(regions, regions[name], True, lambda: writer.post(query, given))
    assert answer.json()["data"]["moveGrid"]["errors"] == []


def test_a_regions_write_keeps_out_nobody_beside_it(regions: Regions) -> None:
    beside = regions.c.writer(Role.MANAGER, regions.c.here["H"])

    async def hold() -> httpx.Response:
        connection = await asyncpg.connect(regions.world.url)
        async with connection.transaction():
            await connection.execute("SELECT lock_county($1, true)", key(regions["P"]))
            answer = await asyncio.to_thread(beside.post, PERSON, person(regions.c.here["C1"]))
        await connection.close()
        return answer

    assert asyncio.run(hold()).json()["data"]["createPerson"]["errors"] == []


# -- what the database holds ---------------------------------------------------------------------------------------

HANG = """
UPDATE place SET parent_id = p.id, parent_level = p.level, parent_path = p.path, parent_station_id = p.station_id,
                 parent_county_id = p.county_id
  FROM (SELECT * FROM place) AS p WHERE p.id = $2 AND place.id = $1
"""


@pytest.mark.parametrize(
    ("place", "parent"), [("N", "N"), ("N", "P"), ("P", "Y"), ("P", "A"), ("A", "B"), ("AS", "Y"), ("AC1", "Y")]
)
def test_no_region_lies_below_itself_and_none_below_a_county(regions: Regions, place: str, parent: str) -> None:
    a = regions.a.here
    ids = regions.ids | {"A": a["H"], "B": regions.b.here["H"], "AS": a["S"], "AC1": a["C1"]}
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        regions.world.sql(HANG, key(ids[place]), key(ids[parent]))


def test_a_region_that_hangs_elsewhere_takes_its_counties_along(regions: Regions) -> None:
    async def go() -> list[Any]:
        connection = regions.world.connection
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(HANG, key(regions["Y"]), key(regions["Q"]))
            return list(await connection.fetch("SELECT path, county_id FROM grid WHERE id = $1", scene.here.key("G1")))
        finally:
            await transaction.rollback()

    scene = regions.a
    path = "".join(f"{key(id_)}." for id_ in (regions["N"], regions["Q"], regions["Y"], scene.here["H"]))
    (grid,) = regions.world.run(go())
    assert grid["path"].startswith(path)
    assert grid["county_id"] == scene.here.key("H")


def test_a_referral_does_not_go_up_beyond_the_hub(regions: Regions) -> None:
    hub = regions.a.here.key("H")
    late = "UPDATE referral SET due_on = '2021-01-01', state = 'SENT' WHERE county_id = $1 RETURNING id"
    ids = [row["id"] for row in regions.world.sql(late, hub)]
    assert ids

    async def escalate() -> None:
        url = regions.world.settings.database_url
        assert url
        database = await Database.open(url, pool_size=2, statement_timeout_ms=10_000)
        try:
            for _ in range(8):
                await escalation.escalate(database.transaction, "test")
                await asyncio.to_thread(regions.world.sql, AGAIN, ids)
        finally:
            await database.close()

    regions.world.sql("UPDATE referral SET state = 'DONE' WHERE county_id <> $1", hub)
    asyncio.run(escalate())
    at = "SELECT DISTINCT p.level FROM referral r JOIN place p ON p.id = r.escalated_to_id WHERE r.id = ANY ($1)"
    assert [row["level"] for row in regions.world.sql(at, ids)] == ["HUB"]


# -- the command line ----------------------------------------------------------------------------------------------


def test_the_command_line_makes_accounts_at_a_region_and_gives_them_roles(regions: Regions) -> None:
    name = fresh("r")
    code, above, below, beside = map(regions.code, (regions["P"], regions["N"], regions.a.here["B1"], regions["Q"]))

    async def act() -> list[str]:
        connection = regions.world.connection
        async with connection.transaction():
            await account.create(
                connection, Passwords(), username=name, password="battery staple", place_code=code, role=Role.OBSERVER
            )
        for place in (below, above):
            async with connection.transaction():
                await account.grant(connection, username=name, place_code=place, role=Role.MANAGER)
        with pytest.raises(owner.AccountRefused, match="another county"):
            async with connection.transaction():
                await account.grant(connection, username=name, place_code=beside, role=Role.WORKER)
        async with connection.transaction():
            await account.revoke(connection, username=name, place_code=below, role=None)
        async with connection.transaction():
            (listed,) = [row for row in await account.list_all(connection) if row.username == name]
        assert listed.place_code == code
        return list(listed.grants)

    grants = regions.world.run(act())
    assert grants == [f"OBSERVER@{code}", f"MANAGER@{above}"]
    id_ = regions.world.value("SELECT id FROM account WHERE username = $1", name)
    made = Writing(regions.world, id_, regions.world.token(id_))
    assert made.ask("{ viewer { scope { id } } }") == {"viewer": {"scope": {"id": regions["P"]}}}


@pytest.mark.parametrize("name", TREE)
def test_a_tree_with_regions_is_one(regions: Regions, name: str) -> None:
    assert regions.world.sql(invariants.INVARIANTS[name]) == []
