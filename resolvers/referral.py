"""Referrals: all, those of a client; and how they go from the place that sends them to the one that receives them.

SENT → ACCEPTED → IN_PROGRESS → DONE      the receiver's steps; from ACCEPTED also to DONE at once
SENT → REJECTED                           the receiver's
… → WITHDRAWN                             the sender's, as long as it is open
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, or_

from models import Client, Person, Place, Referral, ReferralState, Survey, SurveyState, Urgency
from resolvers.core import ids
from resolvers.core.calendar import LONGEST as LONGEST_DAYS
from resolvers.core.calendar import due_after
from resolvers.core.follow_up import SURVEYS, follow_up
from resolvers.core.json import string
from resolvers.core.machines import REFERRALS
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.receivers import Receiver, default_receiver, find_agency, find_receiver, name_of
from resolvers.core.relations import NOBODY, by, found
from resolvers.core.scope import End, Scope
from resolvers.core.tenure import active
from resolvers.core.texts import invalid, prose
from resolvers.core.write import Given, Row, Writer, public_id_of

NEWEST = ("-id",)
FOUND = found("RF", by_code=False)
ALL = Relation(order=NEWEST)
OF_CLIENT = by("id", "client_id", order=NEWEST)
TO = by("to_place_id")
ESCALATED_TO = by("escalated_to_id")
CLIENT = by("client_id")
SURVEY = by("survey_id")
AGENCY = by("agency_id")
ASSIGNEE = by("assignee_id")


class Direction(StrEnum):
    """Which way a referral goes, seen from the scope; one within it goes both."""

    INCOMING = "INCOMING"
    OUTGOING = "OUTGOING"


def goes(row: FromClause, _: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `direction`."""
    return or_(
        and_(value == string(Direction.INCOMING), scope.covers_other(row)),
        and_(value == string(Direction.OUTGOING), scope.covers(row)),
    )


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = 2000
DUE = {Urgency.URGENT: 1, Urgency.HIGH: 3, Urgency.NORMAL: 5, Urgency.LOW: 10}
"""Working days until a referral is due, by its urgency."""


async def send(writer: Writer, given: Given) -> int:
    """Sends a client's case from a place in scope to another place, or to an agency at one."""
    client = await _client(writer, given)
    place = await _sender(writer, given, client)
    receiver = await _receiver(writer, given, place)
    # Before the survey is written: on shards, what one login has changed no other may ask for, not even the calendar.
    due_on = await due_after(writer.connection, place["county_id"], writer.today, _working_days(given))
    values: Row = {
        "from_name": await name_of(writer, place),
        **receiver.columns,
        "client_id": client["id"],
        "survey_id": await _survey(writer, given, client),
        "agency_id": receiver.agency_id,
        "assignee_id": receiver.person_id,
        "reason": prose(given["reason"], "reason", LONGEST),
        "urgency": Urgency(given["urgency"]).value,
        "due_on": due_on,
    }
    key: int = (await writer.insert(Referral, place, **values))["id"]
    return key


async def accept(writer: Writer, given: Given) -> int:
    """Accepts a referral at its receiver, who is shown the client from now on."""
    row = await _claim(writer, given, End.TO)
    REFERRALS.check(row, ReferralState.ACCEPTED, "id")
    values: Row = {"accepted_at": writer.now}
    if given.get("assignee_id") is not None:
        person = await writer.find(Person, "P", given["assignee_id"], "assigneeId", seen=True)
        values["assignee_id"] = active(person, "assigneeId")["id"]
    return await _advance(writer, row, ReferralState.ACCEPTED, **values)


async def reject(writer: Writer, given: Given) -> int:
    """Sends a referral back that has not been accepted, with a reason."""
    return await _close(writer, given, End.TO, ReferralState.REJECTED, "reason")


async def start(writer: Writer, given: Given) -> int:
    """Begins to work on an accepted referral."""
    row = await _claim(writer, given, End.TO)
    return await _advance(writer, row, ReferralState.IN_PROGRESS)


async def complete(writer: Writer, given: Given) -> int:
    """Ends an accepted referral with what came out of it."""
    return await _close(writer, given, End.TO, ReferralState.DONE, "outcome")


