"""Results of the social worker's exam (考试成绩)."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import ExamResult as ExamResultRow
from models import QualificationLevel
from resolvers import exam, place
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.fields import column, entity, one, pages, public_id, same
from schema.filters.training import EXAM_RESULT_SORTING, EXAM_RESULTS
from schema.pages import AuditEntryConnection, ExamResultConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person

READ, WRITE = Permission.TALENT_READ, Permission.TALENT_WRITE


@entity(ExamResultRow, "")
@strawberry.type(description="What may be done to an exam result (考试成绩可执行的操作).")
class ExamResultCan:
    """The buttons of an exam result."""

    update: bool = may(Action.UPDATE_EXAM_RESULT, READ, "Correct it (变更).")


@entity(ExamResultRow, "EX", sorting=EXAM_RESULT_SORTING)
@strawberry.type(description="How somebody did in the exam of a level in a year (考试成绩).")
class ExamResult(Node):
    """A result; seen where its person is at home."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    level: QualificationLevel = column("The level (级别).", READ)
    year: int = column("The year (年度).", READ)
    passed: bool = column("Whether it was passed (是否通过).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: ExamResultCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The home of the person (所属地点).", READ)
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        exam.CANDIDATE, "Whose it is; null if the account does not see them (人员).", Permission.PERSONNEL_COUNT
    )
    history: AuditEntryConnection = history("EX")


@strawberry.type
class ExamQuery:
    """The root fields about exam results, for `Query` to inherit."""

    exam_result: ExamResult | None = by_id(exam.FOUND, "An exam result (考试成绩).", READ)
    exam_results: ExamResultConnection | None = pages(
        exam.ALL, "The exam results in scope, by the person's home (考试成绩列表).", READ, *EXAM_RESULTS
    )


WRITTEN = "The result as it is now; null if nothing was written (考试成绩)."
LEVEL = "The level (级别)."
YEAR = "The year, this one at the latest; a person has one result for each level and year (年度)."
PASSED = "Whether it was passed (是否通过)."


@strawberry.input(description="A new exam result (登记考试成绩).")
class RecordExamResultInput:
    """Input of `recordExamResult`."""

    person_id: strawberry.ID = given("Whose it is; their home is in scope (人员).")
    level: QualificationLevel = given(LEVEL)
    year: int = given(YEAR)
    passed: bool = given(PASSED)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What changes of an exam result; what is left out stays (变更考试成绩).")
class UpdateExamResultInput:
    """Input of `updateExamResult`."""

    id: strawberry.ID = given("The result (要变更的考试成绩).")
    version: int = version()
    level: QualificationLevel | None = maybe(LEVEL)
    year: int | None = maybe(YEAR)
    passed: bool | None = maybe(PASSED)


@strawberry.type
class ExamMutation:
    """The mutations about exam results, for `Mutation` to inherit."""

    record_exam_result: Any = write(
        payload("recordExamResult", "examResult", ExamResult, WRITTEN),
        RecordExamResultInput,
        exam.record,
        "Records how somebody did in an exam (登记考试成绩).",
        WRITE,
    )

    update_exam_result: Any = write(
        payload("updateExamResult", "examResult", ExamResult, WRITTEN),
        UpdateExamResultInput,
        exam.update,
        "Corrects an exam result (变更考试成绩).",
        WRITE,
    )
