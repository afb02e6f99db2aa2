"""Expected refusals of a mutation: values in its payload, with a stable code and a sentence for the client."""

from dataclasses import dataclass
from enum import StrEnum


class UserErrorCode(StrEnum):
    """Why a mutation did not do what its input asks for; stable across releases and languages."""

    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    INVALID_REFRESH_TOKEN = "INVALID_REFRESH_TOKEN"  # noqa: S105
    WEAK_PASSWORD = "WEAK_PASSWORD"  # noqa: S105
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class UserError:
    """One refusal. `path` names the input that it is about: ``("input", "newPassword")``."""

    code: UserErrorCode
    message: str
    path: tuple[str, ...] = ("input",)
