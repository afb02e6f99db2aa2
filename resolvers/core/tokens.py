"""Access tokens, signed and short-lived, and refresh tokens, opaque and kept as digests alone.

TokenRefused          the access token opens nothing
├── TokenExpired      it was good once: refresh the session
└── TokenInvalid      it is none of ours, or not whole
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from resolvers.core.cache import Cache

ALGORITHM = "HS256"
ISSUER = "zhanwang"
LONGEST = 1024
CACHE_SIZE = 4096
_LARGEST_ID = 2**63 - 1
_LARGEST_VERSION = 2**31 - 1


class TokenRefused(Exception):
    """The access token opens nothing."""


class TokenExpired(TokenRefused):
    """The access token was good until it ran out."""


class TokenInvalid(TokenRefused):
    """The access token was not signed by this server, or is not whole."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says; the database holds whether it is still so. `expires_at` in seconds since 1970."""

    account_id: int
    credential_version: int
    session_id: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A signed access token, and when it runs out."""

    text: str
    expires_at: datetime


class Tokens:
    """Issues and verifies tokens.

    secret: at least 32 characters; the key of each purpose is derived from it.
    access_minutes, refresh_days: the life of an access token, and of a refresh token that is not used.
    """

    def __init__(self, secret: str, access_minutes: int, refresh_days: int, *, cache_size: int = CACHE_SIZE) -> None:
        self.refresh_life = timedelta(days=refresh_days)
        self._access_seconds = access_minutes * 60
        self._signing_key = OctKey.import_key(_derive(secret, "access token"))
        self._key_for_keyed = _derive(secret, "keyed digest")
        self._verified: Cache[str, AccessClaims] = Cache(cache_size)

    def issue(self, account_id: int, credential_version: int, session_id: int) -> AccessToken:
        """A fresh access token of a session."""
        issued_at = int(time.time())
        expires_at = issued_at + self._access_seconds
        claims = {
            "iss": ISSUER,
            "sub": str(account_id),
            "ver": credential_version,
            "ses": session_id,
            "iat": issued_at,
            "exp": expires_at,
        }
        text = jwt.encode({"alg": ALGORITHM}, claims, self._signing_key, algorithms=[ALGORITHM])
        return AccessToken(text, datetime.fromtimestamp(expires_at, UTC))

    def verify(self, token: str) -> AccessClaims:
        """The claims of an access token. Raises TokenExpired or TokenInvalid.

        A token that has been seen before costs a look-up; the most recently seen are remembered.
        """
        claims = self._verified.obtain(token, lambda: self._read(token))
        if claims.expires_at <= time.time():
            raise TokenExpired
        return claims

    def keyed(self, purpose: str, text: str) -> bytes:
        """A digest that only this server's secret makes: equal texts are told without keeping them."""
        return hmac.digest(self._key_for_keyed, f"{purpose}\0{text}".encode("utf-8", "surrogatepass"), "sha256")

    def _read(self, token: str) -> AccessClaims:
        if len(token) > LONGEST or not token.isascii():
            raise TokenInvalid
        try:
            claims = jwt.decode(token, self._signing_key, algorithms=[ALGORITHM]).claims
        except (JoseError, ValueError) as error:
            raise TokenInvalid from error
        account, version, session, expires_at = (claims.get(name) for name in ("sub", "ver", "ses", "exp"))
        # Signed by our own key, so only another release's token can fail here.
        if (
            claims.get("iss") != ISSUER
            or not isinstance(account, str)
            or not account.isdecimal()
            or not 0 < int(account) <= _LARGEST_ID
            or not isinstance(version, int)
            or not 0 < version <= _LARGEST_VERSION
            or not isinstance(session, int)
            or not 0 < session <= _LARGEST_ID
            or not isinstance(expires_at, int)
        ):
            raise TokenInvalid
        return AccessClaims(int(account), version, session, expires_at)


def new_refresh_token() -> str:
    """256 random bits; the database keeps its `digest` alone."""
    return secrets.token_urlsafe(32)


def digest(refresh_token: str) -> bytes:
    """The SHA-256 of a refresh token. Nothing slower is needed: there is nothing to guess."""
    return hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest()


def _derive(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"zhanwang {purpose}".encode(), "sha256")
