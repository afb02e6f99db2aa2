"""The short way to the values of variables finds what graphql-core does, and leaves to it what it has to explain."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import get_variable_values

from resolvers.core.variables import fitting, signatures_of
from schema import schema


def found(definitions: str, given: dict[str, Any]) -> tuple[Any, Any]:
    """The values as they are found here, and by graphql-core."""
    operation = parse(f"query ({definitions}) {{ __typename }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    core = schema._schema
    ours = fitting(signatures_of(core, operation), given)
    return ours, get_variable_values(core, operation.variable_definitions or (), given)


@pytest.mark.parametrize(
    ("definitions", "given"),
    [
        ("$id: ID!", {"id": "C12"}),
        ("$id: ID!", {"id": 12}),
        ("$id: ID!", {"id": "C12", "other": 1}),
        ("$id: ID, $first: Int", {"first": None}),
        ("$ids: [ID!]!", {"ids": ["S1", "S2"]}),
        ("$ids: [ID!]!", {"ids": "S1"}),
        ("$where: GridFilter", {"where": {"name": {"eq": "网格"}}}),
        ("$field: ServiceField!", {"field": "ELDERLY_CARE"}),
        ("$day: Date!", {"day": "2026-11-25"}),
    ],
)
def test_values_that_fit_are_those_of_graphql_core(definitions: str, given: dict[str, Any]) -> None:
    ours, theirs = found(definitions, given)
    assert ours.coerced == theirs.coerced
    # Types that are made of others are made anew each time, and equal to none.
    assert str(ours.sources) == str(theirs.sources)


@pytest.mark.parametrize(
    ("definitions", "given"),
    [
        ("$id: ID!", {}),
        ("$id: ID!", {"id": None}),
        ("$id: ID!", {"id": 1.5}),
        ("$first: Int", {"first": "3"}),
        ("$first: Int", {"first": 2**31}),
        ("$ids: [ID!]!", {"ids": ["S1", None]}),
        ("$where: GridFilter", {"where": {"nothing": 1}}),
        ("$field: ServiceField!", {"field": "NOTHING"}),
        ("$day: Date!", {"day": "yesterday"}),
    ],
)
def test_values_that_do_not_fit_are_left_to_graphql_core(definitions: str, given: dict[str, Any]) -> None:
    ours, theirs = found(definitions, given)
    assert ours is None
    assert isinstance(theirs, list)


def test_a_value_takes_the_place_of_a_default() -> None:
    ours, _ = found("$first: Int = 20", {"first": 3})
    assert ours.coerced == {"first": 3}


def test_defaults_are_left_to_graphql_core() -> None:
    ours, theirs = found("$first: Int = 20", {})
    assert ours is None
    assert theirs.coerced == {"first": 20}
