"""Random inputs of mutations, most of them good: `MAKE[name](Maker(random, known, prefix))`."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from models import Role
from tests import nouns
from tests.nouns.base import change


@dataclass
class Known:
    """The ids that there are, by letter, with their versions; `foreign` are another county's."""

    ids: dict[str, list[str]]
    foreign: dict[str, list[str]]
    versions: dict[str, int]
    tokens: dict[int, str]
    today: date


class Maker:
    """Makes values of an input: most of them good."""

    def __init__(self, random: Random, known: Known, prefix: str) -> None:
        self.random, self.known, self.prefix = random, known, prefix

    def id(self, *letters: str) -> str:
        """An id of one of these kinds: one in twelve of another county, or of nothing."""
        letter, chance = self.random.choice(letters), self.random.random()
        if chance < 0.04:
            return self.random.choice(["", "新", "S0", f"{letter}999999", self.random.choice(self.known.ids["G"])])
        ids = self.known.foreign[letter] if chance < 0.08 else self.known.ids[letter]
        return self.random.choice(ids or [f"{letter}1"])

    def row(self, *letters: str) -> dict[str, Any]:
        """`id` and `version`: one in ten stale or to come."""
        chosen = self.id(*letters)
        wrong = self.random.choice([-1, 1]) if self.random.random() < 0.1 else 0
        return {"id": chosen, "version": self.known.versions.get(chosen, 1) + wrong}

    def day(self) -> str:
        """A day: around today, or far off."""
        chance = self.random.random()
        if chance < 0.05:
            return self.random.choice(["0001-01-01", "9999-12-31", "1899-12-31"])
        near, far = self.random.choice([0, -1, -30, -400, -2500, 1, 30]), self.random.randint(-4000, 400)
        days = near if chance < 0.9 else far
        return (self.known.today + timedelta(days=days)).isoformat()

    def maybe(self, **values: Any) -> dict[str, Any]:
        """Each of these or not."""
        return {name: value() for name, value in values.items() if self.random.random() < 0.4}

    def code(self) -> str:
        """A code that may be taken."""
        return f"{self.prefix}-{self.random.randint(1, 400)}" if self.random.random() < 0.97 else ""

    def text(self) -> str:
        """A name that may be none."""
        return self.random.choice(["甲", "乙", "丙", "O'Brien", "🏮", "é", " ", "", "长" * 300, "a\0b"])

    def division(self, digits: int) -> str:
        """A division code that may be wrong."""
        return f"{self.random.randint(0, 10**digits - 1):0{digits if self.random.random() < 0.95 else 5}}"

    def keyed(self) -> dict[str, Any]:
        """A key that may have been used, or none."""
        return {"idempotencyKey": f"k{self.random.randint(1, 60)}"} if self.random.random() < 0.3 else {}

    def number(self) -> int:
        """A count that may be negative."""
        return self.random.choice([0, 1, 7, 300, 2**31 - 1, -1])

    def role(self) -> str:
        """A role."""
        return self.random.choice([role.value for role in Role])

    def duty(self) -> str:
        """A duty."""
        return self.random.choice(DUTIES)


DUTIES = [
    "RESPONSIBLE_PERSON", "RESPONSIBLE_PERSON", "GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE",
    "STATION_SOCIAL_WORKER", "LINKED_SOCIAL_WORKER",
]  # fmt: skip
KINDS = ["GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE", "SOCIAL_WORKER", "VOLUNTEER"]


def _place(m: Maker, parent: str, digits: int, **more: Any) -> dict[str, Any]:
    common = {"parentId": m.id(*parent), "code": m.code(), "name": m.text(), "divisionCode": m.division(digits)}
    return {**common, **m.keyed(), **more}


def _counted(m: Maker) -> dict[str, Any]:
    return {"households": m.number(), "residents": m.number()} | m.maybe(since=m.day)


def _moved(letter: str, parent: str) -> Any:
    return lambda m: m.row(letter) | {"parentId": m.id(*parent)}


def _closed(letter: str) -> Any:
    return lambda m: m.row(letter) | m.maybe(successorId=lambda: m.id(letter)) | m.maybe(on=m.day)


def _recoded(letter: str, digits: int) -> Any:
    return lambda m: m.row(letter) | {"divisionCode": m.division(digits)} | m.maybe(code=m.code, on=m.day)


