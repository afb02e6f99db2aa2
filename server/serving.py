"""`zhanwang serve`: PostgreSQL, migrations, the demo, then uvicorn; and all of it away again in the reverse order."""

import asyncio
import errno
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from ipaddress import ip_network
from multiprocessing import resource_tracker
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, cast

import uvicorn
from rich.console import Console
from rich.table import Table
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import multiprocess

from server.canary import check_keys
from server.database import Database
from server.embedded import Urls, database_urls
from server.http.reading import MAX_BODY
from server.http.securing import security_headers
from server.migrate import migrate
from server.settings import PREFIX, Settings
from server.sockets import Configuration, Connections
from server.telemetry import logs
from server.workers import BEGIN_SECONDS, Server, Worker

BACKLOG = 2048
GRACE_SECONDS = 10
IDLE_SECONDS = 75
"""Longer than proxies keep a connection that is idle (nginx 60 s): one that ends here when it is used there again is an
error to a client."""

OTHER_FILES = 200
"""What a worker has open beside its connections."""


class ServeError(Exception):
    """The server did not start. `str()` of it says why."""


def serve(
    settings: Settings,
    *,
    demo: bool,
    out: Console,
    err: Console,
    replicas: Callable[[], AbstractContextManager[str | None]] = nullcontext,
) -> None:
    """Serves until SIGINT, SIGTERM or SIGHUP, then returns with everything stopped.

    out: gets the demo's accounts and the address. err: gets the progress, if it is a terminal. replicas: runs replicas
    of the database for as long as its block; gives their URLs, instead of those of the settings.
    Raises ServeError, and whatever opening and migrating the database raises.
    """
    # Ctrl-C at any moment, also before and after uvicorn's own handling, unwinds the blocks below.
    _on_signals(signal.default_int_handler)
    with (
        suppress(KeyboardInterrupt),
        _listening(settings) as listener,
        database_urls(settings) as urls,
        ExitStack() as stack,
    ):
        with err.status("Starting") as status:
            asyncio.run(_prepare(settings, urls, demo=demo, tell=status.update))
            replica_urls = stack.enter_context(replicas()) or settings.replica_urls
        if demo:
            print_accounts(urls.owner_url, out)
        with _told(settings):
            # Of two that begin at once, both could bind.
            listener.listen(BACKLOG)
        # The system keeps who comes from here on waiting until uvicorn answers.
        out.print(f"Zhanwang serves {_address(listener)}/graphql; Ctrl-C stops it.", soft_wrap=True)
        ways = {"database_url": urls.server_url, "owner_database_url": None, "replica_urls": replica_urls}
        _run(settings.model_copy(update=ways), listener)
    # Everything is stopped: one Ctrl-C too many shall not end in a traceback of Python's own exit.
    _on_signals(signal.SIG_IGN)


async def _prepare(settings: Settings, urls: Urls, *, demo: bool, tell: Callable[[str], None]) -> None:
    if settings.database_url is None or settings.owner_database_url is not None:
        tell("Migrating")
        await migrate(urls.owner_url)
    if demo:
        # The demo's generator is nothing that a real server should carry in memory.
        from server.demo import load

        assert settings.personal_keys is not None
        tell("Loading the demo network")
        keys = settings.personal_keys.get_secret_value()
        await load(urls.owner_url, keys, lambda done, total=None, what=None: tell(f"{what} ({done} of {total})"))
    # A login that may not serve is told here, in one line, and not by every worker.
    database = await Database.open(
        urls.server_url, pool_size=1, statement_timeout_ms=settings.statement_timeout_ms, pooler=settings.pooler
    )
    try:
        # What serves migrates only by a login that was named for it: a URL alone may be anybody's.
        if not await database.ready():
            raise ServeError("The database is not at this program's schema: run `zhanwang migrate`.")
        assert settings.personal_keys is not None
        await check_keys(database, settings.personal_keys.get_secret_value())
    finally:
        await database.close()


def _run(settings: Settings, listener: socket.socket) -> None:
    # The app makes its settings from the environment, in this process and in workers alike.
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]
    os.environ.update(settings.environment())
    _allow_files(settings)
    config = configuration(settings)
    if settings.workers > 1:
        with TemporaryDirectory(prefix="zhanwang-metrics-") as folder:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            workers = _Workers(config, [listener], settings.drain_seconds)
            workers.run()
        failed = not workers.served and any(process.exitcode == STARTUP_FAILURE for process in workers.processes)
    else:
        server = Server(config)
        # It leaves by sys.exit if the app does not start.
        with suppress(SystemExit):
            server.run(sockets=[listener])
        failed = not server.started
    if failed:
        raise ServeError("The server did not start; its log above says why.")


