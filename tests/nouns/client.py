"""Clients, service records, surveys."""

from datetime import date
from typing import Any

from tests.nouns.base import Act, Case, Noun, Planting, Row, at_closed, change, fresh, many, one, shared

PERSONAL = frozenset({"name", "phone", "id_number", "birth_date", "address"})

NOUNS = [
    Noun(
        "Client", "client", "CL", many="clients", below=("Station", "Community", "Grid"), single="client",
        sees=shared("client"), leaves=True, hidden=PERSONAL, common=frozenset({"kind"}),
        dates=frozenset({"registered_on"}),
    ),
    Noun(
        "ServiceRecord", "service_record", "SR", many="serviceRecords", single="serviceRecord", whole="valid: false",
        order=("-served_on", "-id"), common=frozenset({"state"}), dates=frozenset({"served_on"}),
        numbers=frozenset({"contacts", "beneficiaries"}), hidden=frozenset({"note", "reason"}),
        refs={"item": "SI", "worker": "P", "client": "CL", "venue": "VE", "survey": "SU", "referral": "RF"},
    ),
    Noun(
        "Survey", "survey", "SU", many="surveys", single="survey", sees=shared("survey"),
        order=("-surveyed_on", "-id"), common=frozenset({"kind", "urgency", "state"}),
        dates=frozenset({"surveyed_on"}), hidden=frozenset({"findings", "closing_reason"}),
        refs={"client": "CL", "surveyor": "P"},
    ),
]  # fmt: skip
TABLES = ("client_category", "sharing")

RECORDS = {"VALID": ["CORRECTED", "CANCELLED"], "CORRECTED": [], "CANCELLED": []}
SURVEYS = {"OPEN": ["FOLLOWED_UP", "CLOSED"], "FOLLOWED_UP": ["CLOSED"], "CLOSED": []}
DETAILS = ("phone", "id_number", "birth_date", "address")


# -- reading -------------------------------------------------------------------------------------------------------


def _categories(view: Any, client: Row) -> list[str]:
    """A client's categories, which are seen wherever the client is."""
    return sorted(row["category"] for row in view.tables["client_category"] if row["client_id"] == client["id"])


def _private(view: Any, client: Row, _: Any) -> dict[str, str | None]:
    ciphers = {name: client[f"{name}_cipher"] for name in DETAILS}
    return {name: None if cipher is None else view.open(cipher) for name, cipher in ciphers.items()}


def _records(column: str | None = None) -> Any:
    """A connection of service records: of those alone that count, unless all are asked for."""

    def resolve(view: Any, row: Row, arguments: dict[str, Any]) -> Any:
        rows = view.rows["service_record"] if column is None else view.find("service_record", column, row["id"])
        kept = [record for record in rows if record["state"] == "VALID" or not arguments["valid"]]
        return view.pages_of("service_record", kept, arguments)

    return resolve


def _surveys(view: Any, client: Row, arguments: dict[str, Any]) -> Any:
    return view.pages_of("survey", view.find("survey", "client_id", client["id"]), arguments)


