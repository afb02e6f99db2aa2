"""The tree: the county's real places (places.csv), with grids, dates, households and residents made up."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from models import CommunityKind, PlaceLevel, StationLevel
from server.demo.rows import Rows, Spot, day_between, stream

PLACES = Path(__file__).with_name("places.csv")

XUNZHONG, LONGXUN = "350526100", "350526101"
TEAM_STATIONS = (XUNZHONG, LONGXUN)
"""The two townships of the county's "grid + social worker" report."""
GAP = "350526100011"
"""东裕社区, the newest of their residential communities: it has no team yet."""

NANCHENGCUN = "350526105205"
"""南埕村, with two of the demo's accounts: it has several grids, a volunteer team, and people from elsewhere."""

OPENED = {
    StationLevel.HUB: (date(2021, 3, 1), date(2021, 3, 1)),
    StationLevel.DEMONSTRATION: (date(2021, 5, 10), date(2021, 9, 30)),
    StationLevel.BASIC: (date(2021, 11, 1), date(2022, 6, 30)),
}
FIXED_GRIDS = {GAP: 2, NANCHENGCUN: 3}
MOVED_STATION, MOVED_FROM, MOVED_ON = "350526206", "350526110", date(2023, 1, 1)
"""国宝乡 belonged to the zone of 盖德镇 before it came to that of 龙浔镇."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of places.csv."""

    code: str
    name: str
    parent_code: str
    zone_lead_code: str
    level_or_kind: str
    demo_account: str

    @property
    def station_name(self) -> str:
        """The name of a county's or township's station."""
        return f"{self.name}社工总站" if self.level_or_kind == StationLevel.HUB else f"{self.name}社工站"


@dataclass(frozen=True, slots=True)
class Tree:
    """All places. `grids` are by their community's code, in the order of their own codes."""

    hub: Spot
    stations: dict[str, Spot]
    communities: dict[str, Spot]
    grids: dict[str, list[Spot]]
    residential: frozenset[str]

    def communities_of(self, station: Spot) -> list[Spot]:
        """Those that a station serves itself, in the order of their codes."""
        return [community for community in self.communities.values() if community.parent is station]

    def is_residential(self, community: Spot) -> bool:
        """Whether it is a residential community and no village."""
        return community.code in self.residential

    def place(self, code: str) -> Spot:
        """The place with a code, whatever its kind."""
        found = self.stations.get(code) or self.communities.get(code)
        return found or next(grid for grid in self.grids[code[:12]] if grid.code == code)


def read_places() -> list[Listed]:
    """The county, its townships, then their villages and communities."""
    with PLACES.open(encoding="utf-8", newline="") as file:
        return [
            Listed(
                line["code"],
                line["name"],
                line["parent_code"],
                line["zone_lead_code"],
                line["level_or_kind"],
                line["demo_account"],
            )
            for line in csv.DictReader(file)
        ]


