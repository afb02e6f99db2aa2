"""Venues, the service catalogue with what places offer of it, the calendar. Before the groups that name these."""

from datetime import date, timedelta
from typing import Any

from tests.nouns.base import (
    PUBLIC_ID,
    Act,
    Case,
    Given,
    Noun,
    Planting,
    Row,
    at_closed,
    change,
    fresh,
    inherited,
    many,
    overlapping,
)

SIX = ("ELDERLY", "CHILDREN", "HEALTH", "FOOD", "LEISURE", "AFFAIRS")
KINDS = ("NEIGHBOURHOOD_CENTRE", "GOVERNANCE_CENTRE", "TALENT_HOME", "LIVE_STREAM_BASE", "SERVICE_ROOM")
SERVICE_FIELDS = ("SOCIAL_ASSISTANCE", "ELDERLY_CARE", "CHILD_CARE", "COMMUNITY_GOVERNANCE")
PLACE_LETTERS = {"S": "station", "C": "community", "G": "grid"}

NOUNS = [
    Noun(
        "Venue",
        "venue",
        "VE",
        many="venues",
        below=("Station", "Community", "Grid"),
        single="venue",
        by_code=True,
        dates=frozenset({"opened_on"}),
        refs={"agency": "AG"},
        leaves=True,
    ),
    Noun(
        "ServiceItem",
        "service_item",
        "SI",
        many="serviceItems",
        single="serviceItem",
        by_code=True,
        within=False,
        order=("code",),
        common=frozenset({"field"}),
        sees=inherited,
    ),
    Noun(
        "ServiceOffer",
        "service_offer",
        "SO",
        many="serviceOffers",
        whole="current: false",
        dates=frozenset({"valid_from"}),
        refs={"item": "SI"},
    ),
    Noun(
        "CalendarDay",
        "calendar_day",
        "CD",
        many="calendarDays",
        within=False,
        order=("day",),
        dates=frozenset({"day"}),
        sees=inherited,
    ),
]
TABLES = ("venue_need", "opening_time")


# -- what is read --------------------------------------------------------------------------------------------------


def needs(view: Any, venue: Row, _: Any = None) -> list[str]:
    """The needs that a venue meets, in the order of the six."""
    met = {row["need"] for row in view.find("venue_need", "venue_id", venue["id"])}
    return [need for need in SIX if need in met]


def circle(view: Any, _: Any, arguments: Given) -> Row | None:
    """The place that an id names."""
    found = PUBLIC_ID.fullmatch(arguments["place"])
    if found is None or found[1] not in PLACE_LETTERS:
        return None
    place: Row | None = view.by_id[PLACE_LETTERS[found[1]]].get(int(found[2]))
    return place


def meeting(view: Any, path: str, need: str) -> list[Row]:
    """The open venues in a subtree that meet a need."""
    inside = [row for row in view.rows["venue"] if row["path"].startswith(path) and row["closed_on"] is None]
    return [row for row in inside if need in needs(view, row)]


def six(view: Any, place: Row, _: Any) -> list[Given]:
    """The rows of a circle."""
    return [{"need": need, "met": bool(meeting(view, place["path"], need)), "path": place["path"]} for need in SIX]


def offered(view: Any, rows: list[Row], arguments: Given) -> Any:
    """The offers among these that hold today."""
    return view.pages_of(
        "service_offer", [row for row in rows if view.today.covers(row) or not arguments["current"]], arguments
    )


def is_among(found: list[str], operator: str, value: Any) -> bool:
    """Whether one of a row's values is asked for."""
    return bool(set(found) & ({value} if operator == "eq" else set(value))) != (operator == "notIn")


