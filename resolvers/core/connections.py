"""Connections: pages of the rows of a relation, or of groups of them, compiled for `resolvers.core.compiler`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import ColumnElement, FromClause, Select, case, cast, exists, func, literal_column, null, select
from sqlalchemy.dialects.postgresql import JSON

from resolvers.core.arguments import Arguments, Details
from resolvers.core.asked import Asked
from resolvers.core.cells import Cells
from resolvers.core.filters import Filters
from resolvers.core.json import Pairs
from resolvers.core.mapping import Entity, Groups, Pages, entity_of
from resolvers.core.pages import Order, Window

if TYPE_CHECKING:
    from resolvers.core.compiler import Compiler


def pages(
    compiler: Compiler,
    mapping: Pages,
    connection: GraphQLObjectType,
    details: Details,
    parent: FromClause | None,
    definition: GraphQLField,
) -> ColumnElement[Any]:
    """A connection over the rows of a relation."""
    node: Any = get_named_type(connection.fields["nodes"].type)
    arguments = compiler.arguments(definition, details)
    entity: Entity = entity_of(node)
    source, relation = compiler.source(entity.table), mapping.relation
    need = compiler.needing(details)
    everything = compiler.rows(relation, source, parent, arguments)
    if arguments.get("where") is not None:
        filter_type: Any = get_named_type(definition.args["where"].type)
        filters = Filters(arguments, source, compiler.scope, need)
        everything = everything.where(filters.clause(filter_type, "where"))
    order = Order(arguments, source, relation.order, entity.sorting, need)

    def beside(name: str) -> Callable[[Details], ColumnElement[Any]]:
        type_: Any = get_named_type(connection.fields[name].type)
        rows = mapping.beside[name]
        return lambda nodes: compiler.listed(
            rows(everything, source, compiler.scope, arguments), type_, nodes, arguments
        )

    more = {name: beside(name) for name in mapping.beside}
    return compiler.object(_connection(compiler, connection, details, arguments, source, everything, order, more))


def _connection(
    compiler: Compiler,
    connection: GraphQLObjectType,
    details: Details,
    arguments: Arguments,
    source: Any,
    everything: Select[Any],
    order: Order,
    more: dict[str, Callable[[Details], ColumnElement[Any]]],
) -> Pairs:
    """The selected fields of a connection over the rows of a query; more: what it has beside the page."""
    node: Any = get_named_type(connection.fields["nodes"].type)
    edge: Any = get_named_type(connection.fields["edges"].type)
    info: Any = get_named_type(connection.fields["pageInfo"].type)
    window = Window(arguments, everything, order)

    def node_of(nodes: Details) -> ColumnElement[Any]:
        return compiler.object_of(node, nodes, source)

    def nodes_of(nodes: Details) -> ColumnElement[Any]:
        if window.backward:
            return window.array(node_of(nodes))
        return compiler.rows_of(window.query, node, nodes, source).array()

    def edges_of(nodes: Details) -> ColumnElement[Any]:
        pairs = compiler.shaped(edge, nodes, {"cursor": lambda _: order.cursor(), "node": node_of})
        if window.backward:
            return window.array(compiler.object(pairs))
        return compiler.json(window.query, pairs).array()

    shapes: dict[str, Callable[[Details], ColumnElement[Any]]] = {
        "nodes": nodes_of,
        "edges": edges_of,
        "pageInfo": lambda nodes: window.info(lambda values: compiler.shaped(info, nodes, values), compiler.json),
        "totalCount": lambda _: everything.with_only_columns(func.count()).scalar_subquery(),
    }
    with compiler.inside(arguments):
        return compiler.shaped(connection, details, shapes | more)


def groups(
    compiler: Compiler, mapping: Groups, connection: GraphQLObjectType, details: Details, definition: GraphQLField
) -> ColumnElement[Any]:
    """A connection over groups of rows."""
    arguments, need = compiler.arguments(definition, details), compiler.needing(details)
    where, having = [get_named_type(definition.args[name].type) for name in ("where", "having")]
    statistic, types = mapping.statistic, (where, having)
    cells = Cells(Asked(statistic, mapping.relation, arguments, types, compiler.scope, need, compiler.named))  # type: ignore[arg-type]
    compiler.named += 1
    total: Any = get_named_type(connection.fields["total"].type)

    def held_back(_: Details) -> ColumnElement[bool]:
        return exists(select(literal_column("1")).select_from(cells.source).where(cells.row.c["hidden"]))

    def whole(nodes: Details) -> ColumnElement[Any]:
        figures = compiler.pairs(total, nodes, cells.whole)
        return compiler.json(select(literal_column("1")).select_from(cells.everything), figures).one()

    everything: Select[Any] = select(literal_column("1")).select_from(cells.source).where(cells.told())
    node: Any = get_named_type(connection.fields["nodes"].type)
    order = Order(arguments, cells.row, ("id",), entity_of(node).sorting, need, alike=cells.keys)
    more: dict[str, Callable[[Details], ColumnElement[Any]]] = {"total": whole, "suppressed": held_back}
    compiler.cells.append(cells)
    try:
        pairs = _connection(compiler, connection, details, arguments, cells.row, everything, order, more)
    finally:
        compiler.cells.pop()
    compiler.field.queries += cells.queries()
    return compiler.object(pairs)


def counted(
    compiler: Compiler,
    connection: GraphQLObjectType,
    details: Details,
    group: FromClause | None,
    definition: GraphQLField,
) -> ColumnElement[Any]:
    """The connection of the rows that a group counts; null if its figures are held back."""
    cells = compiler.cells[-1]
    rows = pages(compiler, Pages(cells.counted), connection, details, group, definition)
    return case((~cells.row.c["hidden"], rows)) if cells.hides else rows


def previous(compiler: Compiler, type_: GraphQLObjectType, details: Details) -> ColumnElement[Any]:
    """The figures of a group in the time that is compared with."""
    pairs = compiler.pairs(type_, details, compiler.cells[-1].previous)
    return compiler.object(pairs) if compiler.cells[-1].compared else cast(null(), JSON)
