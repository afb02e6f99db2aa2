"""The demo's referrals, by query."""

import pytest

from tests.conftest import Ask

COUNT = "query ($where: ReferralFilter) { referrals(where: $where) { totalCount } }"
STATES = {"SENT": 8, "ACCEPTED": 7, "IN_PROGRESS": 7, "DONE": 6, "REJECTED": 6, "WITHDRAWN": 6}


def count(ask: Ask, username: str, **where: object) -> int:
    found: int = ask(username, COUNT, {"where": where})["referrals"]["totalCount"]
    return found


def test_there_are_referrals_in_every_state(ask: Ask) -> None:
    assert {state: count(ask, "hub", state={"eq": state}) for state in STATES} == STATES
    assert count(ask, "hub") == 40


def test_three_are_overdue_and_have_come_up_to_the_hub(ask: Ask) -> None:
    query = """{ referrals(where: { overdue: true }, orderBy: [{ field: DUE_ON }]) {
      nodes { toName escalations escalatedTo { id } state } } hub: stations(first: 1) { nodes { id } } }"""
    answer = ask("hub", query)
    (hub,) = answer["hub"]["nodes"]
    late = answer["referrals"]["nodes"]
    assert {row["escalatedTo"]["id"] for row in late} == {hub["id"]}
    assert sorted((row["toName"], row["escalations"], row["state"]) for row in late) == [
        ("南埕村", 2, "SENT"),
        ("南埕镇社工站", 1, "ACCEPTED"),
        ("龙浔镇社工站", 1, "IN_PROGRESS"),
    ]


def test_the_grids_of_nanchengcun_refer_to_the_linked_social_worker_of_the_village(ask: Ask) -> None:
    query = """{ referrals(where: { direction: INCOMING }, first: 100) { nodes {
      from { __typename } to { name } assignee { name kind } } } }"""
    nodes = ask("nanchengcun", query)["referrals"]["nodes"]
    assert len(nodes) == 12
    assert {(row["from"]["__typename"], row["to"]["name"], row["assignee"]["kind"]) for row in nodes} == {
        ("Grid", "南埕村", "SOCIAL_WORKER")
    }


@pytest.mark.parametrize(
    ("username", "incoming", "outgoing"),
    [("gridworker", 0, 4), ("nanchengcun", 12, 34), ("nancheng", 23, 34), ("shuikou", 3, 0)],
)
def test_each_account_has_its_ends(ask: Ask, username: str, incoming: int, outgoing: int) -> None:
    assert count(ask, username, direction="INCOMING") == incoming
    assert count(ask, username, direction="OUTGOING") == outgoing


def test_agencies_receive_referrals_by_their_name(ask: Ask) -> None:
    query = "{ referrals(first: 100) { nodes { toName agency { name } } } }"
    received = [row for row in ask("hub", query)["referrals"]["nodes"] if row["agency"]]
    assert len(received) == 6
    assert all(row["toName"] == row["agency"]["name"] for row in received)
    # Of who sends, only the name: the agency is the hub's.
    assert {row["agency"] for row in ask("nanchengcun", query)["referrals"]["nodes"]} == {None}
