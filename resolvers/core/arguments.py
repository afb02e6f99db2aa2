"""A field's arguments, seen as SQL: what shapes the statement is read now, what is only a value becomes a parameter.

A plan is kept for every later operation whose variables have the same shape (null or present, booleans, enums, those
in a list, the keys of objects, the length of a list of them), so reading shape while compiling is sound, and reading a
value is not.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import GraphQLField, ListValueNode, ObjectValueNode, ValueNode, VariableNode
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values
from sqlalchemy import BindParameter, bindparam
from sqlalchemy.types import TypeEngine

from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.messages import Message

Convert = Callable[[Any, Context], Any]

Details = list[FieldDetails]
"""One response key of a selection: the fields that are merged in it."""


def shape(value: Any) -> Hashable:
    """What of a variable's value may change a statement's text."""
    if type(value) is str:
        return "str"
    if value is None or isinstance(value, (bool, Enum)):
        return value
    if isinstance(value, dict):
        return tuple([(key, shape(item)) for key, item in value.items()])
    if isinstance(value, (list, tuple)):
        # Objects and enums say what is asked, such as what to group by; of plain values only whether there are any.
        if any(isinstance(item, Enum) for item in value):
            return tuple(dict.fromkeys(value))
        objects = any(isinstance(item, dict) for item in value)
        return tuple(shape(item) for item in value) if objects else bool(value)
    return type(value).__name__


def clean(value: Any) -> Any:
    """A value as PostgreSQL can take it; refuses text that no UTF-8 database can hold."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise BadInput(Message("Text must not contain NUL or unpaired surrogate characters."))
        return value
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    return value


@dataclass(frozen=True, slots=True)
class Source:
    """Where a parameter's value comes from each time: a literal of the document, a variable, or the whole argument."""

    field: GraphQLField
    details: FieldDetails
    path: tuple[str | int, ...]
    convert: Convert | None
    variable: str | None = None
    literal: bool = False
    constant: Any = None

    def read(self, variables: VariableValues, context: Context) -> Any:
        """The parameter's value for these variables."""
        if self.literal:
            value = self.constant
        else:
            if self.variable is not None:
                value = variables.coerced[self.variable]
            else:
                value = get_argument_values(
                    self.field, self.details.node, variables, self.details.fragment_variable_values
                )
            for step in self.path:
                value = value[step]
        return clean(value) if self.convert is None else clean(self.convert(value, context))


class Parameters:
    """The parameters of a statement under compilation; `sources` are those of the root field at hand."""

    def __init__(self) -> None:
        self.sources: dict[str, Source] = {}
        self._count = 0

    def add(self, source: Source, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """A new parameter that takes its value from `source`."""
        name = f"p{self._count}"
        self._count += 1
        self.sources[name] = source
        return bindparam(name, type_=type_)


class Arguments:
    """The arguments of one field in the operation. around: those of the field by which the row around was found."""

    def __init__(
        self,
        parameters: Parameters,
        field: GraphQLField,
        details: FieldDetails,
        variables: VariableValues,
        around: "Arguments | None" = None,
    ) -> None:
        self._parameters, self._field, self._details, self._variables = parameters, field, details, variables
        self.around = around
        self.values: dict[str, Any] = get_argument_values(
            field, details.node, variables, details.fragment_variable_values
        )

    def get(self, *path: str | int) -> Any:
        """The value at a path, for its shape alone; None where nothing was given."""
        value: Any = self.values
        for step in path:
            if value is None:
                return None
            value = value.get(step) if isinstance(value, dict) else value[step]
        return value

    def bind(self, type_: TypeEngine[Any], *path: str | int, convert: Convert | None = None) -> BindParameter[Any]:
        """The value at a path, which is there, as a parameter of the statement."""
        return self._parameters.add(self._source(path, convert), type_)

    def _source(self, path: tuple[str | int, ...], convert: Convert | None) -> Source:
        whole = Source(self._field, self._details, path, convert)
        name, *rest = path
        node: ValueNode | None = next(
            (argument.value for argument in self._details.node.arguments or () if argument.name.value == name), None
        )
        steps: list[str | int] = list(rest)
        while steps and not isinstance(node, VariableNode):
            step = steps.pop(0)
            if isinstance(step, int):
                # A single value stands for a list of one.
                node = node.values[step] if isinstance(node, ListValueNode) else node
            elif isinstance(node, ObjectValueNode):
                node = next((field.value for field in node.fields if field.name.value == step), None)
        if isinstance(node, VariableNode) and node.name.value in self._variables.coerced:
            return Source(self._field, self._details, tuple(steps), convert, variable=node.name.value)
        if node is None or isinstance(node, VariableNode) or not _has_variable(node):
            constant = self.get(*path)
            return Source(self._field, self._details, (), convert, literal=True, constant=constant)
        return whole


def _has_variable(node: ValueNode) -> bool:
    if isinstance(node, VariableNode):
        return True
    if isinstance(node, ListValueNode):
        return any(_has_variable(value) for value in node.values)
    if isinstance(node, ObjectValueNode):
        return any(_has_variable(field.value) for field in node.fields)
    return False
