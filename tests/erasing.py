"""A client of whom all is recorded that can be, to be erased, and a search for what tells of them in every table."""

import re
from typing import Any

from models import Role, metadata
from resolvers import audit_chain
from tests.payloads import mutating
from tests.scene import Scene, World, Writing, key

SECRET = "机密"
"""Begins each text that is written about the client; of the texts of this client nothing else tells of them."""
ID_NUMBER, PHONE = "350599195004120029", "19900001234"
MASKED = {"phone": "199****1234", "idNumber": "3505**********0029", "address": "福建省泉州市德化县浔中镇****"}
TELLING = (SECRET, ID_NUMBER, PHONE, *MASKED.values())
TABLES = sorted(metadata.tables)
DUMPED = "SELECT t::text FROM {} AS t"
PERSON = """client { id version name kind householdSize categories phone idNumber birthDate address closedOn erasedOn
  erasureReason can { update erase } private { phone } serviceRecords(valid: false) { nodes { note contacts } }
  surveys { nodes { findings } } referrals { nodes { reason outcome } }
  history { nodes { action before after account { id } } } }"""
FIGURES = """{ serviceTotals { records contacts beneficiaries clients }
  serviceStatistics(groupBy: [ITEM]) { nodes { contacts records { totalCount } } } clients { totalCount }
  surveys { totalCount } referrals { totalCount } }"""


