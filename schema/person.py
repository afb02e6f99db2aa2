"""People who work in the network, their assignments, qualifications and skills."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Assignment as AssignmentRow
from models import Duty, Gender, PersonKind, QualificationLevel
from models import Person as PersonRow
from models import Qualification as QualificationRow
from models import Skill as SkillRow
from resolvers import assignment, award, exam, person, place, training, volunteer_call
from resolvers.core.permissions import Permission
from resolvers.core.private import PRIVATE, Sealed, read_private
from schema.access import CAN, AssignmentCan, PersonCan, QualificationCan
from schema.audit import history
from schema.fields import argument, column, computed, entity, expression, many, one, public_id, same, with_arguments
from schema.filters import PERSON_SORTING
from schema.pages import AuditEntryConnection
from schema.place import Node, Place
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.award import Award
    from schema.exam import ExamResult
    from schema.training import Attendance

COUNT = Permission.PERSONNEL_COUNT
READ = Permission.PERSON_READ
TALENT = Permission.TALENT_READ
ID = "The global id, opaque (全局标识)."
CURRENT = argument("current", bool, "Today's alone, or with false also those that ended or are to come (仅现任).", True)


@entity(SkillRow, "K")
@strawberry.type(description="Something a volunteer can do for others (技能).")
class Skill(Node):
    """A skill of the common list."""

    id: strawberry.ID = public_id(ID)
    code: str = column("The code (编码).", COUNT)
    name: str = column("The name (名称).", COUNT)


@entity(QualificationRow, "Q")
@strawberry.type(description="A social worker's professional certificate (社会工作者职业水平证书).")
class Qualification(Node):
    """A certificate; seen where its holder is at home."""

    id: strawberry.ID = public_id(ID)
    level: QualificationLevel = column("The level (级别).", COUNT)
    certificate_number: str = column("The certificate's number (证书编号).", READ)
    obtained_on: date = column("The day it was obtained (取得日期).", COUNT)
    expires_on: date | None = column("The day it expires, if it does (失效日期).", COUNT)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", COUNT)
    can: QualificationCan = same(CAN)
    history: AuditEntryConnection = history("Q")


def _plain(name: str, description: str) -> Any:
    def resolve(root: "PrivateDetails") -> str | None:
        return root.sealed.open(name)

    return strawberry.field(resolver=resolve, description=description)


@strawberry.type(description="The data of a person or client in full; every reading is recorded (完整个人信息).")
class PrivateDetails:
    """The plain values behind the masked ones, each decrypted when it is asked for."""

    sealed: strawberry.Private[Sealed]
    phone: str | None = _plain("phone", "The phone number (手机号).")
    id_number: str | None = _plain("id_number", "The identity number (身份证号).")
    birth_date: str | None = _plain("birth_date", "The birth date, YYYY-MM-DD (出生日期).")
    address: str | None = _plain("address", "The home address (住址).")


def reveal(noun: str) -> Callable[..., PrivateDetails]:
    """The data of a row of a table, which is as good as read."""
    return lambda context, *row: PrivateDetails(sealed=read_private(context, noun, *row))


@entity(PersonRow, "P", sorting=PERSON_SORTING)
@strawberry.type(description="A member of the personnel (人员).")
class Person(Node):
    """A person as far as the scope and the permissions show them."""

    id: strawberry.ID = public_id(ID)
    kind: PersonKind = column("What they are in the network (人员类别).", COUNT)
    name: str = column("The name (姓名).", READ)
    gender: Gender = column("The gender (性别).", READ)
    phone: str | None = column("The phone number, masked like 138****1234 (手机号，脱敏).", READ)
    id_number: str | None = column("The identity number, masked (身份证号，脱敏).", READ)
    birth_date: str | None = column("The birth date, masked to its year (出生日期，脱敏).", READ)
    address: str | None = column("The home address, masked below the township (住址，脱敏).", READ)
    retired_on: date | None = column("The day of retirement, if retired (离任日期).", COUNT)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", COUNT)
    can: PersonCan = same(CAN)
    private: PrivateDetails | None = computed(
        PRIVATE,
        reveal("person"),
        "Phone, identity number, birth date and address in full; every reading is recorded (完整个人信息).",
        Permission.PERSON_READ_PRIVATE,
    )
    home: Place | None = one(
        place.OF_ROW, "The place that keeps their file; null if the account does not see it (归属单位).", COUNT
    )
    assignments: list["Assignment"] = with_arguments(
        many(assignment.OF_PERSON, "Their assignments in scope, the oldest first (任职).", COUNT), CURRENT
    )
    qualifications: list[Qualification] = many(
        person.QUALIFICATIONS, "Their certificates, seen where they are at home (职业资格).", COUNT
    )
    skills: list[Skill] = many(person.SKILLS, "Their skills, seen where they are at home (技能).", COUNT)
    exam_results: list[Annotated["ExamResult", strawberry.lazy("schema.exam")]] = many(
        exam.OF_PERSON, "How they did in exams, seen where they are at home, the earliest first (考试成绩).", TALENT
    )
    awards: list[Annotated["Award", strawberry.lazy("schema.award")]] = many(
        award.OF_PERSON, "Their awards, seen where they are at home, the earliest first (奖励金).", TALENT
    )
    attendances: list[Annotated["Attendance", strawberry.lazy("schema.training")]] = many(
        training.OF_PERSON, "Their registrations for training events in scope, in that order (培训出席).", TALENT
    )
    volunteer_hours: Decimal = expression(
        volunteer_call.hours_of,
        "The hours that they gave as a volunteer, as far as the calls are in scope (志愿服务小时数).",
        COUNT,
    )
    history: AuditEntryConnection = history("P")


@entity(AssignmentRow, "A")
@strawberry.type(description="A person's duty at a place, dated (任职).")
class Assignment(Node):
    """An assignment, in scope by its place."""

    id: strawberry.ID = public_id(ID)
    duty: Duty = column("The duty (岗位职责).", COUNT)
    valid_from: date = column("The first day (开始日期).", COUNT)
    valid_to: date | None = column("The day after the last, if it has ended or is to end (结束日期).", COUNT)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", COUNT)
    can: AssignmentCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "Where (任职地点).", COUNT)
    person: Person | None = one(assignment.PERSON, "Who; null if not visible any more (任职人员).", COUNT)
    history: AuditEntryConnection = history("A")


WRITTEN = "The person as they are now; null if nothing was written (人员)."
WHICH = "The person (要变更的人员)."
HOME = "The place that keeps their file, which is open (归属单位)."
KIND = "What they are in the network (人员类别)."
NAME = "The name, 50 characters at the most (姓名)."
GENDER = "The gender, as the identity number says (性别)."
PHONE = "The phone number: 5 to 20 digits, behind +86 or not (手机号)."
ID_NUMBER = "The identity number, 18 characters; nobody else in scope has it (身份证号)."
BIRTH_DATE = "The birth date, as the identity number says (出生日期)."
ADDRESS = "The home address, 200 characters at the most (住址)."
SKILLS = "Codes of the common list: all the skills that they have (技能编码)."


@strawberry.input(description="A new person (新增人员).")
class CreatePersonInput:
    """Input of `createPerson`."""

    home_id: strawberry.ID = given(HOME)
    kind: PersonKind = given(KIND)
    name: str = given(NAME)
    gender: Gender = given(GENDER)
    phone: str | None = maybe(PHONE)
    id_number: str | None = maybe(ID_NUMBER)
    birth_date: date | None = maybe("The birth date; that of the identity number if not said (出生日期).")
    address: str | None = maybe(ADDRESS)
    skills: list[str] | None = maybe(SKILLS)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of a person; what is left out stays (变更人员信息).")
class UpdatePersonInput:
    """Input of `updatePerson`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    home_id: strawberry.ID | None = maybe(HOME)
    kind: PersonKind | None = maybe(KIND)
    name: str | None = maybe(NAME)
    gender: Gender | None = maybe(GENDER)
    phone: str | None = maybe(PHONE)
    id_number: str | None = maybe(ID_NUMBER)
    birth_date: date | None = maybe(BIRTH_DATE)
    address: str | None = maybe(ADDRESS)
    skills: list[str] | None = maybe(SKILLS)


