"""`where` and `orderBy` of each noun: what it can be filtered and ordered by, on indexed columns alone."""

from enum import StrEnum
from typing import Any, Optional

import strawberry
from sqlalchemy import BigInteger, LargeBinary

from models import CommunityKind, Duty, PersonKind, StationLevel
from resolvers import administration as accounts
from resolvers import audit
from resolvers import person as people
from resolvers.core.mapping import Sorting
from resolvers.core.permissions import Permission
from resolvers.core.relations import key, place_key, within
from schema.enums import describe
from schema.fields import argument, operand
from schema.operators import (
    DateOperators,
    DateTimeOperators,
    EnumOperators,
    ExactOperators,
    IDOperators,
    TextOperators,
)
from schema.pages import OrderDirection, Reach

AND, OR, NOT = "All of these hold (与).", "One of these holds (或).", "This does not hold (非)."
DIRECTION = "Which way (方向)."


def _within() -> Any:
    return operand(
        "Lies in the subtree of this place (位于该地点及其下级).", clause=within, convert=place_key, type_=BigInteger()
    )


def _id(prefix: str) -> Any:
    return operand("Its id (标识).", lambda row: row.c.id, convert=key(prefix))


def _code() -> Any:
    return operand("Its code (编码).", lambda row: row.c.code)


def _name() -> Any:
    return operand("Its name (名称).", lambda row: row.c.name)


