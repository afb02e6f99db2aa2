"""Responsibility targets (责任目标): how much a place answers for in a period, and how much was reached."""

from datetime import date
from typing import Any

import strawberry

from models import Indicator
from models import Target as TargetRow
from resolvers import place
from resolvers import target as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.audit import history
from schema.enums import describe
from schema.fields import column, entity, expression, many, one, pages, public_id, same
from schema.filters.target import TARGET_SORTING, TARGETS
from schema.pages import AuditEntryConnection, TargetConnection
from schema.place import Node, Place
from schema.roots import by_id
from schema.scalars import BigInt
from schema.writing import given, idempotency_key, payload, version, write

READ = Permission.TARGET_READ

describe(
    Indicator,
    "What a target counts, over its place and all below it (指标).",
    SERVICE_RECORDS="Services that were recorded (服务次数).",
    SERVICE_CONTACTS="Their contacts (服务人次).",
    CLIENTS_SERVED="Clients who were served, each once (服务对象人数).",
    SURVEYS="Surveys and assessments (摸排次数).",
    REFERRALS_COMPLETED="Referrals that were completed where they led to (办结转介数).",
    VOLUNTEER_HOURS="Hours that volunteers gave, whole ones (志愿服务小时数).",
)


@entity(TargetRow, "")
@strawberry.type(description="What may be done to a target (责任目标可执行的操作).")
class TargetCan:
    """The buttons of a target."""

    update: bool = may(Action.UPDATE_TARGET, READ, "Change how much is asked for (变更).")
    withdraw: bool = may(Action.WITHDRAW_TARGET, READ, "Withdraw it (撤回).")


@entity(TargetRow, "TG", sorting=TARGET_SORTING)
@strawberry.type(description="A responsibility target (责任目标).")
class Target(Node):
    """A target of a place; what was reached is counted from what was recorded, as far as the scope goes."""

    id: strawberry.ID = public_id("The global id, opaque (全局标识).")
    indicator: Indicator = column("What is counted (指标).", READ)
    begins_on: date = column("The first day (开始日期).", READ)
    ends_on: date = column("The last day (结束日期).", READ)
    amount: int = column("How much is asked for (目标值).", READ)
    actual: BigInt = expression(
        rows.actual, "How much was recorded from the first day to the last, at the place and below it (实际值).", READ
    )
    reached: bool = expression(rows.reached, "Whether that is as much as is asked for (是否达成).", READ)
    withdrawn_on: date | None = column("The day of withdrawal, if withdrawn (撤回日期).", READ)
    version: int = column("Counts its changes; an update names the one it saw (版本号).", READ)
    can: TargetCan = same(CAN)
    place: Place | None = one(place.OF_ROW, "The place that answers for it (责任地点).", READ)
    chain: list["Target"] = many(
        rows.CHAIN,
        "The targets of the same indicator that stand at the places above and whose periods overlap, the nearest place"
        " first (上级责任目标).",
        READ,
    )
    history: AuditEntryConnection = history("TG")


WRITTEN = "The target as it is now; null if nothing was written (责任目标)."
AMOUNT = "How much is asked for, more than 0 (目标值)."


@strawberry.input(description="A new responsibility target (设定责任目标).")
class CreateTargetInput:
    """Input of `createTarget`."""

    place_id: strawberry.ID = given("The place that answers for it, which is open (责任地点).")
    indicator: Indicator = given("What is counted (指标).")
    begins_on: date = given("The first day (开始日期).")
    ends_on: date = given("The last day (结束日期).")
    amount: int = given(AMOUNT)
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another amount of a responsibility target (变更责任目标).")
class UpdateTargetInput:
    """Input of `updateTarget`."""

    id: strawberry.ID = given("The target (要变更的责任目标).")
    version: int = version()
    amount: int = given(AMOUNT)


@strawberry.input(description="The withdrawal of a responsibility target (撤回责任目标).")
class WithdrawTargetInput:
    """Input of `withdrawTarget`."""

    id: strawberry.ID = given("The target (要撤回的责任目标).")
    version: int = version()


@strawberry.type
class TargetQuery:
    """The root fields about targets, for `Query` to inherit."""

    target: Target | None = by_id(rows.FOUND, "A responsibility target (责任目标).", READ)
    targets: TargetConnection | None = pages(
        rows.ALL, "The responsibility targets in scope (责任目标列表).", READ, *TARGETS
    )


@strawberry.type
class TargetMutation:
    """The mutations about targets, for `Mutation` to inherit."""

    create_target: Any = write(
        payload("createTarget", "target", Target, WRITTEN),
        CreateTargetInput,
        rows.create,
        "Sets a responsibility target; a place has one of an indicator for a period (设定责任目标).",
        Permission.TARGET_WRITE,
    )

    update_target: Any = write(
        payload("updateTarget", "target", Target, WRITTEN),
        UpdateTargetInput,
        rows.update,
        "Changes how much is asked for (变更责任目标).",
        Permission.TARGET_WRITE,
    )

    withdraw_target: Any = write(
        payload("withdrawTarget", "target", Target, WRITTEN),
        WithdrawTargetInput,
        rows.withdraw,
        "Withdraws a target; another may be set in its stead (撤回责任目标).",
        Permission.TARGET_WRITE,
    )
