"""What an operation may ask for, whoever sends it: the server's settings, as the schema applies them."""

from dataclasses import dataclass
from enum import StrEnum


class Introspection(StrEnum):
    """Who may ask for the schema itself, and is told close names when one is wrong."""

    ACCOUNTS = "accounts"
    EVERYONE = "everyone"
    NOBODY = "nobody"

    def allows(self, *, known: bool) -> bool:
        """Whether one who asks may; `known` by an account."""
        return self is Introspection.EVERYONE or (known and self is Introspection.ACCOUNTS)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server. cost: the most rows that an operation may ask for."""

    cost: int = 100_000
    introspection: Introspection = Introspection.ACCOUNTS
