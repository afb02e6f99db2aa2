"""Access tokens: what can be made of a good one without its key opens nothing, and says so with the right code."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from types import SimpleNamespace

import httpx
import pytest

from resolvers.core.tokens import AccessClaims, TokenExpired, TokenInvalid, Tokens
from server.auth import bearer
from server.settings import Settings

SECRET = "a secret that is as long as need be"
WHO = "{ viewer { account { username } } }"


def refusal(client: httpx.Client, authorization: str) -> str:
    """The message of the one error, UNAUTHENTICATED; "" if the header is good."""
    headers = {b"Authorization": authorization.encode("latin-1")}
    response = client.post("/graphql", json={"query": WHO}, headers=headers)
    assert response.status_code < 500, response.text
    answer = response.json()
    if "errors" not in answer:
        assert answer["data"]["viewer"]["account"]["username"]
        return ""
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    return str(error["message"])


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def forged(claims: object, header: object, key: bytes) -> str:
    signed = f"{encoded(header)}.{encoded(claims)}"
    signature = base64.urlsafe_b64encode(hmac.digest(key, signed.encode(), hashlib.sha256)).rstrip(b"=").decode()
    return f"{signed}.{signature}"


def bad_tokens(token: str) -> list[str]:
    """What can be made of a good token without its key."""
    header, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    later = said | {"exp": said["exp"] + 3600}
    return [
        token[:-5],
        token[1:],
        token[: len(token) // 2],
        f"{header}.{claims}.",
        f"{header}.{claims}",
        f"{header}.{encoded(later)}.{signature}",
        f"{encoded({'alg': 'none'})}.{claims}.",
        f"{encoded({'alg': 'none'})}.{claims}.{signature}",
        f"{encoded({'alg': 'HS512', 'typ': 'JWT'})}.{claims}.{signature}",
        f"{encoded({'alg': 'HS256', 'crit': ['b64'], 'b64': False})}.{claims}.{signature}",
        f"{encoded({'alg': 7})}.{claims}.{signature}",
        f"{encoded([])}.{claims}.{signature}",
        f"{encoded(None)}.{claims}.{signature}",
        f"{header}.{encoded([1])}.{signature}",
        forged(said, {"alg": "HS256"}, b"k" * 32),
        forged(said, {"alg": "HS256"}, SECRET.encode()),
        forged(later, {"alg": "HS256", "jwk": {"kty": "oct", "k": encoded("k")}}, b"k" * 32),
        f"{token}.{token}",
        "..",
        "....",
        "x",
        "e30.e30.e30",
        "=.=.=",
        "A" * 5_000,
        "[" * 900,
    ]


def test_bad_tokens(client: httpx.Client, token: Callable[[str], str]) -> None:
    good = token("hub")
    assert refusal(client, f"Bearer {good}") == ""
    for bad in bad_tokens(good):
        assert "not valid" in refusal(client, f"Bearer {bad}"), bad


def test_expired_token(client: httpx.Client, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.secret is not None
    tokens = Tokens(settings.secret.get_secret_value(), 15, 14)
    with monkeypatch.context() as earlier:
        then = time.time() - 15 * 60 - 1
        earlier.setattr("resolvers.core.tokens.time", SimpleNamespace(time=lambda: then))
        token = tokens.issue(1, 1, 1).text
    assert "expired" in refusal(client, f"Bearer {token}")


@pytest.mark.parametrize("header", ["", "Bearer", "Basic dTpw", "bearer  x y", "Bearer\tx", "Token x", "\x80"])
def test_bad_authorization_headers(client: httpx.Client, header: str) -> None:
    assert refusal(client, header)


def test_tokens_tell_expired_from_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(SECRET, 15, 14)
    token = tokens.issue(7, 2, 9).text
    claims = tokens.verify(token)
    assert (claims.account_id, claims.credential_version, claims.session_id) == (7, 2, 9)
    for bad in bad_tokens(token):
        with pytest.raises(TokenInvalid):
            tokens.verify(bad)
    with pytest.raises(TokenInvalid):
        Tokens(SECRET + "!", 15, 14).verify(token)
    now = time.time()
    monkeypatch.setattr("resolvers.core.tokens.time", SimpleNamespace(time=lambda: now + 15 * 60 + 1))
    # One that is remembered runs out like one that is not.
    for verifier in (tokens, Tokens(SECRET, 15, 14)):
        with pytest.raises(TokenExpired):
            verifier.verify(token)


def test_tokens_remember_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(SECRET, 15, 14, cache_size=2)
    read: list[str] = []
    really = tokens._read

    def counted(token: str) -> AccessClaims:
        read.append(token)
        return really(token)

    monkeypatch.setattr(tokens, "_read", counted)
    a, b, c = (tokens.issue(number, 1, 1).text for number in (1, 2, 3))
    for token in (a, b, a, c, a, b):
        tokens.verify(token)
    assert read == [a, b, c, b]


def test_bearer() -> None:
    assert [bearer(header) for header in ("Bearer a.b", "BEARER  a.b ", "Bearer", "Digest x", "")] == [
        "a.b",
        "a.b",
        None,
        None,
        None,
    ]
