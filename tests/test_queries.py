"""Hand-picked operations: beside each `.graphql` in `queries/` lie the statement that it becomes and its answer.

The first lines of an operation say who asks and with which variables. `UPDATE_GOLDENS=1 pytest tests/test_queries.py`
writes the statements and answers anew.
"""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from resolvers.core.executor import Executor
from server.settings import Settings
from tests.conftest import Ask
from tests.reference import Reference, compare
from tests.sql import WIDTH, readable

FOLDER = Path(__file__).parent / "queries"
CASES = sorted(FOLDER.glob("*.graphql"))
UPDATE = "UPDATE_GOLDENS" in os.environ


@pytest.fixture(scope="module")
def reference(database: str, settings: Settings) -> Reference:
    assert settings.personal_keys
    return asyncio.run(Reference.of(database, settings.personal_keys.get_secret_value()))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_query(case: Path, post: Ask, reference: Reference) -> None:
    query = case.read_text("utf-8")
    heading = dict(re.findall(r"^# (\w+): (.*)$", query, re.MULTILINE))
    username, variables = heading["account"], json.loads(heading.get("variables", "{}"))
    Executor.plans.clear()
    response = post(username, query, variables)
    assert not compare(reference.answer(username, query, variables), response.text)
    # What is refused is left out of the last plan.
    *_, plan = Executor.plans._items.values()
    body = response.json()
    for error in body.get("errors", ()):
        del error["extensions"]["requestId"]
    answer = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    for suffix, text in ((".json", answer), (".sql", readable(plan.sql) + "\n")):
        golden = case.with_suffix(suffix)
        if UPDATE:
            golden.write_text(text, "utf-8")
        assert text == golden.read_text("utf-8"), f"{golden.name} says otherwise"


def test_each_answer_and_statement_belongs_to_a_query() -> None:
    expected = {case.with_suffix(suffix).name for case in CASES for suffix in (".graphql", ".json", ".sql")}
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_many_response_names_may_be_longer_than_names_of_columns(ask: Ask) -> None:
    names = [f"{'a' * 64}{number}" for number in range(200)]
    found = ask("hub", f"{{ viewer {{ {' '.join(f'{name}: permissions' for name in names)} }} }}")
    assert list(found["viewer"]) == names


def test_layout_changes_white_space_alone() -> None:
    short = (
        "SELECT a.b, max(c)::int AS \"d  e\" FROM x AS a WHERE a.b IN (SELECT 'it''s  (so), AND' FROM y) ORDER BY a.b"
    )
    assert readable(short).split() == short.split()
    assert "'it''s  (so), AND'" in readable(short)
    assert '"d  e"' in readable(short)
    long = short.replace("max(c)", f"max({', '.join(['some_column'] * 20)})")
    assert "".join(readable(long).split()) == "".join(long.split())
    assert max(map(len, readable(long).splitlines())) < WIDTH
