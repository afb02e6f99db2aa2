"""The way to PostgreSQL: a pool of asyncpg connections, and one exception for every way a database can be away."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from resolvers.core.errors import TooSlow, Unavailable
from server.migrate import OWNER_ROLE, SERVER_ROLE, newest_revision

ACQUIRE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
# Beyond the server's own statement timeout, so that only a server that has fallen silent runs into it.
SILENCE_SECONDS = 5.0
STATEMENTS_CACHED = 512
# asyncpg's 15 kB would leave out, and so prepare anew each time, just the statements of large selections.
STATEMENT_BYTES = 256 * 1024

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


class UnfitLogin(Exception):
    """The login of ZHANWANG_DATABASE_URL must not serve, or cannot. `str()` of it says what to do."""


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
        self._server_settings = {
            "role": SERVER_ROLE,
            "TimeZone": "Asia/Shanghai",
            "application_name": "zhanwang",
            "jit": "off",
            "plan_cache_mode": "force_generic_plan",
            "statement_timeout": str(timeout_ms),
            "idle_in_transaction_session_timeout": str(timeout_ms),
        }
        self._idle: list[asyncpg.Connection] = []
        self._count = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False

    async def acquire(self, *, fresh: bool = False) -> tuple[asyncpg.Connection, bool]:
        """A connection, and whether it was in use before; wait for one at most ACQUIRE_SECONDS.

        fresh: not one that has been idle. Raises what LOST lists.
        """
        if fresh:
            self._drop_idle()
        while True:
            if self._closed:
                raise asyncpg.InterfaceError("the pool is closed")
            while self._idle:
                connection = self._idle.pop()
                if not connection.is_closed():
                    return connection, True
                self._count -= 1
            if self._count < self._size:
                return await self._connect(), False
            await self._turn()

    def release(self, connection: asyncpg.Connection, *, broken: bool = False) -> None:
        """Takes a connection back. broken: what state it is in is not known, so that it is ended."""
        if broken or self._closed or connection.is_closed():
            if not connection.is_closed():
                connection.terminate()
            self._count -= 1
        else:
            self._idle.append(connection)
        self._wake()

    async def close(self) -> None:
        """Ends every idle connection, and those in use as they come back."""
        self._closed = True
        idle, self._idle = self._idle, []
        self._count -= len(idle)
        await asyncio.gather(
            *(connection.close(timeout=CONNECT_SECONDS) for connection in idle), return_exceptions=True
        )
        while self._waiting:
            self._wake()

    async def _connect(self) -> asyncpg.Connection:
        self._count += 1
        try:
            return await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                command_timeout=self._command_timeout,
                statement_cache_size=STATEMENTS_CACHED,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=STATEMENT_BYTES,
                server_settings=self._server_settings,
            )
        except BaseException:
            self._count -= 1
            self._wake()
            raise

    async def _turn(self) -> None:
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await mine
        except BaseException:
            # Woken and cancelled in one breath: the turn goes to the next in line.
            if mine.done() and not mine.cancelled():
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting:
            next_one = self._waiting.popleft()
            if not next_one.done():
                next_one.set_result(None)
                return

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

        Raises Unavailable if the database is away, TooSlow, and asyncpg.PostgresError for what else it says.
        """
        pool = self._pool
        try:
            connection, used = await pool.acquire()
            try:
                return await _fetchrow(pool, connection, sql, args)
            except LOST as error:
                # An idle connection may have died unnoticed (a restart, a firewall). A read can be asked again.
                if not used or isinstance(error, TimeoutError):
                    raise
            connection, _ = await pool.acquire(fresh=True)
            return await _fetchrow(pool, connection, sql, args)
        except LOST as error:
            raise Unavailable from error
        except asyncpg.QueryCanceledError as error:
            raise TooSlow from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection inside BEGIN; commits at the end of the block, rolls back if it raises.

        Nothing is ever tried twice. Raises Unavailable if the database is away, also when it goes in the middle (then
        it is not known whether the commit was done).
        """
        try:
            connection = await self._begin()
        except LOST as error:
            raise Unavailable from error
        done = False
        try:
            yield connection
            await connection.execute("COMMIT")
            done = True
        except LOST as error:
            # A file or a socket of the block's own may fail while the database is well.
            if isinstance(error, OSError) and not isinstance(error, TimeoutError) and not connection.is_closed():
                raise
            raise Unavailable from error
        finally:
            if not done:
                done = await _rolled_back(connection)
            self._pool.release(connection, broken=not done)

    async def ready(self) -> bool:
        """Whether the database's migrations are this program's. Raises Unavailable if it is away."""
        try:
            row = await self.fetchrow("SELECT version_num FROM alembic_version", ())
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            return False
        return row is not None and row["version_num"] == newest_revision()

    async def _begin(self) -> asyncpg.Connection:
        connection, used = await self._pool.acquire()
        try:
            await connection.execute("BEGIN")
        except LOST:
            self._pool.release(connection, broken=True)
            if not used:
                raise
            # Nothing is written before BEGIN, so this is the one step of a write that can be taken again.
            connection, _ = await self._pool.acquire(fresh=True)
            try:
                await connection.execute("BEGIN")
            except BaseException:
                self._pool.release(connection, broken=True)
                raise
        except BaseException:
            self._pool.release(connection, broken=True)
            raise
        return connection

    async def _check_login(self) -> None:
        try:
            row = await self.fetchrow(LOGIN, (OWNER_ROLE,))
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
            raise UnfitLogin(f"PostgreSQL refuses ZHANWANG_DATABASE_URL: {str(error).splitlines()[0]}") from None
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


async def _fetchrow(
    pool: _Pool, connection: asyncpg.Connection, sql: str, args: Sequence[object]
) -> asyncpg.Record | None:
    try:
        row = await connection.fetchrow(sql, *args)
    except asyncpg.PostgresError:
        pool.release(connection)
        raise
    except BaseException:
        # Cancelled or lost in the middle of a statement: an answer may still be on its way.
        pool.release(connection, broken=True)
        raise
    pool.release(connection)
    return row


async def _rolled_back(connection: asyncpg.Connection) -> bool:
    """Whether the transaction has ended and the connection can be used again."""
    if connection.is_closed():
        return False
    try:
        await connection.execute("ROLLBACK")
    except (*LOST, asyncpg.PostgresError, asyncio.CancelledError):
        return False
    return True