def _totals(view: Any, _: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    rows = [record for record in view.rows["service_record"] if record["state"] == "VALID"]
    if (within := arguments.get("within")) is not None:
        place = _place(view, within)
        rows = [record for record in rows if place and record["path"].startswith(place["path"])]
    if (first := arguments.get("from")) is not None:
        rows = [record for record in rows if record["served_on"].isoformat() >= first]
    if (last := arguments.get("to")) is not None:
        rows = [record for record in rows if record["served_on"].isoformat() <= last]
    steps = {int(step) for record in rows for step in record["path"].split(".")[:-1]}
    return {
        "records": len(rows),
        "contacts": sum(record["contacts"] for record in rows),
        "beneficiaries": sum(record["beneficiaries"] for record in rows),
        "communities": len(steps & view.by_id["community"].keys()),
        "clients": len({record["client_id"] for record in rows} - {None}),
    }


def _place(view: Any, public_id: str) -> Row | None:
    letter, digits = public_id[:1], public_id[1:]
    table = {"S": "station", "C": "community", "G": "grid"}.get(letter)
    known = table is not None and digits.isascii() and digits.isdigit() and digits[0] != "0"
    found: Row | None = view.by_id[table].get(int(digits)) if known else None
    return found


def _served(view: Any, community: Row, _: str, value: bool) -> bool:
    records = (record for record in view.rows["service_record"] if record["state"] == "VALID")
    return any(record["path"].startswith(community["path"]) for record in records) == value


def _has_category(view: Any, client: Row, operator: str, value: Any) -> bool:
    asked = set(value) if isinstance(value, list) else {value}
    return bool(asked & set(_categories(view, client))) != (operator == "notIn")


FIELDS = {
    ("Client", "categories"): lambda view, row, _: _categories(view, row),
    ("Client", "private"): _private,
    ("Client", "surveys"): _surveys,
    ("Client", "serviceRecords"): _records("client_id"),
    ("Query", "serviceRecords"): _records(),
    ("Query", "serviceTotals"): _totals,
    ("ServiceRecord", "nextStates"): lambda _, row, __: RECORDS[row["state"]],
    ("ServiceRecord", "corrects"): one("service_record", "corrects_id"),
    ("ServiceRecord", "correctedBy"): lambda view, row, _: next(
        iter(view.find("service_record", "corrects_id", row["id"])), None
    ),
    ("Survey", "nextStates"): lambda _, row, __: SURVEYS[row["state"]],
    ("Survey", "serviceRecords"): _records("survey_id"),
    ("Survey", "referrals"): many("referral", "survey_id"),
}
FILTERS = {
    ("Client", "category"): _has_category,
    ("Client", "closed"): lambda _, row, __, value: (row["closed_on"] is not None) == value,
    ("Client", "erased"): lambda _, row, __, value: (row["erased_on"] is not None) == value,
    ("Community", "served"): _served,
}


# -- rights --------------------------------------------------------------------------------------------------------


def _closed(_: Any, row: Row) -> str | None:
    return "CLOSED" if row["closed_on"] is not None else None


def _to_erase(_: Any, row: Row) -> str | None:
    return None if row["closed_on"] is not None and row["erased_on"] is None else "WRONG_STATE"


def _of_kept(view: Any, row: Row) -> str | None:
    erased = any(client["id"] == row["client_id"] and client["erased_on"] for client in view.tables["client"])
    return "WRONG_STATE" if erased or row["state"] != "VALID" else None


def _in(*states: str) -> Any:
    return lambda _, row: None if row["state"] in states else "WRONG_STATE"


ACTIONS = {
    "CREATE_CLIENT": Act("place", "client:write", at_closed),
    "UPDATE_CLIENT": Act("client", "client:write", _closed),
    "SET_CLIENT_CONSENT": Act("client", "client:write", _closed),
    "CLOSE_CLIENT": Act("client", "client:write", _closed),
    "ERASE_CLIENT": Act("client", "client:erase", _to_erase),
    "RECORD_SERVICE": Act("place", "service:write", at_closed),
    "CORRECT_SERVICE_RECORD": Act("service_record", "service:write", _of_kept),
    "CANCEL_SERVICE_RECORD": Act("service_record", "service:write", _of_kept),
    "RECORD_SURVEY": Act("place", "survey:write", at_closed),
    "UPDATE_SURVEY": Act("survey", "survey:write", _in("OPEN")),
    "CLOSE_SURVEY": Act("survey", "survey:write", _in("OPEN", "FOLLOWED_UP")),
}
CAN = {
    "Client": {
        "update": "UPDATE_CLIENT",
        "setConsent": "SET_CLIENT_CONSENT",
        "close": "CLOSE_CLIENT",
        "erase": "ERASE_CLIENT",
        "refer": "SEND_REFERRAL",
    },
    "ServiceRecord": {"correct": "CORRECT_SERVICE_RECORD", "cancel": "CANCEL_SERVICE_RECORD"},
    "Survey": {"update": "UPDATE_SURVEY", "close": "CLOSE_SURVEY"},
}


# -- writing -------------------------------------------------------------------------------------------------------

CASES = {
    "createClient": Case(
        lambda z: {
            "placeId": z["C1"],
            "kind": "PERSON",
            "name": "新户",
            "categories": ["DISABLED"],
            "phone": "13800001112",
            "address": "福建省泉州市德化县浔中镇某路2号",
        }
    ),
    "updateClient": Case(
        lambda z: {
            "id": z["CL1"],
            "version": 1,
            "name": "改名",
            "householdSize": 4,
            "categories": ["OTHER"],
            "placeId": z["C2"],
        }
    ),
    "setClientConsent": Case(lambda z: {"id": z["CL1"], "version": 1, "given": False}),
    "closeClient": Case(lambda z: {"id": z["CL1"], "version": 1}),
    "eraseClient": Case(lambda z: {"id": z["CL3"], "version": 1, "reason": "REQUESTED"}),
    "recordService": Case(
        lambda z: {
            "placeId": z["C1"],
            "itemId": z["SI1"],
            "workerId": z["P2"],
            "servedOn": "2024-01-02",
            "contacts": 3,
            "beneficiaries": 2,
            "clientId": z["CL1"],
            "venueId": z["VE1"],
            "surveyId": z["SU1"],
        }
    ),
    "correctServiceRecord": Case(
        lambda z: {
            "id": z["SR1"],
            "version": 1,
            "reason": "误登",
            "contacts": 9,
            "itemId": z["SI1"],
            "workerId": z["P1"],
            "clientId": z["CL2"],
            "venueId": z["VE1"],
        }
    ),
    "cancelServiceRecord": Case(lambda z: {"id": z["SR1"], "version": 1, "reason": "重复登记"}),
    "recordSurvey": Case(
        lambda z: {
            "placeId": z["C1"],
            "clientId": z["CL1"],
            "surveyorId": z["P1"],
            "kind": "ASSESSMENT",
            "surveyedOn": "2024-01-02",
            "findings": "行动不便",
            "urgency": "HIGH",
        }
    ),
    "updateSurvey": Case(lambda z: {"id": z["SU1"], "version": 1, "urgency": "URGENT"}),
    "closeSurvey": Case(lambda z: {"id": z["SU1"], "version": 1, "reason": "已自行解决"}),
}

PLACES = "SCCG"
CATEGORIES = ("DIBAO_HOUSEHOLD", "LEFT_BEHIND_ELDERLY", "DISABLED", "OTHER")
ERASED_FOR = ("REQUESTED", "CONSENT_WITHDRAWN", "PURPOSE_ENDED")
URGENCIES = ("LOW", "NORMAL", "HIGH", "URGENT")


def _phone(m: Any) -> str:
    return f"1380000{m.random.randint(0, 9999):04}"


def _kinds(m: Any) -> list[str]:
    return [m.random.choice(CATEGORIES) for _ in range(m.random.choice((0, 1, 1, 2)))]


def _few(m: Any) -> int:
    return int(m.random.choice((1, 2, 7, 300, 0, -1, 2**31 - 1)))


MAKE: dict[str, Any] = {
    "createClient": lambda m: {
        "placeId": m.id(*PLACES),
        "kind": m.random.choice(("PERSON", "HOUSEHOLD")),
        "name": m.text(),
        "categories": _kinds(m),
        **m.maybe(phone=lambda: _phone(m), consentOn=m.day, registeredOn=m.day, householdSize=lambda: _few(m)),
        **m.keyed(),
    },
    "updateClient": lambda m: (
        m.row("CL")
        | m.maybe(name=m.text, placeId=lambda: m.id(*PLACES), categories=lambda: _kinds(m), phone=lambda: _phone(m))
    ),
    "setClientConsent": lambda m: m.row("CL") | {"given": m.random.random() < 0.5} | m.maybe(on=m.day),
    "closeClient": lambda m: m.row("CL") | m.maybe(on=m.day),
    "eraseClient": lambda m: m.row("CL") | {"reason": m.random.choice(ERASED_FOR)},
    "recordService": lambda m: {
        "placeId": m.id(*PLACES),
        "itemId": m.id("SI"),
        "workerId": m.id("P"),
        "servedOn": m.day(),
        "contacts": _few(m),
        "beneficiaries": 1,
        **m.maybe(clientId=lambda: m.id("CL"), venueId=lambda: m.id("VE"), note=m.text),
        **({"surveyId": m.id("SU")} if m.random.random() < 0.2 else {}),
        **({"referralId": m.id("RF")} if m.random.random() < 0.1 else {}),
        **m.keyed(),
    },
    "correctServiceRecord": lambda m: (
        m.row("SR")
        | {"reason": m.text(), "contacts": _few(m)}
        | m.maybe(workerId=lambda: m.id("P"), servedOn=m.day, clientId=lambda: m.id("CL"))
    ),
    "cancelServiceRecord": lambda m: m.row("SR") | {"reason": m.text()},
    "recordSurvey": lambda m: {
        "placeId": m.id(*PLACES),
        "clientId": m.id("CL"),
        "surveyorId": m.id("P"),
        "kind": "SURVEY",
        "surveyedOn": m.day(),
        "findings": m.text(),
        "urgency": m.random.choice(URGENCIES),
        **m.keyed(),
    },
    "updateSurvey": change("SU", findings="text", surveyedOn="day"),
    "closeSurvey": lambda m: m.row("SU") | {"reason": m.text()},
}
WEIGHTS = {"createClient": 5, "recordService": 6, "recordSurvey": 5, "closeClient": 1, "closeSurvey": 1}
DONE = {"createClient", "updateClient", "recordService", "correctServiceRecord", "recordSurvey"}


async def plant(p: Planting) -> None:
    """Three clients, of whom one is closed, a survey, and a record that counts beside one that has replaced another."""
    since = date(2021, 1, 1)
    consented = {"kind": "PERSON", "household_size": 2, "consent_on": since, "registered_on": since}
    client = await p.add("CL1", "client", "C1", name=fresh("户"), **consented)
    await p.add("", "client_category", "C1", client_id=client, category="LEFT_BEHIND_ELDERLY")
    await p.add("CL2", "client", "C1", name=fresh("户"), **consented)
    closed = await p.add("CL3", "client", "C1", name=fresh("户"), closed_on=date(2022, 1, 1), **consented)
    await p.add("", "client_category", "C1", client_id=closed, category="DISABLED")
    found = {"surveyed_on": since, "findings": fresh("情况"), "urgency": "NORMAL", "kind": "SURVEY"}
    await p.add("SU1", "survey", "C1", client_id=client, surveyor_id=p.key("P1"), **found)
    item = await p.add("", "service_item", "H", code=fresh("I"), name="探访", field="ELDERLY_CARE")
    served = {"item_id": item, "worker_id": p.key("P2"), "served_on": since, "contacts": 2, "beneficiaries": 1}
    await p.add("SR1", "service_record", "C1", client_id=client, note=fresh("记"), **served)
    first = await p.add("SR2", "service_record", "C1", state="CORRECTED", **served)
    await p.add("SR3", "service_record", "C1", corrects_id=first, reason=fresh("因"), **served)


CLOSED = "UPDATE client SET closed_on = '2024-01-01' WHERE id = {CL1}"
PLACE_CLOSED = "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}"
CANCELLED = "UPDATE service_record SET state = 'CANCELLED' WHERE id = {SR1}"
REOPENED = "UPDATE client SET closed_on = NULL WHERE id = {CL3}"
ERASE = """UPDATE client SET name = '已删除', household_size = 1, closed_on = '2024-01-01', erased_on = '2024-01-02',
  erasure_reason = 'REQUESTED' WHERE id = """
ERASED, OF_ERASED = ERASE + "{CL3}", ERASE + "{CL1}"
SETTLED = "UPDATE survey SET state = 'CLOSED' WHERE id = {SU1}"
STATES = [
    *((name, PLACE_CLOSED, "S", "CLOSED", "INVALID") for name in ("createClient", "recordService", "recordSurvey")),
    *((name, CLOSED, "S", "CLOSED", "INVALID") for name in ("updateClient", "setClientConsent", "closeClient")),
    *((name, CANCELLED, "S", "WRONG_STATE", "WRONG_STATE") for name in ("correctServiceRecord", "cancelServiceRecord")),
    *(("eraseClient", made, "S", "WRONG_STATE", "WRONG_STATE") for made in (REOPENED, ERASED)),
    *((name, OF_ERASED, "S", "WRONG_STATE", "WRONG_STATE") for name in ("correctServiceRecord", "cancelServiceRecord")),
    *((name, SETTLED, "S", "WRONG_STATE", "WRONG_STATE") for name in ("updateSurvey", "closeSurvey")),
]

INVARIANTS = {
    "a client's categories are where the client is": """
        SELECT k.id FROM client_category k JOIN client c ON c.id = k.client_id WHERE k.path <> c.path""",
    "a service record is corrected if, and only if, another corrects it": """
        SELECT r.id FROM service_record r
         WHERE (r.state = 'CORRECTED') <> EXISTS (SELECT FROM service_record n WHERE n.corrects_id = r.id)""",
    "a correction lies where the original does": """
        SELECT n.id FROM service_record n JOIN service_record r ON r.id = n.corrects_id WHERE n.path <> r.path""",
    "who takes a service record back, or replaces one, says why": """
        SELECT id FROM service_record WHERE (state = 'CANCELLED' OR corrects_id IS NOT NULL) AND reason IS NULL""",
    "a survey from which a service follows is not open, and of the same client": """
        SELECT r.id FROM service_record r JOIN survey s ON s.id = r.survey_id
         WHERE s.state = 'OPEN' OR r.client_id IS DISTINCT FROM s.client_id""",
    "a survey says when and why it was closed if it was": """
        SELECT id FROM survey WHERE (state = 'CLOSED') <> (closed_on IS NOT NULL AND closing_reason IS NOT NULL)""",
    "consent is withdrawn only after it was given": """
        SELECT id FROM client WHERE consent_withdrawn_on IS NOT NULL AND consent_on IS NULL""",
}
BREAKS = {
    "a client's categories are where the client is": "UPDATE client SET path = '9.' WHERE id = {CL1}",
    "a service record is corrected if, and only if, another corrects it": (
        "UPDATE service_record SET state = 'CORRECTED' WHERE id = {SR1}"
    ),
    "a correction lies where the original does": "UPDATE service_record SET path = '9.' WHERE id = {SR3}",
    "who takes a service record back, or replaces one, says why": CANCELLED,
    "a survey from which a service follows is not open, and of the same client": (
        "UPDATE service_record SET survey_id = {SU1} WHERE id = {SR1}"
    ),
    "a survey says when and why it was closed if it was": SETTLED,
    "consent is withdrawn only after it was given": (
        "UPDATE client SET consent_on = NULL, consent_withdrawn_on = '2024-01-01' WHERE id = {CL1}"
    ),
}
POLICIES = {
    ("at_home", "client"),
    ("at_home", "client_category"),
    ("at_home", "survey"),
    ("left_at_home", "client_category"),
    ("in_sight", "survey"),
    ("in_sight", "service_record"),
    *(
        ("not_erased", table)
        for table in ("client_category", "survey", "referral", "service_record", "consultation_attachment")
    ),
    *(("definer", table) for table in ("client", "client_category", "survey", "resolution", "idempotency_key")),
    *(
        ("definer_change", table)
        for table in ("person", "client", "survey", "service_record", "consultation", "resolution", "audit_entry")
    ),
    *(("definer_removal", table) for table in ("client_category", "session", "refresh_token", "idempotency_key")),
}
DEFINERS = {"client_erased", "erase_client_data", "erase_client", "due_clients", "erase_due_client", "purge_expired"}
UNSCOPED = {"personal_key"}
