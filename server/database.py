"""The way to PostgreSQL, and one exception for every way a database can be away."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from resolvers.core.errors import BadInput, Refusal, TooSlow, Unavailable
from resolvers.core.messages import Message
from resolvers.core.trace import Trace
from server.migrate import OWNER_ROLE, SERVER_ROLE, has_all
from server.pool import LOST, REFUSED_HERE, UNABLE, Connection, Pool, session_settings
from server.pooler import SESSION, Pooler, unfitness

log = logging.getLogger("zhanwang.database")

# As long as the database has answered somebody this recently, a busy pool is no reason to call it away.
RECENT_SECONDS = 2.0
WARNING_SECONDS = 5.0

FAILED = (*LOST, *UNABLE, asyncpg.ProgramLimitExceededError, asyncpg.QueryCanceledError)
"""What a read can come to that a client is told of."""


class UnfitLogin(Exception):
    """The login of ZHANWANG_DATABASE_URL must not serve, or cannot. `str()` of it says what to do."""


class Database:
    """PostgreSQL as the role that row-level security binds.

    Every statement runs by its generic plan, which is made once a connection: planning anew for each request costs a
    nested statement more than it gains, from a grid up to a county (docs/decisions/0003).
    """

    def __init__(self, url: str, *, pool_size: int, statement_timeout_ms: int, pooler: Pooler = Pooler.NONE) -> None:
        self._pool = Pool(url, pool_size, statement_timeout_ms, pooler)
        self._warnings = _Warnings()
        self._ready = False
        self._answered_at = 0.0

    @classmethod
    async def open(cls, url: str, *, pool_size: int, statement_timeout_ms: int, pooler: Pooler = Pooler.NONE) -> Self:
        """Connects once, and refuses a login that row-level security would not bind.

        url: `postgresql://…` of a login that is `zhanwang_server` or a member of it.
        pool_size: the most connections. pooler: what the URL leads to.
        Raises UnfitLogin, and Unavailable if there is no answer.
        """
        database = cls(url, pool_size=pool_size, statement_timeout_ms=statement_timeout_ms, pooler=pooler)
        try:
            await database._check_login()
            await database._check_session(session_settings(statement_timeout_ms), pooler)
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Ends the connections."""
        await self._pool.close()

    async def fetchrow(self, sql: str, args: Sequence[object], trace: Trace | None = None) -> asyncpg.Record | None:
        """The first row of one read, or None; outside a transaction, hence one round trip.

        trace: what is told how long it takes.
        Raises Unavailable if the database is away, TooSlow, BadInput for more than it can do at once, and
        asyncpg.PostgresError for what else it says.
        """
        try:
            row = await self._read(sql, args, trace)
        except FAILED as error:
            raise self._told(error) from error
        self._answered_at = time.monotonic()
        return row

    read = fetchrow

    @asynccontextmanager
    async def transaction(self, trace: Trace | None = None) -> AsyncIterator[Connection]:
        """A connection inside BEGIN; commits at the end of the block, rolls back if it raises.

        trace: what is told how long its statements take.
        Nothing is ever tried twice. Raises TooSlow, and Unavailable if the database is away, also when it goes in the
        middle (then it is not known whether the commit was done).
        """
        try:
            connection = await self._begin(trace)
        except LOST as error:
            raise self._unavailable(error) from error
        done = False
        try:
            yield connection
            await connection.execute("COMMIT")
            done = True
        except LOST as error:
            # A file or a socket of the block's own may fail while the database is well.
            if isinstance(error, OSError) and not isinstance(error, TimeoutError) and not connection.is_closed():
                raise
            # What fell silent would not answer a ROLLBACK either.
            connection.terminate()
            raise self._unavailable(error) from error
        except UNABLE as error:
            raise self._unavailable(error) from error
        except REFUSED_HERE as error:
            if not connection.is_closed():
                raise
            raise self._unavailable(error) from error
        except asyncpg.QueryCanceledError as error:
            raise self._too_slow(error) from error
        finally:
            try:
                done = done or await _rolled_back(connection)
            finally:
                self._pool.release(connection, broken=not done)

    @property
    def pool(self) -> Pool:
        """The connections."""
        return self._pool

    async def ready(self) -> bool:
        """Whether the database has all of this program's migrations, and answers. Raises Unavailable if it is away.

        Where others keep every connection busy, what they were answered within RECENT_SECONDS is enough.
        """
        if self._ready and self._pool.busy and time.monotonic() - self._answered_at <= RECENT_SECONDS:
            return True
        try:
            row = await self.fetchrow("SELECT version_num FROM public.alembic_version", ())
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            row = None
        self._ready = row is not None and has_all(row["version_num"])
        return self._ready

    async def _read(self, sql: str, args: Sequence[object], trace: Trace | None = None) -> asyncpg.Record | None:
        pool = self._pool
        connection, used = await pool.acquire(trace)
        try:
            return await fetchrow(pool, connection, sql, args)
        except LOST as error:
            # An idle connection may have died unnoticed (a restart, a firewall). A read can be asked again.
            if not used or isinstance(error, TimeoutError):
                raise
        connection, _ = await pool.acquire(trace, fresh=True)
        return await fetchrow(pool, connection, sql, args)

    async def _begin(self, trace: Trace | None) -> Connection:
        connection, used = await self._pool.acquire(trace)
        try:
            await _begun(self._pool, connection)
        except LOST:
            if not used:
                raise
            # Nothing is written before BEGIN, so this is the one step of a write that can be taken again.
            connection, _ = await self._pool.acquire(trace, fresh=True)
            await _begun(self._pool, connection)
        return connection

    def _told(self, cause: BaseException) -> Refusal:
        """What a client is told of one of FAILED."""
        if isinstance(cause, asyncpg.ProgramLimitExceededError):
            return BadInput(Message("This comes to too many groups. Ask for fewer at once."))
        return self._too_slow(cause) if isinstance(cause, asyncpg.QueryCanceledError) else self._unavailable(cause)

    def _unavailable(self, cause: BaseException) -> Unavailable:
        self._warnings.say("The database is away", cause)
        return Unavailable()

    def _too_slow(self, cause: BaseException) -> TooSlow:
        self._warnings.say("The database gave up on a statement", cause)
        return TooSlow()

    async def _check_login(self) -> None:
        try:
            row = await self._read(LOGIN, (OWNER_ROLE,))
        except asyncpg.ProtocolViolationError as error:
            # A pooler's answer to what it does not know to pass on, be it all that it lacks.
            raise UnfitLogin(
                f"ZHANWANG_DATABASE_URL leads to a pooler that refuses the connection: {str(error).splitlines()[0]}."
                " Say so by ZHANWANG_POOLER."
            ) from None
        except LOST as error:
            raise Unavailable from error
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
            raise UnfitLogin(
                f"PostgreSQL refuses ZHANWANG_DATABASE_URL: {str(error).splitlines()[0]}. If it was never migrated: run"
                " `zhanwang migrate`."
            ) from None
        except (asyncpg.InvalidParameterValueError, asyncpg.InsufficientPrivilegeError):
            raise UnfitLogin(
                f"The login of ZHANWANG_DATABASE_URL cannot act as {SERVER_ROLE}. Run `zhanwang migrate`, which makes"
                f" that role, then as an administrator: GRANT {SERVER_ROLE} TO <login>;"
            ) from None
        assert row is not None
        if fault := row["fault"]:
            raise UnfitLogin(
                f"The role {row['name']} {fault}: row-level security would not bind it, so the server refuses to"
                f" serve. Let ZHANWANG_DATABASE_URL log in as {SERVER_ROLE} or a member of it, without such rights."
            )

    async def _check_session(self, settings: dict[str, str], pooler: Pooler) -> None:
        row = await self.fetchrow(SESSION, (list(settings),))
        assert row is not None
        found = dict(zip(row["names"], row["settings"], strict=True))
        if fault := unfitness(settings, pooler, row["login"], found):
            raise UnfitLogin(fault)


