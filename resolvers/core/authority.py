"""Who may administer an account, and for how long: to the end of a transaction, whatever happens meanwhile.

An account is administered by who covers every grant that it holds or will hold, and never by itself. Each write about
one first locks the authority of its writer (`open_administration`), so that a revocation under way precedes it or waits
for it; the policies of the tables hold the same rules again.
"""

from sqlalchemy import FromClause, and_, func, or_

from models import Account
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.scope import Scope
from resolvers.core.write import Row, Stale, Writer

OPEN = "SELECT open_administration($1, $2, $3, $4, $5, $6, $7)"
ADMINISTERS = "SELECT administers($1)"


def _held(account: FromClause, row: FromClause, _: Arguments, __: Scope) -> Clause:
    to_come = or_(row.c.valid_to.is_(None), row.c.valid_to > func.greatest(func.now(), row.c.valid_from))
    return and_(row.c.account_id == account.c.id, to_come)


HELD = Relation(_held, order=("valid_from", "id"))
"""What an account has for a time: grants, identities, keys that hold, or will."""


async def administer(writer: Writer, account_id: int | None) -> None:
    """Locks the writer's authority over an account, None for one that is being made. Raises Stale if it is gone."""
    identity = writer.identity
    grant = identity.grant
    who = (identity.account_id, identity.credential_version, identity.session_id)
    state = await writer.connection.fetchval(OPEN, *who, grant.id, grant.path, grant.role.value, account_id)
    if state != "OK":
        raise Stale


async def other_account(writer: Writer, public_id: str, field: str) -> Row:
    """An account in scope that is not the one in use. Raises Rejected."""
    if ids.key_of(public_id, "U") == writer.identity.account_id:
        raise Rejected(
            UserErrorCode.FORBIDDEN,
            Message("It is the account in use; one's own password `changePassword` changes."),
            field,
        )
    return await writer.find(Account, "U", public_id, field)


async def check_administered(writer: Writer, account: Row, field: str) -> None:
    """Raises Rejected for an account that the acting grant does not administer; asked before its row is locked.

    The policies let nobody lock what they do not administer, and it would look missing.
    """
    if not await writer.connection.fetchval(ADMINISTERS, account["id"]):
        raise Rejected(
            UserErrorCode.FORBIDDEN,
            Message("The account holds, or will hold, a grant that the acting grant does not cover."),
            field,
        )


async def claim_account(writer: Writer, public_id: str, version: int, field: str) -> Row:
    """Another account that the acting grant administers, locked, as long as it is at a version. Raises Rejected."""
    account = await other_account(writer, public_id, field)
    await administer(writer, account["id"])
    await check_administered(writer, account, field)
    return await writer.claim(Account, "U", {"id": public_id, "version": version})


async def lock_owner(writer: Writer, owned: Row, field: str) -> Row:
    """The account that a row of the input belongs to, administered and locked, before that row is. Raises Rejected."""
    if owned["account_id"] == writer.identity.account_id:
        raise Rejected(UserErrorCode.FORBIDDEN, Message("It belongs to the account in use."), field)
    await administer(writer, owned["account_id"])
    await check_administered(writer, {"id": owned["account_id"]}, field)
    account = await writer.find_where(Account, {"id": owned["account_id"]}, lock=True)
    assert account is not None
    return account
