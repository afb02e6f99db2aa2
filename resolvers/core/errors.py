"""Errors that clients see: a stable code and a sentence that was written for them.

    Refusal(GraphQLError)          the operation, or one field of it, cannot be answered
    ├── Unauthenticated            no account is known, or what was known no longer holds
    ├── Forbidden                  the acting grant lacks a permission
    ├── BadInput                   an argument's value is not usable
    ├── NotFound                   what an id names is not in scope
    ├── TooCostly                  a database on shards would have to bring too much together
    ├── Unavailable                the database is away; the same request may succeed later
    └── TooSlow                    a statement took longer than the server allows

Expected refusals of a mutation are values in its payload (`UserError`), not exceptions. The text of any other exception
is logged with the request's id and never sent.
"""

from collections.abc import Sequence
from enum import StrEnum

from graphql import GraphQLError, Node

from resolvers.core.messages import Message

AWAY = Message("The service cannot answer this at the moment. Try again shortly.")
SLOW = Message("This took too long to answer. Ask for less at once.")


class Code(StrEnum):
    """`extensions.code` of an error; stable across releases and languages."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_FOUND = "NOT_FOUND"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    TOO_LARGE = "TOO_LARGE"
    PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    TOO_COSTLY = "TOO_COSTLY"
    INTROSPECTION_OFF = "INTROSPECTION_OFF"
    EVENTS_GONE = "EVENTS_GONE"
    SLOW_READER = "SLOW_READER"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL = "INTERNAL"


class Refusal(GraphQLError):
    """An error with a code, whose message may be sent to the client."""

    code = Code.BAD_REQUEST
    message: Message

    def __init__(
        self, message: Message, nodes: Node | Sequence[Node] | None = None, path: Sequence[str | int] | None = None
    ) -> None:
        super().__init__(message, nodes=nodes, path=path, extensions={"code": self.code.value})


class Unauthenticated(Refusal):
    """No token, or one that no longer opens anything."""

    code = Code.UNAUTHENTICATED


class Forbidden(Refusal):
    """The acting grant does not hold the permission that a field declares."""

    code = Code.FORBIDDEN


class BadInput(Refusal):
    """A cursor, page size or filter that cannot be used."""

    code = Code.BAD_USER_INPUT


class NotFound(Refusal):
    """What an id names is not in scope, or is not there."""

    code = Code.NOT_FOUND


class TooCostly(Refusal):
    """It asks for more than is brought together for one answer."""

    code = Code.TOO_COSTLY


class Unavailable(Refusal):
    """The database does not answer."""

    code = Code.UNAVAILABLE

    def __init__(self, message: Message = AWAY) -> None:
        super().__init__(message)


class TooSlow(Refusal):
    """The database gave up on a statement."""

    code = Code.TIMEOUT

    def __init__(self, message: Message = SLOW) -> None:
        super().__init__(message)
