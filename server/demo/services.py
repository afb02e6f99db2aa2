"""Clients, surveys and service records.

南埕村's service room is for the left-behind elderly there; elsewhere in the county there are clients of all categories.
Services were given in exactly 80 villages and communities; what was corrected or cancelled does not count.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from random import Random
from typing import TypeVar

from models import ClientCategory, ClientKind, ServiceRecordState, SurveyKind, SurveyState, Urgency
from server.demo.names import CLIENTS, make_personal
from server.demo.people import Office, neighbourhood
from server.demo.places import GAP, NANCHENGCUN, Tree, after_opening
from server.demo.rows import Row, Spot, day_between, stream

T = TypeVar("T")

FUDONG = "350526100002"
"""富东社区, whose services are purchased."""
ROOM = f"{NANCHENGCUN}-V01"
SERVED = 80
"""Villages and communities in which services were given."""
ELDERLY, ELSEWHERE = 163, 150
"""Clients of 南埕村, and of the others."""
UNSERVED_HOMES = 20
SURVEYS = 60
GROUPS = 5
"""Services for many at once in each community that is served; every second one has one more."""
AT_HUB = 6
CORRECTED, CANCELLED, CANCELLED_ELSEWHERE = 12, 6, 3
LAST_REGISTERED, LAST = date(2023, 10, 31), date(2024, 6, 30)
CLOSED_ON = date(2024, 9, 1)

Category = ClientCategory
BORN = {
    Category.DIBAO_HOUSEHOLD: (1950, 1990),
    Category.EXTREME_POVERTY: (1938, 1965),
    Category.LEFT_BEHIND_ELDERLY: (1932, 1956),
    Category.ELDERLY_LIVING_ALONE: (1932, 1956),
    Category.CHILD_IN_DIFFICULTY: (2008, 2017),
    Category.LEFT_BEHIND_CHILD: (2008, 2017),
    Category.DISABLED: (1950, 2000),
    Category.OTHER: (1950, 2000),
}
ALSO = {
    Category.LEFT_BEHIND_ELDERLY: Category.ELDERLY_LIVING_ALONE,
    Category.DIBAO_HOUSEHOLD: Category.DISABLED,
    Category.CHILD_IN_DIFFICULTY: Category.LEFT_BEHIND_CHILD,
}
"""What one in four of a category is besides."""
FINDINGS = (
    "独居，行动不便，需上门探访。",
    "家庭收入低，符合救助条件。",
    "孩子放学后无人照看。",
    "身体尚可，情绪低落。",
)
NOTES = ("上门探访，陪同聊天。", "协助申请救助。", "课业辅导。", "测量血压，提醒用药。")
GROUP_NOTES = ("义诊和健康讲座。", "老年人集体生日会。", "四点半课堂。", "政策宣讲，现场咨询。")


def serve(office: Office, tree: Tree) -> None:
    """Clients, surveys and service records."""
    Service(office, tree, stream("services")).serve()


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A client: where they are registered, and since when."""

    id: int
    spot: Spot
    since: date


