"""Service records: by id, all, those of a client, what they come to; and how they are recorded and corrected.

A record never changes: another corrects it, and it is kept as it was. What counts is `VALID`.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    FromClause,
    Select,
    Subquery,
    and_,
    exists,
    func,
    literal_column,
    select,
)

from models import (
    Client,
    Person,
    Place,
    PlaceKind,
    Referral,
    ReferralState,
    ServiceRecord,
    ServiceRecordState,
    Survey,
    Venue,
)
from resolvers.core.arguments import Arguments
from resolvers.core.catalogue import find_item
from resolvers.core.follow_up import follow_up
from resolvers.core.json import string
from resolvers.core.mapping import Clause, On, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import ancestry, by, found, place_key, table_of, under, within
from resolvers.core.scope import End, Scope, beneath
from resolvers.core.states import machine
from resolvers.core.tenure import active
from resolvers.core.texts import day, invalid, needed, prose
from resolvers.core.write import Given, Row, Writer

State = ServiceRecordState
RECORDS = machine(
    ServiceRecord, {State.VALID: (State.CORRECTED, State.CANCELLED), State.CORRECTED: (), State.CANCELLED: ()}
)


def counts(record: FromClause) -> Clause:
    """Whether a record is valid."""
    return record.c.state == string(State.VALID)


def _listed(joined: On | None = None) -> Relation:
    """The records that are joined to the parent, the latest first; the valid ones, if not all are asked for."""

    def on(parent: FromClause, record: FromClause, arguments: Arguments, scope: Scope) -> Clause:
        clauses = [] if joined is None else [joined(parent, record, arguments, scope)]
        if arguments.get("valid") is not False:
            clauses.append(counts(record))
        return and_(True, *clauses)

    return Relation(on, order=("-served_on", "-id"))


def _listed_by(column: str) -> Relation:
    """The records in whose column the parent's key stands."""
    return _listed(lambda parent, record, *_: record.c[column] == parent.c.id)


FOUND = found("SR", by_code=False)
ALL = _listed()
OF_PLACE = _listed(under)
OF_CLIENT = _listed_by("client_id")
OF_SURVEY = _listed_by("survey_id")
ITEM, WORKER, VENUE = by("item_id"), by("worker_id"), by("venue_id")
REFERRAL, CORRECTS = by("referral_id"), by("corrects_id")
CORRECTED_BY = by("id", "corrects_id")


def is_served(community: FromClause, _: str, value: ColumnElement[Any], scope: Scope) -> Clause:
    """The filter `served`: communities in whose subtree services were given, or none."""
    record = table_of(ServiceRecord).alias()
    given = exists().select_from(record).correlate_except(record)
    given = given.where(beneath(record.c.path, community.c.path), counts(record), scope.visible(record))
    return value == given


def totals(arguments: Arguments, scope: Scope) -> Subquery:
    """What the valid records in scope come to, of a subtree and a time if they are given."""
    record, place = table_of(ServiceRecord).alias(), table_of(Place).alias()
    paths = _asked(table_of(ServiceRecord).alias(), arguments, scope, "path").distinct().subquery()
    reached = select(func.count()).select_from(place).correlate_except(place)
    reached = reached.where(
        place.c.kind == string(PlaceKind.COMMUNITY),
        place.c.id.in_(select(func.unnest(ancestry(paths.c.path)))),
        scope.visible(place),
    )
    asked = _asked(record, arguments, scope, "contacts", "beneficiaries", "client_id").subquery()
    return (
        select(
            func.count().label("records"),
            _total(asked.c.contacts).label("contacts"),
            _total(asked.c.beneficiaries).label("beneficiaries"),
            reached.scalar_subquery().label("communities"),
            func.count(asked.c.client_id.distinct()).label("clients"),
        )
        .select_from(asked)
        .subquery()
    )


def _asked(record: FromClause, arguments: Arguments, scope: Scope, *columns: str) -> Select[Any]:
    """Columns of the valid records that totals are asked of."""
    query = select(*[record.c[name] for name in columns]).where(counts(record), scope.visible(record))
    if arguments.get("within") is not None:
        root = arguments.bind(BigInteger(), "within", convert=place_key)
        query = query.where(within(record, "eq", root, scope))
    if arguments.get("from") is not None:
        query = query.where(record.c.served_on >= arguments.bind(Date(), "from"))
    if arguments.get("to") is not None:
        query = query.where(record.c.served_on <= arguments.bind(Date(), "to"))
    return query


def _total(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), literal_column("0"), type_=BigInteger)


# -- writing -------------------------------------------------------------------------------------------------------

LONGEST = 2000
LARGEST = 1_000_000
NAMED = {"item_id": "itemId", "worker_id": "workerId", "client_id": "clientId", "venue_id": "venueId"}
KEPT = ("item_id", "worker_id", "served_on", "contacts", "beneficiaries", "client_id", "venue_id", "survey_id",
        "referral_id", "note")  # fmt: skip
GONE = (ReferralState.REJECTED, ReferralState.WITHDRAWN)


