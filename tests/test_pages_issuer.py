"""GraphiQL's sign-in at an issuer of OpenID Connect, whose page is another origin to the browser."""

import asyncio
import hashlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from server.settings import Settings
from tests.browsing import MISSING, browsing
from tests.conftest import Server

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"needs {' and '.join(MISSING)}")

CLIENT_ID = "graphiql"
SUBJECT = "an employee's number"
PLACED = "place_id, path, station_id, county_id"
LINK = f"""
INSERT INTO external_identity ({PLACED}, account_id, issuer, subject)
SELECT {PLACED}, id, $1, $2 FROM account WHERE username = 'leifeng'
"""
UNLINK = "DELETE FROM external_identity WHERE issuer = $1"


class Issuer(BaseHTTPRequestHandler):
    """Everybody who comes is one and the same person, and is sent back at once, with a code for what was asked."""

    key = ECKey.generate_key("P-256", {"kid": "one"})
    asked: dict[str, dict[str, str]]
    url: str

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/authorize":
            asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
            self.asked["a code"] = asked
            back = urlencode({"code": "a code", "state": asked["state"]})
            self.send_response(303)
            self.send_header("Location", f"{asked['redirect_uri']}?{back}")
            self.end_headers()
        elif parts.path == "/keys":
            self._tell({"keys": [{**self.key.as_dict(private=False), "alg": "ES256", "use": "sig"}]})
        else:
            addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            self._tell({"issuer": self.url, **{name: f"{self.url}/{path}" for name, path in addresses.items()}})

    def do_POST(self) -> None:
        given = {
            name: value[0] for name, value in parse_qs(self.rfile.read(int(self.headers["Content-Length"]))).items()
        }
        asked = self.asked.pop(given[b"code"].decode())
        challenge = urlsafe_b64encode(hashlib.sha256(given[b"code_verifier"]).digest()).rstrip(b"=").decode()
        assert (asked["code_challenge_method"], asked["code_challenge"]) == ("S256", challenge)
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": SUBJECT,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 60,
        }
        self._tell({"id_token": jwt.encode({"alg": "ES256", "kid": "one"}, claims, self.key)})

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _tell(self, what: object) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(json.dumps(what).encode())


@contextmanager
def issuing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Issuer) as served:
        Issuer.url, Issuer.asked = f"http://127.0.0.1:{served.server_address[1]}", {}
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        try:
            yield Issuer.url
        finally:
            served.shutdown()
            thread.join()


def execute(database: str, sql: str, *values: str) -> None:
    async def whole() -> None:
        connection = await asyncpg.connect(database)
        try:
            await connection.execute(sql, *values)
        finally:
            await connection.close()

    asyncio.run(whole())


def test_who_signs_in_at_the_issuer_is_logged_in(
    settings: Settings, database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with issuing() as url:
        given = {"oidc_issuer": url, "oidc_audience": CLIENT_ID}
        with (
            Server(settings.model_copy(update=given)) as server,
            browsing(tmp_path_factory.mktemp("browser"), "en") as browser,
        ):
            execute(database, LINK, url, SUBJECT)
            try:
                browser.open(f"{server.url}/graphiql")
                browser.click(".sign-in button.other")
                assert browser.wait("return document.querySelector('.who')?.textContent") == "leifeng"
                assert browser.run("return location.search") == ""
            finally:
                execute(database, UNLINK, url)


def test_the_page_may_ask_the_issuer_that_is_set_and_no_other_host(settings: Settings, client: httpx.Client) -> None:
    given = {"oidc_issuer": "https://sso.example.org/realms/county", "oidc_audience": CLIENT_ID}
    with Server(settings.model_copy(update=given)) as server:
        policy = httpx.get(f"{server.url}/graphiql").headers["content-security-policy"]
    assert "connect-src 'self' https://sso.example.org;" in policy
    assert "connect-src 'self';" in client.get("/graphiql").headers["content-security-policy"]
