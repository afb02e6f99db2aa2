"""A root field of an operation, as it was compiled."""

from dataclasses import dataclass, field
from math import prod
from typing import Any

from graphql import FieldNode
from sqlalchemy import CTE, ColumnElement, literal_column

from resolvers.core.arguments import Source
from resolvers.core.errors import BadInput
from resolvers.core.messages import Message
from resolvers.core.permissions import Permission

MAX_ROWS = 100_000
"""The most rows that the page sizes of a root field may multiply to."""


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
    lists: list[tuple[str | int, ...]] = field(default_factory=list)
    """For each list in the selection the sizes of those around it and its own: a number, or the name of a parameter."""

    def check_rows(self, values: dict[str, Any]) -> None:
        """Refuse what could answer more rows than an operation may."""
        rows = sum(prod(values[size] if isinstance(size, str) else size for size in sizes) for sizes in self.lists)
        if rows > MAX_ROWS:
            raise BadInput(
                Message(
                    "This could answer {rows} rows; {most} may be asked for at once. Ask for smaller pages.",
                    rows=rows,
                    most=MAX_ROWS,
                )
            )
