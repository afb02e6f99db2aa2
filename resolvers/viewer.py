"""The account in use: itself, its grants, its scope."""

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, func

from resolvers.core.mapping import Relation
from resolvers.core.scope import Scope

ACCOUNT = Relation(lambda _, account, __, scope: account.c.id == scope.account)
ACTING = Relation(lambda _, grant, __, scope: grant.c.id == scope.grant)
GRANTS = Relation(
    lambda account, grant, *_: and_(
        grant.c.account_id == account.c.id, func.holds(grant.c.valid_from, grant.c.valid_to, type_=Boolean)
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
