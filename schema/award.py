"""Awards (奖励金) for levels that people have reached, and the yearly budgets (奖励预算) that they come out of."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Award as AwardRow
from models import AwardBudget as AwardBudgetRow
from models import AwardState, QualificationLevel
from resolvers import award as award_rows
from resolvers import place
from resolvers.access import Action
from resolvers.core.permissions import Permission
from resolvers.core.states import next_states
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, one, pages, public_id, same
from schema.filters.award import AWARD_BUDGET_SORTING, AWARD_BUDGETS, AWARD_SORTING, AWARDS
from schema.pages import AuditEntryConnection, AwardBudgetConnection, AwardConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.writing import given, idempotency_key, payload, version, write

if TYPE_CHECKING:
    from schema.person import Person

READ = Permission.TALENT_READ
ID = "The global id, opaque (全局标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."

describe(
    AwardState,
    "What has become of an award (奖励金状态).",
    GRANTED="It was granted and is to be paid (已核发).",
    PAID="It was paid (已支付).",
    REVOKED="It was taken back before it was paid; the budget has its money again (已撤销).",
)


@entity(AwardBudgetRow, "")
@strawberry.type(description="What may be done to an award budget (奖励预算可执行的操作).")
class AwardBudgetCan:
    """The buttons of a budget's page."""

    update: bool = may(Action.UPDATE_AWARD_BUDGET, READ, "Set another amount (变更).")


@entity(AwardBudgetRow, "AB", sorting=AWARD_BUDGET_SORTING)
@strawberry.type(description="What a place may give in awards in a year, in yuan (奖励预算).")
class AwardBudget(Node):
    """A budget; the database itself keeps what is spent, never above the amount."""

    id: strawberry.ID = public_id(ID)
    year: int = column("The year (年度).", READ)
    amount: Decimal = column("What may be given, in yuan (预算金额，元).", READ)
    spent: Decimal = column("What its awards come to, without revoked ones, in yuan (已用金额，元).", READ)
    left: Decimal = expression(award_rows.left, "What is left, in yuan (剩余金额，元).", READ)
    version: int = column(VERSION, READ)
    can: AwardBudgetCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that has it (所属地点).", READ)
    awards: AwardConnection = pages(
        award_rows.OF_BUDGET, "The awards in scope that come out of it (奖励金).", READ, *AWARDS
    )
    history: AuditEntryConnection = history("AB")


@entity(AwardRow, "")
@strawberry.type(description="What may be done to an award (奖励金可执行的操作).")
class AwardCan:
    """The buttons of an award."""

    settle: bool = may(Action.SETTLE_AWARD, READ, "Note that it was paid, or revoke it (支付或撤销).")


@entity(AwardRow, "AW", sorting=AWARD_SORTING)
@strawberry.type(description="An award to a person for reaching a level: one for each (奖励金).")
class Award(Node):
    """An award; seen where its person is at home."""

    id: strawberry.ID = public_id(ID)
    level: QualificationLevel = column("The level (级别).", READ)
    year: int = column("The budget's year (年度).", READ)
    amount: Decimal = column("The amount, in yuan (金额，元).", READ)
    state: AwardState = column("What has become of it (状态).", READ)
    next_states: list[AwardState] = expression(
        next_states(award_rows.AWARDS), "The states that may follow, whoever may take it there (后续状态).", READ
    )
    granted_on: date = column("The day it was granted (核发日期).", READ)
    version: int = column(VERSION, READ)
    can: AwardCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The home of the person (所属地点).", READ)
    person: Annotated["Person", strawberry.lazy("schema.person")] | None = one(
        award_rows.AWARDED, "Whose it is; null if the account does not see them (人员).", Permission.PERSONNEL_COUNT
    )
    budget: AwardBudget | None = one(award_rows.BUDGET, "What it comes out of; null if not in scope (预算).", READ)
    history: AuditEntryConnection = history("AW")


@strawberry.type
class AwardQuery:
    """The root fields about awards, for `Query` to inherit."""

    award: Award | None = by_id(award_rows.FOUND, "An award (奖励金).", READ)
    awards: AwardConnection | None = pages(
        award_rows.ALL, "The awards in scope, by the person's home (奖励金列表).", READ, *AWARDS
    )
    award_budget: AwardBudget | None = by_id(award_rows.BUDGET_FOUND, "An award budget (奖励预算).", READ)
    award_budgets: AwardBudgetConnection | None = pages(
        award_rows.BUDGETS, "The award budgets in scope (奖励预算列表).", READ, *AWARD_BUDGETS
    )


WRITTEN = "The award as it is now; null if nothing was written (奖励金)."
BUDGET = "The budget as it is now; null if nothing was written (奖励预算)."
YUAN = "above 0, two decimals at the most; write it as text"


@strawberry.input(description="A new award budget (新建奖励预算).")
class CreateAwardBudgetInput:
    """Input of `createAwardBudget`."""

    place_id: strawberry.ID = given("The place that gets it, which is open (所属地点).")
    year: int = given("The year; a place has one budget for each (年度).")
    amount: Decimal = given(f"What may be given, in yuan: {YUAN} (预算金额，元).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another amount of an award budget (变更奖励预算).")
class UpdateAwardBudgetInput:
    """Input of `updateAwardBudget`."""

    id: strawberry.ID = given("The budget (要变更的奖励预算).")
    version: int = version()
    amount: Decimal = given(f"What may be given, no less than is spent, in yuan: {YUAN} (预算金额，元).")


@strawberry.input(description="A new award (核发奖励金).")
class GrantAwardInput:
    """Input of `grantAward`."""

    person_id: strawberry.ID = given("Whose it is; their home is in scope (人员).")
    level: QualificationLevel = given("The level, of which they have a certificate by then, and no award yet (级别).")
    budget_id: strawberry.ID = given("What it comes out of, in scope; its year is the award's (预算).")
    amount: Decimal = given(f"The amount, no more than the budget has left, in yuan: {YUAN} (金额，元).")
    granted_on: date = given("The day, today at the latest and not before the budget's year (核发日期).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="What becomes of an award (支付或撤销奖励金).")
class SettleAwardInput:
    """Input of `settleAward`."""

    id: strawberry.ID = given("The award (奖励金).")
    version: int = version()
    state: AwardState = given("The new state (新状态).")


@strawberry.type
class AwardMutation:
    """The mutations about awards, for `Mutation` to inherit."""

    create_award_budget: Any = write(
        payload("createAwardBudget", "awardBudget", AwardBudget, BUDGET),
        CreateAwardBudgetInput,
        award_rows.create_budget,
        "Sets what a place may give in awards in a year (新建奖励预算).",
        Permission.BUDGET_WRITE,
    )

    update_award_budget: Any = write(
        payload("updateAwardBudget", "awardBudget", AwardBudget, BUDGET),
        UpdateAwardBudgetInput,
        award_rows.update_budget,
        "Sets another amount of an award budget (变更奖励预算).",
        Permission.BUDGET_WRITE,
    )

    grant_award: Any = write(
        payload("grantAward", "award", Award, WRITTEN),
        GrantAwardInput,
        award_rows.grant,
        "Awards somebody for a level that they have reached; no budget is overspent, also not by two at once"
        " (核发奖励金).",
        Permission.AWARD_WRITE,
    )

    settle_award: Any = write(
        payload("settleAward", "award", Award, WRITTEN),
        SettleAwardInput,
        award_rows.settle,
        "Notes that an award was paid, or revokes it, which gives its money back to the budget (支付或撤销奖励金).",
        Permission.AWARD_WRITE,
    )
