"""How large a network is."""

from dataclasses import dataclass
from enum import StrEnum

CITIES, COUNTIES = 10, 10
"""Of a made-up province, and of a made-up city; the last ones may have fewer."""


class Scale(StrEnum):
    """What the root of the tree is."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"

    @property
    def digits(self) -> int:
        """How many digits the division code of such a place has, without the zeros at its end."""
        return {Scale.NATION: 0, Scale.PROVINCE: 2, Scale.CITY: 4, Scale.COUNTY: 6}[self]

    @property
    def real(self) -> str:
        """The digits of the place that is the root on real places: Dehua, Quanzhou, Fujian."""
        return "350526"[: self.digits]


@dataclass(frozen=True)
class Sizes:
    """How large a network is.

    counties, townships, communities: how many of them made-up places have, the latter two of each one above; real
    places are as many as there are. grids: of a community, on an average. workers: grid workers of ten grids together,
    10 to 20. records: service records of a community, on an average.
    """

    top: Scale = Scale.PROVINCE
    counties: int = 84
    townships: int = 14
    communities: int = 15
    grids: float = 2.42
    workers: int = 14
    records: int = 24


SIZES = {
    Scale.COUNTY: Sizes(Scale.COUNTY, 1),
    Scale.CITY: Sizes(Scale.CITY, COUNTIES),
    Scale.PROVINCE: Sizes(Scale.PROVINCE),
    Scale.NATION: Sizes(Scale.NATION, 3_000),
}
"""What `zhanwang demo --scale` makes."""
