"""Subscriptions: what an event of one answers, as a statement that is compiled once and scoped each time.

An event's payload is found as a mutation's is, by the key of the row that has changed; where nothing of it is visible
to the subscriber at that moment, there is no event.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema
from graphql.execution.values import get_argument_values
from sqlalchemy import BigInteger, Text, bindparam, select

from models import Place
from resolvers.core.context import Context
from resolvers.core.documents import Document
from resolvers.core.errors import BadInput, NotFound, Unauthenticated
from resolvers.core.events import LISTENS, Listens, Payload
from resolvers.core.executor import Executor, plan_key
from resolvers.core.mapping import DEFINITION
from resolvers.core.messages import Message
from resolvers.core.opening import Statement
from resolvers.core.plan import Fields, Outcome, Plan, Unbindable, forbidden
from resolvers.core.relations import key_and_kind, table_of
from resolvers.core.scope import OPEN, Scope, scope_of
from resolvers.core.sharding import compiled_for
from resolvers.core.write import ENDED, renew

DIGEST_BYTES = 12


@dataclass(frozen=True, slots=True)
class Listener:
    """A subscription that may be answered. key: the response key of its root field.

    within: the public id of the place that it is about, None for the whole scope. after: the event id to go on from.
    """

    executor: "Listening"
    key: str
    listens: Listens
    within: str | None
    after: str | None

    @classmethod
    def of(
        cls, schema: GraphQLSchema, document: Document, given: Any, name: str | None, context: Context
    ) -> "Listener":
        """The listener of an operation that was prepared. Raises Refusal."""
        assert document.node is not None
        executor = Listening.build(schema, document.node, None, context, given, name)
        if isinstance(executor, list):
            raise BadInput(Message.quoted(executor[0].message))
        assert isinstance(executor, Listening)
        executor.execute_operation()
        ((key, details),) = executor.fields.items()
        assert schema.subscription_type is not None
        field = schema.subscription_type.fields[details[0].node.name.value]
        arguments = get_argument_values(
            field, details[0].node, executor.variable_values, details[0].fragment_variable_values
        )
        listens = field.extensions[DEFINITION].metadata[LISTENS]
        return cls(executor, key, listens, arguments.get("within"), arguments.get("after"))

    async def locate(self, context: Context) -> str:
        """The path below which events concern the subscriber, now; what it selects is permitted. Raises Refusal."""
        self._permit(self._plan(context), context)
        row = await self._opened(context)
        if self.within is None:
            return context.acting().grant.path
        if row["path"] is None:
            raise NotFound(Message("There is nothing with this id."))
        return str(row["path"])

    async def answer(self, context: Context, key: int | None) -> Payload | None:
        """What the subscriber is told of a row; None if it is not visible. Raises Refusal."""
        for attempt in range(2):
            if attempt:
                await renew(context)
            plan = self._plan(context)
            self._permit(plan, context)
            row = await plan.statement.read(context, self._bound(plan, context, key), settled=True)
            if row[0] == OPEN:
                return None if row[1] is None else Payload(row[1])
        raise Unauthenticated(ENDED)

    def _plan(self, context: Context) -> Plan:
        return self.executor.plan(scope_of(context.acting().grant))

    def _permit(self, plan: Plan, context: Context) -> None:
        for refusal in [*plan.refused.values(), *forbidden(plan, context.acting()).values()]:
            raise refusal
        if plan.completed:
            raise BadInput(
                Message("What is read in full is read by somebody, and not told: leave it out, and query it.")
            )

    def _bound(self, plan: Plan, context: Context, key: int | None) -> list[Any]:
        try:
            return plan.bind(context.acting(), self.executor.variable_values, context, Outcome(key))
        except Unbindable as unbindable:
            raise next(iter(unbindable.refused.values())) from None

    async def _opened(self, context: Context) -> Any:
        found_key, kind = key_and_kind(self.within)
        for attempt in range(2):
            if attempt:
                await renew(context)
            statement = _opening(scope_of(context.acting().grant))
            values = scope_of(context.acting().grant).values(context.acting())
            values |= {"within_key": found_key, "within_kind": kind}
            row = await statement.read(context, [values[name] for name in statement.order], settled=True)
            if row[0] == OPEN:
                return row
        raise Unauthenticated(ENDED)


class Listening(Executor):
    """A subscription's operation, whose root field is compiled, and not executed before there is an event."""

    fields: Fields

    def execute_root_grouped_field_set(
        self, root_type: GraphQLObjectType, _: Any, grouped_field_set: Fields, *__: Any
    ) -> dict[str, Any]:
        """Keep what is selected."""
        self._root_type, self.fields = root_type, grouped_field_set
        return {}

    def plan(self, scope: Scope) -> Plan:
        """The statement of an event's payload under a scope."""
        return self.plans.obtain(
            plan_key(self.operation, self.variable_values, scope),
            lambda: self._compile(self._root_type, self.fields, whole=True),
        )


def digest_of(payload: Payload) -> bytes:
    """A digest by which payloads are compared."""
    return hashlib.blake2b(payload.json, digest_size=DIGEST_BYTES).digest()


@cache
def _opening(scope: Scope) -> Statement:
    """The statement that opens the scope and finds a place's path."""
    place = table_of(Place).alias()
    path = select(place.c.path).where(
        place.c.id == bindparam("within_key", type_=BigInteger),
        place.c.kind == bindparam("within_kind", type_=Text),
        scope.visible(place),
    )
    return Statement.of(scope, compiled_for(scope, scope.stated({"path": path.scalar_subquery()})))