class Planter:
    """Grows the tree from the top; ids are given in that order."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._random = stream("places")
        self._next_id = 1
        self._stations: dict[str, Spot] = {}

    def plant(self, listed: list[Listed]) -> Tree:
        """Stations by level, then communities with their grids."""
        for level in StationLevel:
            for line in listed:
                if line.level_or_kind == level:
                    self._stations[line.code] = self._station(line, level)
        communities: dict[str, Spot] = {}
        grids: dict[str, list[Spot]] = {}
        residential = set()
        for line in listed:
            if line.level_or_kind in set(CommunityKind):
                communities[line.code], grids[line.code] = self._community(line, CommunityKind(line.level_or_kind))
                if line.level_or_kind == CommunityKind.RESIDENTIAL:
                    residential.add(line.code)
        hub = next(station for station in self._stations.values() if station.parent is None)
        return Tree(hub, self._stations, communities, grids, frozenset(residential))

    def _station(self, line: Listed, level: StationLevel) -> Spot:
        parent = self._stations.get(line.zone_lead_code or line.parent_code)
        opened_on = day_between(self._random, *OPENED[level])
        station = self._place(PlaceLevel(level), line.code, line.station_name, line.code, opened_on, parent)
        township = "" if level is StationLevel.HUB else line.name
        self._rows.add_numbered(
            "station",
            **self._shared(station),
            address=f"福建省泉州市德化县{township}示例路{self._random.randint(1, 99)}号",
            opened_on=opened_on,
        )
        return station

    def _community(self, line: Listed, kind: CommunityKind) -> tuple[Spot, list[Spot]]:
        station = self._stations[line.parent_code]
        community = self._place(PlaceLevel.COMMUNITY, line.code, line.name, line.code, station.opened_on, station)
        sizes = [self._size(kind) for _ in range(self._grid_count(line, kind))]
        # Before its grids: ids are then in the order of the tree.
        self._rows.add_numbered(
            "community",
            **self._shared(community),
            kind=kind,
            households=sum(households for households, _ in sizes),
            residents=sum(residents for _, residents in sizes),
        )
        return community, [self._grid(community, number, size) for number, size in enumerate(sizes, start=1)]

    def _grid(self, community: Spot, number: int, size: tuple[int, int]) -> Spot:
        code = f"{community.code}-{number:02}"
        name = f"{community.name}第{number}网格"
        grid = self._place(PlaceLevel.GRID, code, name, community.code, community.opened_on, community)
        self._rows.add_numbered("grid", **self._shared(grid), households=size[0], residents=size[1])
        return grid

    def _place(
        self, level: PlaceLevel, code: str, name: str, division_code: str, opened_on: date, parent: Spot | None
    ) -> Spot:
        spot = Spot(self._next_id, level, code, name, division_code, opened_on, parent)
        self._next_id += 1
        above = parent.copied() if parent else {"path": None, "station_id": None, "county_id": None}
        self._rows.add_numbered(
            "place",
            id=spot.id,
            level=level,
            parent_id=parent.id if parent else None,
            parent_level=parent.level if parent else None,
            **{f"parent_{column}": value for column, value in above.items()},
        )
        self._rows.add(
            "division_code", **spot.located(), valid_from=spot.opened_on, valid_to=None, code=spot.division_code
        )
        if parent is not None:
            self._placements(spot, parent)
        return spot

    def _placements(self, spot: Spot, parent: Spot) -> None:
        since = spot.opened_on
        if spot.code == MOVED_STATION:
            before = self._stations[MOVED_FROM]
            self._rows.add("placement", **spot.located(), parent_id=before.id, valid_from=since, valid_to=MOVED_ON)
            since = MOVED_ON
        self._rows.add("placement", **spot.located(), parent_id=parent.id, valid_from=since, valid_to=None)

    def _shared(self, spot: Spot) -> dict[str, object]:
        return {
            "id": spot.id,
            **spot.copied(),
            "parent_id": spot.parent.id if spot.parent else None,
            "level": spot.level,
            "code": spot.code,
            "name": spot.name,
            "division_code": spot.division_code,
        }

    def _grid_count(self, line: Listed, kind: CommunityKind) -> int:
        if line.code in FIXED_GRIDS:
            return FIXED_GRIDS[line.code]
        if line.parent_code in TEAM_STATIONS:
            return self._random.randint(4, 6) if kind is CommunityKind.RESIDENTIAL else self._random.randint(1, 3)
        return self._random.randint(1, 3)

    def _size(self, kind: CommunityKind) -> tuple[int, int]:
        """Households and residents of a grid."""
        urban = kind is CommunityKind.RESIDENTIAL
        households = self._random.randint(220, 420) if urban else self._random.randint(60, 240)
        return households, round(households * self._random.uniform(2.4, 3.4))


def after_opening(random: Random, spot: Spot, last: date) -> date:
    """A day on which something may have begun at a place, within a month of its opening at the earliest."""
    return day_between(random, spot.opened_on + timedelta(days=7), last)
