"""Operations as server-sent events, by the "distinct connections" of npm `graphql-sse`: one operation a request.

`event: next` with a result, `event: complete` at the end, a comment now and then. An event's `id` is what the browser's
EventSource brings back as `Last-Event-ID`, from where it goes on.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.errors import Refusal, Unauthenticated
from resolvers.core.messages import Language, Message
from schema.base import Prepared, Schema
from server.budget import caller_of
from server.http.answering import codes_of, common_headers, shown_error
from server.http.asking import context_of
from server.http.headers import RESPONSE_JSON, header_text
from server.http.operating import Operating
from server.http.reading import Request
from server.live.live import SEND_SECONDS, when_over
from server.live.subscription import Subscription
from server.services import Services

EVENT_STREAM: Final = "text/event-stream"
HEARTBEAT_SECONDS = 15.0


def streamed(accept: str) -> bool:
    """Whether a request asks for server-sent events."""
    return EVENT_STREAM in accept.lower()


class Stream:
    """One request that is answered by events."""

    def __init__(
        self,
        schema: Schema,
        services: Services,
        scope: Scope,
        headers: dict[bytes, bytes],
        receive: Receive,
        send: Send,
        request_id: str,
        language: Language,
    ) -> None:
        self._schema, self._services, self._scope, self._headers = schema, services, scope, headers
        self._receive, self._send = receive, send
        self._request_id, self._language = request_id, language
        self._task = asyncio.current_task()
        self._closed = False

    async def serve(self, request: Request) -> None:
        """Answers until the operation, the client or the token ends. Raises HTTPRefusal before anything is sent."""
        context, method = await self._ask(), self._scope["method"]
        operating = Operating(self._schema, self._services, method, self._receive, RESPONSE_JSON, self._headers)
        caller = caller_of(context)
        prepared = await operating.prepared(request, context, caller)
        if isinstance(prepared, ExecutionResult):
            result = prepared
        elif prepared.kind is OperationType.SUBSCRIPTION:
            await self.follow(operating, prepared, context)
            return
        else:
            result = await operating.run(prepared, context, caller)
        await self._answer(operating, context, result)

    async def follow(self, operating: Operating, prepared: Prepared, context: Context) -> None:
        """Tells the events of a subscription. Raises HTTPRefusal before anything is sent."""
        live = self._services.live
        self._services.budget.spend(caller_of(context), prepared.cost)
        try:
            account_id = context.acting().account_id
            subscription = live.subscription(self._schema, prepared, context, self._ask_again, self)
        except Refusal as refusal:
            await self._answer(operating, context, ExecutionResult(data=None, errors=[refusal]))
            return
        with live.holding(account_id), live.opened(self):
            operating.ended(context, HTTPStatus.OK)
            await self._subscribe(subscription, context)

    async def close(self) -> None:
        """Tells the client that the server stops."""
        await self._complete()
        self._stop()

    async def tell(self, event_id: str, data: bytes) -> None:
        """Sends an event."""
        await self._next({"data": orjson.Fragment(data)}, [], event_id)

    async def fail(self, error: Exception) -> None:
        """Says why there will be no more."""
        await self._next({}, [error])
        await self.close()

    async def _answer(self, operating: Operating, context: Context, result: ExecutionResult) -> None:
        await self._start()
        codes = await self._next({"data": result.data}, result.errors or [])
        await self._complete()
        operating.ended(context, HTTPStatus.OK, codes)

    async def _subscribe(self, subscription: Subscription, context: Context) -> None:
        timer = when_over(self._services.tokens, context.token, self._expire)
        await self._start()
        try:
            await subscription.begin(header_text(self._headers.get(b"last-event-id")) or None)
            await self._until_gone()
        except Exception as error:  # noqa: BLE001 - each is told, and logged if it was not expected
            await self.fail(error)
        except asyncio.CancelledError:
            if not self._closed or self._task is None:
                raise
            self._task.uncancel()
        finally:
            subscription.end()
            if timer is not None:
                timer.cancel()

    async def _until_gone(self) -> None:
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    if (await self._receive())["type"] == "http.disconnect":
                        self._closed = True
                        return
            except TimeoutError:
                await self._write(b":\n\n")

    def _expire(self) -> None:
        over = Unauthenticated(Message("The access token has expired. Refresh the session."))
        self._ending = asyncio.create_task(self.fail(over))

    async def _ask(self, *, known: bool = False) -> Context:
        """Who asks, as it is now. known: whether somebody was found who does."""
        return await context_of(
            self._services, self._scope, self._headers, self._request_id, self._language, known=known
        )

    async def _ask_again(self) -> Context:
        return await self._ask(known=True)

    # -- what is sent ---------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
            *common_headers(self._request_id, self._language),
        ]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(b":\n\n")

    async def _next(self, told: dict[str, Any], errors: Sequence[Exception], event_id: str = "") -> frozenset[str]:
        codes: frozenset[str] = frozenset()
        if errors:
            listed = [shown_error(error, self._request_id, self._language) for error in errors]
            told = {"errors": listed, **told}
            codes = codes_of(listed)
        named = b"id: " + event_id.encode() + b"\n" if event_id else b""
        await self._write(b"event: next\n" + named + b"data: " + orjson.dumps(told) + b"\n\n")
        return codes

    async def _complete(self) -> None:
        await self._write(b"event: complete\ndata:\n\n", last=True)
        self._closed = True

    async def _write(self, part: bytes, *, last: bool = False) -> None:
        if self._closed:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "http.response.body", "body": part, "more_body": not last})
        except TimeoutError:
            self._closed = True
            self._stop()

    def _stop(self) -> None:
        with suppress(RuntimeError):
            if self._task is not None and self._task is not asyncio.current_task():
                self._task.cancel()
