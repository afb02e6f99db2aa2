"""A connection whose rows have a cell for each item, such as coverage, as a table with a column for each item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLField, GraphQLSchema, get_named_type

from resolvers.core.messages import term
from resolvers.core.permissions import Permission
from server.transfer.columns import OF_PLACES, Connection, ExportColumn, arguments_of, columns_of, related, selection
from server.transfer.groups import Dimension

CELLS, ITEMS, ITEM = "cells", "items", "item"


@dataclass(frozen=True)
class Matrix(Connection):
    """The connection. cells: what a cell tells. figures: what is told of an item over all rows."""

    cells: Mapping[str, ExportColumn] = field(default_factory=dict)
    figures: Mapping[str, ExportColumn] = field(default_factory=dict)
    by: tuple[Dimension, ...] = ()
    """The items."""

    def usual(self, held: frozenset[Permission]) -> list[ExportColumn]:
        """What is shown, beside the items, to a grant that holds these permissions."""
        return [column for column in self.columns.values() if column.needs <= held]

    @property
    def beside(self) -> str:
        """What is asked of the items."""
        dimension = self.by[0]
        columns = [dimension.identity, *dimension.columns, *self.figures.values()]
        return f"{ITEMS} {{ {selection(column.path for column in columns)} }}"


def matrix(core: GraphQLSchema, name: str, root: GraphQLField) -> Matrix:
    """A root field with cells as a table."""
    connection: Any = get_named_type(root.type)
    node: Any = get_named_type(connection.fields["nodes"].type)
    cell, column = get_named_type(node.fields[CELLS].type), get_named_type(connection.fields[ITEMS].type)
    item: Any = column.fields[ITEM]
    (identity,) = related(core, (ITEM,), item, ("id",), usual=False)
    parts = tuple(related(core, (ITEM,), item, OF_PLACES, usual=True))
    return Matrix(
        name,
        term(root.description, name),
        arguments_of(root),
        {one.name: one for one in columns_of(core, node)},
        cells={one.name: one for one in columns_of(core, cell) if one.path[0] != ITEM},
        figures={one.name: one for one in columns_of(core, column) if one.path[0] != ITEM},
        by=(Dimension(ITEM, term(item.description, ITEM), parts, identity),),
    )
