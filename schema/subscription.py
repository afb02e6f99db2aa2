"""The root fields of subscriptions: what is told while it happens, to whom it is visible when it does."""

from datetime import datetime
from types import MappingProxyType
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from models import Account as AccountRow
from models import EventNoun
from models import Place as PlaceRow
from models import Referral as ReferralRow
from resolvers import network_summary, place, viewer
from resolvers.core import events
from resolvers.core.events import LISTENS, Listens
from resolvers.core.mapping import Relation
from resolvers.core.permissions import Permission
from schema.agenda import Agenda
from schema.fields import PUBLIC_FIELD, Access, argument, entity, expression, one, same, with_arguments
from schema.network_summary import NetworkSummary
from schema.place import Place
from schema.referral import Referral

READ = Permission.PLACE_READ
WITHIN = argument("within", strawberry.ID | None, "A place in scope; only what is below it, or it (地点).")
AFTER = argument(
    "after",
    strawberry.ID | None,
    "The `eventId` that was got last: what has happened since is told first, each once (上次事件标识).",
)


def _event_id() -> Any:
    said = "The event's id; `after` takes it to go on from here (事件标识)."
    return expression(events.event_id, said, PUBLIC_FIELD)


def _at() -> Any:
    return expression(events.event_time, "When it happened (发生时间).", PUBLIC_FIELD)


def _listening(relation: Relation, description: str, needs: Access, listens: Listens, *arguments: Any) -> Any:
    field = with_arguments(one(relation, description, needs), *arguments, AFTER)
    assert isinstance(field, StrawberryField)
    field.metadata = MappingProxyType({**field.metadata, LISTENS: listens})
    return field


@entity(PlaceRow, "")
@strawberry.type(description="A place has changed, or is new in scope (地点变更).")
class PlaceChange:
    """An event of a place."""

    event_id: strawberry.ID = _event_id()
    at: datetime = _at()
    place: Place | None = one(place.ITSELF, "The place as it is now (地点).", READ)


@entity(ReferralRow, "")
@strawberry.type(description="A referral was sent, or has changed (转介变更).")
class ReferralChange:
    """An event of a referral."""

    event_id: strawberry.ID = _event_id()
    at: datetime = _at()
    referral: Referral = same("The referral as it is now (转介).")


@entity(AccountRow, "")
@strawberry.type(description="What waits for the account in use is not what it was (待办变更).")
class AgendaChange:
    """An event of the agenda."""

    event_id: strawberry.ID = _event_id()
    at: datetime = _at()
    agenda: Agenda = same("What waits for the account now (待办事项).")


@entity(PlaceRow, "")
@strawberry.type(description="The figures of a place are not what they were (概况变更).")
class StatisticsChange:
    """An event of figures."""

    event_id: strawberry.ID = _event_id()
    at: datetime = _at()
    summary: NetworkSummary = same("What the place comes to now (概况).")


@strawberry.type(description="What is told while it happens, over graphql-transport-ws or server-sent events (订阅).")
class Subscription:
    """The root of subscriptions."""

    place_changed: PlaceChange | None = _listening(
        events.TOLD_WITHIN,
        "Places in scope that are new, have changed or were moved into it, the moved place alone of all that moved"
        " with it (地点变更).",
        READ,
        Listens(frozenset({EventNoun.PLACE})),
        WITHIN,
    )
    referral_changed: ReferralChange | None = _listening(
        events.TOLD,
        "Referrals that were sent or have changed, from or to places in scope (转介变更).",
        Permission.REFERRAL_READ,
        Listens(frozenset({EventNoun.REFERRAL})),
    )
    agenda_changed: AgendaChange | None = _listening(
        viewer.ACCOUNT,
        "What waits for the account in use, whenever what is selected of it changes by something that was written; not"
        " by a day that passes (待办变更).",
        PUBLIC_FIELD,
        Listens(
            frozenset({EventNoun.PLACE, EventNoun.REFERRAL, EventNoun.TASK, EventNoun.ASSIGNMENT}),
            whole=True,
        ),
    )
    statistics_changed: StatisticsChange | None = _listening(
        network_summary.OF_PLACE,
        "What a place comes to with all below it, whenever what is selected of it changes; at most once a second"
        " (概况变更).",
        READ,
        Listens(frozenset({EventNoun.STATISTICS, EventNoun.ASSIGNMENT}), whole=True),
        argument("within", strawberry.ID | None, "The place; the scope's own if not said (地点)."),
    )
