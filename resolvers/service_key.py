"""Keys of service accounts, made and revoked by who administers the account."""

from datetime import UTC, datetime
from typing import Any

from models import AccountKind, ServiceKey
from resolvers.core.authority import administer, check_administered, lock_owner, other_account
from resolvers.core.context import Context
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by
from resolvers.core.service_keys import LONGEST_NAME, SHOWN, new_key
from resolvers.core.texts import line, moment
from resolvers.core.tokens import digest
from resolvers.core.write import Given, Writer, located

ACCOUNT = by("account_id")
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
"""When the session of a key ends that has no end."""

OPEN_SESSION = "SELECT open_key_session($1, $2)"
END_SESSION = "SELECT end_key_session($1)"


def told_once(context: Context, key: int) -> str | None:
    """The key itself, in the answer of the request that has made it."""
    return context.made_keys.get(key)


async def create(writer: Writer, given: Given) -> int:
    """Makes a key for a service account; its row's key. The text is in the context alone."""
    account = await other_account(writer, given["account_id"], "accountId")
    if account["kind"] != AccountKind.SERVICE:
        raise Rejected(UserErrorCode.INVALID, Message("Only a service account has keys."), "accountId")
    if account["disabled_at"] is not None:
        raise Rejected(UserErrorCode.INVALID, Message("It is disabled."), "accountId")
    name, valid_to = line(given["name"], "name", LONGEST_NAME), _end(writer, given.get("valid_to"))
    await administer(writer, account["id"])
    await check_administered(writer, account, "accountId")
    session_id = await writer.connection.fetchval(OPEN_SESSION, account["id"], valid_to or FOREVER)
    text = new_key()
    told: dict[str, Any] = {"name": name, "prefix": text[:SHOWN], "valid_to": valid_to}
    kept = {"account_id": account["id"], "digest": digest(text), "session_id": session_id}
    made = await writer.add(ServiceKey, **located(account), **kept, **told)
    writer.record(ServiceKey, made, None, told)
    key: int = made["id"]
    writer.context.made_keys[key] = text
    return key


async def revoke(writer: Writer, given: Given) -> int:
    """Ends a key from the next request on; its row's key."""
    await lock_owner(writer, await writer.find(ServiceKey, "SK", given["id"], "id"), "id")
    key = await writer.claim(ServiceKey, "SK", given)
    over = key["valid_to"] is not None and key["valid_to"] <= max(writer.now, key["valid_from"])
    if over or not await writer.connection.fetchval(END_SESSION, key["id"]):
        raise Rejected(UserErrorCode.INVALID, Message("It has ended already."), "id")
    # With its session it has ended itself.
    ended = await writer.update(ServiceKey, key)
    writer.record(ServiceKey, ended, {"valid_to": key["valid_to"]}, {"valid_to": ended["valid_to"]})
    row_id: int = ended["id"]
    return row_id


def _end(writer: Writer, valid_to: datetime | None) -> datetime | None:
    if valid_to is not None and moment(valid_to, "validTo") <= writer.now:
        raise Rejected(UserErrorCode.INVALID, Message("It must lie in the future."), "validTo")
    return valid_to
