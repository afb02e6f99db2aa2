"""Assignments of a person, in scope: today's, or all that there were; and how people are assigned.

A person is locked before what belongs to them, wherever both are: writes about one person never deadlock.
"""

from datetime import date

import asyncpg
from sqlalchemy import FromClause, and_

from models import Assignment, Duty, Person, PersonKind
from resolvers.core.arguments import Arguments
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode, constraint_of
from resolvers.core.relations import by
from resolvers.core.scope import Scope, current
from resolvers.core.tenure import active, end, span
from resolvers.core.texts import invalid
from resolvers.core.write import Given, Row, Writer


def _of_person(person: FromClause, assignment: FromClause, arguments: Arguments, _: Scope) -> Clause:
    theirs = assignment.c.person_id == person.c.id
    return and_(theirs, current(assignment)) if arguments.get("current") is not False else theirs


OF_PERSON = Relation(_of_person, order=("valid_from", "id"))
PERSON = by("person_id")


# -- writing -------------------------------------------------------------------------------------------------------

GRIDS = frozenset({"GRID", "COMMUNITY"})
STATIONS = frozenset({"STATION"})
ANYWHERE = GRIDS | STATIONS
WHERE = {
    Duty.RESPONSIBLE_PERSON: ANYWHERE,
    Duty.GRID_WORKER: GRIDS,
    Duty.GRID_ASSISTANT: GRIDS,
    # Townships have auxiliary police of their own, whom the station keeps.
    Duty.AUXILIARY_POLICE: ANYWHERE,
    Duty.STATION_SOCIAL_WORKER: STATIONS,
    Duty.LINKED_SOCIAL_WORKER: GRIDS,
}
"""The kinds of place where each duty can be."""
SOCIAL_WORK = frozenset({Duty.STATION_SOCIAL_WORKER, Duty.LINKED_SOCIAL_WORKER})
ONE_RESPONSIBLE = "ex_assignment_responsible"


async def assign(writer: Writer, given: Given) -> int:
    """Assigns a person to a duty at a place; the person's home and the place are in scope."""
    person = active(await writer.find(Person, "P", given["person_id"], "personId", lock=True), "personId")
    place = await writer.find_open_place(given["place_id"], "placeId")
    dated = span(given)
    days = (dated["valid_from"], dated["valid_to"])
    return await _begin(writer, person, place, Duty(given["duty"]), days, ("duty", "personId", "duty"))


async def conclude(writer: Writer, given: Given) -> int:
    """Ends an assignment at a place in scope."""
    row = await writer.claim(Assignment, "A", given)
    key: int = (await end(writer, Assignment, row, given))["id"]
    return key


async def transfer(writer: Writer, given: Given) -> int:
    """Ends an assignment and begins another with the same duty at another place; the key of the new one."""
    seen = await writer.find(Assignment, "A", given["id"], "id")
    person = await writer.find_where(Person, {"id": seen["person_id"]}, lock=True)
    if person is None:
        raise Rejected(
            UserErrorCode.FORBIDDEN, Message("The home of the person is out of the acting grant's reach."), "id"
        )
    row = await writer.claim(Assignment, "A", given)
    active(person, "id")
    place = await writer.find_open_place(given["place_id"], "placeId")
    if place["id"] == row["place_id"]:
        raise invalid(Message("They have the duty there already."), "placeId")
    on, until = given.get("on") or writer.today, row["valid_to"]
    if until is not None and on >= until:
        raise invalid(Message("It ends on {until} already.", until=until), "on")
    await end(writer, Assignment, row, {"on": on})
    return await _begin(writer, person, place, Duty(row["duty"]), (on, until), ("placeId", "placeId", "placeId"))


async def _begin(
    writer: Writer, person: Row, place: Row, duty: Duty, days: tuple[date, date | None], fields: tuple[str, str, str]
) -> int:
    """fields: the input's to blame for a duty that does not fit, one that they have, and one that another has."""
    misfit, theirs, anothers = fields
    if place["kind"] not in WHERE[duty]:
        raise invalid(Message("There is no such duty at a place of this kind."), misfit)
    if duty in SOCIAL_WORK and person["kind"] != PersonKind.SOCIAL_WORKER:
        raise invalid(Message("This is a duty for social workers."), misfit)
    since, until = days
    try:
        row = await writer.insert(
            Assignment,
            place,
            person_id=person["id"],
            person_path=person["path"],
            duty=duty.value,
            valid_from=since,
            valid_to=until,
        )
    except asyncpg.ExclusionViolationError as error:
        if constraint_of(error) == ONE_RESPONSIBLE:
            taken = Rejected(
                UserErrorCode.OVERLAP, Message("Somebody answers for this place on one of these days."), anothers
            )
        else:
            taken = Rejected(UserErrorCode.OVERLAP, Message("They have this duty there on one of these days."), theirs)
        raise taken from error
    key: int = row["id"]
    return key
