"""The talent home: training events with who came, exam results, and the awards of the hub's budgets."""

from datetime import date
from decimal import Decimal
from random import Random

from models import (
    AttendanceState,
    AwardState,
    PersonKind,
    QualificationLevel,
    TrainingEventState,
    TrainingKind,
    VenueKind,
)
from server.demo.people import Office
from server.demo.places import Tree
from server.demo.rows import Row, Rows, Spot, day_between, stream

LECTURES = (
    "个案工作实务",
    "老年社会工作入门",
    "儿童保护与强制报告",
    "社会救助政策解读",
    "小组工作带领技巧",
    "社会工作者职业水平考试辅导",
)
SALONS = ("社工成长沙龙", "网格走访经验交流", "志愿服务项目分享", "陶瓷手作减压沙龙")
SPEAKERS = ("陈老师", "林教授", "黄督导", "郑老师", "苏督导", "徐教授")
HUB_EVENTS = 9
UNTIL = date(2024, 6, 30)
AHEAD = date(2035, 5, 18)
"""What is planned still lies ahead."""

AMOUNTS = {
    QualificationLevel.ASSISTANT: Decimal(1000),
    QualificationLevel.INTERMEDIATE: Decimal(2250),
    QualificationLevel.SENIOR: Decimal(3000),
}
"""So that those who were there in 2021 get the 33,500 yuan of the county's report: 17, 6 and 1 of a level."""
BUDGETS = {2021: Decimal(50000), 2022: Decimal(60000), 2023: Decimal(50000)}
CUT_OFF = date(2021, 12, 15)
EXAMS = range(2019, 2024)


def train(office: Office, tree: Tree) -> None:
    """Everything of this module."""
    Training(office.rows, tree, stream("training")).hold()
    Exams(office.rows, stream("exams")).sit()
    Awards(office.rows, tree, stream("awards")).grant()


class Training:
    """Plans events, registers people and notes who came."""

    def __init__(self, rows: Rows, tree: Tree, random: Random) -> None:
        self._rows, self._tree, self._random = rows, tree, random
        homes = [row["id"] for row in rows.tables.get("venue", []) if row["kind"] == VenueKind.TALENT_HOME]
        self._talent_home: int | None = homes[0] if homes else None
        self._served = first_days(rows)

    def hold(self) -> None:
        """At the hub, in its talent home, and once at every other station."""
        hub = self._tree.hub
        for number in range(HUB_EVENTS):
            self._event(hub, number, day_between(self._random, hub.opened_on, UNTIL), 24, self._talent_home)
        for number, station in enumerate(list(self._tree.stations.values())[1::2]):
            self._event(station, number + 1, day_between(self._random, station.opened_on, UNTIL), 10, None)
        for place, room in ((hub, 12), (self._tree.stations["350526102"], None)):
            event = self._add(place, HUB_EVENTS, AHEAD, room, TrainingEventState.PLANNED, None)
            self._register(place, event, room or 5, [AttendanceState.REGISTERED], UNTIL)

    def _event(self, place: Spot, number: int, on: date, size: int, venue: int | None) -> None:
        """Two of three are lectures; one in seven was called off."""
        state = TrainingEventState.CANCELLED if number % 7 == 6 else TrainingEventState.HELD
        capacity = size + self._random.randint(1, 10) if number % 2 else None
        event = self._add(place, number, on, capacity, state, venue)
        came = [AttendanceState.ATTENDED] * 5 + [AttendanceState.ABSENT]
        self._register(
            place, event, size, came if state == TrainingEventState.HELD else [AttendanceState.REGISTERED], on
        )

    def _add(
        self, place: Spot, number: int, on: date, capacity: int | None, state: TrainingEventState, venue: int | None
    ) -> int:
        lecture = number % 3 < 2
        return self._rows.add(
            "training_event",
            **place.located(),
            kind=TrainingKind.LECTURE if lecture else TrainingKind.SALON,
            title=self._random.choice(LECTURES if lecture else SALONS),
            held_on=on,
            speaker=self._random.choice(SPEAKERS) if lecture else None,
            venue_id=venue,
            capacity=capacity,
            state=state,
        )

    def _register(self, place: Spot, event: int, size: int, states: list[AttendanceState], on: date) -> None:
        """People who serve by then: social workers of the county, or anybody of a station's."""
        near = [
            row
            for row in self._rows.tables["person"]
            if row["path"].startswith(place.path)
            and self._served.get(row["id"], date.max) <= on
            and (place.parent or row["kind"] == PersonKind.SOCIAL_WORKER)
        ]
        for person in sorted(self._random.sample(near, min(size, len(near))), key=lambda row: int(row["id"])):
            self._rows.add(
                "attendance",
                **place.located(),
                event_id=event,
                person_id=person["id"],
                state=self._random.choice(states),
            )