def configuration(settings: Settings, app: Any = "server.app:create_app", **options: Any) -> Configuration:
    """How uvicorn serves an application. app: itself, or the factory's name. options: of uvicorn.Config, instead."""
    proxies = _proxies(settings)
    connections = Connections(settings.connections, settings.connections_per_address, list(map(ip_network, proxies)))
    ours: dict[str, Any] = {
        "factory": isinstance(app, str),
        "loop": "uvloop",
        "lifespan": "on",
        "workers": settings.workers,
        "proxy_headers": settings.trusted_proxies is not None,
        "forwarded_allow_ips": proxies,
        "access_log": False,
        "server_header": False,
        "log_config": logs.configuration(settings.log_level, settings.log_format),
        "headers": security_headers(settings),
        "timeout_graceful_shutdown": GRACE_SECONDS,
        "timeout_keep_alive": IDLE_SECONDS,
        "timeout_worker_healthcheck": BEGIN_SECONDS,
        "ws_max_size": MAX_BODY,
        "ws_per_message_deflate": False,
    }
    return Configuration(app, connections, **{**ours, **options})


def _allow_files(settings: Settings) -> None:
    """Lets the process, and its workers, have as many sockets as it may have connections, if the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = settings.connections + settings.pool_size + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _Workers(multiprocess.Multiprocess):
    """Workers that only their parent stops: the terminal's Ctrl-C may hit one that is still starting.

    served: whether any of them has served.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], drain_seconds: float) -> None:
        super().__init__(config, sockets)
        self._drain_seconds = drain_seconds
        self.served = False

    def terminate_all(self) -> None:
        super().terminate_all()
        time.sleep(self._drain_seconds)
        for one in self.sockets:
            # No worker accepts any more: who still connects is to be refused, and not to wait for nobody.
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def init_processes(self) -> None:
        # Starting the tracker unblocks SIGINT, so it has to be there before the first worker.
        resource_tracker.ensure_running()
        with _without_interrupts():
            super().init_processes()

    def keep_subprocess_alive(self) -> None:
        if self.should_exit.is_set():
            return
        with _without_interrupts():
            super().keep_subprocess_alive()
            self.served = self.served or any(cast("Worker", process).served for process in self.processes)
            if not (self.served and self.should_exit.is_set()):
                return
            # One has not started, and uvicorn gives up. But others have: it is the database that was away.
            for number, process in enumerate(self.processes):
                if process.exitcode == STARTUP_FAILURE:
                    self.processes[number] = again = Worker(self.config, self.sockets)
                    again.start()
            self.should_exit.clear()

    def restart_all(self) -> None:
        with _without_interrupts():
            super().restart_all()

    def handle_ttin(self) -> None:
        with _without_interrupts():
            super().handle_ttin()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes that the block starts never receive SIGINT; this one does, after the block."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _on_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket that is bound and not yet listening: first come, and nobody connects before there is an answer."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with _told(settings):
            listener.bind((settings.host, settings.port))
        yield listener


@contextmanager
def _told(settings: Settings) -> Iterator[None]:
    """Says of an address that cannot be had what to do about it. Raises ServeError."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"Port {settings.port} of {settings.host} is in use; {PREFIX}PORT chooses another."
        else:
            why = f"Cannot listen on {settings.host}, port {settings.port}: {error.strerror}."
        raise ServeError(why) from None


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def print_accounts(owner_url: str, out: Console) -> None:
    """Tells who can log in to the demo that is loaded. owner_url: of a superuser. Raises asyncpg's errors."""
    from server.demo import PASSWORD, find_accounts

    out.print(f"Demo accounts, all with the password {PASSWORD}:")
    table = Table()
    for heading in ("Username", "Place", "Role"):
        table.add_column(heading)
    for account in asyncio.run(find_accounts(owner_url)):
        table.add_row(account.username, account.place, account.role)
    out.print(table)


def _proxies(settings: Settings) -> list[str]:
    """The trusted networks, as an IPv6 socket shows them too, which names an IPv4 client `::ffff:10.0.0.7`."""
    networks = [ip_network(one) for one in (settings.trusted_proxies or "").split(",") if one]
    mapped = [f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in networks if one.version == 4]
    return [*map(str, networks), *mapped]
