"""From an operation to its answer."""

from dataclasses import dataclass
from typing import Any

import asyncpg
from cryptography.fernet import Fernet, MultiFernet
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
)
from graphql.execution.values import get_variable_values

from schema import schema
from tests.reference.fields import pages_of, value_of
from tests.reference.refusals import Inspector
from tests.reference.tables import Row, read_tables
from tests.reference.view import Today, View


@dataclass(frozen=True)
class Answer:
    """The data of an answer, and the code and path of each error."""

    data: Any
    errors: set[tuple[str, tuple[str | int, ...]]]


class Reference:
    """Answers operations out of tables in memory."""

    def __init__(self, tables: dict[str, list[Row]], personal_keys: str, url: str) -> None:
        self.tables, self._today, self._url = tables, Today.read(), url
        self._schema = build_schema(schema.as_str())
        fernet = MultiFernet([Fernet(key) for key in personal_keys.split(",")])
        opened: dict[bytes, str] = {}

        def open_(cipher: bytes) -> str:
            if cipher not in opened:
                opened[cipher] = fernet.decrypt(cipher).decode()
            return opened[cipher]

        self._open = open_
        self._views: dict[tuple[str, int | None], View] = {}

    @classmethod
    async def of(cls, database_url: str, personal_keys: str) -> "Reference":
        """A reference over what a database holds now."""
        return cls(await read_tables(database_url), personal_keys, database_url)

    def view(self, username: str, grant_id: int | None = None) -> View:
        """What an account sees, under a grant of its."""
        key = (username, grant_id)
        if key not in self._views:
            self._views[key] = View(self.tables, username, self._open, self._today, pages_of, grant_id, self._url)
        return self._views[key]

    def answer(
        self, username: str, query: str, variables: dict[str, Any] | None = None, grant_id: int | None = None
    ) -> Answer:
        """The answer of an operation that is valid by the schema."""
        view, document = self.view(username, grant_id), parse(query)
        operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
        coerced = get_variable_values(self._schema, operation.variable_definitions or (), variables or {})
        if isinstance(coerced, list):
            return Answer(None, {("BAD_USER_INPUT", ())})
        inspector = Inspector(self._schema, document, coerced)
        refused = inspector.refusals(operation.selection_set, view.permissions)

        def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
            key = info.path.key
            if info.path.prev is None and key in refused:
                raise GraphQLError("refused", extensions={"code": refused[str(key)]})
            return value_of(view, info.parent_type.name, info.field_name, source, arguments)

        result = execute_sync(
            self._schema,
            document,
            variable_values=variables,
            field_resolver=resolve,
            type_resolver=lambda row, *_: row["$type"],
        )
        assert isinstance(result, ExecutionResult)
        unknown = [e.original_error or e for e in result.errors or () if "code" not in (e.extensions or {})]
        if any(isinstance(error, asyncpg.ProgramLimitExceededError) for error in unknown):
            return _too_much(result.data or {}, refused)
        for error in unknown:
            raise error
        errors = {((e.extensions or {})["code"], tuple(e.path or ())) for e in result.errors or ()}
        return Answer(result.data, errors)


def _too_much(data: dict[str, Any], refused: dict[str, str]) -> Answer:
    """All that one statement answers is refused, where the database finds one part of it too much."""
    asked = {key for key, value in data.items() if value != "Query"}
    errors: set[tuple[str, tuple[str | int, ...]]] = {(refused.get(key, "BAD_USER_INPUT"), (key,)) for key in asked}
    return Answer({key: None if key in asked else value for key, value in data.items()}, errors)
