"""Every field and argument is asked with what is out of an account's scope, and nothing of that comes back.

Three times: with both guards, and with each of them alone, then an eighteenth of the operations. They are the same for
all accounts of a role but for the ids in them, so that the two managers ask half of them each, and the workers a third.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pytest
from graphql import TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from tests.conftest import Ask
from tests.findings import findings
from tests.guards import BOTH
from tests.harvest import Harvest
from tests.leaking import ACCOUNTS, CORE, SHOWN, account
from tests.oracle import View
from tests.probes import Probes
from tests.probing import Operation
from tests.reaching import below_query

SHARES = {"hub-observer": 1, "longxun": 2, "leifeng": 2, "nanchengcun": 3, "gridworker": 3}
"""Of how many operations each account asks one, beginning with another one than its neighbours in the list."""

pytestmark = pytest.mark.usefixtures("frozen_log")


@account
def test_every_field_and_argument_with_what_is_out_of_scope(
    guards: str, username: str, post: Ask, view: Callable[[str], View], hub: Harvest, held: Callable[[str], set[str]]
) -> None:
    every = 18 if guards != BOTH else SHARES[username]
    operations = islice(
        Probes(CORE, view(username), held(username), hub).operations(), ACCOUNTS.index(username) % every, None, every
    )
    failures = probed(post, view(username), operations)
    assert not failures, "\n\n".join(failures[:SHOWN])


def probed(post: Ask, seen: View, operations: Iterable[tuple[Operation, list[str]]]) -> list[str]:
    """What the probes of an account find."""
    failures: list[str] = []
    for operation, ids in operations:
        missing: dict[str, Any] = {}
        for round_ in range(operation.rounds):
            variables = operation.variables(ids, round_)
            response = post(seen.username, operation.query, variables)
            failures += findings(CORE, seen, operation.query, variables, response)
            for alias, probe in operation.probes.items():
                found = list(under(response.json().get("data"), alias)) if response.is_success else None
                if round_ == 0:
                    missing[alias] = found
                elif probe.alike and found != missing[alias]:
                    failures.append(
                        f"{seen.username}: {alias} answers {str(found)[:200]}, and of what no row had"
                        f" {str(missing[alias])[:200]}\n{operation.query}\n{variables}"
                    )
    return failures


def under(data: Any, key: str) -> Iterator[Any]:
    """Every value that stands under a key."""
    for item in data if isinstance(data, list) else ():
        yield from under(item, key)
    for name, value in data.items() if isinstance(data, dict) else ():
        if name == key:
            yield value
        else:
            yield from under(value, key)


@account
def test_what_the_permissions_do_not_reach_is_forbidden(
    username: str, post: Ask, view: Callable[[str], View], hub: Harvest, held: Callable[[str], set[str]]
) -> None:
    for operation, ids in Probes(CORE, view(username), held(username), hub).forbidden():
        answer = post(username, operation.query, operation.variables(ids, 0)).json()
        assert list(answer["data"].values()) == [None]
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], operation.query


def test_the_probes_reach_every_field_and_argument(
    view: Callable[[str], View], hub: Harvest, held: Callable[[str], set[str]]
) -> None:
    asked: set[str] = set()
    info = TypeInfo(CORE)

    class Note(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            asked.add(f"{info.get_parent_type()}.{node.name.value}")
            asked.update(f"{info.get_parent_type()}.{node.name.value}({a.name.value}:)" for a in node.arguments or ())

        def enter_object_field(self, node: Any, *_: Any) -> None:
            asked.add(f"{info.get_parent_input_type()}.{node.name.value}".replace("!", ""))

    for operation, _ in Probes(CORE, view("leifeng"), held("leifeng"), hub).operations():
        visit(parse(operation.query), TypeInfoVisitor(info, Note()))
    assert set(reachable()) - asked == set()


def reachable() -> Iterator[str]:
    """Everything that Query leads to: fields, arguments and the fields of inputs, as schema coordinates."""
    for type_ in below_query(CORE):
        for name, field in getattr(type_, "fields", {}).items():
            yield f"{type_.name}.{name}"
            yield from (f"{type_.name}.{name}({argument}:)" for argument in getattr(field, "args", {}))
