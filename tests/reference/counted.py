"""What each statistic is of, in the API's names."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.reference.figures import (
    UNITS,
    Dimension,
    Figure,
    Keys,
    Statistic,
    at,
    column,
    count,
    different,
    periods,
    places,
    ratio,
    those,
    total,
)
from tests.reference.tables import Row
from tests.reference.units import unit_of
from tests.reference.view import View

RECEIVERS = ("ZONE", "TOWNSHIP", "COMMUNITY", "GRID")
UNSETTLED = ("SENT", "ACCEPTED", "IN_PROGRESS")
CENT, SECONDS = Decimal("0.01"), 86400

# -- services ------------------------------------------------------------------------------------------------------

FIELDS = ("SOCIAL_ASSISTANCE", "ELDERLY_CARE", "CHILD_CARE", "COMMUNITY_GOVERNANCE")


def _field(view: View, record: Row) -> list[str]:
    (item,) = [item for item in view.tables["service_item"] if item["id"] == record["item_id"]]
    return [item["field"]]


def _worker(view: View, record: Row) -> list[int | None]:
    """Who served, if they are seen."""
    return [record["worker_id"] if record["worker_id"] in view.by_id["person"] else None]


def _offered(view: View) -> list[int]:
    return [item["id"] for item in view.rows["service_item"] if item["withdrawn_on"] is None]


SERVICES = Statistic(
    "service_record",
    {
        **places(),
        **periods("served_on"),
        "FIELD": Dimension("field", _field, values=FIELDS),
        "ITEM": column("item_id", field="item", table="service_item", all=_offered),
        "WORKER": Dimension("worker", _worker, table="person"),
        "STATE": column("state", "VALID", "CORRECTED", "CANCELLED"),
    },
    {
        "count": count,
        "contacts": total("contacts"),
        "beneficiaries": total("beneficiaries"),
        "clients": different("client_id"),
        "workers": different("worker_id"),
        "places": different("place_id"),
        "averageContacts": ratio(total("contacts"), count),
        "contactsPerWorker": ratio(total("contacts"), different("worker_id")),
    },
    frozenset({"averageContacts", "contactsPerWorker"}),
    {"clients": different("client_id"), **dict.fromkeys(("workers", "contactsPerWorker"), different("worker_id"))},
    period="servedOn",
    column="served_on",
    counts=lambda record, arguments: record["state"] == "VALID" or not arguments["valid"],
)


# -- personnel -----------------------------------------------------------------------------------------------------

LEVELS = ("ASSISTANT", "INTERMEDIATE", "SENIOR")
DUTIES = (
    "RESPONSIBLE_PERSON", "GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE", "STATION_SOCIAL_WORKER",
    "LINKED_SOCIAL_WORKER",
)  # fmt: skip


def _bases(unit: str) -> Keys:
    """The units of the home and of where else a person serves."""

    def keys(view: View, person: Row) -> set[int | None]:
        places = [person["place_id"], *(a["place_id"] for a in view.current_assignments[person["id"]])]
        return {unit_of(view, place, unit) for place in places} - {None} or {None}

    return keys


def _duties(view: View, person: Row) -> set[str | None]:
    return {assignment["duty"] for assignment in view.current_assignments[person["id"]]} or {None}


def _in_force(view: View, person: Row) -> list[str]:
    held = view.find("qualification", "person_id", person["id"])
    return [q["level"] for q in held if q["expires_on"] is None or q["expires_on"] >= view.today.day]


def _highest(view: View, person: Row) -> list[str | None]:
    return [max(_in_force(view, person), key=LEVELS.index, default=None)]


def _level(view: View, person: Row) -> list[str | None]:
    return [view.by_id["place"].get(person["place_id"], {}).get("level")]


_serving = those(lambda view, person: bool(view.current_assignments[person["id"]]))
_qualified = those(lambda view, person: bool(_in_force(view, person)))
PERSONNEL = Statistic(
    "person",
    {
        **{unit: Dimension("place", _bases(unit), unit=unit, table="place") for unit in UNITS},
        "KIND": column("kind", "GRID_WORKER", "GRID_ASSISTANT", "AUXILIARY_POLICE", "SOCIAL_WORKER", "VOLUNTEER"),
        "GENDER": column("gender", "FEMALE", "MALE"),
        "DUTY": Dimension("duty", _duties, values=DUTIES),
        "QUALIFICATION": Dimension("qualification", _highest, values=LEVELS),
        "LEVEL": Dimension("level", _level, values=("REGION", "HUB", "DEMONSTRATION", "BASIC", "COMMUNITY", "GRID")),
    },
    {
        "count": count,
        "serving": _serving,
        "qualified": _qualified,
        "servingShare": ratio(_serving, count),
        "qualifiedShare": ratio(_qualified, count),
    },
    frozenset({"servingShare", "qualifiedShare"}),
    {"serving": _serving, "servingShare": _serving, "qualified": _qualified, "qualifiedShare": _qualified},
)


# -- grids ---------------------------------------------------------------------------------------------------------


def _workers(view: View, grids: list[Row]) -> int:
    serving = [a for grid in grids for a in view.find("assignment", "place_id", grid["id"]) if view.today.covers(a)]
    return len({a["person_id"] for a in serving if a["duty"] == "GRID_WORKER"})


def _community_kind(view: View, grid: Row) -> list[str | None]:
    return [view.by_id["community"].get(grid["parent_id"], {}).get("kind")]


GRIDS = Statistic(
    "grid",
    {
        **places("id"),
        "COMMUNITY_KIND": Dimension("communityKind", _community_kind, values=("VILLAGE", "RESIDENTIAL")),
    },
    {
        "count": count,
        "households": total("households"),
        "residents": total("residents"),
        "gridWorkers": _workers,
        "averageHouseholds": ratio(total("households"), count),
        "averageResidents": ratio(total("residents"), count),
        "gridsPerWorker": ratio(count, _workers),
        "residentsPerWorker": ratio(total("residents"), _workers),
    },
    frozenset({"averageHouseholds", "averageResidents", "gridsPerWorker", "residentsPerWorker"}),
    personal=False,
)


# -- referrals -----------------------------------------------------------------------------------------------------


def _days(_: View, referrals: list[Row]) -> Decimal:
    """The days from sending to closing, each rounded as PostgreSQL does: to 16 digits, in steps of four."""
    found = Decimal(0)
    for referral in referrals:
        if referral["closed_at"] is not None:
            seconds = Decimal((referral["closed_at"] - referral["sent_at"]) / timedelta(microseconds=1)) / 10**6
            digits = 16 if seconds >= 90_000 else 20 if seconds >= 9 else 24
            found += (seconds / SECONDS).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return found


def _clients(view: View, referrals: list[Row]) -> int:
    return len({referral["client_id"] for referral in referrals} & view.by_id["client"].keys())


def _are(*states: str) -> Figure:
    return those(lambda _, row: row["state"] in states)


_closed = those(lambda _, row: row["closed_at"] is not None)
REFERRALS = Statistic(
    "referral",
    {
        **places(),
        **{
            f"RECEIVER_{unit}": Dimension("receiver", at("to_place_id", unit), unit=unit, table="place")
            for unit in RECEIVERS
        },
        **periods("sent_at"),
        "STATE": column("state", "SENT", "ACCEPTED", "IN_PROGRESS", "DONE", "REJECTED", "WITHDRAWN"),
        "URGENCY": column("urgency", "LOW", "NORMAL", "HIGH", "URGENT"),
    },
    {
        "count": count,
        "clients": _clients,
        "open": _are(*UNSETTLED),
        "overdue": those(lambda view, row: row["state"] in UNSETTLED and row["due_on"] < view.today.day),
        "done": _are("DONE"),
        "rejected": _are("REJECTED"),
        "closed": _closed,
        "escalations": total("escalations"),
        "averageDays": ratio(_days, _closed),
        "doneShare": ratio(_are("DONE"), count),
    },
    frozenset({"averageDays", "doneShare"}),
    {"clients": _clients},
    period="sentAt",
    column="sent_at",
)


# -- volunteers ----------------------------------------------------------------------------------------------------


def _sign_ups(view: View, calls: list[Row]) -> list[Row]:
    found = [offer for call in calls for offer in view.find("sign_up", "call_id", call["id"])]
    return [offer for offer in found if offer["state"] != "WITHDRAWN"]


def _of_sign_ups(figure: Figure) -> Figure:
    return lambda view, calls: figure(view, _sign_ups(view, calls))


_volunteers = _of_sign_ups(different("person_id"))


def _money(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal("0.00"))


VOLUNTEERS = Statistic(
    "volunteer_call",
    {
        **places(),
        **periods("needed_on"),
        "SKILL": column(
            "skill_id", field="skill", table="skill", all=lambda view: [skill["id"] for skill in view.rows["skill"]]
        ),
        "STATE": column("state", "OPEN", "FULFILLED", "CANCELLED"),
    },
    {
        "count": count,
        "needed": total("needed"),
        "signUps": _of_sign_ups(count),
        "volunteers": _volunteers,
        "attended": _of_sign_ups(_are("ATTENDED")),
        "hours": _of_sign_ups(lambda _, offers: _money(offer["hours"] for offer in offers)),
        "fulfilment": ratio(_of_sign_ups(count), total("needed")),
    },
    frozenset({"hours", "fulfilment"}),
    {"volunteers": _volunteers},
    period="neededOn",
    column="needed_on",
    personal=False,
)


# -- awards --------------------------------------------------------------------------------------------------------


def _standing(awards: list[Row]) -> list[Row]:
    return [award for award in awards if award["state"] != "REVOKED"]


def _people(_: View, awards: list[Row]) -> int:
    return len({award["person_id"] for award in _standing(awards)})


def _amount(_: View, awards: list[Row]) -> Decimal:
    return _money(award["amount"] for award in _standing(awards))


def _average(view: View, awards: list[Row]) -> Decimal | None:
    number = len(_standing(awards))
    return (_amount(view, awards) / number).quantize(CENT, ROUND_HALF_UP) if number else None


AWARDS = Statistic(
    "award",
    {
        **places(),
        **periods("granted_on"),
        "YEAR": column("year"),
        "QUALIFICATION": column("level", *LEVELS, field="qualification"),
        "STATE": column("state", "GRANTED", "PAID", "REVOKED"),
    },
    {
        "count": count,
        "standing": lambda _, awards: len(_standing(awards)),
        "amount": _amount,
        "people": _people,
        "averageAmount": _average,
    },
    frozenset({"amount", "averageAmount"}),
    {"people": _people},
    period="grantedOn",
    column="granted_on",
)

STATISTICS = {
    "PersonnelStatistics": PERSONNEL,
    "GridStatistics": GRIDS,
    "ServiceStatistics": SERVICES,
    "ReferralStatistics": REFERRALS,
    "VolunteerStatistics": VOLUNTEERS,
    "AwardStatistics": AWARDS,
}
"""Each connection over groups."""
