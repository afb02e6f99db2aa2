"""The schema says everything that its readers need, and starts only with fields that can be answered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    is_introspection_type,
    is_specified_scalar_type,
)

from models import Station as StationRow
from resolvers import station as stations
from resolvers.core.mapping import NEEDS, PUBLIC
from resolvers.core.permissions import Permission
from schema import schema
from schema.base import Schema, Unmapped
from schema.fields import PUBLIC_FIELD, column, entity, one

CORE = schema._schema
TYPES = [t for t in CORE.type_map.values() if not is_introspection_type(t) and not is_specified_scalar_type(t)]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Made by Strawberry, with descriptions of its own.
FOREIGN = {"Date", "DateTime", "Decimal", "JSON"}


def described() -> Iterator[tuple[str, str | None]]:
    for type_ in TYPES:
        if type_.name in FOREIGN:
            continue
        yield type_.name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_.name}.{name}", value.description) for name, value in type_.values.items())
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field.description
                for argument, definition in getattr(field, "args", {}).items():
                    yield f"{type_.name}.{name}({argument})", definition.description


def test_everything_has_a_description_with_the_chinese_term() -> None:
    assert not [where for where, description in described() if not CHINESE.search(description or "")]


def test_every_field_of_a_mapped_type_declares_what_it_needs_or_is_public() -> None:
    for type_ in TYPES:
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                metadata = field.extensions["strawberry-definition"].metadata
                if "zhanwang.mapping" in metadata:
                    assert (NEEDS in metadata) != (PUBLIC in metadata), f"{type_.name}.{name}"
                    if NEEDS in metadata:
                        assert f"Needs `{metadata[NEEDS].value}`" in (field.description or "")


def test_root_fields_are_nullable() -> None:
    assert CORE.query_type is not None
    assert not [name for name, field in CORE.query_type.fields.items() if isinstance(field.type, GraphQLNonNull)]


def refusing(query: type) -> str:
    with pytest.raises(Unmapped) as refused:
        Schema(query=query)
    return str(refused.value)


def station_with(field: Any, annotation: Any) -> type:
    namespace = {"__annotations__": {"id": strawberry.ID, "field": annotation}, "field": field}
    namespace["id"] = column("id", PUBLIC_FIELD)
    return entity(StationRow, "S")(strawberry.type(type("Plain", (), namespace)))


def query_of(type_: type, annotation: Any = None) -> type:
    field = one(stations.FOUND, "One.", PUBLIC_FIELD)
    namespace = {"__annotations__": {"one": annotation or type_ | None}, "one": field}
    return strawberry.type(type("Query", (), namespace))


def test_a_field_without_a_mapping_is_refused_at_the_start() -> None:
    broken = station_with(strawberry.field(description="Python's.", resolver=lambda: "text"), str)
    assert "Plain.field has no mapping" in refusing(query_of(broken))


def test_a_relation_that_cannot_be_null_is_refused_at_the_start() -> None:
    inner = station_with(column("The name.", Permission.PLACE_READ, "name"), str)
    assert "Query.one must be nullable" in refusing(query_of(inner, inner))


def test_permission_classes_on_a_mapped_field_are_refused_at_the_start() -> None:
    class Never(strawberry.BasePermission):
        message = "never"

        def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
            return False

    field = column("The name.", Permission.PLACE_READ, "name")
    field.permission_classes = [Never]
    assert "permission_classes" in refusing(query_of(station_with(field, str)))
