"""A root field of an operation, as it was compiled."""

from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode
from sqlalchemy import CTE, ColumnElement, literal_column

from resolvers.core.arguments import Source
from resolvers.core.permissions import Permission


@dataclass(frozen=True)
class Need:
    """A permission that a field, operand or order of the operation asks for, and where."""

    permission: Permission
    node: FieldNode


NOTHING: ColumnElement[Any] = literal_column("NULL")


@dataclass
class RootField:
    """One root field as SQL. `completed`: Python has values to compute in its JSON before it can be sent."""

    value: ColumnElement[Any]
    sources: dict[str, Source] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)
    completed: bool = False
    refusals: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each parameter that takes a mutation's refusals: the selected fields of one, by response key."""
    queries: list[CTE] = field(default_factory=list)
    """Named queries that the value reads."""
