"""Requests that are not answered by their operation."""

from enum import StrEnum
from http import HTTPStatus

from resolvers.core.errors import Code


class HTTPRefusal(Exception):
    """A request that is not answered by its operation: nothing was executed."""

    def __init__(self, status: HTTPStatus, message: str, code: StrEnum = Code.BAD_REQUEST, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers
