"""Places of any kind: what a row belongs to, what is above it, who answers for it; and how places are written.

Stations, communities and grids are created, changed, recoded, moved and closed alike; `Noun` says where they differ.
"""

import re
from dataclasses import dataclass
from datetime import date

from sqlmodel import SQLModel

from models import Assignment, Community, DivisionCode, Grant, Grid, Place, PlaceLevel, Placement, Station
from resolvers.core.belongings import belongings, redirect, unsettled
from resolvers.core.decisions import ABOVE_TOWNSHIPS
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, on_path
from resolvers.core.tenure import end_all, still_open
from resolvers.core.texts import EARLIEST, line
from resolvers.core.write import Given, Perform, Row, Writer, located, public_id_of

OF_ROW = by("place_id")
ITSELF = by("id")
ANCESTORS = Relation(on_path(inclusive=False), order=("path",))
CHAIN = Relation(on_path(inclusive=True), order=("-path",))


# -- writing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noun:
    """One of the three kinds of places: its table, the letter of its ids, the level below each level of parent."""

    model: type[SQLModel]
    letter: str
    levels: dict[str, str]
    parents: Message
    division: re.Pattern[str]
    digits: Message


STATION = Noun(
    Station,
    "S",
    {PlaceLevel.HUB: PlaceLevel.DEMONSTRATION, PlaceLevel.DEMONSTRATION: PlaceLevel.BASIC},
    Message("A station belongs to the hub, or to the demonstration station that leads its zone."),
    re.compile(r"[0-9]{6}([0-9]{3})?", re.ASCII),
    Message("6 or 9 digits"),
)
COMMUNITY = Noun(
    Community,
    "C",
    dict.fromkeys((PlaceLevel.HUB, PlaceLevel.DEMONSTRATION, PlaceLevel.BASIC), PlaceLevel.COMMUNITY),
    Message("A community belongs to the station that serves it."),
    re.compile(r"[0-9]{12}", re.ASCII),
    Message("12 digits"),
)
GRID = Noun(
    Grid,
    "G",
    {PlaceLevel.COMMUNITY: PlaceLevel.GRID},
    Message("A grid belongs to a community."),
    re.compile(r"[0-9]{12}", re.ASCII),
    Message("12 digits"),
)
INVALID = UserErrorCode.INVALID
LONGEST = {"name": 100, "code": 50, "address": 300}
NOUNS = {"STATION": STATION, "COMMUNITY": COMMUNITY, "GRID": GRID}


def creation(noun: Noun) -> Perform:
    """Adds a place below `parentId`, from `openedOn` (a station) or `since` on; its level follows from the parent's."""

    async def create(writer: Writer, given: Given) -> int:
        parent = await _new_parent(writer, noun, given["parent_id"])
        opened_on = given.get("opened_on") or given.get("since") or writer.today
        values = {name: value for name, value in given.items() if name not in ("parent_id", "since")}
        if noun is STATION:
            values["opened_on"] = opened_on
        values = _checked(noun, values)
        _not_after(writer, opened_on, "openedOn" if noun is STATION else "since")
        # On shards a row's county is said by who adds it; else the database computes it.
        county = {"county_id": parent["county_id"]} if writer.scope.sharded else {}
        place = await writer.add(Place, level=noun.levels[parent["level"]], **_under(parent), **county)
        copied = {name: place[name] for name in ("id", "path", "station_id", "county_id", "parent_id")}
        level = {"level": place["level"]} if noun is STATION else {}
        row = await writer.add(noun.model, **copied, **level, **values)
        writer.record(noun.model, row, None, level | values)
        await writer.add(Placement, **located(place), parent_id=parent["id"], valid_from=opened_on)
        await writer.add(DivisionCode, **located(place), code=row["division_code"], valid_from=opened_on)
        key: int = row["id"]
        return key

    return create


def updating(noun: Noun) -> Perform:
    """Changes what is neither dated nor a name: of a place that is named by id and version."""

    async def update(writer: Writer, given: Given) -> int:
        row = await writer.claim(noun.model, noun.letter, given)
        values = _checked(noun, {name: value for name, value in given.items() if name not in ("id", "version")})
        if values.get("opened_on"):
            _not_after(writer, values["opened_on"], "openedOn")
        key: int = (await writer.change(noun.model, row, **values))["id"]
        return key

    return update


