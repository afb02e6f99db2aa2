"""The enumerations of the models, described for the SDL."""

from enum import Enum
from typing import Any, TypeVar

import strawberry

from models import CommunityKind, Duty, Gender, PersonKind, PlaceLevel, QualificationLevel, Role, StationLevel
from resolvers.core.messages import TERMS, term
from resolvers.core.permissions import Permission
from resolvers.core.units import Unit

Kind = TypeVar("Kind", bound=type[Enum])


def describe(enum: Kind, description: str, **values: str) -> Kind:
    """Make an enumeration a GraphQL one; every value must be described."""
    # A filter may have named it before: there must be one definition of it.
    known: Any = enum if hasattr(enum, "__strawberry_definition__") else strawberry.enum(enum)
    known.__strawberry_definition__.description = description
    for value in known.__strawberry_definition__.values:
        value.description = values.pop(value.name)
        TERMS[enum, value.name] = term(value.description, value.name)
    if values:
        raise TypeError(f"{enum.__name__} has no {', '.join(values)}")
    return enum


describe(
    StationLevel,
    "The level of a station (社工站级别).",
    REGION="An area above the county: nation, province or city (县级以上区域).",
    HUB="The county's hub station (县级社工总站).",
    DEMONSTRATION="A township's station that leads a zone (示范社工站).",
    BASIC="A township's station (基础社工站).",
)
describe(
    PlaceLevel,
    "Where in the tree a place stands (地点层级).",
    REGION="An area above the county (县级以上区域).",
    HUB="The county's hub station (县级社工总站).",
    DEMONSTRATION="A township's station that leads a zone (示范社工站).",
    BASIC="A township's station (基础社工站).",
    COMMUNITY="A community (村居).",
    GRID="A grid (网格).",
)
describe(
    CommunityKind,
    "The kind of a community (村居类别).",
    VILLAGE="A village (村).",
    RESIDENTIAL="A residential community (社区).",
)
describe(
    PersonKind,
    "What a person is in the network (人员类别).",
    GRID_WORKER="A grid worker (网格员).",
    GRID_ASSISTANT="A grid assistant (网格协管员).",
    AUXILIARY_POLICE="An auxiliary police officer (辅警).",
    SOCIAL_WORKER="A social worker (社工).",
    VOLUNTEER="A volunteer (志愿者).",
)
describe(
    strawberry.enum(Unit, name="PlaceUnit"),
    "What kind of places figures are told of (统计单位).",
    PROVINCE="Provinces (省).",
    CITY="Cities (市).",
    COUNTY="Counties, each its hub with all below (县).",
    ZONE="Zones, each a demonstration station with all below (片区).",
    TOWNSHIP="Townships, each a station's own communities and grids, without stations that it leads (乡镇).",
    COMMUNITY="Communities (村居).",
    GRID="Grids (网格).",
)
describe(Gender, "Gender as the identity card states it (性别).", FEMALE="Female (女).", MALE="Male (男).")
describe(
    Duty,
    "What a person is assigned to do at a place (岗位职责).",
    RESPONSIBLE_PERSON="Answers for the place (责任人).",
    GRID_WORKER="Serves a grid (网格员).",
    GRID_ASSISTANT="Assists in a grid (网格协管员).",
    AUXILIARY_POLICE="Polices a grid or community (辅警).",
    STATION_SOCIAL_WORKER="Works at a station (驻站社工).",
    LINKED_SOCIAL_WORKER="Is linked to a community or grid (挂钩社工).",
)
describe(
    QualificationLevel,
    "The level of the social worker's certificate (社会工作者职业水平).",
    ASSISTANT="Assistant social worker (助理社会工作师).",
    INTERMEDIATE="Social worker (社会工作师).",
    SENIOR="Senior social worker (高级社会工作师).",
)
describe(
    Role,
    "What a grant allows at its place and below (角色).",
    OBSERVER="Counts, and what is not personal (观察员).",
    WORKER="Sees personal data, masked (工作人员).",
    MANAGER="Manages personnel, grids and accounts (管理员).",
    ADMINISTRATOR="Changes the structure (系统管理员).",
)
describe(
    Permission,
    "A permission, noun and verb (权限).",
    PLACE_READ="See stations, communities and grids (查看站点、村居和网格).",
    PLACE_WRITE="Change the structure (变更组织架构).",
    GRID_WRITE="Change grids (变更网格).",
    PERSONNEL_COUNT="Count personnel, and see what of them is not personal (统计人员).",
    PERSONNEL_WRITE="Change personnel (变更人员).",
    PERSON_READ="See a person's data, masked (查看个人信息).",
    PERSON_READ_PRIVATE="See a person's data in full; every reading is recorded (查看完整个人信息).",
    VOLUNTEER_READ="See volunteer teams (查看志愿服务队).",
    VOLUNTEER_WRITE="Call for volunteers and keep their hours (组织志愿服务).",
    ORGANISATION_READ="See leading groups, plans and agencies (查看领导小组、实施方案和机构).",
    ORGANISATION_WRITE="Change leading groups, plans and agencies (变更领导小组、实施方案和机构).",
    VENUE_READ="See venues (查看阵地).",
    VENUE_WRITE="Change venues (变更阵地).",
    SERVICE_READ="See the service catalogue and records, without clients (查看服务目录和记录).",
    SERVICE_WRITE="Record services (登记服务).",
    CATALOGUE_WRITE="Change service items and lists (变更服务目录和清单).",
    CALENDAR_WRITE="Change the county's working days (变更工作日历).",
    CLIENT_COUNT="Count clients, and see what of them is not personal (统计服务对象).",
    CLIENT_READ="See clients' data, masked, and what is written about them (查看服务对象信息).",
    CLIENT_WRITE="Change clients (变更服务对象).",
    CLIENT_ERASE="Erase what tells of a client (删除服务对象个人信息).",
    SURVEY_READ="See surveys, without their findings (查看摸排).",
    SURVEY_WRITE="Record surveys (登记摸排).",
    REFERRAL_READ="See referrals, without what is written about clients (查看转介).",
    REFERRAL_WRITE="Send, accept and complete referrals (办理转介).",
    CONSULTATION_READ="See joint consultations, without their minutes (查看集体会商).",
    CONSULTATION_WRITE="Call and hold joint consultations (组织集体会商).",
    TARGET_READ="See responsibility targets (查看责任目标).",
    TARGET_WRITE="Set responsibility targets (设定责任目标).",
    TALENT_READ="See training, exams and awards (查看培训、考试和奖励).",
    TALENT_WRITE="Change training and exam results (变更培训和考试成绩).",
    AWARD_WRITE="Give awards (发放奖励金).",
    BUDGET_WRITE="Set award budgets (设定奖励预算).",
    ACCOUNT_READ="See accounts (查看账号).",
    ACCOUNT_WRITE="Manage accounts (管理账号).",
    AUDIT_READ="See the audit log (查看审计日志).",
)
