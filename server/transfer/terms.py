"""The Chinese terms of the schema: what stands in the parentheses of a description."""

from collections.abc import Mapping

from graphql import GraphQLEnumType, GraphQLType, get_named_type

from resolvers.core.messages import term


def enum_terms(type_: GraphQLType) -> Mapping[str, str]:
    """The terms of an enumeration's values, by name; empty for any other type."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLEnumType):
        return {}
    return {name: term(value.description, name) for name, value in named.values.items()}
