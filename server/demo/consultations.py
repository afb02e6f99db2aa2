"""Joint consultations in every state, with guests from across the county, what is attached, and what was resolved.

What is still to come or to do is far ahead, so that the demo does not depend on the day on which it is shown; two
resolutions are overdue for good.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from models import ConsultationState, ParticipantState, PersonKind, TaskState
from server.demo.people import Office
from server.demo.places import NANCHENGCUN, XUNZHONG, Tree
from server.demo.rows import Row, Spot

HUB, LONGXUN, SANBAN, LONGMENTAN, LEIFENG = "350526", "350526101", "350526102", "350526103", "350526104"
NANCHENG, SHUIKOU, SHANGYONG, GAIDE = "350526105", "350526106", "350526108", "350526110"
MEIHU, TANGTOU = "350526111", "350526202"
AGENCY = "an agency"
"""As the code of a guest: the first agency that is open and belongs elsewhere."""

CALLED, HELD, CLOSED, CANCELLED = ConsultationState
INVITED, ACCEPTED, DECLINED = ParticipantState
OPEN, IN_PROGRESS, DONE, DROPPED = TaskState


@dataclass(frozen=True)
class Task:
    """A resolution: what, for whom, by when, how far it is, and what has come of it."""

    title: str
    owner: str
    due_on: date
    state: TaskState = OPEN
    done_on: date | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Meeting:
    """A consultation of a place: with whom, about rows of which tables, what was said and resolved."""

    place: str
    issue: str
    meets_on: date
    guests: tuple[tuple[str, ParticipantState], ...]
    about: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    state: ConsultationState = CALLED
    minutes: str | None = None
    closed_on: date | None = None


MEETINGS = (
    Meeting(
        HUB,
        "社工站与社会组织转介衔接",
        date(2023, 3, 15),
        ((XUNZHONG, ACCEPTED), (AGENCY, ACCEPTED), (NANCHENG, ACCEPTED)),
        (),
        (
            Task("统一转介单格式", HUB, date(2023, 4, 15), DONE, date(2023, 4, 10), "已印发各站。"),
            Task("梳理机构服务清单", AGENCY, date(2035, 5, 31), IN_PROGRESS),
        ),
        CLOSED,
        "各站转介统一走站网，\n机构五个工作日内答复。",
        date(2023, 4, 20),
    ),
    Meeting(
        GAIDE,
        "留守老人助餐点选址",
        date(2022, 6, 10),
        ((HUB, ACCEPTED), (MEIHU, ACCEPTED)),
        ("client", "survey"),
        (
            Task("完成选址摸底", GAIDE, date(2022, 6, 24), DONE, date(2022, 6, 22), "选定两处。"),
            Task("共用配送车辆", MEIHU, date(2022, 6, 30), DONE, date(2022, 6, 30), "每日一趟。"),
        ),
        CLOSED,
        "先设两处助餐点，试行半年。",
        date(2022, 7, 1),
    ),
    Meeting(
        SANBAN,
        "困境儿童结对帮扶",
        date(2023, 9, 5),
        ((LONGMENTAN, ACCEPTED), (NANCHENG, DECLINED)),
        ("client",),
        (
            Task("确定结对名单", SANBAN, date(2023, 9, 20), DONE, date(2023, 9, 18), "结对十二户。"),
            Task("持续跟进结对情况", LONGMENTAN, date(2035, 9, 30)),
        ),
        CLOSED,
        "按户结对，每月探访一次。",
        date(2023, 9, 28),
    ),
    Meeting(
        SHANGYONG,
        "汛期孤寡老人转移安置",
        date(2023, 11, 2),
        ((HUB, DECLINED), (TANGTOU, INVITED)),
        ("client",),
        (Task("备好安置床位", TANGTOU, date(2023, 11, 10), DROPPED, None, "汛情解除，不再需要。"),),
        CANCELLED,
        None,
        date(2023, 10, 30),
    ),
    Meeting(
        HUB,
        "特困人员集中照料衔接",
        date(2024, 3, 8),
        ((LONGXUN, ACCEPTED), (NANCHENG, ACCEPTED), (GAIDE, ACCEPTED), (SHANGYONG, INVITED)),
        ("client", "client"),
        (
            Task("核对特困人员名册", LONGXUN, date(2024, 4, 30), IN_PROGRESS),
            Task("安排失能评估", NANCHENG, date(2035, 3, 31)),
            Task("预留照料床位", GAIDE, date(2035, 6, 30)),
            Task("联系县民政局", HUB, date(2024, 3, 29), DONE, date(2024, 3, 27), "已报送名单。"),
        ),
        HELD,
        "先评估后安置，\n由各示范站牵头。",
    ),
    Meeting(
        XUNZHONG,
        "社区儿童课后看护",
        date(2024, 5, 16),
        ((LONGXUN, ACCEPTED), (LEIFENG, ACCEPTED)),
        ("client", "survey"),
        (
            Task("开放邻里中心教室", XUNZHONG, date(2024, 6, 1), DONE, date(2024, 5, 30), "每周三个下午。"),
            Task("招募大学生志愿者", LEIFENG, date(2024, 6, 30)),
            Task("暑期课程安排", LONGXUN, date(2035, 6, 15)),
        ),
        HELD,
        "课后看护先在两个社区试点。",
    ),
    Meeting(
        LEIFENG,
        "困难家庭危房修缮",
        date(2035, 4, 20),
        ((HUB, INVITED), (SANBAN, ACCEPTED), (XUNZHONG, DECLINED)),
        ("client", "survey"),
    ),
    Meeting(
        NANCHENGCUN,
        "高龄独居老人冬季照护",
        date(2035, 3, 12),
        ((HUB, ACCEPTED), (LEIFENG, INVITED), (SHUIKOU, ACCEPTED)),
        ("client", "client", "survey", "referral"),
        (
            Task("冬季每周上门探访", NANCHENGCUN, date(2035, 4, 1)),
            Task("协调送医取药车辆", SHUIKOU, date(2035, 4, 15), IN_PROGRESS),
        ),
    ),
)


def consult(office: Office, tree: Tree) -> None:
    """Joint consultations."""
    consulting = Consulting(office, tree)
    for meeting in MEETINGS:
        consulting.call(meeting)


class Consulting:
    """Calls consultations."""

    def __init__(self, office: Office, tree: Tree) -> None:
        self._office, self._tree = office, tree
        tables = office.rows.tables
        told = {row["id"]: row for row in tables["client"] if not row["consent_withdrawn_on"] and not row["closed_on"]}
        surveys = [row for row in tables["survey"] if row["client_id"] in told]
        self._about: dict[str, list[Row]] = {
            "client": list(told.values()),
            "survey": surveys,
            "referral": tables["referral"],
        }
        grids = [grid for grids in tree.grids.values() for grid in grids]
        self._spots = {spot.id: spot for spot in (*tree.stations.values(), *tree.communities.values(), *grids)}

    def call(self, meeting: Meeting) -> None:
        """A consultation, with all that belongs to it."""
        place, add = self._tree.place(meeting.place), self._office.rows.add
        consultation_id = add(
            "consultation",
            **place.located(),
            from_name=place.name,
            issue=meeting.issue,
            meets_on=meeting.meets_on,
            minutes=meeting.minutes,
            state=meeting.state,
            closed_on=meeting.closed_on,
        )
        belonging = place.located() | {"consultation_id": consultation_id}
        for code, state in meeting.guests:
            add(
                "consultation_participant",
                **belonging,
                **self._toward(code, place),
                state=state,
                representative=self._social_worker(code) if state is ACCEPTED else None,
            )
        for table, row in self._attached(meeting.about, place, meeting.meets_on):
            named = {f"{other}_id": row["id"] if other == table else None for other in self._about}
            add("consultation_attachment", **belonging, **named)
        for task in meeting.tasks:
            add(
                "resolution",
                **belonging,
                **self._toward(task.owner, place),
                from_name=place.name,
                title=task.title,
                due_on=task.due_on,
                state=task.state,
                outcome=task.outcome,
                done_on=task.done_on,
            )

    def _attached(self, tables: tuple[str, ...], place: Spot, meets_on: date) -> Iterator[tuple[str, Row]]:
        """Rows of these tables at a place or below it, each another; of them those that were there by then, if any."""
        below = {
            table: iter([row for row in rows if row["path"].startswith(place.path) and _since(row) <= meets_on])
            for table, rows in self._about.items()
        }
        for table in tables:
            if (row := next(below[table], None)) is not None:
                yield table, row

    def _toward(self, code: str, place: Spot) -> Row:
        """The columns by which a row leads to a place, or to the agency."""
        if code == AGENCY:
            agency = next(
                row
                for row in self._office.rows.tables["agency"]
                if row["closed_on"] is None and row["path"] != place.path
            )
            spot, name = self._spots[agency["place_id"]], agency["name"]
        else:
            spot = self._tree.place(code)
            name = spot.name
        return {f"to_{column}": value for column, value in spot.located().items()} | {"to_name": name}

    def _social_worker(self, code: str) -> str | None:
        """The name of a social worker of a place, if it has one."""
        if code == AGENCY:
            return None
        place = self._tree.place(code)
        at_home = (row for row in self._office.rows.tables["person"] if row["place_id"] == place.id)
        name: str | None = next((row["name"] for row in at_home if row["kind"] == PersonKind.SOCIAL_WORKER), None)
        return name


def _since(row: Row) -> date:
    """The day on which a client, survey or referral came about."""
    since: date = row.get("registered_on") or row.get("surveyed_on") or row["sent_at"].date()
    return since
