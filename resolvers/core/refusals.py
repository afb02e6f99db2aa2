"""Expected refusals of a mutation: values in its payload, with a stable code and a sentence for the client."""

import re
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from resolvers.core.messages import Message

# A shard tells of it in the text alone, and its name has the shard's number behind it.
OF_SHARD = re.compile(r'constraint "(\w+?)(?:_[0-9]{6,})?"')


class UserErrorCode(StrEnum):
    """Why a mutation did not do what its input asks for; stable across releases and languages."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"  # noqa: S105
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    TAKEN = "TAKEN"
    OVERLAP = "OVERLAP"
    INVALID = "INVALID"
    NOT_EMPTY = "NOT_EMPTY"
    FORBIDDEN = "FORBIDDEN"
    KEY_REUSED = "KEY_REUSED"
    WRONG_STATE = "WRONG_STATE"
    UNAVAILABLE = "UNAVAILABLE"
    OVERSPENT = "OVERSPENT"


@dataclass(frozen=True, slots=True)
class UserError:
    """One refusal. `path` names the input that it is about: ``("input", "newPassword")``."""

    code: UserErrorCode
    message: Message
    path: tuple[str, ...] = ("input",)


class Rejected(Exception):
    """A write that is refused: everything of it is undone, and its payload says why.

    `field` names the input's field in GraphQL's spelling, with steps into it after dots; empty for the whole input.
    `shown` is the key of the row that the payload shows nevertheless: the current one, of a conflict.
    """

    def __init__(self, code: UserErrorCode, message: Message, field: str = "", *, shown: int | None = None) -> None:
        path = ("input", *field.split(".")) if field else ("input",)
        self.error = UserError(code, message, path)
        self.shown = shown
        super().__init__(message)


def constraint_of(error: asyncpg.PostgresError) -> str:
    """The name of the constraint that a statement would have broken, the same wherever the row lies; or nothing."""
    if error.constraint_name:
        return str(error.constraint_name)
    told = OF_SHARD.search(str(error))
    return told[1] if told else ""
