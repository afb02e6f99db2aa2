"""Issuers in processes of their own, to sign in at: the certified one is provider.mjs, what goes wrong is here."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

FOLDER = Path(__file__).parent
CLIENT_ID = "front-end"


class Issuing:
    """An issuer that does as it is told: `python -m tests.issuer`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=10)

    def close(self) -> None:
        """Ends the connections to it."""
        self._client.close()

    def mint(self, **told: Any) -> str:
        """An ID token for CLIENT_ID.

        claims: what differs from a good one's, None for none of it. key: `current`, `previous` or `stranger`; alg, kid
        and header: what it says of itself.
        """
        answer = self._client.post("/mint", json=told)
        assert answer.status_code == 200, answer.text
        return answer.text

    def tell(self, **told: Any) -> None:
        """How it behaves from now on: `rotate`, `away`, `seconds` until it answers, `calls_itself`, `published`."""
        assert self._client.post("/tell", json=told).status_code == 200

    def asked(self) -> int:
        """How often it was asked for its keys."""
        return int(self._client.get("/asked").text)


@contextmanager
def process(*command: str) -> Iterator[str]:
    """The URL that a process writes when it listens; the process ends with the block."""
    with subprocess.Popen(command, cwd=FOLDER.parent.parent, stdout=subprocess.PIPE, text=True) as started:
        try:
            assert started.stdout is not None
            url = started.stdout.readline().strip()
            assert url, "the issuer did not start"
            yield url
        finally:
            started.kill()


@contextmanager
def issuing() -> Iterator[Issuing]:
    """An issuer that does as it is told."""
    with process(sys.executable, "-m", "tests.issuer") as url:
        issuer = Issuing(url)
        yield issuer
        issuer.close()
