"""Keys of service accounts (服务密钥): how machines prove who they are."""

from datetime import datetime
from typing import Any

import strawberry

from models import ServiceKey as ServiceKeyRow
from resolvers import service_key as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.account import ID, VERSION, Account
from schema.fields import PUBLIC_FIELD, column, computed, entity, one, public_id, same
from schema.writing import given, idempotency_key, maybe, payload, version, write

WRITE = Permission.ACCOUNT_WRITE
WRITTEN = "The key as it is now; null if nothing was written (服务密钥)."


@entity(ServiceKeyRow, "")
@strawberry.type(description="What may be done to a key (服务密钥可执行的操作).")
class ServiceKeyCan:
    """The buttons of a key."""

    revoke: bool = may(Action.REVOKE_SERVICE_KEY, PUBLIC_FIELD, "Revoke it (吊销).")


@entity(ServiceKeyRow, "SK")
@strawberry.type(description="A key of a service account (服务密钥).")
class ServiceKey:
    """A key, without the key."""

    id: strawberry.ID = public_id(ID)
    name: str = column("What it is for (名称).", PUBLIC_FIELD)
    prefix: str = column("How it begins, to know it by (密钥前缀).", PUBLIC_FIELD)
    secret: str | None = computed(
        ("id",),
        rows.told_once,
        "The key, for `Authorization: Bearer …`: told once, by the `createServiceKey` that has made it, and null ever"
        " after (密钥).",
        PUBLIC_FIELD,
    )
    valid_from: datetime = column("Since when (生效时间).", PUBLIC_FIELD)
    valid_to: datetime | None = column("Until when, if it ends or has been revoked (失效时间).", PUBLIC_FIELD)
    last_used_at: datetime | None = column("When it was last used, to the hour (最近使用时间).", PUBLIC_FIELD)
    version: int = column(VERSION, PUBLIC_FIELD)
    can: ServiceKeyCan = same(CAN)
    account: Account | None = one(rows.ACCOUNT, "Whose it is (账号).", PUBLIC_FIELD)


@strawberry.input(description="A new key (新建服务密钥).")
class CreateServiceKeyInput:
    """Input of `createServiceKey`."""

    account_id: strawberry.ID = given("The service account, not the one in use (服务账号).")
    name: str = given("What it is for: 1 to 100 characters (名称).")
    valid_to: datetime | None = maybe("Until when; if not said, until it is revoked (失效时间).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The key to revoke (吊销服务密钥).")
class RevokeServiceKeyInput:
    """Input of `revokeServiceKey`."""

    id: strawberry.ID = given("The key, of another account than the one in use (服务密钥).")
    version: int = version()


@strawberry.type
class ServiceKeyMutation:
    """The mutations about keys, for `Mutation` to inherit."""

    create_service_key: Any = write(
        payload("createServiceKey", "serviceKey", ServiceKey, WRITTEN),
        CreateServiceKeyInput,
        rows.create,
        "Makes a key for a service account; what it answers is the only time that the key is told (新建服务密钥).",
        WRITE,
    )

    revoke_service_key: Any = write(
        payload("revokeServiceKey", "serviceKey", ServiceKey, WRITTEN),
        RevokeServiceKeyInput,
        rows.revoke,
        "Ends a key of a service account from the next request on (吊销服务密钥).",
        WRITE,
    )
