"""Signing in by an ID token of an OpenID Connect issuer, in a process of its own, and what it refuses."""

import base64
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from models import Role
from resolvers.core.ids import encode
from server.embedded import Embedded
from tests.conftest import Server
from tests.issuer import CLIENT_ID, Issuing, issuing
from tests.scene import Scene, World, create
from tests.sessions import admitted, codes, elsewhere, refresh, run, who

LOG_IN = """
mutation ($input: LogInWithIdTokenInput!) { logInWithIdToken(input: $input) {
  accessToken refreshToken expiresAt retryAfter errors { code message path } } }
"""
LINKED = (
    "INSERT INTO external_identity ({0}, account_id, issuer, subject) SELECT {0}, id, $2, $3 FROM account WHERE id = $1"
)
PLACED = "place_id, path, station_id, county_id"

Answer = dict[str, Any]


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuing]:
    with issuing() as started:
        yield started


@pytest.fixture(scope="module")
def outside(embedded: Embedded, issuer: Issuing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url, settings = create(embedded, tmp_path_factory.mktemp("data"))
    settings = settings.model_copy(update={"oidc_issuer": issuer.url, "oidc_audience": CLIENT_ID})
    with Server(settings) as server:
        world = World(url, settings, server.url)
        yield world
        world.close()


@pytest.fixture(scope="module")
def scene(outside: World) -> Scene:
    return outside.scene()


@pytest.fixture
def client(outside: World) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=outside.address) as anywhere, elsewhere(anywhere) as other:
        yield other


@pytest.fixture(scope="module", autouse=True)
def linked(outside: World, scene: Scene, issuer: Issuing) -> None:
    outside.sql(LINKED.format(PLACED), scene.here.key("U1"), issuer.url, "wang")


def log_in(client: httpx.Client, id_token: str, nonce: str | None = None) -> Answer:
    return run(client, LOG_IN, {"idToken": id_token, "nonce": nonce})


def refused(client: httpx.Client, id_token: str, nonce: str | None = None) -> None:
    payload = log_in(client, id_token, nonce)
    assert (payload["accessToken"], codes(payload)) == (None, ["INVALID_CREDENTIALS"])


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_an_id_token_opens_a_session_as_the_linked_account(
    client: httpx.Client, issuer: Issuing, outside: World, scene: Scene, alg: str
) -> None:
    payload = log_in(client, issuer.mint(alg=alg))
    assert payload["errors"] == []
    viewer = who(client, payload["accessToken"])
    name = outside.value("SELECT username FROM account WHERE id = $1", scene.here.key("U1"))
    assert viewer is not None
    assert viewer["account"]["username"] == name
    assert admitted(client, refresh(client, payload["refreshToken"])["accessToken"])
    entry = outside.sql("SELECT * FROM audit_entry WHERE action = 'logInWithIdToken' ORDER BY id DESC LIMIT 1")[0]
    assert entry["account_id"] == scene.here.key("U1")


def test_an_id_token_opens_one_session(client: httpx.Client, issuer: Issuing) -> None:
    for alg in ("RS256", "ES256"):
        token = issuer.mint(alg=alg)
        assert log_in(client, token)["errors"] == []
        refused(client, token)


N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_the_other_way_to_write_a_signature_opens_no_second_session(client: httpx.Client, issuer: Issuing) -> None:
    signed, _, signature = issuer.mint(alg="ES256").rpartition(".")
    both = base64.urlsafe_b64decode(signature + "==")
    turned = both[:32] + (N - int.from_bytes(both[32:])).to_bytes(32)
    other = base64.urlsafe_b64encode(turned).rstrip(b"=").decode()
    assert log_in(client, f"{signed}.{other}")["errors"] == []
    refused(client, f"{signed}.{signature}")


HOUR = 3600


