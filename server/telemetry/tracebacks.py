"""Exceptions as text for the log: where they came from, what they are, and of what they say only what quotes no value.

PostgreSQL's messages quote rows, those of asyncpg and pydantic arguments, ValueError and KeyError whatever they met.
"""

import traceback
from collections.abc import Iterator

import asyncpg
from graphql import GraphQLError

_SPEAKS_OF_CODE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    MemoryError,
    NameError,
    RecursionError,
    RuntimeError,
    TypeError,
)


def traceback_of(error: BaseException) -> str:
    """The frames and names of an exception and of those that it came from, the first of them first."""
    return "\n".join(_told(one) for one in reversed(list(_chain(error))))


def told_of(error: BaseException) -> str:
    """An exception in one line."""
    name = type(error).__qualname__
    said = _said(error)
    return f"{name}: {said}" if said else name


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _told(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    parts = [frames + told_of(error)]
    if isinstance(error, BaseExceptionGroup):
        parts += [traceback_of(one) for one in error.exceptions]
    return "\n".join(parts)


def _said(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        names = ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name")
        return ", ".join(f"{name} {found}" for name in names if (found := getattr(error, name, None)))
    if isinstance(error, OSError):
        return error.strerror or ""
    if isinstance(error, GraphQLError):
        return str((error.extensions or {}).get("code", ""))
    return str(error).split("\n")[0] if isinstance(error, _SPEAKS_OF_CODE) else ""
