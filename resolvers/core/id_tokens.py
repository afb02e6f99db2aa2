"""What an outside issuer says of somebody who has signed in there; `server.oidc` verifies it.

IdTokenRefused        it says nothing that counts here
IssuerAway            whether it does cannot be told now: the issuer's keys are not at hand
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class IdTokenRefused(Exception):
    """The ID token is not one of the configured issuer for this server, or not now. `str()` of it is for the log."""


class IssuerAway(Exception):
    """The issuer does not say by which keys it signs."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody at an issuer. `digest` tells the token from every other, and `expires_at` for how long it must."""

    issuer: str
    subject: str
    digest: bytes
    expires_at: datetime


class IdTokens(Protocol):
    """Verifies the ID tokens of one issuer."""

    @property
    def issuer(self) -> str:
        """The issuer, as it calls itself."""

    async def verify(self, id_token: str, nonce: str | None) -> Subject:
        """Whom a token is about.

        nonce: what the client sent the issuer along. Raises IdTokenRefused and IssuerAway.
        """
