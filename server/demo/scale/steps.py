"""What the generator's statements are made of: a step, and the SQL that they have in common.

Chance is a hash of the row's numbers, so that the same sizes make the same rows on every server.
"""

from dataclasses import dataclass

LOCATION = "place_id, path, station_id, county_id"
HERE = "p.id, p.path, p.station_id, p.county_id"
"""The same four of a place `p`."""

REGION, PROVINCE, CITY, HUB, DEMONSTRATION, BASIC, COMMUNITY, GRID = range(8)
"""The tiers of `node`, from the top down; the ids of its rows are in this order."""
STATIONS = (REGION, BASIC)


@dataclass(frozen=True)
class Step:
    """One statement.

    title: what it makes. tiers: the first and the last one from whose nodes it makes that, if it takes them piece by
    piece: from the id $1 on, below the id $2.
    """

    title: str
    statement: str
    tiers: tuple[int, int] | None = None


PIECE = "p.id >= $1 AND p.id < $2"


def chance(seed: str, below: int) -> str:
    """A whole number from 0 to `below`, exclusive, that follows from a whole number."""
    return f"((hashint8({seed}) & 2147483647) % {below})"


def any_of(characters: str, seed: str) -> str:
    """One of some characters."""
    return f"substr('{characters}', 1 + {chance(seed, len(characters))}, 1)"


def one_of(values: tuple[str, ...], seed: str) -> str:
    """One of some texts."""
    listed = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{listed}])[1 + {chance(seed, len(values))}]"
