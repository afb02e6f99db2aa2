"""Accounts that are told of what happens while others write: each event is an answer that is to be judged."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx

from tests.history import History

FOLLOWED_SECONDS = 10
LAG = timedelta(seconds=2)
"""How old what an event says may be: it is made after a write, and heard after others."""


class Told(NamedTuple):
    """An event, or the refusal in its place, and the states that it may be of."""

    response: httpx.Response
    first: int
    last: int


async def follow(
    client: httpx.AsyncClient,
    history: History,
    headers: dict[str, str],
    query: str,
    variables: dict[str, Any],
    hear: Callable[[Told], None],
) -> None:
    """Subscribes by server-sent events for some seconds, and hears what is told."""
    began = history.done
    body = {"query": query, "variables": variables}
    streaming = {**headers, "Accept": "text/event-stream"}
    try:
        async with (
            asyncio.timeout(FOLLOWED_SECONDS),
            client.stream("POST", "/graphql", json=body, headers=streaming) as response,
        ):
            if not response.headers["content-type"].startswith("text/event-stream"):
                await response.aread()
                hear(Told(response, began, history.begun))
                return
            async for line in response.aiter_lines():
                name, _, value = line.partition(":")
                if name == "data" and value.strip():
                    since = max(began, history.at(datetime.now(UTC) - LAG))
                    hear(Told(httpx.Response(httpx.codes.OK, text=value), since, history.begun))
    except TimeoutError:
        return
