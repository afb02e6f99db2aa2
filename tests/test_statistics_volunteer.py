"""Statistics of calls for volunteers: each call once, and each sign-up once, however a figure is asked for."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.conftest import Ask
from tests.counting import PLACE, Counted, Row, places


def figures(rows: list[Row]) -> Row:
    offers = [offer for row in rows for offer in row["signUps"]["nodes"] if offer["state"] != "WITHDRAWN"]
    needed = sum(row["needed"] for row in rows)
    return {
        "count": len(rows),
        "needed": needed,
        "signUps": len(offers),
        "volunteers": len({offer["person"]["id"] for offer in offers}),
        "attended": sum(offer["state"] == "ATTENDED" for offer in offers),
        "hours": str(sum((Decimal(offer["hours"]) for offer in offers if offer["hours"]), Decimal("0.00"))),
        "fulfilment": len(offers) / needed if needed else None,
    }


VOLUNTEERS = Counted(
    "volunteerStatistics",
    "volunteerCalls",
    rows=f"""state needed neededOn skill {{ id }} place {{ {PLACE} }}
      signUps(first: 100) {{ nodes {{ state hours person {{ id }} }} }}""",
    figures="count needed signUps volunteers attended hours fulfilment",
    keys=places()
    | {
        "SKILL": ("skill { id }", lambda row: row["skill"]),
        "STATE": ("state", lambda row: row["state"]),
        "MONTH": ("month", lambda row: row["neededOn"][:7]),
        "QUARTER": ("quarter", lambda row: f"{row['neededOn'][:4]}-Q{(int(row['neededOn'][5:7]) + 2) // 3}"),
        "YEAR": ("year", lambda row: int(row["neededOn"][:4])),
    },
    count=figures,
)


def asker(ask: Ask, username: str) -> Callable[[str], Row]:
    return lambda query: ask(username, query)


@pytest.mark.parametrize("username", ["hub", "nancheng"])
@pytest.mark.parametrize("dimensions", [(), *((name,) for name in VOLUNTEERS.keys), ("ZONE", "SKILL", "YEAR")])
def test_groups_are_what_calls_and_sign_ups_come_to(ask: Ask, username: str, dimensions: tuple[str, ...]) -> None:
    VOLUNTEERS.check(asker(ask, username), *dimensions)


@pytest.mark.parametrize(
    "where",
    [
        "state: { eq: FULFILLED }",
        'skill: { in: ["electrician", "barber"] }',
        'neededOn: { gte: "2023-01-01", lte: "2023-12-31" }',
        "not: { state: { in: [CANCELLED, OPEN] } }",
    ],
)
def test_a_filter_is_that_of_the_connection(ask: Ask, where: str) -> None:
    assert VOLUNTEERS.check(asker(ask, "hub"), "TOWNSHIP", where=where)


@pytest.mark.parametrize("name", VOLUNTEERS.figures.split())
def test_a_figure_is_the_same_when_it_is_asked_for_alone(ask: Ask, name: str) -> None:
    asked = "{{ volunteerStatistics(groupBy: [{0}]) {{ total {{ {1} }} nodes {{ {1} }} }} }}"
    for dimensions in ("", "STATE"):
        alone, together = [
            ask("hub", asked.format(dimensions, figures))["volunteerStatistics"]
            for figures in (name, VOLUNTEERS.figures)
        ]
        assert alone["total"][name] == together["total"][name]
        assert [group[name] for group in alone["nodes"]] == [group[name] for group in together["nodes"]]


def test_a_volunteer_whose_home_is_out_of_scope_counts_where_they_come(ask: Ask) -> None:
    asked = "{ volunteerStatistics { total { signUps volunteers hours } } }"
    listed = "{ volunteerCalls(first: 100) { nodes { place { id } signUps(first: 100) { nodes { person { id } } } } } }"
    offers = [
        offer for row in ask("nanchengcun", listed)["volunteerCalls"]["nodes"] for offer in row["signUps"]["nodes"]
    ]
    assert any(offer["person"] is None for offer in offers)
    village = ask("nanchengcun", "{ communities { nodes { id } } }")["communities"]["nodes"][0]["id"]
    within = f'{{ volunteerStatistics(where: {{ within: "{village}" }}) {{ total {{ signUps volunteers hours }} }} }}'
    assert ask("nanchengcun", asked) == ask("hub", within)


@pytest.mark.parametrize(
    ("now", "before", "by"),
    [
        (("2024-01-01", "2025-01-01"), ("2023-01-01", "2024-01-01"), "SAME_PERIOD_LAST_YEAR"),
        (("2023-04-01", "2023-10-01"), ("2022-10-01", "2023-04-01"), "PREVIOUS_PERIOD"),
        (("2024-02-10", "2024-06-19"), ("2023-10-03", "2024-02-10"), "PREVIOUS_PERIOD"),
    ],
)
def test_a_time_is_compared_with_the_one_before_or_a_year_ago(
    ask: Ask, now: tuple[str, str], before: tuple[str, str], by: str
) -> None:
    times = [f'neededOn: {{ gte: "{low}", lt: "{high}" }}' for low, high in (now, before)]
    for dimensions in (("SKILL",), ("ZONE", "STATE")):
        groups = VOLUNTEERS.compare(asker(ask, "hub"), *dimensions, now=times[0], before=times[1], by=by)
        assert any(group["previous"]["count"] for group in groups)


def test_skills_and_years_that_nobody_called_for_are_told_of_if_asked(ask: Ask) -> None:
    where = 'neededOn: { gte: "2019-01-01", lt: "2024-01-01" }'
    hub = asker(ask, "hub")
    some = {repr(group["key"]): group for group in VOLUNTEERS.groups(hub, "SKILL", "YEAR", where=where)}
    groups = VOLUNTEERS.groups(hub, "SKILL", "YEAR", where=where, more="includeEmpty: true")
    skills = {repr(group["key"]["skill"]) for group in groups}
    assert len(groups) > len(some)
    assert {group["key"]["year"] for group in groups} == set(range(2019, 2024))
    for group in groups:
        counted = some.get(repr(group["key"]))
        if counted is None:
            assert group["records"] == {"totalCount": 0, "nodes": []}
            assert {name: group[name] for name in figures([])} == figures([])
        else:
            assert group == counted
    # Each with each, but for calls for any volunteer, which are told of as they are.
    assert len(groups) == 5 * len(skills - {"None"}) + sum("'skill': None" in key for key in some)


def test_groups_are_chosen_and_ordered_by_their_figures_page_by_page(ask: Ask) -> None:
    hub = asker(ask, "hub")
    all_ = VOLUNTEERS.groups(hub, "TOWNSHIP")
    having = "having: { hours: { gt: 3.5 }, fulfilment: { lt: 0.9 } }"
    order = "orderBy: [{ field: HOURS, direction: DESC }, { field: KEY }]"
    kept = [group for group in all_ if float(group["hours"]) > 3.5 and (group["fulfilment"] or 1) < 0.9]
    found: list[Row] = []
    after = ""
    while True:
        page = hub(f"""{{ volunteerStatistics(groupBy: [TOWNSHIP] {having} {order} first: 2 {after}) {{
          totalCount nodes {{ hours key {{ place {{ id }} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""")
        found += page["volunteerStatistics"]["nodes"]
        if not page["volunteerStatistics"]["pageInfo"]["hasNextPage"]:
            break
        after = f'after: "{page["volunteerStatistics"]["pageInfo"]["endCursor"]}"'

    def order_of(group: Row) -> tuple[float, bool, int]:
        place = group["key"]["place"]
        return -float(group["hours"]), place is None, int(place["id"][1:]) if place else 0

    expected = sorted(kept, key=order_of)
    assert found == [{"hours": group["hours"], "key": group["key"]} for group in expected]
    assert page["volunteerStatistics"]["totalCount"] == len(expected) > 2


def test_an_observer_is_told_of_all_calls_but_of_no_few_volunteers(ask: Ask) -> None:
    asked = """{ volunteerStatistics(groupBy: [TOWNSHIP], first: 100) { suppressed nodes {
      key { place { id } } count signUps hours volunteers } } }"""
    everything, told = [ask(username, asked)["volunteerStatistics"] for username in ("hub", "hub-observer")]
    for group in everything["nodes"]:
        few = 0 < group["volunteers"] < 5
        group["volunteers"] = None if few else group["volunteers"]
    assert told == everything
    assert any(group["volunteers"] is None for group in told["nodes"])


@pytest.mark.parametrize(
    "arguments", ["groupBy: [ZONE, GRID]", "compareTo: SAME_PERIOD_LAST_YEAR", "first: 0", 'after: "x"']
)
def test_what_cannot_be_asked_is_refused(post: Ask, arguments: str) -> None:
    answer = post("hub", f"{{ volunteerStatistics({arguments}) {{ nodes {{ count }} }} }}").json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
