"""Signing in from outside: what an OpenID Connect issuer's ID tokens say, and `GET /sign-in`, where to get one.

The issuer's keys are remembered. They are asked for anew once in a while, and when a token names a key that is not
among them; never more often than once in `RETRY_SECONDS`, so that nonsense here is no flood there, and what is
remembered serves for as long as the issuer is away.
"""

import asyncio
import hashlib
import logging
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from resolvers.core.id_tokens import IdTokenRefused, IssuerAway, Subject
from server.settings import Settings

log = logging.getLogger("zhanwang.oidc")

DISCOVERY: Final = "/.well-known/openid-configuration"
FAMILIES: Final[dict[str, type]] = {"RS": RSAKey, "PS": RSAKey, "ES": ECKey, "Ed": OKPKey}
ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
LEEWAY_SECONDS = 60
# A front end exchanges a token as soon as it has it; for so long each must be remembered as used.
OLDEST_SECONDS = 600
KEYS_SECONDS = 3600.0
RETRY_SECONDS = 10.0
TIMEOUT_SECONDS = 5.0
LONGEST_TOKEN = 16_384
LARGEST_ANSWER = 262_144
LONGEST_SUBJECT = 255
SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class IssuerSettings:
    """What is configured of an issuer: its URL as it calls itself, our client id there, the claim that names people."""

    issuer: str
    client_id: str
    subject_claim: str = "sub"

    @classmethod
    def of(cls, settings: Settings) -> "IssuerSettings | None":
        """The settings' issuer, if there is one."""
        if settings.oidc_issuer is None or settings.oidc_audience is None:
            return None
        return cls(settings.oidc_issuer, settings.oidc_audience, settings.oidc_subject_claim)


class Issuer:
    """An issuer, for a worker. Implements `resolvers.core.id_tokens.IdTokens`."""

    def __init__(self, settings: IssuerSettings, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._settings = settings
        self._retry_seconds = retry_seconds
        self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False)
        self._keys: list[RSAKey | ECKey | OKPKey] = []
        self._fresh_until = self._not_before = 0.0
        self._away = True
        self._loading = asyncio.Lock()

    @property
    def issuer(self) -> str:
        """The issuer, as it calls itself."""
        return self._settings.issuer

    async def close(self) -> None:
        """Ends the connections to it."""
        await self._client.aclose()

    async def verify(self, id_token: str, nonce: str | None) -> Subject:
        """Whom a token is about. nonce: what it must carry. Raises IdTokenRefused and IssuerAway."""
        header = _header(id_token)
        key = await self._key(header)
        return self._subject(_claims(id_token, key, header["alg"]), id_token, nonce)

    # -- claims ----------------------------------------------------------------------------------------------------

    def _subject(self, claims: Mapping[str, Any], id_token: str, nonce: str | None) -> Subject:
        now = time.time()
        if claims.get("iss") != self._settings.issuer:
            raise IdTokenRefused("another issuer's")
        self._check_audience(claims)
        expires_at, issued_at = _seconds(claims, "exp"), _seconds(claims, "iat")
        if expires_at <= now - LEEWAY_SECONDS:
            raise IdTokenRefused("expired")
        if not now - OLDEST_SECONDS <= issued_at <= now + LEEWAY_SECONDS:
            raise IdTokenRefused("not issued just now")
        if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY_SECONDS:
            raise IdTokenRefused("not valid yet")
        # A token that has one was asked for with it: whoever brings the token knows it.
        if claims.get("nonce") != nonce:
            raise IdTokenRefused("another nonce")
        subject = claims.get(self._settings.subject_claim)
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise IdTokenRefused(f"no usable {self._settings.subject_claim}")
        # What was signed, for the signature itself can often be written in more than one way.
        digest = hashlib.sha256(id_token.rpartition(".")[0].encode()).digest()
        last = min(expires_at, issued_at + OLDEST_SECONDS) + 2 * LEEWAY_SECONDS
        return Subject(self._settings.issuer, subject, digest, datetime.fromtimestamp(last, UTC))

    def _check_audience(self, claims: Mapping[str, Any]) -> None:
        client_id, audience = self._settings.client_id, claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        if client_id not in audiences:
            raise IdTokenRefused("for another audience")
        authorized = claims.get("azp")
        if authorized != client_id and (authorized is not None or len(audiences) > 1):
            raise IdTokenRefused("for another party")

    # -- keys ------------------------------------------------------------------------------------------------------

    async def _key(self, header: Mapping[str, Any]) -> RSAKey | ECKey | OKPKey:
        """The key that a token names. Raises IdTokenRefused and IssuerAway."""
        if time.monotonic() >= self._fresh_until:
            await self._load()
        if (key := self._known(header)) is None:
            await self._load()
            key = self._known(header)
        if key is None:
            if self._away:
                raise IssuerAway
            raise IdTokenRefused("signed by none of the issuer's keys")
        return key

    def _known(self, header: Mapping[str, Any]) -> RSAKey | ECKey | OKPKey | None:
        family, kid = FAMILIES[header["alg"][:2]], header.get("kid")
        fitting = [
            key
            for key in self._keys
            if isinstance(key, family) and key.get("alg") in (None, header["alg"]) and kid in (None, key.get("kid"))
        ]
        return fitting[0] if len(fitting) == 1 else None

    async def _load(self) -> None:
        """Asks the issuer for its keys, unless that was tried a moment ago."""
        async with self._loading:
            if time.monotonic() < self._not_before:
                return
            try:
                async with asyncio.timeout(TIMEOUT_SECONDS):
                    self._keys = await self._published()
            except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, ValueError) as error:
                log.warning(
                    "the issuer %s does not tell its keys: %s",
                    self._settings.issuer,
                    str(error) or type(error).__name__,
                )
                self._away = True
            else:
                self._away = False
                self._fresh_until = time.monotonic() + KEYS_SECONDS
            self._not_before = time.monotonic() + self._retry_seconds

    async def _published(self) -> list[RSAKey | ECKey | OKPKey]:
        described = await self._get(self._settings.issuer.rstrip("/") + DISCOVERY)
        if described.get("issuer") != self._settings.issuer:
            raise ValueError(f"it calls itself {described.get('issuer')!r}")
        address = str(described.get("jwks_uri"))
        if urlsplit(address).scheme not in ("https", urlsplit(self._settings.issuer).scheme):
            raise ValueError("its keys come unprotected")
        listed = (await self._get(address)).get("keys")
        if not isinstance(listed, list):
            raise ValueError("it lists no keys")
        return [key for key in map(_usable, listed) if key is not None]

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"{url} answers {response.status_code}")
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > LARGEST_ANSWER:
                    raise ValueError(f"{url} answers too much")
        found = orjson.loads(body)
        if not isinstance(found, dict):
            raise ValueError(f"{url} answers no object")
        return found


