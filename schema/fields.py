"""Strawberry fields that carry their mapping and what they need; the one way to write a field of a mapped type.

A need also stands in the field's description, so that a reader of the SDL sees it. `permission_classes` have no place
on a mapped field: its resolver never runs.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import strawberry
from sqlalchemy import ColumnElement, FromClause, Select, Text
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers.core.arguments import Arguments
from resolvers.core.mapping import (
    ENTITY,
    MAPPING,
    NEEDS,
    PUBLIC,
    Abstract,
    AnyMapping,
    ByPublicId,
    Clause,
    Column,
    Computed,
    Derived,
    Entity,
    Expression,
    Made,
    Many,
    One,
    Operand,
    Pages,
    PublicId,
    Relation,
    Self,
    Sorting,
    Summed,
    Unfolded,
)
from resolvers.core.permissions import Permission
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope

T = TypeVar("T", bound=type)


class Public:
    """In the place of a permission: whoever sees the row may see the field."""


PUBLIC_FIELD: Final = Public()
Access = Permission | Public


def entity(
    model: type[SQLModel],
    prefix: str,
    *,
    kind: str | None = None,
    sorting: Sorting | None = None,
    summed: Callable[[FromClause, Scope, Arguments], Summed] | None = None,
) -> Callable[[T], T]:
    """Say which table the rows of an object type are; `prefix` begins its public ids. The others are `Entity`'s."""

    def bind(type_: T) -> T:
        setattr(type_, ENTITY, Entity(table_of(model), prefix, kind, sorting, summed))
        return type_

    return bind


def abstract(model: type[SQLModel], *, kind: str, kinds: tuple[str, ...]) -> Callable[[T], T]:
    """Say which registry leads from an interface's rows to the concrete ones, which have the same ids."""

    def bind(type_: T) -> T:
        setattr(type_, ENTITY, Abstract(table_of(model), kind, kinds))
        return type_

    return bind


def made(sorting: Sorting | None = None) -> Callable[[T], T]:
    """Say of an object type that no table holds its rows: `derived` fields, or the groups of a statistic, make them."""

    def bind(type_: T) -> T:
        setattr(type_, ENTITY, Made(sorting))
        return type_

    return bind


def mapped(mapping: AnyMapping, description: str, needs: Access, **options: Any) -> Any:
    """A field with a mapping; `needs` is a permission or `PUBLIC_FIELD`."""
    if isinstance(needs, Permission):
        description = f"{description} Needs `{needs.value}`."
    access = {NEEDS: needs} if isinstance(needs, Permission) else {PUBLIC: True}
    return strawberry.field(description=description, metadata={MAPPING: mapping, **access}, **options)


def public_id(description: str) -> Any:
    """The global id of a row."""
    return mapped(PublicId(), description, PUBLIC_FIELD)


def column(description: str, needs: Access, name: str | None = None) -> Any:
    """A column of the row; named as the field if not otherwise."""
    return mapped(Column(name), description, needs)


def expression(build: Callable[[FromClause, Scope], ColumnElement[Any]], description: str, needs: Access) -> Any:
    """A value that the database computes."""
    return mapped(Expression(lambda row, scope, _: build(row, scope)), description, needs)


def asked(build: Callable[[FromClause, Scope, Arguments], ColumnElement[Any]], description: str, needs: Access) -> Any:
    """A value that the database computes from the row and from the arguments of the connection around it."""

    def within(row: FromClause, scope: Scope, around: Arguments | None) -> ColumnElement[Any]:
        assert around is not None
        return build(row, scope, around)

    return mapped(Expression(within), description, needs)


def derived(
    rows: Callable[[Arguments, Scope], FromClause],
    description: str,
    needs: Access,
    *arguments: StrawberryArgument,
    deprecated: str | None = None,
) -> Any:
    """An object whose one row a subquery makes of the arguments. deprecated: until when it stays, and what to use."""
    field = mapped(Derived(rows), description, needs, deprecation_reason=deprecated)
    return with_arguments(field, *arguments)


Unfolding = Callable[[FromClause, Scope, Arguments], FromClause]


def unfolded(rows: Unfolding, description: str, needs: Access, *, single: bool = False) -> Any:
    """Objects whose rows a subquery makes of the row; of a `single` one the field is nullable."""

    def within(row: FromClause, scope: Scope, around: Arguments | None) -> FromClause:
        assert around is not None
        return rows(row, scope, around)

    return mapped(Unfolded(within, single), description, needs)


def computed(columns: tuple[str, ...], compute: Callable[..., Any], description: str, needs: Access) -> Any:
    """A value that Python computes."""
    return mapped(Computed(columns, compute), description, needs)


def one(relation: Relation, description: str, needs: Access) -> Any:
    """A row of another type, or null where there is none in scope."""
    return mapped(One(relation), description, needs)


def many(relation: Relation, description: str, needs: Access) -> Any:
    """Rows of another type, as a plain list."""
    return mapped(Many(relation), description, needs)


def same(description: str) -> Any:
    """An object over the same row."""
    return mapped(Self(), description, PUBLIC_FIELD)


def with_arguments(field: Any, *arguments: StrawberryArgument) -> Any:
    """A field with arguments; a mapped one has no resolver whose parameters could say them."""
    assert isinstance(field, StrawberryField)
    field.arguments = list(arguments)
    return field


def argument(name: str, annotation: Any, description: str, default: Any = strawberry.UNSET) -> StrawberryArgument:
    """One argument of a mapped field; required if it has no default and its type is not nullable."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def by_public_id(description: str, *, many: bool) -> Any:
    """`node` or `nodes`."""
    return mapped(ByPublicId(many), description, PUBLIC_FIELD)


PAGING = (
    argument("first", int | None, "How many rows from the beginning, 1 to 100; 20 if not said (取前几条)."),
    argument("after", str | None, "The cursor after which the page begins (起始游标)."),
    argument("last", int | None, "How many rows from the end, 1 to 100 (取后几条)."),
    argument("before", str | None, "The cursor before which the page ends (终止游标)."),
)


def pages(
    relation: Relation,
    description: str,
    needs: Access,
    *arguments: StrawberryArgument,
    beside: Mapping[str, Callable[[Select[Any], FromClause, Scope, Arguments], FromClause]] | None = None,
) -> Any:
    """A Relay connection; the arguments that every connection has are added to the given ones.

    beside: the rows of fields that its type has beside those of every connection.
    """
    return with_arguments(mapped(Pages(relation, beside or {}), description, needs), *arguments, *PAGING)


def common(description: str, *arguments: StrawberryArgument) -> Any:
    """A connection that an interface promises; its types say where it comes from."""
    return with_arguments(strawberry.field(description=description), *arguments, *PAGING)


def operand(
    description: str,
    column: Callable[[FromClause], ColumnElement[Any]] | None = None,
    *,
    clause: Callable[[FromClause, str, ColumnElement[Any], Scope], Clause] | None = None,
    convert: Callable[[Any, Any], Any] | None = None,
    needs: Permission | None = None,
    type_: TypeEngine[Any] | None = None,
) -> Any:
    """A field of a filter's input."""
    if needs is not None:
        description = f"{description} Needs `{needs.value}`."
    metadata = {MAPPING: Operand(column, clause, convert, needs, type_ or Text())}
    return strawberry.field(description=description, metadata=metadata, default=strawberry.UNSET)
