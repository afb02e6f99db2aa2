"""What the schema leads to."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLSchema, get_named_type


def below_query(core: GraphQLSchema) -> Iterator[Any]:
    """The types that Query leads to, each once, by fields, by arguments and by what implements an interface."""
    unseen: list[Any] = [core.query_type]
    seen: set[str] = set()
    while unseen:
        type_ = get_named_type(unseen.pop())
        if type_.name in seen:
            continue
        seen.add(type_.name)
        yield type_
        unseen += core.get_possible_types(type_) if hasattr(type_, "resolve_type") else []
        for field in getattr(type_, "fields", {}).values():
            unseen += [field.type, *(argument.type for argument in getattr(field, "args", {}).values())]
