"""Scalars beside GraphQL's own and Strawberry's."""

from typing import NewType

import strawberry
from strawberry.schema.config import StrawberryConfig

BigInt = NewType("BigInt", int)

CONFIG = StrawberryConfig(
    scalar_map={
        BigInt: strawberry.scalar(
            name="BigInt",
            description="A whole number that can be larger than an Int, as a JSON number (长整数).",
            serialize=int,
            parse_value=int,
        )
    }
)
"""What makes the schema know them."""
