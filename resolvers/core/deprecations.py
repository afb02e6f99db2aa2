"""What of a document is deprecated in the schema: fields, arguments, fields of inputs, values of enumerations.

Values in variables are not looked at: that would be work for each request, not for each document.
"""

import re
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    is_introspection_type,
    visit,
)


class Deprecations:
    """Finds what is deprecated, and looks only into documents in which one of the names occurs."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        names = "|".join(sorted(_names(schema)))
        self._worth_looking = re.compile(rf"\b(?:{names})\b") if names else None

    def of(self, text: str, node: DocumentNode) -> tuple[str, ...]:
        """The schema coordinates of what a valid document uses, sorted."""
        if self._worth_looking is None or not self._worth_looking.search(text):
            return ()
        types = TypeInfo(self._schema)
        finder = _Finder(types)
        visit(node, TypeInfoVisitor(types, finder))
        return tuple(sorted(finder.found))


class _Finder(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self._field = ""
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self._field = f"{self._types.get_parent_type()}.{node.name.value}"
        self._note(self._types.get_field_def(), self._field)

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        # Before anything is selected below the field.
        directive = self._types.get_directive()
        owner = f"@{directive.name}" if directive else self._field
        self._note(self._types.get_argument(), f"{owner}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        type_ = get_named_type(self._types.get_parent_input_type())
        if isinstance(type_, GraphQLInputObjectType):
            self._note(type_.fields.get(node.name.value), f"{type_.name}.{node.name.value}")

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        type_ = get_named_type(self._types.get_input_type())
        self._note(self._types.get_enum_value(), f"{type_}.{node.value}")

    def _note(self, definition: Any, coordinate: str) -> None:
        if definition is not None and definition.deprecation_reason is not None:
            self.found.add(coordinate)


def _names(schema: GraphQLSchema) -> set[str]:
    found = {name for one in schema.directives for name, argument in one.args.items() if argument.deprecation_reason}
    for type_ in schema.type_map.values():
        if is_introspection_type(type_):
            continue
        if isinstance(type_, GraphQLEnumType):
            found |= {name for name, value in type_.values.items() if value.deprecation_reason}
        elif isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
            for name, field in type_.fields.items():
                arguments = {} if isinstance(type_, GraphQLInputObjectType) else field.args
                found |= {argument for argument, given in arguments.items() if given.deprecation_reason}
                found |= {name} if field.deprecation_reason else set()
    return found
