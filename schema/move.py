"""What a move would do (调整隶属关系预览), asked before `moveStation`, `moveCommunity` or `moveGrid`."""

from typing import Any

import strawberry

from models import Grant as GrantRow
from resolvers import move
from resolvers.core.mapping import One
from resolvers.core.permissions import Permission
from resolvers.move import MoveRefusal
from schema.account import Account, Grant
from schema.enums import describe
from schema.fields import argument, column, derived, entity, expression, made, mapped, one, pages, same
from schema.pages import Connection
from schema.place import Place

READ = Permission.PLACE_READ
COUNT = Permission.PERSONNEL_COUNT
ACCOUNTS = Permission.ACCOUNT_READ

describe(
    MoveRefusal,
    "Why a move would be refused (不可调整的原因).",
    PERMISSION_MISSING="The acting grant lacks the permission (缺少权限).",
    NOT_FOUND="No place in scope has the id (未找到该地点).",
    CLOSED="The place is closed (该地点已撤销).",
    ROOT="It is the root of the county, or of what the account sees (管辖范围的顶层).",
    PARENT_NOT_FOUND="No place in scope has the id of the new parent (未找到新的上级).",
    CYCLE="The new parent is the place itself, or below it (新的上级在其下级之中).",
    OTHER_COUNTY="It would leave its county (不得跨县调整).",
    WRONG_LEVEL="A place of its level does not hang under one of that level (级别不符).",
    PARENT_CLOSED="The new parent is closed (新的上级已撤销).",
    ALREADY_THERE="It hangs there already (已隶属于该上级).",
)


@entity(GrantRow, "")
@strawberry.type(description="A grant under which sight of a place is gained or lost (可见范围变化).")
class SightChange:
    """One grant on the one path and not on the other."""

    account: Account | None = one(move.ACCOUNT, "Whose (账号).", ACCOUNTS)
    grant: Grant = same("The grant (授权).")


SightChangeConnection = Connection[SightChange]


@made()
@strawberry.type(description="What a move would do (调整隶属关系预览).")
class MovePreview:
    """A move, before it is done; counts are of what is in scope today."""

    allowed: bool = expression(move.allowed, "Whether the move would be done (是否允许).", READ)
    reason: MoveRefusal | None = column("What speaks against it first, if anything (原因).", READ)
    place: Place | None = one(move.PLACE, "What would be moved (被调整的地点).", READ)
    from_: Place | None = mapped(
        One(move.FROM), "Where it hangs; null if the account does not see it (现上级).", READ, name="from"
    )
    to: Place | None = one(move.TO, "Where it would hang (新的上级).", READ)
    stations: int = expression(move.STATIONS, "How many stations would move, itself included (社工站数).", READ)
    communities: int = expression(move.COMMUNITIES, "How many communities would move, itself included (村居数).", READ)
    grids: int = expression(move.GRIDS, "How many grids would move, itself included (网格数).", READ)
    personnel: int = expression(move.PERSONNEL, "How many people are at home there (人员数).", COUNT)
    assignments: int = expression(move.ASSIGNMENTS, "How many assignments there hold today (任职数).", COUNT)
    volunteer_teams: int = expression(
        move.TEAMS, "How many volunteer teams belong there (志愿服务队数).", Permission.VOLUNTEER_READ
    )
    accounts: int = expression(move.ACCOUNTS, "How many accounts are administered there (账号数).", ACCOUNTS)
    grants: int = expression(move.GRANTS, "How many grants there hold today (授权数).", ACCOUNTS)
    lose: SightChangeConnection = pages(
        move.LOSE,
        "The grants in scope that would not reach it any more; none if the move is not allowed (将失去可见的授权).",
        ACCOUNTS,
    )
    gain: SightChangeConnection = pages(
        move.GAIN,
        "The grants in scope that would reach it from then on; none if the move is not allowed (将获得可见的授权).",
        ACCOUNTS,
    )


def preview_move() -> Any:
    """The field `previewMove`."""
    return derived(
        move.preview,
        "What moving a place under another parent would do, without doing it (调整隶属关系预览).",
        READ,
        argument("id", strawberry.ID, "What is to be moved: a station, community or grid (被调整的地点)."),
        argument("parent_id", strawberry.ID, "Where it is to hang (新的上级)."),
    )
