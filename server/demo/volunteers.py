"""Volunteers: teams at every station and at some communities, their members and what those can do."""

from datetime import date, timedelta
from random import Random

from models import PersonKind
from server.demo.grid_people import LAST_START, LATER
from server.demo.people import Member, Office
from server.demo.places import GAP, NANCHENGCUN, Tree, after_opening
from server.demo.rows import Spot, day_between, stream

SKILLS = {
    "electrician": "电工",
    "barber": "理发",
    "medical": "医疗",
    "legal": "法律",
    "psychology": "心理",
    "teaching": "助学",
    "repair": "家电维修",
    "plumbing": "水管维修",
    "cooking": "助餐",
    "arts": "文艺",
    "ceramics": "陶瓷技艺",
    "first-aid": "急救",
}

STATION_MEMBERS = 8
COMMUNITY_MEMBERS = 6
COMMUNITY_TEAMS = 18
HUB_MEMBERS = 12


def gather_volunteers(office: Office, tree: Tree) -> None:
    """Skills, teams, volunteers."""
    for code, name in SKILLS.items():
        office.rows.add("skill", code=code, name=name)
    volunteering = Volunteering(office, stream("volunteers"))
    for station in tree.stations.values():
        near = [community for community in tree.communities_of(station) if community.code != GAP]
        members = STATION_MEMBERS if station.parent else HUB_MEMBERS
        # A station's volunteers are at home in its communities, the hub's at the hub itself.
        volunteering.team(station, f"{station.name}志愿服务队", near or [station], members)
    communities = [community for community in tree.communities.values() if community.code != GAP]
    chosen = communities[:: len(communities) // COMMUNITY_TEAMS][:COMMUNITY_TEAMS]
    for community in dict.fromkeys((*chosen, tree.communities[NANCHENGCUN])):
        volunteering.team(community, f"{community.name}邻里互助队", [community], COMMUNITY_MEMBERS)


class Volunteering:
    """Founds teams."""

    def __init__(self, office: Office, random: Random) -> None:
        self._office = office
        self._random = random
        self._founded = 0
        self._members = 0

    def team(self, place: Spot, name: str, homes: list[Spot], size: int) -> None:
        """A team with so many members of today, now and then one more who has left or is only to come."""
        self._founded += 1
        team_id = self._office.rows.add("volunteer_team", **place.located(), code=f"{place.code}-T01", name=name)
        for _ in range(size):
            self._join(team_id, place, self._volunteer(homes, after_opening(self._random, place, LAST_START)))
        if self._founded % 3 == 0:
            since = day_between(self._random, place.opened_on, date(2022, 12, 31))
            left = since + timedelta(days=self._random.randint(90, 400))
            former = self._volunteer(homes, since)
            self._join(team_id, place, former, until=left)
            if self._founded % 2:
                self._join(team_id, place, former, left + timedelta(days=200))
        elif self._founded % 7 == 0:
            self._join(team_id, place, self._volunteer(homes, LATER))

    def _join(
        self, team_id: int, place: Spot, member: Member, since: date | None = None, until: date | None = None
    ) -> None:
        self._office.rows.add(
            "team_membership",
            **place.located(),
            valid_from=since or member.since,
            valid_to=until,
            team_id=team_id,
            person_id=member.id,
        )

    def _volunteer(self, homes: list[Spot], since: date) -> Member:
        """A new one with one to three skills; the first goes round, so that every skill has its people."""
        member = self._office.hire(PersonKind.VOLUNTEER, self._random.choice(homes), since)
        first = self._members % len(SKILLS)
        self._members += 1
        further = self._random.sample(range(1, len(SKILLS)), self._random.choice((0, 0, 1, 2)))
        for number in (first, *sorted((first + step) % len(SKILLS) for step in further)):
            self._office.rows.add("person_skill", **member.home.located(), person_id=member.id, skill_id=number + 1)
        return member
