"""Statistics of referrals: what the rows come to that each account sees, by sender, receiver, state, and local day."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from server.embedded import Embedded
from tests.conftest import Ask
from tests.counting import PLACE, Counted, Row, places, unit
from tests.referring import Cases
from tests.scene import World, world

BEIJING = timezone(timedelta(hours=8))


def sent(row: Row) -> datetime:
    """When it was sent, in the county."""
    return datetime.fromisoformat(row["sentAt"]).astimezone(BEIJING)


def days(row: Row) -> float:
    taken = datetime.fromisoformat(row["closedAt"]) - datetime.fromisoformat(row["sentAt"])
    return taken / timedelta(days=1)


def figures(rows: list[Row]) -> Row:
    closed = [days(row) for row in rows if row["closedAt"]]
    done = sum(row["state"] == "DONE" for row in rows)
    return {
        "count": len(rows),
        "clients": len({row["client"]["id"] for row in rows if row["client"]}),
        "open": sum(row["state"] in ("SENT", "ACCEPTED", "IN_PROGRESS") for row in rows),
        "overdue": sum(row["overdue"] for row in rows),
        "done": done,
        "rejected": sum(row["state"] == "REJECTED" for row in rows),
        "closed": len(closed),
        "escalations": sum(row["escalations"] for row in rows),
        "averageDays": sum(closed) / len(closed) if closed else None,
        "doneShare": done / len(rows) if rows else None,
    }


def at_receiver(kind: str) -> tuple[str, Callable[[Row], Any]]:
    def key(row: Row) -> Row | None:
        found = unit(row["to"], kind)
        return {"id": found} if found else None

    return "receiver { id }", key


REFERRALS = Counted(
    "referralStatistics",
    "referrals",
    rows=f"""state urgency sentAt closedAt overdue escalations client {{ id }}
      from {{ {PLACE} }} to {{ {PLACE} }}""",
    figures="count clients open overdue done rejected closed escalations averageDays doneShare",
    keys=places("from")
    | {f"RECEIVER_{kind}": at_receiver(kind) for kind in ("ZONE", "TOWNSHIP", "COMMUNITY", "GRID")}
    | {
        "STATE": ("state", lambda row: row["state"]),
        "URGENCY": ("urgency", lambda row: row["urgency"]),
        "MONTH": ("month", lambda row: sent(row).strftime("%Y-%m")),
        "QUARTER": ("quarter", lambda row: f"{sent(row):%Y}-Q{(sent(row).month + 2) // 3}"),
        "YEAR": ("year", lambda row: sent(row).year),
    },
    count=figures,
)
ACCOUNTS = ("hub", "nancheng", "nanchengcun", "gridworker", "shuikou")
SINGLE = tuple((name,) for name in REFERRALS.keys)


def asker(ask: Ask, username: str) -> Callable[[str], Row]:
    return lambda query: ask(username, query)


@pytest.mark.parametrize("username", ACCOUNTS)
@pytest.mark.parametrize("dimensions", [(), *SINGLE, ("STATE", "URGENCY"), ("TOWNSHIP", "RECEIVER_ZONE", "MONTH")])
def test_groups_are_what_the_rows_in_sight_come_to(ask: Ask, username: str, dimensions: tuple[str, ...]) -> None:
    REFERRALS.check(asker(ask, username), *dimensions)


@pytest.mark.parametrize(
    "where",
    [
        "direction: INCOMING",
        "overdue: true",
        "state: { in: [DONE, REJECTED] }",
        'not: { sentAt: { gte: "2021-06-01T00:00:00+08:00" } }',
        "urgency: { notIn: [LOW] }, direction: OUTGOING",
    ],
)
def test_a_filter_is_that_of_the_connection(ask: Ask, where: str) -> None:
    for username in ("hub", "nanchengcun"):
        REFERRALS.check(asker(ask, username), "COMMUNITY", where=where)


def test_what_is_within_a_place_was_sent_there(ask: Ask) -> None:
    hub = asker(ask, "hub")
    top = max(REFERRALS.groups(hub, "ZONE"), key=lambda group: int(group["count"]))
    within = f'within: "{top["key"]["place"]["id"]}"'
    (group,) = REFERRALS.check(hub, "ZONE", where=within)
    assert group["count"] == top["count"] > 0


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("referral_statistics")) as made:
        yield made


COPY = """
INSERT INTO referral (place_id, path, station_id, county_id, to_place_id, to_path, to_station_id, to_county_id,
                      from_name, to_name, client_id, reason, urgency, due_on, sent_at)
