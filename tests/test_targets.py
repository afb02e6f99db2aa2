"""Responsibility targets: set for a period, reached by what is recorded, shown along the chain."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.payloads import mutating, refusal
from tests.scene import Scene, World, Writing, world

TARGET = "target { id version indicator beginsOn endsOn amount actual reached withdrawnOn place { id } }"
PERIOD = {"beginsOn": "1999-05-01", "endsOn": "1999-06-01"}
# Of the zone's records one has replaced another, which does not count any more.
DONE_IN_MAY = """
UPDATE service_record SET served_on = '1999-05-01' WHERE starts_with(path, '{path}');
UPDATE survey SET surveyed_on = '1999-05-31' WHERE id = {SU1};
UPDATE volunteer_call SET needed_on = '1999-05-15' WHERE id = {VC1};
UPDATE sign_up SET state = 'ATTENDED', hours = 2.75 WHERE id = {VS1}
"""
# It leads from another zone to C2, and was closed when it was June there already.
REFERRED = """
UPDATE referral r SET state = 'DONE', closed_at = '{at}', to_place_id = p.id, to_path = p.path,
                      to_station_id = p.station_id
  FROM place p WHERE r.id = $1 AND p.id = $2
"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("targets")) as made:
        yield made


@pytest.fixture
def scene(written: World) -> Scene:
    return written.scene()


@pytest.fixture
def manager(scene: Scene) -> Writing:
    return scene.writer(Role.MANAGER, scene.here["S"])


def write(writing: Writing, mutation: str, **given: Any) -> Any:
    query = mutating(mutation, f"{TARGET} errors {{ code path }}")
    return writing.ask(query, {"input": given})[mutation]


def plan(writing: Writing, place: str, indicator: str = "SURVEYS", amount: int = 2, **period: Any) -> Any:
    given = PERIOD | period
    return write(writing, "createTarget", placeId=place, indicator=indicator, amount=amount, **given)


def test_a_target_is_set_at_a_place(scene: Scene, manager: Writing) -> None:
    payload = plan(manager, scene.here["C1"])
    assert payload["errors"] == []
    assert payload["target"].pop("id").startswith("TG")
    assert payload["target"] == {
        "version": 1,
        "indicator": "SURVEYS",
        **PERIOD,
        "amount": 2,
        "actual": 0,
        "reached": False,
        "withdrawnOn": None,
        "place": {"id": scene.here["C1"]},
    }


def test_a_target_that_cannot_be_is_refused_at_its_field(scene: Scene, manager: Writing) -> None:
    place = scene.here["C1"]
    assert plan(manager, place)["errors"] == []
    assert refusal(plan(manager, place)) == ("TAKEN", "indicator")
    assert refusal(plan(manager, place, amount=0)) == ("INVALID", "amount")
    assert refusal(plan(manager, place, endsOn="1999-04-30")) == ("INVALID", "endsOn")
    assert refusal(plan(manager, place, beginsOn="1899-12-31")) == ("INVALID", "beginsOn")
    assert refusal(plan(manager, scene.there["C1"])) == ("NOT_FOUND", "placeId")
    assert plan(manager, place, endsOn="1999-06-02")["errors"] == []
    assert plan(manager, scene.here["C2"])["errors"] == []


def test_another_target_stands_in_the_stead_of_one_that_was_withdrawn(scene: Scene, manager: Writing) -> None:
    made = plan(manager, scene.here["C1"])["target"]
    more = write(manager, "updateTarget", id=made["id"], version=1, amount=7)["target"]
    assert more == made | {"amount": 7, "version": 2}
    gone = write(manager, "withdrawTarget", id=made["id"], version=2)["target"]
    assert gone == more | {"withdrawnOn": gone["withdrawnOn"], "version": 3}
    assert gone["withdrawnOn"] is not None
    assert refusal(write(manager, "updateTarget", id=made["id"], version=3, amount=8)) == ("INVALID", "id")
    assert refusal(write(manager, "withdrawTarget", id=made["id"], version=3)) == ("INVALID", "id")
    assert plan(manager, scene.here["C1"])["errors"] == []
    query = "query ($id: ID!) { node(id: $id) { ... on Target { history { nodes { after } } } } }"
    entries = manager.ask(query, {"id": made["id"]})["node"]["history"]["nodes"]
    assert [entry["after"] for entry in entries[:2]] == [{"withdrawn_on": gone["withdrawnOn"]}, {"amount": 7}]


