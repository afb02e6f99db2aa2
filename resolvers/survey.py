"""Surveys and assessments: by id, all, those of a client, and how they are recorded."""

from models import Client, Person, Survey, SurveyKind, SurveyState, Urgency
from resolvers.core.follow_up import SURVEYS
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found
from resolvers.core.tenure import active
from resolvers.core.texts import day, invalid, needed, prose
from resolvers.core.write import Given, Row, Writer

NEWEST = ("-surveyed_on", "-id")
FOUND = found("SU", by_code=False)
ALL = Relation(order=NEWEST)
OF_CLIENT = by("id", "client_id", order=NEWEST)
OF_ROW = by("survey_id")
SURVEYOR = by("surveyor_id")
REFERRALS = by("id", "survey_id")


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = 2000


async def record(writer: Writer, given: Given) -> int:
    """Records a survey at a place; client and surveyor are in sight."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    client = await writer.find(Client, "CL", given["client_id"], "clientId", seen=True)
    if client["closed_on"] is not None:
        raise invalid(
            Message("This client's file was closed on {closed_on}.", closed_on=client["closed_on"]), "clientId"
        )
    surveyor = active(await writer.find(Person, "P", given["surveyor_id"], "surveyorId", seen=True), "surveyorId")
    named = {"client_id": client["id"], "surveyor_id": surveyor["id"]}
    key: int = (await writer.insert(Survey, place, **named, **_columns(writer, given)))["id"]
    return key


async def update(writer: Writer, given: Given) -> int:
    """Corrects a survey from which nothing follows yet."""
    row = await writer.claim(Survey, "SU", given)
    if row["state"] != SurveyState.OPEN:
        raise Rejected(
            UserErrorCode.WRONG_STATE,
            Message("It is {state}, and stays as it was found.", state=SurveyState(row["state"])),
            "id",
        )
    key: int = (await writer.change(Survey, row, **_columns(writer, given)))["id"]
    return key


async def close(writer: Writer, given: Given) -> int:
    """Closes a survey: nothing is to follow from it, or nothing more."""
    row = await writer.claim(Survey, "SU", given)
    told = {"closed_on": writer.today, "closing_reason": prose(given["reason"], "reason", LONGEST)}
    key: int = (await SURVEYS.advance(writer, row, SurveyState.CLOSED, "id", **told))["id"]
    return key


def _columns(writer: Writer, given: Given) -> Row:
    """The columns that are given."""
    columns: Row = {}
    for name, enum in (("kind", SurveyKind), ("urgency", Urgency)):
        if name in given:
            columns[name] = enum(needed(given[name], name)).value
    if "surveyed_on" in given:
        columns["surveyed_on"] = day(given["surveyed_on"], "surveyedOn", until=writer.today)
    if "findings" in given:
        columns["findings"] = prose(given["findings"], "findings", LONGEST)
    return columns
