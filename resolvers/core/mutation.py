"""How a mutation runs: its permission, the write, and the payload's one statement, in one transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues, get_argument_values

from resolvers.core import audit
from resolvers.core.arguments import clean
from resolvers.core.context import Context
from resolvers.core.errors import Unauthenticated, Unavailable
from resolvers.core.mapping import DEFINITION, Write
from resolvers.core.messages import Message
from resolvers.core.plan import Outcome, Plan, Unbindable, forbidden
from resolvers.core.refusals import Rejected
from resolvers.core.scope import OPEN
from resolvers.core.write import ENDED, Stale, Writer, perform, renew, violated

Complete = Callable[[Any], Awaitable[Any]]


class Mutation:
    """One mutation of an operation.

    plan: the payload's statement. complete: lets graphql-core complete a payload in which Python has values to compute.
    """

    def __init__(
        self, plan: Plan, mapping: Write, action: str, variables: VariableValues, context: Context, complete: Complete
    ) -> None:
        self._plan, self._mapping, self._action = plan, mapping, action
        self._variables, self._context, self._complete = variables, context, complete

    async def run(self, given: dict[str, Any]) -> Any:
        """The payload: ready JSON, or what graphql-core has completed.

        A refusal by rule or by a constraint undoes the write and is told in the payload. Raises Refusal for the rest.
        """
        self._permit()
        try:
            return await self._write(given)
        except Stale:
            # Outside the transaction: whoever holds a connection must not wait for another.
            await renew(self._context)
            self._permit()
            try:
                return await self._write(given)
            except Stale:
                raise Unauthenticated(ENDED) from None

    def _permit(self) -> None:
        for refusal in [*self._plan.refused.values(), *forbidden(self._plan, self._context.acting()).values()]:
            raise refusal

    async def _write(self, given: dict[str, Any]) -> Any:
        try:
            async with self._context.database.transaction(self._context.trace) as connection:
                try:
                    writer = await Writer.open(
                        connection, self._context, self._action, scope=self._plan.scope, whole=self._mapping.moves
                    )
                    key = await perform(writer, self._mapping.perform, given)
                except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError) as error:
                    raise Unavailable(Message("Another write stood in the way. Try again shortly.")) from error
                except asyncpg.PostgresError as error:
                    if (rejected := violated(error)) is None:
                        raise
                    raise rejected from error
                return await self._payload(connection, Outcome(key))
        except Rejected as rejected:
            outcome = Outcome(rejected.shown, (rejected.error,))
        async with self._context.database.transaction(self._context.trace) as connection:
            return await self._payload(connection, outcome)

    async def _payload(self, connection: Any, outcome: Outcome) -> Any:
        context = self._context
        try:
            parameters = self._plan.bind(context.acting(), self._variables, context, outcome)
        except Unbindable as unbindable:
            raise next(iter(unbindable.refused.values())) from None
        row = await self._plan.statement.read_on(connection, context, parameters)
        if row[0] != OPEN:
            raise Stale
        if not self._plan.completed:
            return orjson.Fragment(row[1])
        completed = await self._complete(orjson.loads(row[1]))
        await audit.append_readings(connection, context)
        return completed


def given_of(field: GraphQLField, details: FieldDetails, variables: VariableValues) -> dict[str, Any]:
    """The `input` of a mutation, with Python's names."""
    values = get_argument_values(field, details.node, variables, details.fragment_variable_values)
    found: dict[str, Any] = _pythonic(field.args["input"].type, values["input"])
    return found


def _pythonic(type_: Any, value: Any) -> Any:
    type_ = get_nullable_type(type_)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        return [_pythonic(type_.of_type, item) for item in value]
    if isinstance(type_, GraphQLInputObjectType):
        fields = type_.fields
        return {
            fields[name].extensions[DEFINITION].python_name: _pythonic(fields[name].type, item)
            for name, item in value.items()
        }
    return value if isinstance(get_named_type(type_), GraphQLEnumType) else clean(value)
