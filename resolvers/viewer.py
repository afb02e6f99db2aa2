"""The account in use: itself, its grants, its scope."""

from sqlalchemy import ColumnElement, FromClause, and_, func, or_

from resolvers.core.mapping import Relation
from resolvers.core.scope import Scope

ACCOUNT = Relation(lambda _, account, __, scope: account.c.id == scope.account)
ACTING = Relation(lambda _, grant, __, scope: grant.c.id == scope.grant)
GRANTS = Relation(
    lambda account, grant, *_: and_(
        grant.c.account_id == account.c.id,
        grant.c.valid_from <= func.now(),
        or_(grant.c.valid_to.is_(None), grant.c.valid_to > func.now()),
    ),
    order=("valid_from", "id"),
)
SCOPE = Relation(lambda _, place, __, scope: place.c.path == scope.path)


def permissions(_: FromClause, scope: Scope) -> ColumnElement[list[str]]:
    """The names of the acting grant's permissions."""
    return func.array_to_json(scope.permissions)


def disabled(account: FromClause, _: Scope) -> ColumnElement[bool]:
    """Whether an account is disabled."""
    return account.c.disabled_at.is_not(None)
