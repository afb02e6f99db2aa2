"""The demo's joint consultations and resolutions, asked over HTTP."""

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]

FULL = """{ consultations(first: 100) { totalCount nodes {
  issue state minutes closedOn place { name }
  participants { toName state representative }
  attachments { client { id consentOn } survey { id } referral { id } }
  resolutions { title state dueOn overdue } } } }"""
COUNTED = """{
  called: consultations(where: { state: { eq: CALLED } }) { totalCount }
  held: consultations(where: { state: { eq: HELD } }) { totalCount }
  closed: consultations(where: { state: { eq: CLOSED } }) { totalCount }
  cancelled: consultations(where: { state: { eq: CANCELLED } }) { totalCount }
  all: resolutions { totalCount }
  overdue: resolutions(where: { overdue: true }) { totalCount nodes { toName } }
  ahead: resolutions(where: { state: { in: [OPEN, IN_PROGRESS] }, dueOn: { gte: "2035-01-01" } }) { totalCount }
  done: resolutions(where: { state: { eq: DONE } }) { totalCount } }"""
SEEN = """{ consultations { nodes { issue place { name } attachments {
  client { name place { name } } survey { findings } referral { reason } } } } }"""


def test_consultations_are_in_every_state_and_some_resolutions_are_still_to_do(ask: Ask) -> None:
    found = ask("hub", COUNTED)
    assert {name: page["totalCount"] for name, page in found.items()} == {
        "called": 2,
        "held": 2,
        "closed": 3,
        "cancelled": 1,
        "all": 16,
        "overdue": 2,
        "ahead": 7,
        "done": 6,
    }
    assert {node["toName"] for node in found["overdue"]["nodes"]} == {"龙浔镇社工站", "雷峰镇社工站"}


def test_the_hub_was_invited_to_two_that_are_open(ask: Ask) -> None:
    nodes = ask("hub", FULL)["consultations"]["nodes"]
    assert len(nodes) == 8
    invited = [
        node
        for node in nodes
        if node["state"] in ("CALLED", "HELD")
        and "德化县社工总站" in [participant["toName"] for participant in node["participants"]]
    ]
    assert {node["place"]["name"] for node in invited} == {"南埕村", "雷峰镇社工站"}
    assert all(node["attachments"] and node["closedOn"] is None for node in invited)
    for node in nodes:
        assert (node["minutes"] is None) == (node["state"] in ("CALLED", "CANCELLED")), node["issue"]
        assert (node["closedOn"] is None) == (node["state"] in ("CALLED", "HELD")), node["issue"]


def test_a_township_sees_the_open_consultations_that_it_is_invited_to_and_what_is_attached(ask: Ask) -> None:
    nodes = {node["issue"]: node for node in ask("leifeng", SEEN)["consultations"]["nodes"]}
    assert set(nodes) == {"高龄独居老人冬季照护", "社区儿童课后看护", "困难家庭危房修缮"}
    assert {issue: node["place"] is None for issue, node in nodes.items()} == {
        "高龄独居老人冬季照护": True,
        "社区儿童课后看护": True,
        "困难家庭危房修缮": False,
    }
    shown = nodes["高龄独居老人冬季照护"]["attachments"]
    clients = [one["client"] for one in shown if one["client"]]
    assert len(clients) == 2
    assert all(client["name"] and client["place"] is None for client in clients)
    assert [one["referral"]["reason"] for one in shown if one["referral"]]
    # What is over is seen by who called it alone: 盖德镇 was the guest of another, 美湖镇 its own.
    closed = "{ consultations(where: { state: { eq: CLOSED } }) { nodes { issue } } }"
    assert ask("meihu", closed)["consultations"]["nodes"] == []
    assert ask("gaide", closed)["consultations"]["nodes"] == [{"issue": "留守老人助餐点选址"}]
    assert ask("meihu", "{ resolutions { nodes { title } } }")["resolutions"]["nodes"] == [{"title": "共用配送车辆"}]
