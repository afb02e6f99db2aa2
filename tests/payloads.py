"""How a mutation is asked, and what its payload says."""

from typing import Any


def mutating(mutation: str, selection: str) -> str:
    """The operation of a mutation that takes `$input`, and what of its payload is selected."""
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    return f"mutation ($input: {type_}!) {{ {mutation}(input: $input) {{ {selection} }} }}"


def refusal(payload: Any) -> tuple[str, str]:
    """Code and field of a payload's one refusal; with it comes no row but the one in conflict, as it is now."""
    (error,) = payload["errors"]
    assert error["code"] == "CONFLICT" or all(payload[noun] is None for noun in payload if noun != "errors")
    return error["code"], ".".join(error["path"][1:])
