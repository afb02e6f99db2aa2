"""The keys of an issuer that rotates them, answers slowly or nonsense, or is away."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from resolvers.core.id_tokens import IdTokenRefused, IssuerAway
from server import oidc
from server.oidc import Issuer, IssuerSettings
from tests.issuer import CLIENT_ID, Issuing, issuing


@pytest.fixture(scope="module")
def started() -> Iterator[Issuing]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(started: Issuing) -> Issuing:
    """An issuer that behaves."""
    started.tell(away=False, seconds=0, calls_itself=started.url, published=None)
    return started


def with_keys(issuer: Issuing, work: Callable[[Issuer], Awaitable[None]], *, retry_seconds: float = 0.0) -> None:
    """Runs what asks a worker's view of the issuer."""

    async def run() -> None:
        known = Issuer(IssuerSettings(issuer.url, CLIENT_ID), retry_seconds=retry_seconds)
        try:
            await work(known)
        finally:
            await known.close()

    asyncio.run(run())


async def verified(known: Issuer, token: str) -> str:
    return (await known.verify(token, None)).subject


def test_keys_are_asked_for_once(issuer: Issuing) -> None:
    async def work(known: Issuer) -> None:
        before = issuer.asked()
        await asyncio.gather(*[verified(known, issuer.mint()) for _ in range(5)])
        assert issuer.asked() == before + 1

    with_keys(issuer, work, retry_seconds=60)


def test_a_rotated_key_is_learnt_and_the_one_before_forgotten(issuer: Issuing) -> None:
    async def work(known: Issuer) -> None:
        assert await verified(known, issuer.mint()) == "wang"
        issuer.tell(rotate=True)
        assert await verified(known, issuer.mint()) == "wang"
        with pytest.raises(IdTokenRefused):
            await verified(known, issuer.mint(key="previous"))

    with_keys(issuer, work)


def test_tokens_that_name_unknown_keys_do_not_hammer_the_issuer(issuer: Issuing) -> None:
    async def work(known: Issuer) -> None:
        await verified(known, issuer.mint())
        before = issuer.asked()
        for number in range(20):
            with pytest.raises(IdTokenRefused):
                await verified(known, issuer.mint(key="stranger", kid=f"unknown-{number}"))
        assert issuer.asked() == before

    with_keys(issuer, work, retry_seconds=60)


def test_known_keys_serve_while_the_issuer_is_away(issuer: Issuing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "KEYS_SECONDS", 0.0)

    async def work(known: Issuer) -> None:
        await verified(known, issuer.mint())
        issuer.tell(away=True)
        assert await verified(known, issuer.mint()) == "wang"
        # Whether it knows this one cannot be told.
        with pytest.raises(IssuerAway):
            await verified(known, issuer.mint(key="stranger"))

    with_keys(issuer, work)


@pytest.mark.parametrize(
    "told",
    [
        {"away": True},
        {"calls_itself": "https://elsewhere.example"},
        {"published": []},
        {"published": {"keys": "none"}},
        {"published": {"keys": ["x" * 300_000]}},
    ],
    ids=str,
)
def test_without_any_keys_nobody_is_refused_for_good(issuer: Issuing, told: dict[str, Any]) -> None:
    issuer.tell(**told)

    async def work(known: Issuer) -> None:
        with pytest.raises(IssuerAway):
            await verified(known, issuer.mint())
        issuer.tell(away=False, calls_itself=issuer.url, published=None)
        assert await verified(known, issuer.mint()) == "wang"

    with_keys(issuer, work)


def test_an_issuer_that_is_not_there_is_away() -> None:
    async def run() -> None:
        known = Issuer(IssuerSettings("http://127.0.0.1:9", CLIENT_ID))
        with pytest.raises(IssuerAway):
            await known.verify("eyJhbGciOiJSUzI1NiJ9.e30.AA", None)
        await known.close()

    asyncio.run(run())


def test_a_slow_issuer_keeps_everybody_waiting_once(issuer: Issuing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oidc, "TIMEOUT_SECONDS", 0.3)
    issuer.tell(seconds=1.5)

    async def work(known: Issuer) -> None:
        tokens = [issuer.mint() for _ in range(10)]
        began = time.monotonic()
        answers = await asyncio.gather(*[verified(known, token) for token in tokens], return_exceptions=True)
        assert [type(answer) for answer in answers] == [IssuerAway] * 10
        # Ten times the limit, if each had asked for itself.
        assert time.monotonic() - began < 1.5

    with_keys(issuer, work, retry_seconds=60)


def test_a_key_that_is_too_short_or_unknown_is_passed_over(issuer: Issuing) -> None:
    short = {"kty": "RSA", "kid": "RS256-1", "e": "AQAB", "n": "q83vEjRWeJA"}
    issuer.tell(published={"keys": [short, {"kty": "oct", "k": "AAAA"}, {"kty": "new"}, {}, None, 7]})

    async def work(known: Issuer) -> None:
        with pytest.raises(IdTokenRefused):
            await verified(known, issuer.mint())

    with_keys(issuer, work)
