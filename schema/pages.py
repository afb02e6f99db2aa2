"""What every connection is made of, and the connections of each noun.

A noun's module imports these names; the node types are lazy, so that nouns may refer to one another in circles.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Generic, TypeAlias, TypeVar

import strawberry

from schema.enums import describe

if TYPE_CHECKING:
    from schema.account import Account
    from schema.agency import Agency, AgencyRating
    from schema.audit import AuditEntry
    from schema.award import Award, AwardBudget
    from schema.calendar import CalendarDay
    from schema.client import Client
    from schema.community import Community
    from schema.consultation import Consultation
    from schema.exam import ExamResult
    from schema.grid import Grid
    from schema.leading_group import LeadingGroup
    from schema.network_summary import NetworkSummary
    from schema.person import Person, Qualification
    from schema.plan import ImplementationPlan, Measure
    from schema.referral import Referral
    from schema.resolution import Resolution
    from schema.service_item import ServiceItem, ServiceOffer
    from schema.service_record import ServiceRecord
    from schema.station import Station
    from schema.survey import Survey
    from schema.target import Target
    from schema.training import Attendance, TrainingEvent
    from schema.venue import Venue
    from schema.volunteer import VolunteerTeam
    from schema.volunteer_call import VolunteerCall

Node = TypeVar("Node")


class OrderDirection(StrEnum):
    """Which way an order goes."""

    ASC = "ASC"
    DESC = "DESC"


class Reach(StrEnum):
    """How far below a place a list looks."""

    OWN = "OWN"
    SUBTREE = "SUBTREE"


describe(
    OrderDirection, "Which way an order goes (排序方向).", ASC="Smallest first (升序).", DESC="Largest first (降序)."
)
describe(
    Reach,
    "How far below a place a list looks (范围).",
    OWN="The place with its own communities and grids, without the stations that it leads (仅本级).",
    SUBTREE="All that is below the place (本级及下级).",
)


@strawberry.type(description="Where a page lies in its connection (分页信息).")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = strawberry.field(description="Whether rows follow the page (是否有下一页).")
    has_previous_page: bool = strawberry.field(description="Whether rows precede the page (是否有上一页).")
    start_cursor: str | None = strawberry.field(description="The cursor of the page's first row (首条游标).")
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last row (末条游标).")


@strawberry.type(description="A row with its cursor (带游标的条目).")
class Edge(Generic[Node]):
    """Relay's edge."""

    cursor: str = strawberry.field(description="Where the row stands in this order (游标).")
    node: Node = strawberry.field(description="The row (条目).")


@strawberry.type(description="A page of rows (分页列表).")
class Connection(Generic[Node]):
    """Relay's connection, with the rows directly in `nodes`."""

    nodes: list[Node] = strawberry.field(description="The page's rows (条目列表).")
    edges: list[Edge[Node]] = strawberry.field(description="The page's rows with their cursors (带游标的条目列表).")
    page_info: PageInfo = strawberry.field(description="Where the page lies (分页信息).")
    total_count: int = strawberry.field(
        description="How many rows there are, in scope and after the filter; counted only if asked for (总数)."
    )


AccountConnection: TypeAlias = Connection[Annotated["Account", strawberry.lazy("schema.account")]]
StationConnection: TypeAlias = Connection[Annotated["Station", strawberry.lazy("schema.station")]]
CommunityConnection: TypeAlias = Connection[Annotated["Community", strawberry.lazy("schema.community")]]
GridConnection: TypeAlias = Connection[Annotated["Grid", strawberry.lazy("schema.grid")]]
PersonConnection: TypeAlias = Connection[Annotated["Person", strawberry.lazy("schema.person")]]
VolunteerTeamConnection: TypeAlias = Connection[Annotated["VolunteerTeam", strawberry.lazy("schema.volunteer")]]
AuditEntryConnection: TypeAlias = Connection[Annotated["AuditEntry", strawberry.lazy("schema.audit")]]
LeadingGroupConnection: TypeAlias = Connection[Annotated["LeadingGroup", strawberry.lazy("schema.leading_group")]]
AgencyConnection: TypeAlias = Connection[Annotated["Agency", strawberry.lazy("schema.agency")]]
VenueConnection: TypeAlias = Connection[Annotated["Venue", strawberry.lazy("schema.venue")]]
ServiceItemConnection: TypeAlias = Connection[Annotated["ServiceItem", strawberry.lazy("schema.service_item")]]
ServiceOfferConnection: TypeAlias = Connection[Annotated["ServiceOffer", strawberry.lazy("schema.service_item")]]
CalendarDayConnection: TypeAlias = Connection[Annotated["CalendarDay", strawberry.lazy("schema.calendar")]]
ClientConnection: TypeAlias = Connection[Annotated["Client", strawberry.lazy("schema.client")]]
ServiceRecordConnection: TypeAlias = Connection[Annotated["ServiceRecord", strawberry.lazy("schema.service_record")]]
SurveyConnection: TypeAlias = Connection[Annotated["Survey", strawberry.lazy("schema.survey")]]
ReferralConnection: TypeAlias = Connection[Annotated["Referral", strawberry.lazy("schema.referral")]]
ConsultationConnection: TypeAlias = Connection[Annotated["Consultation", strawberry.lazy("schema.consultation")]]
ResolutionConnection: TypeAlias = Connection[Annotated["Resolution", strawberry.lazy("schema.resolution")]]
TargetConnection: TypeAlias = Connection[Annotated["Target", strawberry.lazy("schema.target")]]
VolunteerCallConnection: TypeAlias = Connection[Annotated["VolunteerCall", strawberry.lazy("schema.volunteer_call")]]
TrainingEventConnection: TypeAlias = Connection[Annotated["TrainingEvent", strawberry.lazy("schema.training")]]
AttendanceConnection: TypeAlias = Connection[Annotated["Attendance", strawberry.lazy("schema.training")]]
ExamResultConnection: TypeAlias = Connection[Annotated["ExamResult", strawberry.lazy("schema.exam")]]
AwardConnection: TypeAlias = Connection[Annotated["Award", strawberry.lazy("schema.award")]]
AwardBudgetConnection: TypeAlias = Connection[Annotated["AwardBudget", strawberry.lazy("schema.award")]]
QualificationConnection: TypeAlias = Connection[Annotated["Qualification", strawberry.lazy("schema.person")]]
NetworkSummaryConnection: TypeAlias = Connection[Annotated["NetworkSummary", strawberry.lazy("schema.network_summary")]]
MeasureConnection: TypeAlias = Connection[Annotated["Measure", strawberry.lazy("schema.plan")]]
AgencyRatingConnection: TypeAlias = Connection[Annotated["AgencyRating", strawberry.lazy("schema.agency")]]
ImplementationPlanConnection: TypeAlias = Connection[Annotated["ImplementationPlan", strawberry.lazy("schema.plan")]]
