"""What the payload of a mutation says."""

from typing import Any


def refusal(payload: Any) -> tuple[str, str]:
    """Code and field of a payload's one refusal; with it comes no row but the one in conflict, as it is now."""
    (error,) = payload["errors"]
    assert error["code"] == "CONFLICT" or all(payload[noun] is None for noun in payload if noun != "errors")
    return error["code"], ".".join(error["path"][1:])
