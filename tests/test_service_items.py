"""The hub keeps the catalogue of services, places keep their lists."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.payloads import refusal
from tests.writing import Places, Writing

ITEM = "serviceItem { id version code name field withdrawnOn }"
OFFER = "serviceOffer { id version validFrom validTo item { id } place { id } }"


@pytest.fixture(scope="module")
def code() -> Iterator[str]:
    """Codes that nothing else has."""
    return (f"test-{number}" for number in count(1))


@pytest.fixture(scope="module")
def hub(writing: Writing) -> str:
    """The hub's id."""
    found: str = writing.ask("hub", '{ station(code: "350526") { id } }')["station"]["id"]
    return found


def add(writing: Writing, place: str, code: str, username: str = "hub", **given: Any) -> Any:
    given = {"code": code, "name": "试用服务", "field": "ELDERLY_CARE"} | given
    return writing.write(username, "createServiceItem", ITEM, placeId=place, **given)


def offer(writing: Writing, place: str, item: Any, since: str = "2024-01-01", username: str = "leifeng") -> Any:
    given = {"placeId": place, "itemId": item["id"], "validFrom": since}
    return writing.write(username, "offerService", OFFER, **given)


def test_the_hub_adds_an_item_that_all_below_read(writing: Writing, hub: str, code: Iterator[str]) -> None:
    chosen = next(code)
    made = add(writing, hub, f" {chosen} ", name=" 试用  服务 ")["serviceItem"]
    assert made == {
        "id": made["id"],
        "version": 1,
        "code": chosen,
        "name": "试用 服务",
        "field": "ELDERLY_CARE",
        "withdrawnOn": None,
    }
    query = """query ($code: String) { serviceItem(code: $code) { id place { id } can { update withdraw }
      history { totalCount } } }"""
    assert writing.ask("leifeng", query, {"code": chosen})["serviceItem"] == {
        "id": made["id"],
        "place": None,
        "can": {"update": False, "withdraw": False},
        "history": {"totalCount": 0},
    }


def test_an_item_that_cannot_be_is_refused_at_its_field(
    writing: Writing, places: Places, hub: str, code: Iterator[str]
) -> None:
    made = add(writing, hub, next(code))["serviceItem"]
    assert refusal(add(writing, hub, made["code"])) == ("TAKEN", "code")
    assert refusal(add(writing, hub, " ")) == ("INVALID", "code")
    assert refusal(add(writing, hub, next(code), name="长" * 101)) == ("INVALID", "name")
    assert refusal(add(writing, places.station, next(code))) == ("INVALID", "placeId")
    assert refusal(add(writing, places.station, next(code), "leifeng")) == ("INVALID", "placeId")
    assert refusal(add(writing, hub, next(code), "leifeng")) == ("NOT_FOUND", "placeId")


def test_an_item_is_changed_by_the_hub_alone(writing: Writing, hub: str, code: Iterator[str]) -> None:
    made, other = (add(writing, hub, next(code))["serviceItem"] for _ in range(2))
    change = {"id": made["id"], "version": 1, "name": "改名", "field": "CHILD_CARE"}
    assert refusal(writing.write("leifeng", "updateServiceItem", ITEM, **change)) == ("NOT_FOUND", "id")
    changed = writing.write("hub", "updateServiceItem", ITEM, **change)["serviceItem"]
    assert changed == made | {"name": "改名", "field": "CHILD_CARE", "version": 2}
    taken = {"id": made["id"], "version": 2, "code": other["code"]}
    assert refusal(writing.write("hub", "updateServiceItem", ITEM, **taken)) == ("TAKEN", "code")
    empty = {"id": made["id"], "version": 2, "field": None}
    assert refusal(writing.write("hub", "updateServiceItem", ITEM, **empty)) == ("INVALID", "field")


