"""What may be done to a row is told beforehand, as the mutation itself will say."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from resolvers.access import RULES, Action
from server.embedded import Embedded
from tests import nouns
from tests.matrix import CASES, document, id_steps, may, mutations, needs, value_at
from tests.nouns.base import letters
from tests.scene import Scene, World, Writing, key, world

DECISION = "query ($action: Action!, $id: ID!) { viewer { can(action: $action, id: $id) { allowed reason } } }"
ALL = sorted(Action)
UNREACHED = {
    "S": "B1",
    "C": "C1",
    "G": "G1",
    "P": "P1",
    "A": "A1",
    "Q": "Q1",
    "T": "T1",
    "M": "M1",
    "U": "U1",
    "R": "R1",
    **{noun.letters: f"{noun.letters}1" for noun in nouns.NOUNS},
}


@pytest.fixture(scope="module")
def fresh_world(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own, to write in."""
    with world(embedded, tmp_path_factory.mktemp("access")) as made:
        yield made


@pytest.fixture(scope="module")
def scene(fresh_world: World) -> Scene:
    """A scene that nothing is written in."""
    return Scene(fresh_world)


def action_of(mutation: str) -> Action:
    """``moveStation`` → MOVE_STATION."""
    return Action(re.sub(r"([A-Z])", r"_\1", mutation).upper())


def decide(asker: Any, action: Action, id_: str) -> Any:
    """The answer of `can`; its two halves agree."""
    decision = asker.ask(DECISION, {"action": action.value, "id": id_})["viewer"]["can"]
    assert decision["allowed"] == (decision["reason"] is None)
    return decision["reason"]


def subject(name: str, given: dict[str, Any]) -> str:
    """The id in a mutation's input of what it is done to: the first one."""
    return value_at(given, id_steps(name, given)[0])


def test_every_mutation_of_a_row_can_be_asked_about_and_nothing_else() -> None:
    assert {action_of(name) for name in mutations()} == set(Action) == set(RULES)


@pytest.mark.parametrize("name", sorted(CASES))
def test_an_action_needs_what_its_mutation_needs(name: str) -> None:
    assert RULES[action_of(name)].permission is needs(name)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(CASES))
def test_what_is_allowed_is_done_and_what_lacks_the_permission_is_forbidden(
    fresh_world: World, name: str, role: Role
) -> None:
    mine = Scene(fresh_world)
    case = CASES[name]
    given = case.input_of(mine)
    writer = mine.writer(role, mine.here[case.at])
    reason = decide(writer, action_of(name), subject(name, given))
    assert reason == (None if may(role, name) else "PERMISSION_MISSING")
    answer = writer.post(document(name), {"input": given}).json()
    if reason is None:
        assert answer["data"][name]["errors"] == []
    else:
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("action", ALL)
def test_what_is_out_of_scope_missing_and_malformed_is_not_found_alike(scene: Scene, action: Action) -> None:
    asker = scene.writer(Role.ADMINISTRATOR, scene.here["S"])
    letter = RULES[action].letter or "C"
    hidden = scene.there[UNREACHED[letter]]
    for id_ in (hidden, f"{letter}999999999", "gibberish", "", f"{letter}0", "K1"):
        assert decide(asker, action, id_) == "NOT_FOUND", id_
    # An id of another kind with the key of a row that there is.
    other = "G" if letter == "P" else "P"
    assert decide(asker, action, f"{other}{scene.here.key(UNREACHED[letter])}") == "NOT_FOUND"


def test_without_the_permission_no_row_is_looked_for(scene: Scene) -> None:
    asker = scene.writer(Role.OBSERVER, scene.here["S"])
    for action in ALL:
        letter = RULES[action].letter or "C"
        for id_ in (scene.here[UNREACHED[letter]], scene.there[UNREACHED[letter]], "gibberish"):
            assert decide(asker, action, id_) == "PERMISSION_MISSING"


def refusal(asker: Writing, name: str, given: dict[str, Any]) -> str:
    """The code of a mutation's one refusal."""
    (error,) = asker.ask(document(name), {"input": given})[name]["errors"]
    assert error["path"] == ["input", *map(str, id_steps(name, given)[0])]
    return str(error["code"])


