"""What can be exported: the connections of the schema's query type, and their columns.

Nothing is listed by hand: a connection that the schema gains can be exported, with the fields that it shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)

from resolvers.core.mapping import DEFINITION, NEEDS, Column, Expression, One, Pages, PublicId, mapping_of
from resolvers.core.permissions import Permission
from schema.base import Schema
from server.transfer.terms import enum_terms, term

READ_AS_JSON = frozenset({"Int", "Float", "Boolean"})
PAGING = frozenset({"first", "after", "last", "before"})
OF_PLACES = ("code", "name")
"""What a column of another row shows of it."""

Cell = str | int | float | date | None


@dataclass(frozen=True)
class ExportColumn:
    """One column. `path` leads to its value in a node's JSON.

    header: the Chinese one. type: the name of the value's scalar or enumeration. terms: the enumeration's, by value.
    usual: whether it is shown when nobody says which are.
    """

    path: tuple[str, ...]
    header: str
    type: str
    terms: Mapping[str, str]
    needs: frozenset[Permission]
    usual: bool

    @property
    def name(self) -> str:
        """As the parameter `fields` names it."""
        return ".".join(self.path)

    def cell(self, node: Mapping[str, Any], *, chinese: bool) -> Cell:
        """The value of a node, as a cell shows it; a list as its values, one behind the other."""
        value: Any = node
        for step in self.path:
            value = value and value[step]
        if isinstance(value, list):
            return ("、" if chinese else ", ").join(str(self._one(item, chinese)) for item in value)
        if isinstance(value, str) and self.type == "Date":
            return date.fromisoformat(value)
        return self._one(value, chinese)

    def _one(self, value: Any, chinese: bool) -> Cell:
        if isinstance(value, bool):
            return ("是" if value else "否") if chinese else str(value).lower()
        if value is None or isinstance(value, (int, float)):
            return value
        if isinstance(value, dict):
            return orjson.dumps(value).decode()
        return self.terms.get(value, value) if chinese else str(value)


@dataclass(frozen=True)
class Argument:
    """An argument of a connection: its GraphQL type, and whether its values are given as they are or as JSON."""

    type: str
    plain: bool

    def value(self, text: str) -> Any:
        """Raises ValueError."""
        return text if self.plain else orjson.loads(text)


@dataclass(frozen=True)
class Connection:
    """A root connection. `arguments` are those beside the pages': `where` and `orderBy`, if it has them, and others."""

    name: str
    title: str
    arguments: Mapping[str, Argument]
    columns: Mapping[str, ExportColumn] = field(default_factory=dict)

    def usual(self, held: frozenset[Permission]) -> list[ExportColumn]:
        """What is shown to a grant that holds these permissions."""
        return [column for column in self.columns.values() if column.usual and column.needs <= held]

    def chosen(self, names: str) -> list[ExportColumn]:
        """The columns of a comma-separated list; a relation's name stands for its code and name. Raises KeyError."""
        found: dict[str, ExportColumn] = {}
        for name in filter(None, (part.strip() for part in names.split(","))):
            below = {key: column for key, column in self.columns.items() if column.path[0] == name}
            found |= {name: self.columns[name]} if name in self.columns or not below else below
        return list(found.values())

    def document(self, columns: list[ExportColumn], given: Mapping[str, Any]) -> str:
        """The GraphQL document of a page; `given` are the arguments that have a value."""
        selected: dict[str, list[str]] = {}
        for column in columns:
            selected.setdefault(column.path[0], []).extend(column.path[1:])
        nodes = " ".join(name + (f" {{ {' '.join(below)} }}" if below else "") for name, below in selected.items())
        arguments = {"first": "Int!", "after": "String"} | {name: self.arguments[name].type for name in given}
        declared = ", ".join(f"${name}: {type_}" for name, type_ in arguments.items())
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        page = f"{self.name}({passed}) {{ nodes {{ {nodes} }} pageInfo {{ hasNextPage endCursor }} }}"
        return f"query ({declared}) {{ {page} }}"


def connections(schema: Schema) -> dict[str, Connection]:
    """The connections that can be exported, by name."""
    core = schema._schema  # noqa: SLF001 - Strawberry has no other way to graphql-core's schema
    query = core.query_type
    found = {}
    for name, root in query.fields.items() if query else ():
        arguments = {key: argument for key, argument in root.args.items() if key not in PAGING}
        if isinstance(mapping_of(root), Pages) and not any(map(is_required_argument, arguments.values())):
            found[name] = _connection(core, name, root, arguments)
    return found


def _connection(
    core: GraphQLSchema, name: str, root: GraphQLField, arguments: Mapping[str, GraphQLArgument]
) -> Connection:
    pages: Any = get_named_type(root.type)
    node: Any = get_named_type(pages.fields["nodes"].type)
    columns = {column.name: column for column in _columns(core, node)}
    return Connection(
        name, term(root.description, name), {key: _argument(arguments[key]) for key in arguments}, columns
    )


def _argument(argument: GraphQLArgument) -> Argument:
    type_ = get_nullable_type(argument.type)
    return Argument(str(argument.type), is_leaf_type(type_) and get_named_type(type_).name not in READ_AS_JSON)


def _columns(core: GraphQLSchema, node: GraphQLObjectType) -> Iterator[ExportColumn]:
    for name, one in node.fields.items():
        mapping, target = mapping_of(one), get_named_type(one.type)
        if isinstance(mapping, (Column, Expression, PublicId)) and _is_leaf(one):
            yield _column((name,), [one], _needs(one), usual=isinstance(mapping, Column))
        elif isinstance(mapping, One) and not any(map(is_required_argument, one.args.values())):
            assert isinstance(target, (GraphQLObjectType, GraphQLInterfaceType))
            place = core.type_map["Place"]
            usual = target is place or place in getattr(target, "interfaces", ())
            for part in OF_PLACES:
                if part in target.fields and _is_leaf(target.fields[part]):
                    needs = _needs(one).union(*(_needs(type_.fields[part]) for type_ in _concrete(core, target)))
                    yield _column((name, part), [one, target.fields[part]], needs, usual=usual)


def _column(
    path: tuple[str, ...], fields: list[GraphQLField], needs: frozenset[Permission], *, usual: bool
) -> ExportColumn:
    header = "".join(term(one.description, name) for name, one in zip(path, fields, strict=True))
    type_ = fields[-1].type
    return ExportColumn(path, header, get_named_type(type_).name, enum_terms(type_), needs, usual)


def _concrete(core: GraphQLSchema, type_: GraphQLObjectType | GraphQLInterfaceType) -> list[GraphQLObjectType]:
    return list(core.get_possible_types(type_)) if isinstance(type_, GraphQLInterfaceType) else [type_]


def _is_leaf(one: GraphQLField) -> bool:
    """Whether it is of scalars or of an enumeration, and can be asked for without saying more."""
    return is_leaf_type(get_named_type(one.type)) and not any(map(is_required_argument, one.args.values()))


def _needs(one: GraphQLField) -> frozenset[Permission]:
    need = one.extensions[DEFINITION].metadata.get(NEEDS)
    return frozenset() if need is None else frozenset({need})
