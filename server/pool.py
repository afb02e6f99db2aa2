"""A pool of asyncpg connections."""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Coroutine
from typing import Any

import asyncpg

from resolvers.core.trace import Trace
from server.migrate import SERVER_ROLE
from server.pooler import Pooler, sent

ACQUIRE_SECONDS = 5.0
CLOSE_SECONDS = 5.0
PATIENCE_SECONDS = 5.0
"""How long a connection of its own may take to open."""

# Beyond the server's own statement timeout, so that only a server that has fallen silent runs into it.
SILENCE_SECONDS = 5.0
# One that was not used for so long is asked whether it lives before a request has it, and may take so long for that.
UNSURE_SECONDS = 1.0
PROBE_SECONDS = 1.0
# A peer that is gone without a word is noticed by the system within some 3 s, long before SILENCE_SECONDS are over; the
# feed takes a second more to come back, and all are to within 5 s. What is away for less goes on.
KEEPALIVE = {"TCP_KEEPIDLE": 2, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 3000}
# PostgreSQL notices as soon: what it has locked for the other end, others wait for.
PEERS_KEEPALIVE = {
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "3000",
}
# What PostgreSQL keeps of a statement is many times its text, and that for each connection. The statement of a township
# with its grids and their workers has 3 kB, the largest of tests/queries 23; beyond, one is planned each time.
STATEMENTS_CACHED = 256
STATEMENT_BYTES = 48 * 1024

LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # Whoever had it has been away for longer than PostgreSQL waits.
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.IdleSessionTimeoutError,
)
# What PostgreSQL cannot do for now, though it answers: its disk is full or broken, its memory is out, it is a standby,
# or a migration has changed what a statement of a transaction results in, which is prepared anew in the next.
UNABLE = (
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidCachedStatementError,
)
# What asyncpg itself refuses: a connection that is closed, but also arguments that it cannot send.
REFUSED_HERE = (asyncpg.InterfaceError, asyncpg.InternalClientError)


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


class Connection(asyncpg.Connection):
    """A connection that tells the trace of whoever has it how long its statements take.

    opened, idle_since: when it was opened, and last given back, in seconds of `time.monotonic`.
    """

    __slots__ = ("idle_since", "opened", "trace")

    trace: Trace | None
    opened: float
    idle_since: float

    def __init__(self, protocol: Any, transport: asyncio.Transport, *arguments: Any) -> None:
        super().__init__(protocol, transport, *arguments)
        self.trace = None
        self.opened = time.monotonic()
        self.idle_since = 0.0
        _keep_alive(transport.get_extra_info("socket"))

    async def fetchrow(self, *arguments: Any, **named: Any) -> Any:
        """As asyncpg's."""
        return await self._timed(super().fetchrow(*arguments, **named))

    async def fetch(self, *arguments: Any, **named: Any) -> Any:
        """As asyncpg's."""
        return await self._timed(super().fetch(*arguments, **named))

    async def fetchval(self, *arguments: Any, **named: Any) -> Any:
        """As asyncpg's."""
        return await self._timed(super().fetchval(*arguments, **named))

    async def execute(self, *arguments: Any, **named: Any) -> Any:
        """As asyncpg's."""
        return await self._timed(super().execute(*arguments, **named))

    async def executemany(self, *arguments: Any, **named: Any) -> Any:
        """As asyncpg's."""
        return await self._timed(super().executemany(*arguments, **named))

    async def _timed(self, statement: Coroutine[Any, Any, Any]) -> Any:
        trace = self.trace
        if trace is None:
            return await statement
        began = time.perf_counter()
        try:
            return await statement
        finally:
            trace.answered(began)


def _keep_alive(connected: socket.socket | None) -> None:
    """Lets the system notice that the other end of a connection is gone, where it can."""
    if connected is None or connected.family == socket.AF_UNIX:
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def connect(
    url: str, timeout_ms: int, *, pooler: Pooler = Pooler.NONE, seconds: float, application_name: str = "zhanwang"
) -> Connection:
    """A connection of the server's.

    timeout_ms: longest that a statement may take. pooler: what the URL leads to. seconds: longest that it may take to
    open. Raises what LOST and REFUSED_HERE list, and asyncpg.PostgresError.
    """
    settings = session_settings(timeout_ms) | PEERS_KEEPALIVE | {"application_name": application_name}
    return await asyncpg.connect(
        url,
        timeout=seconds,
        command_timeout=timeout_ms / 1000 + SILENCE_SECONDS,
        # Of one that an older pooler has prepared, it does not know on which of its connections.
        statement_cache_size=0 if pooler is Pooler.TRANSACTION else STATEMENTS_CACHED,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=STATEMENT_BYTES,
        server_settings=sent(settings, pooler),
        connection_class=Connection,
    )


