"""`GET /export/<connection>`: a root connection of the schema as a table.

It is asked page by page as GraphQL, by the way of every other operation, so that scope, masking, permissions and limits
cannot differ from a query's. The pages are statements of their own: rows that are written meanwhile are in it or not.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import orjson
from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.errors import Code
from resolvers.core.pages import LARGEST
from schema.base import Schema
from server.graphql import HTTPRefusal
from server.transfer.calls import Broken, Call, Endpoint, TransferCode, in_thread, log, unless_gone
from server.transfer.columns import Cell, Connection, ExportColumn, connections
from server.transfer.writing import BYTE_ORDER_MARK, CSV_TYPE, XLSX_TYPE, DoesNotFit, XlsxFile, csv_rows

PART = 256 * 1024
CHINA = timezone(timedelta(hours=8))
_QUERY = frozenset({OperationType.QUERY})

Rows = list[list[Cell]]


class Export(Endpoint):
    """The ASGI application behind `/export/{connection}`."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self._schema = schema
        self.connections = connections(schema)

    async def answer(self, call: Call) -> None:
        """Send the table."""
        connection = self.connections.get(call.scope["path_params"]["connection"])
        if connection is None:
            known = ", ".join(self.connections)
            raise HTTPRefusal(
                HTTPStatus.NOT_FOUND, f"This cannot be exported; what can: {known}.", TransferCode.NOT_FOUND
            )
        call.known("format", "headers", "fields", *connection.arguments)
        form = call.parameter("format", ("csv", "xlsx"))
        chinese = call.parameter("headers", ("zh", "en")) == "zh"
        columns = _columns(call, connection)
        table = _Table(connection, columns, chinese)
        given = {name: _given(call, connection, name) for name in connection.arguments if name in call.parameters}
        pages = self._pages(call.context, table, given)
        with self.turn(call):
            await unless_gone(call.receive, _csv(call, table, pages) if form == "csv" else _xlsx(call, table, pages))

    async def _pages(self, context: Context, table: "_Table", given: dict[str, Any]) -> AsyncIterator[Rows]:
        """The rows of each page; one page at least. Raises GraphQLError."""
        name = table.connection.name
        document = table.connection.document(table.columns, given)
        variables = {"first": LARGEST, "after": None, **given}
        while True:
            result = await self._schema.execute(
                document, variables, context_value=context, allowed_operation_types=_QUERY
            )
            if result.errors:
                raise result.errors[0]
            page = orjson.loads(orjson.dumps(result.data))[name]
            yield [table.row(node) for node in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                return
            variables["after"] = page["pageInfo"]["endCursor"]


class _Table:
    """What is exported, and how it is written."""

    def __init__(self, connection: Connection, columns: list[ExportColumn], chinese: bool) -> None:
        self.connection, self.columns, self.chinese = connection, columns, chinese

    @property
    def headers(self) -> Sequence[str]:
        return [column.header if self.chinese else column.name for column in self.columns]

    @property
    def title(self) -> str:
        return self.connection.title if self.chinese else self.connection.name

    def row(self, node: dict[str, Any]) -> list[Cell]:
        return [column.cell(node, chinese=self.chinese) for column in self.columns]

    def disposition(self, suffix: str) -> str:
        """The file's name: in ASCII, and as it should be."""
        day = datetime.now(UTC).astimezone(CHINA).strftime("%Y%m%d")
        name = quote(f"{self.title}-{day}.{suffix}")
        return f"attachment; filename=\"{self.connection.name}-{day}.{suffix}\"; filename*=UTF-8''{name}"


def _columns(call: Call, connection: Connection) -> list[ExportColumn]:
    if "fields" not in call.parameters:
        return connection.usual(call.context.acting().grant.permissions) or list(connection.columns.values())
    try:
        columns = connection.chosen(call.parameters["fields"])
    except KeyError as unknown:
        raise HTTPRefusal(
            HTTPStatus.BAD_REQUEST,
            f"`fields` cannot name {str(unknown.args[0])[:40]}; it can: {', '.join(connection.columns)}.",
            Code.BAD_USER_INPUT,
        ) from None
    if not columns:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, "`fields` names nothing.", Code.BAD_USER_INPUT)
    return columns


def _given(call: Call, connection: Connection, name: str) -> Any:
    try:
        return connection.arguments[name].value(call.parameters[name])
    except ValueError:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, f"`{name}` is not JSON.") from None


async def _csv(call: Call, table: _Table, pages: AsyncIterator[Rows]) -> None:
    begun = False
    try:
        async with aclosing(pages):  # type: ignore[type-var]
            async for rows in pages:
                if not begun:
                    # Not before there is a page: what is refused must be told by the status.
                    await call.begin(CSV_TYPE, content_disposition=table.disposition("csv"))
                    await call.more(BYTE_ORDER_MARK + csv_rows([table.headers]))
                    begun = True
                await call.more(csv_rows(rows))
    except GraphQLError as error:
        if not begun:
            raise
        log.warning("request %s: the export ends early: %s", call.request_id, error.message)
        raise Broken from error
    await call.more(b"", last=True)


async def _xlsx(call: Call, table: _Table, pages: AsyncIterator[Rows]) -> None:
    with TemporaryDirectory(prefix="zhanwang-export-") as folder:
        book = await in_thread(XlsxFile, folder, table.title, table.headers)
        try:
            async with aclosing(pages):  # type: ignore[type-var]
                async for rows in pages:
                    await in_thread(book.add, rows)
            await in_thread(book.close)
        except DoesNotFit:
            raise HTTPRefusal(
                HTTPStatus.BAD_REQUEST, "This is more than an XLSX sheet can hold; ask for CSV.", Code.TOO_LARGE
            ) from None
        finally:
            book.discard()
        size = str(book.path.stat().st_size)
        with book.path.open("rb") as file:
            await call.begin(XLSX_TYPE, content_disposition=table.disposition("xlsx"), content_length=size)
            while part := await in_thread(file.read, PART):
                await call.more(part)
        await call.more(b"", last=True)