@pytest.mark.parametrize(
    "told",
    [
        {"claims": {"aud": "another"}},
        {"claims": {"aud": None}},
        {"claims": {"aud": [CLIENT_ID, "another"]}},
        {"claims": {"aud": [CLIENT_ID, "another"], "azp": "another"}},
        {"claims": {"azp": "another"}},
        {"claims": {"iss": "https://elsewhere.example"}},
        {"claims": {"iss": None}},
        {"claims": {"exp": -HOUR}},
        {"claims": {"exp": None}},
        {"claims": {"exp": "later"}},
        {"claims": {"exp": 1e300}},
        {"claims": {"iat": HOUR}},
        {"claims": {"iat": -HOUR}},
        {"claims": {"iat": None}},
        {"claims": {"nbf": HOUR}},
        {"claims": {"nonce": "unasked"}},
        {"claims": {"sub": None}},
        {"claims": {"sub": ""}},
        {"claims": {"sub": 7}},
        {"claims": {"sub": "wa\u0000ng"}},
        {"claims": {"sub": "w" * 256}},
        {"alg": "none"},
        {"alg": "HS256"},
        {"key": "stranger"},
        {"key": "stranger", "kid": "RS256-1"},
        {"alg": "ES256", "kid": "RS256-1"},
        {"header": {"crit": ["exp"], "exp": 1}},
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "logout+jwt"}},
        {"header": {"kid": None, "alg": "PS256"}},
    ],
    ids=str,
)
def test_what_is_no_id_token_for_this_server_opens_nothing(
    client: httpx.Client, issuer: Issuing, told: dict[str, Any]
) -> None:
    now = int(time.time())
    claims = {
        name: now + value if name in ("exp", "iat", "nbf") and isinstance(value, int) else value
        for name, value in told.get("claims", {}).items()
    }
    refused(client, issuer.mint(**told | {"claims": claims}))


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "zw_", "é", "x" * 20_000, "e30.e30.e30", "bnVsbA.e30."])
def test_what_is_no_token_at_all_opens_nothing(client: httpx.Client, text: str) -> None:
    refused(client, text)


def test_a_token_that_was_tampered_with_opens_nothing(client: httpx.Client, issuer: Issuing) -> None:
    header, payload, signature = issuer.mint(claims={"sub": "nobody"}).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    other = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "wang"}).encode()).rstrip(b"=").decode()
    refused(client, f"{header}.{other}.{signature}")


def test_the_clocks_may_differ_by_some_seconds(client: httpx.Client, issuer: Issuing) -> None:
    now = int(time.time())
    assert log_in(client, issuer.mint(claims={"iat": now + 20, "nbf": now + 20}))["errors"] == []
    assert log_in(client, issuer.mint(claims={"iat": now - 99, "exp": now - 20}))["errors"] == []


def test_an_issuer_may_have_headers_of_its_own(client: httpx.Client, issuer: Issuing) -> None:
    assert log_in(client, issuer.mint(header={"x-tenant": "dehua", "typ": "jwt"}))["errors"] == []


def test_several_audiences_need_the_party_that_asked(client: httpx.Client, issuer: Issuing) -> None:
    assert log_in(client, issuer.mint(claims={"aud": ["another", CLIENT_ID], "azp": CLIENT_ID}))["errors"] == []


def test_a_nonce_is_the_one_that_was_asked_for(client: httpx.Client, issuer: Issuing) -> None:
    assert log_in(client, issuer.mint(claims={"nonce": "n1"}), "n1")["errors"] == []
    refused(client, issuer.mint(claims={"nonce": "n1"}), "n2")
    refused(client, issuer.mint(), "n1")


def test_a_subject_without_an_account_and_one_of_a_disabled_account_are_told_the_same(
    client: httpx.Client, issuer: Issuing, outside: World, scene: Scene
) -> None:
    outside.sql(LINKED.format(PLACED), scene.here.key("U2"), issuer.url, "disabled")
    told = [log_in(client, issuer.mint(claims={"sub": subject})) for subject in ("nobody", "disabled")]
    assert codes(told[0]) == ["INVALID_CREDENTIALS"]
    assert told[0] == told[1]


