"""Pages for people: where to go, GraphiQL's page and files, examples, the schema's definition, and what is nowhere."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse

from resolvers.core.messages import Language
from schema import schema
from server.demo import ACCOUNTS, PASSWORD
from server.pages.assets import BUILT, graphiql_files
from server.pages.examples import Example, examples
from server.pages.rendering import FOLDER
from server.sdl import sorted_sdl
from server.settings import DEMO_SECRETS, Settings
from tests.conftest import Ask, Server

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
ALL_ASSETS = sorted(path.name for path in BUILT.iterdir() if path.suffix in (".js", ".css"))
SOURCES = FOLDER / "graphiql"


def test_the_first_page_leads_to_the_other_places(client: httpx.Client) -> None:
    html = client.get("/", headers=BROWSER).text
    for address in re.findall(r'href="(/[^"]*)"', html):
        assert client.get(address, headers=BROWSER).status_code in (200, 403), address
    assert "curl" in html


def test_a_program_gets_the_same_places_as_json(client: httpx.Client) -> None:
    places = client.get("/", headers={"Accept": "application/json"}).json()
    assert places["graphql"] == "/graphql"
    assert places["graphiql"] == "/graphiql"


@pytest.mark.parametrize("address", ["/", "/graphiql", "/nothing"])
@pytest.mark.parametrize(
    ("accepted", "query", "language"),
    [("zh-CN,en;q=0.5", "", "zh"), ("en-GB", "", "en"), ("en", "?lang=zh", "zh"), ("zh", "?lang=en", "en")],
)
def test_a_page_is_in_the_language_of_the_browser_or_of_the_switch(
    client: httpx.Client, address: str, accepted: str, query: str, language: str
) -> None:
    page = client.get(address + query, headers=BROWSER | {"Accept-Language": accepted})
    assert f'<html lang="{language}">' in page.text
    assert page.headers["content-language"] == language
    assert "accept-language" in page.headers["vary"].lower()


@pytest.mark.parametrize("address", ["/", "/graphiql", "/nothing", "/schema.graphql"])
def test_a_page_runs_no_script_that_is_not_a_file_of_its_own(client: httpx.Client, address: str) -> None:
    page = client.get(address, headers=BROWSER)
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy.get("script-src", "'self'") == "'self'"
    assert policy.get("connect-src", "'self'") == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert not re.search(r"<script(?! type=\"module\" src=\"assets/)", page.text)
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page.text)


def test_what_a_visitor_sends_does_not_become_html(client: httpx.Client) -> None:
    page = client.get("/?lang=<b>", headers=BROWSER | {"Host": 'x"><script>alert(1)</script>'})
    assert "<script>" not in page.text


def test_an_address_that_leads_nowhere_is_a_page_for_browsers(client: httpx.Client) -> None:
    page = client.get("/nothing", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_an_address_that_leads_nowhere_is_json_for_programs(client: httpx.Client) -> None:
    answer = client.get("/nothing", headers={"X-Request-Id": "a-request-of-mine", "Accept-Language": "zh"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json; charset=utf-8")
    assert answer.json()["errors"] == [
        {
            "message": "此处没有内容；GraphQL 端点位于 /graphql。",
            "extensions": {"code": "NOT_FOUND", "requestId": "a-request-of-mine"},
        }
    ]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_graphiql_is_made_of_files_that_may_be_kept_for_ever(client: httpx.Client, encoding: str) -> None:
    for address in graphiql_files():
        answer = client.get(f"/{address}", headers={"Accept-Encoding": encoding})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == (BUILT / Path(address).name).read_bytes()


def test_a_file_that_is_no_asset_is_not_served(client: httpx.Client) -> None:
    for name in ("manifest.json", "..%2Frendering.py", "%2e%2e%2fassets.py", "x"):
        assert client.get(f"/assets/{name}").status_code == 404


def test_what_was_built_asks_nothing_of_other_hosts() -> None:
    """Addresses in it are names of schemas, links in texts, and messages: none is loaded."""
    loading = re.compile(r"""(?:import\(|import |from|fetch\(|src=|url\(|importScripts\()\s*["'`]?(?:https?:)?//""")
    assert ALL_ASSETS
    for name in ALL_ASSETS:
        assert not loading.search((BUILT / name).read_text(encoding="utf-8")), name


def test_every_package_that_was_built_in_has_its_licence_beside(client: httpx.Client) -> None:
    told = client.get("/assets/LICENSES.txt").text
    wanted = json.loads((SOURCES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert f"\n{name} {version} (" in told


def test_the_files_were_built_of_the_sources_beside_them() -> None:
    """If not: `make pages`."""
    digest = hashlib.sha256()
    for path in [SOURCES / "build.mjs", SOURCES / "package-lock.json", *sorted((SOURCES / "src").iterdir())]:
        digest.update(path.read_bytes())
    assert json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))["sources"] == digest.hexdigest()


def test_the_lock_of_graphiql_names_no_host() -> None:
    lock = json.loads((SOURCES / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_answered_to_every_account_that_it_is_for(
    ask: Ask, client: httpx.Client, token: Any, example: Example
) -> None:
    accounts = [account.username for account in ACCOUNTS if account.role in example.roles]
    assert accounts
    for account in accounts:
        if "subscription" not in example.query:
            ask(account, example.query)
            continue
        headers = {"Authorization": f"Bearer {token(account)}", "Accept": "text/event-stream"}
        with client.stream("POST", "/graphql", json={"query": example.query}, headers=headers) as events:
            assert events.status_code == 200
            assert events.headers["content-type"].startswith("text/event-stream")


def test_each_role_has_a_few_examples() -> None:
    for role in {account.role for account in ACCOUNTS}:
        assert sum(role in example.roles for example in examples()) >= 4


def test_an_example_has_one_operation_with_a_name_for_its_tab() -> None:
    for example in examples():
        (operation,) = parse(example.query).definitions
        assert getattr(operation, "name", None), example.name


@pytest.mark.parametrize("language", Language)
def test_examples_come_with_their_titles_in_the_language_of_the_page(client: httpx.Client, language: Language) -> None:
    listed = client.get(f"/graphiql/examples?lang={language}").json()
    assert [one["name"] for one in listed] == [example.name for example in examples()]
    for one, example in zip(listed, examples(), strict=True):
        assert one["title"] == example.titles[language]
        assert one["query"].startswith(f"# {one['title']}\n")


def test_the_definition_is_told_to_an_account_and_kept_by_it(client: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('leifeng')}"}
    first = client.get("/schema.graphql", headers=headers)
    assert first.text == sorted_sdl(schema.as_str())
    again = client.get("/schema.graphql", headers=headers | {"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_the_definition_is_refused_to_the_anonymous(client: httpx.Client) -> None:
    answer = client.get("/schema.graphql")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTROSPECTION_OFF"
    page = client.get("/schema.graphql", headers=BROWSER)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")


@pytest.fixture(scope="module")
def demo(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server whose secret is the demo's."""
    assert settings.secret is not None
    folder = tmp_path_factory.mktemp("demo")
    (folder / DEMO_SECRETS).write_text(json.dumps({"secret": settings.secret.get_secret_value()}))
    with (
        Server(settings.model_copy(update={"data_dir": folder})) as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        yield client


def test_the_first_page_of_the_demo_names_its_accounts(demo: httpx.Client) -> None:
    html = demo.get("/", headers=BROWSER).text
    assert PASSWORD in html
    assert not [account.username for account in ACCOUNTS if f"<code>{account.username}</code>" not in html]


def test_the_first_page_of_a_real_server_names_no_account(client: httpx.Client) -> None:
    html = client.get("/", headers=BROWSER).text
    assert PASSWORD not in html
    assert "leifeng" not in html


def test_a_browser_at_the_endpoint_is_led_to_graphiql(client: httpx.Client) -> None:
    answer = client.get("/graphql", headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, "graphiql")
    assert client.get("/graphql?query={__typename}", headers=BROWSER).json() == {"data": {"__typename": "Query"}}