async def record(writer: Writer, given: Given) -> int:
    """Records a service that was given at a place; what it names is in sight, its venue and survey in scope."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    columns = await _columns(writer, given, place)
    _check_counts(columns)
    if given.get("referral_id") is not None:
        columns["referral_id"] = await _referral(writer, given["referral_id"], columns.get("client_id"))
    if given.get("survey_id") is not None:
        survey = await writer.find(Survey, "SU", given["survey_id"], "surveyId", lock=True)
        if survey["client_id"] != columns.get("client_id"):
            raise invalid(Message("The survey is about another client."), "surveyId")
        await follow_up(writer, survey, "surveyId")
        columns["survey_id"] = survey["id"]
    key: int = (await writer.insert(ServiceRecord, place, **columns))["id"]
    return key


async def correct(writer: Writer, given: Given) -> int:
    """Replaces a record by one that says what is given; the key of the new one."""
    row = await writer.claim(ServiceRecord, "SR", given)
    RECORDS.check(row, State.CORRECTED, "id")
    await _check_kept(writer, row)
    reason = prose(given["reason"], "reason", LONGEST)
    columns = {name: value for name, value in (await _columns(writer, given, row)).items() if value != row[name]}
    if not columns:
        raise invalid(Message("Nothing differs from what was recorded."), "id")
    whole = {name: row[name] for name in KEPT} | columns
    _check_counts(whole)
    if "client_id" in columns and (row["survey_id"] or row["referral_id"]) is not None:
        raise invalid(Message("It follows from a survey, or a referral, of its client: cancel it instead."), "clientId")
    await _check_sight(writer, row, columns)
    await RECORDS.advance(writer, row, State.CORRECTED, "id")
    new = await writer.insert(ServiceRecord, row, **whole, corrects_id=row["id"], reason=reason)
    key: int = new["id"]
    return key


async def cancel(writer: Writer, given: Given) -> int:
    """Takes a record back: the service was not given, or was recorded twice."""
    row = await writer.claim(ServiceRecord, "SR", given)
    RECORDS.check(row, State.CANCELLED, "id")
    await _check_kept(writer, row)
    reason = prose(given["reason"], "reason", LONGEST)
    key: int = (await RECORDS.advance(writer, row, State.CANCELLED, "id", reason=reason))["id"]
    return key


async def _check_kept(writer: Writer, row: Row) -> None:
    """Refuses to say more of a service to a client who was erased."""
    if await writer.connection.fetchval("SELECT client_erased($1)", row["client_id"]):
        raise Rejected(UserErrorCode.WRONG_STATE, Message("What is kept of its client was erased."), "id")


async def _columns(writer: Writer, given: Given, at: Row) -> Row:
    """The columns that are given, but those of what the service follows from. at: the place, or the row there."""
    columns = _numbers(given)
    for name in ("item_id", "worker_id"):
        if name in given:
            needed(given[name], NAMED[name])
    if "item_id" in given:
        item = await find_item(writer, given["item_id"], at)
        columns["item_id"] = _still(item, "withdrawn_on", "itemId")
    if "worker_id" in given:
        worker = await writer.find(Person, "P", given["worker_id"], "workerId", seen=True)
        columns["worker_id"] = active(worker, "workerId")["id"]
    if "served_on" in given:
        columns["served_on"] = day(given["served_on"], "servedOn", until=writer.today)
    columns |= {name: None for name in ("client_id", "venue_id", "note") if name in given}
    if given.get("client_id") is not None:
        client = await writer.find(Client, "CL", given["client_id"], "clientId", seen=True)
        columns["client_id"] = _still(client, "closed_on", "clientId")
    if given.get("venue_id") is not None:
        venue = await writer.find(Venue, "VE", given["venue_id"], "venueId")
        columns["venue_id"] = _still(venue, "closed_on", "venueId")
    if given.get("note") is not None:
        columns["note"] = prose(given["note"], "note", LONGEST)
    return columns


def _numbers(given: Given) -> Row:
    columns = {name: given[name] for name in ("contacts", "beneficiaries") if name in given}
    for name, number in columns.items():
        if number is None or not 1 <= number <= LARGEST:
            raise invalid(Message("It must be 1 to {most}.", most=LARGEST), name)
    return columns


def _still(row: Row, ended: str, field: str) -> int:
    """The key of a row that has not ended."""
    if row[ended] is not None:
        raise invalid(Message("It was closed or withdrawn on {day}.", day=row[ended]), field)
    key: int = row["id"]
    return key


def _check_counts(columns: Row) -> None:
    if columns["beneficiaries"] > columns["contacts"]:
        raise invalid(Message("Each beneficiary was met once at least."), "beneficiaries")


async def _referral(writer: Writer, public_id: str, client_id: int | None) -> int:
    """The referral that a service follows from, with an end in scope and of the same client."""
    referral = await writer.find(Referral, "RF", public_id, "referralId", end=End.EITHER)
    if referral["client_id"] != client_id:
        raise invalid(Message("The referral is about another client."), "referralId")
    if referral["state"] in GONE:
        raise Rejected(
            UserErrorCode.WRONG_STATE,
            Message("The referral is {state}.", state=ReferralState(referral["state"])),
            "referralId",
        )
    key: int = referral["id"]
    return key


async def _check_sight(writer: Writer, row: Row, columns: Row) -> None:
    """Refuses to say anew what names somebody who is out of sight by now."""
    for name, model in (("worker_id", Person), ("client_id", Client), ("venue_id", Venue)):
        named = None if name in columns else row[name]
        if named is not None and await writer.find_where(model, {"id": named}, seen=True) is None:
            raise invalid(Message("Who or what it names is out of sight by now: name another."), NAMED[name])
