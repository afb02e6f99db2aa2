"""What a referral lets be seen, in both directions, and that it lets nothing else be seen or written: with both guards,
and with each alone.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from models import Role
from server.embedded import Embedded
from server.migrate import SERVER_ROLE
from tests.guards import BOTH, CLAUSE, POLICIES, standing
from tests.payloads import mutating, refusal
from tests.referring import Cases, done, look, write
from tests.scene import World, Writing, key, world

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
COUNTS = """{
  stations { totalCount } communities { totalCount } grids { totalCount } personnel { totalCount }
  volunteerTeams { totalCount } agencies { totalCount } venues { totalCount } clients { totalCount }
  serviceRecords { totalCount } surveys { totalCount } referrals { totalCount } consultations { totalCount } }"""
CLIENT = """query ($id: ID!) { client(id: $id) { id name phone place { id } categories
  surveys { nodes { id } } serviceRecords { nodes { id } } referrals { nodes { id } }
  can { update setConsent close refer } } }"""
SHOWN = {"SENT": False, "ACCEPTED": True, "IN_PROGRESS": True, "DONE": True, "REJECTED": False, "WITHDRAWN": False}
WAYS = {
    "SENT": (),
    "ACCEPTED": ("accept",),
    "IN_PROGRESS": ("accept", "start"),
    "DONE": ("accept", "start", "complete"),
    "REJECTED": ("reject",),
    "WITHDRAWN": ("accept", "start", "withdraw"),
}
"""The steps to each state."""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("sight")) as made:
        yield made


@pytest.fixture
def cases(written: World) -> Cases:
    """A county in which the client has a phone, a further survey, a service and a category."""
    made = Cases(written)
    client, other = made.here.key("CL8"), made.here.key("SU8")
    written.sql("UPDATE client SET phone = '138****1111', phone_cipher = 'x' WHERE id = $1", client)
    written.sql(
        """INSERT INTO survey (place_id, path, station_id, county_id, kind, client_id, surveyor_id, surveyed_on,
                               findings, urgency)
           SELECT place_id, path, station_id, county_id, kind, client_id, surveyor_id, surveyed_on, '别的', urgency
             FROM survey WHERE id = $1""",
        other,
    )
    written.sql(
        """INSERT INTO service_item (place_id, path, station_id, county_id, code, name, field)
           SELECT id, path, station_id, county_id, 'sight', '照护', 'ELDERLY_CARE' FROM place WHERE id = $1""",
        made.here.key("H"),
    )
    written.sql(
        """INSERT INTO service_record (place_id, path, station_id, county_id, item_id, worker_id, served_on, contacts,
                                       beneficiaries, client_id)
           SELECT s.place_id, s.path, s.station_id, s.county_id, i.id, s.surveyor_id, s.surveyed_on, 1, 1, s.client_id
             FROM survey s JOIN service_item i ON i.code = 'sight' AND i.county_id = s.county_id WHERE s.id = $1""",
        other,
    )
    written.sql(
        """INSERT INTO client_category (place_id, path, station_id, county_id, client_id, category)
           SELECT place_id, path, station_id, county_id, id, 'DISABLED' FROM client WHERE id = $1""",
        client,
    )
    return made


def lead(cases: Cases, state: str) -> Any:
    """A referral with its survey, taken to a state."""
    row = done(cases.send(surveyId=cases.here["SU8"]))
    for verb in WAYS[state]:
        row = done(cases.act(verb, row))
    assert row["state"] == state
    return row


def everything(cases: Cases, *more: str) -> list[str]:
    """All ids of the county that tests know of, and those of all rows of the client's."""
    known = {id_ for zone in cases.scene.zones for id_ in zone.ids.values()} | set(more)
    client = cases.here.key("CL8")
    for letters, table in (("SU", "survey"), ("SR", "service_record"), ("RF", "referral")):
        rows = cases.world.sql(f"SELECT '{letters}' || id AS id FROM {table} WHERE client_id = $1", client)
        known |= {row["id"] for row in rows}
    return sorted(known)


def sight(asker: Writing, ids: list[str]) -> tuple[set[str], dict[str, int]]:
    """Which of these ids name something, and how much there is of everything."""
    found: set[str] = set()
    for start in range(0, len(ids), 100):
        nodes = asker.ask(NODES, {"ids": ids[start : start + 100]})["nodes"]
        found |= {node["id"] for node in nodes if node}
    return found, {name: counted["totalCount"] for name, counted in asker.ask(COUNTS).items()}


