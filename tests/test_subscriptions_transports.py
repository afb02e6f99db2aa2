"""The two ways to a subscriber: their protocols, their limits, and how they end."""

import asyncio
import json
import socket as sockets
from collections.abc import Iterator
from contextlib import ExitStack

import asyncpg
import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from models import Role
from resolvers.core.errors import Unavailable
from server.embedded import Embedded
from tests.listening import PATIENCE, Ground, ground, listeners, until
from tests.scene import Scene, key

PLACES = "subscription { placeChanged { eventId place { id } } }"
WHO = "{ viewer { grant { role } } }"
INIT = {"type": "connection_init"}
WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture(scope="module")
def here(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(embedded, tmp_path_factory.mktemp("transports"), connections_per_account=3) as made:
        yield made


@pytest.fixture(scope="module")
def scene(here: Ground) -> Scene:
    return here.world.scene()


@pytest.fixture
def token(scene: Scene) -> str:
    return scene.writer(Role.WORKER, scene.here["C1"]).token


def change(here: Ground, scene: Scene, *names: str) -> None:
    """A new version of grids, in one transaction."""
    ids = [key(scene.here[name]) for name in names]
    here.world.sql("UPDATE grid SET version = version + 1 WHERE id = ANY ($1)", ids)


# -- the protocol --------------------------------------------------------------------------------------------------


def test_queries_and_mutations_are_answered_over_a_socket_too(here: Ground, scene: Scene, token: str) -> None:
    with here.socket(token) as socket:
        id_ = socket.operate(WHO)
        data = {"viewer": {"grant": {"role": "WORKER"}}}
        assert socket.receive() == {"id": id_, "type": "next", "payload": {"data": data}}
        assert socket.receive() == {"id": id_, "type": "complete"}
        socket.operate("mutation { logOut(input: {}) { endedSessions } }")
        assert socket.event() == {"endedSessions": 1}
        assert socket.receive()["type"] == "complete"
        socket.operate("{ nonsense }")
        assert socket.refusal() == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("leave", ["complete", "close"])
def test_a_mutation_is_done_though_its_client_waits_no_longer(here: Ground, scene: Scene, leave: str) -> None:
    token = scene.writer(Role.WORKER, scene.here["C1"]).token
    other = here.world.run(asyncpg.connect(here.world.url))
    begun = other.transaction()
    here.world.run(begun.start())
    here.world.run(other.execute("LOCK TABLE session IN SHARE MODE"))
    with here.socket(token) as socket:
        id_ = socket.operate("mutation { logOut(input: {}) { endedSessions } }")
        until(lambda: here.world.value(WAITING) == 1)
        if leave == "complete":
            socket.send(type="complete", id=id_)
            assert socket.rest() == []
    here.world.run(begun.commit())
    here.world.run(other.close())
    until(lambda: "errors" in here.world.post(token, WHO).json())


def test_a_ping_is_answered(here: Ground) -> None:
    with here.opened() as socket:
        socket.send(type="ping")
        assert socket.receive() == {"type": "pong"}


def test_what_is_completed_is_told_no_more(here: Ground, scene: Scene, token: str) -> None:
    with here.listening(token, PLACES) as socket:
        socket.send(type="complete", id="1")
        until(lambda: listeners(here.feed) == 0)
        change(here, scene, "G1")
        assert socket.rest() == []


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([b"\x00"], 4400),
        (["nonsense"], 4400),
        (["[]"], 4400),
        ([{"type": "nonsense"}], 4400),
        ([{"type": "subscribe", "id": "1", "payload": {"query": WHO}}], 4401),
        ([INIT, {"type": "subscribe", "id": 1, "payload": {"query": WHO}}], 4400),
        ([INIT, INIT], 4429),
        ([{"type": "connection_init", "payload": {"Authorization": "Bearer nonsense"}}], 4403),
        ([json.dumps({"type": "ping", "payload": {"a": "b" * 100_000}})], 1009),
        ([{"type": "ping"}] * 101, 1008),
    ],
)
def test_who_does_not_keep_to_the_protocol_is_closed(
    here: Ground, messages: list[bytes | str | dict[str, object]], code: int
) -> None:
    with here.opened() as socket:
        for message in messages:
            socket.connection.send(json.dumps(message) if isinstance(message, dict) else message)
        assert socket.closed() == code


def test_an_id_that_is_in_use_closes(here: Ground, token: str) -> None:
    with here.listening(token, PLACES) as socket:
        socket.send(type="subscribe", id="1", payload={"query": PLACES})
        assert socket.closed() == 4409


