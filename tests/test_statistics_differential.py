"""Every statistic answers as plain Python over all rows does: random groups, filters, times and pages, for accounts of
every level; and each group hands out as many rows as it counts.

Three times: with both guards, and with each of them alone; then a third of the operations. `STATISTICS_SEED` and
`STATISTICS_OPERATIONS` ask for others, or more.
"""

import json
import os
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import get_named_type

from schema import schema
from server.settings import Settings
from tests import awkward
from tests.conftest import Ask
from tests.guards import BOTH
from tests.reference import Reference, compare
from tests.statistical import ROWS, Asking, days_of, values_of

CORE = schema._schema
SEED = os.environ.get("STATISTICS_SEED", "2021")
OPERATIONS = int(os.environ.get("STATISTICS_OPERATIONS", "33"))
SHOWN = 3
ACCOUNTS = ("hub", "hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")


@pytest.fixture(scope="module")
def reference(database: str, settings: Settings, frozen_log: None) -> Iterator[Reference]:
    with awkward.compared(database, settings) as found:
        yield found


@pytest.mark.parametrize("username", ACCOUNTS)
def test_random_statistics_answer_as_plain_python_does(
    reference: Reference, guards: str, username: str, post: Ask
) -> None:
    values, days = values_of(reference), days_of(reference)
    failures: list[str] = []
    for index in range(0, OPERATIONS, 1 if guards == BOTH else 3):
        seed = f"{SEED} {username} {index}"
        asking = Asking(CORE, Random(seed), values, days)
        query, given = asking.operation()
        for _ in range(2):
            response = post(username, query, given)
            found = compare(reference.answer(username, query, given), response.text)
            if found:
                failures.append(f"seed {seed!r}\n{query}\n{json.dumps(given, ensure_ascii=False)}\n{found}")
            page = (response.json()["data"] or {}).get("s0")
            if found or page is None or page["pageInfo"][asking.onward] is None:
                break
            given = given | {"cursor": page["pageInfo"][asking.onward]}
        if len(failures) >= SHOWN:
            break
    assert not failures, "\n\n".join(failures)


@pytest.mark.parametrize("username", ["hub", "hub-observer", "leifeng"])
@pytest.mark.parametrize("name", ROWS)
def test_each_group_hands_out_as_many_rows_as_it_counts(username: str, name: str, ask: Ask) -> None:
    assert CORE.query_type is not None
    dimensions: Any = get_named_type(CORE.query_type.fields[name].args["groupBy"].type)
    fields = "nodes { count records { totalCount } }"
    asked = " ".join(f"{d}: {name}(groupBy: [{d}], first: 100) {{ {fields} }}" for d in dimensions.values)
    for dimension, page in ask(username, f"{{ {asked} }}").items():
        assert page["nodes"] or username == "hub-observer", dimension
        for group in page["nodes"]:
            assert group["records"] == {"totalCount": group["count"]}, dimension


@pytest.mark.parametrize("name", ROWS)
def test_of_everything_together_nothing_but_its_type_may_be_asked(name: str, ask: Ask) -> None:
    assert CORE.query_type is not None
    dimensions: Any = get_named_type(CORE.query_type.fields[name].args["groupBy"].type)
    query = f"{{ {name}(groupBy: [{next(iter(dimensions.values))}]) {{ total {{ __typename }} }} }}"
    assert ask("leifeng", query)[name]["total"]["__typename"].endswith("Figures")
