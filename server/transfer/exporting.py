"""`GET /export/<connection>`: a root connection of the schema as a table, or a statistic of it as a chart.

It is asked page by page as GraphQL, by the way of every other operation, so that scope, masking, permissions and limits
cannot differ from a query's. The pages are statements of their own: rows that are written meanwhile are in it or not.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import orjson
from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from resolvers.core.errors import BadInput, Code
from resolvers.core.messages import Message
from schema.base import Schema
from server.http.refusals import HTTPRefusal
from server.telemetry.tracebacks import told_of
from server.transfer.calls import Broken, Call, Endpoint, in_thread, log, unless_gone
from server.transfer.charts import POLICY, SVG_TYPE, Chart
from server.transfer.columns import Cell, Connection, ExportColumn
from server.transfer.exportable import connections
from server.transfer.groups import Statistics
from server.transfer.layouts import Layout, layout
from server.transfer.matrix import ITEMS, Matrix
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
            raise HTTPRefusal(
                HTTPStatus.NOT_FOUND,
                Message("This cannot be exported; what can: {known}.", known=list(self.connections)),
                Code.NOT_FOUND,
            )
        drawn = isinstance(connection, (Statistics, Matrix))
        form = call.parameter("format", ("csv", "xlsx", "svg") if drawn else ("csv", "xlsx"))
        figured = form == "svg" or isinstance(connection, Matrix)
        options = ("format", "headers", *(["fields"] if form != "svg" else []), *(["figure"] if figured else []))
        call.known(*options, *connection.arguments)
        chinese = call.parameter("headers", ("zh", "en")) == "zh"
        given = {name: _given(call, connection, name) for name in connection.arguments if name in call.parameters}
        if isinstance(connection, Statistics):
            connection = connection.grouped(given)
        with self.turn(call):
            if isinstance(connection, (Statistics, Matrix)) and form == "svg":
                await unless_gone(call.receive, self._svg(call, connection, given, chinese))
                return
            figure = _figure(call, connection.cells) if isinstance(connection, Matrix) else None
            table = layout(connection, _columns(call, connection), figure, chinese=chinese)
            rows = self._rows(call, table, given)
            await unless_gone(call.receive, (_csv if form == "csv" else _xlsx)(call, table, rows))

    async def _rows(self, call: Call, table: Layout, given: dict[str, Any]) -> AsyncIterator[Rows]:
        """First the headers, then the rows of each page. Raises GraphQLError."""
        last: Rows | None = None
        pages = self._pages(call, table.connection, table.asked, given, table.beside)
        async with aclosing(pages):  # type: ignore[type-var]
            async for page in pages:
                if last is None:
                    yield [list(table.headers(page))]
                    last = table.last(page)
                yield [table.row(node) for node in page["nodes"]]
        yield last or []

    async def _svg(self, call: Call, asked: Statistics | Matrix, given: dict[str, Any], chinese: bool) -> None:
        held = call.context.acting().grant.permissions
        chart = Chart(asked, _figure(call, asked.figures), held, chinese=chinese)
        items = isinstance(asked, Matrix)
        columns, beside = ([], asked.beside) if isinstance(asked, Matrix) else (chart.columns, "suppressed")
        pages = self._pages(call, asked, columns, given, beside)
        async with aclosing(pages):  # type: ignore[type-var]
            async for page in pages:
                chart.add(page[ITEMS if items else "nodes"], more=page.get("suppressed", False))
                if items:
                    break
        body = await in_thread(chart.draw)
        headers = {"content_disposition": _disposition(asked, "svg", chinese), "content_length": str(len(body))}
        await call.begin(SVG_TYPE, content_security_policy=POLICY, **headers)
        await call.more(body, last=True)

    async def _pages(
        self,
        call: Call,
        connection: Connection,
        columns: list[ExportColumn],
        given: dict[str, Any],
        beside: str,
    ) -> AsyncIterator[dict[str, Any]]:
        """The pages of a connection. beside: what is asked of it with the first."""
        call.context.largest_page = connection.page
        variables = {"first": connection.page, "after": None, **given}
        while True:
            call.spend(connection.page)
            document = connection.document(columns, given, beside)
            result = await self._schema.execute(
                document, variables, context_value=call.context, allowed_operation_types=_QUERY
            )
            if result.errors:
                raise result.errors[0]
            page = orjson.loads(orjson.dumps(result.data))[connection.name]
            yield page
            if not page["pageInfo"]["hasNextPage"]:
                return
            variables["after"], beside = page["pageInfo"]["endCursor"], ""


def _disposition(connection: Connection, suffix: str, chinese: bool) -> str:
    """The file's name: in ASCII, and as it should be."""
    day = datetime.now(UTC).astimezone(CHINA).strftime("%Y%m%d")
    name = quote(f"{connection.title if chinese else connection.name}-{day}.{suffix}")
    return f"attachment; filename=\"{connection.name}-{day}.{suffix}\"; filename*=UTF-8''{name}"


