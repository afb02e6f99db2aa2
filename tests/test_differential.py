"""Each operation answers alike on two ways that share no code: the compiled statement, and plain Python over all rows.

Each account asks OPERATIONS generated ones, each again with other values in its variables and as somebody else: what
was kept of the first must serve the others. `DIFFERENTIAL_SEED` and `DIFFERENTIAL_OPERATIONS` ask for others, or
more; a failure shows the operation and its seed. Hand-picked operations are `test_queries.py`'s.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from random import Random

import pytest
from graphql import GraphQLInterfaceType, GraphQLObjectType, parse, validate

from schema import schema
from server.settings import Settings
from tests import awkward
from tests.conftest import Ask
from tests.generate import generate
from tests.harvest import Harvest, Values
from tests.inputs import varied
from tests.reaching import below_query
from tests.reference import Reference, compare

CORE = schema._schema
SEED = os.environ.get("DIFFERENTIAL_SEED", "2021")
OPERATIONS = int(os.environ.get("DIFFERENTIAL_OPERATIONS", "42"))
SHOWN = 3
VALIDATED = 60
ACCOUNTS = ("hub", "hub-observer", "longxun", "leifeng", "nanchengcun", "gridworker")


@pytest.fixture(scope="module")
def reference(database: str, settings: Settings, frozen_log: None) -> Iterator[Reference]:
    """The reference over the demo and the awkward rows, which are there for this module alone."""
    with awkward.compared(database, settings) as found:
        yield found


@pytest.mark.parametrize("username", ACCOUNTS)
def test_generated_operations_answer_as_plain_python_does(
    username: str, post: Ask, reference: Reference, harvested: Callable[[str], Harvest]
) -> None:
    values = Values(harvested(username), harvested("hub"))
    failures: list[str] = []
    for index in range(OPERATIONS):
        seed = f"{SEED} {username} {index}"
        rng = Random(seed)
        query, variables = generate(CORE, rng, values)
        other = rng.choice(ACCOUNTS)
        for asker, given in ((username, variables), (username, varied(variables, rng, values)), (other, variables)):
            found = compare(reference.answer(asker, query, given), post(asker, query, given).text)
            if found:
                told = json.dumps(given, ensure_ascii=False)
                failures.append(f"seed {seed!r}, asked by {asker}\n{query}\n{told}\n{found}")
        if len(failures) >= SHOWN:
            break
    assert not failures, "\n\n".join(failures)


def test_generated_operations_are_valid_and_reach_everything(harvested: Callable[[str], Harvest]) -> None:
    values = Values(harvested("hub"))
    asked: set[str] = set()
    for index in range(3000):
        query, _ = generate(CORE, Random(f"{SEED} {index}"), values)
        assert index >= VALIDATED or not validate(CORE, parse(query)), query
        asked |= set(re.findall(r"\w+", query))
    assert set(reachable()) <= asked


def reachable() -> Iterator[str]:
    """The names of the fields and arguments below Query."""
    for type_ in below_query(CORE):
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield from (name, *field.args)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"data": {"viewer": {"b": 1, "a": [1, 2]}}}', "data.0.1.0.0"),
        ('{"data": {"viewer": {"a": [1, 2], "b": 1, "b": 1}}}', "data.0.1"),
        ('{"data": {"viewer": {"a": [2, 1], "b": 1}}}', "data.0.1.0.1.0"),
        ('{"data": {"viewer": {"a": [1, 2], "b": true}}}', "data.0.1.1.1"),
        ('{"data": {"viewer": {"a": [1, 2], "b": 1}}, "errors": [{"extensions": {"code": "X"}}]}', "errors"),
    ],
)
def test_a_difference_shows(text: str, where: str, reference: Reference) -> None:
    same = reference.answer("hub", "{ viewer { __typename } }")
    assert not compare(same, '{"data": {"viewer": {"__typename": "Viewer"}}}')
    same.data["viewer"] = {"a": [1, 2], "b": 1}
    assert compare(same, text).startswith(f"at {where}:")
