"""The places that figures are told of, found by walking up the tree."""

from collections.abc import Iterator
from typing import Any

from tests.nouns.summary import CODES, LEVELS, STATION_LEVELS
from tests.reference.tables import Row
from tests.reference.view import View


def chain(view: View, place_id: int) -> Iterator[Row]:
    """A place and those above it, the lowest first, in sight or not."""
    key: Any = place_id
    while key is not None:
        place = view.anywhere(key)
        yield place
        key = place["parent_id"]


def is_unit(view: View, place: Row, unit: str) -> bool:
    """Whether a place is a unit of a kind, and in sight."""
    if place["level"] not in LEVELS[unit] or place["id"] not in view.by_id["place"]:
        return False
    return unit not in CODES or CODES[unit].fullmatch(view.by_id["station"][place["id"]]["division_code"]) is not None


def unit_of(view: View, place_id: int, unit: str) -> int | None:
    """The unit that a place lies in, if there is one in sight."""
    above = chain(view, place_id)
    if unit == "TOWNSHIP":
        # The nearest station's, or nobody's: a station that is led belongs to none but its own township.
        above = (place for place in [next(place for place in above if place["level"] in STATION_LEVELS)])
    if unit == "GRID":
        above = iter([next(above)])
    return next((place["id"] for place in above if is_unit(view, place, unit)), None)


def units(view: View, unit: str, path: str | None) -> list[int]:
    """All units of a kind in sight; those below a path, if one is given."""
    found = [place for place in view.rows["place"] if is_unit(view, place, unit)]
    return [place["id"] for place in found if path is None or place["path"].startswith(path)]


def within(view: View, unit: str, key: int | None) -> list[str | None]:
    """A unit, after all that its figures add up to, the highest first; nothing stands for what lies in no unit."""
    wanted = {"PROVINCE": (), "CITY": ("PARENT",), "COUNTY": ("PARENT",), "ZONE": ("COUNTY",)}.get(unit)
    if wanted is None:
        wanted = ("COUNTY", "ZONE", "STATION", "COMMUNITY")[: {"TOWNSHIP": 2, "COMMUNITY": 3, "GRID": 4}[unit]]
    if key is None:
        return [None] * (len(wanted) + 1)
    above = list(chain(view, key))
    found: dict[str, Any] = {"PARENT": above[1]["id"] if len(above) > 1 else None}
    for place in reversed(above):
        found["COUNTY" if place["level"] == "HUB" else place["level"]] = place["id"]
    found["STATION"] = next(place["id"] for place in above if place["level"] in STATION_LEVELS)
    found["ZONE"] = found.get("DEMONSTRATION", found["STATION"])
    return [None if found[name] is None else str(found[name]) for name in wanted] + [str(key)]
