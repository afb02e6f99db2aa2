"""Rows that may come to belong to another place, what hangs on them going along."""

from sqlmodel import SQLModel

from resolvers.core.texts import needed
from resolvers.core.write import Given, Row, Writer


async def new_place(
    writer: Writer, row: Row, given: Given, name: str = "place_id", field: str = "placeId"
) -> Row | None:
    """The place that `place_id` of an update names, if that is another than the row's. Raises Rejected.

    name, field: what the input calls it, and GraphQL.
    """
    if name not in given:
        return None
    place = await writer.find_open_place(needed(given[name], field), field)
    return None if place["id"] == row["place_id"] else place


async def change_at(writer: Writer, model: type[SQLModel], row: Row, given: Given, columns: Row) -> Row:
    """Changes columns of a claimed row, and its place if another is given; the whole row as it is then. Recorded."""
    place = await new_place(writer, row, given)
    if place is None:
        return await writer.change(model, row, **columns)
    different = {name: value for name, value in columns.items() if row[name] != value}
    moved = await writer.rehome(model, row, place, **different)
    if different:
        writer.record(model, moved, {name: row[name] for name in different}, different)
    return moved
