"""Where something goes that may be out of scope: a referral, an invitation, a task.

A place is named by its id, as long as it is in scope, or by its public code, which any place of the county has; so has
an agency, which receives at the place that it belongs to.
"""

from dataclasses import dataclass
from typing import Any

from models import Agency
from resolvers.core.messages import Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.texts import invalid
from resolvers.core.write import Given, Row, Writer, located, toward

BY_CODE = "SELECT * FROM find_receiver($1)"
BY_DUTY = "SELECT * FROM default_receiver($1)"


@dataclass(frozen=True)
class Receiver:
    """The other end of a row. `place` has the columns of `located`; `name` is what both ends are told."""

    place: Row
    name: str
    agency_id: int | None = None
    person_id: int | None = None

    @property
    def columns(self) -> Row:
        """The columns by which a row leads there, `to_name` with them."""
        return {**toward(self.place), "to_name": self.name}


async def find_receiver(writer: Writer, given: Given) -> Receiver:
    """The place, or agency, that `to_id` or `to_code` of an input names; one of them is given. Raises Rejected."""
    public_id, code = given.get("to_id"), given.get("to_code")
    if (public_id is None) == (code is None):
        raise invalid(Message("Name it by its id or by its code."), "toId")
    if public_id is not None:
        place = await writer.find_open_place(public_id, "toId")
        return Receiver(located(place), await name_of(writer, place))
    found = await writer.connection.fetchrow(BY_CODE, code)
    if found is None:
        raise Rejected(
            UserErrorCode.NOT_FOUND, Message("There is nothing open with this code in the county."), "toCode"
        )
    return _received(found, agency_id=found["agency_id"])


async def find_agency(writer: Writer, public_id: str, field: str) -> Receiver:
    """The agency in scope that an id names, which receives where it belongs. Raises Rejected."""
    agency = await writer.find(Agency, "AG", public_id, field)
    if agency["closed_on"] is not None:
        raise invalid(Message("This agency was closed."), field)
    return Receiver(located(agency), agency["name"], agency_id=agency["id"])


async def default_receiver(writer: Writer, place: Row) -> Receiver | None:
    """Where the social worker takes referrals who is linked to a place, or to what is above it; None if nobody is."""
    found = await writer.connection.fetchrow(BY_DUTY, located(place)["place_id"])
    return found and _received(found, person_id=found["person_id"])


async def name_of(writer: Writer, place: Row) -> str:
    """The name of a place in scope."""
    name: str = await writer.connection.fetchval(NAME, located(place)["place_id"], place["county_id"])
    return name


NAME = """
SELECT name FROM station WHERE id = $1 AND county_id = $2
UNION ALL SELECT name FROM community WHERE id = $1 AND county_id = $2
UNION ALL SELECT name FROM grid WHERE id = $1 AND county_id = $2
"""


def _received(found: Any, **more: Any) -> Receiver:
    place = {name: found[name] for name in ("place_id", "path", "station_id", "county_id")}
    return Receiver(place, found["name"], **more)
