"""Joint consultations: whom they bring together, what they are about, what they resolve; and how they are written.

Who calls a consultation writes it as long as it is open. A guest answers its invitation and nothing else; who owns a
resolution works on it, for as long as it takes.
"""

from typing import Any

from sqlmodel import SQLModel

from models import (
    Client,
    Consultation,
    ConsultationAttachment,
    ConsultationParticipant,
    ConsultationState,
    ParticipantState,
    Referral,
    Resolution,
    Survey,
    TaskState,
)
from resolvers.core.machines import RESOLUTIONS
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.receivers import Receiver, find_receiver, name_of
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found
from resolvers.core.scope import End
from resolvers.core.states import machine
from resolvers.core.texts import day, invalid, line, prose
from resolvers.core.write import Given, Row, Writer, other_end

CONSULTATIONS = machine(
    Consultation,
    {
        ConsultationState.CALLED: (ConsultationState.HELD, ConsultationState.CANCELLED),
        ConsultationState.HELD: (ConsultationState.CLOSED,),
        ConsultationState.CLOSED: (),
        ConsultationState.CANCELLED: (),
    },
)
INVITATIONS = machine(
    ConsultationParticipant,
    {
        ParticipantState.INVITED: (ParticipantState.ACCEPTED, ParticipantState.DECLINED),
        ParticipantState.ACCEPTED: (ParticipantState.DECLINED,),
        ParticipantState.DECLINED: (ParticipantState.ACCEPTED,),
    },
)
FOUND = found("CO", by_code=False)
ALL = Relation(order=("-id",))
RESOLUTION_FOUND = found("RS", by_code=False)
ALL_RESOLUTIONS = Relation(order=("due_on", "id"))
PARTICIPANTS = by("id", "consultation_id")
ATTACHMENTS = by("id", "consultation_id")
RESOLVED = by("id", "consultation_id", order=("due_on", "id"))
CONSULTATION = by("consultation_id")
OTHER_PLACE = by("to_place_id")
CLIENT, SURVEY, REFERRAL = by("client_id"), by("survey_id"), by("referral_id")


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"issue": 100, "title": 100, "representative": 50, "minutes": 2000, "outcome": 2000}
ATTACHED: dict[str, tuple[type[SQLModel], str, str]] = {
    "client_id": (Client, "CL", "clientId"),
    "survey_id": (Survey, "SU", "surveyId"),
    "referral_id": (Referral, "RF", "referralId"),
}
"""What a consultation can be about: the table, the letters of its ids, the input's field."""


async def call(writer: Writer, given: Given) -> int:
    """Calls a consultation at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    said = _stated(given) | {"from_name": await name_of(writer, place)}
    key: int = (await writer.insert(Consultation, place, **said))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes what is given of a consultation that is open."""
    row = CONSULTATIONS.going_on(await writer.claim(Consultation, "CO", given), "id")
    columns = _stated(given)
    if row["state"] == ConsultationState.HELD and columns.get("minutes", "") is None:
        raise invalid(Message("A consultation that was held has minutes."), "minutes")
    key: int = (await writer.change(Consultation, row, **columns))["id"]
    return key


async def advance(writer: Writer, given: Given) -> int:
    """Takes a consultation further; it is held only with minutes, and over for its guests with its last state."""
    row = CONSULTATIONS.going_on(await writer.claim(Consultation, "CO", given), "id")
    state = ConsultationState(given["state"])
    columns: Row = {}
    if given.get("minutes") is not None:
        columns["minutes"] = prose(given["minutes"], "minutes", LONGEST["minutes"])
    CONSULTATIONS.check(row, state, "state")
    if state is ConsultationState.HELD and (row | columns)["minutes"] is None:
        raise invalid(Message("A consultation is held with minutes."), "minutes")
    if state.value not in CONSULTATIONS.open:
        columns["closed_on"] = writer.today
    key: int = (await CONSULTATIONS.advance(writer, row, state, **columns))["id"]
    return key


async def invite(writer: Writer, given: Given) -> int:
    """Invites a place, or an agency at the place that it belongs to, in scope or not."""
    consultation = await _find_open(writer, given)
    guest, field = await find_receiver(writer, given), _named_by(given)
    if guest.place["place_id"] == consultation["place_id"]:
        raise invalid(Message("It is the place that calls the consultation."), field)
    invited = {"consultation_id": consultation["id"], "to_place_id": guest.place["place_id"]}
    if await writer.find_where(ConsultationParticipant, invited):
        raise Rejected(UserErrorCode.TAKEN, Message("This place is invited already."), field)
    return await _add(writer, ConsultationParticipant, consultation, guest)


