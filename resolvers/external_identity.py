"""Who accounts are at an outside issuer, linked and unlinked by who administers the account."""

from urllib.parse import urlsplit

from models import AccountKind, ExternalIdentity
from resolvers.core.accounts import end_sessions
from resolvers.core.authority import administer, check_administered, lock_owner, other_account
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.relations import by
from resolvers.core.texts import invalid, line
from resolvers.core.write import Given, Writer

ACCOUNT = by("account_id")
LONGEST = 255


async def link(writer: Writer, given: Given) -> int:
    """Lets a subject of an issuer sign in as another account, whose sessions end; the identity's key."""
    account = await other_account(writer, given["account_id"], "accountId")
    if account["kind"] == AccountKind.SERVICE:
        raise Rejected(
            UserErrorCode.INVALID, Message("A service account has keys, and nobody signs in as it."), "accountId"
        )
    issuer, subject = _issuer(writer, given.get("issuer")), line(given["subject"], "subject", LONGEST)
    await administer(writer, account["id"])
    await check_administered(writer, account, "accountId")
    values = {"issuer": issuer, "subject": subject}
    identity = await writer.insert(ExternalIdentity, account, account_id=account["id"], **values)
    # As with a new password: whoever has the account so far is to notice that somebody else may use it.
    await end_sessions(writer.connection, account["id"])
    key: int = identity["id"]
    return key


async def unlink(writer: Writer, given: Given) -> int:
    """Ends that a subject may sign in as another account, and the account's sessions; the identity's key."""
    account = await lock_owner(writer, await writer.find(ExternalIdentity, "EI", given["id"], "id"), "id")
    identity = await writer.claim(ExternalIdentity, "EI", given)
    if identity["valid_to"] is not None:
        raise Rejected(UserErrorCode.INVALID, Message("It has ended already."), "id")
    ended = await writer.change(ExternalIdentity, identity, valid_to=max(writer.now, identity["valid_from"]))
    # Which of them were opened by this subject is not kept.
    await end_sessions(writer.connection, account["id"])
    key: int = ended["id"]
    return key


def _issuer(writer: Writer, issuer: str | None) -> str:
    if issuer is None:
        if writer.context.id_tokens is None:
            raise invalid(Message("Say which one: this server is configured with none."), "issuer")
        return writer.context.id_tokens.issuer
    text = line(issuer, "issuer", LONGEST)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if not usable:
        raise invalid(
            Message("It must be a URL such as https://sso.example.org, as the issuer calls itself."), "issuer"
        )
    return text
