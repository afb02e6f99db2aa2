"""Passwords: what they must be, and their Argon2id hashes, computed beside the event loop."""

import asyncio
import secrets
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from resolvers.core.messages import Message

SHORTEST = 8
LONGEST = 128
# OWASP's parameters: one takes about 30 ms and 19 MiB, on a single core.
TIME_COST = 2
MEMORY_KIB = 19 * 1024
CONCURRENCY = 2


def weakness(password: str, username: str) -> Message | None:
    """What is wrong with a new password, as a sentence; None if it will do."""
    if not SHORTEST <= len(password) <= LONGEST:
        return Message("The password must have {least} to {most} characters.", least=SHORTEST, most=LONGEST)
    if password.casefold() == username.casefold():
        return Message("The password must not be the username.")
    return None


class Passwords:
    """Hashes and verifies passwords in threads, a few at a time, so that a flood of log-ins takes neither the
    event loop nor the memory.
    """

    def __init__(self, concurrency: int = CONCURRENCY) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=1)
        self._threads = asyncio.Semaphore(concurrency)
        self._turns = asyncio.Semaphore(concurrency)
        self._nobodys = self._hasher.hash(secrets.token_bytes(16))

    async def hash(self, password: str) -> str:
        """The hash to keep, with its parameters and salt inside."""
        async with self._threads:
            return await asyncio.to_thread(self._hasher.hash, _encode(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the hash's; None is nobody's hash, and takes as long as anybody's."""
        known = password_hash if len(password) <= LONGEST else None
        async with self._threads:
            # A longer one is never right, and its length must not show in the time either.
            right = await asyncio.to_thread(self._matches, known or self._nobodys, _encode(password[:LONGEST]))
        return right and known is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One of the few turns at which a password is tried.

        The throttle is asked within it: a burst then runs ahead of the count by no more guesses than there are turns.
        """
        async with self._turns:
            yield

    def _matches(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _encode(password: str) -> bytes:
    # Input methods write the same character in several ways. Text can hold half of a surrogate pair, UTF-8 cannot.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
