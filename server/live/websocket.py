"""GraphQL over WebSocket, by the protocol graphql-transport-ws (npm `graphql-ws`); the older `graphql-ws` is refused.

Queries and mutations are answered as over HTTP, by the same way. The token comes in the payload of `connection_init`,
because browsers cannot set headers: `{"Authorization": "Bearer …", "X-Zhanwang-Grant": …}`. When it ends, or what it
stood for, so does the connection, with 4403: a client that has a new one comes again.
"""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.errors import Unauthenticated
from resolvers.core.messages import Language, translated
from schema.base import Schema
from server.budget import caller_of
from server.http.answering import codes_of, formatted_error, shown_error
from server.http.asking import context_of
from server.http.headers import RESPONSE_JSON, header_text, request_id_of
from server.http.languages import language_of
from server.http.operating import Operating
from server.http.reading import MAX_BODY, checked
from server.http.refusals import HTTPCode, HTTPRefusal
from server.live.live import SEND_SECONDS, when_over
from server.live.origins import welcome
from server.live.subscription import Subscription
from server.services import Services
from server.telemetry.logs import REQUEST_ID

PROTOCOL: Final = "graphql-transport-ws"
INIT_SECONDS = 10.0
TOO_MANY, LATER = 4429, 1013
"""After the first npm `graphql-ws` gives up, after the second it comes again."""
MOST_OPERATIONS = 100
MOST_MESSAGES = 100
"""How many messages a client may send within a second."""


class Closed(Exception):
    """The connection is to be closed, with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class WebSocketEndpoint:
    """The ASGI application behind the WebSockets of `/graphql`."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        services: Services = scope["app"].state.services
        await receive()
        if not welcome(dict(scope["headers"]), services.origins):
            await send({"type": "websocket.close", "code": 1008, "reason": "This origin is not allowed."})
            return
        if PROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 4406, "reason": f"Speak {PROTOCOL}."})
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        socket = Socket(self._schema, services, scope, receive, send)
        with services.live.opened(socket):
            await socket.serve()