class Service:
    """Registers, surveys and serves."""

    def __init__(self, office: Office, tree: Tree, random: Random) -> None:
        self._office, self._tree, self._random = office, tree, random
        self._registered = 0
        self._staff: dict[int, list[Row]] = defaultdict(list)
        for assignment in office.rows.tables["assignment"]:
            if assignment["valid_to"] is None:
                self._staff[assignment["place_id"]].append(assignment)
        self._items = [row["id"] for row in office.rows.tables["service_item"] if row["withdrawn_on"] is None]
        self._room = next(row["id"] for row in office.rows.tables["venue"] if row["code"] == ROOM)

    def serve(self) -> None:
        """南埕村's elderly first, then who and what there is elsewhere."""
        village = self._tree.communities[NANCHENGCUN]
        self._serve_elderly(village)
        served, unserved = self._choose(village)
        clients = self._register_elsewhere([*served, *unserved[:UNSERVED_HOMES]])
        for client in clients[:: len(clients) // SURVEYS][:SURVEYS]:
            self._survey(client, follows=client.spot in served)
        for number, spot in enumerate([village, *served]):
            self._serve_groups(spot, GROUPS + number % 2)
        self._serve_groups(self._tree.hub, AT_HUB)
        self._mend(unserved)

    def _choose(self, village: Spot) -> tuple[list[Spot], list[Spot]]:
        """The communities beside 南埕村 that are served, all over the county, and those that are not."""
        others = [spot for spot in self._tree.communities.values() if spot is not village and spot.code != GAP]
        spread = [others[number * len(others) // SERVED] for number in range(SERVED)]
        served = list(dict.fromkeys([self._tree.communities[FUDONG], *spread[1:]]))[: SERVED - 1]
        return served, [spot for spot in others if spot not in served]

    # -- clients ---------------------------------------------------------------------------------------------------

    def _serve_elderly(self, village: Spot) -> None:
        for home in _round([village, *self._tree.grids[NANCHENGCUN]], ELDERLY):
            client = self._register(home, Category.LEFT_BEHIND_ELDERLY, date(2021, 12, 31))
            on, visits = day_between(self._random, client.since, LAST), self._random.randint(1, 4)
            self._record(village, on, visits, 1, client=client, venue_id=self._room, note=NOTES[client.id % len(NOTES)])

    def _register_elsewhere(self, homes: list[Spot]) -> list[Known]:
        """Of each category in turn; now and then a consent was taken back, or a file closed."""
        clients = []
        for number, category in enumerate(_round(list(Category), ELSEWHERE), start=1):
            client = self._register(homes[number % len(homes)], category, LAST_REGISTERED)
            row = self._office.rows.tables["client"][client.id - 1]
            if number % 25 == 0:
                row["consent_withdrawn_on"] = client.since + timedelta(days=200)
            if number % 40 == 0:
                row["closed_on"] = CLOSED_ON
            clients.append(client)
        return clients

    def _register(self, spot: Spot, category: ClientCategory, last: date) -> Known:
        self._registered += 1
        random, household = self._random, category is Category.DIBAO_HOUSEHOLD
        personal = make_personal(random, CLIENTS + self._registered, BORN[category], neighbourhood(spot))
        kept = self._office.kept(personal)
        if household:
            kept |= {name: None for name in kept if name.startswith(("id_number", "birth_date"))}
        since = day_between(random, spot.opened_on, last)
        client_id = self._office.rows.add(
            "client",
            **spot.located(),
            kind=ClientKind.HOUSEHOLD if household else ClientKind.PERSON,
            name=personal.name,
            household_size=random.randint(2, 6) if household else random.randint(1, 3),
            **kept,
            consent_on=since,
            consent_withdrawn_on=None,
            registered_on=since,
            closed_on=None,
        )
        also = ALSO.get(category) if self._registered % 4 == 0 else None
        for each in (category, also):
            if each is not None:
                self._office.rows.add("client_category", **spot.located(), client_id=client_id, category=each)
        return Known(client_id, spot, since)

    # -- surveys ---------------------------------------------------------------------------------------------------

    def _survey(self, client: Known, *, follows: bool) -> None:
        """A survey in the client's grid, open, closed, or followed up by a service if there are any."""
        number, random = len(self._office.rows.tables.get("survey", ())), self._random
        grid = random.choice(self._tree.grids[client.spot.code])
        on = day_between(random, client.since, date(2024, 4, 30))
        state = (SurveyState.OPEN, SurveyState.FOLLOWED_UP if follows else SurveyState.OPEN, SurveyState.CLOSED)[
            number % 3
        ]
        closed = state is SurveyState.CLOSED
        survey_id = self._office.rows.add(
            "survey",
            **grid.located(),
            kind=SurveyKind.ASSESSMENT if number % 4 == 0 else SurveyKind.SURVEY,
            client_id=client.id,
            surveyor_id=self._worker(grid, on),
            surveyed_on=on,
            findings=FINDINGS[number % len(FINDINGS)],
            urgency=tuple(Urgency)[number % len(Urgency)],
            state=state,
            closed_on=on + timedelta(days=10) if closed else None,
            closing_reason="已由村里解决。" if closed else None,
        )
        if state is SurveyState.FOLLOWED_UP:
            served_on, note = on + timedelta(days=random.randint(3, 40)), NOTES[number % len(NOTES)]
            self._record(client.spot, served_on, 1, 1, client=client, survey_id=survey_id, note=note)

    # -- services --------------------------------------------------------------------------------------------------

    def _serve_groups(self, spot: Spot, count: int) -> None:
        """So many services for many at once."""
        for number in range(count):
            contacts = self._random.randint(20, 45)
            beneficiaries = contacts - self._random.randint(0, 6)
            on = after_opening(self._random, spot, LAST)
            self._record(spot, on, contacts, beneficiaries, note=GROUP_NOTES[number % len(GROUP_NOTES)])

    def _record(
        self,
        spot: Spot,
        on: date,
        contacts: int,
        beneficiaries: int,
        *,
        client: Known | None = None,
        venue_id: int | None = None,
        survey_id: int | None = None,
        note: str,
    ) -> Row:
        """A service, each of another item of the catalogue than the one before."""
        records = self._office.rows.tables.get("service_record", [])
        key = self._office.rows.add(
            "service_record",
            **spot.located(),
            item_id=self._items[len(records) % len(self._items)],
            worker_id=self._worker(spot, on),
            served_on=on,
            contacts=contacts,
            beneficiaries=beneficiaries,
            client_id=client.id if client else None,
            venue_id=venue_id,
            survey_id=survey_id,
            referral_id=None,
            note=note,
            state=ServiceRecordState.VALID,
            corrects_id=None,
            reason=None,
        )
        return self._office.rows.tables["service_record"][key - 1]

    def _worker(self, spot: Spot, on: date) -> int:
        """Somebody who serves at the place, or at the nearest one above, on that day or, if nobody did, today."""
        nearest: list[Row] = []
        place: Spot | None = spot
        while place is not None:
            staff = self._staff[place.id]
            there = [row["person_id"] for row in staff if row["valid_from"] <= on]
            if there:
                chosen: int = self._random.choice(there)
                return chosen
            nearest, place = nearest or staff, place.parent
        first: int = nearest[0]["person_id"]
        return first

    def _mend(self, unserved: list[Spot]) -> None:
        """Some records were corrected, some taken back; in a few places all that there was."""
        records = self._office.rows.tables["service_record"]
        groups = [record for record in records if record["client_id"] is None]
        chosen = groups[:: len(groups) // (CORRECTED + CANCELLED)][: CORRECTED + CANCELLED]
        for record in chosen[:CORRECTED]:
            record["state"] = ServiceRecordState.CORRECTED
            said = {name: value for name, value in record.items() if name != "id"}
            said |= {"contacts": record["contacts"] + 3, "state": ServiceRecordState.VALID}
            self._office.rows.add("service_record", **said | {"corrects_id": record["id"], "reason": "漏记参加人次。"})
        for spot in unserved[:CANCELLED_ELSEWHERE]:
            self._serve_groups(spot, 1)
        for record in [*chosen[CORRECTED:], *records[-CANCELLED_ELSEWHERE:]]:
            record |= {"state": ServiceRecordState.CANCELLED, "reason": "重复登记。"}


def _round(of: Sequence[T], count: int) -> list[T]:
    """So many, again from the first after the last."""
    return list(islice(cycle(of), count))
