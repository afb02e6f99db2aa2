"""The account in use (当前账号)."""

from datetime import datetime

import strawberry

from models import Account as AccountRow
from models import Grant as GrantRow
from models import Role
from resolvers import place, viewer
from resolvers.core.permissions import Permission
from schema.fields import PUBLIC_FIELD, column, entity, expression, many, one, public_id, same
from schema.place import Place

ID = "The id, opaque; `node` does not take it (标识)."


@entity(AccountRow, "U")
@strawberry.type(description="Somebody who logs in (账号).")
class Account:
    """An account: the viewer's own, or one that is administered in scope."""

    id: strawberry.ID = public_id(ID)
    username: str = column("The name to log in with (用户名).", PUBLIC_FIELD)
    disabled: bool = expression(viewer.disabled, "Whether it is disabled (是否停用).", PUBLIC_FIELD)
    created_at: datetime = column("When it was created (创建时间).", PUBLIC_FIELD)


@entity(GrantRow, "R")
@strawberry.type(description="A role at a place, for a time (授权).")
class Grant:
    """A grant; its id is what the header X-Zhanwang-Grant takes."""

    id: strawberry.ID = public_id(ID)
    role: Role = column("The role (角色).", PUBLIC_FIELD)
    valid_from: datetime = column("Since when (生效时间).", PUBLIC_FIELD)
    valid_to: datetime | None = column("Until when, if it ends (失效时间).", PUBLIC_FIELD)
    place: Place | None = one(
        place.OF_ROW, "Where; null if outside what the acting grant sees (授权地点).", PUBLIC_FIELD
    )


@entity(AccountRow, "")
@strawberry.type(description="The account in use and what it may do (当前账号).")
class Viewer:
    """Who asks."""

    account: Account = same("The account (账号).")
    grant: Grant | None = one(viewer.ACTING, "The grant that this request acts under (当前授权).", PUBLIC_FIELD)
    grants: list[Grant] = many(viewer.GRANTS, "All grants that hold today (全部授权).", PUBLIC_FIELD)
    scope: Place | None = one(viewer.SCOPE, "The root of what the account sees (管辖范围).", PUBLIC_FIELD)
    permissions: list[Permission] = expression(viewer.permissions, "What the acting grant may do (权限).", PUBLIC_FIELD)
