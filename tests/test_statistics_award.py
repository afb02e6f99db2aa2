"""Statistics of awards: exact yuan, each person once, and revoked ones counted without their money."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.conftest import Ask
from tests.counting import PLACE, Counted, Row, places

NOTHING = Decimal("0.00")


def figures(rows: list[Row]) -> Row:
    standing = [row for row in rows if row["state"] != "REVOKED"]
    amount = sum((Decimal(row["amount"]) for row in standing), NOTHING)
    average = (amount / len(standing)).quantize(Decimal("0.01"), ROUND_HALF_UP) if standing else None
    return {
        "count": len(rows),
        "standing": len(standing),
        "amount": str(amount),
        "people": len({row["person"]["id"] for row in standing}),
        "averageAmount": average and str(average),
    }


AWARDS = Counted(
    "awardStatistics",
    "awards",
    rows=f"level year amount state grantedOn person {{ id }} place {{ {PLACE} }}",
    figures="count standing amount people averageAmount",
    keys=places()
    | {
        "QUALIFICATION": ("qualification", lambda row: row["level"]),
        "STATE": ("state", lambda row: row["state"]),
        "YEAR": ("year", lambda row: row["year"]),
        "MONTH": ("month", lambda row: row["grantedOn"][:7]),
        "QUARTER": ("quarter", lambda row: f"{row['grantedOn'][:4]}-Q{(int(row['grantedOn'][5:7]) + 2) // 3}"),
    },
    count=figures,
)


def asker(ask: Ask, username: str) -> Callable[[str], Row]:
    return lambda query: ask(username, query)


@pytest.mark.parametrize("username", ["hub", "longxun", "nanchengcun"])
@pytest.mark.parametrize(
    "dimensions",
    [(), *((name,) for name in AWARDS.keys), ("QUALIFICATION", "YEAR"), ("ZONE", "STATE", "MONTH", "YEAR")],
)
def test_groups_are_what_the_awards_come_to(ask: Ask, username: str, dimensions: tuple[str, ...]) -> None:
    AWARDS.check(asker(ask, username), *dimensions)


@pytest.mark.parametrize(
    "where",
    [
        "year: { eq: 2021 }",
        "state: { notIn: [REVOKED] }",
        'grantedOn: { gt: "2021-12-20", lte: "2022-12-31" }',
        "level: { in: [ASSISTANT, SENIOR] }, not: { year: { gte: 2023 } }",
    ],
)
def test_a_filter_is_that_of_the_connection(ask: Ask, where: str) -> None:
    assert AWARDS.check(asker(ask, "hub"), "TOWNSHIP", where=where)


def test_the_awards_of_2021_come_to_what_the_county_reports(ask: Ask) -> None:
    asked = "{ awardStatistics(where: { year: { eq: 2021 } }) { total { amount } } }"
    assert ask("hub", asked)["awardStatistics"]["total"] == {"amount": "33500.00"}


def test_a_revoked_award_is_counted_and_its_money_is_not(ask: Ask) -> None:
    (group,) = [group for group in AWARDS.groups(asker(ask, "hub"), "STATE") if group["key"]["state"] == "REVOKED"]
    assert {name: group[name] for name in figures([])} == figures([]) | {"count": 1}
    asked = (
        "{ awardBudgets { nodes { year spent } } awardStatistics(groupBy: [YEAR]) { nodes { key { year } amount } } }"
    )
    answer = ask("hub", asked)
    spent = {budget["year"]: budget["spent"] for budget in answer["awardBudgets"]["nodes"]}
    assert {group["key"]["year"]: group["amount"] for group in answer["awardStatistics"]["nodes"]} == spent


def test_a_time_is_compared_with_the_one_a_year_ago(ask: Ask) -> None:
    times = [f'grantedOn: {{ gte: "{year}-01-01", lte: "{year}-12-31" }}' for year in (2022, 2021)]
    hub = asker(ask, "hub")
    for by in ("SAME_PERIOD_LAST_YEAR", "PREVIOUS_PERIOD"):
        groups = AWARDS.compare(hub, "QUALIFICATION", now=times[0], before=times[1], by=by)
        assert any(group["count"] and group["previous"]["count"] for group in groups)


def test_the_budget_of_a_year_is_compared_with_that_of_the_year_before(ask: Ask) -> None:
    asked = """{ awardStatistics(groupBy: [YEAR], compareTo: SAME_PERIOD_LAST_YEAR,
      where: { grantedOn: { gte: "2022-01-01", lt: "2023-01-01" } }) { nodes {
      key { year } amount previous { amount } } } }"""
    years = {group["key"]["year"]: group["amount"] for group in AWARDS.groups(asker(ask, "hub"), "YEAR")}
    assert ask("hub", asked)["awardStatistics"]["nodes"] == [
        {"key": {"year": 2022}, "amount": years[2022], "previous": {"amount": years[2021]}}
    ]


def test_townships_and_levels_without_awards_are_told_of_if_asked(ask: Ask) -> None:
    hub = asker(ask, "hub")
    some = {repr(group["key"]): group for group in AWARDS.groups(hub, "TOWNSHIP", "QUALIFICATION")}
    groups = AWARDS.groups(hub, "TOWNSHIP", "QUALIFICATION", more="includeEmpty: true")
    outside = [group for group in some.values() if group["key"]["place"] is None]
    assert len(groups) == 18 * 3 + len(outside)
    for group in groups:
        counted = some.get(repr(group["key"]), {**group, **figures([]), "share": 0})
        assert group == counted


def test_groups_are_chosen_and_ordered_by_their_yuan_page_by_page(ask: Ask) -> None:
    hub = asker(ask, "hub")
    kept = [group for group in AWARDS.groups(hub, "TOWNSHIP") if Decimal(group["averageAmount"] or 0) >= 800]
    order = "having: { averageAmount: { gte: 800 } } orderBy: [{ field: AMOUNT }, { field: AVERAGE_AMOUNT }]"
    found: list[Row] = []
    after = ""
    while True:
        page = hub(f"""{{ awardStatistics(groupBy: [TOWNSHIP] {order} first: 2 {after}) {{
          nodes {{ amount averageAmount }} pageInfo {{ hasNextPage endCursor }} }} }}""")["awardStatistics"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = f'after: "{page["pageInfo"]["endCursor"]}"'
    amounts = [(Decimal(group["amount"]), Decimal(group["averageAmount"])) for group in found]
    assert amounts == sorted((Decimal(group["amount"]), Decimal(group["averageAmount"])) for group in kept)
    assert len(amounts) > 2


@pytest.mark.parametrize("arguments", ["groupBy: [ZONE, GRID]", "compareTo: PREVIOUS_PERIOD"])
def test_what_cannot_be_asked_is_refused(post: Ask, arguments: str) -> None:
    answer = post("hub", f"{{ awardStatistics({arguments}) {{ nodes {{ count }} }} }}").json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_an_observer_is_told_of_no_few_and_has_no_filter(ask: Ask, post: Ask) -> None:
    asked = "{ awardStatistics(groupBy: [STATE]) { suppressed nodes { key { state } } total { count } } }"
    everything, told = [ask(username, asked)["awardStatistics"] for username in ("hub", "hub-observer")]
    assert told["suppressed"]
    assert told["total"] == everything["total"]
    assert {"key": {"state": "REVOKED"}} in everything["nodes"]
    assert {"key": {"state": "REVOKED"}} not in told["nodes"]
    one = '{ awardStatistics(where: { person: { eq: "P1" } }) { total { count } } }'
    assert post("hub-observer", one).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_dimensions_in_a_variable_are_those_of_each_operation_anew(ask: Ask) -> None:
    query = """query ($by: [AwardDimension!]!) {
      awardStatistics(groupBy: $by, first: 100) { nodes { count key { state year } } } }"""
    for by in (["STATE"], ["YEAR"], ["STATE", "YEAR"], [], ["STATE"]):
        nodes = ask("hub", query, {"by": by})["awardStatistics"]["nodes"]
        assert {tuple(name.upper() for name, key in node["key"].items() if key) for node in nodes} == {tuple(by)}
