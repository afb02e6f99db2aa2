"""Leading groups with their members, and their plans with measures, are written from the stations."""

from datetime import timedelta
from typing import Any

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

GROUP = "leadingGroup { id version name foundedOn dissolvedOn place { id } }"
MEMBER = "leadingGroupMember { id version name title role validFrom validTo group { id } }"
PLAN = "implementationPlan { id version title beginsOn endsOn state nextStates group { id } }"
MEASURE = "measure { id version title owner dueOn state nextStates overdue doneOn plan { id } }"
TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"


@pytest.fixture
def group(writing: Writing, places: Places) -> Any:
    """A group of leifeng's village."""
    return set_up(writing, places.village)["leadingGroup"]


@pytest.fixture
def plan(writing: Writing, group: Any) -> Any:
    """A draft of the group's."""
    return draft(writing, group)["implementationPlan"]


def set_up(writing: Writing, place: str, name: str = "社工服务领导小组", founded_on: str = "2022-03-01") -> Any:
    given = {"placeId": place, "name": name, "foundedOn": founded_on}
    return writing.write("leifeng", "createLeadingGroup", GROUP, **given)


def enter(writing: Writing, group: Any, **given: Any) -> Any:
    given = {"groupId": group["id"], "name": "组员甲", "role": "MEMBER", "validFrom": "2022-03-01"} | given
    return writing.write("leifeng", "addLeadingGroupMember", MEMBER, **given)


def draft(writing: Writing, group: Any, **given: Any) -> Any:
    given = {"groupId": group["id"], "title": "实施方案", "beginsOn": "2022-04-01"} | given
    return writing.write("leifeng", "createImplementationPlan", PLAN, **given)


def demand(writing: Writing, plan: Any, **given: Any) -> Any:
    given = {"planId": plan["id"], "title": "设立服务室", "owner": "镇民政办", "dueOn": "2035-01-01"} | given
    return writing.write("leifeng", "addMeasure", MEASURE, **given)


def change(writing: Writing, mutation: str, selection: str, row: Any, **given: Any) -> Any:
    return writing.write("leifeng", mutation, selection, id=row["id"], version=row["version"], **given)


def take(writing: Writing, plan: Any, *states: str) -> Any:
    """The plan after these steps."""
    for state in states:
        payload = change(writing, "advanceImplementationPlan", PLAN, plan, state=state)
        assert payload["errors"] == []
        plan = payload["implementationPlan"]
    return plan


def test_a_group_is_set_up_at_a_place(writing: Writing, places: Places) -> None:
    payload = set_up(writing, places.village, " 社工  领导小组 ")
    assert payload["errors"] == []
    assert payload["leadingGroup"].pop("id").startswith("LG")
    assert payload["leadingGroup"] == {
        "version": 1,
        "name": "社工 领导小组",
        "foundedOn": "2022-03-01",
        "dissolvedOn": None,
        "place": {"id": places.village},
    }


def test_a_group_that_cannot_be_is_refused_at_its_field(writing: Writing, places: Places) -> None:
    assert refusal(set_up(writing, places.village, " ")) == ("INVALID", "name")
    assert refusal(set_up(writing, places.village, "长" * 101)) == ("INVALID", "name")
    assert refusal(set_up(writing, places.village, founded_on="2999-01-01")) == ("INVALID", "foundedOn")
    assert refusal(set_up(writing, places.elsewhere)) == ("NOT_FOUND", "placeId")


