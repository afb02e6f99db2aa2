"""State machines: which states a row may go to from which, and the one way to take it there.

`MACHINES` lists them by table, for the test that tries every step from every state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, case, func
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import SQLModel

from resolvers.core.json import literal_array, string
from resolvers.core.mapping import Clause
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import table_of
from resolvers.core.scope import Scope
from resolvers.core.write import Row, Writer


@dataclass(frozen=True)
class Machine:
    """The states of a table's rows, each with those that may follow it; the column is `state`."""

    model: type[SQLModel]
    edges: Mapping[StrEnum, tuple[StrEnum, ...]]

    @property
    def open(self) -> tuple[str, ...]:
        """The states that another may follow."""
        return tuple(state.value for state, following in self.edges.items() if following)

    def unsettled(self, row: FromClause) -> Clause:
        """Whether a row is in a state that another may follow."""
        return row.c.state.in_([string(state) for state in self.open])

    def overdue(self, row: FromClause, _: Scope | None = None) -> Clause:
        """Whether it was due (`due_on`) before today and is not settled; a field, and what a filter compares."""
        return and_(self.unsettled(row), row.c.due_on < func.current_date()).self_group()

    def going_on(self, row: Row, field: str) -> Row:
        """The row, unless it is in a last state. `field`: the input's to blame. Raises Rejected."""
        if row["state"] not in self.open:
            message = Message("It is {state}: nothing of it changes any more.", state=self._state(row))
            raise Rejected(UserErrorCode.WRONG_STATE, message, field)
        return row

    def check(self, row: Row, to: StrEnum, field: str) -> None:
        """Refuses a step that is not allowed from where the row is. `field`: the input's to blame. Raises Rejected."""
        if to not in self.edges[type(to)(row["state"])]:
            message = Message("It is {state}, from where it cannot become {to}.", state=type(to)(row["state"]), to=to)
            raise Rejected(UserErrorCode.WRONG_STATE, message, field)

    def _state(self, row: Row) -> StrEnum:
        return next(state for state in self.edges if state == row["state"])

    async def advance(self, writer: Writer, row: Row, to: StrEnum, field: str = "state", **values: Any) -> Row:
        """Takes a claimed row to another state, with what else changes; the row as it is then. Raises Rejected."""
        self.check(row, to, field)
        return await writer.change(self.model, row, state=to.value, **values)


MACHINES: dict[str, Machine] = {}


def machine(model: type[SQLModel], edges: Mapping[StrEnum, tuple[StrEnum, ...]]) -> Machine:
    """Declares the machine of a table; every state stands among the edges, a last one with none."""
    made = Machine(model, edges)
    missing = {state for following in edges.values() for state in following} - set(edges)
    if missing:
        raise TypeError(f"{model.__name__} has no edges from {', '.join(missing)}")
    MACHINES[str(table_of(model).name)] = made
    return made


def next_states(made: Machine) -> Callable[[FromClause, Scope], ColumnElement[Any]]:
    """The states that may follow a row's own, as JSON, whoever may take it there."""
    whens = [
        (string(state.value), literal_array([following.value for following in after]))
        for state, after in made.edges.items()
    ]

    def build(row: FromClause, _: Scope) -> ColumnElement[Any]:
        return case(dict(whens), value=row.c.state, else_=literal_array([])).cast(JSON)

    return build