def _header(id_token: str) -> Mapping[str, Any]:
    """A token's header, as far as it can be one of an ID token. Raises IdTokenRefused."""
    if len(id_token) > LONGEST_TOKEN or not id_token.isascii():
        raise IdTokenRefused("no token")
    try:
        header = jws.extract_compact(id_token.encode()).headers()
    except (JoseError, ValueError) as error:
        raise IdTokenRefused(f"no token: {error}") from error
    if header.get("alg") not in ALGORITHMS:
        raise IdTokenRefused("signed in a way that is not accepted")
    if "crit" in header or str(header.get("typ", "JWT")).upper() != "JWT":
        raise IdTokenRefused("a token of another kind")
    return header


def _claims(id_token: str, key: RSAKey | ECKey | OKPKey, algorithm: str) -> Mapping[str, Any]:
    """What a token says, if the key has signed it. Raises IdTokenRefused."""
    # Issuers have headers of their own, which say nothing here.
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        # Of the name EdDSA, which newer documents split into two: issuers go on using it.
        with _unwarned():
            claims: Mapping[str, Any] = jwt.decode(id_token, key, registry=registry).claims
    except (JoseError, ValueError) as error:
        raise IdTokenRefused(f"it does not verify: {error}") from error
    return claims


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    # Beyond, no calendar has a day for it.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 2**37:
        raise IdTokenRefused(f"no usable {name}")
    return float(value)


@contextmanager
def _unwarned() -> Iterator[None]:
    """Without the library's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield


def _usable(published: Any) -> RSAKey | ECKey | OKPKey | None:
    """A key to verify by; None for one that is for something else, or unknown here."""
    try:
        if published.get("use", "sig") != "sig":
            return None
        # Of short keys, which are not taken.
        with _unwarned():
            key = import_key(published)
    except (JoseError, ValueError, TypeError, AttributeError):
        return None
    if not isinstance(key, (RSAKey, ECKey, OKPKey)):
        return None
    public = key.public_key
    return None if isinstance(public, RSAPublicKey) and public.key_size < SMALLEST_RSA else key


def sign_in(issuer: IssuerSettings | None) -> Callable[[Request], Awaitable[Response]]:
    """`GET /sign-in`: by what one can log in here; for front ends, before there is anybody."""
    outside = None if issuer is None else {"issuer": issuer.issuer, "clientId": issuer.client_id}
    told = {"password": True, "openIdConnect": outside}

    async def answer(_: Request) -> Response:
        return JSONResponse(told, headers={"Cache-Control": "max-age=300"})

    return answer
