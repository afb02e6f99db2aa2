"""What belongs to a place and goes to its successor when it is closed; what is done stays where it was done."""

from typing import Any

from sqlmodel import SQLModel

from models import (
    Account,
    Agency,
    Client,
    LeadingGroup,
    Person,
    Referral,
    ReferralState,
    Venue,
    VolunteerCall,
    VolunteerCallState,
    VolunteerTeam,
)
from resolvers.core.machines import REFERRALS, RESOLUTIONS
from resolvers.core.receivers import name_of
from resolvers.core.scope import End
from resolvers.core.write import Row, Writer, located, toward

BELONGINGS: dict[type[SQLModel], dict[str, Any]] = {
    Person: {},
    VolunteerTeam: {},
    Account: {},
    Client: {},
    LeadingGroup: {"dissolved_on": None},
    Agency: {"closed_on": None},
    Venue: {"closed_on": None},
    VolunteerCall: {"state": VolunteerCallState.OPEN.value},
}
"""Which of each table's rows belong to a place in that sense, by values of their columns."""

TAKEN_OVER = "接收地点已撤销，由转出地点承接。"
"""What is noted in a referral whose sender takes over from its receiver."""

LEADING = (REFERRALS, RESOLUTIONS)
"""What leads to a place is somebody's to do there until it is settled."""


async def belongings(writer: Writer, row: Row) -> list[tuple[type[SQLModel], Row]]:
    """What belongs to a place.

    Not locked: what the policies let nobody change must be refused when it is written, not overlooked here.
    """
    found = [
        (model, await writer.find_all(model, {"place_id": row["id"], **held})) for model, held in BELONGINGS.items()
    ]
    return [(model, one) for model, rows in found for one in rows]


async def unsettled(writer: Writer, row: Row) -> list[tuple[type[SQLModel], Row]]:
    """What is to be done at a place: what leads there and is not settled."""
    found: list[tuple[type[SQLModel], Row]] = []
    for states in LEADING:
        rows = await writer.find_all(states.model, {"to_place_id": row["id"]}, end=End.TO)
        found += [(states.model, one) for one in rows if one["state"] in states.open]
    return found


async def redirect(writer: Writer, model: type[SQLModel], one: Row, place: Row) -> None:
    """Lets a row lead to another place, which is recorded there; a referral that this place itself has sent is over."""
    if model is Referral and one["place_id"] == place["id"]:
        await REFERRALS.advance(writer, one, ReferralState.WITHDRAWN, closed_at=writer.now, outcome=TAKEN_OVER)
        return
    led = await writer.update(model, one, **toward(place), to_name=await name_of(writer, place))
    writer.record(model, led, {"to_name": one["to_name"]}, {"to_name": led["to_name"]}, at=located(place))
