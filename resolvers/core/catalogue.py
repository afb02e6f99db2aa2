"""The service catalogue as writes refer to it: each county has its own, and a region's scope covers several."""

from models import ServiceItem
from resolvers.core.messages import Message
from resolvers.core.texts import invalid
from resolvers.core.write import Row, Writer


async def find_item(writer: Writer, public_id: str, at: Row) -> Row:
    """The item that `itemId` names, of the catalogue of a place's, or a located row's, county. Raises Rejected."""
    item = await writer.find(ServiceItem, "SI", public_id, "itemId", seen=True)
    if item["county_id"] != at["county_id"]:
        raise invalid(Message("This item is in the catalogue of another county."), "itemId")
    return item
