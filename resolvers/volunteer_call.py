"""Calls for volunteers: who signs up, whom they match, the hours that volunteers gave; and how they are written."""

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Text, and_, exists, func, literal_column, or_, select

from models import Person, PersonKind, PersonSkill, SignUp, SignUpState, Skill, VolunteerCall, VolunteerCallState
from resolvers.core.arguments import Arguments
from resolvers.core.filters import compare
from resolvers.core.json import scalar, string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found, table_of
from resolvers.core.scope import Scope, beneath
from resolvers.core.states import machine
from resolvers.core.tenure import active
from resolvers.core.texts import day, invalid, line
from resolvers.core.write import Given, Row, Writer

FOUND = found("VC", by_code=False)
ALL = Relation()
SKILL = by("skill_id")
SIGN_UPS = by("id", "call_id")
CALL = by("call_id")
VOLUNTEER = by("person_id")

CALLS = machine(
    VolunteerCall,
    {
        VolunteerCallState.OPEN: (VolunteerCallState.FULFILLED, VolunteerCallState.CANCELLED),
        VolunteerCallState.FULFILLED: (),
        VolunteerCallState.CANCELLED: (),
    },
)
OFFERS = machine(
    SignUp,
    {
        SignUpState.SIGNED_UP: (SignUpState.ATTENDED, SignUpState.ABSENT, SignUpState.WITHDRAWN),
        SignUpState.ATTENDED: (),
        SignUpState.ABSENT: (),
        SignUpState.WITHDRAWN: (SignUpState.SIGNED_UP,),
    },
)


def _station_path(row: FromClause) -> ColumnElement[Any]:
    """The path of the station that a row belongs to, which may be out of scope: what leads there of the row's own."""
    dot = literal_column("'.'", Text)
    step = dot.op("||")(row.c.station_id).op("||")(dot)
    before = func.split_part(dot.op("||")(row.c.path), step, literal_column("1"))
    return func.substr(before.op("||")(step), literal_column("2"), type_=row.c.path.type)


def _matching(call: FromClause, person: FromClause, _: Arguments, scope: Scope) -> Clause:
    """Volunteers at home in scope, below the call's station, who have the skill and have not signed up."""
    held, offer = table_of(PersonSkill).alias(), table_of(SignUp).alias()
    skilled = exists().select_from(held).correlate_except(held)
    skilled = skilled.where(held.c.person_id == person.c.id, held.c.skill_id == call.c.skill_id, scope.visible(held))
    offered = exists().select_from(offer).correlate_except(offer)
    offered = offered.where(
        offer.c.call_id == call.c.id,
        offer.c.person_id == person.c.id,
        offer.c.state != string(SignUpState.WITHDRAWN.value),
        scope.visible(offer),
    )
    return and_(
        person.c.kind == string(PersonKind.VOLUNTEER.value),
        person.c.retired_on.is_(None),
        # Of somebody who merely serves here the account must not learn where they are at home.
        scope.contains(person.c.path),
        beneath(person.c.path, _station_path(call)),
        or_(call.c.skill_id.is_(None), skilled),
        ~offered,
    )


MATCHES = Relation(_matching)


