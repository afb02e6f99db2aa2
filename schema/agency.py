"""Agencies (机构): mass and social organisations, social-work service agencies, and their ratings (1A to 5A)."""

from datetime import date
from typing import Any

import strawberry

from models import Agency as AgencyRow
from models import AgencyKind, Grade
from models import AgencyRating as AgencyRatingRow
from resolvers import agency, place
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, many, one, pages, public_id, same
from schema.filters.agency import AGENCIES, AGENCY_SORTING
from schema.pages import AgencyConnection, AuditEntryConnection
from schema.place import Node, Place
from schema.roots import by_id_or_code
from schema.writing import given, idempotency_key, maybe, payload, version, write

READ = Permission.ORGANISATION_READ
WRITE = Permission.ORGANISATION_WRITE
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."

describe(
    AgencyKind,
    "What an agency is (机构类别).",
    MASS_ORGANISATION="A mass organisation, such as a trade union or a women's federation (群团组织).",
    SOCIAL_ORGANISATION="A social organisation (社会组织).",
    SERVICE_AGENCY="A social-work service agency (社会工作服务机构).",
)
describe(
    Grade,
    "The grade of an agency, 5A the highest (评估等级).",
    A1="1A (1A级).",
    A2="2A (2A级).",
    A3="3A (3A级).",
    A4="4A (4A级).",
    A5="5A (5A级).",
)


@entity(AgencyRow, "")
@strawberry.type(description="What may be done to an agency (机构可执行的操作).")
class AgencyCan:
    """The buttons of an agency's page."""

    update: bool = may(Action.UPDATE_AGENCY, READ)
    close: bool = may(Action.CLOSE_AGENCY, READ)
    rate: bool = may(Action.RATE_AGENCY, READ)


@entity(AgencyRow, "AG", sorting=AGENCY_SORTING)
@strawberry.type(description="An agency: a mass or social organisation, a social-work service agency (机构).")
class Agency(Node):
    """An agency, at the place that works with it or supervises it."""

    id: strawberry.ID = public_id(ID)
    code: str = column("The public code (编码).", READ)
    name: str = column("The name (名称).", READ)
    kind: AgencyKind = column("What it is (机构类别).", READ)
    founded_on: date = column("The day of founding (成立日期).", READ)
    closed_on: date | None = column("The day of closing, if closed (注销日期).", READ)
    version: int = column(VERSION, READ)
    can: AgencyCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that works with it or supervises it (所属地点).", READ)
    rating: "AgencyRating | None" = one(agency.RATING, "Its rating of today, if it has one (现有等级).", READ)
    ratings: list["AgencyRating"] = many(
        agency.RATINGS, "All its ratings, those of the past and to come, the oldest first (历次等级).", READ
    )
    history: AuditEntryConnection = history("AG")


@entity(AgencyRatingRow, "")
@strawberry.type(description="What may be done to a rating (机构等级可执行的操作).")
class AgencyRatingCan:
    """The buttons of a rating."""

    end: bool = may(Action.END_AGENCY_RATING, READ)


@entity(AgencyRatingRow, "RT")
@strawberry.type(description="The grade that an agency has for a time, and who gave it (机构等级).")
class AgencyRating(Node):
    """A rating, in scope by its agency."""

    id: strawberry.ID = public_id(ID)
    grade: Grade = column("The grade (等级).", READ)
    rated_by: str = column("The body that gave it (评定单位).", READ)
    valid_from: date = column("The first day (生效日期).", READ)
    valid_to: date | None = column("The day after the last, if it expires or has ended (失效日期).", READ)
    version: int = column(VERSION, READ)
    can: AgencyRatingCan = same(CAN)
    agency: Agency | None = one(agency.OF_RATING, "The agency (机构).", READ)
    place: Place | None = one(place.OF_ROW, "The place that the agency belongs to (所属地点).", READ)
    history: AuditEntryConnection = history("RT")


