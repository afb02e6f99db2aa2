"""Where services happen, which there are and who offers them: venues, the catalogue with the lists, the calendar."""

from collections.abc import Iterable
from datetime import date

from models import PlaceLevel, ServiceField, ServiceNeed, StationLevel, VenueKind
from server.demo.people import Office
from server.demo.places import GAP, NANCHENGCUN, TEAM_STATIONS, Tree
from server.demo.rows import Rows, Spot, day_between, stream

FUDONG = "350526100002"
"""富东社区, whose room's services are purchased."""
SANBAN, CHISHUI = "350526102", "350526107"
VILLAGE_ROOMS, NEIGHBOURHOOD_CENTRES = 12, 10
LATEST = date(2024, 3, 31)
CLOSED_ON = date(2023, 6, 30)
FAR = date(2035, 1, 1)

ELDERLY, CHILDREN, HEALTH, FOOD, LEISURE, AFFAIRS = ServiceNeed
CENTRE, GOVERNANCE, TALENT, STREAM, ROOM = VenueKind

Times = tuple[tuple[int, str, str], ...]
WEEKDAYS, WEEK = range(1, 6), range(1, 8)
OFFICE_HOURS: Times = tuple(
    (day, opens, closes) for day in WEEKDAYS for opens, closes in (("08:00", "11:30"), ("14:30", "17:30"))
)
TWICE_A_WEEK: Times = tuple(time for time in OFFICE_HOURS if time[0] in (2, 4))
DAILY: Times = tuple((day, "09:00", "21:00") for day in WEEK)
EVENINGS: Times = ((6, "19:00", "21:30"), (7, "19:00", "21:30"))

# Code, name, field.
ITEMS = (
    ("FW-01", "低保对象探访", ServiceField.SOCIAL_ASSISTANCE),
    ("FW-02", "临时救助代办", ServiceField.SOCIAL_ASSISTANCE),
    ("FW-03", "居家养老探视", ServiceField.ELDERLY_CARE),
    ("FW-04", "助餐配送", ServiceField.ELDERLY_CARE),
    ("FW-05", "健康讲座", ServiceField.ELDERLY_CARE),
    ("FW-06", "留守儿童课后辅导", ServiceField.CHILD_CARE),
    ("FW-07", "困境儿童帮扶", ServiceField.CHILD_CARE),
    ("FW-08", "亲子活动", ServiceField.CHILD_CARE),
    ("FW-09", "邻里纠纷调解", ServiceField.COMMUNITY_GOVERNANCE),
    ("FW-10", "志愿服务组织", ServiceField.COMMUNITY_GOVERNANCE),
)
OFFERED = {NANCHENGCUN: ("FW-03", "FW-04", "FW-05"), FUDONG: ("FW-03", "FW-04", "FW-08")}
BY_STATIONS = ("FW-01", "FW-02")
EACH = 2
# Far off, so that no deadline of today goes by them: the fair of the county's porcelain, and the Sunday after it.
DAYS = ((date(2035, 10, 19), False, "德化陶瓷博览会开幕日"), (date(2035, 10, 21), True, "陶瓷博览会调休补班"))


def open_venues(office: Office, tree: Tree) -> None:
    """Venues, the service catalogue and lists, the calendar."""
    venues = Venues(office.rows)
    _open_first_rooms(venues, tree)
    _open_centres(venues, tree)
    _open_village_rooms(venues, tree)
    for code, name, field in ITEMS:
        office.rows.add("service_item", **tree.hub.located(), code=code, name=name, field=field, withdrawn_on=None)
    _list_offers(office.rows, tree)
    for day, working, name in DAYS:
        office.rows.add("calendar_day", **tree.hub.located(), day=day, working=working, name=name)


