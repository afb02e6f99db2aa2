"""Every statistic answers as plain Python over all rows does: random groups, filters, times and pages, for accounts of
every level; and each group hands out as many rows as it counts.

`STATISTICS_SEED` and `STATISTICS_OPERATIONS` ask for others, or more.
"""

import json
import os
from collections.abc import Iterator
from random import Random

import pytest

from schema import schema
from server.settings import Settings
from tests import awkward
from tests.conftest import Ask
from tests.guards import BOTH, CLAUSE, POLICIES, standing
from tests.leaking import account as account
from tests.reference import Reference, compare
from tests.statistical import Asking, days_of, values_of

CORE = schema._schema
SEED = os.environ.get("STATISTICS_SEED", "2021")
OPERATIONS = int(os.environ.get("STATISTICS_OPERATIONS", "60"))
SHOWN = 3
ACCOUNTS = ("hub", "hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")


@pytest.fixture(scope="module")
def reference(database: str, settings: Settings, frozen_log: None) -> Iterator[Reference]:
    import asyncio

    assert settings.personal_keys
    asyncio.run(awkward.insert(database))
    try:
        yield asyncio.run(Reference.of(database, settings.personal_keys.get_secret_value()))
    finally:
        asyncio.run(awkward.remove(database))


@pytest.fixture(scope="module", params=[BOTH, CLAUSE, POLICIES])
def guards(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    with standing(request.param, database) as which:
        yield which


@pytest.mark.parametrize("username", ACCOUNTS)
def test_random_statistics_answer_as_plain_python_does(
    guards: str, username: str, post: Ask, reference: Reference
) -> None:
    values, days, failures = values_of(reference), days_of(reference), []
    for index in range(OPERATIONS):
        seed = f"{SEED} {username} {index}"
        query, variables = Asking(CORE, Random(seed), values, days).operation()
        response = post(username, query, variables)
        found = compare(reference.answer(username, query, variables), response.text)
        if found:
            failures.append(f"seed {seed!r}\n{query}\n{json.dumps(variables, ensure_ascii=False)}\n{found}")
        if len(failures) >= SHOWN:
            break
    assert not failures, "\n\n".join(failures)
