"""What a place comes to with all below it, every unit below a place, and which services reached which communities."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from tests.nouns.base import PUBLIC_ID, Given, Row

TABLES_OF = {"S": "station", "C": "community", "G": "grid"}
PLACES = ("Station", "Community", "Grid")
STATION_LEVELS = ("REGION", "HUB", "DEMONSTRATION", "BASIC")
COMMUNITY_KINDS = ("VILLAGE", "RESIDENTIAL")
PERSON_KINDS = ("GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE", "SOCIAL_WORKER", "VOLUNTEER")
LEVELS = {
    "PROVINCE": ("REGION",),
    "CITY": ("REGION",),
    "COUNTY": ("HUB",),
    "ZONE": ("DEMONSTRATION",),
    "TOWNSHIP": ("DEMONSTRATION", "BASIC"),
    "COMMUNITY": ("COMMUNITY",),
    "GRID": ("GRID",),
}
CODES = {"PROVINCE": re.compile("(?!00)[0-9]{2}0000"), "CITY": re.compile("[0-9]{2}(?!00)[0-9]{2}00")}
"""The division codes of a province and of a city."""
SMALLEST = 5
MOST = 10**9
MOST_ITEMS = 100


# -- a place with all below it -------------------------------------------------------------------------------------


def summary(view: Any, _: Any, arguments: Given) -> Row | None:
    """The place that is named, or the grant's own."""
    on = date.fromisoformat(arguments["on"]) if arguments.get("on") else None
    if arguments.get("within") is None:
        return _of(view.place(view.grant["place_id"]), on=on)
    found = PUBLIC_ID.fullmatch(arguments["within"])
    if found is None or found[1] not in TABLES_OF:
        return None
    place = view.by_id[TABLES_OF[found[1]]].get(int(found[2]))
    return _of(place, on=on) if place else None


def _of(place: Row, *, own: bool = False, on: date | None = None) -> Row:
    return {"id": place["id"], "place": place, "own": own, "on": on}


def rollup(view: Any, place: Row, arguments: Given) -> Any:
    """The units of a kind below a place."""
    level = arguments["level"]
    found = []
    for row in view.rows["place"]:
        one = view.place(row["id"])
        if not row["path"].startswith(place["path"]) or row["level"] not in LEVELS[level] or one is None:
            continue
        if level not in CODES or CODES[level].fullmatch(one["division_code"]):
            found.append(_of(one, own=level == "TOWNSHIP"))
    return view.pages_of("grid", found, arguments)


def _inside(row: Row, asked: Row) -> bool:
    place = asked["place"]
    return bool(row["path"].startswith(place["path"])) and (not asked["own"] or row["station_id"] == place["id"])


def _held(row: Row, day: date) -> bool:
    return bool(row["valid_from"] <= day and (row["valid_to"] is None or row["valid_to"] > day))


def _there(view: Any, table: str, asked: Row) -> list[Row]:
    """The places of a table that are open, or that hung in the tree on the day that is asked of."""
    rows = [row for row in view.rows[table] if _inside(row, asked)]
    day = asked["on"]
    if day is None or day == view.today.day:
        return [row for row in rows if row["closed_on"] is None]

    def hung(row: Row) -> bool:
        if any(_held(placement, day) for placement in view.find("placement", "place_id", row["id"])):
            return True
        return row["parent_id"] is None and row["opened_on"] <= day

    return [row for row in rows if hung(row)]


def _people(view: Any, asked: Row) -> list[Row]:
    """The people at home or serving there who are not retired."""
    day = asked["on"] or view.today.day

    def works(person: Row) -> bool:
        return person["retired_on"] is None or (asked["on"] is not None and person["retired_on"] > day)

    serving = {row["person_id"] for row in view.rows["assignment"] if _held(row, day) and _inside(row, asked)}
    people = [person for person in view.tables["person"] if _inside(person, asked) or person["id"] in serving]
    return [person for person in people if works(person)]


def _observed(view: Any) -> bool:
    return bool(view.grant["role"] == "OBSERVER")


def _told(view: Any, asked: Row, numbers: Iterable[int]) -> bool:
    """Whether figures of people are told: to who sees figures alone, those of the own scope today, if none is few."""
    if not _observed(view):
        return True
    own = asked["on"] is None and asked["place"]["path"] == view.grant["path"]
    return own and not any(0 < number < SMALLEST for number in numbers)


def _personnel(view: Any, asked: Row, _: Any) -> int | None:
    number = len(_people(view, asked))
    return number if _told(view, asked, [number]) else None


def _by(name: str, kinds: tuple[str, ...], rows: Callable[[Any, Row], list[Row]]) -> Any:
    def resolve(view: Any, asked: Row, _: Any) -> list[Row]:
        found = rows(view, asked)
        column = "level" if name == "level" else "kind"
        numbers = {kind: sum(row[column] == kind for row in found) for kind in kinds}
        told = rows is not _people or _told(view, asked, numbers.values())
        return [{name: kind, "count": number if told else None} for kind, number in numbers.items()]

    return resolve


def _inhabitants(column: str) -> Any:
    def resolve(view: Any, asked: Row, _: Any) -> int:
        table = "grid" if asked["place"]["$type"] == "Grid" else "community"
        return sum(row[column] for row in _there(view, table, asked))

    return resolve


