"""Signing in at a certified OpenID Connect provider, as a browser does: authorization code with PKCE."""

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator

import httpx
import pytest

from server.embedded import Embedded
from tests.conftest import Server
from tests.issuer import CLIENT_ID, FOLDER, process
from tests.npm import NODE, install, needs_npm
from tests.scene import World, create
from tests.sessions import who
from tests.test_oidc import LINKED, PLACED, log_in

BACK = "http://127.0.0.1:1/back"

pytestmark = needs_npm


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    install(FOLDER)
    with process(str(NODE), str(FOLDER / "provider.mjs"), CLIENT_ID, BACK) as url:
        yield url


def signed_in(provider: str, login: str, nonce: str) -> str:
    """The ID token of somebody who signs in."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "nonce": nonce,
    }
    with httpx.Client(base_url=provider) as browser:
        answer = browser.get("/auth", params=asked)
        while not answer.headers.get("location", "").startswith(BACK):
            if answer.is_redirect:
                answer = browser.get(answer.headers["location"])
                continue
            # A page that asks for a name, then one that asks to agree.
            action, prompt = (
                re.search(pattern, answer.text) for pattern in ('action="([^"]+)"', 'name="prompt" value="([^"]+)"')
            )
            assert action, answer.text
            assert prompt, answer.text
            answer = browser.post(action[1], data={"prompt": prompt[1], "login": login, "password": "any"})
        given = {
            "grant_type": "authorization_code",
            "code": httpx.URL(answer.headers["location"]).params["code"],
            "redirect_uri": BACK,
            "client_id": CLIENT_ID,
            "code_verifier": verifier,
        }
        token: str = browser.post("/token", data=given).json()["id_token"]
    return token


def test_who_signs_in_at_a_certified_provider_acts_as_the_linked_account(
    embedded: Embedded, provider: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url, settings = create(embedded, tmp_path_factory.mktemp("data"))
    settings = settings.model_copy(update={"oidc_issuer": provider, "oidc_audience": CLIENT_ID})
    with Server(settings) as server:
        world = World(url, settings, server.url)
        account = world.scene().here.key("U1")
        world.sql(LINKED.format(PLACED), account, provider, "wang")
        with httpx.Client(base_url=server.url) as client:
            opened = log_in(client, signed_in(provider, "wang", "n1"), "n1")
            assert opened["errors"] == []
            viewer = who(client, opened["accessToken"])
            assert viewer is not None
            assert viewer["account"]["username"] == world.value("SELECT username FROM account WHERE id = $1", account)
            other = log_in(client, signed_in(provider, "li", "n2"), "n2")
            assert [error["code"] for error in other["errors"]] == ["INVALID_CREDENTIALS"]
        world.close()
