"""What tells of a client is erased, wherever it stands; what is counted stays, and the audit log holds."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from models import ERASED
from models.personal_data import PERSONAL, Erasure, Kept, Whose
from server.embedded import Embedded
from tests.audit_log import Log, audit_log, walked
from tests.erasing import FIGURES, SECRET, Case, verified
from tests.scene import World, key, world

TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("erasure")) as made:
        yield made


def test_nothing_in_the_whole_database_tells_of_an_erased_client(written: World) -> None:
    case = Case(written)
    case.settle()
    case.do("closeClient", case.id)
    told = case.told()
    # Else the search would find nothing at any time.
    assert told.keys() >= {"client", "survey", "referral", "service_record", "consultation", "resolution"}
    assert told["audit_entry"] >= 12
    figures = case.hub.ask(FIGURES)
    case.do("eraseClient", case.id, reason="CONSENT_WITHDRAWN")
    assert case.told() == {}
    assert case.hub.ask(FIGURES) == figures
    # What had a digest keeps it, and the chain holds.
    assert written.run(verified(written)) == []


def test_what_was_noted_of_them_is_erased_from_the_records_of_nobody_that_it_went_to(written: World) -> None:
    case = Case(written)
    case.settle()
    here = case.scene.here
    served: Any = {"placeId": here["C1"], "itemId": here["SI1"], "workerId": here["P2"], "servedOn": "2024-02-01"}
    case.do("recordService", None, contacts=1, beneficiaries=1, clientId=case.id, note=f"{SECRET}记", **served)
    for given in ({"clientId": None}, {"contacts": 2}):
        case.do("correctServiceRecord", case.rows["serviceRecord"]["id"], reason=f"{SECRET}误", **given)
    case.do("closeClient", case.id)
    case.do("eraseClient", case.id, reason="REQUESTED")
    assert case.told() == {}


def test_of_what_the_registry_has_of_a_client_nothing_is_left_that_it_does_not_keep(written: World) -> None:
    case = Case(written).erased()
    for kept in PERSONAL:
        if kept.whose is not Whose.CLIENT or kept.erasure is Erasure.STAYS:
            continue
        left = {
            value
            for column in kept.columns
            for (value,) in written.sql(f"SELECT {column} FROM {kept.table} WHERE {about(kept)}", key(case.id))
        } - {None}
        assert left <= ({ERASED, 1} if kept.erasure is Erasure.REPLACED else set()), kept
        rows = written.value(f"SELECT count(*) FROM {kept.table} WHERE {about(kept)}", key(case.id))
        assert rows or kept.table == "client_category", kept


OF_CLIENT = "client_id = $1"
MEETINGS = "SELECT consultation_id FROM consultation_attachment WHERE client_id = $1"
ABOUT = {
    "client": "id = $1",
    "consultation": f"id IN ({MEETINGS})",
    "resolution": f"consultation_id IN ({MEETINGS})",
    "audit_entry": f"""action NOT IN ('eraseClient', 'readPrivate') AND (noun, row_id) IN (
      SELECT 'client', $1 UNION SELECT 'survey', id FROM survey WHERE client_id = $1
      UNION SELECT 'referral', id FROM referral WHERE client_id = $1
      UNION SELECT 'service_record', id FROM service_record WHERE client_id = $1
      UNION SELECT 'consultation', consultation_id FROM ({MEETINGS}) AS m
      UNION SELECT 'resolution', id FROM resolution WHERE consultation_id IN ({MEETINGS}))""",
}


def about(kept: Kept) -> str:
    """Which rows of a table are about the client $1."""
    return ABOUT.get(kept.table, OF_CLIENT)


def test_who_looks_at_an_erased_client_sees_that_they_were_and_by_whom(written: World) -> None:
    case = Case(written).erased()
    seen = case.look()
    history = seen.pop("history")["nodes"]
    assert seen.pop("id") == case.id
    assert seen.pop("erasedOn") == seen.pop("closedOn") == str(written.value(TODAY))
    assert seen == {
        "version": 4,
        "name": ERASED,
        "kind": "HOUSEHOLD",
        "householdSize": 1,
        "categories": [],
        **dict.fromkeys(("phone", "idNumber", "birthDate", "address")),
        "erasureReason": "CONSENT_WITHDRAWN",
        "can": {"update": False, "erase": False},
        "private": {"phone": None},
        "surveys": {"nodes": [{"findings": ERASED}]},
        "referrals": {"nodes": [{"reason": ERASED, "outcome": ERASED}]},
        # The receiver's, out of the manager's scope.
        "serviceRecords": {"nodes": []},
    }
    newest, *others = [entry for entry in history if entry["action"] != "readPrivate"]
    assert newest["action"] == "eraseClient"
    assert newest["account"] == {"id": f"U{case.manager.account_id}"}
    assert newest["after"].keys() == {"erased_on", "erasure_reason", "entries", "sha256"}
    assert newest["after"]["erasure_reason"] == "CONSENT_WITHDRAWN"
    assert [entry["action"] for entry in others] == ["closeClient", "updateClient", "createClient"]
    assert [entry["before"] or entry["after"] for entry in others] == [None, None, None]
    # Where the receiver has recorded something, its own log tells by what it was emptied.
    record = """query ($id: ID!) { serviceRecord(id: $id) { note contacts
      history(first: 1) { nodes { action account { id } } } } }"""
    told = case.receiver.ask(record, {"id": case.rows["serviceRecord"]["id"]})["serviceRecord"]
    assert told == {
        "note": ERASED,
        "contacts": 4,
        "history": {"nodes": [{"action": "eraseClient", "account": None}]},
    }


def test_who_is_still_served_is_not_erased(written: World) -> None:
    case = Case(written)
    assert case.refusal() == "WRONG_STATE"
    case.do("closeClient", case.id)
    for _ in range(2):
        assert case.refusal() == "WRONG_STATE"
    case.do("completeReferral", case.rows["referral"]["id"], case.receiver, outcome="好")
    assert case.refusal() == "WRONG_STATE"
    case.do("advanceConsultation", case.meeting, state="HELD", minutes="好")
    case.do("advanceConsultation", case.meeting, state="CLOSED")
    assert case.refusal() == "WRONG_STATE"
    case.do("advanceResolution", case.rows["resolution"]["id"], case.receiver, state="DONE", outcome="好")
    # Whom a referral shows them to may not.
    assert case.refusal(by=case.receiver) == "NOT_FOUND"
    assert case.look()["name"] == f"{SECRET}改"
    case.do("eraseClient", case.id, reason="REQUESTED")
    assert case.refusal() == "WRONG_STATE"


def test_nothing_is_written_of_an_erased_client_any_more(written: World) -> None:
    case = Case(written).erased()
    survey, record = case.rows["survey"]["id"], case.rows["serviceRecord"]["id"]
    here = case.scene.here
    found = {"kind": "SURVEY", "surveyorId": here["P1"], "surveyedOn": "2024-01-02", "urgency": "HIGH"}
    before = written.digest()
    for mutation, id_, by, given in (
        ("updateClient", case.id, None, {"name": SECRET}),
        ("setClientConsent", case.id, None, {"given": False}),
        ("updateSurvey", survey, None, {"findings": SECRET}),
        ("closeSurvey", survey, None, {"reason": SECRET}),
        ("correctServiceRecord", record, case.receiver, {"reason": SECRET, "note": SECRET}),
        ("cancelServiceRecord", record, case.receiver, {"reason": SECRET}),
        ("advanceResolution", case.rows["resolution"]["id"], case.receiver, {"state": "DONE", "outcome": SECRET}),
    ):
        assert case.refusal(mutation, id_, by, **given) in ("INVALID", "WRONG_STATE"), mutation
    for mutation, given in (
        ("recordSurvey", {"placeId": here["C1"], "clientId": case.id, "findings": SECRET, **found}),
        (
            "sendReferral",
            {"placeId": here["C1"], "clientId": case.id, "toId": here["C2"], "reason": SECRET, "urgency": "LOW"},
        ),
        ("attachToConsultation", {"consultationId": case.meeting, "clientId": case.id}),
    ):
        assert case.attempt(mutation, **given)["errors"], mutation
    assert written.changed(before) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE client SET name = '又来' WHERE id = {0}",
        "UPDATE client SET phone = '1', phone_cipher = '1' WHERE id = {0}",
        "INSERT INTO client_category (client_id, category, {1}) SELECT id, 'OTHER', {1} FROM client WHERE id = {0}",
        """INSERT INTO survey (client_id, surveyor_id, surveyed_on, findings, urgency, kind, {1})
           SELECT client_id, surveyor_id, surveyed_on, '又来', urgency, kind, {1} FROM survey WHERE client_id = {0}""",
    ],
)
def test_the_database_alone_refuses_it_too(written: World, statement: str) -> None:
    case = Case(written).erased()
    sql = statement.format(key(case.id), "place_id, path, station_id, county_id")
    scope = written.value("SELECT path FROM place WHERE id = $1", case.scene.here.key("H"))

    async def go() -> None:
        async with written.connection.transaction():
            await written.connection.execute("SET LOCAL ROLE zhanwang_server")
            await written.connection.execute("SELECT set_config('zhanwang.scope', $1, true)", scope)
            await written.connection.execute(sql)

    with pytest.raises(Exception, match=r"ck_client_erased|row-level security"):
        written.run(go())


# -- the audit log -------------------------------------------------------------------------------------------------

CLIENT = "(SELECT min(id) FROM client WHERE closed_on IS NOT NULL)"
ENTRY = f"""
INSERT INTO audit_entry (place_id, path, station_id, county_id, request_id, action, noun, row_id, after, salt)
SELECT place_id, path, station_id, county_id, 'r', '{{}}', 'client', id, '{{{{"name": "甘河"}}}}', {{}}
  FROM client WHERE id = {CLIENT}
