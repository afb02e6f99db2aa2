"""Awards for levels that were reached: one for each, out of yearly budgets that nobody overspends, in exact yuan."""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import World, key, world
from tests.talent import County

TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"
CERTIFY = """
INSERT INTO qualification (place_id, path, station_id, county_id, person_id, level, certificate_number, obtained_on)
SELECT place_id, path, station_id, county_id, id, 'ASSISTANT', 'N' || id, '2021-01-01' FROM person WHERE id = $1
"""


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("awards")) as made:
        yield made


@pytest.fixture
def county(written: World) -> County:
    return County(written)


def grant(county: County, **given: Any) -> dict[str, Any]:
    """The input of an award for the level that P2 has reached, out of the budget of 2021."""
    usual = {"personId": county.here["P2"], "level": "ASSISTANT", "budgetId": county.here["AB1"]}
    return usual | {"amount": "300.00", "grantedOn": "2021-12-20"} | given


def budget(county: County, public_id: str) -> Any:
    query = "query ($id: ID!) { awardBudget(id: $id) { amount spent left } }"
    return county.manager.ask(query, {"id": public_id})["awardBudget"]


# -- budgets -------------------------------------------------------------------------------------------------------


def test_a_budget_is_set_for_a_place_and_year(county: County) -> None:
    made = county.done("createAwardBudget", placeId=county.here["B1"], year=2022, amount="33500.5")
    assert made.pop("id").startswith("AB")
    assert made == {
        "version": 1,
        "year": 2022,
        "amount": "33500.50",
        "spent": "0.00",
        "left": "33500.50",
        "place": {"id": county.here["B1"]},
    }
    again = {"placeId": county.here["B1"], "year": 2022, "amount": "1"}
    assert county.refused("createAwardBudget", **again) == ("TAKEN", "year")
    assert county.refused("createAwardBudget", **again | {"year": 1899}) == ("INVALID", "year")


def test_a_budget_does_not_fall_below_what_is_spent(county: County) -> None:
    row = {"id": county.here["AB1"], "version": 1}
    assert county.refused("updateAwardBudget", **row, amount="500.49") == ("OVERSPENT", "amount")
    changed = county.done("updateAwardBudget", **row, amount="500.50")
    assert (changed["amount"], changed["spent"], changed["left"]) == ("500.50", "500.50", "0.00")


@pytest.mark.parametrize(
    "amount",
    ["0", "-1", "0.001", "10.005", "1e-400", "NaN", "sNaN", "-Infinity", "Infinity", "1e10", "1e400", "1e999999999"],
)
def test_an_amount_that_cannot_be_is_refused(county: County, amount: str) -> None:
    given = {"placeId": county.here["B1"], "year": 2022}
    assert county.refused("createAwardBudget", **given, amount=amount) == ("INVALID", "amount")
    assert county.refused("updateAwardBudget", id=county.here["AB1"], version=1, amount=amount) == ("INVALID", "amount")
    assert county.refused("grantAward", **grant(county, amount=amount)) == ("INVALID", "amount")


@pytest.mark.parametrize("amount", ["many", "", True, [1], None, "1,000.00"])
def test_what_is_no_decimal_is_refused_as_a_whole(county: County, amount: Any) -> None:
    query = "mutation ($input: GrantAwardInput!) { grantAward(input: $input) { errors { code } } }"
    answer = county.administrator.post(query, {"input": grant(county, amount=amount)}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("amount", "kept"),
    [("0.01", "0.01"), ("1000.10", "1000.10"), ("1e3", "1000.00"), (0.1, "0.10"), (1999, "1999.00"), ("7.500", "7.50")],
)
def test_an_amount_is_kept_to_the_fen(county: County, amount: Any, kept: str) -> None:
    made = county.done("createAwardBudget", placeId=county.here["B1"], year=2022, amount=amount)
    assert (made["amount"], made["left"]) == (kept, kept)


def test_a_create_is_repeated_by_its_key_whatever_the_spelling_of_another_amount(county: County) -> None:
    given = {"placeId": county.here["B1"], "year": 2022, "amount": "20.00", "idempotencyKey": "once"}
    made = county.done("createAwardBudget", **given)
    assert county.done("createAwardBudget", **given) == made
    assert county.refused("createAwardBudget", **given | {"amount": "21.00"}) == ("KEY_REUSED", "idempotencyKey")


