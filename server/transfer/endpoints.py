"""`/import/<table>`: `GET` answers a template, `POST` imports a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import orjson

from resolvers.core.errors import Code
from resolvers.core.messages import Message
from schema.base import Schema
from server.http.answering import shown_error
from server.http.headers import JSON, header_text
from server.http.refusals import HTTPRefusal
from server.transfer.calls import Call, Endpoint, TransferCode, busy, in_thread, unless_gone
from server.transfer.importing import Import, Options, Result, permit
from server.transfer.kinds import Kind, kinds
from server.transfer.templates import csv_template, xlsx_template
from server.transfer.uploads import uploaded
from server.transfer.writing import CSV_TYPE, XLSX_TYPE
from server.transfer.xlsx import Unreadable

LINES = "application/x-ndjson"
ROW_COST = 10
"""What a row of an import costs its caller's budget, in rows that are read."""


class Imports(Endpoint):
    """The ASGI application behind `/import/{table}`."""

    methods = ("GET", "POST")
    kind = "import"

    def __init__(self, schema: Schema, *, max_bytes: int, at_once: int) -> None:
        """max_bytes: of a file. at_once: how many imports a worker has under way; each keeps a connection."""
        super().__init__()
        self._core = schema._schema  # noqa: SLF001 - Strawberry has no other way to graphql-core's schema
        self._max_bytes, self._free = max_bytes, at_once
        self.kinds = kinds(self._core)

    async def answer(self, call: Call) -> None:
        """Send a template, or the result of an import."""
        kind = self.kinds.get(call.scope["path_params"]["table"])
        if kind is None:
            raise HTTPRefusal(
                HTTPStatus.NOT_FOUND,
                Message("This cannot be imported; what can: {known}.", known=list(self.kinds)),
                Code.NOT_FOUND,
            )
        if call.scope["method"] == "GET":
            await _template(call, kind)
            return
        call.known("dryRun", "mode", "extra")
        key = header_text(call.headers.get(b"idempotency-key")) or None
        options = Options(
            dry_run=call.parameter("dryRun", ("false", "true")) == "true",
            valid_rows=call.parameter("mode", ("all", "valid-rows")) == "valid-rows",
            extra=call.parameter("extra", ("refuse", "ignore")) == "ignore",
            key=key,
        )
        # Before the file is received: 20 MB for a refusal are a waste.
        permit(kind, call.context)
        with self.turn(call):
            body = await uploaded(call, self._max_bytes)
            lines = LINES in header_text(call.headers.get(b"accept")).lower()
            answer = _Lines(call) if lines else _Whole(call)
            work = Import(self._core, kind, body, options, call.context, answer.tell)
            del body
            with self._connection():
                await unless_gone(call.receive, answer.send(work))

    @contextmanager
    def _connection(self) -> Iterator[None]:
        if not self._free:
            raise busy(Message("As many imports are under way as there may be; wait for one to end."))
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class _Whole:
    """One JSON object, at the end."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def tell(self, rows: int, of: int) -> None:
        pass

    async def send(self, work: Import) -> None:
        try:
            result = await work.run()
            self._call.spend(result.rows * ROW_COST)
        except Unreadable as unreadable:
            raise _unreadable(unreadable) from None
        await self._call.begin(JSON)
        await self._call.more(orjson.dumps(result.shown(self._call.context.language)), last=True)


class _Lines:
    """A line of JSON for each step, and a last one for the result, or for why there is none."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._begun = False

    async def tell(self, rows: int, of: int) -> None:
        await self._line({"progress": {"rows": rows, "of": of}})

    async def send(self, work: Import) -> None:
        try:
            result: Result = await work.run()
            self._call.spend(result.rows * ROW_COST)
        except Unreadable as unreadable:
            raise _unreadable(unreadable) from None
        except Exception as error:
            if not self._begun:
                raise
            shown = shown_error(error, self._call.request_id, self._call.context.language)
            await self._line({"errors": [shown]}, last=True)
            return
        await self._line({"result": result.shown(self._call.context.language)}, last=True)

    async def _line(self, line: dict[str, Any], *, last: bool = False) -> None:
        if not self._begun:
            await self._call.begin(LINES)
            self._begun = True
        await self._call.more(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE), last=last)


def _unreadable(error: Unreadable) -> HTTPRefusal:
    message = Message("The file cannot be imported. {why}", why=str(error))
    return HTTPRefusal(HTTPStatus.BAD_REQUEST, message, TransferCode.UNREADABLE_FILE)


async def _template(call: Call, kind: Kind) -> None:
    call.known("format", "headers")
    form = call.parameter("format", ("xlsx", "csv"))
    chinese = call.parameter("headers", ("zh", "en")) == "zh"
    make, media_type = (csv_template, CSV_TYPE) if form == "csv" else (xlsx_template, XLSX_TYPE)
    body = await in_thread(make, kind, chinese=chinese)
    name = f'attachment; filename="{kind.name}.{form}"'
    await call.begin(media_type, content_disposition=name, content_length=str(len(body)))
    await call.more(body, last=True)