STATES = [
    # mutation, what makes it so, the grant's place and role, what is told, what the mutation says
    ("moveGrid", "UPDATE grid SET closed_on = '2024-01-01' WHERE id = {G1}", "S", "CLOSED", "INVALID"),
    ("closeGrid", "UPDATE grid SET closed_on = '2024-01-01' WHERE id = {G1}", "S", "CLOSED", "INVALID"),
    ("createGrid", "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID"),
    ("createPerson", "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID"),
    ("createVolunteerTeam", "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID"),
    ("createAccount", "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID"),
    ("moveCommunity", "UPDATE community SET closed_on = '2024-01-01' WHERE id = {C1}", "S", "CLOSED", "INVALID"),
    ("closeStation", "UPDATE station SET closed_on = '2024-01-01' WHERE id = {B1}", "S", "CLOSED", "INVALID"),
    ("retirePerson", "UPDATE person SET retired_on = '2024-01-01' WHERE id = {P2}", "S", "RETIRED", "INVALID"),
    ("assignPerson", "UPDATE person SET retired_on = '2024-01-01' WHERE id = {P2}", "S", "RETIRED", "INVALID"),
    ("reinstatePerson", "UPDATE person SET retired_on = NULL WHERE id = {P6}", "S", "NOT_RETIRED", "INVALID"),
    ("transferAssignment", "UPDATE person SET retired_on = '2024-01-01' WHERE id = {P1}", "S", "RETIRED", "INVALID"),
    ("disableAccount", "UPDATE account SET disabled_at = now() WHERE id = {U1}", "S", "DISABLED", "INVALID"),
    ("grantAccount", "UPDATE account SET disabled_at = now() WHERE id = {U1}", "S", "DISABLED", "INVALID"),
    ("enableAccount", "UPDATE account SET disabled_at = NULL WHERE id = {U2}", "S", "NOT_DISABLED", "INVALID"),
    ("revokeGrant", "UPDATE account_grant SET valid_to = now() WHERE id = {R1}", "S", "ENDED", "INVALID"),
    *(
        (name, "UPDATE account_grant SET role = 'ADMINISTRATOR' WHERE id = {R1}", "S", "OUTRANKED", "FORBIDDEN")
        for name in ("revokeGrant", "resetPassword", "disableAccount")
    ),
    *nouns.STATES,
]


@pytest.mark.parametrize(("name", "sql", "at", "told", "said"), STATES)
def test_what_the_state_of_a_row_refuses_is_told(
    fresh_world: World, name: str, sql: str, at: str, told: str, said: str
) -> None:
    mine = Scene(fresh_world)
    fresh_world.sql(sql.format(**{row: key(id_) for row, id_ in mine.here.ids.items()}))
    role = Role.MANAGER if told == "OUTRANKED" else Role.ADMINISTRATOR
    asker = mine.writer(role, mine.here[at])
    given = CASES[name].input_of(mine)
    assert decide(asker, action_of(name), subject(name, given)) == told
    before = fresh_world.digest()
    assert refusal(asker, name, given) == said
    assert fresh_world.changed(before) == []


@pytest.mark.parametrize(("name", "row"), [("endAssignment", "A1"), ("endTeamMembership", "M1")])
def test_what_has_ended_cannot_end_again(fresh_world: World, name: str, row: str) -> None:
    mine = Scene(fresh_world)
    table = "assignment" if row == "A1" else "team_membership"
    fresh_world.sql(f"UPDATE {table} SET valid_to = '2024-01-01' WHERE id = $1", mine.here.key(row))
    asker = mine.writer(Role.MANAGER, mine.here["S"])
    assert decide(asker, action_of(name), mine.here[row]) == "ENDED"
    (error,) = asker.ask(document(name), {"input": {"id": mine.here[row], "version": 1}})[name]["errors"]
    assert error["code"] == "INVALID"