@strawberry.type
class AgencyQuery:
    """The root fields about agencies, for `Query` to inherit."""

    agencies: AgencyConnection | None = pages(agency.ALL, "The agencies in scope (机构列表).", READ, *AGENCIES)
    agency: Agency | None = by_id_or_code(agency.FOUND, "An agency (机构).", READ)


WRITTEN = "The agency as it is now; null if nothing was written (机构)."
RATING = "The rating as it is now; null if nothing was written (机构等级)."
PLACE = "The place that works with it or supervises it, which is open (所属地点)."
CODE = "The public code, unique among agencies (编码)."
NAME = "The name, 100 characters at the most (名称)."
KIND = "What it is (机构类别)."
FOUNDED_ON = "The day of founding, today at the latest (成立日期)."


@strawberry.input(description="A new agency (登记机构).")
class CreateAgencyInput:
    """Input of `createAgency`."""

    place_id: strawberry.ID = given(PLACE)
    code: str = given(CODE)
    name: str = given(NAME)
    kind: AgencyKind = given(KIND)
    founded_on: date = given(FOUNDED_ON)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of an agency; what is left out stays (变更机构信息).")
class UpdateAgencyInput:
    """Input of `updateAgency`."""

    id: strawberry.ID = given("The agency, which is open (要变更的机构).")
    version: int = version()
    place_id: strawberry.ID | None = maybe(PLACE)
    code: str | None = maybe(CODE)
    name: str | None = maybe(NAME)
    kind: AgencyKind | None = maybe(KIND)
    founded_on: date | None = maybe(FOUNDED_ON)


@strawberry.input(description="The end of an agency (注销机构).")
class CloseAgencyInput:
    """Input of `closeAgency`."""

    id: strawberry.ID = given("The agency, which is open (要注销的机构).")
    version: int = version()
    on: date | None = maybe("The first day without it, today at the latest; today if not said (注销日期).")


@strawberry.input(description="A grade that an agency gets (评定机构等级).")
class RateAgencyInput:
    """Input of `rateAgency`."""

    agency_id: strawberry.ID = given("The agency, in scope, which is open (机构).")
    grade: Grade = given("The grade (等级).")
    rated_by: str = given("The body that gives it, 100 characters at the most (评定单位).")
    valid_from: date = given("The first day (生效日期).")
    valid_to: date | None = maybe("The day after the last, if it expires (失效日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The end of a rating (终止机构等级).")
class EndAgencyRatingInput:
    """Input of `endAgencyRating`."""

    id: strawberry.ID = given("The rating (要终止的等级).")
    version: int = version()
    on: date | None = maybe("The day after the last; today if not said. On its first day, it never was (失效日期).")


@strawberry.type
class AgencyMutation:
    """The mutations about agencies, for `Mutation` to inherit."""

    create_agency: Any = write(
        payload("createAgency", "agency", Agency, WRITTEN),
        CreateAgencyInput,
        agency.create,
        "Adds an agency at a place (登记机构).",
        WRITE,
    )

    update_agency: Any = write(
        payload("updateAgency", "agency", Agency, WRITTEN),
        UpdateAgencyInput,
        agency.update,
        "Changes an agency, its ratings going along (变更机构信息).",
        WRITE,
    )

    close_agency: Any = write(
        payload("closeAgency", "agency", Agency, WRITTEN),
        CloseAgencyInput,
        agency.close,
        "Closes an agency; ratings that go on end (注销机构).",
        WRITE,
    )

    rate_agency: Any = write(
        payload("rateAgency", "agencyRating", AgencyRating, RATING),
        RateAgencyInput,
        agency.rate,
        "Gives an agency a grade for a time in which it has no other (评定机构等级).",
        WRITE,
    )

    end_agency_rating: Any = write(
        payload("endAgencyRating", "agencyRating", AgencyRating, RATING),
        EndAgencyRatingInput,
        agency.end_rating,
        "Ends a rating (终止机构等级).",
        WRITE,
    )