async def answer(writer: Writer, given: Given) -> int:
    """Accepts or declines an invitation, at the place that was invited; the log is kept there."""
    row = await writer.claim(ConsultationParticipant, "CP", given, end=End.TO)
    consultation = await writer.find_where(Consultation, {"id": row["consultation_id"]}, seen=True)
    if consultation is None:
        raise Rejected(UserErrorCode.NOT_FOUND, Message("There is nothing with this id."), "id")
    CONSULTATIONS.going_on(consultation, "id")
    state, representative = ParticipantState(given["state"]), given.get("representative")
    if representative is not None:
        if state is not ParticipantState.ACCEPTED:
            raise invalid(Message("Only a place that accepts sends somebody."), "representative")
        representative = line(representative, "representative", LONGEST["representative"])
    at = other_end(row)
    key: int = (await INVITATIONS.advance(writer, row, state, representative=representative, at=at))["id"]
    return key


async def attach(writer: Writer, given: Given) -> int:
    """Shows its guests a client, survey or referral, for as long as the consultation is open; it is in scope."""
    consultation = await _find_open(writer, given)
    named = [name for name in ATTACHED if given.get(name) is not None]
    if len(named) != 1:
        raise invalid(Message("Name one client, survey or referral."), "")
    (name,) = named
    model, letters, field = ATTACHED[name]
    about = await writer.find(model, letters, given[name], field)
    await _check_consent(writer, model, about, field)
    attached = {"consultation_id": consultation["id"], name: about["id"]}
    if await writer.find_where(ConsultationAttachment, attached):
        raise Rejected(UserErrorCode.TAKEN, Message("It is attached already."), field)
    key: int = (await writer.insert(ConsultationAttachment, consultation, **attached))["id"]
    return key


async def resolve(writer: Writer, given: Given) -> int:
    """Gives a place something to do by a day."""
    consultation = await _find_open(writer, given)
    owner = await find_receiver(writer, given)
    title = line(given["title"], "title", LONGEST["title"])
    due_on = day(given["due_on"], "dueOn")
    said = {"title": title, "from_name": consultation["from_name"], "due_on": due_on}
    return await _add(writer, Resolution, consultation, owner, **said)


async def advance_resolution(writer: Writer, given: Given) -> int:
    """Takes a resolution further: its owner works on it, who called the consultation can only take it back."""
    row = RESOLUTIONS.going_on(await writer.claim(Resolution, "RS", given, end=End.EITHER), "id")
    state = TaskState(given["state"])
    RESOLUTIONS.check(row, state, "state")
    by_owner = state is not TaskState.CANCELLED
    end = row["to_path"] if by_owner else row["path"]
    # Either end may find the row, and the policies let either change it: which of them may do what, only this knows.
    if not end.startswith(writer.identity.grant.path):
        owners = Message("This is for the place that has it to do.")
        callers = Message("This is for the place that called the consultation.")
        raise Rejected(UserErrorCode.FORBIDDEN, owners if by_owner else callers, "state")
    columns: Row = {"done_on": writer.today} if state is TaskState.DONE else {}
    if given.get("outcome") is not None:
        columns["outcome"] = prose(given["outcome"], "outcome", LONGEST["outcome"])
    at = other_end(row) if by_owner else None
    key: int = (await RESOLUTIONS.advance(writer, row, state, at=at, **columns))["id"]
    return key


async def _check_consent(writer: Writer, model: type[SQLModel], about: Row, field: str) -> None:
    """Refuses the file of a client who is not to be told of; who was referred has consented to that."""
    if model is Referral:
        return
    client = about if model is Client else await writer.find_where(Client, {"id": about["client_id"]}, seen=True)
    if client is None or client["consent_on"] is None or client["consent_withdrawn_on"] is not None:
        raise invalid(Message("The client has not consented, or not any longer."), field)
    if client["closed_on"] is not None:
        raise invalid(Message("This client's file was closed."), field)


async def _find_open(writer: Writer, given: Given) -> Row:
    """The consultation that is to be added to, in scope and open; locked, so that it is not closed meanwhile."""
    row = await writer.find(Consultation, "CO", given["consultation_id"], "consultationId", lock=True)
    return CONSULTATIONS.going_on(row, "consultationId")


async def _add(writer: Writer, model: type[SQLModel], consultation: Row, receiver: Receiver, **values: Any) -> int:
    """Adds a row of a consultation that leads to a place."""
    values |= {"consultation_id": consultation["id"], **receiver.columns}
    key: int = (await writer.insert(model, consultation, **values))["id"]
    return key


def _named_by(given: Given) -> str:
    return "toCode" if given.get("to_id") is None else "toId"


def _stated(given: Given) -> Row:
    """What is given of a consultation itself."""
    columns: Row = {}
    if "issue" in given:
        columns["issue"] = line(given["issue"], "issue", LONGEST["issue"])
    if "meets_on" in given:
        columns["meets_on"] = day(given["meets_on"], "meetsOn")
    if "minutes" in given:
        minutes = given["minutes"]
        columns["minutes"] = None if minutes is None else prose(minutes, "minutes", LONGEST["minutes"])
    return columns
