"""What a distributed database is asked, here asked of a plain one: the county is everywhere, and the answers are alike.

The statements are those for shards, only the database is not distributed; how they do on one that is, is
tests/test_citus_statements.py's.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from models import metadata
from resolvers.core import opening, sharding
from resolvers.core.executor import Executor
from resolvers.core.plan import Plan
from resolvers.core.scope import SCOPES
from resolvers.core.sharding import WHOLE, gathering, is_sharded
from schema import schema
from tests.conftest import Ask
from tests.generate import generate
from tests.harvest import Harvest, Values

CORE = schema._schema
FOLDER = Path(__file__).parent / "queries"
CASES = sorted(FOLDER.glob("*.graphql"))
SHARDED = {name for name, table in metadata.tables.items() if is_sharded(table)}
READ = re.compile(r"(?:\bFROM|\bJOIN|,) (\w+) AS (\w+)")
CUT = re.compile(r"\(SELECT \* FROM (\w+) WHERE county_id = \$\d+::BIGINT\) AS \w+")
JOINED = re.compile(r"\b(\w+)\.(id|\w+_id) = (\w+)\.(id|\w+_id)(?: AND (\w+)\.county_id = (\w+)\.county_id\))?")
ABOVE = {("station", "parent_id"), ("place", "parent_id"), ("placement", "parent_id")}
OPERATIONS = 25


@contextmanager
def made_for(*, wide: bool) -> Iterator[None]:
    """Whoever asks, the statements are those for shards: of a county's scope, or of one above, until the block ends."""
    scopes = Executor.scopes
    try:
        Executor.scopes = tuple(replace(scope, sharded=True, wide=wide) for scope in SCOPES if not scope.sharded)
        Executor.plans.clear()
        yield
    finally:
        Executor.scopes = scopes
        Executor.plans.clear()


def asked(case: Path) -> tuple[str, str, dict[str, Any]]:
    """Who asks a hand-picked operation, the operation, and its variables."""
    query = case.read_text("utf-8")
    heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
    return heading["account"], query, json.loads(heading.get("variables", "{}"))


def plans() -> list[Plan]:
    """What was compiled since the plans were cleared."""
    return [plan for plan in Executor.plans._items.values() if plan.sql]


def without_ids(text: str) -> Any:
    """An answer without what is different each time."""
    body = json.loads(text)
    for error in body.get("errors", ()):
        del error["extensions"]["requestId"]
    return body


def strays(plan: Plan) -> list[str]:
    """What of a statement does not say the county though it could: tables that are read, keys that are joined by."""
    tables = {alias: table for table, alias in READ.findall(plan.sql)}
    if not plan.scope.wide:
        return [table for table in tables.values() if table in SHARDED]
    found = []
    for left, one, right, other, *same in JOINED.findall(plan.sql):
        sides = [(tables.get(left), one), (tables.get(right), other)]
        free = any(side[0] not in SHARDED or side in ABOVE for side in sides)
        if not free and {one, other} != {"county_id"} and same != [left, right]:
            found.append(f"{left}.{one} = {right}.{other}")
    return found


@pytest.mark.parametrize("wide", [False, True], ids=["county", "province"])
def test_hand_picked_operations_say_the_county_everywhere_and_answer_alike(wide: bool, post: Ask) -> None:
    with made_for(wide=wide):
        for case in CASES:
            answer = without_ids(post(*asked(case)).text)
            assert answer == json.loads(case.with_suffix(".json").read_text("utf-8")), case.stem
        assert len(plans()) >= len(CASES)
        assert [stray for plan in plans() for stray in strays(plan)] == []


@pytest.mark.parametrize("wide", [False, True], ids=["county", "province"])
def test_random_operations_say_the_county_everywhere_and_answer_alike(
    wide: bool, post: Ask, harvested: Callable[[str], Harvest], frozen_log: None
) -> None:
    values = Values(harvested("hub"))
    operations = [generate(CORE, Random(f"shards {index}"), values) for index in range(OPERATIONS)]
    usual = [without_ids(post("hub", *operation).text) for operation in operations]
    with made_for(wide=wide):
        for operation, expected in zip(operations, usual, strict=True):
            assert without_ids(post("hub", *operation).text) == expected, operation
        assert len(plans()) > OPERATIONS / 2
        assert [stray for plan in plans() for stray in strays(plan)] == []


def test_a_table_that_is_not_cut_and_a_key_without_the_county_are_found_out(post: Ask) -> None:
    Executor.plans.clear()
    post("hub", "query foundOut { communities { nodes { name grids { nodes { name } } } } }")
    (plan,) = plans()
    assert strays(replace(plan, scope=replace(plan.scope, wide=False))) == ["grid", "community"]
    assert strays(replace(plan, scope=replace(plan.scope, wide=True))) == ["community_1.id = grid_1.parent_id"]


def test_what_is_brought_together_first_answers_as_the_tables_do(post: Ask) -> None:
    # Whose scope is above a county is nobody's guest, as these are not.
    cases = [case for case in CASES if asked(case)[0] in ("hub", "hub-observer")]
    with made_for(wide=True):
        for case in cases:
            post(*asked(case))
        for plan in plans():
            plan.statement._gathering = gathering(plan.sql, plan.statement.order)
        for case in cases:
            answer = without_ids(post(*asked(case)).text)
            assert answer == json.loads(case.with_suffix(".json").read_text("utf-8")), case.stem


def test_more_than_is_brought_together_is_refused(post: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharding, "MOST_GATHERED", 5)
    monkeypatch.setattr(opening, "MOST_GATHERED", 5)
    with made_for(wide=True):
        query = "query refused { grids(first: 1) { nodes { name } } }"
        post("hub", query)
        (plan,) = plans()
        plan.statement._gathering = gathering(plan.sql, plan.statement.order)
        (error,) = post("hub", query).json()["errors"]
        assert error["extensions"]["code"] == "TOO_COSTLY"


def test_below_a_region_rows_are_brought_together(post: Ask, database: str) -> None:
    query = "query below { stations(first: 50) { nodes { code personnel { totalCount } } } }"
    usual = post("hub", query).json()
    with made_for(wide=True):
        assert post("hub", query).json() == usual
        (plan,) = plans()
        assert "'REGION'" in plan.sql
        plan.statement.sql = plan.sql.replace("'REGION'", "'HUB'")
        assert post("hub", query).json() == usual
        assert plan.statement._gathering is None


def test_each_table_with_a_county_is_on_shards_or_whole_everywhere() -> None:
    located = {name for name, table in metadata.tables.items() if "county_id" in table.c}
    assert located >= WHOLE
    assert located - WHOLE == SHARDED
