"""The matrix of mutations: how a valid input of each is made of a fresh zone, and what can be done to its ids."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from models import Role
from resolvers.core.mapping import NEEDS, Write, mapping_of
from resolvers.core.permissions import PERMISSIONS, Permission
from schema import schema
from tests import nouns
from tests.nouns.base import Case, Given, letters
from tests.scene import TABLES, Scene, Zone, fresh, key

Steps = tuple[str | int, ...]


def _place(**more: Any) -> Given:
    return {"code": fresh(), "name": fresh("处"), **more}


REACHED = {"phone": "13800001111", "address": "福建省泉州市德化县浔中镇某路1号"}
COUNTED = {"divisionCode": "350526000999", "households": 30, "residents": 90}

CASES: dict[str, Case] = {
    # Stations: the hub's, for a demonstration station sees no other one.
    "createStation": Case(lambda z: _place(parentId=z["S"], divisionCode="350526999"), at="H"),
    "updateStation": Case(lambda z: {"id": z["B1"], "version": 1, "address": "新路1号"}),
    "renameStation": Case(lambda z: {"id": z["B1"], "version": 1, "name": "新站"}),
    "recodeStation": Case(lambda z: {"id": z["B1"], "version": 1, "divisionCode": "350526998"}),
    "moveStation": Case(lambda z, o: {"id": z["B1"], "version": 1, "parentId": o["S"]}, at="H", other=True),
    "closeStation": Case(lambda z: {"id": z["B1"], "version": 1, "successorId": z["B2"]}),
    "createCommunity": Case(lambda z: _place(parentId=z["B1"], kind="VILLAGE", **COUNTED)),
    "updateCommunity": Case(lambda z: {"id": z["C1"], "version": 1, "households": 7}),
    "renameCommunity": Case(lambda z: {"id": z["C1"], "version": 1, "name": "新村"}),
    "recodeCommunity": Case(lambda z: {"id": z["C1"], "version": 1, "divisionCode": "350526000997"}),
    "moveCommunity": Case(lambda z: {"id": z["C1"], "version": 1, "parentId": z["B2"]}),
    "closeCommunity": Case(lambda z: {"id": z["C1"], "version": 1, "successorId": z["C2"]}),
    "createGrid": Case(lambda z: _place(parentId=z["C1"], **COUNTED)),
    "updateGrid": Case(lambda z: {"id": z["G1"], "version": 1, "residents": 7}),
    "renameGrid": Case(lambda z: {"id": z["G1"], "version": 1, "name": "新格"}),
    "recodeGrid": Case(lambda z: {"id": z["G1"], "version": 1, "divisionCode": "350526000996"}),
    "moveGrid": Case(lambda z: {"id": z["G1"], "version": 1, "parentId": z["C2"]}),
    "closeGrid": Case(lambda z: {"id": z["G1"], "version": 1, "successorId": z["G2"]}),
    "createPerson": Case(
        lambda z: {"homeId": z["C1"], "kind": "VOLUNTEER", "name": "新人", "gender": "MALE", **REACHED}
    ),
    "updatePerson": Case(lambda z: {"id": z["P4"], "version": 1, "name": "改名", "homeId": z["C2"]}),
    "retirePerson": Case(lambda z: {"id": z["P2"], "version": 1}),
    "reinstatePerson": Case(lambda z: {"id": z["P6"], "version": 1}),
    "assignPerson": Case(
        lambda z: {
            "personId": z["P2"],
            "placeId": z["C2"],
            "duty": "LINKED_SOCIAL_WORKER",
            "validFrom": "2024-01-01",
        }
    ),
    "endAssignment": Case(lambda z: {"id": z["A1"], "version": 1}),
    "transferAssignment": Case(lambda z: {"id": z["A1"], "version": 1, "placeId": z["G3"]}),
    "createQualification": Case(
        lambda z: {
            "personId": z["P1"],
            "level": "SENIOR",
            "certificateNumber": fresh("Q"),
            "obtainedOn": "2024-01-01",
        }
    ),
    "updateQualification": Case(lambda z: {"id": z["Q1"], "version": 1, "level": "INTERMEDIATE"}),
    "createVolunteerTeam": Case(lambda z: {"placeId": z["C1"], "code": fresh(), "name": "新队"}),
    "updateVolunteerTeam": Case(lambda z: {"id": z["T1"], "version": 1, "name": "改名", "placeId": z["C2"]}),
    "addTeamMember": Case(lambda z: {"teamId": z["T1"], "personId": z["P4"], "validFrom": "2024-01-01"}),
    "endTeamMembership": Case(lambda z: {"id": z["M1"], "version": 1}),
    "createAccount": Case(
        lambda z: {"placeId": z["C1"], "username": fresh("u"), "password": "correct horse", "role": "WORKER"}
    ),
    "resetPassword": Case(lambda z: {"accountId": z["U1"], "version": 1, "newPassword": "correct horse"}),
    "disableAccount": Case(lambda z: {"id": z["U1"], "version": 1}),
    "enableAccount": Case(lambda z: {"id": z["U2"], "version": 1}),
    "grantAccount": Case(lambda z: {"accountId": z["U1"], "placeId": z["C2"], "role": "OBSERVER"}),
    "revokeGrant": Case(lambda z: {"id": z["R1"], "version": 1}),
    **nouns.CASES,
}

EXEMPT = {
    "logIn": "names no row: tests/test_sessions.py",
    "refreshSession": "names no row but the token's own: tests/test_sessions.py",
    "logOut": "ends the caller's own session: tests/test_sessions.py",
    "changePassword": "changes the caller's own: tests/test_change_password.py",
    **nouns.EXEMPT,
}
"""Mutations that write nothing which a scope holds, and why."""


def mutations() -> dict[str, Any]:
    """The mutations of the schema that write, by name."""
    return {name: field for name, field in _fields().items() if isinstance(mapping_of(field), Write)}


def unlisted() -> set[str]:
    """The mutations of the schema that have neither a row nor a reason to have none."""
    return set(_fields()) - set(CASES) - set(EXEMPT)


def _fields() -> dict[str, Any]:
    root = schema._schema.mutation_type
    assert root is not None
    return dict(root.fields)


def needs(name: str) -> Permission:
    """The permission that a mutation declares."""
    found = _fields()[name].extensions["strawberry-definition"].metadata[NEEDS]
    assert isinstance(found, Permission)
    return found


def may(role: Role, name: str) -> bool:
    """Whether a role holds the permission of a mutation."""
    return needs(name) in PERMISSIONS[role]


@cache
def document(name: str) -> str:
    """The operation of a mutation: it asks for the id of whatever the payload shows, and for the errors."""
    field = _fields()[name]
    nouns = [
        f"{noun} {{ id }}"
        for noun, of in get_named_type(field.type).fields.items()
        if "id" in getattr(get_named_type(of.type), "fields", ())
    ]
    input_type = get_named_type(field.args["input"].type).name
    selected = f"{' '.join(nouns)} errors {{ code path message }}"
    return f"mutation ($input: {input_type}!) {{ {name}(input: $input) {{ {selected} }} }}"


def id_steps(name: str, given: Given) -> list[Steps]:
    """Where in a mutation's input ids stand: the way to each, of names and of indexes into lists."""
    return list(_walk(get_named_type(_fields()[name].args["input"].type), given))


