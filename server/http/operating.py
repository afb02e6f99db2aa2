"""From GraphQL requests to their answers: what each is charged, what it waits for, how it is run."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import perf_counter
from typing import Any

from starlette.types import Receive
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.errors import Code, Unavailable
from resolvers.core.messages import Message
from resolvers.core.trace import Trace
from schema.base import BY_POST, Prepared, Schema
from server.budget import Caller, caller_of, document_cost
from server.http.answering import Answer, broken, refused, respond
from server.http.leaving import ClientGone
from server.http.reading import Request
from server.http.refusals import HTTPRefusal
from server.services import Services
from server.telemetry.telemetry import Ended

CLIENT_GONE = 499
"""The status, in log and metrics, of what nobody waited for."""


class ToStream(Exception):
    """A subscription, of a client that takes events."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared


@dataclass(slots=True)
class Operating:
    """The operations of one HTTP request. streams: whether a subscription may be answered by events."""

    schema: Schema
    services: Services
    method: str
    receive: Receive
    media_type: str
    headers: dict[bytes, bytes]
    streams: bool = False

    async def one(self, request: Request, context: Context) -> Answer:
        """Answer a request, and tell of it. Raises ClientGone and ToStream."""
        try:
            caller = caller_of(context)
            found = await self.prepared(request, context, caller)
            result = found if isinstance(found, ExecutionResult) else await self.run(found, context, caller)
            beside = self._costs(context, caller) if request.costed else None
            answer = respond(result, self.media_type, context.request_id, context.language, beside)
        except HTTPRefusal as refusal:
            answer = refused(refusal, context.request_id, context.language)
        except ClientGone:
            self.ended(context, CLIENT_GONE)
            raise
        except ToStream:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the client gets JSON
            answer = broken(context.request_id, context.language)
        self.ended(context, answer.status, answer.codes, trusted=request.document_id is not None)
        return answer

    def ended(
        self, context: Context, status: int, codes: frozenset[str] = frozenset(), *, trusted: bool = False
    ) -> None:
        """Tell of an operation that is answered. codes: of its errors. trusted: its document was named, not sent."""
        identity = context.identity
        account = None if identity is None else identity.account_id
        self.services.telemetry.ended(
            Ended(
                trace=context.trace,
                request_id=context.request_id,
                headers=self.headers,
                method=self.method,
                route="/graphql",
                status=status,
                codes=codes,
                account=account,
                address=context.address,
                trusted=trusted,
            )
        )

    async def all(self, requests: Sequence[Request], context: Context) -> list[Answer]:
        """Answer a batch, in the order of its requests, one after the other: a mutation's effect is seen by the next.

        Raises ClientGone.
        """
        answers = []
        for request in requests:
            own = replace(context, readings=set(), trace=Trace(steps=self.services.telemetry.steps(self.headers)))
            answers.append(await self.one(request, own))
        return answers

    async def prepared(self, request: Request, context: Context, caller: Caller) -> Prepared | ExecutionResult:
        """What a request asks for, paid for in so far as it is known; or why it cannot be. Raises HTTPRefusal."""
        self.services.budget.take(caller)
        try:
            text = await self.services.documents.text(request)
        except Unavailable as error:
            raise HTTPRefusal(HTTPStatus.SERVICE_UNAVAILABLE, error.message, Code.UNAVAILABLE) from error
        began, trace = perf_counter(), context.trace
        documents = self.schema.documents
        document = documents.kept(text)
        trace.document_kept = document is not None
        if document is None:
            self.services.budget.spend(caller, document_cost(text))
            document = documents.obtain(text)
        found = self.schema.prepare(document, request.variables, request.operation_name, context)
        trace.prepared(began)
        return found

    async def run(self, prepared: Prepared, context: Context, caller: Caller) -> ExecutionResult:
        """Execute a query or a mutation in the caller's turn. Raises HTTPRefusal and ClientGone."""
        self._allow(prepared)
        self.services.budget.spend(caller, prepared.cost)
        # What is written is not broken off: nobody could tell whether it was done.
        query = prepared.kind is OperationType.QUERY
        ending = self.services.leaving.ended_if_gone(self.receive) if query else nullcontext()
        turns = self.services.turns
        with ending:
            await turns.take(caller)
            try:
                return await self.schema.run(prepared, context)
            finally:
                turns.give_back(caller)

    def _allow(self, prepared: Prepared) -> None:
        if prepared.kind is OperationType.SUBSCRIPTION:
            if self.streams:
                raise ToStream(prepared)
            raise HTTPRefusal(
                HTTPStatus.NOT_ACCEPTABLE,
                Message("A subscription is answered as text/event-stream, or over a WebSocket."),
                Code.NOT_ACCEPTABLE,
            )
        if prepared.kind is OperationType.MUTATION and self.method != "POST":
            raise HTTPRefusal(
                HTTPStatus.METHOD_NOT_ALLOWED,
                BY_POST,
                Code.METHOD_NOT_ALLOWED,
                Allow="POST",
            )

    def _costs(self, context: Context, caller: Caller) -> dict[str, Any]:
        """In rows: what was asked for, what may be asked for at once, what is left to ask for now."""
        requested, limit = context.trace.cost, context.limits.cost
        return {"cost": {"requested": requested, "limit": limit, "remaining": self.services.budget.left(caller)}}
