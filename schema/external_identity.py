"""Identities at an outside issuer (外部身份), by which people sign in as an account."""

from datetime import datetime
from typing import Any

import strawberry

from models import ExternalIdentity as ExternalIdentityRow
from resolvers import external_identity as rows
from resolvers.access import Action
from resolvers.core.permissions import Permission
from schema.access import CAN, may
from schema.account import ID, VERSION, Account
from schema.fields import PUBLIC_FIELD, column, entity, one, public_id, same
from schema.writing import given, idempotency_key, maybe, payload, version, write

WRITE = Permission.ACCOUNT_WRITE
WRITTEN = "The identity as it is now; null if nothing was written (外部身份)."


@entity(ExternalIdentityRow, "")
@strawberry.type(description="What may be done to an identity (外部身份可执行的操作).")
class ExternalIdentityCan:
    """The buttons of an identity."""

    unlink: bool = may(Action.UNLINK_IDENTITY, PUBLIC_FIELD, "Unlink it (解除关联).")


@entity(ExternalIdentityRow, "EI")
@strawberry.type(description="A subject of an outside issuer that may sign in as an account (外部身份).")
class ExternalIdentity:
    """A link between an account and who somebody is elsewhere; a subject has one account at a time."""

    id: strawberry.ID = public_id(ID)
    issuer: str = column("The OpenID Connect issuer, as it calls itself (签发方).", PUBLIC_FIELD)
    subject: str = column("Who it is there (外部主体标识).", PUBLIC_FIELD)
    valid_from: datetime = column("Since when (生效时间).", PUBLIC_FIELD)
    valid_to: datetime | None = column("Until when, if it has ended (失效时间).", PUBLIC_FIELD)
    version: int = column(VERSION, PUBLIC_FIELD)
    can: ExternalIdentityCan = same(CAN)
    account: Account | None = one(rows.ACCOUNT, "Whose it is (账号).", PUBLIC_FIELD)


@strawberry.input(description="Whom to let sign in as an account (关联外部身份).")
class LinkIdentityInput:
    """Input of `linkIdentity`."""

    account_id: strawberry.ID = given("The account of a person, not the one in use (账号).")
    issuer: str | None = maybe("The issuer, as it calls itself; the configured one if not said (签发方).")
    subject: str = given("Who it is there: the claim `sub`, if no other one is configured (外部主体标识).")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="The identity to unlink (解除外部身份).")
class UnlinkIdentityInput:
    """Input of `unlinkIdentity`."""

    id: strawberry.ID = given("The identity, of another account than the one in use (外部身份).")
    version: int = version()


@strawberry.type
class ExternalIdentityMutation:
    """The mutations about identities, for `Mutation` to inherit."""

    link_identity: Any = write(
        payload("linkIdentity", "identity", ExternalIdentity, WRITTEN),
        LinkIdentityInput,
        rows.link,
        "Lets a subject of an outside issuer sign in as another account, whose sessions end; it may be no other one's"
        " (关联外部身份).",
        WRITE,
    )

    unlink_identity: Any = write(
        payload("unlinkIdentity", "identity", ExternalIdentity, WRITTEN),
        UnlinkIdentityInput,
        rows.unlink,
        "Ends that a subject may sign in as another account, whose sessions end (解除外部身份).",
        WRITE,
    )
