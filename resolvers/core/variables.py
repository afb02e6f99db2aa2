"""A request's variables, measured before any of them is coerced: that costs ten times what counting them does."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLSchema, OperationDefinitionNode, Undefined, is_non_null_type
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities import coerce_input_value

from resolvers.core.messages import Message

Signatures = tuple[GraphQLVariableSignature, ...]
"""The names and types of an operation's variables."""

MAX_VALUES = 5_000
MAX_DEPTH = 20


def beyond(given: Mapping[str, Any]) -> Message | None:
    """What must be lower, and what it may be; None if the variables are within the limits."""
    level: list[Any] = list(given.values())
    count, depth = len(level), 1
    while level:
        if count > MAX_VALUES:
            return Message("The variables may have {most} values at the most, those in lists counted.", most=MAX_VALUES)
        if depth > MAX_DEPTH:
            return Message("The variables may be nested {most} deep at the most.", most=MAX_DEPTH)
        level = [
            item
            for value in level
            if isinstance(value, (dict, list))
            for item in (value.values() if isinstance(value, dict) else value)
        ]
        count, depth = count + len(level), depth + 1
    return None


def signatures_of(schema: GraphQLSchema, operation: OperationDefinitionNode) -> Signatures:
    """The variables of an operation that is valid."""
    found = [get_variable_signature(schema, definition) for definition in operation.variable_definitions or ()]
    return tuple(one for one in found if isinstance(one, GraphQLVariableSignature))


def fitting(signatures: Signatures, given: Mapping[str, Any]) -> VariableValues | None:
    """The values of variables as graphql-core finds them; None for it to find, where one has a default or does not fit.

    given: within the limits.
    """
    sources: dict[str, VariableValueSource] = {}
    coerced: dict[str, Any] = {}
    for signature in signatures:
        name, value = signature.name, given.get(signature.name, Undefined)
        sources[name] = VariableValueSource(signature, value)
        if value is Undefined:
            if signature.default is not None or is_non_null_type(signature.type):
                return None
            continue
        coerced[name] = coerce_input_value(value, signature.type)
        if coerced[name] is Undefined:
            return None
    return VariableValues(sources, coerced)