@pytest.mark.parametrize(
    ("indicator", "recorded", "referred"),
    [
        ("SERVICE_RECORDS", 2, 0),
        ("SERVICE_CONTACTS", 4, 0),
        ("CLIENTS_SERVED", 1, 0),
        ("SURVEYS", 1, 0),
        ("REFERRALS_COMPLETED", 0, 1),
        ("VOLUNTEER_HOURS", 2, 0),
    ],
)
def test_what_was_reached_is_counted_at_the_place_and_below(
    scene: Scene, manager: Writing, indicator: str, recorded: int, referred: int
) -> None:
    here, whole = scene.here, recorded + referred
    path = scene.world.value("SELECT path FROM place WHERE id = $1", here.key("S"))
    scene.world.run(
        scene.world.connection.execute(DONE_IN_MAY.format(path=path, **{name: here.key(name) for name in here.ids}))
    )
    scene.world.sql(REFERRED.format(at="1999-05-31 16:30Z"), scene.there.key("RF1"), here.key("C2"))
    # Another one comes a day too late.
    scene.world.sql(REFERRED.format(at="1999-06-01 16:00Z"), scene.there.key("RF2"), here.key("C2"))
    expected = {"S": whole, "B1": whole, "C1": recorded, "C2": referred, "G1": 0, "B2": 0}
    targets = {name: plan(manager, here[name], indicator, max(whole, 1))["target"] for name in expected}
    assert {name: target["actual"] for name, target in targets.items()} == expected
    assert {name for name, target in targets.items() if target["reached"]} == {
        name for name, count in expected.items() if count == whole
    }
    early = plan(manager, here["S"], indicator, 1, beginsOn="1999-04-01", endsOn="1999-04-30")["target"]
    assert (early["actual"], early["reached"]) == (0, False)


def test_the_targets_above_are_shown_as_far_as_they_are_in_scope(scene: Scene, manager: Writing) -> None:
    here = scene.here
    own, near, far = (plan(manager, here[name])["target"]["id"] for name in ("C1", "B1", "S"))
    touching = plan(manager, here["S"], beginsOn="1999-06-01", endsOn="1999-12-31")["target"]["id"]
    plan(manager, here["S"], beginsOn="1999-06-02", endsOn="1999-12-31")
    plan(manager, here["S"], "SERVICE_RECORDS")
    plan(manager, here["B2"])
    gone = plan(manager, here["B1"], endsOn="1999-05-31")["target"]
    write(manager, "withdrawTarget", id=gone["id"], version=1)
    query = "query ($id: ID!) { target(id: $id) { chain { id } } }"

    def chain(writing: Writing) -> list[str]:
        return [above["id"] for above in writing.ask(query, {"id": own})["target"]["chain"]]

    assert chain(manager) == [near, far, touching]
    assert chain(scene.writer(Role.OBSERVER, here["B1"])) == [near]
    assert chain(scene.writer(Role.WORKER, here["C1"])) == []


def test_each_link_of_the_responsibility_chain_has_its_targets_of_the_day(scene: Scene, manager: Writing) -> None:
    here = scene.here
    today: dict[str, Any] = {"beginsOn": "2021-01-01", "endsOn": "2199-12-31"}
    now = plan(manager, here["B1"], "CLIENTS_SERVED", **today)["target"]["id"]
    then = plan(manager, here["C1"])["target"]["id"]
    query = """query ($id: ID!, $on: Date) { node(id: $id) { ... on Grid {
      responsibilityChain { place { id } targets(on: $on) { id } } } } }"""

    def targets(on: str | None) -> dict[str, list[str]]:
        links = manager.ask(query, {"id": here["G1"], "on": on})["node"]["responsibilityChain"]
        return {link["place"]["id"]: [target["id"] for target in link["targets"]] for link in links}

    nothing: dict[str, list[str]] = {here[name]: [] for name in ("G1", "C1", "B1", "S")}
    assert targets(None) == nothing | {here["B1"]: [now]}
    assert targets("1999-06-01") == nothing | {here["C1"]: [then]}
    assert targets("1999-06-02") == nothing


def test_targets_are_found_by_what_they_count_and_when(scene: Scene, manager: Writing) -> None:
    here = scene.here
    first, second = (plan(manager, here[name], amount=amount)["target"] for name, amount in (("C1", 5), ("C2", 3)))
    write(manager, "withdrawTarget", id=second["id"], version=1)
    query = """query ($where: TargetFilter) {
      targets(where: $where, orderBy: [{field: AMOUNT, direction: DESC}]) { nodes { id } } }"""

    def found(**where: Any) -> set[str]:
        return {target["id"] for target in manager.ask(query, {"where": where})["targets"]["nodes"]}

    assert found(indicator={"eq": "SURVEYS"}) == {first["id"], second["id"]}
    assert found(withdrawn=True) == {second["id"]}
    assert found(beginsOn={"lte": "1999-05-01"}, withdrawn=False) == {first["id"]}
    assert found(endsOn={"gt": "1999-06-01"}) == {here["TG1"]}
    assert found(within=here["C2"]) == {second["id"]}