def test_the_root_is_neither_moved_nor_closed(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    hub, zone = (mine.writer(Role.ADMINISTRATOR, mine.here[at]) for at in ("H", "S"))
    for action in (Action.MOVE_STATION, Action.CLOSE_STATION):
        assert decide(hub, action, mine.here["H"]) == "ROOT"
        assert decide(zone, action, mine.here["S"]) == "ROOT"
    assert decide(hub, Action.MOVE_STATION, mine.here["S"]) == "WRONG_LEVEL"
    assert decide(hub, Action.CREATE_STATION, mine.here["B1"]) == "WRONG_LEVEL"
    assert decide(hub, Action.CLOSE_STATION, mine.here["S"]) is None
    # Closing it would end the grant that closes it.
    given = {"id": mine.here["S"], "version": 1, "successorId": mine.here["B1"]}
    assert zone.ask(document("closeStation"), {"input": given})["closeStation"]["errors"]


@pytest.mark.parametrize("whose", ["own", "higher"])
def test_a_place_with_a_grant_that_cannot_be_ended_is_not_closed(fresh_world: World, whose: str) -> None:
    mine = Scene(fresh_world)
    asker = mine.writer(Role.MANAGER, mine.here["S"])
    if whose == "own":
        columns = "place_id, path, station_id, county_id, account_id, role"
        fresh_world.sql(
            f"INSERT INTO account_grant ({columns})"
            " SELECT id, path, station_id, county_id, $2, 'OBSERVER' FROM place WHERE id = $1",
            mine.here.key("G1"),
            asker.account_id,
        )
    else:
        mine.writer(Role.ADMINISTRATOR, mine.here["G1"])
    assert decide(asker, Action.CLOSE_GRID, mine.here["G1"]) == "OUTRANKED"
    assert decide(asker, Action.CLOSE_GRID, mine.here["G2"]) is None
    payload = asker.ask(document("closeGrid"), {"input": CASES["closeGrid"].input_of(mine)})["closeGrid"]
    assert [error["code"] for error in payload["errors"]] == ["FORBIDDEN"]


def test_a_person_who_only_serves_here_is_seen_and_not_changed(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    elsewhere = borrow(mine)
    asker = mine.writer(Role.MANAGER, mine.here["S"])
    person = mine.there["P2"]
    for name in ("updatePerson", "retirePerson", "assignPerson", "createQualification"):
        assert decide(asker, action_of(name), person) == "SEEN_ONLY"
    assert refusal(asker, "retirePerson", {"id": person, "version": 1}) == "NOT_FOUND"
    # Their assignment is here, so it is here that it ends; but not from here that it goes elsewhere.
    assert decide(asker, Action.TRANSFER_ASSIGNMENT, elsewhere) == "PERSON_SEEN_ONLY"
    given = {"id": elsewhere, "version": 1, "placeId": mine.here["C2"]}
    assert refusal(asker, "transferAssignment", given) == "FORBIDDEN"
    assert decide(asker, Action.END_ASSIGNMENT, elsewhere) is None
    query = """query ($id: ID!) { person(id: $id) { can { update retire assign readPrivate }
      assignments { can { end transfer } } } }"""
    assert asker.ask(query, {"id": person})["person"] == {
        "can": {"update": False, "retire": False, "assign": False, "readPrivate": True},
        "assignments": [{"can": {"end": True, "transfer": False}}],
    }


def borrow(mine: Scene) -> str:
    """Lets a social worker of the other zone serve in a community here; the assignment."""
    columns = "place_id, path, station_id, county_id, person_id, person_path, duty, valid_from"
    made = mine.world.value(
        f"INSERT INTO assignment ({columns}) SELECT p.id, p.path, p.station_id, p.county_id, w.id, w.path,"
        " 'LINKED_SOCIAL_WORKER', '2021-01-01' FROM place p, person w WHERE p.id = $1 AND w.id = $2 RETURNING id",
        mine.here.key("C1"),
        mine.there.key("P2"),
    )
    return f"A{made}"


def test_an_account_does_not_administer_itself_nor_one_with_a_grant_out_of_scope(fresh_world: World) -> None:
    mine = Scene(fresh_world)
    asker = mine.writer(Role.MANAGER, mine.here["S"])
    for action in (Action.RESET_PASSWORD, Action.DISABLE_ACCOUNT, Action.GRANT_ACCOUNT):
        assert decide(asker, action, f"U{asker.account_id}") == "OWN"
    assert decide(asker, Action.RESET_PASSWORD, mine.here["U1"]) is None
    columns = "place_id, path, station_id, county_id, account_id, role"
    fresh_world.sql(
        f"INSERT INTO account_grant ({columns})"
        " SELECT id, path, station_id, county_id, $2, 'OBSERVER' FROM place WHERE id = $1",
        mine.there.key("C1"),
        mine.here.key("U1"),
    )
    assert decide(asker, Action.RESET_PASSWORD, mine.here["U1"]) == "OUTRANKED"
    assert refusal(asker, "resetPassword", CASES["resetPassword"].input_of(mine)) == "FORBIDDEN"
    query = """query ($id: ID!) { account(id: $id) { can { resetPassword disable enable grant }
      grants { can { revoke } } } }"""
    assert asker.ask(query, {"id": mine.here["U1"]})["account"] == {
        "can": {"resetPassword": False, "disable": False, "enable": False, "grant": True},
        "grants": [{"can": {"revoke": True}}],
    }


CAN = {
    "Station": {"update": "UPDATE_STATION", "close": "CLOSE_STATION", "createStation": "CREATE_STATION"},
    "Community": {"move": "MOVE_COMMUNITY", "createGrid": "CREATE_GRID"},
    "Grid": {"recode": "RECODE_GRID", "close": "CLOSE_GRID"},
    "Person": {"update": "UPDATE_PERSON", "retire": "RETIRE_PERSON", "reinstate": "REINSTATE_PERSON"},
    "Assignment": {"end": "END_ASSIGNMENT", "transfer": "TRANSFER_ASSIGNMENT"},
    "Qualification": {"update": "UPDATE_QUALIFICATION"},
    "VolunteerTeam": {"update": "UPDATE_VOLUNTEER_TEAM", "addMember": "ADD_TEAM_MEMBER"},
    "TeamMembership": {"end": "END_TEAM_MEMBERSHIP"},
    **{type_: fields for type_, fields in nouns.CAN.items() if nouns.BY_TYPE[type_].node},
}


@pytest.mark.parametrize("role", list(Role))
def test_the_buttons_of_a_page_are_what_can_says(scene: Scene, role: Role) -> None:
    asker = scene.writer(role, scene.here["S"])
    fields = " ".join(f"... on {type_} {{ can{type_}: can {{ {' '.join(names)} }} }}" for type_, names in CAN.items())
    query = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ __typename id {fields} }} }}"
    ids = [id_ for name, id_ in scene.here.ids.items() if name != "H" and nouns.LETTERS[letters(id_)] in CAN]
    nodes = asker.ask(query, {"ids": ids})["nodes"]
    assert {node["__typename"] for node in nodes} == set(CAN)
    for node in nodes:
        for name, action in CAN[node["__typename"]].items():
            allowed = node[f"can{node['__typename']}"][name]
            assert allowed == (decide(asker, Action(action), node["id"]) is None), (node["id"], action)
