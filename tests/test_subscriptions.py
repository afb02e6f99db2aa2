"""Who is told what, and when: the scope at the time of the event decides."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack

import asyncpg
import pytest

from models import Role
from resolvers.core.errors import Unavailable
from resolvers.core.events import Listens, Position, Positions, Snapshot
from resolvers.core.tokens import Tokens
from server.embedded import Embedded
from server.listener import Listener
from server.live.feed import Feed
from tests import nouns
from tests.conftest import Server
from tests.listening import QUIET, Ground, Socket, ground
from tests.scene import Scene, key, relocate

PLACES = (
    "subscription ($within: ID, $after: ID) { placeChanged(within: $within, after: $after) { eventId place { id } } }"
)
REFERRALS = "subscription { referralChanged { at referral { id state client { name } } } }"
AGENDA = "subscription { agendaChanged { agenda { unacceptedReferrals { totalCount } } } }"
FIGURES = """subscription ($within: ID) { statisticsChanged(within: $within) {
  eventId summary { households personnel personnelByKind { count } } } }"""
SEND = "mutation ($input: SendReferralInput!) { sendReferral(input: $input) { referral { id } errors { code } } }"
ACCEPT = "mutation ($input: AcceptReferralInput!) { acceptReferral(input: $input) { referral { id } errors { code } } }"
CHANGE = "UPDATE {0} SET version = version + 1 WHERE id = $1"
TABLES = {"S": "station", "C": "community", "G": "grid"}


@pytest.fixture(scope="module")
def here(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(embedded, tmp_path_factory.mktemp("subscriptions")) as made:
        yield made


@pytest.fixture
def scene(here: Ground) -> Scene:
    return here.world.scene()


def change(here: Ground, place: str) -> None:
    """A new version of a place."""
    here.world.sql(CHANGE.format(TABLES[place[0]]), key(place))


def told(socket: Socket, seconds: float = QUIET) -> list[str]:
    """The places that a socket was told of."""
    return [message["payload"]["data"]["placeChanged"]["place"]["id"] for message in socket.rest(seconds)]


def token_at(scene: Scene, place: str, role: Role = Role.WORKER) -> str:
    return scene.writer(role, place).token


def send(scene: Scene, to: str) -> str:
    """Sends a referral of the zone here; its id."""
    given = nouns.CASES["sendReferral"].given(scene.here) | {"toId": to}
    payload = scene.writer(Role.MANAGER, scene.here["H"]).ask(SEND, {"input": given})["sendReferral"]
    assert payload["errors"] == []
    return str(payload["referral"]["id"])


# -- the scope -----------------------------------------------------------------------------------------------------


def test_at_every_level_one_is_told_of_what_a_query_would_show_changed_and_of_nothing_else(
    here: Ground, scene: Scene
) -> None:
    other, rng = here.world.scene(), random.Random(7)
    zones = (scene.here, scene.there, other.here)
    names = ("H", "S", "B1", "C1", "G1", "G3", "C4")
    ends = [(zone, name) for zone in zones for name in names if not (zone is scene.there and name == "H")]
    written = [zone[name] for zone in zones for name in ("S", "B2", "C2", "G1", "G4")]
    rng.shuffle(written)
    with ExitStack() as stack:
        sockets = {}
        for zone, name in ends:
            writer = scene.writer(Role.OBSERVER, zone[name])
            sockets[zone[name]] = writer, stack.enter_context(here.listening(writer.token, PLACES))
        for place in written:
            change(here, place)
        time.sleep(QUIET)
        for writer, socket in sockets.values():
            seen = writer.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": written})["nodes"]
            assert sorted(told(socket, 0.05)) == sorted(node["id"] for node in seen if node)


def test_within_a_place_nothing_else_is_told(here: Ground, scene: Scene) -> None:
    with here.listening(token_at(scene, scene.here["H"]), PLACES, within=scene.here["C1"]) as socket:
        for name in ("G3", "B1", "G1", "C1"):
            change(here, scene.here[name])
        assert told(socket) == [scene.here["G1"], scene.here["C1"]]


def test_a_place_that_moves_is_told_where_it_comes_to_and_its_subscribers_follow_it(here: Ground, scene: Scene) -> None:
    new, old, within = (scene.there["B1"], scene.here["B1"], scene.here["C1"])
    with (
        here.listening(token_at(scene, new), PLACES) as gains,
        here.listening(token_at(scene, old), PLACES) as loses,
        here.listening(token_at(scene, within), PLACES) as moves,
        here.listening(token_at(scene, scene.here["H"]), PLACES, within=within) as watches,
    ):
        here.world.run(relocate(here.world.connection, within, new))
        assert gains.event()["place"]["id"] == within
        change(here, scene.here["G1"])
        assert told(gains) == [scene.here["G1"]]
        assert told(loses) == []
        assert told(moves) == told(watches) == [within, scene.here["G1"]]


def test_both_ends_of_a_referral_are_told_what_each_may_see_of_it(here: Ground, scene: Scene) -> None:
    sender, receiver = (token_at(scene, zone["C1"]) for zone in scene.zones)
    with (
        here.listening(sender, REFERRALS) as one,
        here.listening(receiver, REFERRALS) as other,
        here.listening(token_at(scene, scene.there["C4"]), REFERRALS) as beside,
    ):
        id_ = send(scene, scene.there["C1"])
        assert one.event()["referral"]["client"] is not None
        assert other.event()["referral"] == {"id": id_, "state": "SENT", "client": None}
        writer = scene.writer(Role.MANAGER, scene.there["C1"])
        assert writer.ask(ACCEPT, {"input": {"id": id_, "version": 1}})["acceptReferral"]["errors"] == []
        assert one.event()["referral"]["state"] == "ACCEPTED"
        assert other.event()["referral"]["client"] is not None
        assert beside.rest() == []


def test_the_agenda_is_told_when_it_is_another(here: Ground, scene: Scene) -> None:
    with (
        here.listening(token_at(scene, scene.there["C1"]), AGENDA) as socket,
        here.listening(token_at(scene, scene.here["C1"]), AGENDA) as sender,
    ):
        before = scene.writer(Role.WORKER, scene.there["C1"]).ask(
            "{ viewer { agenda { unacceptedReferrals { totalCount } } } }"
        )["viewer"]["agenda"]["unacceptedReferrals"]["totalCount"]
        send(scene, scene.there["C1"])
        assert socket.event()["agenda"] == {"unacceptedReferrals": {"totalCount": before + 1}}
        assert sender.rest() == []


def test_figures_are_told_once_for_many_changes_and_only_if_they_are_others(here: Ground, scene: Scene) -> None:
    with (
        here.listening(token_at(scene, scene.here["B1"]), FIGURES) as socket,
        here.listening(token_at(scene, scene.there["B1"]), FIGURES) as beside,
    ):
        for households in (7, 8, 9):
            here.world.sql("UPDATE community SET households = $2 WHERE id = $1", key(scene.here["C1"]), households)
        first = socket.event()
        # What the first did not have yet comes after a second, as one.
        rest = [message["payload"]["data"]["statisticsChanged"] for message in socket.rest(1.5)]
        assert len(rest) <= 1
        assert [first, *rest][-1]["summary"]["households"] == 109
        here.world.sql("UPDATE grid SET households = 1 WHERE id = $1", key(scene.here["G1"]))
        assert socket.rest(1.5) == beside.rest() == []


def test_an_observer_is_not_told_of_figures_that_are_held_back(here: Ground, scene: Scene) -> None:
    observer, worker = token_at(scene, scene.here["C2"], Role.OBSERVER), token_at(scene, scene.here["C2"])
    with here.listening(observer, FIGURES) as observes, here.listening(worker, FIGURES) as works:
        # One person is at home in C2; now it is none.
        here.world.sql("UPDATE person SET retired_on = '2024-01-01' WHERE id = $1", key(scene.here["P5"]))
        assert works.event()["summary"]["personnel"] == 0
        seen = observes.rest()
    held = [message["payload"]["data"]["statisticsChanged"]["summary"]["personnel"] for message in seen]
    assert held == [0]


def test_what_is_rolled_back_is_not_told(here: Ground, scene: Scene) -> None:
    async def write() -> None:
        transaction = here.world.connection.transaction()
        await transaction.start()
        await here.world.connection.execute(CHANGE.format("grid"), key(scene.here["G1"]))
        await transaction.rollback()

    with here.listening(token_at(scene, scene.here["C1"]), PLACES) as socket:
        here.world.run(write())
        change(here, scene.here["G2"])
        assert told(socket) == [scene.here["G2"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (REFERRALS, "FORBIDDEN"),
        ('subscription { placeChanged(within: "G1") { at } }', "NOT_FOUND"),
        ('subscription { placeChanged(within: "nonsense") { at } }', "NOT_FOUND"),
        ('subscription { placeChanged(after: "nonsense") { at } }', "EVENTS_GONE"),
        ("subscription { placeChanged { at nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { placeChanged { at } agendaChanged { at } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_nobody_may_be_told_is_refused_at_once(here: Ground, query: str, code: str) -> None:
    # In the only county, G1 is none of the scene's that is made now.
    scene = here.world.scene()
    with here.socket(token_at(scene, scene.here["C1"], Role.OBSERVER)) as socket:
        socket.operate(query)
        assert socket.refusal() == code


def test_what_is_read_in_full_is_not_told(here: Ground, scene: Scene) -> None:
    with here.socket(token_at(scene, scene.here["C1"], Role.MANAGER)) as socket:
        socket.operate("subscription { referralChanged { referral { client { private { phone } } } } }")
        assert socket.refusal() == "BAD_USER_INPUT"


# -- one after the other -------------------------------------------------------------------------------------------


def test_who_comes_back_is_told_each_event_once_in_whatever_order_the_writers_ended(here: Ground, scene: Scene) -> None:
    token, zone = token_at(scene, scene.here["H"]), scene.here
    slow = here.world.run(asyncpg.connect(here.world.url))
    begun = slow.transaction()
    here.world.run(begun.start())
    here.world.run(slow.execute(CHANGE.format("grid"), key(zone["G1"])))
    with here.listening(token, PLACES) as socket:
        change(here, zone["G2"])
        last = socket.event()
        assert last["place"]["id"] == zone["G2"]
    change(here, zone["G3"])
    here.world.run(begun.commit())
    here.world.run(slow.close())
    with here.listening(token, PLACES, after=last["eventId"]) as socket:
        change(here, zone["G4"])
        found = [message["payload"]["data"]["placeChanged"] for message in socket.rest()]
    assert sorted(event["place"]["id"] for event in found) == sorted([zone["G1"], zone["G3"], zone["G4"]])
    assert found[-1]["place"]["id"] == zone["G4"]
    # From each of them one goes on with those after it.
    for number, event in enumerate(found):
        with here.listening(token, PLACES, after=event["eventId"]) as socket:
            assert told(socket) == [later["place"]["id"] for later in found[number + 1 :]]


def test_who_comes_back_to_a_database_restored_as_of_before_loads_anew(here: Ground, scene: Scene) -> None:
    assert here.world.settings.secret is not None
    ahead = Snapshot(10**12, 10**12, frozenset())
    positions = Positions(Tokens(here.world.settings.secret.get_secret_value(), 15, 14), 24)
    with here.socket(token_at(scene, scene.here["C1"])) as socket:
        socket.operate(PLACES, after=positions.seal(Position(ahead, ahead, 1)))
        assert socket.refusal() == "EVENTS_GONE"


def test_writers_side_by_side_are_told_each_once_on_every_server(here: Ground, scene: Scene) -> None:
    places = [scene.here[name] for name in ("G1", "G2", "G3", "C1", "C2", "B1")] * 5

    async def write(place: str) -> None:
        connection = await asyncpg.connect(here.world.url)
        for _ in range(5):
            await connection.execute(CHANGE.format(TABLES[place[0]]), key(place))
        await connection.close()

    async def all_at_once() -> None:
        await asyncio.gather(*(write(place) for place in set(places)))

    with Server(here.world.settings) as second, ExitStack() as stack:
        both = [
            stack.enter_context(one.listening(token_at(scene, scene.here["S"]), PLACES))
            for one in (here, Ground(here.world, second))
        ]
        here.world.run(all_at_once())
        for socket in both:
            assert sorted(told(socket)) == sorted(places)


def test_without_notifications_events_are_found_all_the_same(
    here: Ground, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.listening(token_at(scene, scene.here["C1"]), PLACES) as socket:
        here.world.sql("ALTER TABLE event DISABLE TRIGGER announced")
        try:
            change(here, scene.here["G1"])
            assert socket.event()["place"]["id"] == scene.here["G1"]
        finally:
            here.world.sql("ALTER TABLE event ENABLE TRIGGER announced")


def test_a_feed_whose_connection_is_lost_misses_nothing(here: Ground, scene: Scene) -> None:
    with here.listening(token_at(scene, scene.here["C1"]), PLACES) as socket:
        ended = here.world.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'zhanwang events'"
        )
        assert ended >= 1
        change(here, scene.here["G1"])
        assert socket.event()["place"]["id"] == scene.here["G1"]


def test_events_are_the_servers_by_functions_alone(here: Ground) -> None:
    async def read(sql: str) -> None:
        assert here.world.settings.database_url
        connection = await asyncpg.connect(here.world.settings.database_url)
        try:
            await connection.execute("SET ROLE zhanwang_server")
            await connection.execute(sql)
        finally:
            await connection.close()

    for sql in ("SELECT 1 FROM event", "INSERT INTO event (noun, row_id) VALUES ('PLACE', 1)", "DELETE FROM event"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            here.world.run(read(sql))


def test_an_events_id_does_not_tell_by_its_length_how_much_is_under_way_elsewhere() -> None:
    positions = Positions(Tokens("s" * 32, 15, 14), 24)
    before = Snapshot.read("10:10:")
    calm = Position(before, Snapshot.read("10:11:"), 5)
    busy = Position(before, Snapshot.read("10:22:11,13,15,16"), 50_000)
    assert len(positions.seal(calm)) == len(positions.seal(busy))
    assert positions.open(positions.seal(busy)) == busy


def test_many_who_subscribe_at_once_share_what_is_read_for_them(
    here: Ground, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, reads, read = 12, [], Feed._read
    tokens = [token_at(scene, scene.here["C1"]) for _ in range(count)]

    async def slow(self: Feed) -> None:
        reads.append(self)
        await asyncio.sleep(0.2)
        await read(self)

    monkeypatch.setattr(Feed, "_read", slow)
    with ExitStack() as stack:
        sockets = [stack.enter_context(here.socket(token)) for token in tokens]
        with here.joining(count):
            for socket in sockets:
                socket.operate(PLACES)
        assert len(reads) < count / 2
        change(here, scene.here["G1"])
        assert [socket.event()["place"]["id"] for socket in sockets] == [scene.here["G1"]] * count


def test_who_waits_to_subscribe_while_the_feed_is_interrupted_is_told_so(here: Ground) -> None:
    class Nobody:
        """A subscriber who is told of nothing."""

        prefix, account_id, listens = "1.", 1, Listens(frozenset())

        def offer(self, *_: object) -> None: ...

        def recheck(self) -> None: ...

    async def go() -> None:
        feed = Feed(Listener(here.world.url, 10_000), hours=1)
        running = asyncio.create_task(feed.run())
        await feed.join(nobody := Nobody(), None)
        async with feed._reading:
            assert feed._connection is not None
            feed._connection.terminate()
            # The feed itself is the first to find out, and who waits behind it finds no connection.
            feed._woken.set()
            await asyncio.sleep(0.1)
            waiting = asyncio.create_task(feed.join(nobody, None))
            await asyncio.sleep(0.1)
        with pytest.raises(Unavailable):
            await waiting
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(go())
