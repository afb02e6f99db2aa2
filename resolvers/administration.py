"""Accounts and grants, as those see and change them who administer them: never more than what they hold themselves.

A grant gives only what its giver holds: a role up to their own, at a place in their scope, for no longer. Who
administers an account stands in `resolvers.core.authority`; the policies of the tables hold the same rules again.
"""

from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, FromClause

from models import Account, AccountKind, Grant, Role
from resolvers.core.accounts import USERNAME, USERNAME_RULE, end_sessions
from resolvers.core.authority import administer, check_administered, claim_account, other_account
from resolvers.core.mapping import Relation
from resolvers.core.messages import Message
from resolvers.core.passwords import Passwords, weakness
from resolvers.core.permissions import PERMISSIONS
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by, found
from resolvers.core.texts import moment
from resolvers.core.write import Given, Row, Writer, located

FOUND = found("U", by_code=False)
ALL = Relation()
OF_GRANT = by("account_id")


def is_disabled(account: FromClause) -> ColumnElement[bool]:
    """What the filter `disabled` compares."""
    return account.c.disabled_at.is_not(None).self_group()


# -- writing -------------------------------------------------------------------------------------------------------

FORBIDDEN, INVALID = UserErrorCode.FORBIDDEN, UserErrorCode.INVALID


async def create_account(writer: Writer, given: Given) -> int:
    """Adds an account at a place, with a grant of a role there; the account's key."""
    place = await writer.find_open_place(given["place_id"], "placeId")
    _check_role(writer, given["role"], "role")
    username = given["username"]
    if USERNAME.fullmatch(username) is None:
        raise Rejected(INVALID, USERNAME_RULE, "username")
    kind, password, password_hash = AccountKind(given["kind"]), given.get("password"), None
    if password is not None:
        if kind is AccountKind.SERVICE:
            raise Rejected(INVALID, Message("A service account has keys, and no password."), "password")
        _check_password(password, username, "password")
        # It takes its time, so before anybody could have to wait for what is locked next.
        password_hash = await _passwords(writer).hash(password)
    await administer(writer, None)
    account = await writer.insert(Account, place, username=username, kind=kind.value, password_hash=password_hash)
    await _give(writer, account, place, given["role"], None, (await _acting(writer))["valid_to"])
    key: int = account["id"]
    return key


async def reset_password(writer: Writer, given: Given) -> int:
    """Gives another account a new password: its tokens become void, and its sessions end."""
    account = await other_account(writer, given["account_id"], "accountId")
    await check_administered(writer, account, "accountId")
    if account["kind"] == AccountKind.SERVICE:
        raise Rejected(INVALID, Message("A service account has keys, and no password."), "accountId")
    _check_password(given["new_password"], account["username"], "newPassword")
    password_hash = await _passwords(writer).hash(given["new_password"])
    account = await claim_account(writer, given["account_id"], given["version"], "accountId")
    credential_version = account["credential_version"] + 1
    await writer.change(Account, account, password_hash=password_hash, credential_version=credential_version)
    return await _shut_out(writer, account)


async def disable_account(writer: Writer, given: Given) -> int:
    """Shuts another account out from the next request on, and ends its sessions."""
    account = await claim_account(writer, given["id"], given["version"], "id")
    if account["disabled_at"] is not None:
        raise Rejected(INVALID, Message("It is disabled already."), "id")
    await writer.change(Account, account, disabled_at=writer.now)
    return await _shut_out(writer, account)


async def enable_account(writer: Writer, given: Given) -> int:
    """Lets a disabled account log in again; sessions from before stay ended."""
    account = await claim_account(writer, given["id"], given["version"], "id")
    if account["disabled_at"] is None:
        raise Rejected(INVALID, Message("It is not disabled."), "id")
    await writer.change(Account, account, disabled_at=None)
    # It may have been disabled by hand.
    return await _shut_out(writer, account)


async def grant_account(writer: Writer, given: Given) -> int:
    """Gives another account a further role at a place; the grant's key."""
    account = await other_account(writer, given["account_id"], "accountId")
    if account["disabled_at"] is not None:
        raise Rejected(INVALID, Message("It is disabled."), "accountId")
    place = await writer.find_open_place(given["place_id"], "placeId")
    role = given["role"]
    _check_role(writer, role, "role")
    await administer(writer, account["id"])
    valid_from, valid_to = await _dates(writer, given)
    begins = valid_from or writer.now
    held = {"account_id": account["id"], "place_id": place["id"], "role": Role(role).value}
    if any(_overlaps(one, begins, valid_to) for one in await writer.find_all(Grant, held)):
        raise Rejected(UserErrorCode.TAKEN, Message("The account holds this role at this place already."), "role")
    return await _give(writer, account, place, role, valid_from, valid_to)


