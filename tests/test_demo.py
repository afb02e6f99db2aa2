"""The demo's figures, asked over HTTP; and that the demo is loaded once, whole, and always the same."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from cryptography.fernet import Fernet

from resolvers.core.personal import PersonalVault
from server.demo import ACCOUNTS, SECOND_GRANT, load
from server.demo.write import TABLES, make_network
from server.embedded import DATABASE, Embedded
from server.migrate import migrate

Ask = Callable[..., Any]

XUNZHONG, LONGXUN = "350526100", "350526101"
NANCHENGCUN = "350526105205"


def test_the_hub_counts_stations_by_level_and_each_basic_one_is_led(ask: Ask) -> None:
    stations = ask("hub", "{ stations(first: 100) { totalCount nodes { level parent { level } } } }")["stations"]
    assert stations["totalCount"] == 19
    led = Counter((node["level"], (node["parent"] or {}).get("level")) for node in stations["nodes"])
    assert led == {("HUB", None): 1, ("DEMONSTRATION", "HUB"): 6, ("BASIC", "DEMONSTRATION"): 12}


def test_the_demonstration_stations_are_the_reports(ask: Ask) -> None:
    query = "{ stations(first: 100, where: { level: { eq: DEMONSTRATION } }) { nodes { code name } } }"
    found = {node["code"]: node["name"] for node in ask("hub", query)["stations"]["nodes"]}
    assert found == {
        "350526100": "浔中镇社工站",
        "350526101": "龙浔镇社工站",
        "350526102": "三班镇社工站",
        "350526105": "南埕镇社工站",
        "350526108": "上涌镇社工站",
        "350526110": "盖德镇社工站",
    }


def test_there_are_217_communities_26_of_them_residential(ask: Ask) -> None:
    query = """{ all: communities { totalCount }
      residential: communities(where: { kind: { eq: RESIDENTIAL } }) { totalCount } }"""
    assert ask("hub", query) == {"all": {"totalCount": 217}, "residential": {"totalCount": 26}}


TEAM = """
query ($code: String!) { station(code: $code) {
  communities(reach: OWN, first: 100, where: { kind: { eq: RESIDENTIAL } }) { totalCount nodes {
    name linkedSocialWorkers { id kind home { __typename code } } responsibilityChain { responsiblePerson { id } }
    grids(first: 20) { nodes { gridWorkers { id kind } responsiblePerson { id } linkedSocialWorkers { id } } } } }
  gridWorkers: personnel(reach: OWN, where: { kind: { eq: GRID_WORKER } }) { totalCount }
  linked: personnel(reach: OWN, first: 100, where: { duty: { eq: LINKED_SOCIAL_WORKER } }) { nodes { id } } } }
