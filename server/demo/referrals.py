"""Referrals in every state: from the grids of 南埕村 to the village, from villages to their station, across townships,
and to agencies. Three are overdue and have come up to the hub, so that no schedule takes them further.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from itertools import cycle, islice
from random import Random

from models import Duty, ReferralState, SurveyState, Urgency
from resolvers.core.calendar import works
from resolvers.referral import DUE
from server.demo.people import Office
from server.demo.places import NANCHENGCUN, Tree
from server.demo.rows import Row, Spot, stream

CHINA = timezone(timedelta(hours=8))
FIRST, DAYS = date(2024, 4, 1), 120
"""When the first was sent, and within how many days the others."""
FAR = date(2035, 1, 2)
"""What is open is due then: the demo must not depend on the day on which it is shown."""
ESCALATED = date(2024, 9, 2)
NANCHENG, SHUIKOU, LONGXUN, SANBAN = "350526105", "350526106", "350526101", "350526102"

FROM_GRIDS, TO_STATION, ACROSS, ELSEWHERE, TO_AGENCIES = 12, 8, 8, 6, 6
OVERDUE = {4: ReferralState.SENT, 13: ReferralState.ACCEPTED, 21: ReferralState.IN_PROGRESS}
"""Which of them are overdue, by their number."""

REASONS = (
    "独居老人行动不便，需要定期上门照护。",
    "家庭突发变故，需要申请临时救助。",
    "孩子课业无人辅导，情绪低落，需要陪伴。",
    "慢性病随访，需要协助就医取药。",
    "房屋漏雨，需要协助申请修缮。",
)
OUTCOMES = {
    ReferralState.DONE: "已上门服务，情况稳定，转为日常探访。",
    ReferralState.REJECTED: "不在本单位服务范围内，请转有关机构。",
    ReferralState.WITHDRAWN: "家属已接走照顾，不再需要。",
}
SHOWN = (ReferralState.ACCEPTED, ReferralState.IN_PROGRESS, ReferralState.DONE)


def refer(office: Office, tree: Tree) -> None:
    """Referrals."""
    Referring(office, tree, stream("referrals")).refer()


class Referring:
    """Sends and answers."""

    def __init__(self, office: Office, tree: Tree, random: Random) -> None:
        self._office, self._tree, self._random = office, tree, random
        tables = office.rows.tables
        grids = [grid for grids in tree.grids.values() for grid in grids]
        self._spots = {spot.id: spot for spot in (*tree.stations.values(), *tree.communities.values(), *grids)}
        self._clients = [row for row in tables["client"] if not row["consent_withdrawn_on"] and not row["closed_on"]]
        self._surveys = {row["client_id"]: row for row in tables["survey"] if row["state"] != SurveyState.OPEN}
        self._agencies = [row for row in tables["agency"] if not row["closed_on"]]
        self._states = cycle(ReferralState)
        self._sent = 0

    def refer(self) -> None:
        """What goes up within 南埕, then what leaves it, then the other townships'."""
        village, station = self._tree.communities[NANCHENGCUN], self._tree.stations[NANCHENG]
        grids = self._tree.grids[NANCHENGCUN]
        from_grids = cycle([self._clients_at(grid) for grid in grids])
        for clients in islice(from_grids, FROM_GRIDS):
            self._send(next(clients), village)
        of_village = self._clients_at(village)
        for client in islice(of_village, TO_STATION):
            self._send(client, station)
        others = [self._tree.stations[code] for code in (SHUIKOU, LONGXUN, SANBAN)]
        for client, receiver in zip(islice(of_village, ACROSS), cycle(others), strict=False):
            self._send(client, receiver)
        surveyed = [row for row in self._clients if row["id"] in self._surveys]
        elsewhere = [row for row in surveyed if not row["path"].startswith(station.path)]
        for client in elsewhere[:: len(elsewhere) // ELSEWHERE][:ELSEWHERE]:
            self._send(client, self._spots[client["place_id"]].station)
        for client, agency in zip(islice(of_village, TO_AGENCIES), cycle(self._agencies), strict=False):
            self._send(client, self._spots[agency["place_id"]], agency)

    def _clients_at(self, spot: Spot) -> Iterator[Row]:
        return (row for row in self._clients if row["place_id"] == spot.id)

    def _send(self, client: Row, receiver: Spot, agency: Row | None = None) -> None:
        number = self._sent
        self._sent += 1
        overdue = number in OVERDUE
        state = OVERDUE[number] if overdue else next(self._states)
        urgency = self._random.choice(list(Urgency))
        sent = FIRST + timedelta(days=self._random.randrange(DAYS))
        settled = state in OUTCOMES
        survey = self._surveys.get(client["id"])
        self._office.rows.add(
            "referral",
            **{name: client[name] for name in ("place_id", "path", "station_id", "county_id")},
            **{f"to_{name}": value for name, value in receiver.located().items()},
            from_name=self._spots[client["place_id"]].name,
            to_name=agency["name"] if agency else receiver.name,
            client_id=client["id"],
            survey_id=survey["id"] if survey and survey["surveyed_on"] <= sent else None,
            agency_id=agency["id"] if agency else None,
            assignee_id=None if agency else self._linked(receiver),
            reason=REASONS[number % len(REASONS)],
            urgency=urgency,
            state=state,
            sent_at=_at(sent),
            due_on=_due(sent, DUE[urgency]) if settled or overdue else FAR + timedelta(days=number),
            accepted_at=_at(sent + timedelta(days=1)) if state in SHOWN else None,
            closed_at=_at(sent + timedelta(days=9)) if settled else None,
            outcome=OUTCOMES.get(state),
            escalations=receiver.path.count(".") - 1 if overdue else 0,
            escalated_to_id=self._tree.hub.id if overdue else None,
            escalated_at=_at(ESCALATED) if overdue else None,
        )

    def _linked(self, place: Spot) -> int | None:
        """The social worker who is linked to a place for good, if one is."""
        for row in self._office.rows.tables["assignment"]:
            held = row["place_id"] == place.id and row["duty"] == Duty.LINKED_SOCIAL_WORKER
            if held and row["valid_to"] is None and row["valid_from"] <= FIRST:
                person: int = row["person_id"]
                return person
        return None


def _at(day: date) -> datetime:
    return datetime.combine(day, time(9), CHINA)


def _due(start: date, count: int) -> date:
    """So many working days later, by the public calendar."""
    day = start
    while count:
        day += timedelta(days=1)
        count -= works(day)
    return day