@strawberry.input(description="Which stations (社工站筛选条件).")
class StationFilter:
    """Filter of stations."""

    id: IDOperators | None = _id("S")
    within: strawberry.ID | None = _within()
    level: EnumOperators[StationLevel] | None = operand("Its level (级别).", lambda row: row.c.level)
    opened_on: DateOperators | None = operand("The day of opening (成立日期).", lambda row: row.c.opened_on)
    code: TextOperators | None = _code()
    name: TextOperators | None = _name()
    and_: list["StationFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["StationFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["StationFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which communities (村居筛选条件).")
class CommunityFilter:
    """Filter of communities."""

    id: IDOperators | None = _id("C")
    within: strawberry.ID | None = _within()
    kind: EnumOperators[CommunityKind] | None = operand("Its kind (类别).", lambda row: row.c.kind)
    code: TextOperators | None = _code()
    name: TextOperators | None = _name()
    and_: list["CommunityFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["CommunityFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["CommunityFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which grids (网格筛选条件).")
class GridFilter:
    """Filter of grids."""

    id: IDOperators | None = _id("G")
    within: strawberry.ID | None = _within()
    code: TextOperators | None = _code()
    name: TextOperators | None = _name()
    and_: list["GridFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["GridFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["GridFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which people (人员筛选条件).")
class PersonFilter:
    """Filter of personnel."""

    id: IDOperators | None = _id("P")
    within: strawberry.ID | None = operand(
        "Has the home in the subtree of this place, or currently serves there (归属或任职于该地点及其下级).",
        clause=within,
        convert=place_key,
        type_=BigInteger(),
    )
    kind: EnumOperators[PersonKind] | None = operand("What they are (人员类别).", lambda row: row.c.kind)
    duty: EnumOperators[Duty] | None = operand(
        "A duty that they currently have in scope (现任岗位职责).", clause=people.has_duty
    )
    skill: TextOperators | None = operand("The code of a skill that they have (技能编码).", clause=people.has_skill)
    name: TextOperators | None = operand("Their name (姓名).", lambda row: row.c.name, needs=Permission.PERSON_READ)
    phone: ExactOperators | None = operand(
        "Their phone number, in full (手机号).",
        lambda row: row.c.phone_digest,
        convert=people.digest("phone"),
        needs=Permission.PERSON_READ_PRIVATE,
        type_=LargeBinary(),
    )
    id_number: ExactOperators | None = operand(
        "Their identity number, in full (身份证号).",
        lambda row: row.c.id_number_digest,
        convert=people.digest("id_number"),
        needs=Permission.PERSON_READ_PRIVATE,
        type_=LargeBinary(),
    )
    and_: list["PersonFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["PersonFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["PersonFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which volunteer teams (志愿服务队筛选条件).")
class VolunteerTeamFilter:
    """Filter of volunteer teams."""

    id: IDOperators | None = _id("T")
    within: strawberry.ID | None = _within()
    code: TextOperators | None = _code()
    name: TextOperators | None = _name()
    and_: list["VolunteerTeamFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["VolunteerTeamFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["VolunteerTeamFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which entries of the audit log (审计条目筛选条件).")
class AuditEntryFilter:
    """Filter of audit entries."""

    id: IDOperators | None = _id("E")
    within: strawberry.ID | None = operand(
        "Is kept at this place or below it (记录于该地点及其下级).",
        clause=within,
        convert=place_key,
        type_=BigInteger(),
    )
    account: IDOperators | None = operand(
        "The account that did it, if that is in scope (操作账号).",
        clause=audit.done_by,
        convert=key("U"),
        type_=BigInteger(),
    )
    action: TextOperators | None = operand(
        "The mutation's name, or what has happened (操作).", lambda row: row.c.action
    )
    noun: TextOperators | None = operand("The kind of row that it is about (对象类别).", lambda row: row.c.noun)
    subject: IDOperators | None = operand(
        "The row that it is about (对象标识).", lambda row: row.c.subject, convert=audit.public_id
    )
    at: DateTimeOperators | None = operand(
        "When its transaction began (时间).", lambda row: row.c.at, convert=audit.instant
    )
    and_: list["AuditEntryFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["AuditEntryFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["AuditEntryFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


@strawberry.input(description="Which accounts (账号筛选条件).")
class AccountFilter:
    """Filter of accounts."""

    id: IDOperators | None = _id("U")
    within: strawberry.ID | None = _within()
    username: TextOperators | None = operand("The name to log in with (用户名).", lambda row: row.c.username)
    disabled: bool | None = operand("Whether it is disabled (是否停用).", accounts.is_disabled)
    and_: list["AccountFilter"] | None = strawberry.field(default=strawberry.UNSET, name="and", description=AND)
    or_: list["AccountFilter"] | None = strawberry.field(default=strawberry.UNSET, name="or", description=OR)
    not_: Optional["AccountFilter"] = strawberry.field(default=strawberry.UNSET, name="not", description=NOT)


class AccountOrderField(StrEnum):
    """What accounts can be ordered by."""

    USERNAME = "USERNAME"


class StationOrderField(StrEnum):
    """What stations can be ordered by."""

    CODE = "CODE"
    LEVEL = "LEVEL"
    NAME = "NAME"
    OPENED_ON = "OPENED_ON"


class CommunityOrderField(StrEnum):
    """What communities can be ordered by."""

    CODE = "CODE"
    KIND = "KIND"
    NAME = "NAME"


class GridOrderField(StrEnum):
    """What grids can be ordered by."""

    CODE = "CODE"
    NAME = "NAME"


class PersonOrderField(StrEnum):
    """What people can be ordered by."""

    KIND = "KIND"
    NAME = "NAME"


class VolunteerTeamOrderField(StrEnum):
    """What volunteer teams can be ordered by."""

    CODE = "CODE"
    NAME = "NAME"


class AuditEntryOrderField(StrEnum):
    """What audit entries can be ordered by."""

    ID = "ID"


BY_CODE, BY_NAME, BY_KIND = "By code (按编码).", "By name, by code points (按名称).", "By kind (按类别)."

describe(
    StationOrderField,
    "What stations can be ordered by (社工站排序字段).",
    CODE=BY_CODE,
    LEVEL="By level, the basic stations first (按级别).",
    NAME=BY_NAME,
    OPENED_ON="By the day of opening (按成立日期).",
)
describe(
    CommunityOrderField,
    "What communities can be ordered by (村居排序字段).",
    CODE=BY_CODE,
    KIND=BY_KIND,
    NAME=BY_NAME,
)
describe(GridOrderField, "What grids can be ordered by (网格排序字段).", CODE=BY_CODE, NAME=BY_NAME)
describe(
    PersonOrderField,
    "What people can be ordered by (人员排序字段).",
    KIND=BY_KIND,
    NAME=f"{BY_NAME} Needs `{Permission.PERSON_READ.value}`.",
)
describe(VolunteerTeamOrderField, "What teams can be ordered by (服务队排序字段).", CODE=BY_CODE, NAME=BY_NAME)

describe(
    AuditEntryOrderField,
    "What audit entries can be ordered by (审计条目排序字段).",
    ID="By the order in which they were written, which is nearly that of their times (按写入次序).",
)

describe(AccountOrderField, "What accounts can be ordered by (账号排序字段).", USERNAME="By the username (按用户名).")

ACCOUNT_SORTING = Sorting({field: field.lower() for field in AccountOrderField})
STATION_SORTING = Sorting({field: field.lower() for field in StationOrderField})
COMMUNITY_SORTING = Sorting({field: field.lower() for field in CommunityOrderField})
GRID_SORTING = Sorting({field: field.lower() for field in GridOrderField})
PERSON_SORTING = Sorting(
    {field: field.lower() for field in PersonOrderField}, {PersonOrderField.NAME: Permission.PERSON_READ}
)
VOLUNTEER_TEAM_SORTING = Sorting({field: field.lower() for field in VolunteerTeamOrderField})

AUDIT_ENTRY_SORTING = Sorting({field: field.lower() for field in AuditEntryOrderField})


@strawberry.input(description="An order of stations (社工站排序).")
class StationOrder:
    """One step of an order."""

    field: StationOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of communities (村居排序).")
class CommunityOrder:
    """One step of an order."""

    field: CommunityOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of grids (网格排序).")
class GridOrder:
    """One step of an order."""

    field: GridOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of people (人员排序).")
class PersonOrder:
    """One step of an order."""

    field: PersonOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of volunteer teams (志愿服务队排序).")
class VolunteerTeamOrder:
    """One step of an order."""

    field: VolunteerTeamOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of audit entries (审计条目排序).")
class AuditEntryOrder:
    """One step of an order; without any, the newest come first."""

    field: AuditEntryOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


@strawberry.input(description="An order of accounts (账号排序).")
class AccountOrder:
    """One step of an order."""

    field: AccountOrderField = strawberry.field(description="By what (字段).")
    direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)


WHERE, ORDER = "Which rows (筛选条件).", "In which order; the id breaks ties (排序)."


def listing(where: type, order: type) -> tuple[Any, Any]:
    """The `where` and `orderBy` arguments of a connection."""
    return argument("where", where | None, WHERE), argument("order_by", list[order] | None, ORDER)  # type: ignore[valid-type]


ACCOUNTS = listing(AccountFilter, AccountOrder)
STATIONS = listing(StationFilter, StationOrder)
COMMUNITIES = listing(CommunityFilter, CommunityOrder)
GRIDS = listing(GridFilter, GridOrder)
PERSONNEL = listing(PersonFilter, PersonOrder)
VOLUNTEER_TEAMS = listing(VolunteerTeamFilter, VolunteerTeamOrder)
AUDIT_ENTRIES = listing(AuditEntryFilter, AuditEntryOrder)
REACH = argument("reach", Reach, "How far below the place (范围).", Reach.SUBTREE)