def _columns(call: Call, connection: Connection) -> list[ExportColumn]:
    if "fields" not in call.parameters:
        return connection.usual(call.context.acting().grant.permissions) or list(connection.columns.values())
    try:
        columns = connection.chosen(call.parameters["fields"])
    except KeyError as unknown:
        raise HTTPRefusal(
            HTTPStatus.BAD_REQUEST,
            Message(
                "`fields` cannot name {name}; it can: {names}.",
                name=str(unknown.args[0])[:40],
                names=list(connection.columns),
            ),
            Code.BAD_USER_INPUT,
        ) from None
    if not columns:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("`fields` names nothing."), Code.BAD_USER_INPUT)
    return columns


def _given(call: Call, connection: Connection, name: str) -> Any:
    try:
        return connection.arguments[name].value(call.parameters[name])
    except ValueError:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("`{name}` is not JSON.", name=name)) from None


def _figure(call: Call, figures: Mapping[str, ExportColumn]) -> ExportColumn:
    """The figure that is asked for; if none is, the first."""
    name = call.parameters.get("figure", next(iter(figures)))
    if name not in figures:
        raise BadInput(Message("`figure` cannot be {name}; it can: {names}.", name=name[:40], names=list(figures)))
    return figures[name]


async def _csv(call: Call, table: Layout, rows: AsyncIterator[Rows]) -> None:
    begun = False
    try:
        async with aclosing(rows):  # type: ignore[type-var]
            async for part in rows:
                if not begun:
                    # Not before there is a page: what is refused must be told by the status.
                    name = _disposition(table.connection, "csv", table.chinese)
                    await call.begin(CSV_TYPE, content_disposition=name)
                    await call.more(BYTE_ORDER_MARK)
                    begun = True
                if part:
                    await call.more(csv_rows(part))
    except GraphQLError as error:
        if not begun:
            raise
        log.warning("request %s: the export ends early: %s", call.request_id, told_of(error))
        raise Broken from error
    await call.more(b"", last=True)


async def _xlsx(call: Call, table: Layout, rows: AsyncIterator[Rows]) -> None:
    title = table.connection.title if table.chinese else table.connection.name
    with TemporaryDirectory(prefix="zhanwang-export-") as folder:
        async with aclosing(rows):  # type: ignore[type-var]
            (headers,) = await anext(rows)
            book = await in_thread(XlsxFile, folder, title, [str(header) for header in headers])
            try:
                async for part in rows:
                    await in_thread(book.add, part)
                await in_thread(book.close)
            except DoesNotFit:
                raise HTTPRefusal(
                    HTTPStatus.BAD_REQUEST,
                    Message("This is more than an XLSX sheet can hold; ask for CSV."),
                    Code.TOO_LARGE,
                ) from None
            finally:
                book.discard()
        size = str(book.path.stat().st_size)
        with book.path.open("rb") as file:
            name = _disposition(table.connection, "xlsx", table.chinese)
            await call.begin(XLSX_TYPE, content_disposition=name, content_length=size)
            while content := await in_thread(file.read, PART):
                await call.more(content)
        await call.more(b"", last=True)