FIELDS = {
    ("Venue", "needs"): needs,
    ("Venue", "openingTimes"): many("opening_time", "venue_id", "weekday", "opens", "id"),
    ("Query", "serviceCircle"): circle,
    ("ServiceCircle", "place"): lambda _, place, __: place,
    ("ServiceCircle", "needs"): six,
    ("ServiceCircle", "met"): lambda view, place, _: [n for n in SIX if meeting(view, place["path"], n)],
    ("ServiceCircle", "unmet"): lambda view, place, _: [n for n in SIX if not meeting(view, place["path"], n)],
    ("ServiceCircleNeed", "venues"): lambda view, row, arguments: view.pages_of(
        "venue", meeting(view, row["path"], row["need"]), arguments
    ),
    ("ServiceItem", "offers"): lambda view, item, arguments: offered(
        view, view.find("service_offer", "item_id", item["id"]), arguments
    ),
    ("Query", "serviceOffers"): lambda view, _, arguments: offered(view, view.rows["service_offer"], arguments),
}
FILTERS = {
    ("Venue", "need"): lambda view, row, operator, value: is_among(needs(view, row), operator, value),
    ("Venue", "closed"): lambda _, row, __, value: (row["closed_on"] is not None) == value,
    ("ServiceItem", "withdrawn"): lambda _, row, __, value: (row["withdrawn_on"] is not None) == value,
}


def at_no_hub(view: Any, row: Row) -> str | None:
    """The county's lists are the hub's."""
    return "WRONG_LEVEL" if row["level"] != "HUB" else at_closed(view, row)


def when_closed(_: Any, row: Row) -> str | None:
    """A venue that is closed."""
    return "CLOSED" if row["closed_on"] is not None else None


def when_withdrawn(_: Any, row: Row) -> str | None:
    """An item that is withdrawn."""
    return "ENDED" if row["withdrawn_on"] is not None else None


def when_ended(view: Any, row: Row) -> str | None:
    """An offer that is over."""
    until = row["valid_to"]
    return "ENDED" if until is not None and until <= max(view.today.day, row["valid_from"]) else None


ACTIONS = {
    "CREATE_VENUE": Act("place", "venue:write", at_closed),
    "UPDATE_VENUE": Act("venue", "venue:write", when_closed),
    "CLOSE_VENUE": Act("venue", "venue:write", when_closed),
    "CREATE_SERVICE_ITEM": Act("place", "catalogue:write", at_no_hub),
    "UPDATE_SERVICE_ITEM": Act("service_item", "catalogue:write", when_withdrawn),
    "WITHDRAW_SERVICE_ITEM": Act("service_item", "catalogue:write", when_withdrawn),
    "OFFER_SERVICE": Act("place", "catalogue:write", at_closed),
    "END_SERVICE_OFFER": Act("service_offer", "catalogue:write", when_ended),
    "SET_CALENDAR_DAY": Act("place", "calendar:write", at_no_hub),
}
CAN = {
    "Venue": {"update": "UPDATE_VENUE", "close": "CLOSE_VENUE"},
    "ServiceItem": {"update": "UPDATE_SERVICE_ITEM", "withdraw": "WITHDRAW_SERVICE_ITEM"},
    "ServiceOffer": {"end": "END_SERVICE_OFFER"},
}
WITHIN = {"OpeningTime": ("Venue", "openingTimes"), "ServiceCircleNeed": ("ServiceCircle", "needs")}
ENTRIES = {"ServiceCircle": ("serviceCircle(place: $place) {", "}")}
NAMES = {"place": ("Station", "Community", "Grid")}


# -- what is written -----------------------------------------------------------------------------------------------

