"""An issuer that does as it is told, for what goes wrong."""

import asyncio
import base64
import hmac
import json
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.issuer import CLIENT_ID

MADE: dict[str, Callable[[str], Any]] = {
    "RS256": lambda kid: RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}),
    "ES256": lambda kid: ECKey.generate_key("P-256", {"kid": kid, "use": "sig"}),
    "EdDSA": lambda kid: OKPKey.generate_key("Ed25519", {"kid": kid, "use": "sig"}),
}


class Issuer:
    """Keys of each algorithm, of which the current ones are published."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.away, self.seconds, self.calls_itself, self.asked, self.number = False, 0.0, url, 0, 0
        self.published: Any = None
        self.strangers: dict[str, Any] = {alg: make("stranger") for alg, make in MADE.items()}
        self.previous: dict[str, Any] = {}
        self.current: dict[str, Any] = {}
        self.rotate()

    def rotate(self) -> None:
        """Other keys from now on."""
        self.number += 1
        self.previous = self.current
        self.current = {alg: make(f"{alg}-{self.number}") for alg, make in MADE.items()}

    async def describe(self, _: Request) -> Response:
        """The discovery document."""
        await asyncio.sleep(self.seconds)
        if self.away:
            return PlainTextResponse("away", 503)
        return JSONResponse({"issuer": self.calls_itself, "jwks_uri": f"{self.url}/jwks"})

    async def jwks(self, _: Request) -> Response:
        """The keys."""
        self.asked += 1
        if self.away:
            return PlainTextResponse("away", 503)
        listed = KeySet(list(self.current.values())).as_dict(private=False)
        return JSONResponse(listed if self.published is None else self.published)

    async def count(self, _: Request) -> Response:
        """How often the keys were asked for."""
        return PlainTextResponse(str(self.asked))

    async def tell(self, request: Request) -> Response:
        """Lets it behave otherwise."""
        told = await request.json()
        if told.pop("rotate", False):
            self.rotate()
        for name, value in told.items():
            setattr(self, name, value)
        return PlainTextResponse("")

    async def mint(self, request: Request) -> Response:
        """A token."""
        told = await request.json()
        alg, now = told.get("alg", "RS256"), int(time.time())
        claims = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "wang",
            "jti": secrets.token_hex(8),
            "iat": now,
            "exp": now + 300,
        }
        claims |= told.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        keys = {"current": self.current, "previous": self.previous, "stranger": self.strangers}[
            told.get("key", "current")
        ]
        key = keys.get(alg, keys["RS256"])
        header = {"alg": alg, "kid": told.get("kid", key.kid)} | told.get("header", {})
        header = {name: value for name, value in header.items() if value is not None}
        signed = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
        return PlainTextResponse(f"{signed}.{_part(_signature(alg, signed.encode(), key))}")


def _signature(alg: str, signed: bytes, key: Any) -> bytes:
    made = b""
    match alg:
        case "RS256":
            made = key.private_key.sign(signed, PKCS1v15(), SHA256())
        case "ES256":
            both = decode_dss_signature(key.private_key.sign(signed, ECDSA(SHA256())))
            made = b"".join(number.to_bytes(32) for number in both)
        case "EdDSA":
            made = key.private_key.sign(signed)
        case "HS256":
            # Who takes the public key for a secret, takes this.
            made = hmac.digest(key.as_pem(private=False), signed, "sha256")
    return made


def _part(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def main() -> None:
    """Listens at any free port, and writes where."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    issuer = Issuer(f"http://127.0.0.1:{listening.getsockname()[1]}")
    routes = [
        Route("/.well-known/openid-configuration", issuer.describe),
        Route("/jwks", issuer.jwks),
        Route("/asked", issuer.count),
        Route("/tell", issuer.tell, methods=["POST"]),
        Route("/mint", issuer.mint, methods=["POST"]),
    ]
    listening.listen()
    print(issuer.url, flush=True)  # noqa: T201
    uvicorn.Server(uvicorn.Config(Starlette(routes=routes), log_level="error")).run(sockets=[listening])


main()
