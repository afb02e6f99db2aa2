"""The root fields of a query. All are nullable: a refusal of one leaves the others standing."""

import strawberry

from resolvers import administration as account_rows
from resolvers import audit as audit_rows
from resolvers import community as community_rows
from resolvers import grid as grid_rows
from resolvers import person as person_rows
from resolvers import station as station_rows
from resolvers import viewer as viewer_rows
from resolvers import volunteer as volunteer_rows
from resolvers.core.permissions import Permission
from schema.account import Account
from schema.agency import AgencyQuery
from schema.award import AwardQuery
from schema.calendar import CalendarQuery
from schema.client import ClientQuery
from schema.community import Community
from schema.consultation import ConsultationQuery
from schema.coverage import CoverageQuery
from schema.exam import ExamQuery
from schema.fields import PUBLIC_FIELD, argument, by_public_id, one, pages, with_arguments
from schema.filters import ACCOUNTS, AUDIT_ENTRIES, COMMUNITIES, GRIDS, PERSONNEL, STATIONS, VOLUNTEER_TEAMS
from schema.gap import ResponsibilityGapConnection, responsibility_gaps
from schema.grid import Grid
from schema.leading_group import LeadingGroupQuery
from schema.move import MovePreview, preview_move
from schema.network_summary import NetworkSummary, network_summary
from schema.pages import (
    AccountConnection,
    AuditEntryConnection,
    CommunityConnection,
    GridConnection,
    PersonConnection,
    StationConnection,
    VolunteerTeamConnection,
)
from schema.person import Person
from schema.place import Node
from schema.referral import ReferralQuery
from schema.resolution import ResolutionQuery
from schema.roots import by_id, by_id_or_code
from schema.service_item import ServiceItemQuery
from schema.service_record import ServiceRecordQuery
from schema.sight import AccessExplanationConnection, explain_access
from schema.station import Station
from schema.statistics.award import AwardStatisticsQuery
from schema.statistics.grid import GridStatisticsQuery
from schema.statistics.personnel import PersonnelStatisticsQuery
from schema.statistics.referral import ReferralStatisticsQuery
from schema.statistics.service import ServiceStatisticsQuery
from schema.statistics.volunteer import VolunteerStatisticsQuery
from schema.survey import SurveyQuery
from schema.target import TargetQuery
from schema.training import TrainingQuery
from schema.venue import VenueQuery
from schema.viewer import Viewer
from schema.volunteer_call import VolunteerCallQuery

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT


@strawberry.type
class AccountQuery:
    """The root fields about accounts, for `Query` to inherit."""

    account: Account | None = by_id(account_rows.FOUND, "An account (账号).", Permission.ACCOUNT_READ, node=False)
    accounts: AccountConnection | None = pages(
        account_rows.ALL,
        "The accounts in scope, by the place that administers them, and one's own (账号列表).",
        Permission.ACCOUNT_READ,
        *ACCOUNTS,
    )


@strawberry.type
class AuditQuery:
    """The root fields about the audit log, for `Query` to inherit."""

    audit_entries: AuditEntryConnection | None = pages(
        audit_rows.ALL,
        "The audit log, as far as the places that its entries are kept at are in scope, the newest first (审计日志).",
        Permission.AUDIT_READ,
        *AUDIT_ENTRIES,
    )


@strawberry.type(description="What can be asked (查询).")
class Query(
    AccountQuery,
    AuditQuery,
    LeadingGroupQuery,
    AgencyQuery,
    VenueQuery,
    ServiceItemQuery,
    CalendarQuery,
    ClientQuery,
    ServiceRecordQuery,
    CoverageQuery,
    SurveyQuery,
    ReferralQuery,
    ConsultationQuery,
    ResolutionQuery,
    TargetQuery,
    VolunteerCallQuery,
    TrainingQuery,
    ExamQuery,
    AwardQuery,
    PersonnelStatisticsQuery,
    GridStatisticsQuery,
    ServiceStatisticsQuery,
    ReferralStatisticsQuery,
    VolunteerStatisticsQuery,
    AwardStatisticsQuery,
):
    """The root of queries."""

    node: Node | None = with_arguments(
        by_public_id("Whatever an id names; null if nothing in scope (按标识查询).", many=False),
        argument("id", strawberry.ID, "The global id (标识)."),
    )
    nodes: list[Node | None] | None = with_arguments(
        by_public_id("What ids name, each in its place; null where nothing in scope (按标识批量查询).", many=True),
        argument("ids", list[strawberry.ID], "The global ids, 100 at the most (标识列表)."),
    )
    viewer: Viewer | None = one(viewer_rows.ACCOUNT, "The account in use (当前账号).", PUBLIC_FIELD)
    station: Station | None = by_id_or_code(station_rows.FOUND, "A station (社工站).", READ)
    stations: StationConnection | None = pages(station_rows.ALL, "The stations in scope (社工站列表).", READ, *STATIONS)
    community: Community | None = by_id_or_code(community_rows.FOUND, "A community (村居).", READ)
    communities: CommunityConnection | None = pages(
        community_rows.ALL, "The communities in scope (村居列表).", READ, *COMMUNITIES
    )
    grid: Grid | None = by_id_or_code(grid_rows.FOUND, "A grid (网格).", READ)
    grids: GridConnection | None = pages(grid_rows.ALL, "The grids in scope (网格列表).", READ, *GRIDS)
    person: Person | None = by_id(person_rows.FOUND, "A person (人员).", COUNT)
    personnel: PersonConnection | None = pages(
        person_rows.ALL, "The people in scope, by home or by where they serve (人员列表).", COUNT, *PERSONNEL
    )
    volunteer_teams: VolunteerTeamConnection | None = pages(
        volunteer_rows.ALL,
        "The volunteer teams in scope (志愿服务队列表).",
        Permission.VOLUNTEER_READ,
        *VOLUNTEER_TEAMS,
    )
    responsibility_gaps: ResponsibilityGapConnection | None = responsibility_gaps()
    network_summary: NetworkSummary | None = network_summary()
    explain_access: AccessExplanationConnection | None = explain_access()
    preview_move: MovePreview | None = preview_move()