def test_a_place_offers_an_item_and_stops(writing: Writing, places: Places, hub: str, code: Iterator[str]) -> None:
    item = add(writing, hub, next(code))["serviceItem"]
    made = offer(writing, places.village, item)["serviceOffer"]
    assert made == {
        "id": made["id"],
        "version": 1,
        "validFrom": "2024-01-01",
        "validTo": None,
        "item": {"id": item["id"]},
        "place": {"id": places.village},
    }
    assert refusal(offer(writing, places.village, item, "2025-01-01")) == ("OVERLAP", "itemId")
    assert refusal(offer(writing, places.elsewhere, item)) == ("NOT_FOUND", "placeId")
    assert refusal(offer(writing, places.village, {"id": "SI999999"})) == ("NOT_FOUND", "itemId")
    query = """query ($where: ServiceOfferFilter, $item: ID) { serviceOffers(where: $where) { nodes { id } }
      serviceItem(id: $item) { offers { nodes { id } } } }"""
    variables = {"where": {"item": {"eq": item["id"]}, "within": places.station}, "item": item["id"]}
    listed = {"nodes": [{"id": made["id"]}]}
    assert writing.ask("leifeng", query, variables) == {"serviceOffers": listed, "serviceItem": {"offers": listed}}
    none: dict[str, Any] = {"nodes": []}
    assert writing.ask("sanban", query, variables) == {"serviceOffers": none, "serviceItem": {"offers": none}}
    given = {"id": made["id"], "version": 1}
    assert refusal(writing.write("sanban", "endServiceOffer", OFFER, **given)) == ("NOT_FOUND", "id")
    early = writing.write("leifeng", "endServiceOffer", OFFER, **given, on="2023-12-31")
    assert refusal(early) == ("INVALID", "on")
    ended = writing.write("leifeng", "endServiceOffer", OFFER, **given, on="2024-06-01")["serviceOffer"]
    assert ended == made | {"validTo": "2024-06-01", "version": 2}
    assert writing.ask("leifeng", query, variables) == {"serviceOffers": none, "serviceItem": {"offers": none}}
    assert offer(writing, places.village, item, "2024-06-01")["errors"] == []


def test_a_withdrawn_item_is_offered_no_more(writing: Writing, places: Places, hub: str, code: Iterator[str]) -> None:
    item = add(writing, hub, next(code))["serviceItem"]
    begun = offer(writing, places.village, item)["serviceOffer"]
    planned = offer(writing, places.other, item, "2999-01-01")
    assert refusal(planned) == ("INVALID", "validFrom")
    planned = offer(writing, places.other, item, "2035-01-01")["serviceOffer"]
    given = {"id": item["id"], "version": 1, "on": "2024-06-01"}
    assert refusal(writing.write("hub", "withdrawServiceItem", ITEM, **given | {"on": "2999-01-01"})) == (
        "INVALID",
        "on",
    )
    assert refusal(writing.write("leifeng", "withdrawServiceItem", ITEM, **given)) == ("NOT_FOUND", "id")
    withdrawn = writing.write("hub", "withdrawServiceItem", ITEM, **given)["serviceItem"]
    assert withdrawn == item | {"withdrawnOn": "2024-06-01", "version": 2}
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on ServiceOffer { validTo version } } }"
    assert writing.ask("leifeng", query, {"ids": [begun["id"], planned["id"]]})["nodes"] == [
        {"validTo": "2024-06-01", "version": 2},
        {"validTo": "2035-01-01", "version": 2},
    ]
    again = {"id": item["id"], "version": 2}
    assert refusal(writing.write("hub", "withdrawServiceItem", ITEM, **again)) == ("INVALID", "id")
    assert refusal(writing.write("hub", "updateServiceItem", ITEM, **again, name="改名")) == ("INVALID", "id")
    assert refusal(offer(writing, places.village, item, "2024-07-01")) == ("INVALID", "itemId")
    query = "query ($w: Boolean) { serviceItems(first: 100, where: { withdrawn: $w }) { nodes { id } } }"
    listed = writing.ask("leifeng", query, {"w": True})["serviceItems"]["nodes"]
    assert {"id": item["id"]} in listed
    assert {"id": item["id"]} not in writing.ask("leifeng", query, {"w": False})["serviceItems"]["nodes"]