"""
# As they are since there is erasure, and as they were before.
ERASING = (
    ENTRY.format("salted", "gen_random_uuid()"),
    ENTRY.format("plain", "NULL"),
    "SELECT seal_audit(1000)",
    f"SELECT erase_client_data({CLIENT}, 'REQUESTED', NULL, NULL, 'r')",
    "SELECT seal_audit(1000)",
)
FORGED = {
    "an emptied entry is changed": (
        "UPDATE audit_entry SET account_id = 1 WHERE action = 'salted'",
        ["Entry E# of batch 3 is not what was sealed: it was changed.", "Erasure E# has not emptied"],
    ),
    "one from before there were salts is": (
        "UPDATE audit_entry SET request_id = 'R' WHERE action = 'plain'",
        ["Erasure E# has not emptied"],
    ),
    "an entry is emptied by nothing": (
        """UPDATE audit_entry SET values_digest = audit_values(audit_entry), salt = NULL, before = NULL, after = NULL
            WHERE id = (SELECT min(entry_id) FROM audit_seal)""",
        ["Entry E# of batch 1 was emptied by no erasure."],
    ),
    "an entry is emptied in the name of an erasure": (
        """UPDATE audit_entry SET values_digest = audit_values(audit_entry), salt = NULL, before = NULL, after = NULL,
             erased_by = (SELECT max(erased_by) FROM audit_entry) WHERE id = (SELECT min(entry_id) FROM audit_seal)""",
        ["Erasure E# has not emptied"],
    ),
    "an entry is emptied in the name of none": (
        "UPDATE audit_entry SET erased_by = (SELECT min(entry_id) FROM audit_seal) WHERE action = 'salted'",
        ["Entry E# is said to be erased by E#, which is no erasure.", "Erasure E# has not emptied"],
    ),
    "the erasure says that it has emptied another number": (
        """UPDATE audit_entry SET after = after || '{"entries": 1}' WHERE action = 'eraseClient'""",
        ["Entry E# of batch 4 is not what was sealed: it was changed.", "Erasure E# has not emptied"],
    ),
}


@pytest.fixture(scope="module")
def log(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with audit_log(embedded, tmp_path_factory.mktemp("emptied")) as made:
        yield made


def test_a_log_in_which_somebody_was_erased_is_whole(log: Log) -> None:
    found, report = walked(log, *ERASING)
    assert found == []
    assert report.batches == 4


@pytest.mark.parametrize("what", FORGED)
def test_what_is_emptied_otherwise_is_found(log: Log, what: str) -> None:
    statement, faults = FORGED[what]
    found, _ = walked(log, *ERASING, statement)
    assert len(found) == len(faults), found
    for sentence, fault in zip(found, faults, strict=True):
        assert re.sub(r"E\d+", "E#", sentence).startswith(fault)
