"""What exports and imports have in common as HTTP: parameters, refusals, threads, clients that go away."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from resolvers.core.context import Context
from resolvers.core.errors import Code
from resolvers.core.ids import encode
from resolvers.core.messages import Message
from resolvers.core.trace import Trace
from server.auth import GRANT_PREFIX
from server.budget import Budget, caller_of
from server.http.answering import Answer, broken, common_headers, formatted_error, refused, send_json
from server.http.asking import address_of, context_of
from server.http.headers import JSON, header_text, request_id_of
from server.http.languages import language_of
from server.http.refusals import HTTPCode, HTTPRefusal
from server.http.securing import NO_CONTENT
from server.services import Services
from server.telemetry.logs import REQUEST_ID
from server.telemetry.telemetry import Ended

log = logging.getLogger("zhanwang.transfer")

STATUS: Final = {
    Code.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.TIMEOUT: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.INTERNAL: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Of the errors of an operation; any other is a BAD_REQUEST."""

AT_ONCE = 2
"""How many exports and imports an account may have under way in a worker."""

P = ParamSpec("P")
T = TypeVar("T")


class TransferCode(StrEnum):
    """`extensions.code` of refusals that no other request knows."""

    UNREADABLE_FILE = "UNREADABLE_FILE"
    BROKEN_OFF = "BROKEN_OFF"
    """In the log and the metrics alone."""


class Broken(Exception):
    """A response that has begun cannot be finished: it must not look complete."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    scope: Scope
    receive: Receive
    send: Send
    request_id: str
    context: Context
    budget: Budget
    parameters: dict[str, str]

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The request's headers."""
        return dict(self.scope["headers"])

    def spend(self, rows: int) -> None:
        """Pays for what was read or written."""
        self.budget.spend(caller_of(self.context), rows)

    def parameter(self, name: str, allowed: tuple[str, ...]) -> str:
        """A parameter that takes one of some values; the first of them if it is not given."""
        value = self.parameters.get(name, allowed[0])
        if value not in allowed:
            raise HTTPRefusal(
                HTTPStatus.BAD_REQUEST, Message("`{name}` must be one of: {allowed}.", name=name, allowed=allowed)
            )
        return value

    def known(self, *names: str) -> None:
        """Refuses a parameter of another name: a misspelt filter must not export everything."""
        for name in self.parameters.keys() - set(names):
            raise HTTPRefusal(
                HTTPStatus.BAD_REQUEST,
                Message("There is no parameter `{name}`; there are: {names}.", name=name[:40], names=names),
            )

    async def begin(self, media_type: str, **headers: str) -> None:
        """Starts a response with a status of 200."""
        await self.send(
            {
                "type": "http.response.start",
                "status": HTTPStatus.OK.value,
                "headers": [
                    (b"content-type", media_type.encode()),
                    (b"cache-control", b"no-store"),
                    *common_headers(self.request_id, self.context.language),
                    *([] if "content_security_policy" in headers else [NO_CONTENT]),
                    *[(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
                ],
            }
        )

    async def more(self, body: bytes, *, last: bool = False) -> None:
        """Sends a part of the body."""
        await self.send({"type": "http.response.body", "body": body, "more_body": not last})


class Endpoint:
    """An ASGI application that answers with a file, or with lines, and refuses in JSON."""

    methods: tuple[str, ...] = ("GET",)
    kind = "export"

    def __init__(self) -> None:
        self._under_way: Counter[int] = Counter()

    async def answer(self, call: Call) -> None:
        """Answers one request."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what fails before the response has begun is refused, later the connection breaks."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id = request_id_of(headers.get(b"x-request-id"))
        language = language_of(header_text(headers.get(b"accept-language")))
        REQUEST_ID.set(request_id)
        services: Services = scope["app"].state.services
        trace = Trace(steps=services.telemetry.steps(headers))
        context: Context | None = None
        begun = False

        async def noting(event: Event) -> None:
            nonlocal begun
            begun = True
            await send(event)

        try:
            if scope["method"] not in self.methods:
                raise HTTPRefusal(
                    HTTPStatus.METHOD_NOT_ALLOWED,
                    Message("Use {allowed}.", allowed=self.methods),
                    Code.METHOD_NOT_ALLOWED,
                    Allow=", ".join(self.methods),
                )
            context = await context_of(services, scope, headers, request_id, language)
            context.trace = trace
            services.budget.take(caller_of(context))
            # Once this grant has ended, the account's next one must not go on with the work.
            context.requested_grant = encode(GRANT_PREFIX, context.acting().grant.id)
            parameters = _parameters(scope["query_string"])
            await self.answer(Call(scope, receive, noting, request_id, context, services.budget, parameters))
            answer = Answer(HTTPStatus.OK, b"")
        except HTTPRefusal as refusal:
            answer = refused(refusal, request_id, language)
        except GraphQLError as refusal:
            error = formatted_error(refusal, request_id, language)
            code = error["extensions"]["code"]
            status = STATUS.get(code, HTTPStatus.BAD_REQUEST)
            answer = Answer(status, orjson.dumps({"errors": [error]}), codes=frozenset([code]))
        except Broken:
            log.warning("request %s: broken off", request_id)
            answer = Answer(HTTPStatus.OK, b"", codes=frozenset([TransferCode.BROKEN_OFF.value]))
        except Exception:  # noqa: BLE001 - whatever it is, the client gets JSON
            answer = broken(request_id, language)
        # The operations that it consists of have left theirs.
        trace.kind, trace.operation = self.kind, _named(scope)
        identity = context.identity if context else None
        services.telemetry.ended(
            Ended(
                trace=trace,
                request_id=request_id,
                headers=headers,
                method=scope["method"],
                route=f"/{self.kind}",
                status=answer.status,
                codes=answer.codes,
                account=identity.account_id if identity else None,
                address=address_of(scope),
            )
        )
        # A response that has begun is left without its end: the server then closes the connection.
        if not begun and answer.body:
            await send_json(send, answer, JSON, request_id, language)

    @contextmanager
    def turn(self, call: Call) -> Iterator[None]:
        """Lets an account have so many under way, and no more."""
        account = call.context.acting().account_id
        if self._under_way[account] >= AT_ONCE:
            raise busy(Message("{most} of this account are under way; wait for one to end.", most=AT_ONCE))
        self._under_way[account] += 1
        try:
            yield
        finally:
            self._under_way[account] -= 1
            if not self._under_way[account]:
                del self._under_way[account]


def busy(message: Message) -> HTTPRefusal:
    """Refuses what may be asked again soon."""
    return HTTPRefusal(HTTPStatus.TOO_MANY_REQUESTS, message, HTTPCode.BUSY, **{"Retry-After": "5"})


def _named(scope: Scope) -> str:
    """What is exported or imported, if it could be called that."""
    (name,) = scope["path_params"].values()
    return name if name.isascii() and name.isidentifier() else ""


def _parameters(query_string: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("The query string cannot be read.")) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HTTPRefusal(HTTPStatus.BAD_REQUEST, Message("A parameter comes twice."))
    return found


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Does the work; ends it, and waits for its end, if the client goes away."""
    doing, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({doing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise Broken
    finally:
        gone.cancel()
        doing.cancel()
        await asyncio.wait({doing, gone})
    doing.result()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def in_thread(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What a thread makes of it; who is cancelled meanwhile waits for the thread, which nothing can stop."""
    job = asyncio.ensure_future(asyncio.to_thread(function, *arguments, **named))
    try:
        return await asyncio.shield(job)
    except asyncio.CancelledError:
        await asyncio.wait({job})
        raise