# Of the role that acts (current_user): whoever logs in merely has to be allowed to act as it.
LOGIN = """
SELECT r.rolname AS name, CASE
  WHEN r.rolsuper THEN 'is a superuser'
  WHEN r.rolbypassrls THEN 'has BYPASSRLS'
  WHEN EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid) THEN 'owns tables'
  WHEN EXISTS (SELECT FROM pg_roles o WHERE o.rolname = $1 AND pg_has_role(r.oid, o.oid, 'MEMBER'))
    THEN 'may act as the owner'
END AS fault
FROM pg_roles r WHERE r.rolname = current_user
"""


class _Warnings:
    """One line in the log for each kind of trouble in WARNING_SECONDS, however many requests meet it."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def say(self, what: str, cause: BaseException) -> None:
        now = time.monotonic()
        if now - self._said.get(what, -WARNING_SECONDS) < WARNING_SECONDS:
            self._unsaid[what] = self._unsaid.get(what, 0) + 1
            return
        self._said[what] = now
        unsaid = self._unsaid.pop(what, 0)
        before = f" ({unsaid} times more since the last such line)" if unsaid else ""
        # Its detail may quote a row.
        text = next(iter(str(cause).splitlines()), "")
        log.warning("%s: %s: %s%s", what, type(cause).__name__, text, before)


async def fetchrow(pool: Pool, connection: Connection, sql: str, args: Sequence[object]) -> asyncpg.Record | None:
    """The first row of one statement, or None; the connection goes back to its pool. Raises what asyncpg does."""
    try:
        row: asyncpg.Record | None = await connection.fetchrow(sql, *args)
    except asyncpg.PostgresError:
        pool.release(connection)
        raise
    except BaseException as error:
        _give_up(pool, connection, error)
        raise
    pool.release(connection)
    return row


async def _begun(pool: Pool, connection: Connection) -> None:
    try:
        await connection.execute("BEGIN")
    except BaseException as error:
        _give_up(pool, connection, error)
        raise


def _give_up(pool: Pool, connection: Connection, error: BaseException) -> None:
    """Ends a connection that was cancelled or lost in the middle, an answer perhaps still on its way.

    Raises one of LOST where asyncpg merely refuses to use what is already closed.
    """
    closed = connection.is_closed()
    if isinstance(error, asyncio.CancelledError) and not closed:
        pool.end(connection)
    else:
        pool.release(connection, broken=True)
    if closed and isinstance(error, REFUSED_HERE):
        raise ConnectionResetError(str(error)) from error


async def _rolled_back(connection: Connection) -> bool:
    """Whether the transaction has ended and the connection can be used again."""
    if connection.is_closed():
        return False
    try:
        await connection.execute("ROLLBACK")
    except (*LOST, *REFUSED_HERE, asyncpg.PostgresError):
        return False
    return True
