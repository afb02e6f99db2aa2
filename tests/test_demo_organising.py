"""The demo's leading groups, plans and agencies, as the hub asks about them."""

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]


def test_agencies_are_rated_4a_and_5a_today(ask: Ask) -> None:
    query = """{ agencies(where: { grade: { in: [A4, A5] } }, orderBy: [{ field: CODE }]) {
      totalCount nodes { name kind rating { grade ratedBy validTo } } } }"""
    agencies = ask("hub", query)["agencies"]
    assert [(node["name"], node["rating"]["grade"]) for node in agencies["nodes"]] == [
        ("德化县社会工作者协会", "A5"),
        ("德化县志愿服务联合会", "A4"),
        ("瓷都社会工作服务中心", "A5"),
        ("戴云山社会工作服务中心", "A4"),
        ("龙津社会工作服务中心", "A4"),
    ]
    assert {node["rating"]["validTo"] for node in agencies["nodes"]} == {"2030-01-01", "2035-01-01"}


def test_there_are_agencies_of_every_kind_and_one_that_was_closed_with_its_rating(ask: Ask) -> None:
    query = """{ all: agencies { totalCount }
      mass: agencies(where: { kind: { eq: MASS_ORGANISATION } }) { totalCount }
      social: agencies(where: { kind: { eq: SOCIAL_ORGANISATION } }) { totalCount }
      service: agencies(where: { kind: { eq: SERVICE_AGENCY } }) { totalCount }
      closed: agencies(where: { closed: true }) { nodes { closedOn rating { id } ratings { grade validTo } } } }"""
    assert ask("hub", query) == {
        "all": {"totalCount": 14},
        "mass": {"totalCount": 4},
        "social": {"totalCount": 5},
        "service": {"totalCount": 5},
        "closed": {
            "nodes": [{"closedOn": "2023-06-30", "rating": None, "ratings": [{"grade": "A2", "validTo": "2023-06-30"}]}]
        },
    }


def test_the_countys_group_steers_by_a_plan_whose_measures_have_come_differently_far(ask: Ask) -> None:
    query = """{ leadingGroups(where: { dissolved: false, name: { startsWith: "“网格化" } }) { nodes {
      members { role } former: members(current: false) { validTo }
      plans { title state measures {
        totalCount nodes { state overdue dueOn doneOn } } } } } }"""
    (group,) = ask("hub", query)["leadingGroups"]["nodes"]
    assert [member["role"] for member in group["members"]] == ["LEADER", "DEPUTY", "DEPUTY", *["MEMBER"] * 7]
    assert [member["validTo"] for member in group["former"] if member["validTo"]] == ["2023-02-01"]
    adopted, draft = group["plans"]
    assert (adopted["title"], adopted["state"], draft["state"]) == ("“网格化+社工”服务实施方案", "ADOPTED", "DRAFT")
    measures = adopted["measures"]["nodes"]
    assert adopted["measures"]["totalCount"] == 12
    assert {measure["state"] for measure in measures} == {"OPEN", "IN_PROGRESS", "DONE", "CANCELLED"}
    assert [measure["dueOn"] for measure in measures if measure["overdue"]] == ["2023-12-31"]
    assert all((measure["state"] == "DONE") == (measure["doneOn"] is not None) for measure in measures)


def test_a_township_sees_its_own_group_alone(ask: Ask) -> None:
    query = "{ leadingGroups { totalCount nodes { place { code } } } }"
    assert ask("hub", query)["leadingGroups"]["totalCount"] == 7
    assert ask("leifeng", query)["leadingGroups"] == {"totalCount": 1, "nodes": [{"place": {"code": "350526104"}}]}
