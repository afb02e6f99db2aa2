"""Who steers the work, by which plans, and the agencies that do it: leading groups, plans with measures, ratings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from models import AgencyKind, Grade, ImplementationPlanState, LeadingGroupRole, TaskState
from server.demo.names import GIVEN, SURNAMES
from server.demo.people import Office
from server.demo.places import LONGXUN, XUNZHONG, Tree
from server.demo.rows import Rows, Spot, stream

NANCHENG, SHANGYONG, LEIFENG = "350526105", "350526108", "350526104"
FAR = date(2035, 1, 1)
"""What goes on is due, or expires, then: the demo must not depend on the day on which it is shown."""

COUNTY_MEMBERS = (
    (LeadingGroupRole.LEADER, "县政府分管副县长"),
    (LeadingGroupRole.DEPUTY, "县政府办公室副主任"),
    (LeadingGroupRole.DEPUTY, "县民政局局长"),
    (LeadingGroupRole.MEMBER, "县委政法委副书记"),
    (LeadingGroupRole.MEMBER, "县财政局副局长"),
    (LeadingGroupRole.MEMBER, "县人社局副局长"),
    (LeadingGroupRole.MEMBER, "县卫健局副局长"),
    (LeadingGroupRole.MEMBER, "县教育局副局长"),
    (LeadingGroupRole.MEMBER, "县妇联主席"),
    (LeadingGroupRole.MEMBER, "团县委书记"),
)
TOWNSHIP_MEMBERS = (
    (LeadingGroupRole.LEADER, "镇长"),
    (LeadingGroupRole.DEPUTY, "分管民政副镇长"),
    (LeadingGroupRole.MEMBER, "民政办主任"),
    (LeadingGroupRole.MEMBER, "社工站站长"),
    (LeadingGroupRole.MEMBER, None),
)

OPEN, BEGUN, DONE, CANCELLED = TaskState
# What, by whom, due when, and the day it was done or how far it has come.
COUNTY_MEASURES: tuple[tuple[str, str, date, date | TaskState], ...] = (
    ("成立县级社工总站", "县民政局", date(2021, 3, 31), date(2021, 3, 1)),
    ("建成6个示范社工站", "县民政局", date(2021, 12, 31), date(2021, 9, 30)),
    ("建成12个基础社工站", "县民政局", date(2022, 6, 30), date(2022, 6, 30)),
    ("配齐城市社区专职网格员", "县委政法委", date(2021, 12, 31), date(2021, 12, 20)),
    ("落实挂钩社工联系村居制度", "县民政局", date(2022, 6, 30), date(2022, 5, 18)),
    ("设立村级社工服务室", "县民政局", date(2023, 12, 31), BEGUN),
    ("发放社会工作者职业水平奖励金", "县人社局", FAR, BEGUN),
    ("培育4A级以上社会工作服务机构", "县民政局", FAR, BEGUN),
    ("建设十五分钟服务圈", "县政府办公室", FAR, OPEN),
    ("建立社会工作人才之家", "县委组织部", date(2022, 12, 31), date(2022, 11, 8)),
    ("开展目标责任制年度考评", "县委督查室", FAR, OPEN),
    ("统一购买社工巡回车辆", "县财政局", date(2022, 12, 31), CANCELLED),
)
PREPARATION: tuple[tuple[str, str, date, date | TaskState], ...] = (
    ("摸清乡镇社会工作底数", "县民政局", date(2021, 2, 28), date(2021, 2, 20)),
    ("拟订站点布局方案", "县民政局", date(2021, 3, 31), date(2021, 3, 25)),
    ("赴外地考察学习", "县民政局", date(2021, 3, 31), CANCELLED),
)
TOWNSHIP_MEASURES: tuple[tuple[str, str, date, date | TaskState], ...] = (
    ("落实社工站场所", "镇党政办", date(2022, 9, 30), date(2022, 8, 30)),
    ("组建志愿服务队", "镇团委", date(2022, 12, 31), date(2022, 12, 1)),
    ("困难对象走访建档", "镇民政办", FAR, BEGUN),
    ("网格责任人公示", "镇综治办", FAR, OPEN),
)

Rating = tuple[Grade, date, date | None]
MASS, SOCIAL, SERVICE = AgencyKind
# At which station, the name, what it is, since when, until when, and how it was rated.
AGENCIES: tuple[tuple[str, str, AgencyKind, date, date | None, tuple[Rating, ...]], ...] = (
    ("", "德化县总工会", MASS, date(1950, 5, 1), None, ()),
    ("", "共青团德化县委员会", MASS, date(1951, 5, 4), None, ()),
    ("", "德化县妇女联合会", MASS, date(1952, 3, 8), None, ()),
    (
        "",
        "德化县社会工作者协会",
        SOCIAL,
        date(2016, 4, 12),
        None,
        ((Grade.A3, date(2018, 1, 1), date(2022, 1, 1)), (Grade.A5, date(2022, 1, 1), FAR)),
    ),
    (
        "",
        "德化县志愿服务联合会",
        SOCIAL,
        date(2015, 12, 5),
        None,
        ((Grade.A4, date(2021, 1, 1), FAR), (Grade.A5, FAR, None)),
    ),
    ("", "瓷都社会工作服务中心", SERVICE, date(2017, 6, 1), None, ((Grade.A5, date(2022, 7, 1), FAR),)),
    (
        "",
        "戴云山社会工作服务中心",
        SERVICE,
        date(2018, 9, 10),
        None,
        ((Grade.A2, date(2019, 1, 1), date(2021, 6, 1)), (Grade.A4, date(2023, 1, 1), date(2030, 1, 1))),
    ),
    (
        "",
        "晨曦社会工作事务所",
        SERVICE,
        date(2019, 3, 15),
        date(2023, 6, 30),
        ((Grade.A2, date(2021, 1, 1), date(2023, 6, 30)),),
    ),
    (LONGXUN, "龙津社会工作服务中心", SERVICE, date(2020, 8, 18), None, ((Grade.A4, date(2022, 1, 1), FAR),)),
    (XUNZHONG, "浔中镇老年人协会", SOCIAL, date(2012, 10, 9), None, ((Grade.A3, date(2017, 1, 1), date(2022, 1, 1)),)),
    (NANCHENG, "石龙溪社会工作服务中心", SERVICE, date(2021, 5, 20), None, ((Grade.A3, date(2023, 1, 1), FAR),)),
    (NANCHENG, "南埕镇妇女联合会", MASS, date(1985, 3, 8), None, ()),
    (LEIFENG, "雷峰镇邻里互助会", SOCIAL, date(2019, 11, 1), None, ((Grade.A1, date(2022, 1, 1), FAR),)),
    (SHANGYONG, "上涌镇老年人协会", SOCIAL, date(2014, 7, 1), None, ()),
)
CITY, COUNTY = "泉州市民政局", "德化县民政局"


def organise(office: Office, tree: Tree) -> None:
    """The county's leading groups and those of some townships, and the agencies."""
    organising = Organising(office.rows, stream("organising"))
    hub = tree.hub
    prepared = organising.group(hub, "社会工作服务体系筹备组", hub.opened_on, dissolved_on=date(2021, 12, 31))
    organising.members(prepared, COUNTY_MEMBERS[:4])
    organising.plan(prepared, "社会工作服务体系筹建方案", hub.opened_on, ImplementationPlanState.COMPLETED, PREPARATION)
    county = organising.group(hub, "“网格化+社工”服务工作领导小组", date(2021, 4, 8))
    organising.members(county, COUNTY_MEMBERS, replaced_on=date(2023, 2, 1))
    organising.plan(
        county, "“网格化+社工”服务实施方案", date(2021, 5, 1), ImplementationPlanState.ADOPTED, COUNTY_MEASURES
    )
    organising.plan(county, "社会工作高质量发展实施方案", FAR, ImplementationPlanState.DRAFT, COUNTY_MEASURES[8:9])
    for code in (XUNZHONG, LONGXUN, NANCHENG, LEIFENG, SHANGYONG):
        station = tree.stations[code]
        town = station.name.removesuffix("社工站")
        group = organising.group(station, f"{town}社工站建设领导小组", station.opened_on + timedelta(days=10))
        organising.members(group, TOWNSHIP_MEMBERS)
        if code in (NANCHENG, LONGXUN):
            state = ImplementationPlanState.ADOPTED
            organising.plan(group, f"{town}社工站建设实施方案", date(2022, 7, 1), state, TOWNSHIP_MEASURES)
        elif code == LEIFENG:
            state = ImplementationPlanState.WITHDRAWN
            abandoned = [(title, owner, due, CANCELLED) for title, owner, due, _ in TOWNSHIP_MEASURES[:2]]
            organising.plan(group, f"{town}社工站建设实施方案", date(2022, 7, 1), state, abandoned)
    for code, name, kind, founded_on, closed_on, ratings in AGENCIES:
        organising.agency(tree.stations[code] if code else hub, name, kind, founded_on, closed_on, ratings)