def recoding(noun: Noun) -> Perform:
    """Gives a place another division code from a day on, and another public code if one is given."""

    async def recode(writer: Writer, given: Given) -> int:
        row = await writer.claim(noun.model, noun.letter, given)
        still_open(row, "id")
        on = given.get("on") or writer.today
        _not_after(writer, on, "on")
        values = {"division_code": given["division_code"]}
        if given.get("code") is not None:
            values["code"] = given["code"]
        values = _checked(noun, values)
        if row["division_code"] != values["division_code"]:
            now = await _standing(writer, DivisionCode, row["id"])
            if now and now["valid_from"] > on:
                raise Rejected(
                    INVALID,
                    Message("Its code of today stands since {valid_from} only.", valid_from=now["valid_from"]),
                    "on",
                )
            if now and now["valid_from"] == on:
                await writer.update(DivisionCode, now, code=values["division_code"])
            else:
                if now:
                    await writer.update(DivisionCode, now, valid_to=on)
                await writer.add(DivisionCode, **located(row), code=values["division_code"], valid_from=on)
        key: int = (await writer.change(noun.model, row, **values))["id"]
        return key

    return recode


def moving(noun: Noun) -> Perform:
    """Hangs a place, with all that is below it, under another parent from today on."""

    async def move(writer: Writer, given: Given) -> int:
        row = await writer.claim(noun.model, noun.letter, given)
        still_open(row, "id")
        parent = await _new_parent(writer, noun, given["parent_id"])
        if parent["id"] == row["parent_id"]:
            raise Rejected(INVALID, Message("It hangs there already."), "parentId")
        if noun.levels[parent["level"]] != row["level"]:
            raise Rejected(INVALID, Message("A move does not change the level of a station."), "parentId")
        if parent["county_id"] != row["county_id"]:
            raise Rejected(INVALID, Message("A place does not leave its county."), "parentId")
        await _relocate(writer, noun, row, parent, writer.today)
        key: int = row["id"]
        return key

    return move


def closing(noun: Noun) -> Perform:
    """Closes a place. What belongs to it goes to the successor; without one there must be nothing.

    Duties and grants at the place end with it.
    """

    async def close(writer: Writer, given: Given) -> int:
        row = await writer.claim(noun.model, noun.letter, given)
        still_open(row, "id")
        if row.get("level") in ABOVE_TOWNSHIPS:
            raise Rejected(INVALID, Message("A hub or a region cannot be closed."), "id")
        on = given.get("on") or writer.today
        _not_after(writer, on, "on")
        hung = await _standing(writer, Placement, row["id"])
        if hung and hung["valid_from"] > on:
            raise Rejected(
                INVALID, Message("It hangs where it does since {valid_from} only.", valid_from=hung["valid_from"]), "on"
            )
        await _check_end(writer, row, on)
        successor = await _successor(writer, noun, row, given.get("successor_id"))
        await _hand_over(writer, row, successor, on)
        await _end_duties(writer, row, on)
        if hung:
            await writer.update(Placement, hung, valid_to=on)
        successor_id = successor["id"] if successor else None
        closed = await writer.change(noun.model, row, closed_on=on, successor_id=successor_id)
        key: int = closed["id"]
        return key

    return close


async def _check_end(writer: Writer, row: Row, on: date) -> None:
    """Refuses a day of closing before the place was opened, or on which something hung below it that has left since."""
    if row.get("opened_on") is not None and on < row["opened_on"]:
        raise Rejected(INVALID, Message("It was opened on {opened_on} only.", opened_on=row["opened_on"]), "on")
    for below in await writer.find_all(Placement, {"parent_id": row["id"]}):
        if below["valid_to"] is not None and below["valid_to"] > max(on, below["valid_from"]):
            raise Rejected(
                INVALID, Message("There was something below it until {valid_to}.", valid_to=below["valid_to"]), "on"
            )


async def _new_parent(writer: Writer, noun: Noun, public_id: str) -> Row:
    """The place that is to be a parent: in scope, of a level that may be, and not closed."""
    parent = await writer.find_place(public_id, "parentId")
    if parent["level"] not in noun.levels:
        raise Rejected(INVALID, noun.parents, "parentId")
    row = await writer.find_where(NOUNS[parent["kind"]].model, {"id": parent["id"]})
    still_open(row or {}, "parentId")
    return parent


async def _successor(writer: Writer, noun: Noun, row: Row, public_id: str | None) -> Row | None:
    if public_id is None:
        return None
    successor = await writer.find(noun.model, noun.letter, public_id, "successorId")
    still_open(successor, "successorId")
    if successor["county_id"] != row["county_id"]:
        raise Rejected(INVALID, Message("The successor must be in the same county."), "successorId")
    # Which also rules out the place itself.
    if successor["path"].startswith(row["path"]):
        raise Rejected(INVALID, Message("The successor must not be part of what is closed."), "successorId")
    return successor