def test_a_group_takes_its_members_plans_and_measures_along_to_another_place(
    writing: Writing, places: Places, group: Any, plan: Any
) -> None:
    enter(writing, group)
    demand(writing, plan)
    moved = change(writing, "updateLeadingGroup", GROUP, group, placeId=places.other, name="迁址小组")["leadingGroup"]
    assert moved == group | {"place": {"id": places.other}, "name": "迁址小组", "version": 2}
    where = """
    SELECT m.place_id, p.place_id, d.place_id FROM leading_group_member m
      JOIN implementation_plan p USING (group_id) JOIN measure d ON d.plan_id = p.id WHERE m.group_id = $1"""
    (lies,) = writing.sql(where, int(group["id"][2:]))
    assert set(lies) == {int(places.other[1:])}
    assert refusal(change(writing, "updateLeadingGroup", GROUP, moved, placeId=None)) == ("INVALID", "placeId")
    assert refusal(change(writing, "updateLeadingGroup", GROUP, moved, name=None)) == ("INVALID", "name")


def test_somebody_enters_a_group_and_leaves_it(writing: Writing, group: Any) -> None:
    member = enter(writing, group, title=" 镇长 ", role="LEADER")["leadingGroupMember"]
    assert member == {
        "id": member["id"],
        "version": 1,
        "name": "组员甲",
        "title": "镇长",
        "role": "LEADER",
        "validFrom": "2022-03-01",
        "validTo": None,
        "group": {"id": group["id"]},
    }
    early = change(writing, "endLeadingGroupMembership", MEMBER, member, on="2022-02-28")
    assert refusal(early) == ("INVALID", "on")
    left = change(writing, "endLeadingGroupMembership", MEMBER, member, on="2023-01-01")["leadingGroupMember"]
    assert left == member | {"validTo": "2023-01-01", "version": 2}
    assert refusal(change(writing, "endLeadingGroupMembership", MEMBER, left)) == ("INVALID", "on")
    query = "query ($id: ID!) { leadingGroup(id: $id) { members { id } all: members(current: false) { id } } }"
    told = writing.ask("leifeng", query, {"id": group["id"]})["leadingGroup"]
    assert told == {"members": [], "all": [{"id": member["id"]}]}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 51}, "name"),
        ({"title": " "}, "title"),
        ({"validFrom": "1899-12-31"}, "validFrom"),
        ({"validTo": "2022-03-01"}, "validTo"),
    ],
)
def test_a_member_that_cannot_be_is_refused_at_its_field(
    writing: Writing, group: Any, given: dict[str, Any], field: str
) -> None:
    assert refusal(enter(writing, group, **given)) == ("INVALID", field)


def test_a_dissolved_group_has_no_members_and_takes_no_more(writing: Writing, group: Any) -> None:
    here, to_come = enter(writing, group), enter(writing, group, validFrom="2034-01-01")
    early = change(writing, "dissolveLeadingGroup", GROUP, group, on="2022-02-28")
    assert refusal(early) == ("INVALID", "on")
    assert refusal(change(writing, "dissolveLeadingGroup", GROUP, group, on="2999-01-01")) == ("INVALID", "on")
    dissolved = change(writing, "dissolveLeadingGroup", GROUP, group, on="2024-01-01")["leadingGroup"]
    assert dissolved == group | {"dissolvedOn": "2024-01-01", "version": 2}
    query = """query ($id: ID!) { leadingGroup(id: $id) { members(current: false) { id validTo }
      can { update dissolve addMember createPlan } } }"""
    told = writing.ask("leifeng", query, {"id": group["id"]})["leadingGroup"]
    assert told["members"] == [
        {"id": here["leadingGroupMember"]["id"], "validTo": "2024-01-01"},
        {"id": to_come["leadingGroupMember"]["id"], "validTo": "2034-01-01"},
    ]
    assert set(told["can"].values()) == {False}
    assert refusal(enter(writing, group)) == ("INVALID", "groupId")
    assert refusal(draft(writing, group)) == ("INVALID", "groupId")
    assert refusal(change(writing, "updateLeadingGroup", GROUP, dissolved, name="新名")) == ("INVALID", "id")
    assert refusal(change(writing, "dissolveLeadingGroup", GROUP, dissolved)) == ("INVALID", "id")


