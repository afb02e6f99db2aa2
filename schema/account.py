"""Accounts and grants (账号与授权): who logs in, and what they may do where."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from models import Account as AccountRow
from models import AccountKind, Role
from models import Grant as GrantRow
from resolvers import administration, place, viewer
from resolvers.core.authority import HELD
from resolvers.core.permissions import Permission
from schema.access import CAN, AccountCan, GrantCan
from schema.enums import describe
from schema.fields import PUBLIC_FIELD, column, entity, expression, many, one, public_id, same
from schema.filters import ACCOUNT_SORTING
from schema.place import Place
from schema.writing import given, idempotency_key, maybe, payload, version, write

if TYPE_CHECKING:
    from schema.external_identity import ExternalIdentity
    from schema.service_key import ServiceKey

WRITE = Permission.ACCOUNT_WRITE
ID = "The id, opaque; `node` does not take it (标识)."
VERSION = "Counts its changes; an update names the one it saw (版本号)."

describe(
    AccountKind,
    "Who stands behind an account (账号类型).",
    PERSON="Somebody who logs in (个人).",
    SERVICE="A machine: it has keys, and neither a password nor identities to sign in by (服务账号).",
)


@entity(AccountRow, "U", sorting=ACCOUNT_SORTING)
@strawberry.type(description="Somebody who logs in (账号).")
class Account:
    """An account: the viewer's own, or one that is administered in scope."""

    id: strawberry.ID = public_id(ID)
    username: str = column("The name to log in with (用户名).", PUBLIC_FIELD)
    kind: AccountKind = column("Who stands behind it (账号类型).", PUBLIC_FIELD)
    disabled: bool = expression(viewer.disabled, "Whether it is disabled (是否停用).", PUBLIC_FIELD)
    created_at: datetime = column("When it was created (创建时间).", PUBLIC_FIELD)
    version: int = column(VERSION, PUBLIC_FIELD)
    can: AccountCan = same(CAN)
    place: Place | None = one(
        place.OF_ROW,
        "The place that administers it; null if outside what the acting grant sees (所属地点).",
        PUBLIC_FIELD,
    )
    grants: list["Grant"] = many(
        HELD,
        "Its grants that hold or are to come, as far as the acting grant sees them (授权).",
        PUBLIC_FIELD,
    )
    identities: list[Annotated["ExternalIdentity", strawberry.lazy("schema.external_identity")]] = many(
        HELD, "By whom at an outside issuer one signs in as it, as far as it lies in scope (外部身份).", PUBLIC_FIELD
    )
    service_keys: list[Annotated["ServiceKey", strawberry.lazy("schema.service_key")]] = many(
        HELD, "The keys of a service account that hold, as far as it lies in scope (服务密钥).", PUBLIC_FIELD
    )


@entity(GrantRow, "R")
@strawberry.type(description="A role at a place, for a time (授权).")
class Grant:
    """A grant; its id is what the header X-Zhanwang-Grant takes."""

    id: strawberry.ID = public_id(ID)
    role: Role = column("The role (角色).", PUBLIC_FIELD)
    valid_from: datetime = column("Since when (生效时间).", PUBLIC_FIELD)
    valid_to: datetime | None = column("Until when, if it ends (失效时间).", PUBLIC_FIELD)
    version: int = column(VERSION, PUBLIC_FIELD)
    can: GrantCan = same(CAN)
    place: Place | None = one(
        place.OF_ROW, "Where; null if outside what the acting grant sees (授权地点).", PUBLIC_FIELD
    )
    account: Account | None = one(
        administration.OF_GRANT, "Whose; null if outside what the acting grant sees (被授权账号).", PUBLIC_FIELD
    )


WRITTEN = "The account as it is now; null if nothing was written (账号)."
WRITTEN_GRANT = "The grant as it is now; null if nothing was written (授权)."
PASSWORD = "8 to 128 characters, not the username (密码)."  # noqa: S105


@strawberry.input(description="A new account (新建账号).")
class CreateAccountInput:
    """Input of `createAccount`."""

    username: str = given(
        "The name to log in with: 2 to 63 lower-case letters, digits, dots, hyphens and underscores; no other account"
        " of any place may have it (用户名)."
    )
    kind: AccountKind = strawberry.field(default=AccountKind.PERSON, description="Who stands behind it (账号类型).")
    password: str | None = maybe(
        f"Its first password: {PASSWORD} Left out for a service account, and for who signs in from outside alone."
    )
    place_id: strawberry.ID = given("The place that administers it, and where its first grant holds (所属地点).")
    role: Role = given("The role of its first grant, none above the acting one (角色).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another account's new password (重置密码).")
class ResetPasswordInput:
    """Input of `resetPassword`."""

    account_id: strawberry.ID = given("The account, not the one in use (账号).")
    version: int = version()
    new_password: str = given(f"The password from now on: {PASSWORD}")


@strawberry.input(description="The account to shut out (停用账号).")
class DisableAccountInput:
    """Input of `disableAccount`."""

    id: strawberry.ID = given("The account, not the one in use (账号).")
    version: int = version()


@strawberry.input(description="The account to let in again (启用账号).")
class EnableAccountInput:
    """Input of `enableAccount`."""

    id: strawberry.ID = given("The account, not the one in use (账号).")
    version: int = version()


@strawberry.input(description="A further grant of an account (新增授权).")
class GrantAccountInput:
    """Input of `grantAccount`."""

    account_id: strawberry.ID = given("The account, not the one in use (账号).")
    place_id: strawberry.ID = given("Where it holds, there and below (授权地点).")
    role: Role = given("The role, none above the acting one (角色).")
    valid_from: datetime | None = maybe("Since when, not before now; from now on if not said (生效时间).")
    valid_to: datetime | None = maybe(
        "Until when, not after the acting grant ends; if not said, when that does (失效时间)."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The grant to end (撤销授权).")
class RevokeGrantInput:
    """Input of `revokeGrant`."""

    id: strawberry.ID = given("The grant, of another account than the one in use (授权).")
    version: int = version()


@strawberry.type
class AccountMutation:
    """The mutations about accounts and grants, for `Mutation` to inherit."""

    create_account: Any = write(
        payload("createAccount", "account", Account, WRITTEN),
        CreateAccountInput,
        administration.create_account,
        "Adds an account with a first grant (新建账号).",
        WRITE,
    )

    reset_password: Any = write(
        payload("resetPassword", "account", Account, WRITTEN),
        ResetPasswordInput,
        administration.reset_password,
        "Gives another account a new password; its tokens become void and its sessions end (重置密码).",
        WRITE,
    )

    disable_account: Any = write(
        payload("disableAccount", "account", Account, WRITTEN),
        DisableAccountInput,
        administration.disable_account,
        "Shuts another account out and ends its sessions (停用账号).",
        WRITE,
    )

    enable_account: Any = write(
        payload("enableAccount", "account", Account, WRITTEN),
        EnableAccountInput,
        administration.enable_account,
        "Lets a disabled account log in again (启用账号).",
        WRITE,
    )

    grant_account: Any = write(
        payload("grantAccount", "grant", Grant, WRITTEN_GRANT),
        GrantAccountInput,
        administration.grant_account,
        "Gives another account a further role at a place (新增授权).",
        WRITE,
    )

    revoke_grant: Any = write(
        payload("revokeGrant", "grant", Grant, WRITTEN_GRANT),
        RevokeGrantInput,
        administration.revoke_grant,
        "Ends a grant of another account (撤销授权).",
        WRITE,
    )
