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
from tests.making import MAKE, NAMES, WEIGHTS, Known, Maker
from tests.matrix import CASES, document, may
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
    return Operation(number, account, name, MAKE[name](Maker(random, known, SEED)))


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
