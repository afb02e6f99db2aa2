"""What may be done to a row is told beforehand, and as the mutation itself will say; who sees a row, and why."""

from typing import Any

import pytest

from tests.conftest import Ask

PLACES = """{ stations(first: 30) { nodes { id level parent { id } can { update recode move close createStation
  createCommunity } } } }"""
CAN = "query ($action: Action!, $id: ID!) { viewer { can(action: $action, id: $id) { allowed reason } } }"


def test_try(ask: Ask) -> None:
    for who in ("hub", "longxun", "hub-observer"):
        print(ask(who, PLACES)["stations"]["nodes"][:4])
    ids = [n["id"] for n in ask("hub", PLACES)["stations"]["nodes"]]
    for who in ("hub", "longxun", "hub-observer"):
        print([ask(who, CAN, {"action": a, "id": i})["viewer"]["can"] for a in ("MOVE_STATION","CREATE_STATION","MOVE_GRID") for i in (ids[0], ids[3], ids[-1])])
    assert 0