def test_only_an_administrator_sets_a_budget(county: County) -> None:
    query = "mutation ($input: UpdateAwardBudgetInput!) { updateAwardBudget(input: $input) { errors { code } } }"
    answer = county.manager.post(query, {"input": {"id": county.here["AB1"], "version": 1, "amount": "1"}}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


# -- awards --------------------------------------------------------------------------------------------------------


def test_an_award_is_granted_out_of_a_budget(county: County) -> None:
    award = county.done("grantAward", county.manager, **grant(county))
    assert award.pop("id").startswith("AW")
    assert award == {
        "version": 1,
        "level": "ASSISTANT",
        "year": 2021,
        "amount": "300.00",
        "state": "GRANTED",
        "nextStates": ["PAID", "REVOKED"],
        "grantedOn": "2021-12-20",
        "person": {"id": county.here["P2"]},
        "place": {"id": county.here["C1"]},
        "budget": {"id": county.here["AB1"], "spent": "800.50", "left": "1199.50"},
        "can": {"settle": True},
    }


def test_who_had_not_reached_the_level_by_then_gets_nothing(county: County) -> None:
    assert county.refused("grantAward", **grant(county, level="SENIOR")) == ("INVALID", "level")
    assert county.refused("grantAward", **grant(county, personId=county.here["P4"])) == ("INVALID", "level")
    late = "UPDATE qualification SET obtained_on = '2021-12-21' WHERE id = $1"
    county.world.sql(late, county.here.key("Q1"))
    assert county.refused("grantAward", **grant(county)) == ("INVALID", "level")
    county.done("grantAward", **grant(county, grantedOn="2021-12-21"))


def test_the_day_lies_between_the_budgets_year_and_today(county: County) -> None:
    today = county.world.value(TODAY)
    county.world.sql("UPDATE qualification SET obtained_on = '2019-01-01' WHERE id = $1", county.here.key("Q1"))
    for day in ("2020-12-31", today.replace(year=today.year + 1, day=1).isoformat()):
        assert county.refused("grantAward", **grant(county, grantedOn=day)) == ("INVALID", "grantedOn")
    county.done("grantAward", **grant(county, grantedOn=today.isoformat()))


def test_person_and_budget_must_be_in_scope(county: County) -> None:
    stranger = grant(county, personId=county.there["P2"])
    assert county.refused("grantAward", **stranger) == ("NOT_FOUND", "personId")
    assert county.refused("grantAward", **grant(county, budgetId=county.there["AB1"])) == ("NOT_FOUND", "budgetId")


def test_a_person_gets_one_award_for_each_level_unless_it_was_revoked(county: County) -> None:
    award = county.done("grantAward", **grant(county))
    assert county.refused("grantAward", **grant(county, amount="1")) == ("TAKEN", "personId")
    revoked = county.done("settleAward", id=award["id"], version=1, state="REVOKED")
    assert (revoked["nextStates"], revoked["can"]["settle"]) == ([], False)
    again = county.done("grantAward", **grant(county, amount="250"))
    assert again["budget"]["spent"] == "750.50"
    assert again["id"] != award["id"]


def test_of_two_who_award_the_same_level_at_once_one_is_refused(county: County) -> None:
    locked = f"SELECT FROM award_budget WHERE id = {county.here.key('AB1')} FOR UPDATE"
    twice = county.at_once(locked, "grantAward", grant(county), grant(county))
    assert twice == [[], ["TAKEN"]]
    assert budget(county, county.here["AB1"])["spent"] == "800.50"


def test_a_budget_is_not_overspent(county: County) -> None:
    assert county.refused("grantAward", **grant(county, amount="1499.51")) == ("OVERSPENT", "amount")
    county.done("grantAward", **grant(county, amount="1499.50"))
    assert budget(county, county.here["AB1"]) == {"amount": "2000.00", "spent": "2000.00", "left": "0.00"}


@pytest.mark.parametrize("attempt", range(3))
def test_of_two_awards_at_once_that_do_not_both_fit_exactly_one_is_granted(county: County, attempt: int) -> None:
    county.world.sql(CERTIFY, county.here.key("P4"))
    # 1,499.50 yuan are left: each fits, both do not.
    amount = f"{1000 + attempt}.00"
    given = [grant(county, amount=amount, personId=county.here[person]) for person in ("P2", "P4")]
    locked = f"SELECT FROM award_budget WHERE id = {county.here.key('AB1')} FOR NO KEY UPDATE"
    assert county.at_once(locked, "grantAward", *given) == [[], ["OVERSPENT"]]
    assert budget(county, county.here["AB1"])["spent"] == f"{1500 + attempt}.50"
    count = "SELECT count(*) FROM award WHERE budget_id = $1 AND amount = $2::text::numeric"
    assert county.world.value(count, county.here.key("AB1"), amount) == 1


def test_of_an_award_and_a_smaller_budget_at_once_one_is_refused(county: County) -> None:
    locked = f"SELECT FROM award_budget WHERE id = {county.here.key('AB1')} FOR UPDATE"
    award, smaller = grant(county, amount="1499.50"), {"id": county.here["AB1"], "version": 1, "amount": "600.00"}
    assert county.at_once(locked, "grantAward", award) == [[]]
    assert county.at_once(locked, "updateAwardBudget", smaller) == [["OVERSPENT"]]


def test_a_paid_award_stays_paid(county: County) -> None:
    row = {"id": county.here["AW1"], "version": 1}
    assert county.refused("settleAward", **row, state="GRANTED") == ("WRONG_STATE", "state")
    paid = county.done("settleAward", county.manager, **row, state="PAID")
    assert (paid["state"], paid["nextStates"], paid["can"]) == ("PAID", [], {"settle": False})
    for state in ("GRANTED", "PAID", "REVOKED"):
        assert county.refused("settleAward", **row | {"version": 2}, state=state) == ("WRONG_STATE", "id")
    assert budget(county, county.here["AB1"])["spent"] == "500.50"


def test_an_award_out_of_a_budget_above_is_seen_without_it(county: County) -> None:
    hub = county.scene.writer(Role.ADMINISTRATOR, county.here["H"])
    above = county.done("createAwardBudget", hub, placeId=county.here["H"], year=2021, amount="50000.00")
    award = county.done("grantAward", hub, **grant(county, budgetId=above["id"]))
    query = """query ($id: ID!, $budget: ID!) { award(id: $id) { amount budget { id } }
      awards(where: { budget: { eq: $budget } }) { totalCount } awardBudget(id: $budget) { id } }"""
    asked = {"id": award["id"], "budget": above["id"]}
    assert county.manager.ask(query, asked) == {
        "award": {"amount": "300.00", "budget": None},
        "awards": {"totalCount": 0},
        "awardBudget": None,
    }
    assert hub.ask(query, asked)["awards"] == {"totalCount": 1}


def test_the_log_tells_amounts_as_text(county: County) -> None:
    award = county.done("grantAward", **grant(county))
    query = "query ($id: ID!) { auditEntries(where: { subject: { eq: $id } }) { nodes { action after } } }"
    (entry,) = county.manager.ask(query, {"id": award["id"]})["auditEntries"]["nodes"]
    told = {"level": "ASSISTANT", "year": 2021, "amount": "300.00", "granted_on": "2021-12-20"}
    assert entry == {"action": "grantAward", "after": told}


def test_awards_are_filtered_by_year_level_state_person_and_day(county: County) -> None:
    made = county.done("grantAward", **grant(county))["id"]
    query = "query ($where: AwardFilter) { awards(where: $where) { nodes { id } } }"

    def found(**where: Any) -> list[str]:
        nodes = county.manager.ask(query, {"where": where})["awards"]["nodes"]
        return [node["id"] for node in nodes]

    first = county.here["AW1"]
    assert found() == [first, made]
    assert found(year={"eq": 2022}) == []
    assert found(level={"eq": "ASSISTANT"}, state={"eq": "GRANTED"}) == [made]
    assert found(person={"eq": county.here["P2"]}, year={"lte": 2021}) == [first, made]
    assert found(person={"in": [county.there["P2"]]}) == []
    assert found(grantedOn={"gt": "2021-12-01"}, within=county.here["C1"]) == [made]
    assert found(within=county.here["C2"]) == []
    assert key(first) < key(made)
