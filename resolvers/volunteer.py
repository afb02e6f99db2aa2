"""Volunteer teams: all, those of a place, their members; and how they are written."""

import asyncpg
from sqlalchemy import and_

from models import Person, TeamMembership, VolunteerTeam
from resolvers.core.homes import change_at
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import UNDER_PLACE, UNDER_STATION, by
from resolvers.core.scope import current
from resolvers.core.tenure import active, end
from resolvers.core.texts import day, line
from resolvers.core.write import Given, Row, Writer

ALL = Relation()
OF_STATION = UNDER_STATION
OF_PLACE = UNDER_PLACE
TEAM = by("team_id")
MEMBERSHIPS = Relation(
    lambda team, membership, *_: and_(membership.c.team_id == team.c.id, current(membership)),
    order=("valid_from", "id"),
)


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = {"name": 100, "code": 50}


async def create(writer: Writer, given: Given) -> int:
    """Founds a team at a place."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    key: int = (await writer.insert(VolunteerTeam, place, **_texts(given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Changes a team's name, code and place; its memberships go along."""
    row = await writer.claim(VolunteerTeam, "T", given)
    key: int = (await change_at(writer, VolunteerTeam, row, given, _texts(given)))["id"]
    return key


async def add_member(writer: Writer, given: Given) -> int:
    """Makes a person a member of a team; the person's home and the team are in scope."""
    person = active(await writer.find(Person, "P", given["person_id"], "personId", lock=True), "personId")
    team = await writer.find(VolunteerTeam, "T", given["team_id"], "teamId", lock=True)
    since = day(given["valid_from"], "validFrom")
    try:
        row = await writer.insert(TeamMembership, team, team_id=team["id"], person_id=person["id"], valid_from=since)
    except asyncpg.ExclusionViolationError as error:
        message = Message("They are a member on one of these days.")
        raise Rejected(UserErrorCode.OVERLAP, message, "personId") from error
    key: int = row["id"]
    return key


async def end_membership(writer: Writer, given: Given) -> int:
    """Ends a membership of a team in scope."""
    row = await writer.claim(TeamMembership, "M", given)
    key: int = (await end(writer, TeamMembership, row, given))["id"]
    return key


def _texts(given: Given) -> Row:
    return {name: line(given[name], name, longest) for name, longest in LONGEST.items() if name in given}
