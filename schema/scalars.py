"""Scalars beside GraphQL's own and Strawberry's."""

from dataclasses import replace
from decimal import Decimal
from typing import NewType

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY

BigInt = NewType("BigInt", int)

CONFIG = StrawberryConfig(
    scalar_map={
        BigInt: strawberry.scalar(
            name="BigInt",
            description="A whole number that can be larger than an Int, as a JSON number (长整数).",
            serialize=int,
            parse_value=int,
        ),
        Decimal: replace(
            DEFAULT_SCALAR_REGISTRY[Decimal],
            description="A decimal number, answered as text, so that no floating point rounds it (十进制小数).",
        ),
    }
)
"""What makes the schema know them."""
