"""How a statement's scope is opened, in one of two ways, by what the database is.

One PostgreSQL: the statement does it itself, as its first step, in one round trip (`Scope.stated`). Shards: what is set
while a statement runs is too late for those that are already at it, so that a call before it does, in one transaction
with it; and where the shards cannot answer it as it is, it is asked again, of rows that are gathered first.
"""

from dataclasses import dataclass
from typing import Any

import asyncpg
from sqlalchemy.sql.compiler import SQLCompiler

from resolvers.core.context import Context
from resolvers.core.errors import TooCostly
from resolvers.core.messages import Message
from resolvers.core.scope import OPEN, Scope, end_of
from resolvers.core.sharding import MOST_GATHERED, Gathering, gathering

OPEN_SCOPE = "SELECT open_scope($1, $2, $3, $4, $5, $6)"
REFUSED = (asyncpg.FeatureNotSupportedError, asyncpg.InternalServerError)
"""What Citus says of a statement that it cannot plan."""
TOO_MUCH = Message("This reaches over too many counties at once. Ask it of one county, or for less of each.")


@dataclass(eq=False)
class Statement:
    """A statement under a scope, whose row begins with the scope's state. order: the names of its parameters."""

    scope: Scope
    sql: str
    order: tuple[str, ...]
    _gathering: Gathering | None = None
    """How it is asked instead, if the shards have refused it."""

    @classmethod
    def of(cls, scope: Scope, compiled: SQLCompiler) -> "Statement":
        """The statement of what `Scope.stated` has made, as it was compiled."""
        return cls(scope, compiled.string, tuple(compiled.positiontup or ()))

    async def read(self, context: Context, parameters: list[Any], *, settled: bool = False) -> Any:
        """Its row, in a transaction of its own. settled: of the database itself, no replica. Raises as that does."""
        database = context.database
        if self.scope.sharded:
            async with database.transaction(context.trace) as connection:
                return await self.read_on(connection, context, parameters)
        fetch = database.fetchrow if settled else database.read
        return await fetch(self.sql, parameters, context.trace)

    async def read_on(self, connection: Any, context: Context, parameters: list[Any]) -> Any:
        """Its row, in the transaction of a connection. Raises BadInput for what no shards can answer."""
        if self.scope.sharded:
            state = await connection.fetchval(OPEN_SCOPE, *_asker(context))
            if state != OPEN:
                return (state,)
            if self.scope.fans_out:
                return await self._read_wide(connection, context, parameters)
        return await connection.fetchrow(self.sql, *parameters)

    async def _read_wide(self, connection: Any, context: Context, parameters: list[Any]) -> Any:
        """Its row: by the shards, or of what they have if they once could not."""
        if self._gathering is None:
            # Whether Citus plans it may be for its parameters to say.
            await connection.execute("SAVEPOINT asked")
            try:
                return await connection.fetchrow(self.sql, *parameters)
            except REFUSED:
                await connection.execute("ROLLBACK TO asked")
                self._gathering = gathering(self.sql, self.order)
            except asyncpg.DivisionByZeroError:
                # It went below a region this time (`Subtrees`); of other rows the shards may answer.
                await connection.execute("ROLLBACK TO asked")
        asked = self._gathering or gathering(self.sql, self.order)
        gathered = []
        path = context.acting().grant.path
        for query in asked.queries:
            count, rows = await connection.fetchrow(query, path, end_of(path))
            if count > MOST_GATHERED:
                raise TooCostly(TOO_MUCH)
            gathered.append(rows)
        return await connection.fetchrow(asked.sql, *parameters, *gathered)


def _asker(context: Context) -> tuple[Any, ...]:
    """The arguments of `open_scope`."""
    identity = context.acting()
    grant = identity.grant
    who = identity.account_id, identity.credential_version, identity.session_id
    return *who, grant.id, grant.path, grant.role.value
