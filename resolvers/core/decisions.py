"""What decides whether somebody may do something, as SQL over the row that it would be done to."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, any_, exists, func, literal_column, or_

from models import Account, Community, Grid, PlaceLevel, Station
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import ancestry, table_of
from resolvers.core.scope import Scope

PLACES = (Station, Community, Grid)
ABOVE_TOWNSHIPS = (PlaceLevel.REGION, PlaceLevel.HUB)
"""What the command line makes: no mutation makes, moves or closes it."""


def permitted(permission: Permission, scope: Scope) -> Clause:
    """Whether the acting grant holds a permission."""
    return string(permission.name) == any_(scope.permissions)


def closed(place_id: ColumnElement[Any], scope: Scope) -> Clause:
    """Whether a place of any kind is closed."""

    def among(table: FromClause) -> Clause:
        shut = exists().select_from(table).correlate_except(table)
        return shut.where(table.c.id == place_id, table.c.closed_on.is_not(None), scope.visible(table))

    return or_(*[among(table_of(model).alias()) for model in PLACES])


def is_top(place: FromClause, scope: Scope) -> Clause:
    """Whether what a place hangs under is not to be chosen: the root of what is seen, a hub or a region."""
    clauses = [place.c.path == scope.path, place.c.parent_id.is_(None)]
    # In a county the hub has been told by its path.
    if scope.wide and "level" in place.c:
        clauses.append(place.c.level.in_([string(level) for level in ABOVE_TOWNSHIPS]))
    return or_(*clauses)


def admitted(grant: FromClause, scope: Scope) -> Clause:
    """Whether a grant in scope can be acted under today: it holds, and its account, which is seen, is not disabled."""
    account = table_of(Account).alias()
    enabled = exists(literal_column("1")).select_from(account).correlate_except(account)
    enabled = enabled.where(account.c.id == grant.c.account_id, account.c.disabled_at.is_(None), scope.visible(account))
    return and_(scope.covers(grant), func.holds(grant.c.valid_from, grant.c.valid_to, type_=Boolean), enabled)


def reaches(grant: FromClause, path: ColumnElement[Any]) -> Clause:
    """Whether a grant's place is on a path."""
    return grant.c.place_id == any_(ancestry(path))