"""


@pytest.fixture(scope="module")
def team(ask: Ask) -> list[dict[str, Any]]:
    """The two stations of the "grid + social worker" report, as the hub sees them."""
    return [ask("hub", TEAM, {"code": code})["station"] for code in (XUNZHONG, LONGXUN)]


def test_the_two_townships_have_24_residential_communities_and_117_grid_workers(team: list[dict[str, Any]]) -> None:
    assert sum(station["communities"]["totalCount"] for station in team) == 24
    assert sum(station["gridWorkers"]["totalCount"] for station in team) == 117
    working = {
        worker["id"]
        for station in team
        for community in station["communities"]["nodes"]
        for grid in community["grids"]["nodes"]
        for worker in grid["gridWorkers"]
        if worker["kind"] == "GRID_WORKER"
    }
    assert len(working) == 117


def test_13_linked_social_workers_cover_23_communities_and_serve_nothing_else_there(team: list[dict[str, Any]]) -> None:
    by_community = {
        community["name"]: community["linkedSocialWorkers"]
        for station in team
        for community in station["communities"]["nodes"]
    }
    linked = {worker["id"]: worker for workers in by_community.values() for worker in workers}
    assert len(linked) == 13
    assert {worker["kind"] for worker in linked.values()} == {"SOCIAL_WORKER"}
    assert {worker["home"]["code"] for worker in linked.values()} == {"350526", XUNZHONG, LONGXUN}
    assert [name for name, workers in by_community.items() if not workers] == ["东裕社区"]
    assert {person["id"] for station in team for person in station["linked"]["nodes"]} == set(linked)


def test_every_grid_of_the_23_is_covered_and_the_two_of_the_gap_have_nobody(team: list[dict[str, Any]]) -> None:
    communities = [community for station in team for community in station["communities"]["nodes"]]
    for community in communities:
        grids = community["grids"]["nodes"]
        answers = community["responsibilityChain"][0]["responsiblePerson"]
        if community["name"] == "东裕社区":
            assert answers is None
            assert grids == [{"gridWorkers": [], "responsiblePerson": None, "linkedSocialWorkers": []}] * 2
        else:
            assert answers
            assert grids
            assert all(
                grid["gridWorkers"] and grid["responsiblePerson"] and grid["linkedSocialWorkers"] for grid in grids
            )


def test_assistants_answer_for_the_grids_of_their_villages(ask: Ask) -> None:
    query = """query ($code: String!) { station(code: $code) {
      communities(reach: OWN, first: 100, where: { kind: { eq: VILLAGE } }) {
        nodes { grids(first: 10) { nodes { gridWorkers { id } responsiblePerson { kind } } } } } } }"""
    grids = [
        grid
        for code in (XUNZHONG, LONGXUN)
        for village in ask("hub", query, {"code": code})["station"]["communities"]["nodes"]
        for grid in village["grids"]["nodes"]
    ]
    assert len(grids) >= 17
    assert all(grid == {"gridWorkers": [], "responsiblePerson": {"kind": "GRID_ASSISTANT"}} for grid in grids)


def test_only_the_gap_has_nobody_who_answers(ask: Ask) -> None:
    query = """query ($after: String) { communities(first: 100, after: $after) { pageInfo { hasNextPage endCursor }
      nodes { name responsibilityChain { responsiblePerson { id } } } } }"""
    nobody, after, more = [], None, True
    while more:
        page = ask("hub", query, {"after": after})["communities"]
        for community in page["nodes"]:
            own, *above = [link["responsiblePerson"] for link in community["responsibilityChain"]]
            assert all(above)
            if own is None:
                nobody.append(community["name"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert nobody == ["东裕社区"]


def test_more_than_200_volunteers_with_their_skills(ask: Ask) -> None:
    volunteers = ask("hub", "{ personnel(where: { kind: { eq: VOLUNTEER } }) { totalCount } }")["personnel"]
    assert volunteers["totalCount"] > 200
    query = """query ($skill: String!) { personnel(where: { kind: { eq: VOLUNTEER }, skill: { eq: $skill } }) {
      totalCount } }"""
    for skill in ("electrician", "barber", "medical"):
        assert ask("hub", query, {"skill": skill})["personnel"]["totalCount"] >= 10, skill


def test_a_communitys_households_and_residents_are_its_grids(ask: Ask) -> None:
    query = "{ community(code: $code) { households residents grids(first: 20) { nodes { households residents } } } }"
    for code in (NANCHENGCUN, "350526101001", "350526100011"):
        community = ask("hub", f"query ($code: String!) {query}", {"code": code})["community"]
        grids = community["grids"]["nodes"]
        for counted in ("households", "residents"):
            assert community[counted] == sum(grid[counted] for grid in grids) > 0


def test_leifeng_sees_one_station_and_what_is_below_it(ask: Ask) -> None:
    query = """{ stations { totalCount nodes { code parent { id } } } communities { totalCount }
      station(code: "350526104") { communities { totalCount } } }"""
    answer = ask("leifeng", query)
    assert answer["stations"] == {"totalCount": 1, "nodes": [{"code": "350526104", "parent": None}]}
    assert answer["communities"]["totalCount"] == answer["station"]["communities"]["totalCount"] == 14


def test_longxun_sees_its_zone_and_nothing_else(ask: Ask) -> None:
    query = '{ stations { nodes { code } } other: station(code: "350526100") { id } }'
    answer = ask("longxun", query)
    assert sorted(node["code"] for node in answer["stations"]["nodes"]) == [LONGXUN, "350526107", "350526206"]
    assert answer["other"] is None


def test_nanchengcun_sees_one_community_and_gridworker_one_grid(ask: Ask) -> None:
    query = "{ stations { totalCount } communities { nodes { code } } grids { nodes { code } } }"
    village, grid = ask("nanchengcun", query), ask("gridworker", query)
    assert village == {
        "stations": {"totalCount": 0},
        "communities": {"nodes": [{"code": NANCHENGCUN}]},
        "grids": {"nodes": [{"code": f"{NANCHENGCUN}-{number:02}"} for number in (1, 2, 3)]},
    }
    assert grid == {
        "stations": {"totalCount": 0},
        "communities": {"nodes": []},
        "grids": {"nodes": [{"code": f"{NANCHENGCUN}-01"}]},
    }


def test_a_link_that_is_over_or_to_come_shows_nobody(ask: Ask) -> None:
    # Four of the hub's people and its station's have been, are, or will be linked to 南埕村 or one of its grids.
    query = """{ personnel(first: 100, where: { kind: { eq: SOCIAL_WORKER } }) {
      nodes { home { id } assignments { duty } } } }"""
    linked = {"home": None, "assignments": [{"duty": "LINKED_SOCIAL_WORKER"}]}
    assert ask("nanchengcun", query)["personnel"]["nodes"] == [linked, linked]
    assert ask("gridworker", query)["personnel"]["nodes"] == [linked]


def test_personal_data_come_masked_and_are_of_nobody(ask: Ask) -> None:
    query = "{ personnel(first: 100) { nodes { phone idNumber birthDate address } } }"
    people = ask("nanchengcun", query)["personnel"]["nodes"]
    assert people
    for person in people:
        assert re.fullmatch(r"199\*{4}\d{4}", person["phone"])
        assert re.fullmatch(r"3505\*{10}\d{3}[\dX]", person["idNumber"])
        assert re.fullmatch(r"\d{4}-\*\*-\*\*", person["birthDate"])
        assert re.fullmatch(r"福建省泉州市德化县[^\d]{2,3}[镇乡]\*{4}", person["address"])


def test_no_identity_number_is_of_a_region_that_there_is() -> None:
    opened = _Open(Fernet.generate_key().decode())
    people = make_network(opened, "").tables["person"]
    numbers = {opened.open(person["id_number_cipher"]) for person in people}
    assert len(numbers) == len(people)
    assert all(number.startswith("350599") for number in numbers)
    assert all(opened.open(person["phone_cipher"]).startswith("1990000") for person in people)


class _Open(PersonalVault):
    """A vault without a lock."""

    def seal(self, value: str) -> bytes:
        return value.encode()

    def open(self, cipher: bytes) -> str:
        return cipher.decode()


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.username)
def test_every_demo_account_acts_at_its_place(ask: Ask, account: Any) -> None:
    viewer = ask(account.username, "{ viewer { grant { role place { code name } } scope { code } } }")["viewer"]
    place = {"code": account.code, "name": account.place}
    assert viewer == {"grant": {"role": account.role, "place": place}, "scope": {"code": account.code}}


def test_one_account_has_a_second_grant_that_the_header_picks(ask: Ask) -> None:
    grants = ask(SECOND_GRANT.username, "{ viewer { grants { id role } } }")["viewer"]["grants"]
    assert [grant["role"] for grant in grants] == ["MANAGER", SECOND_GRANT.role]
    query = "{ viewer { grant { role } scope { code name } } }"
    viewer = ask(SECOND_GRANT.username, query, grant=grants[1]["id"])["viewer"]
    assert viewer == {"grant": {"role": "OBSERVER"}, "scope": {"code": SECOND_GRANT.code, "name": SECOND_GRANT.place}}


def test_two_who_load_at_once_load_once_and_any_two_databases_are_equal(embedded: Embedded) -> None:
    keys = Fernet.generate_key().decode()

    async def compare() -> None:
        async with scratch(embedded, "demo_one") as one, scratch(embedded, "demo_two") as two:
            assert sorted(await asyncio.gather(load(one, keys, None), load(one, keys, None))) == [False, True]
            assert await load(two, keys, None)
            assert await contents(one) == await contents(two)

    asyncio.run(compare())


def test_progress_is_told_up_to_the_last_row(embedded: Embedded) -> None:
    told: list[Any] = []

    async def run() -> None:
        async with scratch(embedded, "demo_told") as url:
            await load(url, Fernet.generate_key().decode(), lambda *step: told.append(step))
            connection = await asyncpg.connect(url)
            try:
                rows = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]
                unforced = await connection.fetch(
                    "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
                )
            finally:
                await connection.close()
            assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
            assert {total for _, total, _ in told} == {sum(rows)} == {told[-1][0]}
            assert unforced == []

    asyncio.run(run())


def test_what_is_made_after_the_demo_gets_new_ids(embedded: Embedded) -> None:
    async def run() -> None:
        async with scratch(embedded, "demo_after") as url:
            await load(url, Fernet.generate_key().decode(), None)
            connection = await asyncpg.connect(url)
            try:
                for table in TABLES[4:]:
                    following = await connection.fetchval(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))")
                    assert following == 1 + await connection.fetchval(f"SELECT max(id) FROM {table}"), table
                following = await connection.fetchval("SELECT nextval('place_id_seq')")
                assert following == 1 + await connection.fetchval("SELECT max(id) FROM place")
            finally:
                await connection.close()

    asyncio.run(run())


@asynccontextmanager
async def scratch(embedded: Embedded, name: str) -> AsyncIterator[str]:
    """A migrated database of its own."""
    connection = await asyncpg.connect(embedded.owner_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            url = embedded.owner_url.replace(f"/{DATABASE}?", f"/{name}?")
            assert url != embedded.owner_url
            await migrate(url)
            yield url
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of the demo's tables, without what has a salt of its own each time."""
    connection = await asyncpg.connect(url)
    try:
        found = {}
        for table in TABLES:
            rows = await connection.fetch(f"SELECT * FROM {table} ORDER BY id")
            assert rows, table
            found[table] = [
                {name: value for name, value in row.items() if name != "password_hash" and not name.endswith("_cipher")}
                for row in rows
            ]
        return found
    finally:
        await connection.close()