def test_what_a_dissolved_group_has_planned_can_still_be_carried_out(writing: Writing, group: Any, plan: Any) -> None:
    change(writing, "dissolveLeadingGroup", GROUP, group)
    measure = demand(writing, plan)["measure"]
    assert change(writing, "advanceMeasure", MEASURE, measure, state="DONE")["measure"]["state"] == "DONE"
    assert take(writing, plan, "ADOPTED", "COMPLETED")["nextStates"] == []


def test_a_plan_is_drafted_changed_adopted_and_completed(writing: Writing, group: Any, plan: Any) -> None:
    assert plan == {
        "id": plan["id"],
        "version": 1,
        "title": "实施方案",
        "beginsOn": "2022-04-01",
        "endsOn": None,
        "state": "DRAFT",
        "nextStates": ["ADOPTED", "WITHDRAWN"],
        "group": {"id": group["id"]},
    }
    dated = change(writing, "updateImplementationPlan", PLAN, plan, endsOn="2023-03-31")["implementationPlan"]
    assert dated == plan | {"endsOn": "2023-03-31", "version": 2}
    for given, field in (
        ({"endsOn": "2022-03-31"}, "endsOn"),
        ({"beginsOn": "2023-04-01"}, "beginsOn"),
        ({"beginsOn": None}, "beginsOn"),
        ({"title": "长" * 101}, "title"),
    ):
        assert refusal(change(writing, "updateImplementationPlan", PLAN, dated, **given)) == ("INVALID", field)
    adopted = take(writing, dated, "ADOPTED")
    assert adopted["nextStates"] == ["COMPLETED", "WITHDRAWN"]
    renamed = change(writing, "updateImplementationPlan", PLAN, adopted, title="修订方案", endsOn=None)
    completed = take(writing, renamed["implementationPlan"], "COMPLETED")
    assert (completed["title"], completed["endsOn"], completed["nextStates"]) == ("修订方案", None, [])


def test_a_plan_takes_no_step_that_is_not_allowed(writing: Writing, plan: Any) -> None:
    for state in ("DRAFT", "COMPLETED"):
        step = change(writing, "advanceImplementationPlan", PLAN, plan, state=state)
        assert refusal(step) == ("WRONG_STATE", "state")
    adopted = take(writing, plan, "ADOPTED")
    for state in ("DRAFT", "ADOPTED"):
        step = change(writing, "advanceImplementationPlan", PLAN, adopted, state=state)
        assert refusal(step) == ("WRONG_STATE", "state")


@pytest.mark.parametrize("steps", [("WITHDRAWN",), ("ADOPTED", "WITHDRAWN"), ("ADOPTED", "COMPLETED")])
def test_nothing_of_a_plan_that_is_over_changes(writing: Writing, plan: Any, steps: tuple[str, ...]) -> None:
    over = take(writing, plan, *steps)
    step = change(writing, "advanceImplementationPlan", PLAN, over, state="ADOPTED")
    assert refusal(step) == ("WRONG_STATE", "id")
    assert refusal(change(writing, "updateImplementationPlan", PLAN, over, title="新名")) == ("WRONG_STATE", "id")
    assert refusal(demand(writing, over)) == ("WRONG_STATE", "planId")


def test_a_plan_is_not_completed_while_a_measure_is_to_be_done(writing: Writing, plan: Any) -> None:
    adopted, measure = take(writing, plan, "ADOPTED"), demand(writing, plan)["measure"]
    early = change(writing, "advanceImplementationPlan", PLAN, adopted, state="COMPLETED")
    assert refusal(early) == ("WRONG_STATE", "state")
    begun = change(writing, "advanceMeasure", MEASURE, measure, state="IN_PROGRESS")["measure"]
    early = change(writing, "advanceImplementationPlan", PLAN, adopted, state="COMPLETED")
    assert refusal(early) == ("WRONG_STATE", "state")
    change(writing, "advanceMeasure", MEASURE, begun, state="CANCELLED")
    assert take(writing, adopted, "COMPLETED")["state"] == "COMPLETED"


