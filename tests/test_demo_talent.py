"""The talent home in the demo: the report's awards of 2021, training with who came, exams."""

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Ask

AWARDS_2021 = Decimal("33500.00")


def test_the_awards_of_2021_come_to_33_500_yuan(ask: Ask) -> None:
    query = """{
      awards(where: { year: { eq: 2021 } }, first: 100) { totalCount nodes { amount state budget { year } } }
      awardBudgets(where: { year: { eq: 2021 } }) { nodes { place { __typename } amount spent left } } }"""
    answer = ask("hub", query)
    awards = answer["awards"]["nodes"]
    assert len(awards) == answer["awards"]["totalCount"]
    assert {award["state"] for award in awards} == {"PAID"}
    assert sum(Decimal(award["amount"]) for award in awards) == AWARDS_2021
    (budget,) = answer["awardBudgets"]["nodes"]
    assert budget == {
        "place": {"__typename": "Station"},
        "amount": "50000.00",
        "spent": str(AWARDS_2021),
        "left": "16500.00",
    }


def test_each_budget_has_spent_what_its_awards_come_to_without_the_revoked_ones(ask: Ask) -> None:
    query = """{ awardBudgets { nodes { spent amount awards(first: 100) { nodes { state amount } } } } }"""
    budgets = ask("hub", query)["awardBudgets"]["nodes"]
    assert len(budgets) == 3
    for budget in budgets:
        kept = [Decimal(award["amount"]) for award in budget["awards"]["nodes"] if award["state"] != "REVOKED"]
        assert sum(kept) == Decimal(budget["spent"]) <= Decimal(budget["amount"])
    revoked = ask("hub", "{ awards(where: { state: { eq: REVOKED } }) { totalCount } }")["awards"]["totalCount"]
    assert revoked == 1


def test_who_has_an_award_had_reached_its_level_and_has_one_for_each(ask: Ask) -> None:
    query = """query ($after: String) { awards(first: 100, after: $after, where: { not: { state: { eq: REVOKED } } }) {
      nodes { level grantedOn person { id qualifications { level obtainedOn } } } pageInfo { hasNextPage } } }"""
    awards = ask("hub", query)["awards"]
    assert not awards["pageInfo"]["hasNextPage"]
    for award in awards["nodes"]:
        reached = {held["level"]: held["obtainedOn"] for held in award["person"]["qualifications"]}
        assert reached[award["level"]] <= award["grantedOn"]
    once = {(award["person"]["id"], award["level"]) for award in awards["nodes"]}
    assert len(once) == len(awards["nodes"])


@pytest.mark.parametrize("kind", ["LECTURE", "SALON"])
def test_lectures_and_salons_were_attended(ask: Ask, kind: str) -> None:
    query = """query ($kind: TrainingKind!) {
      trainingEvents(first: 100, where: { kind: { eq: $kind }, state: { eq: HELD } }) {
        nodes { attended attendances(first: 100) { totalCount nodes { state } } } } }"""
    events: list[Any] = ask("hub", query, {"kind": kind})["trainingEvents"]["nodes"]
    assert len(events) >= 5
    for event in events:
        states = [attendance["state"] for attendance in event["attendances"]["nodes"]]
        assert 0 < event["attended"] == states.count("ATTENDED") <= event["attendances"]["totalCount"]


def test_exams_were_passed_and_failed(ask: Ask) -> None:
    query = """{ passed: examResults(where: { passed: true }) { totalCount }
      failed: examResults(where: { passed: false }) { totalCount }
      outside: examResults(where: { not: { year: { gte: 2019, lte: 2023 } } }) { totalCount } }"""
    found = {name: connection["totalCount"] for name, connection in ask("hub", query).items()}
    assert found["passed"] > 0
    assert found["failed"] > 0
    assert found["outside"] == 0
