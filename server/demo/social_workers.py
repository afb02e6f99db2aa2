"""Social workers: those of the stations, who is linked to which community, and their certificates."""

from datetime import date, timedelta
from random import Random

from models import Duty, PersonKind, QualificationLevel, StationLevel
from server.demo.grid_people import LAST_START, LATER
from server.demo.people import Member, Office
from server.demo.places import GAP, LONGXUN, NANCHENGCUN, TEAM_STATIONS, XUNZHONG, Tree, after_opening
from server.demo.rows import Spot, day_between, stream

STAFF = {StationLevel.HUB: 8, StationLevel.DEMONSTRATION: 4, StationLevel.BASIC: 3}
"""Social workers at a station; the first answers for it."""

TEAM_OWN = 5
"""Linked social workers at each of the report's two stations; their leaders come on top."""
TEAM_FROM_HUB = {XUNZHONG: 1, LONGXUN: 2}
"""Linked social workers whom the hub lends to the two; 13 in all."""

LAST_HIRED = date(2022, 12, 31)
CHANGE = date(2023, 7, 1)

NANCHENG = "350526105"
SANBAN, LONGMENTAN = "350526102", "350526103"
GAIDE, SHANGYONG = "350526110", "350526108"


def employ_social_workers(office: Office, tree: Tree) -> None:
    """Everything of this module."""
    SocialWork(office, tree, stream("social workers")).employ()


class SocialWork:
    """Employs, links and certifies."""

    def __init__(self, office: Office, tree: Tree, random: Random) -> None:
        self._office = office
        self._tree = tree
        self._random = random
        self._staff: dict[str, list[Member]] = {}

    def employ(self) -> None:
        """The stations first, then who of them serves elsewhere."""
        for station in self._tree.stations.values():
            self._employ_at(station)
        self._link_team()
        self._link_others()
        self._help_out()
        for members in self._staff.values():
            for member in members:
                self._certify(member)

    def _employ_at(self, station: Spot) -> None:
        level = StationLevel(station.level)
        count = TEAM_OWN + 2 if station.code in TEAM_STATIONS else STAFF[level]
        # Two opened it, the others came.
        starts = [station.opened_on] * 2
        starts += [after_opening(self._random, station, LAST_HIRED) for _ in range(count - 2)]
        members = [self._office.hire(PersonKind.SOCIAL_WORKER, station, since) for since in starts]
        self._staff[station.code] = members
        for member in members:
            self._office.assign(member, station, Duty.STATION_SOCIAL_WORKER, member.since)
        leader, deputy = members[:2]
        if self._random.random() < 0.3:
            self._answer(deputy, station, station.opened_on, CHANGE)
            self._answer(leader, station, CHANGE, None)
        elif level is StationLevel.BASIC and self._random.random() < 0.2:
            self._answer(leader, station, station.opened_on, LATER)
            self._answer(deputy, station, LATER, None)
        else:
            self._answer(leader, station, station.opened_on, None)

    def _link_team(self) -> None:
        """The 23 communities of the report share 13 social workers; some serve two or three, two have two."""
        lent = iter(self._staff[self._tree.hub.code][1:])
        for code in TEAM_STATIONS:
            station = self._tree.stations[code]
            workers = self._staff[code][2:] + [next(lent) for _ in range(TEAM_FROM_HUB[code])]
            communities = [c for c in self._tree.communities_of(station) if self._tree.is_residential(c)]
            communities = [community for community in communities if community.code != GAP]
            for number, community in enumerate(communities):
                self._link(workers[number % len(workers)], community)
            self._link(workers[-1], communities[0])

    def _link_others(self) -> None:
        """Every third community elsewhere has a social worker of its station."""
        elsewhere = [c for c in self._tree.communities.values() if c.station.code not in TEAM_STATIONS]
        for number, community in enumerate(elsewhere):
            workers = self._staff[community.station.code]
            if number % 3 == 0:
                self._link(workers[1 + number % (len(workers) - 1)], community)
            elif number % 15 == 1:
                self._link(workers[-1], community, until=CHANGE)
            elif number % 15 == 2:
                self._link(workers[-1], community, since=LATER)

    def _help_out(self) -> None:
        """What is seen from elsewhere: today's links of the hub's people, and some that are over or to come."""
        hub = self._staff[self._tree.hub.code]
        first_room = self._tree.communities[NANCHENGCUN]
        self._link(hub[4], first_room)
        self._link(self._staff[NANCHENG][2], self._tree.grids[NANCHENGCUN][0])
        self._link(hub[5], first_room, until=CHANGE)
        self._link(hub[6], first_room, since=LATER)
        self._link(hub[7], self._tree.communities_of(self._tree.stations[LONGXUN])[0], until=CHANGE)
        # Stations help one another: within a zone, and across.
        for helper, helped in ((SANBAN, LONGMENTAN), (GAIDE, SHANGYONG)):
            station = self._tree.stations[helped]
            helping = self._staff[helper][3]
            since = day_between(self._random, max(station.opened_on, helping.since), LAST_START)
            self._office.assign(helping, station, Duty.STATION_SOCIAL_WORKER, since)

    def _link(self, member: Member, spot: Spot, since: date | None = None, until: date | None = None) -> None:
        if since is None:
            first = max(spot.opened_on, member.since) + timedelta(days=30)
            since = day_between(self._random, first, until - timedelta(days=60) if until else LAST_START)
        self._office.assign(member, spot, Duty.LINKED_SOCIAL_WORKER, since, until)

    def _answer(self, member: Member, station: Spot, since: date, until: date | None) -> None:
        self._office.assign(member, station, Duty.RESPONSIBLE_PERSON, since, until)

    def _certify(self, member: Member) -> None:
        """Two of three are certified, one level after the other; their registration lasts for three years."""
        reached = self._random.choices((0, 1, 2, 3), weights=(6, 9, 4, 1))[0]
        obtained_on = day_between(self._random, date(2014, 9, 1), date(2018, 9, 1))
        for level in tuple(QualificationLevel)[:reached]:
            number = len(self._office.rows.tables.get("qualification", [])) + 1
            registered = self._random.random() < 0.25
            self._office.rows.add(
                "qualification",
                **member.home.located(),
                person_id=member.id,
                level=level,
                certificate_number=f"DEMO{obtained_on.year}{number:06}",
                obtained_on=obtained_on,
                expires_on=obtained_on.replace(year=obtained_on.year + 3) if registered else None,
            )
            obtained_on += timedelta(days=self._random.randint(600, 1100))
