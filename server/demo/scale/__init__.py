"""Networks of any size, made by PostgreSQL itself: `zhanwang demo --scale`, and what `benchmarks/` measures on."""

from server.demo.scale.sizes import SIZES, Scale, Sizes
from server.demo.scale.write import Occupied, check_empty, fill, renew

__all__ = ["SIZES", "Occupied", "Scale", "Sizes", "check_empty", "fill", "renew"]
