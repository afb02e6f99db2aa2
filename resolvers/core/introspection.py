"""What the schema says of itself, written without graphql-core's executor, which takes several times as long.

The same types are named again and again: what is selected of one is written once, and put in wherever it comes again.
What that cannot help against, fields' types' fields' types, is bounded by counting.
"""

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    is_type,
)
from graphql.execution import Executor
from graphql.execution.values import get_argument_values

from resolvers.core.arguments import Details
from resolvers.core.cache import Cache
from resolvers.core.errors import BadInput
from resolvers.core.messages import Language, Message

MAX_VALUES = 45_000
"""How many values may be looked up for an answer. All of the schema, as the usual tools ask for it, takes 34,000."""

MAX_BYTES = 40_000_000
"""How much may be written, what is copied into what is around it counted each time."""

ROOTS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}

DESCRIBED = "described"
"""The extension of a schema that tells a description in a language: a function of both."""

READ_BY_PEOPLE = {"description", "deprecationReason"}

_answers: Cache[tuple[int, str, Language], tuple[OperationDefinitionNode, bytes]] = Cache(8)


def introspected(executor: Executor[Any], key: str, details: Details) -> bytes:
    """The JSON of a root field that asks for the schema. Raises BadInput for what asks for too much of it.

    The last few answers are kept, of operations without variables.
    """
    operation = executor.operation
    if operation.variable_definitions:
        return _Writer(executor).root(details)
    # The operation is kept with its answer, so that no other one can take its address meanwhile.
    kept_by = (id(operation), key, executor.context_value.language)
    return _answers.obtain(kept_by, lambda: (operation, _Writer(executor).root(details)))[1]


@dataclass(frozen=True, slots=True)
class _Selected:
    """A selected field: the beginning of its pair in JSON, and how its value is found."""

    begins: bytes
    field: GraphQLField
    details: Details
    arguments: dict[str, Any]
    read_by_people: bool


class _Writer:
    """Writes one answer."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._executor = executor
        self._described, self._language = executor.schema.extensions[DESCRIBED], executor.context_value.language
        self._selections: dict[tuple[int, ...], list[_Selected]] = {}
        self._found: dict[int, list[_Selected]] = {}
        self._written: dict[tuple[int, str], bytes] = {}
        self._values = self._bytes = 0

    def root(self, details: Details) -> bytes:
        """The JSON of one root field."""
        return self._pair(self._selected("", ROOTS[details[0].node.name.value], details), None)

    def _pair(self, selected: _Selected, source: Any) -> bytes:
        self._values += 1
        resolve: Any = selected.field.resolve
        value = resolve(source, self._executor, **selected.arguments)
        if value and selected.read_by_people:
            value = self._described(value, self._language)
        return selected.begins + self._value(selected.field.type, selected.details, value)

    def _value(self, type_: Any, details: Details, value: Any) -> bytes:
        if value is None:
            return b"null"
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, details, value)
        if isinstance(type_, GraphQLList):
            return b"[" + b",".join([self._value(type_.of_type, details, item) for item in value]) + b"]"
        if not isinstance(type_, GraphQLObjectType):
            return orjson.dumps(type_.coerce_output_value(value))
        selection = self._selection(type_, details)
        if not is_type(value):
            return self._object(selection, value)
        # A type that is wrapped in another is made for each field, so the name says which it is.
        key = (id(selection), str(value))
        written = self._written.get(key)
        if written is None:
            written = self._written[key] = self._object(selection, value)
        return written

    def _object(self, selection: list[_Selected], value: Any) -> bytes:
        pairs = [self._pair(selected, value) for selected in selection]
        written = b"{" + b",".join(pairs) + b"}"
        self._bytes += len(written)
        if self._values > MAX_VALUES or self._bytes > MAX_BYTES:
            raise BadInput(Message("This asks for too much of the schema at once: leave out types of fields of types."))
        return written

    def _selection(self, type_: GraphQLObjectType, details: Details) -> list[_Selected]:
        """The fields that are selected of a type; the same list for the same nodes, wherever they are spread."""
        found = self._found.get(id(details))
        if found is None:
            fields = self._executor.collect_subfields(type_, details).grouped_field_set
            nodes = tuple(id(one.node) for inner in fields.values() for one in inner)
            found = self._selections.get(nodes)
            if found is None:
                found = self._selections[nodes] = [
                    self._selected(key, type_.fields.get(inner[0].node.name.value) or _typename(type_), inner)
                    for key, inner in fields.items()
                ]
            self._found[id(details)] = found
        return found

    def _selected(self, key: str, field: GraphQLField, details: Details) -> _Selected:
        arguments = get_argument_values(
            field, details[0].node, self._executor.variable_values, details[0].fragment_variable_values
        )
        begins = orjson.dumps(key) + b":" if key else b""
        return _Selected(begins, field, details, arguments, details[0].node.name.value in READ_BY_PEOPLE)


def _typename(type_: GraphQLObjectType) -> GraphQLField:
    return GraphQLField(TypeNameMetaFieldDef.type, resolve=lambda *_: type_.name)
