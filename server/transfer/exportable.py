"""What can be exported: the connections of the schema's query type."""

from typing import Any

from graphql import get_named_type, is_required_argument

from resolvers.core.mapping import Groups, Pages, mapping_of
from resolvers.core.messages import term
from schema.base import Schema
from server.transfer.columns import Connection, arguments_of, columns_of
from server.transfer.groups import statistics
from server.transfer.matrix import CELLS, matrix


def connections(schema: Schema) -> dict[str, Connection]:
    """The connections that can be exported, by name."""
    core = schema._schema  # noqa: SLF001 - Strawberry has no other way to graphql-core's schema
    query = core.query_type
    found: dict[str, Connection] = {}
    for name, root in query.fields.items() if query else ():
        mapping, target = mapping_of(root), get_named_type(root.type)
        if any(map(is_required_argument, root.args.values())):
            continue
        if isinstance(mapping, Groups):
            found[name] = statistics(core, name, root)
        elif isinstance(mapping, Pages):
            node: Any = get_named_type(target.fields["nodes"].type)
            columns = {column.name: column for column in columns_of(core, node)}
            found[name] = (
                matrix(core, name, root)
                if CELLS in node.fields
                else Connection(name, term(root.description, name), arguments_of(root), columns)
            )
    return found
