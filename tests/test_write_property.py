"""Random writes, valid and invalid, from many accounts at once: afterwards every invariant of the network holds, and
statistics, out of sums that were folded meanwhile, are what plain Python makes of the rows.

`PROPERTY_SEED` and `PROPERTY_COUNT` choose others than those of the suite.
"""

import asyncio
import logging
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest

from models import Role
from schema import schema
from server.embedded import Embedded
from tests import nouns
from tests.invariants import UNVERSIONED, hold
from tests.matrix import CASES, document, may
from tests.nouns.base import change
from tests.reference import Reference, compare
from tests.scene import TABLES, Scene, World, key, world
from tests.statistical import Asking, days_of, values_of

CORE = schema._schema

SEED = os.environ.get("PROPERTY_SEED", "2021")
COUNT = int(os.environ.get("PROPERTY_COUNT", "2400"))
AT_ONCE = 12
# After as many operations, what there is by then is looked up again.
ROUND = 100
STATISTICS = 40
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"
# What an operation may be refused with, as a whole.
REFUSED = {"FORBIDDEN", "UNAUTHENTICATED", "BAD_USER_INPUT"}
# What must have been done at least once, or the sequence shows nothing.
DONE = {
    "createStation", "createCommunity", "createGrid", "moveStation", "moveCommunity", "moveGrid", "closeGrid",
    "renameGrid", "recodeGrid", "createPerson", "updatePerson", "retirePerson", "assignPerson", "endAssignment",
    "createVolunteerTeam", "addTeamMember", "grantAccount", "disableAccount",
    *nouns.DONE,
}  # fmt: skip


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("property")) as made:
        yield made


@dataclass(frozen=True)
class Operation:
    """One mutation, and by whom."""

    number: int
    account: int
    name: str
    given: dict[str, Any]


@dataclass
class Known:
    """The ids that there are, by letter, with their versions; `foreign` are another county's."""

    ids: dict[str, list[str]]
    foreign: dict[str, list[str]]
    versions: dict[str, int]
    tokens: dict[int, str]
    today: date