class Venues:
    """Opens venues, each with its needs and opening times."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._random = stream("venues")
        self._agencies = {row["name"]: row["id"] for row in rows.tables.get("agency", ())}
        self._opened: dict[str, int] = {}

    def open(
        self,
        place: Spot,
        kind: VenueKind,
        name: str,
        opened_on: date,
        needs: Iterable[ServiceNeed],
        times: Times,
        *,
        purchased_of: str | None = None,
        closed_on: date | None = None,
    ) -> None:
        """A venue of a place; `purchased_of`: the name of the agency whose services are bought."""
        number = self._opened[place.code] = self._opened.get(place.code, 0) + 1
        venue_id = self._rows.add(
            "venue",
            **place.located(),
            code=f"{place.code}-V{number:02}",
            name=name,
            kind=kind,
            address=f"{_neighbourhood(place)}示例路{self._random.randint(1, 99)}号",
            capacity=self._random.choice((20, 30, 40, 60, 80, 120)),
            purchased=purchased_of is not None,
            agency_id=self._agencies.get(purchased_of) if purchased_of else None,
            opened_on=opened_on,
            closed_on=closed_on,
        )
        met = set(needs)
        for need in ServiceNeed:
            if need in met:
                self._rows.add("venue_need", **place.located(), venue_id=venue_id, need=need)
        for weekday, opens, closes in times:
            self._rows.add(
                "opening_time", **place.located(), venue_id=venue_id, weekday=weekday, opens=opens, closes=closes
            )

    def later(self, place: Spot) -> date:
        """A day on which a place may have opened a venue, after the first one of all."""
        return day_between(self._random, max(date(2021, 12, 1), place.opened_on), LATEST)

    def some(self, needs: tuple[ServiceNeed, ...]) -> list[ServiceNeed]:
        """One or two of these."""
        return self._random.sample(needs, self._random.randint(1, 2))


def _open_first_rooms(venues: Venues, tree: Tree) -> None:
    first, bought = tree.communities[NANCHENGCUN], tree.communities[FUDONG]
    venues.open(first, ROOM, "南埕村社会工作服务室", date(2021, 10, 18), (ELDERLY, HEALTH, FOOD), OFFICE_HOURS)
    venues.open(
        bought,
        ROOM,
        "富东社区社会工作服务室",
        date(2022, 3, 1),
        (ELDERLY, FOOD, LEISURE),
        OFFICE_HOURS,
        purchased_of="瓷都社会工作服务中心",
    )


def _open_centres(venues: Venues, tree: Tree) -> None:
    hub, streaming, closed = tree.hub, tree.stations[SANBAN], tree.stations[CHISHUI]
    venues.open(hub, TALENT, "德化县社会工作人才之家", date(2022, 11, 8), (LEISURE, AFFAIRS), OFFICE_HOURS)
    venues.open(streaming, STREAM, "三班镇陶瓷助农直播基地", date(2022, 5, 20), (LEISURE,), EVENINGS)
    venues.open(closed, STREAM, "赤水镇助农直播基地", date(2022, 8, 1), (LEISURE,), EVENINGS, closed_on=CLOSED_ON)
    for station in tree.stations.values():
        if station.level == PlaceLevel(StationLevel.DEMONSTRATION):
            name = f"{station.name.removesuffix('社工站')}社会治理中心"
            venues.open(station, GOVERNANCE, name, venues.later(station), (AFFAIRS,), OFFICE_HOURS)
    urban = [
        community
        for code in TEAM_STATIONS
        for community in tree.communities_of(tree.stations[code])
        if tree.is_residential(community) and community.code not in (GAP, FUDONG)
    ]
    for community in urban[:: len(urban) // NEIGHBOURHOOD_CENTRES][:NEIGHBOURHOOD_CENTRES]:
        needs = (LEISURE, *venues.some((CHILDREN, ELDERLY, FOOD, AFFAIRS)))
        venues.open(community, CENTRE, f"{community.name}邻里中心", venues.later(community), needs, DAILY)


def _open_village_rooms(venues: Venues, tree: Tree) -> None:
    villages = [
        community
        for community in tree.communities.values()
        if not tree.is_residential(community) and community.code != NANCHENGCUN
    ]
    for village in villages[:: len(villages) // VILLAGE_ROOMS][:VILLAGE_ROOMS]:
        needs = (ELDERLY, *venues.some((HEALTH, FOOD, CHILDREN)))
        venues.open(village, ROOM, f"{village.name}社会工作服务室", venues.later(village), needs, TWICE_A_WEEK)


def _list_offers(rows: Rows, tree: Tree) -> None:
    """What stations and communities offer: most go on, some have ended, some are to come."""
    random = stream("offers")
    numbers = {code: number for number, (code, _, _) in enumerate(ITEMS, start=1)}

    def offer(place: Spot, code: str, since: date, until: date | None = None) -> None:
        rows.add("service_offer", **place.located(), valid_from=since, valid_to=until, item_id=numbers[code])

    for station in tree.stations.values():
        for code in BY_STATIONS:
            offer(station, code, station.opened_on)
    for count, community in enumerate(tree.communities.values()):
        if community.code == GAP:
            continue
        chosen = OFFERED.get(community.code) or random.sample(list(numbers), EACH)
        for code in chosen:
            offer(community, code, day_between(random, community.opened_on, date(2022, 12, 31)))
        others = [code for code in numbers if code not in chosen]
        if count % 12 == 0:
            offer(community, random.choice(others), community.opened_on, CLOSED_ON)
        elif count % 30 == 1:
            offer(community, random.choice(others), FAR)


def _neighbourhood(place: Spot) -> str:
    township = place.station.name.removesuffix("社工站") if place.parent else ""
    return f"福建省泉州市德化县{township}{place.name if place.level is PlaceLevel.COMMUNITY else ''}"
