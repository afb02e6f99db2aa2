"""How people are assigned, transferred, and their assignments ended (任职)."""

from datetime import date
from typing import Any

import strawberry

from models import Duty
from resolvers import assignment
from resolvers.core.permissions import Permission
from schema.person import Assignment
from schema.writing import given, idempotency_key, maybe, payload, version, write

WRITTEN = "The assignment as it is now; null if nothing was written (任职)."
WHICH = "The assignment (要变更的任职)."


@strawberry.input(description="A new assignment (任命).")
class AssignPersonInput:
    """Input of `assignPerson`."""

    person_id: strawberry.ID = given("Who; their home is in scope (任职人员).")
    place_id: strawberry.ID = given("Where, at a place in scope that is open (任职地点).")
    duty: Duty = given("The duty, which fits the kind of place and of person (岗位职责).")
    valid_from: date = given("The first day (开始日期).")
    valid_to: date | None = maybe("The day after the last, if that is known (结束日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The end of an assignment (免职).")
class EndAssignmentInput:
    """Input of `endAssignment`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    on: date | None = maybe("The day after the last; today if not said. On its first day, it never was (结束日期).")


@strawberry.input(description="The same duty at another place (调任).")
class TransferAssignmentInput:
    """Input of `transferAssignment`."""

    id: strawberry.ID = given(WHICH)
    version: int = version()
    place_id: strawberry.ID = given("Where from then on, at a place in scope that is open (新任职地点).")
    on: date | None = maybe("The first day there; today if not said (调任日期).")


@strawberry.type
class AssignmentMutation:
    """The mutations about assignments, for `Mutation` to inherit."""

    assign_person: Any = write(
        payload("assignPerson", "assignment", Assignment, WRITTEN),
        AssignPersonInput,
        assignment.assign,
        "Assigns a person to a duty at a place (任命).",
        Permission.PERSONNEL_WRITE,
    )

    end_assignment: Any = write(
        payload("endAssignment", "assignment", Assignment, WRITTEN),
        EndAssignmentInput,
        assignment.conclude,
        "Ends an assignment (免职).",
        Permission.PERSONNEL_WRITE,
    )

    transfer_assignment: Any = write(
        payload("transferAssignment", "assignment", Assignment, "The new assignment, or null (新任职)."),
        TransferAssignmentInput,
        assignment.transfer,
        "Ends an assignment and begins another with the same duty at another place (调任).",
        Permission.PERSONNEL_WRITE,
    )
