"""What is put together of many nouns: the agenda, and the service work of a place."""

from datetime import timedelta
from typing import Any

from tests.nouns.base import Row

UNSETTLED = ("SENT", "ACCEPTED", "IN_PROGRESS")
UNDONE = ("OPEN", "IN_PROGRESS")
ENTRIES = {"Agenda": ("viewer { agenda {", "} }")}


def _received(view: Any, row: Row) -> bool:
    """Whether a row leads into the scope."""
    return bool(row["to_path"].startswith(view.grant["path"]))


def _overdue(view: Any, _: Any, arguments: dict[str, Any]) -> Any:
    late = [row for row in view.rows["referral"] if row["state"] in UNSETTLED and row["due_on"] < view.today.day]
    return view.pages_of("referral", [row for row in late if _received(view, row)], arguments)


def _unaccepted(view: Any, _: Any, arguments: dict[str, Any]) -> Any:
    sent = [row for row in view.rows["referral"] if row["state"] == "SENT"]
    return view.pages_of("referral", [row for row in sent if _received(view, row)], arguments)


def _due(table: str) -> Any:
    def resolve(view: Any, _: Any, arguments: dict[str, Any]) -> Any:
        last = view.today.day + timedelta(days=arguments["days"])
        rows = [row for row in view.rows[table] if row["state"] in UNDONE and row["due_on"] <= last]
        return view.pages_of(table, [row for row in rows if "to_path" not in row or _received(view, row)], arguments)

    return resolve


def _expiring(table: str, column: str) -> Any:
    def resolve(view: Any, _: Any, arguments: dict[str, Any]) -> Any:
        first, last = view.today.day, view.today.day + timedelta(days=arguments["days"])
        rows = [row for row in view.rows[table] if row[column] is not None and first <= row[column] <= last]
        return view.pages_of(table, rows, arguments)

    return resolve


def _offers(view: Any, place: Row, arguments: dict[str, Any]) -> Any:
    rows = view.below("service_offer", place, own=arguments["reach"] == "OWN")
    return view.pages_of(
        "service_offer", [row for row in rows if view.today.covers(row) or not arguments["current"]], arguments
    )


def _records(view: Any, place: Row, arguments: dict[str, Any]) -> Any:
    rows = view.below("service_record", place, own=arguments["reach"] == "OWN")
    kept = [row for row in rows if row["state"] == "VALID" or not arguments["valid"]]
    return view.pages_of("service_record", kept, arguments)


FIELDS = {
    ("Viewer", "agenda"): lambda _, account, __: account,
    ("Agenda", "overdueReferrals"): _overdue,
    ("Agenda", "unacceptedReferrals"): _unaccepted,
    ("Agenda", "tasksDue"): _due("resolution"),
    ("Agenda", "measuresDue"): _due("measure"),
    ("Agenda", "expiringQualifications"): _expiring("qualification", "expires_on"),
    ("Agenda", "expiringRatings"): _expiring("agency_rating", "valid_to"),
    **{(type_, "serviceOffers"): _offers for type_ in ("Station", "Community", "Grid")},
    **{(type_, "serviceRecords"): _records for type_ in ("Station", "Community", "Grid")},
}
