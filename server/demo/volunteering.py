"""Calls for volunteers with who signed up, and responsibility targets from the hub down to the grids of 南埕村."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from models import Indicator, PersonKind, PlaceLevel, SignUpState, VolunteerCallState
from server.demo.people import Office
from server.demo.places import NANCHENGCUN, TEAM_STATIONS, Tree
from server.demo.rows import Rows, Spot, day_between, stream

YEARS = range(2021, 2025)
WHOLE = date(2021, 1, 1), date(2035, 12, 31)
RESET = 2022
"""The year in which the hub asked for less after a while."""
ASKED = {
    PlaceLevel.HUB: {
        Indicator.SERVICE_RECORDS: 400,
        Indicator.SERVICE_CONTACTS: 9000,
        Indicator.CLIENTS_SERVED: 120,
        Indicator.SURVEYS: 60,
        Indicator.REFERRALS_COMPLETED: 12,
        Indicator.VOLUNTEER_HOURS: 20,
    },
    PlaceLevel.DEMONSTRATION: {Indicator.SERVICE_RECORDS: 60, Indicator.VOLUNTEER_HOURS: 2},
    PlaceLevel.COMMUNITY: {Indicator.SERVICE_RECORDS: 6, Indicator.CLIENTS_SERVED: 3},
    PlaceLevel.GRID: {Indicator.SERVICE_RECORDS: 2, Indicator.SURVEYS: 2},
}
"""How much is asked of a place a year."""

CALLED = {
    "electrician": "为独居老人检修电路",
    "barber": "上门为行动不便老人理发",
    "medical": "村居义诊",
    "legal": "法律咨询进网格",
    "psychology": "留守儿童心理陪伴",
    "teaching": "周末作业辅导",
    "repair": "家电义务维修",
    "plumbing": "水管维修",
    "cooking": "敬老助餐",
    "arts": "重阳文艺演出",
    "ceramics": "陶瓷技艺体验课",
    "first-aid": "急救知识普及",
}
ANYBODY = "清洁家园行动"
CALLS = 25
AHEAD = date(2035, 5, 1)


def call_volunteers(office: Office, tree: Tree) -> None:
    """Calls for volunteers, and responsibility targets."""
    set_targets(office.rows, tree, stream("targets"))
    Calling(office.rows, tree, stream("volunteer calls")).call()


def set_targets(rows: Rows, tree: Tree, random: Random) -> None:
    """Targets of each year, and of all together."""
    village = tree.communities[NANCHENGCUN]
    communities = [tree.communities_of(tree.stations[code])[0] for code in TEAM_STATIONS]
    leaders = [station for station in tree.stations.values() if station.level is PlaceLevel.DEMONSTRATION]
    for place in (tree.hub, *leaders, *communities, village, *tree.grids[village.code]):
        for indicator, usual in ASKED[place.level].items():
            for year in YEARS:
                period = date(year, 1, 1), date(year, 12, 31)
                amount = max(1, round(usual * random.uniform(0.8, 1.2)))
                if place is tree.hub and year == RESET:
                    _set(rows, place, indicator, period, amount * 2, date(RESET, 3, 1))
                _set(rows, place, indicator, period, amount)
            _set(rows, place, indicator, WHOLE, usual * (WHOLE[1].year - WHOLE[0].year + 1))


def _set(
    rows: Rows,
    place: Spot,
    indicator: Indicator,
    period: tuple[date, date],
    amount: int,
    withdrawn_on: date | None = None,
) -> None:
    begins_on, ends_on = period
    dates = {"begins_on": begins_on, "ends_on": ends_on, "withdrawn_on": withdrawn_on}
    rows.add("target", **place.located(), indicator=indicator, amount=amount, **dates)


class Calling:
    """Calls for volunteers: most are over, some were cancelled, the last are far ahead."""

    def __init__(self, rows: Rows, tree: Tree, random: Random) -> None:
        self._rows, self._random = rows, random
        self._places = _places(tree)
        self._skills = {row["id"]: row["code"] for row in rows.tables["skill"]}
        volunteers = [person for person in rows.tables["person"] if person["kind"] is PersonKind.VOLUNTEER]
        self._homes = {person["id"]: person["path"] for person in volunteers}
        self._skilled: dict[int, list[int]] = {skill: [] for skill in self._skills}
        for held in rows.tables["person_skill"]:
            self._skilled[held["skill_id"]].append(held["person_id"])

    def call(self) -> None:
        """All of them."""
        for number in range(CALLS):
            place = self._places[number % len(self._places)]
            near = self._near(place)
            # Every fifth asks for no skill; the others for one that somebody near by has.
            known = [skill for skill, people in self._skilled.items() if near & set(people)]
            skill = None if number % 5 == 4 else self._random.choice(known)
            people = sorted(near if skill is None else near & set(self._skilled[skill]))
            self._one(number, place, skill, self._random.sample(people, min(len(people), 1 + number % 4)))

    def _near(self, place: Spot) -> set[int]:
        """The volunteers at home below the station of a place."""
        return {person for person, path in self._homes.items() if path.startswith(place.station.path)}

    def _one(self, number: int, place: Spot, skill: int | None, people: list[int]) -> None:
        if number % 5 == 2:
            state, needed_on = VolunteerCallState.OPEN, AHEAD + timedelta(days=number)
        else:
            state = VolunteerCallState.CANCELLED if number % 8 == 5 else VolunteerCallState.FULFILLED
            needed_on = day_between(self._random, max(place.opened_on, date(2022, 1, 1)), date(2024, 12, 31))
        call_id = self._rows.add(
            "volunteer_call",
            **place.located(),
            title=ANYBODY if skill is None else CALLED[self._skills[skill]],
            skill_id=skill,
            needed_on=needed_on,
            needed=len(people) + 1 + number % 3,
            state=state,
        )
        for index, person_id in enumerate(people):
            became = self._became(state, number + index)
            came = became is SignUpState.ATTENDED
            self._rows.add(
                "sign_up",
                **place.located(),
                call_id=call_id,
                person_id=person_id,
                state=became,
                hours=Decimal(self._random.randint(2, 16)) / 4 if came else None,
            )

    @staticmethod
    def _became(state: VolunteerCallState, number: int) -> SignUpState:
        if state is VolunteerCallState.CANCELLED:
            return SignUpState.WITHDRAWN
        if state is VolunteerCallState.OPEN:
            return SignUpState.WITHDRAWN if number % 4 == 3 else SignUpState.SIGNED_UP
        return {6: SignUpState.ABSENT, 10: SignUpState.WITHDRAWN}.get(number % 11, SignUpState.ATTENDED)


def _places(tree: Tree) -> list[Spot]:
    """Where is called: at the stations, at some of their communities, and in 南埕村 and a grid of it."""
    village = tree.communities[NANCHENGCUN]
    places: list[Spot] = [village, tree.grids[village.code][0]]
    for number, station in enumerate(tree.stations.values()):
        near = tree.communities_of(station)
        places.append(near[0] if near and number % 2 else station)
    return places