async def withdraw(writer: Writer, given: Given) -> int:
    """Takes a referral back that is not settled, with a reason; the receiver is not shown the client any longer."""
    return await _close(writer, given, End.FROM, ReferralState.WITHDRAWN, "reason")


async def _client(writer: Writer, given: Given) -> Row:
    """The client, who is visible, open, and has consented."""
    client = await writer.find(Client, "CL", given["client_id"], "clientId", seen=True)
    if client["closed_on"] is not None:
        raise invalid(Message("This client was closed on {closed_on}.", closed_on=client["closed_on"]), "clientId")
    if client["consent_on"] is None or client["consent_withdrawn_on"] is not None:
        raise invalid(Message("The client has not consented, or not any longer."), "clientId")
    return client


async def _sender(writer: Writer, given: Given, client: Row) -> Row:
    """The place that sends: the one that is named, or else the client's, if that is in scope."""
    if given.get("place_id") is not None:
        return await writer.find_open_place(given["place_id"], "placeId")
    place = await writer.find_where(Place, {"id": client["place_id"]})
    if place is None:
        raise invalid(Message("The client's place is out of scope: say which place sends the referral."), "placeId")
    return await writer.find_open_place(public_id_of(place), "placeId")


async def _receiver(writer: Writer, given: Given, place: Row) -> Receiver:
    """Where it goes: to one place or agency that is named, or else to the social worker linked to the sender."""
    named = [name for name in ("to_id", "to_code", "agency_id") if given.get(name) is not None]
    if len(named) > 1:
        raise invalid(Message("Name one receiver: by its id, by its code, or an agency."), "toId")
    receiver: Receiver | None
    if not named:
        receiver = await default_receiver(writer, place)
        if receiver is None:
            raise invalid(Message("No social worker is linked to this place or above it: name a receiver."), "toId")
    elif named == ["agency_id"]:
        receiver = await find_agency(writer, given["agency_id"], "agencyId")
    else:
        receiver = await find_receiver(writer, given)
    if receiver.place["place_id"] == place["id"]:
        fields = {"to_code": "toCode", "agency_id": "agencyId"}
        raise invalid(
            Message("It must go to another place than the one that sends it."), fields.get("".join(named), "toId")
        )
    return receiver


async def _survey(writer: Writer, given: Given, client: Row) -> int | None:
    """The survey that the referral follows from, which is the client's and not closed."""
    if given.get("survey_id") is None:
        return None
    # One in scope is no longer open with this; one that is merely shared is its home's to follow up.
    own = await writer.find_where(Survey, {"id": ids.key_of(given["survey_id"], "SU") or NOBODY}, lock=True)
    survey = own or await writer.find(Survey, "SU", given["survey_id"], "surveyId", seen=True)
    if survey["client_id"] != client["id"]:
        raise invalid(Message("This survey is about another client."), "surveyId")
    if own:
        await follow_up(writer, own, "surveyId")
    elif survey["state"] == SurveyState.CLOSED:
        SURVEYS.check(survey, SurveyState.FOLLOWED_UP, "surveyId")
    key: int = survey["id"]
    return key


def _working_days(given: Given) -> int:
    days = given.get("due_in_working_days")
    if days is None:
        return DUE[Urgency(given["urgency"])]
    if not 1 <= days <= LONGEST_DAYS:
        raise invalid(
            Message("It must be due in 1 to {most} working days.", most=LONGEST_DAYS),
            "dueInWorkingDays",
        )
    return int(days)


async def _claim(writer: Writer, given: Given, end: End) -> Row:
    return await writer.claim(Referral, "RF", given, end=end)


async def _close(writer: Writer, given: Given, end: End, to: ReferralState, field: str) -> int:
    """Settles a referral, with the text of the input's field as its outcome."""
    row = await _claim(writer, given, end)
    REFERRALS.check(row, to, "id")
    return await _advance(writer, row, to, closed_at=writer.now, outcome=prose(given[field], field, LONGEST))


async def _advance(writer: Writer, row: Row, to: ReferralState, **values: Any) -> int:
    """Takes the step, which the log keeps at the end of whoever takes it."""
    key: int = (await REFERRALS.advance(writer, row, to, "id", at=writer.near_end(row), **values))["id"]
    return key