def hours_of(person: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The hours that a person gave, as far as the calls are in scope."""
    offer = table_of(SignUp).alias()
    hours = func.coalesce(func.sum(offer.c.hours), literal_column("0.00"), type_=Numeric())
    given = select(scalar(hours)).where(
        offer.c.person_id == person.c.id, offer.c.state == string(SignUpState.ATTENDED.value), scope.visible(offer)
    )
    return given.correlate_except(offer).scalar_subquery()


def needs_skill(row: FromClause, operator: str, value: ColumnElement[Any], _: Scope) -> Clause:
    """The filter `skill`: calls for a skill with such a code."""
    skill = table_of(Skill).alias()
    asked = exists().select_from(skill).correlate_except(skill)
    return asked.where(skill.c.id == row.c.skill_id, compare(skill.c.code, operator, value))


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = 100
MOST = 1000
LONGEST_DAY = 24
CENT = Decimal("0.01")


async def create(writer: Writer, given: Given) -> int:
    """Calls for volunteers at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    key: int = (await writer.insert(VolunteerCall, place, **await _columns(writer, given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes an open call, as far as nobody has signed up for what it was."""
    row = await writer.claim(VolunteerCall, "VC", given)
    _open(row, "id")
    columns = {name: value for name, value in (await _columns(writer, given)).items() if value != row[name]}
    offers = await _offers(writer, row)
    if "skill_id" in columns and offers:
        raise invalid(Message("Somebody has signed up for what the call asks for."), "skill")
    if "needed_on" in columns and any(offer["state"] != SignUpState.SIGNED_UP for offer in offers):
        raise invalid(Message("Who came and who did not has been noted for that day."), "neededOn")
    if len(offers) > (row | columns)["needed"]:
        raise invalid(Message("{offers} have signed up already.", offers=len(offers)), "needed")
    key: int = (await writer.change(VolunteerCall, row, **columns))["id"]
    return key


async def advance(writer: Writer, given: Given) -> int:
    """Ends a call; who has signed up for one that is cancelled need not come."""
    row = await writer.claim(VolunteerCall, "VC", given)
    _open(row, "id")
    ended = await CALLS.advance(writer, row, VolunteerCallState(given["state"]))
    if ended["state"] == VolunteerCallState.CANCELLED:
        signed_up = {"call_id": row["id"], "state": SignUpState.SIGNED_UP.value}
        for offer in await writer.find_all(SignUp, signed_up, lock=True):
            await OFFERS.advance(writer, offer, SignUpState.WITHDRAWN)
    key: int = row["id"]
    return key


async def sign_up(writer: Writer, given: Given) -> int:
    """Lets a volunteer who is seen come to an open call, also one who has withdrawn before."""
    # Its lock lets one at a time see how many places are left.
    call = await writer.find(VolunteerCall, "VC", given["call_id"], "callId", lock=True)
    person = await writer.find(Person, "P", given["person_id"], "personId", seen=True)
    offer = await writer.find_where(SignUp, {"call_id": call["id"], "person_id": person["id"]}, lock=True)
    if offer is not None and offer["state"] != SignUpState.WITHDRAWN:
        raise Rejected(UserErrorCode.TAKEN, Message("They have signed up already."), "personId")
    await _admit(writer, call, person, "callId", "personId")
    if offer is None:
        offer = await writer.insert(SignUp, call, call_id=call["id"], person_id=person["id"])
    else:
        offer = await OFFERS.advance(writer, offer, SignUpState.SIGNED_UP)
    key: int = offer["id"]
    return key


async def settle(writer: Writer, given: Given) -> int:
    """Notes that a volunteer came, and for how long, or did not; or that they withdraw, or come after all."""
    # The call is locked before its sign-up, as by all who lock both.
    named = await writer.find(SignUp, "VS", given["id"], "id")
    call = await writer.find_where(VolunteerCall, {"id": named["call_id"]}, lock=True)
    row = await writer.claim(SignUp, "VS", given)
    assert call is not None
    to = SignUpState(given["state"])
    OFFERS.check(row, to, "state" if row["state"] in OFFERS.open else "id")
    hours = given.get("hours")
    if to == SignUpState.ATTENDED:
        hours = _hours(hours)
        if call["needed_on"] > writer.today:
            raise invalid(Message("They are needed on {needed_on} only.", needed_on=call["needed_on"]), "state")
    elif hours is not None:
        raise invalid(Message("Only who came gave hours."), "hours")
    if to == SignUpState.SIGNED_UP:
        person = await writer.find_where(Person, {"id": row["person_id"]}, seen=True)
        if person is None:
            raise invalid(Message("They are not in sight any more."), "state")
        await _admit(writer, call, person, "state", "state")
    key: int = (await OFFERS.advance(writer, row, to, hours=hours))["id"]
    return key


async def _admit(writer: Writer, call: Row, person: Row, call_field: str, person_field: str) -> None:
    """Refuses who may not come to a call, and who is one too many."""
    _open(call, call_field)
    if person["kind"] != PersonKind.VOLUNTEER:
        raise invalid(Message("They are not a volunteer."), person_field)
    active(person, person_field)
    if call["skill_id"] is not None and not await writer.find_where(
        PersonSkill, {"person_id": person["id"], "skill_id": call["skill_id"]}
    ):
        raise invalid(Message("They do not have the skill that is called for."), person_field)
    if len(await _offers(writer, call)) >= call["needed"]:
        raise invalid(Message("All {needed} have been found.", needed=call["needed"]), call_field)


async def _offers(writer: Writer, call: Row) -> list[Row]:
    """The sign-ups of a call that were not withdrawn."""
    offers = await writer.find_all(SignUp, {"call_id": call["id"]})
    return [offer for offer in offers if offer["state"] != SignUpState.WITHDRAWN]


def _open(call: Row, field: str) -> None:
    if call["state"] != VolunteerCallState.OPEN:
        raise Rejected(
            UserErrorCode.WRONG_STATE, Message("The call is {state}.", state=VolunteerCallState(call["state"])), field
        )


async def _columns(writer: Writer, given: Given) -> Row:
    """The columns that are given."""
    columns: Row = {}
    if "title" in given:
        columns["title"] = line(given["title"], "title", LONGEST)
    if "skill" in given:
        columns["skill_id"] = None if given["skill"] is None else await _skill(writer, given["skill"])
    if "needed_on" in given:
        columns["needed_on"] = day(given["needed_on"], "neededOn")
    if "needed" in given:
        if given["needed"] is None or not 0 < given["needed"] <= MOST:
            raise invalid(Message("It must be 1 to {most}.", most=MOST), "needed")
        columns["needed"] = given["needed"]
    return columns


async def _skill(writer: Writer, code: str) -> int:
    skill = await writer.find_where(Skill, {"code": code}, seen=True)
    if skill is None:
        raise Rejected(UserErrorCode.NOT_FOUND, Message("The common list has no skill with this code."), "skill")
    key: int = skill["id"]
    return key


def _hours(hours: Decimal | None) -> Decimal:
    if hours is None:
        raise invalid(Message("Say how long they stayed."), "hours")
    if not hours.is_finite() or not 0 < hours <= LONGEST_DAY or hours != hours.quantize(CENT):
        raise invalid(
            Message(
                "It must be more than 0 and {most} at the most, with two decimals at the most.",
                most=LONGEST_DAY,
            ),
            "hours",
        )
    return hours.quantize(CENT)