def _renamed(letter: str) -> Any:
    return lambda m: m.row(letter) | {"name": m.text()}


MAKE: dict[str, Any] = {
    "createStation": lambda m: _place(m, "SSSC", 9, **m.maybe(openedOn=m.day)),
    "createCommunity": lambda m: _place(m, "SSSC", 12, kind="VILLAGE", **_counted(m)),
    "createGrid": lambda m: _place(m, "CCCS", 12, **_counted(m)),
    "updateStation": change("S", address="text", openedOn="day"),
    "updateCommunity": change("C", households="number", residents="number"),
    "updateGrid": change("G", households="number", residents="number"),
    "renameStation": _renamed("S"),
    "renameCommunity": _renamed("C"),
    "renameGrid": _renamed("G"),
    "recodeStation": _recoded("S", 9),
    "recodeCommunity": _recoded("C", 12),
    "recodeGrid": _recoded("G", 12),
    "moveStation": _moved("S", "SSSC"),
    "moveCommunity": _moved("C", "SSSG"),
    "moveGrid": _moved("G", "CCCS"),
    "closeStation": _closed("S"),
    "closeCommunity": _closed("C"),
    "closeGrid": _closed("G"),
    "createPerson": lambda m: {
        "homeId": m.id(*"SCCG"),
        "kind": m.random.choice(KINDS),
        "name": m.text(),
        "gender": "FEMALE",
        **m.maybe(phone=lambda: f"1380000{m.random.randint(0, 9999):04}"),
        **m.keyed(),
    },
    "updatePerson": lambda m: (
        m.row("P") | m.maybe(name=m.text, homeId=lambda: m.id(*"SCCG"), kind=lambda: m.random.choice(KINDS))
    ),
    "retirePerson": lambda m: m.row("P") | m.maybe(on=m.day),
    "reinstatePerson": lambda m: m.row("P"),
    "assignPerson": lambda m: {
        "personId": m.id("P"),
        "placeId": m.id(*"SCGG"),
        "duty": m.duty(),
        "validFrom": m.day(),
        **m.maybe(validTo=m.day),
        **m.keyed(),
    },
    "endAssignment": lambda m: m.row("A") | m.maybe(on=m.day),
    "transferAssignment": lambda m: m.row("A") | {"placeId": m.id(*"SCGG")} | m.maybe(on=m.day),
    "createQualification": lambda m: {
        "personId": m.id("P"),
        "level": "SENIOR",
        "certificateNumber": m.code(),
        "obtainedOn": m.day(),
        **m.keyed(),
    },
    "updateQualification": change("Q", certificateNumber="code", obtainedOn="day", expiresOn="day"),
    "createVolunteerTeam": lambda m: {"placeId": m.id(*"SCG"), "code": m.code(), "name": m.text(), **m.keyed()},
    "updateVolunteerTeam": lambda m: m.row("T") | m.maybe(name=m.text, code=m.code, placeId=lambda: m.id(*"SCG")),
    "addTeamMember": lambda m: {"teamId": m.id("T"), "personId": m.id("P"), "validFrom": m.day(), **m.keyed()},
    "endTeamMembership": lambda m: m.row("M") | m.maybe(on=m.day),
    "createAccount": lambda m: {
        "placeId": m.id(*"SCG"),
        "username": f"p{m.random.randint(1, 200)}" if m.random.random() < 0.9 else "Ä",
        "password": m.random.choice(["correct horse", "correct horse", "short"]),
        "role": m.role(),
        **m.keyed(),
    },
    "resetPassword": lambda m: {
        "accountId": (row := m.row("U"))["id"],
        "version": row["version"],
        "newPassword": "another horse",
    },
    "disableAccount": lambda m: m.row("U"),
    "enableAccount": lambda m: m.row("U"),
    "grantAccount": lambda m: {"accountId": m.id("U"), "placeId": m.id(*"SCG"), "role": m.role(), **m.keyed()},
    "revokeGrant": lambda m: m.row("R"),
    **nouns.MAKE,
}
NAMES = sorted(MAKE)
WEIGHTS = {"closeStation": 1, "closeCommunity": 2, "createAccount": 1, "resetPassword": 1, "moveStation": 6,
           "moveCommunity": 6, "assignPerson": 8, "createPerson": 6, "createStation": 4, "disableAccount": 2,
           "revokeGrant": 2, "grantAccount": 5, **nouns.WEIGHTS}  # fmt: skip