def test_what_is_to_be_done_of_a_withdrawn_plan_is_cancelled(writing: Writing, plan: Any) -> None:
    done, begun = demand(writing, plan)["measure"], demand(writing, plan)["measure"]
    demand(writing, plan)
    change(writing, "advanceMeasure", MEASURE, done, state="DONE")
    change(writing, "advanceMeasure", MEASURE, begun, state="IN_PROGRESS")
    take(writing, plan, "WITHDRAWN")
    query = "query ($id: ID!) { node(id: $id) { ... on ImplementationPlan { measures { nodes { state version } } } } }"
    assert writing.ask("leifeng", query, {"id": plan["id"]})["node"]["measures"]["nodes"] == [
        {"state": "DONE", "version": 2},
        {"state": "CANCELLED", "version": 3},
        {"state": "CANCELLED", "version": 2},
    ]


def test_a_measure_is_demanded_changed_and_done(writing: Writing, plan: Any) -> None:
    measure = demand(writing, plan)["measure"]
    assert measure == {
        "id": measure["id"],
        "version": 1,
        "title": "设立服务室",
        "owner": "镇民政办",
        "dueOn": "2035-01-01",
        "state": "OPEN",
        "nextStates": ["IN_PROGRESS", "DONE", "CANCELLED"],
        "overdue": False,
        "doneOn": None,
        "plan": {"id": plan["id"]},
    }
    given = {"owner": "村委会", "dueOn": "2023-06-30"}
    late = change(writing, "updateMeasure", MEASURE, measure, **given)["measure"]
    assert late == measure | given | {"overdue": True, "version": 2}
    begun = change(writing, "advanceMeasure", MEASURE, late, state="IN_PROGRESS")["measure"]
    assert (begun["nextStates"], begun["overdue"]) == (["DONE", "CANCELLED"], True)
    assert refusal(change(writing, "advanceMeasure", MEASURE, begun, state="OPEN")) == ("WRONG_STATE", "state")
    done = change(writing, "advanceMeasure", MEASURE, begun, state="DONE")["measure"]
    assert done["doneOn"] == writing.value(TODAY).isoformat()
    assert (done["nextStates"], done["overdue"]) == ([], False)
    assert refusal(change(writing, "advanceMeasure", MEASURE, done, state="CANCELLED")) == ("WRONG_STATE", "id")
    assert refusal(change(writing, "updateMeasure", MEASURE, done, owner="镇政府")) == ("WRONG_STATE", "id")


def test_a_measure_is_overdue_from_the_day_after_it_was_due(writing: Writing, plan: Any) -> None:
    today = writing.value(TODAY)
    for due, overdue in ((today - timedelta(days=1), True), (today, False)):
        assert demand(writing, plan, dueOn=due.isoformat())["measure"]["overdue"] is overdue


@pytest.mark.parametrize(("field", "value"), [("title", " "), ("owner", "长" * 101), ("dueOn", "1899-12-31")])
def test_a_measure_that_cannot_be_is_refused_at_its_field(writing: Writing, plan: Any, field: str, value: str) -> None:
    assert refusal(demand(writing, plan, **{field: value})) == ("INVALID", field)
    measure = demand(writing, plan)["measure"]
    assert refusal(change(writing, "updateMeasure", MEASURE, measure, **{field: value})) == ("INVALID", field)
    assert refusal(change(writing, "updateMeasure", MEASURE, measure, **{field: None})) == ("INVALID", field)


def test_an_observer_sees_the_roles_of_a_group_and_no_names(writing: Writing) -> None:
    query = "{ leadingGroups(first: 1) { nodes { members(current: false) { role title } } } }"
    (group,) = writing.ask("hub-observer", query)["leadingGroups"]["nodes"]
    assert {"role": "LEADER", "title": "县政府分管副县长"} in group["members"]
    answer = writing.post("hub-observer", query.replace("title", "name")).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
