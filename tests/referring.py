"""Referrals for tests: a county with two zones that are alike, accounts at both ends and at none, and what they write.

cases.send(…)              from `here` C1, by its worker, to `there` C1, whose code alone its sender knows
cases.act("accept", row)   by the receiver
"""

from typing import Any

from models import Role
from tests.payloads import mutating
from tests.scene import Scene, World, Writing, key

SELECTION = """referral { id version state fromName toName from { id } to { id } client { id name } survey { id }
  agency { id } assignee { id } reason urgency dueOn overdue acceptedAt closedAt outcome nextStates
  escalations escalatedTo { id } can { accept reject start complete withdraw } }"""


def write(writer: Writing, mutation: str, **given: Any) -> Any:
    """The payload of a mutation about a referral."""
    query = mutating(mutation, f"{SELECTION} errors {{ code path message }}")
    return writer.ask(query, {"input": given})[mutation]


def done(payload: Any) -> Any:
    """The referral of a payload without a refusal."""
    assert payload["errors"] == []
    return payload["referral"]


def look(asker: Any, referral: Any) -> Any:
    """The referral as somebody sees it, or None."""
    query = f"query ($id: ID!) {{ {SELECTION.replace('referral {', 'referral(id: $id) {', 1)} }}"
    return asker.ask(query, {"id": referral["id"]})["referral"]


class Cases:
    """A fresh county: a sender at C1 of one zone, a receiver at C1 of the other, a third at B2 of either."""

    def __init__(self, world: World) -> None:
        self.scene = Scene(world)
        here, there = self.scene.zones
        self.world, self.here, self.there = world, here, there
        self.sender = self.scene.writer(Role.WORKER, here["C1"])
        self.receiver = self.scene.writer(Role.WORKER, there["C1"])
        self.thirds = [self.scene.writer(Role.ADMINISTRATOR, zone["B2"]) for zone in (here, there)]
        self.hub = self.scene.writer(Role.ADMINISTRATOR, here["H"])

    def code(self, place: str) -> str:
        """The public code of a place."""
        table = {"C": "community", "S": "station", "G": "grid"}[place[0]]
        return str(self.world.value(f"SELECT code FROM {table} WHERE id = $1", key(place)))

    def send(self, by: Writing | None = None, **given: Any) -> Any:
        """The payload of a referral, to the receiver if nobody else is named."""
        if not {"toId", "toCode", "agencyId"} & given.keys():
            given["toCode"] = self.code(self.there["C1"])
        return self.refer(by, **given)

    def refer(self, by: Writing | None = None, **given: Any) -> Any:
        """The payload of a referral, to whom the input says."""
        given = {"clientId": self.here["CL8"], "reason": "需要照护", "urgency": "NORMAL"} | given
        return write(by or self.sender, "sendReferral", **given)

    def act(self, verb: str, row: Any, by: Writing | None = None, **given: Any) -> Any:
        """The payload of a step, by the receiver (`withdraw`: by the sender), with a text if it needs one."""
        texts = {"reject": "reason", "withdraw": "reason", "complete": "outcome"}
        text = {texts[verb]: "说明"} if verb in texts else {}
        writer = by or (self.sender if verb == "withdraw" else self.receiver)
        return write(writer, f"{verb}Referral", **{"id": row["id"], "version": row["version"], **text, **given})

    def entries(self, row: Any) -> list[tuple[str, int]]:
        """What the log tells of a referral: the actions, and the places that keep them."""
        query = "SELECT action, place_id FROM audit_entry WHERE noun = 'referral' AND row_id = $1 ORDER BY id"
        return [(entry["action"], entry["place_id"]) for entry in self.world.sql(query, key(row["id"]))]
