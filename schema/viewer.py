"""The account in use (当前账号)."""

import strawberry

from models import Account as AccountRow
from resolvers import viewer
from resolvers.core.permissions import Permission
from schema.access import Decision, can
from schema.account import Account, Grant
from schema.agenda import Agenda
from schema.fields import PUBLIC_FIELD, entity, expression, many, one, same
from schema.place import Place


@entity(AccountRow, "")
@strawberry.type(description="The account in use and what it may do (当前账号).")
class Viewer:
    """Who asks."""

    account: Account = same("The account (账号).")
    grant: Grant | None = one(viewer.ACTING, "The grant that this request acts under (当前授权).", PUBLIC_FIELD)
    grants: list[Grant] = many(viewer.GRANTS, "All grants that hold today (全部授权).", PUBLIC_FIELD)
    scope: Place | None = one(viewer.SCOPE, "The root of what the account sees (管辖范围).", PUBLIC_FIELD)
    permissions: list[Permission] = expression(viewer.permissions, "What the acting grant may do (权限).", PUBLIC_FIELD)
    can: Decision = can()
    agenda: Agenda = same("What waits for the account (待办事项).")


__all__ = ["Account", "Grant", "Viewer"]