def _services(*parts: str) -> Any:
    """The sums of the records whose day has these parts in common with the day that is asked of, and is not later."""

    def resolve(view: Any, asked: Row, _: Any) -> Row | None:
        if _observed(view):
            return None
        day = asked["on"] or view.today.day
        found = [row for row in view.rows["service_record"] if row["state"] == "VALID" and _inside(row, asked)]
        found = [row for row in found if row["served_on"] <= day]
        found = [row for row in found if all(getattr(row["served_on"], p) == getattr(day, p) for p in parts)]
        return {
            "records": len(found),
            "contacts": sum(row["contacts"] for row in found),
            "beneficiaries": sum(row["beneficiaries"] for row in found),
        }

    return resolve


def _number(table: str) -> Any:
    return lambda view, asked, _: len(_there(view, table, asked))


# -- coverage ------------------------------------------------------------------------------------------------------


def coverage(view: Any, _: Any, arguments: Given) -> Any:
    """The open communities, and the items over all of them."""
    asked = {
        f"${name}": date.fromisoformat(arguments[name]) if arguments.get(name) else None for name in ("from", "to")
    }
    rows = [row | asked for row in view.rows["community"] if row["closed_on"] is None]
    if arguments["uncoveredOnly"]:
        rows = [row for row in rows if not all(cell["covered"] for cell in _cells(view, row))]
    everything = view.pages_of("community", rows, {"where": arguments.get("where"), "first": MOST})["nodes"]
    page = view.pages_of("community", rows, arguments)
    return page | {"items": _columns(view, everything)}


def _cells(view: Any, community: Row, _: Any = None) -> list[Row]:
    first, last = community["$from"], community["$to"]
    records = [
        row
        for row in view.rows["service_record"]
        if row["state"] == "VALID"
        and row["path"].startswith(community["path"])
        and (first is None or row["served_on"] >= first)
        and (last is None or row["served_on"] <= last)
    ]
    day = last or view.today.day
    items = [
        item
        for item in view.rows["service_item"]
        if community["path"].startswith(item["path"])
        and item["county_id"] == community["county_id"]
        and (item["withdrawn_on"] is None or item["withdrawn_on"] > day)
    ]
    return [_cell(view, item, records) for item in sorted(items, key=lambda item: (item["code"], item["id"]))]


def _cell(view: Any, item: Row, records: list[Row]) -> Row:
    found = [row for row in records if row["item_id"] == item["id"]]
    return {
        "item": item,
        "covered": bool(found),
        "records": None if _observed(view) else len(found),
        "contacts": None if _observed(view) else sum(row["contacts"] for row in found),
        "lastServedOn": max(row["served_on"] for row in found).isoformat() if found else None,
    }


def _columns(view: Any, communities: list[Row]) -> list[Row]:
    cells = [cell for community in communities for cell in _cells(view, community)]
    items = {cell["item"]["id"]: cell["item"] for cell in cells}
    told = []
    for item in sorted(items.values(), key=lambda item: (item["code"], item["id"]))[:MOST_ITEMS]:
        of = [cell["covered"] for cell in cells if cell["item"]["id"] == item["id"]]
        told.append({"item": item, "communities": sum(of), "share": sum(of) / len(of)})
    return told


def _share(view: Any, community: Row, _: Any) -> float | None:
    cells = _cells(view, community)
    return sum(cell["covered"] for cell in cells) / len(cells) if cells else None


FIELDS = {
    ("Query", "networkSummary"): summary,
    **{(type_, "rollup"): rollup for type_ in PLACES},
    ("NetworkSummary", "stations"): _number("station"),
    ("NetworkSummary", "communities"): _number("community"),
    ("NetworkSummary", "grids"): _number("grid"),
    ("NetworkSummary", "stationsByLevel"): _by("level", STATION_LEVELS, lambda view, of: _there(view, "station", of)),
    ("NetworkSummary", "communitiesByKind"): _by(
        "kind", COMMUNITY_KINDS, lambda view, of: _there(view, "community", of)
    ),
    ("NetworkSummary", "households"): _inhabitants("households"),
    ("NetworkSummary", "residents"): _inhabitants("residents"),
    ("NetworkSummary", "personnel"): _personnel,
    ("NetworkSummary", "personnelByKind"): _by("kind", PERSON_KINDS, _people),
    ("NetworkSummary", "services"): _services("year"),
    ("NetworkSummary", "servicesThisMonth"): _services("year", "month"),
    ("Query", "coverage"): coverage,
    ("Coverage", "community"): lambda _, community, __: community,
    ("Coverage", "cells"): _cells,
    ("Coverage", "covered"): lambda view, community, _: sum(cell["covered"] for cell in _cells(view, community)),
    ("Coverage", "uncovered"): lambda view, community, _: [
        cell["item"] for cell in _cells(view, community) if not cell["covered"]
    ],
    ("Coverage", "share"): _share,
}
MADE_OF = {"NetworkSummary": PLACES, "Coverage": ("Community",)}
ENTRIES = {
    "NetworkSummary": ("networkSummary(within: $place) {", "}"),
    "Coverage": ("coverage(first: 5) { nodes {", "} }"),
    "ItemCoverage": ("coverage(first: 1) { items {", "} }"),
}
WITHIN = {
    "StationCount": ("NetworkSummary", "stationsByLevel"),
    "CommunityCount": ("NetworkSummary", "communitiesByKind"),
    "PersonnelCount": ("NetworkSummary", "personnelByKind"),
    "ServiceSums": ("NetworkSummary", "services"),
    "CoverageCell": ("Coverage", "cells"),
}