@strawberry.input(description="The retirement of a person (人员离任).")
class RetirePersonInput:
    """Input of `retirePerson`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    on: date | None = maybe("The first day without them, today at the latest; today if not said (离任日期).")


@strawberry.input(description="The return of a retired person (人员复职).")
class ReinstatePersonInput:
    """Input of `reinstatePerson`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()


@strawberry.type
class PersonMutation:
    """The mutations about people, for `Mutation` to inherit."""

    create_person: Any = write(
        payload("createPerson", "person", Person, WRITTEN),
        CreatePersonInput,
        person.create,
        "Adds a person (新增人员).",
        Permission.PERSONNEL_WRITE,
    )

    update_person: Any = write(
        payload("updatePerson", "person", Person, WRITTEN),
        UpdatePersonInput,
        person.update,
        "Changes a person; null clears phone, identity number, birth date and address (变更人员信息).",
        Permission.PERSONNEL_WRITE,
    )

    retire_person: Any = write(
        payload("retirePerson", "person", Person, WRITTEN),
        RetirePersonInput,
        person.retire,
        "Retires a person. Their duties and memberships in scope end; those elsewhere are for the managers there to"
        " end (人员离任).",
        Permission.PERSONNEL_WRITE,
    )

    reinstate_person: Any = write(
        payload("reinstatePerson", "person", Person, WRITTEN),
        ReinstatePersonInput,
        person.reinstate,
        "Takes a retirement back; what ended with it stays ended (人员复职).",
        Permission.PERSONNEL_WRITE,
    )