MORNING = {"weekday": 1, "opens": "08:00", "closes": "12:00"}
CASES = {
    "createVenue": Case(
        lambda z: {
            "placeId": z["C1"],
            "kind": "SERVICE_ROOM",
            "code": fresh(),
            "name": "服务室",
            "openedOn": "2024-01-01",
            "purchased": True,
            "agencyId": z["AG1"],
            "needs": ["FOOD", "ELDERLY"],
            "openingTimes": [MORNING],
        }
    ),
    "updateVenue": Case(
        lambda z: {
            "id": z["VE1"],
            "version": 1,
            "placeId": z["C2"],
            "name": "新室",
            "needs": ["HEALTH"],
            "openingTimes": [MORNING, {"weekday": 2, "opens": "08:00", "closes": "12:00"}],
        }
    ),
    "closeVenue": Case(lambda z: {"id": z["VE1"], "version": 1}),
    "createServiceItem": Case(
        lambda z: {"placeId": z["H"], "code": fresh(), "name": "探访", "field": "ELDERLY_CARE"}, at="H"
    ),
    "updateServiceItem": Case(lambda z: {"id": z["SI1"], "version": 1, "name": "新名"}),
    "withdrawServiceItem": Case(lambda z: {"id": z["SI1"], "version": 1}),
    "offerService": Case(lambda z: {"placeId": z["C2"], "itemId": z["SI1"], "validFrom": "2024-01-01"}),
    "endServiceOffer": Case(lambda z: {"id": z["SO1"], "version": 1}),
    "setCalendarDay": Case(lambda z: {"placeId": z["H"], "day": "2025-02-08", "working": True, "name": "补班"}, at="H"),
}


def hours(m: Any) -> list[Given]:
    """Opening times that may overlap, or be none."""
    opens = ("08:00", "09:30", "14:00", "24:00")
    return [
        {
            "weekday": m.random.randint(0, 8),
            "opens": m.random.choice(opens),
            "closes": m.random.choice(("12:00", "18:00")),
        }
        for _ in range(m.random.randint(0, 3))
    ]


def some_needs(m: Any) -> list[str]:
    """Some of the six."""
    return [m.random.choice(SIX) for _ in range(m.random.randint(0, 4))]


MAKE = {
    "createVenue": lambda m: {
        "placeId": m.id("S", "C", "G"),
        "kind": m.random.choice(KINDS),
        "code": m.code(),
        "name": m.text(),
        "openedOn": m.day(),
        "needs": some_needs(m),
        **m.maybe(openingTimes=lambda: hours(m), capacity=m.number, address=m.text),
        **m.maybe(purchased=lambda: m.random.random() < 0.7, agencyId=lambda: m.id("AG")),
        **m.keyed(),
    },
    "updateVenue": lambda m: {
        **change("VE", name="text", code="code", openedOn="day", capacity="number")(m),
        **m.maybe(needs=lambda: some_needs(m), openingTimes=lambda: hours(m), placeId=lambda: m.id("S", "C", "G")),
        **m.maybe(purchased=lambda: m.random.random() < 0.7, agencyId=lambda: m.id("AG")),
    },
    "closeVenue": lambda m: m.row("VE") | m.maybe(on=m.day),
    "createServiceItem": lambda m: {
        "placeId": m.id("S"),
        "code": m.code(),
        "name": m.text(),
        "field": m.random.choice(SERVICE_FIELDS),
        **m.keyed(),
    },
    "updateServiceItem": change("SI", name="text", code="code"),
    "withdrawServiceItem": lambda m: m.row("SI") | m.maybe(on=m.day),
    "offerService": lambda m: {
        "placeId": m.id("S", "C", "G"),
        "itemId": m.id("SI"),
        "validFrom": m.day(),
        **m.keyed(),
    },
    "endServiceOffer": lambda m: m.row("SO") | m.maybe(on=m.day),
    "setCalendarDay": lambda m: {
        "placeId": m.id("S"),
        "day": m.day(),
        "working": m.random.random() < 0.5,
        "name": m.text(),
    },
}
WEIGHTS = {"closeVenue": 1, "withdrawServiceItem": 1}
DONE = {"createVenue", "updateVenue", "offerService"}