@dataclass(frozen=True, slots=True)
class Group:
    """A leading group as its members and plans need it."""

    id: int
    place: Spot
    founded_on: date
    dissolved_on: date | None


class Organising:
    """Sets up groups, plans and agencies."""

    def __init__(self, rows: Rows, random: Random) -> None:
        self._rows, self._random = rows, random
        self._agencies: dict[str, int] = {}

    def group(self, place: Spot, name: str, founded_on: date, dissolved_on: date | None = None) -> Group:
        """A leading group of a place."""
        group_id = self._rows.add(
            "leading_group", **place.located(), name=name, founded_on=founded_on, dissolved_on=dissolved_on
        )
        return Group(group_id, place, founded_on, dissolved_on)

    def members(
        self, group: Group, roles: Iterable[tuple[LeadingGroupRole, str | None]], replaced_on: date | None = None
    ) -> None:
        """Its members from its founding to its end; the last of them was replaced once, if a day is given."""
        listed = list(roles)
        for role, title in listed[:-1] if replaced_on else listed:
            self._member(group, role, title, group.founded_on, group.dissolved_on)
        if replaced_on:
            role, title = listed[-1]
            self._member(group, role, title, group.founded_on, replaced_on)
            self._member(group, role, title, replaced_on, None)

    def plan(
        self,
        group: Group,
        title: str,
        begins_on: date,
        state: ImplementationPlanState,
        measures: Iterable[tuple[str, str, date, date | TaskState]],
    ) -> None:
        """A plan of a group with its measures."""
        plan_id = self._rows.add(
            "implementation_plan",
            **group.place.located(),
            group_id=group.id,
            title=title,
            begins_on=begins_on,
            ends_on=begins_on.replace(year=begins_on.year + 2),
            state=state,
        )
        for what, owner, due_on, how_far in measures:
            done_on = None if isinstance(how_far, TaskState) else how_far
            self._rows.add(
                "measure",
                **group.place.located(),
                plan_id=plan_id,
                title=what,
                owner=owner,
                due_on=due_on,
                state=DONE if done_on else how_far,
                done_on=done_on,
            )

    def agency(
        self,
        place: Spot,
        name: str,
        kind: AgencyKind,
        founded_on: date,
        closed_on: date | None,
        ratings: tuple[Rating, ...],
    ) -> None:
        """An agency with the grades that it has, had and will have; the city rates what works in the whole county."""
        number = self._agencies[place.code] = self._agencies.get(place.code, 0) + 1
        agency_id = self._rows.add(
            "agency",
            **place.located(),
            code=f"{place.code}-J{number:02}",
            name=name,
            kind=kind,
            founded_on=founded_on,
            closed_on=closed_on,
        )
        for grade, since, until in ratings:
            self._rows.add(
                "agency_rating",
                **place.located(),
                valid_from=since,
                valid_to=until,
                agency_id=agency_id,
                grade=grade,
                rated_by=CITY if place.parent is None else COUNTY,
            )

    def _member(self, group: Group, role: LeadingGroupRole, title: str | None, since: date, until: date | None) -> None:
        self._rows.add(
            "leading_group_member",
            **group.place.located(),
            valid_from=since,
            valid_to=until,
            group_id=group.id,
            name=self._name(),
            title=title,
            role=role,
        )

    def _name(self) -> str:
        """Somebody who does not exist."""
        given = self._random.choice(tuple(GIVEN.values()))
        return self._random.choice(SURNAMES) + "".join(self._random.choice(given) for _ in range(2))
