"""The program as it is run: as a process, with its exit code and what it prints."""

import asyncio
import os
import signal
import socket
import urllib.request
from pathlib import Path

import asyncpg
import httpx
import pytest
from cryptography.fernet import Fernet
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from server.embedded import running
from server.sdl import sorted_sdl
from server.serving import configuration
from server.settings import Settings
from tests.processes import run, serving

SECRETS = {"ZHANWANG_SECRET": "s" * 32, "ZHANWANG_PERSONAL_KEYS": Fernet.generate_key().decode()}


@pytest.fixture(autouse=True)
def open_way(tmp_path: Path) -> None:
    # For root, PostgreSQL runs as another login and pytest's folders are closed to it: that is told in a warning.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o001)


def ready(address: str) -> bool:
    with urllib.request.urlopen(f"{address}/readyz", timeout=30) as answer:
        return bool(answer.status == 200)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_stops_the_server_its_workers_and_postgresql_without_a_trace(tmp_path: Path, workers: str) -> None:
    with serving(tmp_path, "--demo", ZHANWANG_WORKERS=workers, ZHANWANG_POOL_SIZE="4") as (server, address):
        assert ready(address)
        os.killpg(server.pid, signal.SIGINT)
        os.killpg(server.pid, signal.SIGINT)
        _, errors = server.communicate(timeout=60)
    assert (server.returncode, errors) == (0, "")
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_other_commands_use_the_running_servers_database_and_leave_it_running(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo") as (_, address):
        assert run("migrate", "--check", data_dir=tmp_path).returncode == 0
        assert ready(address)


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run("serve", "--demo", data_dir=tmp_path / "data", ZHANWANG_PORT=port)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is in use" in done.stderr
    assert not (tmp_path / "data" / "postgres").exists()


def test_serving_without_secrets_is_refused_with_exit_code_2(tmp_path: Path) -> None:
    done = run("serve", data_dir=tmp_path)
    assert done.returncode == 2
    assert "ZHANWANG_SECRET is not set" in done.stderr
    assert "Traceback" not in done.stderr


def test_keys_that_are_not_those_of_the_first_start_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path, **SECRETS) as (_, address):
        assert ready(address)
    others = SECRETS | {"ZHANWANG_PERSONAL_KEYS": Fernet.generate_key().decode()}
    done = run("serve", data_dir=tmp_path, **others)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("ZHANWANG_PERSONAL_KEYS lacks the key")
    # A key that is added in front changes nothing until what is there is sealed with it.
    rotated = SECRETS | {
        "ZHANWANG_PERSONAL_KEYS": f"{others['ZHANWANG_PERSONAL_KEYS']},{SECRETS['ZHANWANG_PERSONAL_KEYS']}"
    }
    with serving(tmp_path, **rotated) as (_, address):
        assert ready(address)


def test_a_database_that_does_not_answer_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = run("migrate", data_dir=tmp_path, ZHANWANG_DATABASE_URL="postgresql://127.0.0.1:1/zhanwang")
    assert done.returncode == 1
    assert done.stderr.startswith("The database does not answer")
    assert done.stderr.count("\n") == 1


def test_a_database_is_current_only_after_its_migration(tmp_path: Path) -> None:
    assert run("migrate", "--check", data_dir=tmp_path).returncode == 1
    assert run("migrate", data_dir=tmp_path).returncode == 0
    assert run("migrate", "--check", data_dir=tmp_path).returncode == 0
    assert run("migrate", data_dir=tmp_path).stderr == "Nothing to do.\n"


def test_the_servers_own_login_serves_what_is_migrated_and_nothing_else(tmp_path: Path) -> None:
    with running(tmp_path / "elsewhere") as embedded:
        own = {**SECRETS, "ZHANWANG_DATABASE_URL": embedded.server_url}
        both = {**SECRETS, "ZHANWANG_DATABASE_URL": embedded.owner_url}
        for urls in (own, both):
            done = run("serve", data_dir=tmp_path, **urls)
            assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
            assert "un `zhanwang migrate`" in done.stderr
        assert run("migrate", data_dir=tmp_path, **both).returncode == 0
        with serving(tmp_path, **own) as (_, address):
            assert ready(address)
        asyncio.run(execute(embedded.owner_url, "DELETE FROM alembic_version"))
        for urls in (own, both):
            done = run("serve", data_dir=tmp_path, **urls)
            assert done.stderr == "The database is not at this program's schema: run `zhanwang migrate`.\n"
        done = run("migrate", data_dir=tmp_path, **own)
        assert done.returncode == 1
        assert "ZHANWANG_OWNER_DATABASE_URL" in done.stderr
        assert "GRANT" not in done.stderr


async def execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(sql)
    await connection.close()


@pytest.mark.parametrize(
    ("proxies", "peer", "client"),
    [
        (None, "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/24", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/24", "10.0.0.9", "203.0.113.5"),
        ("10.0.0.9, fd00::1", "10.0.0.9", "203.0.113.5"),
        ("10.0.0.9, fd00::1", "fd00::1", "203.0.113.5"),
        ("10.0.0.9, fd00::1", "10.0.0.8", "10.0.0.8"),
        ("10.0.0.0/24", "::ffff:10.0.0.9", "203.0.113.5"),
    ],
)
def test_only_a_trusted_proxy_may_say_who_the_client_is(
    monkeypatch: pytest.MonkeyPatch, proxies: str | None, peer: str, client: str
) -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["client"][0])(scope, receive, send)

    async def ask() -> str:
        config = configuration(Settings(trusted_proxies=proxies))
        config.load()
        transport = httpx.ASGITransport(config.loaded_app, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://zhanwang") as asking:
            return (await asking.get("/", headers={"X-Forwarded-For": "192.0.2.1, 203.0.113.5"})).text

    monkeypatch.setattr("server.app.create_app", lambda: echo)
    assert asyncio.run(ask()) == client


def test_the_sdl_is_sorted_inside_its_types_and_keeps_applied_directives() -> None:
    assert sorted_sdl("type T implements B & A { b(y: Int, x: Int): Int @deprecated a: Int } enum E { Z Y }") == (
        "type T implements A & B {\n  a: Int\n  b(x: Int, y: Int): Int @deprecated\n}\n\nenum E {\n  Y\n  Z\n}\n"
    )
