"""Which of the service items in force reach which communities: those of which a valid record was kept there, or in its
grids, in a time.

Counted from the records themselves: they are few in a community, and say when it was served last, which sums do not.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Select,
    Subquery,
    and_,
    cast,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
)

from models import ServiceItem, ServiceRecord, ServiceRecordState
from resolvers.core.arguments import Arguments
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.pages import LARGEST
from resolvers.core.relations import by, table_of
from resolvers.core.scope import Scope, beneath

ITEM = by("item_id")
ZERO: ColumnElement[int] = literal_column("0", BigInteger())


def _in_force(item: FromClause, community: FromClause, scope: Scope, asked: Arguments) -> Clause:
    """Whether an item is on a community's list: on the last day asked of, or today."""
    day = func.current_date() if asked.get("to") is None else asked.bind(Date(), "to")
    withdrawn = item.c.withdrawn_on
    listed = and_(item.c.county_id == community.c.county_id, func.starts_with(community.c.path, item.c.path))
    return and_(listed, or_(withdrawn.is_(None), withdrawn > day), scope.visible(item))


def _given(record: FromClause, community: FromClause, scope: Scope, asked: Arguments) -> Clause:
    """Whether a record says that a community was served in the time asked of."""
    clauses = [beneath(record.c.path, community.c.path), record.c.state == string(ServiceRecordState.VALID)]
    if asked.get("from") is not None:
        clauses.append(record.c.served_on >= asked.bind(Date(), "from"))
    if asked.get("to") is not None:
        clauses.append(record.c.served_on <= asked.bind(Date(), "to"))
    return and_(*clauses, scope.visible(record))


def cells(community: FromClause, scope: Scope, asked: Arguments) -> Subquery:
    """The row of a community: each item in force, by code, and what was recorded of it."""
    item, record = table_of(ServiceItem).alias(), table_of(ServiceRecord).alias()
    sums = (
        select(
            record.c.item_id,
            func.count().label("records"),
            cast(func.sum(record.c.contacts), BigInteger).label("contacts"),
            func.max(record.c.served_on).label("last_served_on"),
        )
        .where(_given(record, community, scope, asked))
        .group_by(record.c.item_id)
        .correlate_except(record)
        .subquery()
    )
    # How many there were is a figure of people; that there were any is none.
    records, contacts = [
        cast(null(), BigInteger) if scope.observing else func.coalesce(number, ZERO, type_=BigInteger())
        for number in (sums.c.records, sums.c.contacts)
    ]
    query: Select[Any] = select(
        item.c.id.label("item_id"),
        func.row_number().over(order_by=(item.c.code, item.c.id)).label("position"),
        sums.c.item_id.is_not(None).label("covered"),
        records.label("records"),
        contacts.label("contacts"),
        sums.c.last_served_on,
    )
    query = query.select_from(item.outerjoin(sums, sums.c.item_id == item.c.id))
    return query.where(_in_force(item, community, scope, asked)).correlate(community).subquery()


def _lacking(community: FromClause, scope: Scope, asked: Arguments) -> Select[Any]:
    """The items in force of which a community got nothing."""
    row = cells(community, scope, asked)
    return select(row.c.item_id).where(not_(row.c.covered)).correlate_except(row)


def _open(_: FromClause, community: FromClause, asked: Arguments, scope: Scope) -> Clause:
    open_ = community.c.closed_on.is_(None)
    return and_(open_, _lacking(community, scope, asked).exists()) if asked.get("uncoveredOnly") else open_


def _uncovered(community: FromClause, item: FromClause, arguments: Arguments, scope: Scope) -> Clause:
    assert arguments.around is not None
    return item.c.id.in_(_lacking(community, scope, arguments.around))


COMMUNITIES = Relation(_open)
ITSELF = by("id")
UNCOVERED = Relation(_uncovered, order=("code", "id"))


def covered(community: FromClause, scope: Scope, asked: Arguments) -> ColumnElement[int]:
    """How many of the items in force a community got."""
    row = cells(community, scope, asked)
    return select(func.count().filter(row.c.covered)).select_from(row).scalar_subquery()


def share(community: FromClause, scope: Scope, asked: Arguments) -> ColumnElement[float]:
    """That number in proportion to all; null if none is in force."""
    row = cells(community, scope, asked)
    number: ColumnElement[int] = func.count().filter(row.c.covered)
    return select(_divided(number, func.count())).select_from(row).scalar_subquery()


def items(everything: Select[Any], community: FromClause, scope: Scope, asked: Arguments) -> Subquery:
    """Of each item in force, by code, how many of the communities that are asked of got it."""
    every, served = (everything.with_only_columns(*(community.c[name] for name in COLUMNS)).subquery() for _ in "12")
    item, record = table_of(ServiceItem).alias(), table_of(ServiceRecord).alias()
    given = select(served.c.id, record.c.item_id).distinct()
    given = given.select_from(served.join(record, _given(record, served, scope, asked)))
    got = given.subquery()
    joined = every.join(item, _in_force(item, every, scope, asked)).outerjoin(
        got, and_(got.c.id == every.c.id, got.c.item_id == item.c.id)
    )
    number: ColumnElement[int] = func.count(got.c.id)
    query: Select[Any] = select(
        item.c.id.label("item_id"),
        func.row_number().over(order_by=(item.c.code, item.c.id)).label("position"),
        number.label("communities"),
        _divided(number, func.count()).label("share"),
    )
    query = query.select_from(joined).group_by(item.c.id, item.c.code).order_by(item.c.code, item.c.id)
    return query.limit(literal_column(str(LARGEST))).subquery()


COLUMNS = ("id", "path", "county_id")
"""What of a community says which items it has, and which records."""


def _divided(number: ColumnElement[Any], by_: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(number, Float) / func.nullif(by_, ZERO, type_=Float())
