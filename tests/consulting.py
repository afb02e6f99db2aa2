"""A consultation between two zones of a scene that do not see each other: C1 here calls it, C2 there is its guest."""

from datetime import date
from typing import Any

from models import Role
from tests.payloads import mutating
from tests.scene import Scene, World, Writing, key

CONSULTATION = """consultation {
  id version issue meetsOn minutes state nextStates closedOn place { id }
  can { update advance invite attach addResolution } }"""
PARTICIPANT = """consultationParticipant {
  id version toName state nextStates representative guest { id } consultation { id place { id } } place { id }
  can { answer } }"""
ATTACHMENT = "consultationAttachment { id client { id } survey { id } referral { id } consultation { id } }"
RESOLUTION = """resolution {
  id version title toName dueOn overdue state nextStates outcome doneOn owner { id } consultation { id } place { id }
  can { advance } }"""
SELECTED = {
    **dict.fromkeys(("callConsultation", "updateConsultation", "advanceConsultation"), CONSULTATION),
    **dict.fromkeys(("inviteParticipant", "answerInvitation"), PARTICIPANT),
    "attachToConsultation": ATTACHMENT,
    **dict.fromkeys(("addResolution", "advanceResolution"), RESOLUTION),
}
INSERT = """
INSERT INTO {table} (place_id, path, station_id, county_id{names})
SELECT id, path, station_id, county_id{numbers} FROM place WHERE id = $1 RETURNING id
"""


def attempt(writing: Writing, mutation: str, **given: Any) -> tuple[Any, list[tuple[str, str]]]:
    """What a mutation of consultations shows, and its refusals: code and path."""
    selected = f"{SELECTED[mutation]} errors {{ code path }}"
    query = mutating(mutation, selected)
    payload = writing.ask(query, {"input": given})[mutation]
    errors = payload.pop("errors")
    (row,) = payload.values()
    return row, [(error["code"], ".".join(error["path"][1:])) for error in errors]


def done(writing: Writing, mutation: str, **given: Any) -> Any:
    """What a mutation has written; a refusal fails the test."""
    row, errors = attempt(writing, mutation, **given)
    assert errors == []
    return row


def refused(writing: Writing, mutation: str, **given: Any) -> tuple[str, str]:
    """The one refusal of a mutation that has written nothing."""
    world = writing.world
    before = world.digest()
    _, errors = attempt(writing, mutation, **given)
    assert world.changed(before) == []
    (error,) = errors
    return error


class Meeting:
    """Two managers, the consultation that one has called, and what could be attached to it; nobody is invited yet."""

    def __init__(self, world: World) -> None:
        self.world, self.scene = world, world.scene()
        self.here, self.there = self.scene.here, self.scene.there
        self.convenor = self.scene.writer(Role.MANAGER, self.here["C1"])
        self.guest = self.scene.writer(Role.MANAGER, self.there["C2"])
        self.code = world.value("SELECT code FROM community WHERE id = $1", self.there.key("C2"))
        self.name = world.value("SELECT name FROM community WHERE id = $1", self.there.key("C2"))
        self.client, self.other_client = (client(self.scene, self.here["C1"], name) for name in ("甲户", "乙户"))
        about = {"client_id": key(self.client), "surveyor_id": self.here.key("P1"), "surveyed_on": date(2024, 3, 1)}
        survey = about | {"kind": "SURVEY", "findings": "独居，行动不便", "urgency": "HIGH"}
        self.survey, self.other_survey = (f"SU{add(world, 'survey', self.here['G1'], **survey)}" for _ in range(2))
        self.referral = f"RF{self._referral()}"
        self.row = self.call()
        self.id = self.row["id"]

    def call(self, issue: str = "独居老人照护") -> Any:
        """Another consultation of the same place."""
        given = {"placeId": self.here["C1"], "issue": issue, "meetsOn": "2035-05-01"}
        return done(self.convenor, "callConsultation", **given)

    def invite(self) -> Any:
        """The guest's invitation."""
        return done(self.convenor, "inviteParticipant", consultationId=self.id, toCode=self.code)

    def attach(self, **about: str) -> Any:
        """Attaches a row."""
        return done(self.convenor, "attachToConsultation", consultationId=self.id, **about)

    def resolve(self, title: str = "每周探访", **to: str) -> Any:
        """Something to do: for the guest, if it is not said for whom."""
        given = {"consultationId": self.id, "title": title, "dueOn": "2035-06-01"} | (to or {"toCode": self.code})
        return done(self.convenor, "addResolution", **given)

    def hold(self) -> Any:
        """Holds it."""
        return self.advance("HELD", minutes="已商定。")

    def advance(self, state: str, **more: str) -> Any:
        """Takes it to a state."""
        version = self.world.value("SELECT version FROM consultation WHERE id = $1", key(self.id))
        return done(self.convenor, "advanceConsultation", id=self.id, version=version, state=state, **more)

    def close(self) -> Any:
        """Holds and closes it."""
        self.hold()
        return self.advance("CLOSED")

    def _referral(self) -> int:
        place = self.world.sql("SELECT * FROM place WHERE id = $1", self.here.key("C2"))[0]
        to = {f"to_{name}": place[name] for name in ("path", "station_id", "county_id")} | {"to_place_id": place["id"]}
        said = {"from_name": "来处", "to_name": "去处", "reason": "需要上门", "urgency": "HIGH"}
        case = {"client_id": key(self.client), "due_on": date(2035, 1, 1)}
        return add(self.world, "referral", self.here["C1"], **to, **said, **case)


def client(scene: Scene, place: str, name: str, **more: Any) -> str:
    """A client at a place, who consents to be told of."""
    values = {"kind": "PERSON", "name": name, "household_size": 1, "registered_on": date(2024, 1, 1)}
    return f"CL{add(scene.world, 'client', place, **(values | {'consent_on': date(2024, 1, 1)} | more))}"


def add(world: World, table: str, place: str, **values: Any) -> int:
    """The key of a new row at a place."""
    names = "".join(f", {name}" for name in values)
    numbers = "".join(f", ${number}" for number in range(2, len(values) + 2))
    made: int = world.value(INSERT.format(table=table, names=names, numbers=numbers), key(place), *values.values())
    return made