def test_the_same_subject_of_another_issuer_is_somebody_else(
    client: httpx.Client, issuer: Issuing, outside: World, scene: Scene
) -> None:
    outside.sql(LINKED.format(PLACED), scene.here.key("U1"), "https://elsewhere.example", "li")
    refused(client, issuer.mint(claims={"sub": "li"}))


def test_who_tries_bad_tokens_must_wait(client: httpx.Client, issuer: Issuing) -> None:
    for _ in range(5):
        refused(client, "a.b.c")
    payload = log_in(client, issuer.mint())
    assert codes(payload) == ["TOO_MANY_ATTEMPTS"]
    assert payload["retryAfter"] > 0


def test_front_ends_are_told_where_to_sign_in(client: httpx.Client, issuer: Issuing) -> None:
    outside = {"issuer": issuer.url, "clientId": CLIENT_ID}
    assert client.get("/sign-in").json() == {"password": True, "openIdConnect": outside}


def test_the_accounts_other_proofs_are_not_needed(
    client: httpx.Client, issuer: Issuing, outside: World, scene: Scene
) -> None:
    manager = scene.writer(Role.MANAGER, scene.here["S"])
    made = manager.ask(
        """mutation ($input: CreateAccountInput!) { createAccount(input: $input) {
             account { id kind } errors { code path } } }""",
        {"input": {"username": f"outside{time.time_ns()}", "placeId": scene.here["C1"], "role": "WORKER"}},
    )["createAccount"]
    assert made["errors"] == []
    identity = manager.ask(
        """mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) {
             identity { id version issuer } errors { code path } } }""",
        {"input": {"accountId": made["account"]["id"], "subject": "zhang"}},
    )["linkIdentity"]["identity"]
    assert identity["issuer"] == issuer.url
    token = log_in(client, issuer.mint(claims={"sub": "zhang"}))["accessToken"]
    assert admitted(client, token)
    unlinked = manager.ask(
        """mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) {
             identity { validTo } errors { code path } } }""",
        {"input": {"id": identity["id"], "version": identity["version"]}},
    )["unlinkIdentity"]
    assert unlinked["errors"] == []
    assert not admitted(client, token)
    refused(client, issuer.mint(claims={"sub": "zhang"}))


def test_who_has_an_account_notices_that_another_may_sign_in_as_it(
    client: httpx.Client, outside: World, scene: Scene, issuer: Issuing
) -> None:
    manager, colleague = scene.writer(Role.MANAGER, scene.here["S"]), scene.writer(Role.WORKER, scene.here["C1"])
    assert admitted(client, colleague.token)
    linked = manager.ask(
        "mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { errors { code } } }",
        {"input": {"accountId": encode("U", colleague.account_id), "subject": "sun"}},
    )
    assert linked["linkIdentity"]["errors"] == []
    assert not admitted(client, colleague.token)


def test_a_subject_is_one_accounts_at_a_time(issuer: Issuing, scene: Scene) -> None:
    manager = scene.writer(Role.MANAGER, scene.here["S"])
    link = """mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) {
                identity { id version } errors { code path } } }"""
    first = manager.ask(link, {"input": {"accountId": scene.here["U1"], "subject": "qian"}})["linkIdentity"]
    again = {"input": {"accountId": scene.here["U2"], "subject": "qian"}}
    assert manager.ask(link, again)["linkIdentity"]["errors"] == [{"code": "TAKEN", "path": ["input", "subject"]}]
    end = "mutation ($input: UnlinkIdentityInput!) { unlinkIdentity(input: $input) { errors { code } } }"
    manager.ask(end, {"input": first["identity"]})
    assert manager.ask(link, again)["linkIdentity"]["errors"] == []