async def revoke_grant(writer: Writer, given: Given) -> int:
    """Ends a grant from the next request on, or before it begins; the grant's key."""
    grant = await writer.find(Grant, "R", given["id"], "id")
    if grant["account_id"] == writer.identity.account_id:
        raise Rejected(FORBIDDEN, Message("It is a grant of the account in use."), "id")
    _check_role(writer, grant["role"], "id")
    await administer(writer, grant["account_id"])
    grant = await writer.claim(Grant, "R", given)
    now = writer.now
    if grant["valid_to"] is not None and grant["valid_to"] <= max(now, grant["valid_from"]):
        raise Rejected(INVALID, Message("It has ended already."), "id")
    key: int = (await writer.change(Grant, grant, valid_to=max(now, grant["valid_from"])))["id"]
    return key


async def _acting(writer: Writer) -> Row:
    """The grant that the request acts under."""
    grant = await writer.find_where(Grant, {"id": writer.identity.grant.id})
    assert grant is not None
    return grant


async def _shut_out(writer: Writer, account: Row) -> int:
    key: int = account["id"]
    await end_sessions(writer.connection, key)
    return key


async def _give(
    writer: Writer, account: Row, place: Row, role: str, valid_from: datetime | None, valid_to: datetime | None
) -> int:
    """Adds a grant; from now on if no beginning is said."""
    values: dict[str, Any] = {"role": Role(role).value, "valid_to": valid_to}
    if valid_from is not None:
        values["valid_from"] = valid_from
    given_by = writer.identity.grant.id
    grant = await writer.add(Grant, **located(place), account_id=account["id"], given_by=given_by, **values)
    writer.record(Grant, grant, None, values | {"valid_from": grant["valid_from"]})
    key: int = grant["id"]
    return key


async def _dates(writer: Writer, given: Given) -> tuple[datetime | None, datetime | None]:
    """When a new grant begins (None: now) and ends (None: it does not); never later than the grant that gives it."""
    now = writer.now
    valid_from, valid_to = given.get("valid_from"), given.get("valid_to")
    for value, field in ((valid_from, "validFrom"), (valid_to, "validTo")):
        if value is not None:
            moment(value, field)
    if valid_from is not None and valid_from < now:
        raise Rejected(INVALID, Message("It must not begin in the past."), "validFrom")
    if valid_to is not None and valid_to <= (valid_from or now):
        raise Rejected(INVALID, Message("It must end after it begins."), "validTo")
    ends = (await _acting(writer))["valid_to"]
    if ends is None:
        return valid_from, valid_to
    if valid_from is not None and valid_from >= ends:
        _outlives("validFrom", ends)
    if valid_to is not None and valid_to > ends:
        _outlives("validTo", ends)
    return valid_from, valid_to or ends


def _outlives(field: str, ends: datetime) -> NoReturn:
    raise Rejected(FORBIDDEN, Message("The acting grant ends itself at {ends}.", ends=ends.isoformat()), field)


def _overlaps(grant: Row, begins: datetime, ends: datetime | None) -> bool:
    """Whether a grant holds at any time of a span; one that was revoked before it began never did."""
    until = grant["valid_to"]
    lasts = until is None or until > max(begins, grant["valid_from"])
    return lasts and (ends is None or grant["valid_from"] < ends)


def _check_role(writer: Writer, role: str, field: str) -> None:
    """Refuses a role that holds what the acting grant does not."""
    if not PERMISSIONS[Role(role)] <= writer.identity.grant.permissions:
        raise Rejected(FORBIDDEN, Message("The role holds more than the acting grant does."), field)


def _check_password(password: str, username: str, field: str) -> None:
    if sentence := weakness(password, username):
        raise Rejected(UserErrorCode.WEAK_PASSWORD, sentence, field)


def _passwords(writer: Writer) -> Passwords:
    passwords = writer.context.passwords
    if passwords is None:
        raise RuntimeError("the server has made a context without passwords")
    return passwords
