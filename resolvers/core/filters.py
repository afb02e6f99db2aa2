"""`where`: typed operators over indexed columns, `within`, and their combination.

    where: { level: { in: [BASIC] }, within: "S7", not: { name: { startsWith: "南" } } }

The fields of one object hold together; a null is as if it were not there. What a field compares is declared on the
filter's input type (`Operand`); the operators are the same everywhere.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type
from sqlalchemy import ARRAY, ColumnElement, FromClause, and_, any_, false, func, not_, or_
from sqlalchemy.types import TypeEngine

from resolvers.core.arguments import Arguments, Convert
from resolvers.core.context import Context
from resolvers.core.errors import BadInput
from resolvers.core.mapping import DEFINITION, MAPPING, Clause, Operand
from resolvers.core.messages import Message
from resolvers.core.permissions import Permission
from resolvers.core.scope import Scope

MAX_DEPTH = 5
MAX_CONDITIONS = 60
MAX_LIST = 500

Need = Callable[[Permission], None]
Compare = Callable[[ColumnElement[Any], str, ColumnElement[Any]], Clause]


class Filters:
    """The clause of one `where` argument. compared: how fields are compared for which it is not `compare` to say."""

    def __init__(
        self,
        arguments: Arguments,
        row: FromClause,
        scope: Scope,
        need: Need,
        compared: Mapping[str, Compare] | None = None,
    ) -> None:
        self._arguments, self._row, self._scope, self._need = arguments, row, scope, need
        self._compared = compared or {}
        self._conditions = 0

    def clause(self, type_: GraphQLInputObjectType, *path: str | int, depth: int = 1) -> Clause:
        """The clause of the filter object at a path; true if nothing is asked of the row."""
        if depth > MAX_DEPTH:
            raise BadInput(Message("A filter may be nested {most} deep at the most.", most=MAX_DEPTH))
        return and_(True, *self._clauses(type_, path, depth))

    def _clauses(self, type_: GraphQLInputObjectType, path: tuple[str | int, ...], depth: int) -> Iterator[Clause]:
        for name, value in (self._arguments.get(*path) or {}).items():
            if value is None:
                continue
            self._conditions += 1
            # Empty objects ask for nothing, but tens of thousands of them fit into one list.
            combined = len(value) if name in ("and", "or") else 0
            if max(self._conditions, combined) > MAX_CONDITIONS:
                raise BadInput(Message("A filter may have {most} conditions at the most.", most=MAX_CONDITIONS))
            here = (*path, name)
            if name in ("and", "or"):
                parts = [self.clause(type_, *here, index, depth=depth + 1) for index in range(len(value))]
                yield and_(True, *parts) if name == "and" else or_(False, *parts)
            elif name == "not":
                # What is unknown of a row is not so: the row is among those that the filter leaves out.
                yield not_(func.coalesce(self.clause(type_, *here, depth=depth + 1), false()))
            else:
                field = type_.fields[name]
                operand: Operand = field.extensions[DEFINITION].metadata[MAPPING]
                if operand.needs is not None:
                    self._need(operand.needs)
                operators = get_named_type(field.type)
                if isinstance(operators, GraphQLInputObjectType):
                    yield from self._operators(operand, value, here)
                else:
                    yield self._compare(operand, "eq", here)

    def _operators(self, operand: Operand, operators: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[Clause]:
        for operator, value in operators.items():
            if value is None:
                continue
            if value == []:
                yield false() if operator == "in" else not_(false())
                continue
            yield self._compare(operand, operator, (*path, operator))

    def _compare(self, operand: Operand, operator: str, path: tuple[str | int, ...]) -> Clause:
        many = operator in ("in", "notIn")
        convert = _listed(operand.convert) if many else operand.convert
        if operand.clause is not None:
            value = self._arguments.bind(ARRAY(operand.type) if many else operand.type, *path, convert=convert)
            return operand.clause(self._row, operator, value, self._scope)
        if operand.column is None:
            raise TypeError(f"{path[-1]} compares nothing")
        column = operand.column(self._row)
        type_: TypeEngine[Any] = column.type
        value = self._arguments.bind(ARRAY(type_) if many else type_, *path, convert=convert)
        by = self._compared.get(str(path[-2]), compare) if len(path) > 1 else compare
        return by(column, operator, value)


def _listed(convert: Convert | None) -> Convert:
    """Reads a list of values, which must not be too long."""

    def read(values: list[Any], context: Context) -> list[Any]:
        if len(values) > MAX_LIST:
            raise BadInput(Message("A list in a filter may have {most} values at the most.", most=MAX_LIST))
        return values if convert is None else [convert(value, context) for value in values]

    return read


def compare(column: ColumnElement[Any], operator: str, value: ColumnElement[Any]) -> Clause:
    """One operator of the typed filters as SQL."""
    match operator:
        case "eq":
            return column == value
        case "in":
            return column == any_(value)
        case "notIn":
            return not_(column == any_(value))
        case "gt":
            return column > value
        case "gte":
            return column >= value
        case "lt":
            return column < value
        case "lte":
            return column <= value
        case "startsWith":
            # A range as well as the test itself, so that an index can serve a prefix; no character is behind the last.
            last = func.chr(0x10FFFF)
            return and_(column >= value, column <= value.op("||")(last), func.starts_with(column, value))
    raise TypeError(f"no operator {operator}")