class Exams:
    """Lets social workers sit for the level above theirs."""

    def __init__(self, rows: Rows, random: Random) -> None:
        self._rows, self._random = rows, random

    def sit(self) -> None:
        """Who was certified had passed that year, some the second time; some others try in the last two years."""
        reached: dict[int, int] = {}
        for held in self._rows.tables["qualification"]:
            year = held["obtained_on"].year
            reached[held["person_id"]] = reached.get(held["person_id"], 0) + 1
            if year - 1 in EXAMS and self._random.random() < 0.4:
                self._add(held, held["level"], year - 1, passed=False)
            if year in EXAMS:
                self._add(held, held["level"], year, passed=True)
        levels = tuple(QualificationLevel)
        for person in self._rows.tables["person"]:
            next_level = reached.get(person["id"], 0)
            if person["kind"] != PersonKind.SOCIAL_WORKER or next_level == len(levels):
                continue
            for year in EXAMS[-2:]:
                if self._random.random() < 0.3:
                    self._add({**person, "person_id": person["id"]}, levels[next_level], year, passed=False)

    def _add(self, at: Row, level: QualificationLevel, year: int, *, passed: bool) -> None:
        self._rows.add("exam_result", **_where(at), person_id=at["person_id"], level=level, year=year, passed=passed)


class Awards:
    """Grants awards, one for each person and level, out of the hub's budgets."""

    def __init__(self, rows: Rows, tree: Tree, random: Random) -> None:
        self._rows, self._tree, self._random = rows, tree, random
        self._budgets: dict[int, int] = {}

    def grant(self) -> None:
        """In 2021 to all who were there; the next year to half of those who came since, then to the others."""
        for year, amount in BUDGETS.items():
            self._budgets[year] = self._rows.add("award_budget", **self._tree.hub.located(), year=year, amount=amount)
        served = first_days(self._rows)
        reached = self._rows.tables["qualification"]
        first = [held for held in reached if max(held["obtained_on"], served[held["person_id"]]) <= CUT_OFF]
        later = [held for held in reached if held not in first]
        for held in first:
            self._add(held, 2021, AwardState.PAID)
        for number, held in enumerate(later):
            if number == 0:
                # Taken back, and given again the year after.
                self._add(held, 2022, AwardState.REVOKED)
            if number % 2:
                self._add(held, 2022, AwardState.PAID)
            else:
                self._add(held, 2023, AwardState.GRANTED if number % 6 == 4 else AwardState.PAID)

    def _add(self, held: Row, year: int, state: AwardState) -> None:
        self._rows.add(
            "award",
            **_where(held),
            person_id=held["person_id"],
            budget_id=self._budgets[year],
            level=held["level"],
            year=year,
            amount=AMOUNTS[held["level"]],
            state=state,
            granted_on=day_between(self._random, date(year, 12, 16), date(year, 12, 31)),
        )


def first_days(rows: Rows) -> dict[int, date]:
    """Since when each person serves, by key."""
    served: dict[int, date] = {}
    for fact in (*rows.tables["assignment"], *rows.tables["team_membership"]):
        served[fact["person_id"]] = min(served.get(fact["person_id"], date.max), fact["valid_from"])
    return served


def _where(row: Row) -> Row:
    return {name: row[name] for name in ("place_id", "path", "station_id", "county_id")}
