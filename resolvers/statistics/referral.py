"""Statistics of referrals, by the place that sends them and the days on which they were sent."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Text, and_, case, cast, extract, literal_column

from models import Client, Referral, ReferralState, Urgency
from resolvers.core.json import string
from resolvers.core.machines import REFERRALS as STEPS
from resolvers.core.mapping import Clause
from resolvers.core.relations import table_of
from resolvers.core.statistics import NUMBER, Source, Statistic, by_column, distinct, holding, periods, ratio, total
from resolvers.core.units import Unit, receivers, units

SECONDS: ColumnElement[Any] = literal_column("86400")
"""How many a day has."""


def _sent(referral: FromClause) -> Any:
    return referral.c.sent_at


def _in(*states: ReferralState) -> Any:
    """The value that is 1 of a referral in one of these states."""
    return holding(lambda row: row.c.state.in_([string(state) for state in states]))


def _is_closed(row: FromClause) -> Clause:
    return row.c.closed_at.is_not(None)


def _client(source: Source) -> ColumnElement[int]:
    """The client, if they are seen: whether two referrals are about one is not for who has not accepted them."""
    client = table_of(Client).alias()
    found = source.join(client, lambda row: and_(row.c.id == source.row.c.client_id, source.scope.visible(row)))
    key: ColumnElement[int] = found.c.id
    return key


def _days(source: Source) -> ColumnElement[Any]:
    """The days, with fractions, from sending to closing."""
    taken = cast(extract("epoch", source.row.c.closed_at - source.row.c.sent_at), Numeric) / SECONDS
    return case((_is_closed(source.row), taken))


REFERRALS = Statistic(
    Referral,
    dimensions={
        **units(),
        **receivers(Unit.ZONE, Unit.TOWNSHIP, Unit.COMMUNITY, Unit.GRID),
        **periods(_sent),
        "STATE": by_column("state", Text(), ReferralState),
        "URGENCY": by_column("urgency", Text(), Urgency),
    },
    values={
        "client_id": _client,
        "open": holding(STEPS.unsettled),
        "overdue": holding(STEPS.overdue),
        "done": _in(ReferralState.DONE),
        "rejected": _in(ReferralState.REJECTED),
        "closed": holding(_is_closed),
        "days": _days,
    },
    measures={
        "count": total(NUMBER),
        "clients": distinct("client_id", people=True),
        "open": total("open"),
        "overdue": total("overdue"),
        "done": total("done"),
        "rejected": total("rejected"),
        "closed": total("closed"),
        "escalations": total("escalations"),
        "days": total("days", type_=Numeric()),
        "average_days": ratio("days", "closed"),
        "done_share": ratio("done", "count"),
    },
    period="sentAt",
    instant=True,
    personal=True,
)