@pytest.mark.parametrize("guards", [BOTH, POLICIES, CLAUSE])
@pytest.mark.parametrize("state", SHOWN)
def test_the_receiver_sees_the_referral_and_once_accepted_its_client_and_survey_and_nothing_else(
    cases: Cases, state: str, guards: str
) -> None:
    before, counts = sight(cases.receiver, everything(cases))
    row = lead(cases, state)
    shown = {cases.here["CL8"], cases.here["SU8"]} if SHOWN[state] else set()
    with standing(guards, cases.world.url):
        after, now = sight(cases.receiver, everything(cases, row["id"]))
        assert after - before == {row["id"]} | shown
        assert before <= after
        more = {name: now[name] - counts[name] for name in now if now[name] != counts[name]}
        assert more == {"referrals": 1} | ({"clients": 1, "surveys": 1} if SHOWN[state] else {})
        seen = look(cases.receiver, row)
        assert (seen["from"], seen["to"]) == (None, {"id": cases.there["C1"]})
        assert (seen["client"], seen["survey"]) == (
            ({"id": cases.here["CL8"], "name": "被转介人"}, {"id": cases.here["SU8"]}) if SHOWN[state] else (None, None)
        )


@pytest.mark.parametrize("guards", [BOTH, POLICIES, CLAUSE])
def test_the_client_is_shown_masked_and_without_what_else_is_known_of_them(cases: Cases, guards: str) -> None:
    row = lead(cases, "ACCEPTED")
    with standing(guards, cases.world.url):
        client = cases.receiver.ask(CLIENT, {"id": cases.here["CL8"]})["client"]
    assert client | {"categories": []} == {
        "id": cases.here["CL8"],
        "name": "被转介人",
        "phone": "138****1111",
        "place": None,
        "categories": [],
        "surveys": {"nodes": [{"id": cases.here["SU8"]}]},
        "serviceRecords": {"nodes": []},
        # Not those that go between other places.
        "referrals": {"nodes": [{"id": row["id"]}]},
        "can": {"update": False, "setConsent": False, "close": False, "refer": True},
    }


@pytest.mark.parametrize("guards", [BOTH, POLICIES, CLAUSE])
@pytest.mark.parametrize("state", SHOWN)
def test_the_sender_sees_the_referral_at_every_step_and_nothing_of_the_receivers(
    cases: Cases, state: str, guards: str
) -> None:
    before, counts = sight(cases.sender, everything(cases))
    row = lead(cases, state)
    with standing(guards, cases.world.url):
        after, now = sight(cases.sender, everything(cases, row["id"]))
        assert after - before == {row["id"]}
        assert now == counts | {"referrals": counts["referrals"] + 1}
        seen = look(cases.sender, row)
        assert (seen["from"], seen["to"], seen["state"]) == ({"id": cases.here["C1"]}, None, state)
        assert seen["toName"] == cases.world.value("SELECT name FROM community WHERE id = $1", cases.there.key("C1"))
        assert seen["client"]["id"] == cases.here["CL8"]


@pytest.mark.parametrize("guards", [BOTH, POLICIES, CLAUSE])
def test_a_third_station_sees_nothing_of_it(cases: Cases, guards: str) -> None:
    abroad = Cases(cases.world).hub
    askers = [*cases.thirds, cases.scene.writer(Role.ADMINISTRATOR, cases.there["C2"]), abroad]
    before = [sight(asker, everything(cases)) for asker in askers]
    for state in SHOWN:
        row = lead(cases, state)
        with standing(guards, cases.world.url):
            for asker, was in zip(askers, before, strict=True):
                assert sight(asker, everything(cases, row["id"])) == was, state
                assert look(asker, row) is None


def test_a_grid_below_the_receiver_sees_nothing_of_it_and_the_station_above_does(cases: Cases) -> None:
    row = lead(cases, "ACCEPTED")
    grid, station = (cases.scene.writer(Role.MANAGER, cases.there[at]) for at in ("G1", "B1"))
    assert look(grid, row) is None
    assert look(station, row)["client"]["id"] == cases.here["CL8"]


def test_the_log_of_either_end_stays_with_it(cases: Cases) -> None:
    row = lead(cases, "WITHDRAWN")
    query = "query ($id: ID!) { referral(id: $id) { history { nodes { action } } } }"
    told = {}
    for name, zone in (("sender", cases.here), ("receiver", cases.there)):
        manager = cases.scene.writer(Role.MANAGER, zone["C1"])
        nodes = manager.ask(query, {"id": row["id"]})["referral"]["history"]["nodes"]
        told[name] = [node["action"] for node in nodes]
    assert told == {"sender": ["withdrawReferral", "sendReferral"], "receiver": ["startReferral", "acceptReferral"]}


def test_a_receiver_that_moves_to_another_zone_takes_what_it_is_shown_along(cases: Cases) -> None:
    row = lead(cases, "ACCEPTED")
    old, new = (cases.scene.writer(Role.MANAGER, cases.there[at]) for at in ("B1", "B2"))
    moved = {"id": cases.there["C1"], "version": 1, "parentId": cases.there["B2"]}
    assert cases.hub.write("moveCommunity", **moved)["errors"] == []
    assert look(old, row) is None
    assert look(new, row)["client"]["id"] == cases.here["CL8"]
    ids = everything(cases)
    assert not {cases.here["CL8"], cases.here["SU8"]} & sight(old, ids)[0]


