"""The way to PostgreSQL: a pool of asyncpg connections, and one exception for every way a database can be away."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from resolvers.core.errors import BadInput, TooSlow, Unavailable
from resolvers.core.messages import Message
from server.migrate import OWNER_ROLE, SERVER_ROLE, has_all

log = logging.getLogger("zhanwang.database")

ACQUIRE_SECONDS = 5.0
CLOSE_SECONDS = 5.0
# Beyond the server's own statement timeout, so that only a server that has fallen silent runs into it.
SILENCE_SECONDS = 5.0
# What PostgreSQL keeps of a statement is many times its text, and that for each connection. The statement of a township
# with its grids and their workers has 3 kB, the largest of tests/queries 23; beyond, one is planned each time.
STATEMENTS_CACHED = 256
STATEMENT_BYTES = 48 * 1024
# As long as the database has answered somebody this recently, a busy pool is no reason to call it away.
RECENT_SECONDS = 2.0
WARNING_SECONDS = 5.0

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
# What asyncpg itself refuses: a connection that is closed, but also arguments that it cannot send.
REFUSED_HERE = (asyncpg.InterfaceError, asyncpg.InternalClientError)


class UnfitLogin(Exception):
    """The login of ZHANWANG_DATABASE_URL must not serve, or cannot. `str()` of it says what to do."""


def session_settings(timeout_ms: int) -> dict[str, str]:
    """What every connection of a server's pool is opened with."""
    return {
        "role": SERVER_ROLE,
        "TimeZone": "Asia/Shanghai",
        "application_name": "zhanwang",
        "jit": "off",
        "plan_cache_mode": "force_generic_plan",
        "statement_timeout": str(timeout_ms),
        "idle_in_transaction_session_timeout": str(timeout_ms),
    }


