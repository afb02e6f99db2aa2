"""A browser without a network: Chromium, driven by chromedriver's own protocol."""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

NEEDED = ("chromium", "chromedriver")
MISSING = [name for name in NEEDED if shutil.which(name) is None]
PATIENCE = 30
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
    # No name resolves, and whatever would go beyond this machine goes to a proxy that nobody is behind.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--proxy-server=http://127.0.0.1:9",
)


class Browser:
    """One window of a browser."""

    def __init__(self, driver: httpx.Client, session: str) -> None:
        self._driver, self._session = driver, session

    def open(self, url: str) -> None:
        """Goes to a page, and waits until it is loaded."""
        self._post("url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body returns in the page."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: Any) -> Any:
        """What a function body returns as soon as that is something."""
        return until(lambda: self.run(script, *arguments), script)

    def click(self, selector: str) -> None:
        """Clicks on the first element of a selector, once it is there."""
        self._post(f"element/{self._find(selector)}/click", {})

    def write(self, selector: str, text: str) -> None:
        """Types into the first element of a selector, once it is there."""
        self._post(f"element/{self._find(selector)}/value", {"text": text})

    def logged(self, kind: str) -> list[dict[str, Any]]:
        """What has been logged since it was last asked; kind: `browser` or `performance`."""
        found: list[dict[str, Any]] = self._post("se/log", {"type": kind})
        return found

    def events(self) -> list[dict[str, Any]]:
        """What the network did since that was last asked, as Chromium's protocol for tools has it."""
        return [json.loads(entry["message"])["message"] for entry in self.logged("performance")]

    def _find(self, selector: str) -> str:
        query = {"using": "css selector", "value": selector}
        found = until(lambda: self._post("elements", query), selector)
        return str(found[0][ELEMENT])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self._driver.post(f"/session/{self._session}/{path}", json=body).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer["message"]
        return answer


def until(attempt: Callable[[], T], what: str) -> T:
    """What an attempt gives, as soon as it gives something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := attempt()):
        assert time.monotonic() < deadline, f"still not there: {what}"
        time.sleep(0.05)
    return found


@contextmanager
def browsing(profile: Path, language: str, *flags: str) -> Iterator[Browser]:
    """A browser that likes a language, with a profile of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as driver:
            until(lambda: _ready(driver), "chromedriver")
            options = {
                "args": [*_FLAGS, *flags, f"--user-data-dir={profile}", f"--accept-lang={language}"],
                "prefs": {"intl.accept_languages": language},
            }
            wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
            made = driver.post("/session", json={"capabilities": {"alwaysMatch": wanted}}).json()["value"]
            assert "sessionId" in made, made
            try:
                yield Browser(driver, made["sessionId"])
            finally:
                driver.delete(f"/session/{made['sessionId']}")
    finally:
        process.terminate()
        process.wait()


def _ready(driver: httpx.Client) -> bool:
    try:
        return bool(driver.get("/status").json()["value"]["ready"])
    except httpx.TransportError:
        return False


def requested(events: list[dict[str, Any]]) -> list[str]:
    """The addresses that were asked for."""
    return [
        event["params"]["request"]["url"] if "request" in event["params"] else event["params"]["url"]
        for event in events
        if event["method"] in ("Network.requestWillBeSent", "Network.webSocketCreated")
    ]


def frames(events: list[dict[str, Any]]) -> list[str]:
    """What went through sockets, in either direction."""
    return [
        event["params"]["response"]["payloadData"]
        for event in events
        if event["method"] in ("Network.webSocketFrameSent", "Network.webSocketFrameReceived")
    ]