SELECT place_id, path, station_id, county_id, to_place_id, to_path, to_station_id, to_county_id,
       from_name, to_name, client_id, reason, urgency, due_on, $2::text::timestamptz
  FROM referral WHERE id = $1
"""


class Sent:
    """A fresh county in which the referrals of one zone were sent at given times; `hub` sees those alone."""

    def __init__(self, world: World, *times: str) -> None:
        self.cases = Cases(world)
        world.sql("UPDATE referral SET sent_at = '2001-01-01'")
        for time in times:
            world.sql(COPY, self.cases.here.key("RF1"), time)
        self.ask = self.cases.hub.ask

    def groups(self, *dimensions: str, **more: str) -> list[Row]:
        return REFERRALS.groups(self.ask, *dimensions, **more)


def test_days_are_those_of_the_county(written: World) -> None:
    county = Sent(written, "2024-01-31 23:59:59+08", "2024-02-01 00:00:00+08", "2024-03-31 23:59:59.999999+08")
    where = 'sentAt: { gte: "2024-01-01T00:00:00+08:00" }'
    groups = county.groups("MONTH", where=where)
    assert [(group["key"]["month"], group["count"]) for group in groups] == [
        ("2024-01", 1),
        ("2024-02", 1),
        ("2024-03", 1),
    ]
    REFERRALS.check(county.ask, "MONTH", "QUARTER", where=where)


def test_months_in_which_nothing_was_sent_are_told_of_if_asked(written: World) -> None:
    county = Sent(written, "2024-02-10 12:00+08")
    time = 'sentAt: { gte: "2024-01-01T00:00:00+08:00", lt: "2024-04-01T00:00:00+08:00" }'
    groups = county.groups("MONTH", where=time, more="includeEmpty: true")
    assert [(group["key"]["month"], group["count"], group["records"]["totalCount"]) for group in groups] == [
        ("2024-01", 0, 0),
        ("2024-02", 1, 1),
        ("2024-03", 0, 0),
    ]
    assert [(group["averageDays"], group["doneShare"]) for group in groups] == [(None, None), (None, 0.0), (None, None)]


def test_places_that_send_or_receive_nothing_are_told_of_if_asked(written: World) -> None:
    county = Sent(written)
    here, there = county.cases.scene.zones
    sending = county.groups("TOWNSHIP", more="includeEmpty: true")
    assert {group["key"]["place"]["id"]: group["count"] for group in sending} == {
        zone[name]: 2 * (name == "B1") for zone in (here, there) for name in ("S", "B1", "B2")
    }
    within = f'within: "{here["C1"]}"'
    receiving = county.groups("RECEIVER_ZONE", where=within, more="includeEmpty: true")
    assert {group["key"]["receiver"]["id"]: group["count"] for group in receiving} == {here["S"]: 2, there["S"]: 0}


COMPARED = """query ($low: DateTime!, $high: DateTime!, $with: Comparison!) {
  referralStatistics(where: { sentAt: { gte: $low, lt: $high } }, groupBy: [MONTH], compareTo: $with) { nodes {
    key { month } count change previous { count } } } }"""


@pytest.mark.parametrize(
    ("low", "high", "comparison", "months"),
    [
        (
            "2024-03-01T00:00:00+08:00",
            "2024-05-01T00:00:00+08:00",
            "PREVIOUS_PERIOD",
            [("2024-03", 2, 1), ("2024-04", 0, 3)],
        ),
        ("2024-03-01T00:00:00+08:00", "2024-05-01T00:00:00+08:00", "SAME_PERIOD_LAST_YEAR", [("2024-03", 2, 1)]),
        # Half a day, and the half before it.
        ("2024-03-01T00:00:00+08:00", "2024-03-01T12:00:00+08:00", "PREVIOUS_PERIOD", [("2024-03", 1, 2)]),
    ],
)
def test_a_time_is_compared_with_the_one_before_or_a_year_ago(
    written: World, low: str, high: str, comparison: str, months: list[tuple[str, int, int]]
) -> None:
    county = Sent(
        written,
        "2023-03-01 00:00+08",
        "2024-01-31 23:59+08",
        "2024-02-01 00:00+08",
        "2024-02-29 12:00+08",
        "2024-02-29 23:59+08",
        "2024-03-01 00:00+08",
        "2024-03-01 12:00+08",
    )
    groups = county.ask(COMPARED, {"low": low, "high": high, "with": comparison})["referralStatistics"]["nodes"]
    assert [(group["key"]["month"], group["count"], group["previous"]["count"]) for group in groups] == months
    assert [group["change"] for group in groups] == [(now - before) / before for _, now, before in months]


def test_a_client_whom_the_receiver_does_not_see_yet_is_not_counted(written: World) -> None:
    cases = Cases(written)
    rows = [cases.send()["referral"] for _ in range(2)]
    asked = "{ referralStatistics { total { count clients } } }"

    def figures() -> Any:
        return cases.receiver.ask(asked)["referralStatistics"]["total"]

    before = figures()
    assert before["count"] >= 2
    cases.act("accept", rows[0])
    assert figures() == before | {"clients": before["clients"] + 1}


def test_groups_are_chosen_and_ordered_by_their_figures(ask: Ask) -> None:
    hub = asker(ask, "hub")
    all_ = REFERRALS.groups(hub, "STATE")
    groups = REFERRALS.groups(
        hub, "STATE", more="having: { count: { gte: 7 } } orderBy: [{ field: AVERAGE_DAYS, direction: DESC }]"
    )
    kept = [group for group in all_ if group["count"] >= 7]
    # What has no figure is the least; the key breaks ties, the same way round.
    assert groups == sorted(kept, key=lambda group: (group["averageDays"] or -2, group["key"]["state"]), reverse=True)
    assert 0 < len(groups) < len(all_)


@pytest.mark.parametrize(
    "arguments",
    [
        "groupBy: [TOWNSHIP, ZONE]",
        "groupBy: [RECEIVER_GRID, RECEIVER_ZONE]",
        "compareTo: PREVIOUS_PERIOD",
        'compareTo: PREVIOUS_PERIOD, where: { sentAt: { gte: "2024-01-01T00:00:00Z" } }',
        'where: { sentAt: { gte: "2024-01-01T00:00:00" } }',
    ],
)
def test_what_cannot_be_asked_is_refused(post: Ask, arguments: str) -> None:
    answer = post("hub", f"{{ referralStatistics({arguments}) {{ total {{ count }} }} }}").json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_an_observer_is_told_of_no_few_and_has_no_filter(ask: Ask, post: Ask) -> None:
    asked = """{ referralStatistics(groupBy: [COMMUNITY], first: 100) { suppressed nodes {
      key { place { id } } count } } }"""
    everything, told = [ask(username, asked)["referralStatistics"] for username in ("hub", "hub-observer")]
    assert (everything["suppressed"], told["suppressed"]) == (False, True)
    assert all(group in everything["nodes"] and group["count"] >= 5 for group in told["nodes"])
    one = '{ referralStatistics(where: { client: { eq: "CL1" } }) { total { count } } }'
    assert post("hub-observer", one).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
