"""Public ids: one or two letters for the kind of row, and its key. Opaque to clients; what cannot be read
names nothing.

A malformed id, an id of another kind and an id out of scope must answer alike, so decoding never raises.
"""

import re

_ID = re.compile(r"([A-Z]{1,2})([1-9][0-9]{0,18})", re.ASCII)
_LARGEST = 2**63 - 1


def encode(prefix: str, key: int) -> str:
    """``("S", 17)`` → ``"S17"``; the compiler writes the same in SQL."""
    return f"{prefix}{key}"


def decode(value: object) -> tuple[str, int] | None:
    """``"S17"`` → ``("S", 17)``; None for anything that is not an id."""
    found = _ID.fullmatch(value) if isinstance(value, str) else None
    if found is None or (key := int(found[2])) > _LARGEST:
        return None
    return found[1], key


def key_of(value: object, prefix: str) -> int | None:
    """The key in an id of one kind; None for anything else."""
    decoded = decode(value)
    return decoded[1] if decoded and decoded[0] == prefix else None
