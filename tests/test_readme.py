"""The README is true: its picture is what the server answers, its commands run."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
MADE = {name: f"{name}:" for name in re.findall(r"\bmake (\w+)`", README)}


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCKS if found == language]


def test_the_picture_is_what_the_server_answers(ask: Any) -> None:
    assert ask("hub", blocks("graphql")[0]) == json.loads(blocks("json")[0])


def test_every_query_of_the_readme_is_answered(ask: Any) -> None:
    for query in blocks("graphql"):
        if query.startswith("{"):
            assert ask("hub", query)


def test_every_root_field_that_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`(\w+)(?:\(\w+\))?`", README.partition("## The service work")[2].partition("```")[0]))
    sdl = (CHECKOUT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    assert named
    assert not [name for name in named if not re.search(rf"^  {name}[(:]", sdl, re.MULTILINE)]


def test_every_account_of_the_demo_is_in_the_readme() -> None:
    from server.demo import ACCOUNTS

    assert not [account.username for account in ACCOUNTS if f"`{account.username}`" not in README]


def test_every_target_that_the_readme_names_is_in_the_makefile() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert MADE
    assert not [name for name, target in MADE.items() if f"\n{target}" not in makefile]


def test_the_index_of_the_documents_has_each_by_its_title() -> None:
    docs = CHECKOUT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    pages = {str(page.relative_to(docs)) for page in docs.rglob("*.md")} - {"README.md"}
    assert pages == {link for link in re.findall(r"\]\(([^)]+)\)", index) if not link.startswith("../")}
    decisions = sorted(docs.glob("decisions/*.md"))
    assert [page.name[:4] for page in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for page in decisions:
        number, _, title = page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ").partition(": ")
        assert f"- [{number}](decisions/{page.name}) {title}\n" in index


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "\nmake test " in blocks("sh")[0]
    assert "make test" in (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """`make demo`, at a free port and with data of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ZHANWANG_", "MAKE"))},
        "ZHANWANG_PORT": str(port),
        "ZHANWANG_DATA_DIR": str(tmp_path_factory.mktemp("demo")),
    }
    assert blocks("sh")[0].startswith("make demo ")
    process = subprocess.Popen(
        ["make", "demo"], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/readyz").raise_for_status()
                break
            except httpx.HTTPError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
        yield environment
    finally:
        os.killpg(process.pid, signal.SIGINT)
        printed, _ = process.communicate(timeout=30)
    assert "Traceback" not in printed
    assert "hub-observer" in printed


def run(script: str, environment: dict[str, str]) -> str:
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{environment['ZHANWANG_PORT']}")
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_make_demo_serves_and_answers_the_question_of_the_readme(demo: dict[str, str]) -> None:
    answer = json.loads(run(blocks("sh")[1], demo))
    assert answer["data"]["stations"] == {
        "totalCount": 1,
        "nodes": [{"name": "雷峰镇社工站", "level": "BASIC", "parent": None}],
    }


def test_the_commands_for_real_use_run_beside_the_demo(demo: dict[str, str]) -> None:
    commands = blocks("sh")[5].splitlines()
    named = ["migrate", "serve", "account", "referrals", "rollups", "rollups", "audit", "verify"]
    assert [command.split()[1] for command in commands] == named
    # Serving for real demands its secrets; `serve` itself is what `make demo` has started.
    for command in (line for line in commands if line.split()[1] != "serve"):
        run(command, demo)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_tables_go_out_and_in_as_the_readme_shows(demo: dict[str, str]) -> None:
    out, figures, into = blocks("sh")[2:5]
    *table, result = run(f"{out}\n{into}", demo).splitlines()
    assert table[0].startswith("\ufeff编码,名称")
    statistics, coverage, chart = re.split(r"\n(?=\ufeff|<\?xml)", run(f"{out.splitlines()[0]}\n{figures}", demo))
    assert statistics.startswith("\ufeff地点编码,地点名称,服务领域,服务记录数")
    assert coverage.startswith("\ufeff村居编码,村居名称")
    assert "服务统计：人次（季度、服务领域）" in chart
    assert [error["column"] for error in json.loads(result)["errors"]] == ["人口数"]
