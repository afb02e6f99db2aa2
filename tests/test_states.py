"""Every step from every state, by every role: what the machine allows is done, the rest refused without a trace.

Made by walking the machines and the mutations' cases: a machine that no mutation moves along an edge of its own fails.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from models import Role
from resolvers.core.states import MACHINES, Machine
from schema import schema
from server.embedded import Embedded
from tests.matrix import CASES, document, may
from tests.nouns import ACTIONS, BY_TYPE
from tests.nouns.base import Case, letters
from tests.scene import Scene, World, key, world

# Mutations whose name says where they lead; the others say it in `state`.
LEADS = {
    "acceptReferral": "ACCEPTED",
    "rejectReferral": "REJECTED",
    "withdrawReferral": "WITHDRAWN",
    "startReferral": "IN_PROGRESS",
    "completeReferral": "DONE",
    "closeSurvey": "CLOSED",
    "correctServiceRecord": "CORRECTED",
    "cancelServiceRecord": "CANCELLED",
}
# Edges that another mutation takes along the way: what follows from a survey.
BESIDE = {("survey", "OPEN", "FOLLOWED_UP")}
# What a state demands of the row's other columns.
BEFORE = {("sign_up", "ATTENDED"): ", hours = 2", ("consultation", "HELD"): ", minutes = '记'"}
# What a step demands to have been done: what a plan demands is settled before it is completed.
SETTLED = {"implementation_plan": "UPDATE measure SET state = 'DONE', done_on = current_date WHERE plan_id = $1"}
# What a step demands of the input beside the state.
GIVEN: dict[tuple[str, str], dict[str, Any]] = {
    ("settleSignUp", "ATTENDED"): {"hours": "1.5"},
    ("settleSignUp", "ABSENT"): {"hours": None},
    ("settleSignUp", "WITHDRAWN"): {"hours": None},
    ("settleSignUp", "SIGNED_UP"): {"hours": None},
    ("advanceConsultation", "HELD"): {"minutes": "记录"},
    ("answerInvitation", "DECLINED"): {"representative": None},
}
TABLES = {noun.table: noun.letters for noun in BY_TYPE.values()}
REFUSED = {"WRONG_STATE", "INVALID"}


def moves(table: str) -> list[str]:
    """The mutations that take a row of a table from state to state."""
    verbs = ("ADVANCE_", "SETTLE_", "ANSWER_")
    named = [name for name in CASES if ACTIONS.get(_action(name)) and ACTIONS[_action(name)].table == table]
    return [name for name in named if name in LEADS or _action(name).startswith(verbs)]


def _action(mutation: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in mutation).upper()


MOVES = [
    (table, state.value, name) for table, made in MACHINES.items() for state in made.edges for name in moves(table)
]


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("states")) as made:
        yield made


def targets(made: Machine, name: str) -> list[str]:
    """Where a mutation may be asked to lead."""
    return [LEADS[name]] if name in LEADS else [state.value for state in made.edges]


def following(made: Machine, state: str) -> set[str]:
    """The states that may follow."""
    return {after.value for before, all_ in made.edges.items() if before.value == state for after in all_}


def test_every_machine_is_moved_by_mutations() -> None:
    assert all(moves(table) for table in MACHINES)
    assert {table for table, made in MACHINES.items() if "state" not in made.model.model_fields} == set()
    state = {field for type_ in schema._schema.type_map.values() for field in getattr(type_, "fields", ())}
    assert "nextStates" in state


@pytest.mark.parametrize(("table", "state", "name"), MOVES)
def test_a_step_is_done_along_an_edge_and_refused_without_a_trace_elsewhere(
    written: World, table: str, state: str, name: str
) -> None:
    made, case, mine = MACHINES[table], CASES[name], Scene(written)
    for to in targets(made, name):
        for role in Role:
            row = placed(written, mine, case, table, state)
            given = input_of(case, mine, name, to) | {"version": row["version"]}
            unchanged = written.digest() if may(role, name) and to not in following(made, state) else None
            response = mine.writer(role, mine.here[case.at]).post(document(name), {"input": given})
            codes = refusals(response.json(), name)
            now = written.sql(f"SELECT * FROM {table} WHERE id = $1", row["id"])[0]
            if not may(role, name):
                assert (codes, now) == (["FORBIDDEN"], row)
            elif to in following(made, state):
                assert (codes, now["state"]) == ([], to)
                mine = Scene(written)
            else:
                assert set(codes) <= REFUSED, (to, role, codes)
                assert unchanged is not None
                assert set(written.changed(unchanged)) <= {"account", "account_grant"}
            assert bool(written.entries(response.headers["x-request-id"])) == (codes == [])


def placed(written: World, mine: Scene, case: Case, table: str, state: str) -> Any:
    """The row that a mutation is done to, put into a state."""
    subject = str(next(iter(case.input_of(mine).values())))
    assert letters(subject) == TABLES[table]
    sets = f"UPDATE {table} SET state = '{state}'{BEFORE.get((table, state), '')} WHERE id = $1 RETURNING *"
    if table in SETTLED:
        written.sql(SETTLED[table], key(subject))
    return written.sql(sets, key(subject))[0]


def input_of(case: Case, mine: Scene, name: str, to: str) -> dict[str, Any]:
    """A valid input that leads to a state."""
    given = case.input_of(mine) | GIVEN.get((name, to), {})
    return given if name in LEADS else given | {"state": to}


def refusals(answer: dict[str, Any], name: str) -> list[str]:
    """The codes of an answer's refusals, of the payload or of the whole."""
    if "errors" in answer:
        return [error["extensions"]["code"] for error in answer["errors"]]
    return [error["code"] for error in answer["data"][name]["errors"]]


def test_every_edge_is_some_mutations() -> None:
    taken = {(table, name) for table, _, name in MOVES}
    for table, made in MACHINES.items():
        reached = {to for of, name in taken if of == table for to in targets(made, name)}
        edges = {(state.value, after.value) for state, all_ in made.edges.items() for after in all_}
        assert {after for _, after in edges} - reached <= {to for of, _, to in BESIDE if of == table}
