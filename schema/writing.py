"""How a mutation is declared: one `input`, a payload of the noun and `errors`, and what performs it.

    CREATE = payload("createStation", "station", Station, "The station (社工站).")
    create_station: Any = write(CREATE, CreateStationInput, station.create, "…", Permission.PLACE_WRITE)

The payload is compiled like a query: one statement, in the transaction that has written.
"""

from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from resolvers.core.mapping import MAPPING, NEEDS, Refusals, Write, Written
from resolvers.core.permissions import Permission
from resolvers.core.write import Perform
from schema.errors import UserError
from schema.fields import PUBLIC_FIELD, argument, mapped, with_arguments

KEY = "Any text of your own; a repeat with the same key and input answers what the first answered (幂等键)."
VERSION = "The version that was seen; another one by now is refused with `CONFLICT` (版本号)."


def idempotency_key() -> Any:
    """The field `idempotencyKey` of the input of every create."""
    return strawberry.field(default=strawberry.UNSET, description=KEY)


def version() -> Any:
    """The field `version` of the input of every update."""
    return strawberry.field(description=VERSION)


def given(description: str) -> Any:
    """A field of an input that must be given."""
    return strawberry.field(description=description)


def maybe(description: str) -> Any:
    """A field of an input that may be left out: what it is then stays as it is."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def payload(mutation: str, noun: str, type_: Any, description: str) -> Any:
    """The payload type of a mutation: the row under its noun, or null if there is none to show, and `errors`."""
    name = f"{mutation[0].upper()}{mutation[1:]}Payload"
    fields = {
        noun: mapped(Written(), description, PUBLIC_FIELD),
        "errors": mapped(Refusals(), "Why it was refused; empty if it was done (业务错误).", PUBLIC_FIELD),
        "__annotations__": {noun: type_ | None, "errors": list[UserError]},
        "__doc__": f"Payload of `{mutation}`.",
    }
    return strawberry.type(type(name, (), fields), description=f"The answer of `{mutation}` (变更结果).")


def write(
    payload_type: Any, input_type: type, perform: Perform, description: str, needs: Permission, *, moves: bool = False
) -> Any:
    """A mutation; `moves` if nothing else may be written in the county meanwhile, as when it moves places.

    Nullable, so that the failure of one leaves the others of the operation standing.
    """
    field = strawberry.field(
        description=f"{description} Needs `{needs.value}`.",
        metadata={MAPPING: Write(perform, moves), NEEDS: needs},
    )
    assert isinstance(field, StrawberryField)
    field.type_annotation = StrawberryAnnotation(payload_type | None)
    return with_arguments(field, argument("input", input_type, "What to do (输入)."))