class _Pool:
    """Up to `size` connections, the most recently used first.

    Not asyncpg's own pool: its proxies, shielded release and reset cost 40 to 60 µs of CPU an operation, and its reset
    a round trip. Nothing is to be reset: a read is a single statement outside a transaction, and a write
    sets everything locally to its own.
    """

    def __init__(self, url: str, size: int, timeout_ms: int) -> None:
        self._url = url
        self._size = size
        self._command_timeout = timeout_ms / 1000 + SILENCE_SECONDS
        self._server_settings = session_settings(timeout_ms)
        self._idle: list[asyncpg.Connection] = []
        self._count = 0
        # Each gets a connection, or None: the right to open the one that `_count` already has. While anybody waits
        # nothing is idle and `_count` is `size`, so that nobody can overtake.
        self._waiting: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._closed = False

    @property
    def busy(self) -> bool:
        """Whether one more has to wait."""
        return not self._idle and self._count >= self._size

    async def acquire(self, *, fresh: bool = False) -> tuple[asyncpg.Connection, bool]:
        """A connection, and whether it was in use before; ACQUIRE_SECONDS bound waiting and connecting together.

        fresh: not one that has been idle. Raises what LOST lists.
        """
        if self._closed:
            raise ConnectionError("the pool is closed")
        if fresh:
            self._drop_idle()
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection, True
            self._count -= 1
        deadline = time.monotonic() + ACQUIRE_SECONDS
        if self._count < self._size:
            self._count += 1
        elif (given := await self._turn()) is not None:
            return given, True
        return await self._connect(deadline), False

    def release(self, connection: asyncpg.Connection, *, broken: bool = False) -> None:
        """Takes a connection back. broken: what state it is in is not known, so that it is ended."""
        if broken or self._closed or connection.is_closed():
            if not connection.is_closed():
                connection.terminate()
            self._pass_on(None)
        else:
            self._pass_on(connection)

    async def close(self) -> None:
        """Ends every idle connection, and those in use as they come back."""
        self._closed = True
        while self._waiting:
            if not (one := self._waiting.popleft()).done():
                one.set_exception(ConnectionError("the pool is closed"))
        idle, self._idle = self._idle, []
        self._count -= len(idle)
        await asyncio.gather(*(connection.close(timeout=CLOSE_SECONDS) for connection in idle), return_exceptions=True)

    async def _connect(self, deadline: float) -> asyncpg.Connection:
        """Opens the connection that `_count` already has."""
        try:
            return await asyncpg.connect(
                self._url,
                timeout=max(deadline - time.monotonic(), 0.001),
                command_timeout=self._command_timeout,
                statement_cache_size=STATEMENTS_CACHED,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=STATEMENT_BYTES,
                server_settings=self._server_settings,
            )
        except BaseException as error:
            self._pass_on(None)
            if isinstance(error, REFUSED_HERE):
                raise ConnectionError(str(error)) from error
            if isinstance(error, TimeoutError):
                raise TimeoutError("no answer to a new connection") from error
            raise

    async def _turn(self) -> asyncpg.Connection | None:
        mine: asyncio.Future[asyncpg.Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                return await mine
        except BaseException as error:
            # Served and cancelled in one breath: it goes to the next in line.
            if mine.done() and not mine.cancelled() and mine.exception() is None:
                self._pass_on(mine.result())
            if isinstance(error, TimeoutError):
                raise TimeoutError(f"none of {self._size} connections came free in {ACQUIRE_SECONDS:g} s") from error
            raise

    def _pass_on(self, connection: asyncpg.Connection | None) -> None:
        """Gives a connection, or the right to open one, to who has waited longest."""
        while self._waiting:
            if not (next_one := self._waiting.popleft()).done():
                next_one.set_result(connection)
                return
        if connection is None:
            self._count -= 1
        elif self._closed:
            connection.terminate()
            self._count -= 1
        else:
            self._idle.append(connection)

    def _drop_idle(self) -> None:
        for connection in self._idle:
            connection.terminate()
        self._count -= len(self._idle)
        self._idle.clear()


class Database:
    """PostgreSQL as the role that row-level security binds.

    Every statement runs by its generic plan, which is made once a connection: planning anew for each request costs a
    nested statement more than it gains, from a grid up to a county (docs/decisions/0003).
    """

    def __init__(self, url: str, *, pool_size: int, statement_timeout_ms: int) -> None:
        self._pool = _Pool(url, pool_size, statement_timeout_ms)
        self._warnings = _Warnings()
        self._ready = False
        self._answered_at = 0.0

    @classmethod
    async def open(cls, url: str, *, pool_size: int, statement_timeout_ms: int) -> Self:
        """Connects once, and refuses a login that row-level security would not bind.

        url: `postgresql://…` of a login that is `zhanwang_server` or a member of it.
        pool_size: the most connections.
        Raises UnfitLogin, and Unavailable if there is no answer.
        """
        database = cls(url, pool_size=pool_size, statement_timeout_ms=statement_timeout_ms)
        try:
            await database._check_login()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Ends the connections."""
        await self._pool.close()

    async def fetchrow(self, sql: str, args: Sequence[object]) -> asyncpg.Record | None:
        """The first row of one read, or None; outside a transaction, hence one round trip.

        Raises Unavailable if the database is away, TooSlow, BadInput for more than it can do at once, and
        asyncpg.PostgresError for what else it says.
        """
        try:
            row = await self._read(sql, args)
        except LOST as error:
            raise self._unavailable(error) from error
        except asyncpg.ProgramLimitExceededError as error:
            raise BadInput(Message("This comes to too many groups. Ask for fewer at once.")) from error
        except asyncpg.QueryCanceledError as error:
            raise self._too_slow(error) from error
        self._answered_at = time.monotonic()
        return row

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection inside BEGIN; commits at the end of the block, rolls back if it raises.

        Nothing is ever tried twice. Raises TooSlow, and Unavailable if the database is away, also when it goes in the
        middle (then it is not known whether the commit was done).
        """
        try:
            connection = await self._begin()
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
            raise self._unavailable(error) from error
        except REFUSED_HERE as error:
            if not connection.is_closed():
                raise
            raise self._unavailable(error) from error
        except asyncpg.QueryCanceledError as error:
            raise self._too_slow(error) from error
        finally:
            if not done:
                done = await _rolled_back(connection)
            self._pool.release(connection, broken=not done)

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

    async def _read(self, sql: str, args: Sequence[object]) -> asyncpg.Record | None:
        pool = self._pool
        connection, used = await pool.acquire()
        try:
            return await _fetchrow(pool, connection, sql, args)
        except LOST as error:
            # An idle connection may have died unnoticed (a restart, a firewall). A read can be asked again.
            if not used or isinstance(error, TimeoutError):
                raise
        connection, _ = await pool.acquire(fresh=True)
        return await _fetchrow(pool, connection, sql, args)

    async def _begin(self) -> asyncpg.Connection:
        connection, used = await self._pool.acquire()
        try:
            await _begun(self._pool, connection)
        except LOST:
            if not used:
                raise
            # Nothing is written before BEGIN, so this is the one step of a write that can be taken again.
            connection, _ = await self._pool.acquire(fresh=True)
            await _begun(self._pool, connection)
        return connection

    def _unavailable(self, cause: BaseException) -> Unavailable:
        self._warnings.say("The database is away", cause)
        return Unavailable()

    def _too_slow(self, cause: BaseException) -> TooSlow:
        self._warnings.say("The database gave up on a statement", cause)
        return TooSlow()

    async def _check_login(self) -> None:
        try:
            row = await self._read(LOGIN, (OWNER_ROLE,))
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


async def _fetchrow(
    pool: _Pool, connection: asyncpg.Connection, sql: str, args: Sequence[object]
) -> asyncpg.Record | None:
    try:
        row = await connection.fetchrow(sql, *args)
    except asyncpg.PostgresError:
        pool.release(connection)
        raise
    except BaseException as error:
        _give_up(pool, connection, error)
        raise
    pool.release(connection)
    return row


async def _begun(pool: _Pool, connection: asyncpg.Connection) -> None:
    try:
        await connection.execute("BEGIN")
    except BaseException as error:
        _give_up(pool, connection, error)
        raise


def _give_up(pool: _Pool, connection: asyncpg.Connection, error: BaseException) -> None:
    """Ends a connection that was cancelled or lost in the middle, an answer perhaps still on its way.

    Raises one of LOST where asyncpg merely refuses to use what is already closed.
    """
    closed = connection.is_closed()
    pool.release(connection, broken=True)
    if closed and isinstance(error, REFUSED_HERE):
        raise ConnectionResetError(str(error)) from error


async def _rolled_back(connection: asyncpg.Connection) -> bool:
    """Whether the transaction has ended and the connection can be used again."""
    if connection.is_closed():
        return False
    try:
        await connection.execute("ROLLBACK")
    except (*LOST, *REFUSED_HERE, asyncpg.PostgresError, asyncio.CancelledError):
        return False
    return True