class Socket:
    """One connection."""

    def __init__(self, schema: Schema, services: Services, scope: Scope, receive: Receive, send: Send) -> None:
        self._schema, self._services, self._scope = schema, services, scope
        self._receive, self._send = receive, send
        given: dict[bytes, bytes] = dict(scope["headers"])
        self._language: Language = language_of(header_text(given.get(b"accept-language")))
        self._headers: dict[bytes, bytes] | None = None
        self._operations: dict[str, asyncio.Task[None] | Subscription] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._closed = False
        self._task = asyncio.current_task()
        self._held = ExitStack()
        self._since, self._messages = time.monotonic(), 0
        self._timer = asyncio.get_running_loop().call_later(INIT_SECONDS, self._end, 4408, "Connection init timeout")

    async def serve(self) -> None:
        """Reads messages until either side closes."""
        try:
            with self._held:
                while (message := await self._receive())["type"] == "websocket.receive":
                    await self._take(message)
        except Closed as closed:
            await self.shut(closed.code, closed.reason)
        except HTTPRefusal as refusal:
            await self.shut(TOO_MANY if refusal.code is HTTPCode.BUSY else LATER, refusal.message)
        except asyncio.CancelledError:
            # It was closed while a message was waited for.
            if not self._closed or self._task is None:
                raise
            self._task.uncancel()
        finally:
            self._closed = True
            self._timer.cancel()
            for operation in tuple(self._operations.values()):
                operation.end() if isinstance(operation, Subscription) else operation.cancel()
            self._operations.clear()

    async def close(self) -> None:
        """Tells the client that the server stops."""
        await self.shut(1001, "The server stops.")
        if self._task is not None:
            self._task.cancel()

    async def shut(self, code: int, reason: str) -> None:
        """Closes the connection."""
        if not self._closed:
            self._closed = True
            with suppress(Exception):
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send({"type": "websocket.close", "code": code, "reason": reason[:100]})

    def _end(self, code: int, reason: str) -> None:
        """Closes the connection, from outside its own task."""

        async def end() -> None:
            await self.shut(code, reason)
            if self._task is not None:
                self._task.cancel()

        self._ending = asyncio.create_task(end())

    # -- what the client says -------------------------------------------------------------------------------------

    async def _take(self, message: Any) -> None:
        self._count()
        text = message.get("text")
        if text is None:
            raise Closed(4400, "Messages are text.")
        if len(text) > MAX_BODY:
            raise Closed(1009, f"A message may have {MAX_BODY} characters at the most.")
        try:
            found = orjson.loads(text)
            kind = found["type"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise Closed(4400, "This is no message.") from None
        match kind:
            case "connection_init":
                await self._begin(found.get("payload"))
            case "ping":
                await self._say({"type": "pong"})
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(found.get("id"), found.get("payload"))
            case "complete":
                self._forget(found.get("id"))
            case _:
                raise Closed(4400, "There is no such type of message.")

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._since >= 1:
            self._since, self._messages = now, 0
        self._messages += 1
        if self._messages > MOST_MESSAGES:
            raise Closed(1008, f"Send {MOST_MESSAGES} messages a second at the most.")

    async def _begin(self, payload: Any) -> None:
        if self._headers is not None:
            raise Closed(4429, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "The payload must be an object.")
        self._timer.cancel()
        names = ("authorization", "x-zhanwang-grant")
        given = {name.lower(): value for name, value in (payload or {}).items() if isinstance(value, str)}
        self._headers = {name.encode(): given[name].encode("latin-1", "replace") for name in names if name in given}
        context = await self._ask()
        if context.refusal is not None:
            raise Closed(4403, context.refusal.message)
        if context.identity is not None:
            self._held.enter_context(self._services.live.holding(context.identity.account_id))
            expire = partial(self._end, 4403, "The access token has expired.")
            self._timer = when_over(self._services.tokens, context.token, expire) or self._timer
        await self._say({"type": "connection_ack"})

    async def _subscribe(self, id_: Any, payload: Any) -> None:
        if self._headers is None:
            raise Closed(4401, "Unauthorized")
        if not isinstance(id_, str) or not id_ or not isinstance(payload, dict):
            raise Closed(4400, "To subscribe takes an id and a payload.")
        if id_ in self._operations:
            raise Closed(4409, f"Subscriber for {id_[:60]} already exists")
        # A subscription that is completed before it has begun counts until it finds that out.
        if max(len(self._operations), len(self._starting)) >= MOST_OPERATIONS:
            raise Closed(1008, f"{MOST_OPERATIONS} operations at once are the most.")
        task = self._operations[id_] = asyncio.create_task(self._operate(id_, payload))
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    def _forget(self, id_: Any) -> None:
        operation = self._operations.pop(id_, None) if isinstance(id_, str) else None
        if operation is not None:
            operation.end() if isinstance(operation, Subscription) else operation.cancel()

    # -- what is answered -----------------------------------------------------------------------------------------

    async def _ask(self, *, known: bool = False) -> Context:
        """Who asks, as it is now. known: whether somebody was found who does."""
        headers, request_id = self._headers or {}, request_id_of(None)
        return await context_of(self._services, self._scope, headers, request_id, self._language, known=known)

    async def _ask_again(self) -> Context:
        return await self._ask(known=True)

    async def _operate(self, id_: str, payload: dict[str, Any]) -> None:
        try:
            context = await self._ask()
        except HTTPRefusal as refusal:
            await self.refuse(id_, refusal)
            return
        REQUEST_ID.set(context.request_id)
        operating = Operating(self._schema, self._services, "POST", _never, RESPONSE_JSON, self._headers or {})
        try:
            codes = await self._answer(id_, payload, context, operating)
        except Exception as error:  # noqa: BLE001 - each is told, and logged if it was not expected
            codes = await self.refuse(id_, error)
        operating.ended(context, HTTPStatus.OK, codes)

    async def _answer(
        self, id_: str, payload: dict[str, Any], context: Context, operating: Operating
    ) -> frozenset[str]:
        """Answers a query or a mutation, or begins a subscription; the codes of its errors."""
        caller = caller_of(context)
        prepared = await operating.prepared(checked(payload), context, caller)
        if isinstance(prepared, ExecutionResult):
            return await self._refuse(id_, prepared.errors or [], context.request_id)
        if prepared.kind is OperationType.SUBSCRIPTION:
            self._services.budget.spend(caller, prepared.cost)
            live, outlet = self._services.live, _Outlet(self, id_)
            subscription = live.subscription(self._schema, prepared, context, self._ask_again, outlet)
            # From here on whoever ends the operation ends the subscription, also one that has yet to begin.
            self._operations[id_] = subscription
            await subscription.begin(None)
            return frozenset()
        running: Awaitable[ExecutionResult] = operating.run(prepared, context, caller)
        if prepared.kind is OperationType.MUTATION:
            # As over HTTP: who goes away could not tell whether it was done.
            running = asyncio.shield(running)
        result = await running
        errors = [formatted_error(error, context.request_id, self._language) for error in result.errors or []]
        told = {"errors": errors} if errors else {}
        if id_ in self._operations:
            await self._say({"id": id_, "type": "next", "payload": {"data": result.data, **told}})
            await self.complete(id_)
        return codes_of(errors)

    async def refuse(self, id_: str, error: Exception) -> frozenset[str]:
        """Ends an operation by an error, whose code it returns; with the token's end, the connection."""
        codes = await self._refuse(id_, [error], request_id_of(None))
        if isinstance(error, Unauthenticated) and self._headers:
            self._end(4403, translated(error.message, Language.ENGLISH))
        return codes

    async def _refuse(self, id_: str, errors: Sequence[Exception], request_id: str) -> frozenset[str]:
        told = [shown_error(error, request_id, self._language) for error in errors]
        if self._operations.pop(id_, None) is not None:
            await self._say({"id": id_, "type": "error", "payload": told})
        return codes_of(told)

    async def complete(self, id_: str) -> None:
        """Ends an operation that is done."""
        if self._operations.pop(id_, None) is not None:
            await self._say({"id": id_, "type": "complete"})

    async def tell(self, id_: str, data: bytes) -> None:
        """Sends an event of an operation."""
        if id_ in self._operations:
            await self._say({"id": id_, "type": "next", "payload": {"data": orjson.Fragment(data)}})

    async def _say(self, message: dict[str, Any]) -> None:
        if self._closed:
            return
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": orjson.dumps(message).decode()})
        except TimeoutError:
            self._end(1008, "What is sent is not read.")


class _Outlet:
    """The way of a subscription to its connection."""

    __slots__ = ("_id", "_socket")

    def __init__(self, socket: Socket, id_: str) -> None:
        self._socket, self._id = socket, id_

    async def tell(self, event_id: str, data: bytes) -> None:  # noqa: ARG002 - it stands in the payload, too
        await self._socket.tell(self._id, data)

    async def fail(self, error: Exception) -> None:
        await self._socket.refuse(self._id, error)


async def _never() -> Any:
    """In the place of a request's `receive`: a socket's operation ends when its task is cancelled."""
    await asyncio.Event().wait()
