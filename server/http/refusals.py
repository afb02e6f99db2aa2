"""Requests that are not answered by their operation."""

from enum import StrEnum
from http import HTTPStatus

from resolvers.core.errors import Code
from resolvers.core.messages import Message


class HTTPCode(StrEnum):
    """`extensions.code` of refusals that are about the request and not about its operation."""

    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    RATE_LIMITED = "RATE_LIMITED"
    BUSY = "BUSY"
    DOCUMENT_REQUIRED = "DOCUMENT_REQUIRED"
    DOCUMENT_NOT_FOUND = "DOCUMENT_NOT_FOUND"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"


class HTTPRefusal(Exception):
    """A request that is not answered by its operation: nothing was executed."""

    def __init__(self, status: HTTPStatus, message: Message, code: StrEnum = Code.BAD_REQUEST, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers
