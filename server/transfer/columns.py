"""The columns of what can be exported, and the query that brings them.

Nothing is listed by hand: a connection that the schema gains can be exported, with the fields that it shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
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

from resolvers.core.mapping import DEFINITION, NEEDS, Column, Expression, One, PublicId, mapping_of
from resolvers.core.messages import term
from resolvers.core.pages import LARGEST
from resolvers.core.permissions import Permission
from server.transfer.terms import enum_terms

READ_AS_JSON = frozenset({"Int", "Float", "Boolean"})
PAGING = frozenset({"first", "after", "last", "before"})
OF_PLACES = ("code", "name")
"""What a column of another row shows of it."""

Cell = str | int | float | Decimal | date | None


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
        if isinstance(value, str) and self.type == "Decimal":
            return Decimal(value)
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
    page: int = LARGEST
    """How many rows are asked for at once."""

    def usual(self, held: frozenset[Permission]) -> list[ExportColumn]:
        """What is shown to a grant that holds these permissions."""
        return [column for column in self.columns.values() if column.usual and column.needs <= held]

    def chosen(self, names: str) -> list[ExportColumn]:
        """The columns of a comma-separated list; an object's name stands for what it has but an id. Raises KeyError."""
        found: dict[str, ExportColumn] = {}
        for name in filter(None, (part.strip() for part in names.split(","))):
            below = {
                key: one for key, one in self.columns.items() if key.startswith(f"{name}.") and one.path[-1] != "id"
            }
            found |= {name: self.columns[name]} if name in self.columns or not below else below
        return list(found.values())

    def document(self, columns: Iterable[ExportColumn], given: Mapping[str, Any], beside: str = "") -> str:
        """The GraphQL document of a page.

        given: the arguments that have a value. beside: what is selected of the connection besides.
        """
        nodes = selection([("nodes", *column.path) for column in columns])
        arguments = {"first": "Int!", "after": "String"} | {name: self.arguments[name].type for name in given}
        declared = ", ".join(f"${name}: {type_}" for name, type_ in arguments.items())
        passed = ", ".join(f"{name}: ${name}" for name in arguments)
        page = f"{nodes} pageInfo {{ hasNextPage endCursor }} {beside}"
        return f"query ({declared}) {{ {self.name}({passed}) {{ {page} }} }}"


def selection(paths: Iterable[tuple[str, ...]]) -> str:
    """What selects these values: ``("count",), ("key", "month")`` → ``"count key { month }"``."""
    below: dict[str, list[tuple[str, ...]]] = {}
    for name, *rest in paths:
        below.setdefault(name, []).extend([tuple(rest)] if rest else [])
    return " ".join(f"{name} {{ {selection(rest)} }}" if rest else name for name, rest in below.items())


def arguments_of(root: GraphQLField) -> dict[str, Argument]:
    """The arguments of a root field, but for those of its pages."""
    return {name: _argument(argument) for name, argument in root.args.items() if name not in PAGING}


def _argument(argument: GraphQLArgument) -> Argument:
    type_ = get_nullable_type(argument.type)
    return Argument(str(argument.type), is_leaf_type(type_) and get_named_type(type_).name not in READ_AS_JSON)


def columns_of(core: GraphQLSchema, node: GraphQLObjectType, below: tuple[str, ...] = ()) -> list[ExportColumn]:
    """The columns of a type's own values, and of the rows that its rows lead to. below: the path to it."""
    found = []
    for name, one in node.fields.items():
        mapping = mapping_of(one)
        if isinstance(mapping, (Column, Expression, PublicId)) and _is_leaf(one):
            found.append(column_of((*below, name), [one], usual=isinstance(mapping, Column)))
        elif isinstance(mapping, One) and not any(map(is_required_argument, one.args.values())):
            place, target = core.type_map["Place"], get_named_type(one.type)
            usual = target is place or place in getattr(target, "interfaces", ())
            found += related(core, (*below, name), one, OF_PLACES, usual=usual)
    return found


def related(
    core: GraphQLSchema, path: tuple[str, ...], one: GraphQLField, parts: tuple[str, ...], *, usual: bool
) -> list[ExportColumn]:
    """The columns of the row that a field leads to: those of these parts that it has."""
    target: Any = get_named_type(one.type)
    found = []
    for part in parts:
        if part in target.fields and _is_leaf(target.fields[part]):
            needed = [type_.fields[part] for type_ in _concrete(core, target)]
            found.append(column_of((*path, part), [one, target.fields[part]], needed, usual=usual))
    return found


def column_of(
    path: tuple[str, ...], fields: list[GraphQLField], needed: Iterable[GraphQLField] = (), *, usual: bool
) -> ExportColumn:
    """The column of the last of these fields, each of which leads to the next.

    needed: fields whose permissions it needs besides.
    """
    names = path[-len(fields) :]
    header = "".join(term(one.description, name) for name, one in zip(names, fields, strict=True))
    type_, needs = fields[-1].type, frozenset[Permission]().union(*map(_needs, (*fields, *needed)))
    return ExportColumn(path, header, get_named_type(type_).name, enum_terms(type_), needs, usual)


def _concrete(core: GraphQLSchema, type_: GraphQLObjectType | GraphQLInterfaceType) -> list[GraphQLObjectType]:
    return list(core.get_possible_types(type_)) if isinstance(type_, GraphQLInterfaceType) else [type_]


def _is_leaf(one: GraphQLField) -> bool:
    """Whether it is of scalars or of an enumeration, and can be asked for without saying more."""
    return is_leaf_type(get_named_type(one.type)) and not any(map(is_required_argument, one.args.values()))


def _needs(one: GraphQLField) -> frozenset[Permission]:
    need = one.extensions[DEFINITION].metadata.get(NEEDS)
    return frozenset() if need is None else frozenset({need})