def test_who_does_not_say_who_it_is_is_closed(here: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.websocket.INIT_SECONDS", 0.1)
    with here.opened() as socket:
        assert socket.closed() == 4408


def test_the_older_protocol_is_refused(here: Ground) -> None:
    with here.opened(subprotocols=[Subprotocol("graphql-ws")]) as socket:
        assert socket.closed() == 4406


def test_a_page_of_another_origin_is_refused(here: Ground) -> None:
    for origin in ("https://elsewhere.example", "http://[", "null"):
        with pytest.raises(InvalidStatus) as refused, here.opened(origin=origin):
            pass
        assert refused.value.response.status_code == 403
    with here.opened(origin=here.server.url) as socket:
        socket.send(type="ping")
        assert socket.receive() == {"type": "pong"}


# -- ends ----------------------------------------------------------------------------------------------------------

ENDS = [
    "UPDATE account_grant SET valid_to = now() WHERE account_id = $1",
    "UPDATE account SET disabled_at = now() WHERE id = $1",
    "UPDATE account SET credential_version = credential_version + 1 WHERE id = $1",
    "UPDATE session SET ended_at = now() WHERE account_id = $1",
]


@pytest.mark.parametrize("sql", ENDS)
def test_when_what_the_token_stands_for_ends_so_does_the_connection(here: Ground, scene: Scene, sql: str) -> None:
    writer = scene.writer(Role.WORKER, scene.here["C1"])
    with here.listening(writer.token, PLACES) as socket, here.stream(writer.token, PLACES) as stream:
        here.world.sql(sql, writer.account_id)
        assert socket.refusal() == "UNAUTHENTICATED"
        assert socket.closed() == 4403
        name, _, data = stream.event()
        assert (name, data["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert stream.event()[0] == "complete"
    assert listeners(here.feed) == 0


def test_a_grant_that_becomes_another_is_followed(here: Ground, scene: Scene) -> None:
    writer = scene.writer(Role.WORKER, scene.here["C1"])
    with here.listening(writer.token, PLACES) as socket:
        here.world.sql("UPDATE account_grant SET role = 'MANAGER' WHERE account_id = $1", writer.account_id)
        change(here, scene, "G1")
        assert socket.event()["place"]["id"] == scene.here["G1"]


def test_a_connection_ends_with_its_token(here: Ground, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here.world._tokens, "_access_seconds", 2)
    token = scene.writer(Role.WORKER, scene.here["C1"]).token
    with here.listening(token, PLACES) as socket, here.stream(token, PLACES) as stream:
        assert socket.closed() == 4403
        name, _, data = stream.event()
        assert (name, data["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")


def test_when_the_server_stops_everybody_is_told(here: Ground, token: str) -> None:
    with here.listening(token, PLACES) as socket, here.stream(token, PLACES) as stream:
        live = here.server.app.state.services.live
        loop = next(iter(live._open))._task.get_loop()
        asyncio.run_coroutine_threadsafe(live.close_all(), loop).result(PATIENCE)
        assert socket.closed() == 1001
        assert stream.event()[0] == "complete"


def test_that_the_database_is_away_is_told_and_who_comes_then_shall_come_again(
    here: Ground, scene: Scene, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable

    with here.listening(token, PLACES) as socket, here.stream(token, PLACES) as stream, here.opened() as late:
        monkeypatch.setattr(here.server.app.state.services.authentication, "identify", away)
        change(here, scene, "G1")
        assert socket.refusal() == "UNAVAILABLE"
        _, _, data = stream.event()
        assert data["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert stream.event()[0] == "complete"
        late.send(**INIT, payload={"Authorization": f"Bearer {token}"})
        assert late.closed() == 1013


# -- limits --------------------------------------------------------------------------------------------------------


def test_who_cannot_keep_up_is_told_where_to_go_on(
    here: Ground, scene: Scene, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.listening(token, PLACES) as socket:
        change(here, scene, "G1")
        last = socket.event()["eventId"]
        monkeypatch.setattr("server.live.subscription.MOST_PENDING", 1)
        change(here, scene, "G1", "G2")
        error = socket.error()
    assert error["extensions"]["code"] == "SLOW_READER"
    assert error["extensions"]["lastEventId"] == last
    monkeypatch.undo()
    with here.stream(token, PLACES, last) as stream:
        ids = {stream.event()[2]["data"]["placeChanged"]["place"]["id"] for _ in range(2)}
    assert ids == {scene.here["G1"], scene.here["G2"]}


def test_who_missed_too_much_has_to_load_anew(
    here: Ground, scene: Scene, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.listening(token, PLACES) as socket:
        change(here, scene, "G1")
        last = socket.event()["eventId"]
    monkeypatch.setattr("server.live.feed.MOST_RESUMED", 1)
    change(here, scene, "G1", "G2")
    with here.socket(token) as socket:
        socket.operate(f'subscription {{ placeChanged(after: "{last}") {{ at }} }}')
        assert socket.refusal() == "EVENTS_GONE"


def test_a_socket_that_is_not_read_is_closed_and_the_others_are_served(
    here: Ground, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.websocket.SEND_SECONDS", 0.3)
    wide = "{ viewer { " + " ".join(f"a{n}: permissions" for n in range(300)) + " } }"
    live = here.server.app.state.services.live
    raw = sockets.create_connection(httpx.URL(here.server.url).netloc.decode().split(":"), timeout=PATIENCE)  # type: ignore[arg-type]
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    with here.opened(sock=raw, max_queue=1) as socket:
        socket.begin(token)
        for _ in range(95):
            socket.operate(wide)
        assert here.world.post(token, WHO).json()["data"]["viewer"]
        until(lambda: not live._open)
        raw.close()


def test_an_account_may_keep_only_so_many_connections_open(here: Ground, scene: Scene, token: str) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(here.socket(token))
        with here.opened() as socket:
            socket.send(type="connection_init", payload={"Authorization": f"Bearer {token}"})
            assert socket.closed() == 4429
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        refused = here.world.client.post(f"{here.server.url}/graphql", json={"query": PLACES}, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "BUSY")
        with here.socket(scene.writer(Role.WORKER, scene.here["C1"]).token):
            pass


def test_a_connection_has_only_so_many_operations(here: Ground, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.live.websocket.MOST_OPERATIONS", 1)
    with here.listening(token, PLACES) as socket:
        socket.operate(PLACES)
        assert socket.closed() == 1008


def test_an_event_may_not_answer_too_much(here: Ground, token: str) -> None:
    pages = "unacceptedReferrals(first: 100) { nodes { client { referrals(first: 100) { nodes { id } } } } }"
    with here.socket(token) as socket:
        socket.operate(f"subscription {{ agendaChanged {{ agenda {{ {pages} }} }} }}")
        assert socket.refusal() == "BAD_USER_INPUT"


# -- server-sent events --------------------------------------------------------------------------------------------


def test_a_stream_goes_on_where_its_last_event_was(here: Ground, scene: Scene, token: str) -> None:
    with here.stream(token, PLACES) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        change(here, scene, "G1")
        name, last, data = stream.event()
        assert (name, data["data"]["placeChanged"]["eventId"]) == ("next", last)
    change(here, scene, "G2")
    with here.stream(token, PLACES, last) as stream:
        assert stream.event()[2]["data"]["placeChanged"]["place"]["id"] == scene.here["G2"]


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json, text/event-stream"])
def test_a_stream_is_paid_for_once_whatever_else_its_client_takes(
    here: Ground, scene: Scene, token: str, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    monkeypatch.setattr(here.server.app.state.services.budget, "take", lambda caller, *_: taken.append(caller[0]))
    with here.stream(token, PLACES, accept=accept) as stream:
        change(here, scene, "G1")
        assert stream.event()[0] == "next"
    assert taken.count("account") == 1


def test_a_client_that_goes_away_leaves_nothing_behind(here: Ground, token: str) -> None:
    with here.stream(token, PLACES), here.listening(token, PLACES):
        assert listeners(here.feed) == 2
    until(lambda: listeners(here.feed) == 0 and not here.server.app.state.services.live._open)


def test_a_query_is_answered_as_one_event(here: Ground, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    found = here.world.client.post(f"{here.server.url}/graphql", json={"query": WHO}, headers=headers)
    lines = [line for line in found.text.split("\n") if line and not line.startswith(":")]
    data = {"data": {"viewer": {"grant": {"role": "WORKER"}}}}
    assert lines == ["event: next", f"data: {json.dumps(data, separators=(',', ':'))}", "event: complete", "data:"]


def test_a_subscription_without_a_stream_is_not_acceptable(here: Ground, token: str) -> None:
    assert here.world.post(token, PLACES).status_code == 406


def test_nobody_is_told_nothing(here: Ground) -> None:
    headers = {"Accept": "text/event-stream"}
    found = here.world.client.post(f"{here.server.url}/graphql", json={"query": PLACES}, headers=headers)
    assert '"UNAUTHENTICATED"' in found.text