async def _hand_over(writer: Writer, row: Row, successor: Row | None, on: date) -> None:
    """Moves what belongs to a place itself to its successor, from a day on.

    Refuses if there is none and something belongs to it.
    """
    children = []
    for child in await writer.find_all(Place, {"parent_id": row["id"]}):
        noun = NOUNS[child["kind"]]
        found = await writer.find_where(noun.model, {"id": child["id"], "closed_on": None}, lock=True)
        if found:
            children.append((noun, found))
    held, open_work = await belongings(writer, row), await unsettled(writer, row)
    if successor is None:
        if children or held or open_work:
            raise Rejected(
                UserErrorCode.NOT_EMPTY,
                Message("There is still something that belongs to it, or is to be done there: name a successor."),
                "successorId",
            )
        return
    place = await writer.find_where(Place, {"id": successor["id"]})
    assert place is not None
    for noun, child in children:
        if noun.levels.get(place["level"]) != child["level"]:
            raise Rejected(INVALID, Message("What hangs below it cannot hang below this successor."), "successorId")
        await _relocate(writer, noun, child, place, on)
    for model, one in held:
        await writer.rehome(model, one, place)
    for model, one in open_work:
        await redirect(writer, model, one, place)


async def _end_duties(writer: Writer, row: Row, on: date) -> None:
    await end_all(writer, Assignment, {"place_id": row["id"]}, on)
    now = writer.now
    for grant in await writer.find_all(Grant, {"place_id": row["id"]}):
        if grant["valid_to"] is None or grant["valid_to"] > now:
            await writer.change(Grant, grant, valid_to=max(now, grant["valid_from"]))


async def _relocate(writer: Writer, noun: Noun, row: Row, parent: Row, since: date) -> None:
    """Hangs a place under another, by its history since a day; foreign keys carry its path to all that is below.

    On shards triggers do, except to the accounts, which lie on all nodes.
    """
    before = await writer.find_where(Place, {"id": row["parent_id"]})
    assert before is not None
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(_under(parent), start=2))
    # The policies hold that the new path is in scope, the table's constraints which levels fit.
    await writer.connection.execute(
        f"UPDATE place SET {sets} WHERE id = $1 AND county_id = ${len(_under(parent)) + 2}",
        row["id"],
        *_under(parent).values(),
        row["county_id"],
    )
    if writer.scope.sharded:
        await writer.connection.execute("SELECT carry_accounts($1)", row["county_id"])
    hung = await _standing(writer, Placement, row["id"])
    if hung and hung["valid_from"] >= since:
        await writer.update(Placement, hung, parent_id=parent["id"])
    else:
        if hung:
            await writer.update(Placement, hung, valid_to=since)
        place = await writer.find_where(Place, {"id": row["id"]})
        assert place is not None
        await writer.add(Placement, **located(place), parent_id=parent["id"], valid_from=since)
    moved = await writer.update(noun.model, row)
    writer.record(noun.model, moved, None, None)
    writer.record(noun.model, moved, {"place": public_id_of(before)}, None, at=before)
    writer.record(noun.model, moved, None, {"place": public_id_of(parent)}, at=parent)


async def _standing(writer: Writer, model: type[SQLModel], place_id: int) -> Row | None:
    """The dated row of a place that has not ended."""
    return await writer.find_where(model, {"place_id": place_id, "valid_to": None}, lock=True)


def _under(parent: Row) -> Row:
    return {f"parent_{name}": parent[name] for name in ("id", "level", "path", "station_id", "county_id")}


def _not_after(writer: Writer, day: date, field: str) -> None:
    # The first day of all is -infinity to asyncpg.
    if day < EARLIEST:
        raise Rejected(INVALID, Message("The day must not be before {earliest}.", earliest=EARLIEST), field)
    if day > writer.today:
        raise Rejected(INVALID, Message("The day must not be after today, {today}.", today=writer.today), field)


def _checked(noun: Noun, values: Given) -> Row:
    """The values as they are kept: texts on one line. Refuses what the tables would, and what nobody could see."""
    values = dict(values)
    for name, longest in LONGEST.items():
        if name in values and not (name == "address" and values[name] is None):
            values[name] = line(values[name], name, longest)
    if "division_code" in values and not noun.division.fullmatch(values["division_code"] or ""):
        raise Rejected(
            INVALID, Message("A division code of this kind of place has {digits}.", digits=noun.digits), "divisionCode"
        )
    for name in ("households", "residents"):
        if name in values and (values[name] is None or values[name] < 0):
            raise Rejected(INVALID, Message("The number must be 0 or more."), name)
    for name, field in (("kind", "kind"), ("opened_on", "openedOn")):
        if name in values and values[name] is None:
            raise Rejected(INVALID, Message("It must not be null."), field)
    return values
