"""GraphiQL in a browser that has no network: nothing but the server is asked for anything."""

from collections.abc import Iterator

import pytest

from resolvers.core.messages import Language, translated
from resolvers.session import WRONG
from server.demo import PASSWORD
from server.pages.examples import examples
from server.settings import Settings
from tests.browsing import MISSING, Browser, browsing, frames, requested, until
from tests.conftest import Server

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}")

RESULT = """
const model = globalThis.__MONACO?.editor.getModels().find(({ uri }) => uri.path.endsWith("response.json"));
return model?.getValue();
"""
QUERY = RESULT.replace("response.json", "operation.graphql")

# The page is loaded anew then; until it is, there is nothing in it to click on.
LOGGED_OUT = "return document.querySelector('.sign-in')"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser"), "zh-CN") as opened:
        yield opened


def open_logged_out(browser: Browser, server: Server) -> None:
    browser.open(f"{server.url}/graphiql")
    if browser.wait("return document.querySelector('.bar, .sign-in')?.className") == "bar":
        browser.click(".bar button")
        browser.wait(LOGGED_OUT)


def log_in(browser: Browser, server: Server, password: str = PASSWORD) -> None:
    open_logged_out(browser, server)
    browser.write("[name=username]", "leifeng")
    browser.write("[name=password]", password)
    browser.click(".sign-in button")


def test_graphiql_logs_in_and_runs_an_example_without_a_network(browser: Browser, server: Server) -> None:
    open_logged_out(browser, server)
    browser.logged("browser")
    log_in(browser, server)
    assert examples()[0].titles[Language.CHINESE] in browser.wait(QUERY)
    browser.click(".graphiql-execute-button")
    browser.wait(f"return (() => {{ {RESULT} }})()?.includes('雷峰镇社工站')")
    # The schema has arrived, with the token: its types are in the documentation.
    browser.click(".graphiql-sidebar button")
    browser.wait("return document.querySelector('.graphiql-doc-explorer-content')?.textContent.includes('Query')")
    asked = requested(browser.events())
    assert f"{server.url}/graphql" in asked
    assert not [one for one in asked if not one.startswith((f"{server.url}/", "data:", "blob:", "chrome"))]
    assert not [entry for entry in browser.logged("browser") if entry["level"] == "SEVERE"]


def test_a_subscription_among_the_examples_runs_over_a_socket(browser: Browser, server: Server) -> None:
    log_in(browser, server)
    title = next(example for example in examples() if example.name == "80_live_summary").titles[Language.CHINESE]
    browser.wait(QUERY)
    browser.click(".graphiql-sidebar button[aria-label*='示例']")
    chosen = f"[...document.querySelectorAll('.examples button')].find((one) => one.textContent === '{title}')"
    browser.wait(f"return {chosen}")
    browser.run(f"{chosen}.click()")
    # Only then GraphiQL has read what it is to run.
    browser.wait("return document.querySelector('.graphiql-tabs').textContent.includes('MyPlaceAsItChanges')")
    browser.events()
    browser.click(".graphiql-execute-button")
    seen: list[str] = []

    def subscribed() -> bool:
        seen.extend(frames(browser.events()))
        return any('"type":"subscribe"' in frame for frame in seen)

    until(subscribed, "the subscription")
    # A subscription that is refused is told so; one that runs has nothing to tell yet, and can be stopped.
    browser.wait("return document.querySelector('.graphiql-execute-button[aria-label^=停止]')")
    seen.extend(frames(browser.events()))
    assert any("connection_ack" in frame for frame in seen)
    assert not [frame for frame in seen if '"error"' in frame]


def test_a_token_that_is_about_to_end_is_renewed_first(browser: Browser, server: Server, settings: Settings) -> None:
    log_in(browser, server)
    browser.wait(QUERY)
    browser.run("const now = Date.now; Date.now = () => now() + arguments[0]", settings.access_token_minutes * 60_000)
    browser.events()
    sent: list[str] = []

    def asked(times: int) -> bool:
        requests = [event["params"]["request"] for event in browser.events() if "request" in event["params"]]
        found = [request.get("postData", "") for request in requests]
        sent.extend("refresh" if "refreshSession" in body else "ask" for body in found if "query" in body)
        return sent.count("ask") == times

    for times in (1, 2):
        browser.click(".graphiql-execute-button")
        until(lambda: asked(times), "the question")  # noqa: B023 - it is called at once
    assert sent == ["refresh", "ask", "ask"]


def test_a_reload_stays_logged_in_and_a_copy_of_the_tab_does_not(browser: Browser, server: Server) -> None:
    log_in(browser, server)
    browser.wait(QUERY)
    browser.open(f"{server.url}/graphiql?lang=en")
    browser.wait("return document.querySelector('.who')?.textContent === 'leifeng'")
    assert browser.run("return Object.keys(sessionStorage).includes('zhanwang:tokens')") is False


def test_logging_out_ends_the_session_and_forgets_what_was_written(browser: Browser, server: Server) -> None:
    log_in(browser, server)
    browser.wait(QUERY)
    browser.click(".bar button")
    browser.wait(LOGGED_OUT)
    assert browser.run("return Object.keys(sessionStorage)") == []


def test_a_wrong_password_is_told_in_the_language_of_the_page(browser: Browser, server: Server) -> None:
    log_in(browser, server, "wrong")
    assert browser.wait("return document.querySelector('[role=alert]')?.textContent") == translated(
        WRONG.message, Language.CHINESE
    )