# -- writing -------------------------------------------------------------------------------------------------------


def mutate(writer: Writing, mutation: str, **given: Any) -> Any:
    query = mutating(mutation, "errors { code path }")
    return writer.ask(query, {"input": given})[mutation]


@pytest.mark.parametrize("guards", [BOTH, POLICIES, CLAUSE])
def test_the_receiver_does_not_write_what_it_is_shown(cases: Cases, guards: str) -> None:
    lead(cases, "ACCEPTED")
    manager = cases.scene.writer(Role.ADMINISTRATOR, cases.there["C1"])
    client, survey = cases.here["CL8"], cases.here["SU8"]
    version = cases.world.value("SELECT version FROM survey WHERE id = $1", key(survey))
    attempts: dict[str, dict[str, Any]] = {
        "updateClient": {"id": client, "version": 1, "name": "改名"},
        "setClientConsent": {"id": client, "version": 1, "given": False},
        "closeClient": {"id": client, "version": 1},
        "updateSurvey": {"id": survey, "version": version, "findings": "改"},
        "closeSurvey": {"id": survey, "version": version, "reason": "改"},
    }
    with standing(guards, cases.world.url):
        before = cases.world.digest()
        for mutation, given in attempts.items():
            assert refusal(mutate(manager, mutation, **given)) == ("NOT_FOUND", "id"), mutation
        assert cases.world.changed(before) == []


@pytest.mark.parametrize("guards", [POLICIES, CLAUSE])
def test_each_guard_alone_keeps_the_steps_to_their_ends(cases: Cases, guards: str) -> None:
    row = done(cases.send())
    with standing(guards, cases.world.url):
        for third in cases.thirds:
            assert refusal(write(third, "acceptReferral", id=row["id"], version=1)) == ("NOT_FOUND", "id")
            assert refusal(cases.act("withdraw", row, by=third)) == ("NOT_FOUND", "id")
        accepted = done(cases.act("accept", row))
        withdrawn = done(cases.act("withdraw", accepted))
    assert withdrawn["version"] == 3


TAKEN_AWAY = """
UPDATE referral SET to_place_id = p.id, to_path = p.path, to_station_id = p.station_id FROM stolen p
 WHERE referral.id = {referral}
"""
STATEMENTS = [
    ("UPDATE client SET name = '改' WHERE id = {client}", "nothing"),
    ("UPDATE survey SET findings = '改' WHERE id = {survey}", "nothing"),
    ("UPDATE referral SET outcome = '改' WHERE id = {referral}", "done"),
    ("UPDATE referral SET outcome = '改' WHERE id = {other}", "nothing"),
    (TAKEN_AWAY, "refused"),
    ("UPDATE referral SET client_id = client_id WHERE id = {referral}", "denied"),
    ("UPDATE referral SET path = to_path WHERE id = {referral}", "denied"),
    ("UPDATE referral SET due_on = '2035-01-01' WHERE id = {referral}", "denied"),
    ("UPDATE referral SET escalations = 0 WHERE id = {referral}", "denied"),
    ("DELETE FROM referral WHERE id = {referral}", "denied"),
    ("DELETE FROM sharing", "denied"),
    ("UPDATE sharing SET row_id = 1", "denied"),
    ("INSERT INTO sharing SELECT * FROM sharing", "denied"),
    ("SELECT share_referral()", "denied"),
]


@pytest.mark.parametrize(("statement", "outcome"), STATEMENTS)
def test_in_sql_the_receiver_changes_its_end_alone(cases: Cases, statement: str, outcome: str) -> None:
    row = lead(cases, "ACCEPTED")
    values = {"client": cases.here.key("CL8"), "survey": cases.here.key("SU8"), "referral": key(row["id"])}
    values["other"] = cases.here.key("RF1")

    async def run() -> str:
        connection = await asyncpg.connect(cases.world.url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            path = await connection.fetchval("SELECT path FROM place WHERE id = $1", cases.there.key("C1"))
            stolen = "CREATE TEMP TABLE stolen ON COMMIT DROP AS SELECT * FROM place WHERE id = {}"
            await connection.execute(stolen.format(cases.here.key("C2")))
            await connection.execute(f"GRANT SELECT ON stolen TO {SERVER_ROLE}")
            await connection.execute(f"SET LOCAL ROLE {SERVER_ROLE}")
            await connection.fetch("SELECT set_config('zhanwang.scope', $1, true)", path)
            said = await connection.execute(statement.format(**values))
        except asyncpg.InsufficientPrivilegeError as error:
            return "refused" if "row-level security" in str(error) else "denied"
        finally:
            await transaction.rollback()
            await connection.close()
        return "nothing" if said.endswith(" 0") else "done"

    assert asyncio.run(run()) == outcome
