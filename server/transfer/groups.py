"""Statistics as tables: first what is grouped by, then the figures; below all, the figures over everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import GraphQLField, GraphQLSchema, get_named_type

from resolvers.core.mapping import DEFINITION, Column, Groups, One, mapping_of
from resolvers.core.messages import term
from resolvers.core.permissions import Permission
from server.transfer.columns import (
    OF_PLACES,
    Connection,
    ExportColumn,
    arguments_of,
    column_of,
    columns_of,
    related,
)
from server.transfer.terms import enum_terms

GROUPS = 1000
"""How many groups are asked for at once: each page counts anew."""

KEY, PREVIOUS, CHANGE = "key", "previous", "change"


@dataclass(frozen=True)
class Dimension:
    """What groups can be of. name: of the key's field. term: without the 按 before it. columns: the last names it.

    identity: the column that tells keys apart, whatever the grant may see of them.
    """

    name: str
    term: str
    columns: tuple[ExportColumn, ...]
    identity: ExportColumn

    def usual(self, held: frozenset[Permission]) -> list[ExportColumn]:
        """The columns for a grant that holds these permissions."""
        return [column for column in self.columns if column.needs <= held] or [self.identity]


@dataclass(frozen=True)
class Statistics(Connection):
    """A root connection of groups, with the columns of all `dimensions`, or of those that they are `by`.

    totals: the figures over everything. comparisons: the terms of what the figures can be compared with.
    """

    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    totals: frozenset[str] = frozenset()
    comparisons: Mapping[str, str] = field(default_factory=dict)
    by: tuple[Dimension, ...] = ()

    def grouped(self, given: Mapping[str, Any]) -> "Statistics":
        """As the values of the arguments ask for it. What is no dimension GraphQL refuses later."""
        asked = given.get("groupBy")
        names = [name for name in (asked if isinstance(asked, list) else [asked]) if isinstance(name, str)]
        by = tuple(self.dimensions[name] for name in dict.fromkeys(names) if name in self.dimensions)
        columns = [column for dimension in by for column in (*dimension.columns, dimension.identity)]
        compared = given.get("compareTo")
        for column in self.columns.values():
            if column.path[0] == PREVIOUS and compared is not None:
                columns.append(replace(column, header=self.comparisons.get(compared, "") + column.header))
            elif column.path[0] not in (KEY, PREVIOUS) and (compared is not None or column.name != CHANGE):
                columns.append(column)
        return replace(self, columns={column.name: column for column in columns}, by=by)

    @property
    def figures(self) -> dict[str, ExportColumn]:
        """What a chart can be of."""
        return {name: column for name, column in self.columns.items() if len(column.path) == 1}

    def usual(self, held: frozenset[Permission]) -> list[ExportColumn]:
        """What is shown to a grant that holds these permissions."""
        keys = [column for dimension in self.by for column in dimension.usual(held)]
        return keys + [column for column in super().usual(held) if column.path[0] != KEY]


def statistics(core: GraphQLSchema, name: str, root: GraphQLField) -> Statistics:
    """The groups of a root field as a table."""
    mapping = mapping_of(root)
    assert isinstance(mapping, Groups)
    connection: Any = get_named_type(root.type)
    group: Any = get_named_type(connection.fields["nodes"].type)
    keys = _keys(core, get_named_type(group.fields[KEY].type))
    terms = enum_terms(root.args["groupBy"].type)
    dimensions = {
        key: replace(keys[dimension.column], term=terms[key].removeprefix("按"))
        for key, dimension in mapping.statistic.dimensions.items()
    }
    columns = [column for key in keys.values() for column in (*key.columns, key.identity)]
    columns += columns_of(core, group)
    if PREVIOUS in group.fields:
        columns += columns_of(core, get_named_type(group.fields[PREVIOUS].type), (PREVIOUS,))
    return Statistics(
        name,
        term(root.description, name),
        arguments_of(root),
        {column.name: column for column in columns},
        GROUPS,
        dimensions,
        frozenset(get_named_type(connection.fields["total"].type).fields),
        enum_terms(root.args["compareTo"].type) if "compareTo" in root.args else {},
    )


def _keys(core: GraphQLSchema, key: Any) -> dict[str, Dimension]:
    """The fields of a key, by the column of the groups that they show."""
    found: dict[str, Dimension] = {}
    for name, one in key.fields.items():
        mapping, path = mapping_of(one), (KEY, name)
        if isinstance(mapping, One):
            (identity,) = related(core, path, one, ("id",), usual=False)
            parts = tuple(related(core, path, one, OF_PLACES, usual=True))
            found[str(mapping.relation.key)] = Dimension(name, "", parts, identity)
        else:
            column = mapping.name if isinstance(mapping, Column) else None
            shown = column_of(path, [one], usual=True)
            found[column or one.extensions[DEFINITION].python_name] = Dimension(name, "", (shown,), shown)
    return found