class Pool:
    """Up to `size` connections, the most recently used first.

    Not asyncpg's own pool: its proxies, shielded release and reset cost 40 to 60 µs of CPU an operation, and its reset
    a round trip. Nothing is to be reset: a read is a single statement outside a transaction, and a write
    sets everything locally to its own.
    """

    def __init__(self, url: str, size: int, timeout_ms: int, pooler: Pooler = Pooler.NONE) -> None:
        self._url = url
        self._size = size
        self._timeout_ms = timeout_ms
        self._pooler = pooler
        self._idle: list[Connection] = []
        self._count = 0
        # Each gets a connection, or None: the right to open the one that `_count` already has. While anybody waits
        # nothing is idle and `_count` is `size`, so that nobody can overtake.
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def size(self) -> int:
        """How many connections there are."""
        return self._count

    @property
    def used(self) -> int:
        """How many of them are in use."""
        return self._count - len(self._idle)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return len(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether one more has to wait."""
        return not self._idle and self._count >= self._size

    async def acquire(self, trace: Trace | None = None, *, fresh: bool = False) -> tuple[Connection, bool]:
        """A connection, and whether it was in use before; ACQUIRE_SECONDS bound waiting and connecting together.

        trace: of whom it is for, until it is released. fresh: not one that has been idle. Raises what LOST lists.
        """
        began = time.perf_counter()
        connection, used = await self._take(fresh)
        if trace is not None:
            trace.got(began)
        connection.trace = trace
        return connection, used

    async def _take(self, fresh: bool) -> tuple[Connection, bool]:
        if self._closed:
            raise ConnectionError("the pool is closed")
        if fresh:
            self._drop_idle()
        deadline = time.monotonic() + ACQUIRE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.is_closed():
                self._count -= 1
            elif time.monotonic() - connection.idle_since < UNSURE_SECONDS:
                return connection, True
            else:
                return await self._probed(connection, deadline)
        if self._count < self._size:
            self._count += 1
        elif (given := await self._turn()) is not None:
            return given, True
        return await self._connect(deadline), False

    def release(self, connection: Connection, *, broken: bool = False) -> None:
        """Takes a connection back. broken: what state it is in is not known, so that it is ended."""
        connection.trace = None
        if broken or self._closed or connection.is_closed():
            if not connection.is_closed():
                connection.terminate()
            self._pass_on(None)
        else:
            self._pass_on(connection)

    def end(self, connection: Connection) -> None:
        """Takes back a connection whose statement nobody waits for any more; PostgreSQL is told to end it, too."""
        ending = asyncio.get_running_loop().create_task(self._end(connection))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """Ends every idle connection, and those in use as they come back."""
        self._closed = True
        while self._waiting:
            if not (one := self._waiting.popleft()).done():
                one.set_exception(ConnectionError("the pool is closed"))
        idle, self._idle = self._idle, []
        self._count -= len(idle)
        await asyncio.gather(*(connection.close(timeout=CLOSE_SECONDS) for connection in idle), return_exceptions=True)

    async def _end(self, connection: Connection) -> None:
        # asyncpg has sent the cancellation on its way; to terminate at once would stop it, and the statement go on.
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
        finally:
            self._pass_on(None)

    async def _connect(self, deadline: float) -> Connection:
        """Opens the connection that `_count` already has."""
        try:
            seconds = max(deadline - time.monotonic(), 0.001)
            return await connect(self._url, self._timeout_ms, pooler=self._pooler, seconds=seconds)
        except BaseException as error:
            self._pass_on(None)
            if isinstance(error, REFUSED_HERE):
                raise ConnectionError(str(error)) from error
            if isinstance(error, TimeoutError):
                raise TimeoutError("no answer to a new connection") from error
            raise

    async def _probed(self, connection: Connection, deadline: float) -> tuple[Connection, bool]:
        """A connection that has been idle, if it lives, or else a new one in its place."""
        try:
            await connection.execute("SELECT", timeout=PROBE_SECONDS)
        except (*LOST, *REFUSED_HERE, asyncpg.PostgresError):
            connection.terminate()
            # They have been idle for longer.
            self._drop_idle()
            return await self._connect(deadline), False
        except BaseException:
            self.release(connection, broken=True)
            raise
        return connection, True

    async def _turn(self) -> Connection | None:
        mine: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
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

    def _pass_on(self, connection: Connection | None) -> None:
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
            connection.idle_since = time.monotonic()
            self._idle.append(connection)

    def _drop_idle(self) -> None:
        for connection in self._idle:
            connection.terminate()
        self._count -= len(self._idle)
        self._idle.clear()