def _walk(type_: Any, value: Any, steps: Steps = ()) -> Iterator[Steps]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(type_, item, (*steps, index))
    elif isinstance(type_, GraphQLInputObjectType) and value is not None:
        for name, item in value.items():
            yield from _walk(get_named_type(type_.fields[name].type), item, (*steps, name))
    elif type_.name == "ID" and value is not None:
        yield steps


class _Named(Zone):
    """A zone in which every row's id is its name."""

    def __getitem__(self, name: str) -> str:
        return name


def names_of(name: str) -> dict[Steps, str]:
    """The rows of a zone that a mutation's valid input names, by where it does; those that a scope holds."""
    case = CASES[name]
    given = case.given(_Named(), _Named()) if case.other else case.given(_Named())
    named = {steps: value_at(given, steps) for steps in id_steps(name, given)}
    return {steps: row for steps, row in named.items() if letters(row) in (*TABLES, "B", "H")}


def value_at(given: Given, steps: Steps) -> str:
    """The id that stands there."""
    found: Any = given
    for step in steps:
        found = found[step]
    return str(found)


def replaced(given: Any, steps: Steps, value: str) -> Any:
    """The input with another id there."""
    if not steps:
        return value
    copy = list(given) if isinstance(given, list) else dict(given)
    copy[steps[0]] = replaced(given[steps[0]], steps[1:], value)  # type: ignore[index]
    return copy


def twin(public_id: str, scene: Scene, beyond: Zone) -> str | None:
    """The row of another zone that has the name which the id has in the scene's; None if it belongs to nobody."""
    for zone in scene.zones:
        if (name := zone.name(public_id)) is not None:
            return beyond[name]
    return None


STATION_ABOVE = """
SELECT 'S' || s.id FROM {table} r JOIN station s ON starts_with(r.path, s.path) AND s.level = $2 WHERE r.id = $1
"""


def station_above(scene: Scene, public_id: str, level: str) -> str | None:
    """The station of a level that a row is or belongs to."""
    table = TABLES.get(letters(public_id))
    found = table and scene.world.value(STATION_ABOVE.format(table=table), key(public_id), level)
    return str(found) if found else None