async def plant(p: Planting) -> None:
    """A venue with a need and an opening time, an item that a place offers, a day."""
    opened = date(2021, 1, 1)
    venue = await p.add("VE1", "venue", "C1", code=fresh(), name=fresh("室"), kind="SERVICE_ROOM", opened_on=opened)
    await p.add("", "venue_need", "C1", venue_id=venue, need="ELDERLY")
    await p.add("", "opening_time", "C1", venue_id=venue, weekday=1, opens="08:00", closes="11:30")
    # Kept below B1 and not by the hub, as all rows are that have a twin in the other zone.
    item = await p.add("SI1", "service_item", "C1", code=fresh(), name=fresh("项"), field="ELDERLY_CARE")
    await p.add("SO1", "service_offer", "C1", item_id=item, valid_from=opened)
    # A county has each day once, and two zones.
    day = date(2030, 1, 1) + timedelta(days=p.place("C1")["id"] % 9999)
    await p.add("CD1", "calendar_day", "C1", day=day, working=False, name=fresh("日"))


STATES = [
    ("updateVenue", "UPDATE venue SET closed_on = '2024-01-01' WHERE id = {VE1}", "S", "CLOSED", "INVALID"),
    ("closeVenue", "UPDATE venue SET closed_on = '2024-01-01' WHERE id = {VE1}", "S", "CLOSED", "INVALID"),
    (
        "updateServiceItem",
        "UPDATE service_item SET withdrawn_on = '2024-01-01' WHERE id = {SI1}",
        "S",
        "ENDED",
        "INVALID",
    ),
    (
        "withdrawServiceItem",
        "UPDATE service_item SET withdrawn_on = '2024-01-01' WHERE id = {SI1}",
        "S",
        "ENDED",
        "INVALID",
    ),
]

# -- what always holds ---------------------------------------------------------------------------------------------

COPY = "place_id, path, station_id, county_id"
INVARIANTS = {
    "what a venue has is where the venue is": """
        SELECT v.id FROM venue v JOIN venue_need n ON n.venue_id = v.id WHERE n.path <> v.path
        UNION ALL SELECT v.id FROM venue v JOIN opening_time t ON t.venue_id = v.id WHERE t.path <> v.path""",
    "opening times of a day do not overlap": """
        SELECT a.id, b.id FROM opening_time a JOIN opening_time b
            ON a.id < b.id AND a.venue_id = b.venue_id AND a.weekday = b.weekday
         WHERE a.opens < b.closes AND b.opens < a.closes""",
    "only purchased services are an agency's": "SELECT id FROM venue WHERE agency_id IS NOT NULL AND NOT purchased",
    "offers do not overlap": overlapping("service_offer", "{0}.place_id, {0}.item_id"),
    "what is withdrawn is not offered": """
        SELECT o.id FROM service_offer o JOIN service_item i ON i.id = o.item_id
         WHERE i.withdrawn_on IS NOT NULL AND starts_with(o.path, i.path)
           AND COALESCE(o.valid_to, 'infinity') > GREATEST(i.withdrawn_on, o.valid_from)""",
}
BREAKS = {
    "what a venue has is where the venue is": "UPDATE venue SET path = '9.' WHERE id = {VE1}",
    "opening times of a day do not overlap": f"""
        INSERT INTO opening_time ({COPY}, venue_id, weekday, opens, closes)
        SELECT {COPY}, venue_id, weekday, '09:00', '10:00' FROM opening_time WHERE venue_id = {{VE1}}""",
    "only purchased services are an agency's": "UPDATE venue SET agency_id = {AG1} WHERE id = {VE1}",
    "offers do not overlap": f"""
        INSERT INTO service_offer ({COPY}, item_id, valid_from)
        SELECT {COPY}, item_id, valid_from FROM service_offer WHERE id = {{SO1}}""",
    "what is withdrawn is not offered": "UPDATE service_item SET withdrawn_on = '2024-01-01' WHERE id = {SI1}",
}
POLICIES = {("at_home", "service_item"), ("at_home", "calendar_day"), ("in_sight", "venue")}