class Case:
    """A client of C1 here of whom all is recorded that can be, also at C1 there and in a consultation of S."""

    def __init__(self, world: World, scene: Scene | None = None) -> None:
        self.world, self.scene = world, scene or Scene(world)
        here, there = self.scene.zones
        self.hub = self.scene.writer(Role.ADMINISTRATOR, here["H"])
        self.manager = self.scene.writer(Role.MANAGER, here["S"])
        self.receiver = self.scene.writer(Role.MANAGER, there["C1"])
        self.rows: dict[str, Any] = {}
        about: dict[str, Any] = {
            "phone": PHONE,
            "idNumber": ID_NUMBER,
            "address": f"福建省泉州市德化县浔中镇{SECRET}路1号",
        }
        about |= {"name": f"{SECRET}户", "categories": ["DISABLED"], "consentOn": "2024-01-01", "householdSize": 3}
        self.do("createClient", placeId=here["C1"], kind="HOUSEHOLD", registeredOn="2024-01-01", **about)
        self.id = self.rows["client"]["id"]
        self.do("updateClient", self.id, name=f"{SECRET}改", categories=["DISABLED", "OTHER"])
        self.manager.ask("query ($id: ID!) { client(id: $id) { private { phone } } }", {"id": self.id})
        found: Any = {"kind": "SURVEY", "surveyorId": here["P1"], "surveyedOn": "2024-01-02", "urgency": "HIGH"}
        self.do("recordSurvey", placeId=here["C1"], clientId=self.id, findings=f"{SECRET}情况", **found)
        survey = self.rows["survey"]["id"]
        self.do("updateSurvey", survey, findings=f"{SECRET}情况二")
        code = world.value("SELECT code FROM community WHERE id = $1", there.key("C1"))
        sent: Any = {"placeId": here["C1"], "clientId": self.id, "surveyId": survey, "toCode": code, "urgency": "HIGH"}
        self.do("sendReferral", reason=f"{SECRET}原因", **sent)
        referral = self.rows["referral"]["id"]
        self.do("acceptReferral", referral, self.receiver)
        served: Any = {"itemId": there["SI1"], "workerId": there["P2"], "servedOn": "2024-02-01", "contacts": 3}
        served |= {"placeId": there["C1"], "beneficiaries": 1, "clientId": self.id, "referralId": referral}
        self.do("recordService", None, self.receiver, note=f"{SECRET}服务", **served)
        record = self.rows["serviceRecord"]["id"]
        self.do("correctServiceRecord", record, self.receiver, reason=f"{SECRET}更正", contacts=4)
        self.do("callConsultation", placeId=here["C1"], issue=f"{SECRET}议题", meetsOn="2024-03-01")
        self.meeting = self.rows["consultation"]["id"]
        attached: Any
        for attached in ({"clientId": self.id}, {"surveyId": survey}, {"referralId": referral}):
            self.do("attachToConsultation", consultationId=self.meeting, **attached)
        self.do("addResolution", consultationId=self.meeting, title=f"{SECRET}决议", toCode=code, dueOn="2024-04-01")

    def do(self, mutation: str, id_: str | None = None, by: Writing | None = None, **given: Any) -> Any:
        """A mutation, of the newest version of a row if an id says which; its row is kept by its noun."""
        payload = self.attempt(mutation, id_, by, **given)
        assert payload.pop("errors") == [], payload
        self.rows |= payload
        return payload

    def attempt(self, mutation: str, id_: str | None = None, by: Writing | None = None, **given: Any) -> Any:
        if id_ is not None:
            table = re.sub(r"(?<!^)(?=[A-Z])", "_", NOUNS[mutation]).lower()
            version = self.world.value(f"SELECT version FROM {table} WHERE id = $1", key(id_))
            given |= {"id": id_, "version": version}
        query = mutating(mutation, f"{NOUNS[mutation]} {{ id }} errors {{ code path }}")
        return (by or self.manager).ask(query, {"input": given})[mutation]

    def refusal(
        self, mutation: str = "eraseClient", id_: str | None = None, by: Writing | None = None, **given: Any
    ) -> str:
        """The code of a mutation's one refusal, of `eraseClient` if no other is named."""
        if mutation == "eraseClient":
            given["reason"] = "REQUESTED"
        (error,) = self.attempt(mutation, id_ or self.id, by, **given)["errors"]
        return str(error["code"])

    def settle(self) -> None:
        """Ends what is under way, and says how it went."""
        self.do("completeReferral", self.rows["referral"]["id"], self.receiver, outcome=f"{SECRET}结果")
        self.do("advanceConsultation", self.meeting, state="HELD", minutes=f"{SECRET}纪要")
        self.do("advanceConsultation", self.meeting, state="CLOSED")
        told: Any = {"state": "DONE", "outcome": f"{SECRET}办结"}
        self.do("advanceResolution", self.rows["resolution"]["id"], self.receiver, **told)

    def erased(self) -> "Case":
        """Settles, closes and erases."""
        self.settle()
        self.do("closeClient", self.id)
        self.do("eraseClient", self.id, reason="CONSENT_WITHDRAWN")
        return self

    def look(self, by: Writing | None = None) -> Any:
        """The client, as somebody sees them."""
        query = f"query ($id: ID!) {{ {PERSON.replace('client {', 'client(id: $id) {', 1)} }}"
        return (by or self.manager).ask(query, {"id": self.id})["client"]

    def told(self) -> dict[str, int]:
        """In how many rows of each table something tells of the client."""
        found = {}
        for table in TABLES:
            rows = [row[0] for row in self.world.sql(DUMPED.format(table))]
            # JSON in a row is quoted, and may have escapes.
            texts = [row.encode().decode("unicode_escape") if "\\u" in row else row for row in rows]
            found[table] = sum(any(word in text for word in TELLING) for text in texts)
        return {table: count for table, count in found.items() if count}


NOUNS = {
    **dict.fromkeys(("createClient", "updateClient", "closeClient", "eraseClient", "setClientConsent"), "client"),
    **dict.fromkeys(("recordSurvey", "updateSurvey", "closeSurvey"), "survey"),
    **dict.fromkeys(("sendReferral", "acceptReferral", "completeReferral"), "referral"),
    **dict.fromkeys(("recordService", "correctServiceRecord", "cancelServiceRecord"), "serviceRecord"),
    **dict.fromkeys(("callConsultation", "advanceConsultation"), "consultation"),
    **dict.fromkeys(("addResolution", "advanceResolution"), "resolution"),
    "attachToConsultation": "consultationAttachment",
}


async def verified(world: World) -> list[str]:
    faults: list[str] = []
    async with world.connection.transaction(isolation="repeatable_read"):
        await audit_chain.verify(world.connection, faults.append)
        await world.connection.execute("RESET ROLE")
    return faults