def test_random_writes_from_many_accounts_at_once_break_no_invariant(
    written: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    scene, foreign = written.scene(), written.scene()
    accounts = staff(scene)
    assert hold(written.url)
    untouched = county_digest(written, foreign)
    random, outcomes = Random(SEED), Counter[tuple[str, str]]()
    for start in range(0, COUNT, ROUND):
        known = look(written, scene, foreign, accounts)
        operations = [operation(random, number, accounts, known) for number in range(start, min(start + ROUND, COUNT))]
        for made, codes in written.run(run_all(written, known, operations)):
            failed = {code.removeprefix("error:") for code in codes if code.startswith("error:")}
            assert failed <= REFUSED, (SEED, made, codes)
            outcomes[made.name, codes[0] if codes else "DONE"] += 1
        assert hold(written.url), (SEED, start)
    assert county_digest(written, foreign) == untouched
    # The first two are never written about; the others lead zones, and some of those are still there.
    for account in list(accounts)[:6]:
        assert not differing_statistics(written, account), (SEED, account)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    done = {name for name, outcome in outcomes if outcome == "DONE"}
    # Which few of so many chance leaves out differs from run to run.
    missing = sorted(DONE - done)
    assert len(missing) <= len(DONE) // 8, missing


def differing_statistics(written: World, account: int) -> list[str]:
    """Random statistics that an account is answered otherwise than plain Python over all rows answers them."""
    assert written.settings.personal_keys is not None
    reference = written.run(Reference.of(written.url, written.settings.personal_keys.get_secret_value()))
    username = written.value("SELECT username FROM account WHERE id = $1", account)
    headers = {"Authorization": f"Bearer {written.token(account)}"}
    values, days, differing = values_of(reference), days_of(reference), []
    for number in range(STATISTICS):
        query, variables = Asking(CORE, Random(f"{SEED} {number}"), values, days).operation()
        body = {"query": query, "variables": variables}
        response = written.client.post(f"{written.address}/graphql", json=body, headers=headers)
        if '"UNAUTHENTICATED"' in response.text:
            # Its grants have ended.
            break
        if found := compare(reference.answer(username, query, variables), response.text):
            differing.append(f"{query}\n{variables}\n{found}")
    return differing


def staff(scene: Scene) -> dict[int, Role]:
    """Accounts of every kind, and their roles; the first two, who are never written about, go on to the end."""
    places = [(Role.ADMINISTRATOR, scene.here["H"])] * 3
    for zone in scene.zones:
        places += [(Role.ADMINISTRATOR, zone["S"]), (Role.MANAGER, zone["S"])]
        places += [(Role.MANAGER, zone[name]) for name in ("B1", "B2", "B1")]
        places += [(Role.MANAGER, zone["C1"]), (Role.WORKER, zone["C1"]), (Role.OBSERVER, zone["S"])]
    return {scene.writer(role, at).account_id: role for role, at in places}


def look(written: World, scene: Scene, foreign: Scene, accounts: dict[int, Role]) -> Known:
    """What there is now."""
    found: list[dict[str, list[str]]] = []
    versions: dict[str, int] = {}
    spared = {f"U{account}" for account in list(accounts)[:2]}
    own = "SELECT 'R' || id AS id FROM account_grant WHERE account_id = ANY ($1)"
    spared |= {row["id"] for row in written.sql(own, list(accounts)[:2])}
    for one in (scene, foreign):
        ids: dict[str, list[str]] = {}
        for letter, table in TABLES.items():
            version = "1 AS version" if table in UNVERSIONED else "version"
            sql = f"SELECT '{letter}' || id AS id, {version} FROM {table} WHERE county_id = $1 ORDER BY id"
            rows = written.sql(sql, key(one.here["H"]))
            versions |= {row["id"]: row["version"] for row in rows}
            ids[letter] = [row["id"] for row in rows if row["id"] not in spared]
        found.append(ids)
    tokens = {account: written.token(account) for account in accounts}
    return Known(found[0], found[1], versions, tokens, written.value(TODAY))


def operation(random: Random, number: int, accounts: dict[int, Role], known: Known) -> Operation:
    """A random operation of a random account."""
    weights = [WEIGHTS.get(name, 3) for name in NAMES]
    (name,) = random.choices(NAMES, weights)
    # Most of them by who may, and many by the county's administrators: or little would change.
    able = [account for account, role in accounts.items() if may(role, name)]
    chance = random.random()
    account = random.choice(able[:3] if chance < 0.4 else able if chance < 0.85 else list(accounts))
    return Operation(number, account, name, MAKE[name](Maker(random, known)))


class Maker:
    """Makes values of an input: most of them good."""

    def __init__(self, random: Random, known: Known) -> None:
        self.random, self.known = random, known

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
        return f"{SEED}-{self.random.randint(1, 400)}" if self.random.random() < 0.97 else ""

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


def test_every_mutation_takes_part() -> None:
    assert set(MAKE) == set(CASES)


async def run_all(written: World, known: Known, operations: list[Operation]) -> list[tuple[Operation, list[str]]]:
    """Sends them, several at once: each with the codes of its refusals, `error:` before those of the operation."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=written.address, timeout=60) as client:

        async def send(one: Operation) -> tuple[Operation, list[str]]:
            async with turns:
                headers = {"Authorization": f"Bearer {known.tokens[one.account]}"}
                body = {"query": document(one.name), "variables": {"input": one.given}}
                answer = (await client.post("/graphql", json=body, headers=headers)).json()
            if "errors" in answer:
                return one, [f"error:{error['extensions']['code']}" for error in answer["errors"]]
            return one, [error["code"] for error in answer["data"][one.name]["errors"]]

        folding = asyncio.create_task(fold_now_and_then(written))
        try:
            return await asyncio.gather(*[send(one) for one in operations])
        finally:
            folding.cancel()


async def fold_now_and_then(written: World) -> None:
    """Folds a few of the sums' changes beside the writes, more often than the server does."""
    connection = await asyncpg.connect(written.url)
    try:
        while True:
            await connection.fetchval("SELECT fold_rollups(20)")
            await asyncio.sleep(0.05)
    finally:
        connection.terminate()


def county_digest(written: World, scene: Scene) -> list[Any]:
    """All rows of a county, in short."""
    sums = "SELECT '{0}', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {0} t WHERE county_id = $1"
    tables = ("place", "placement", "division_code", *TABLES.values())
    return written.sql(" UNION ALL ".join(map(sums.format, tables)), key(scene.here["H"]))
