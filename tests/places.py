"""What the tests of writing places have in common: inputs, and a fresh county with what became of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from models import Role
from server.embedded import Embedded
from tests.scene import World, Writing, fresh, key, world

TODAY = "SELECT (now() AT TIME ZONE 'Asia/Shanghai')::date"
LOCATED = """
SELECT c.relname AS name FROM pg_class c
  JOIN pg_attribute p ON p.attrelid = c.oid AND p.attname = 'path'
  JOIN pg_attribute i ON i.attrelid = c.oid AND i.attname = 'place_id'
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
STRAY = """
SELECT count(*) FROM {0} r JOIN place p ON p.id = r.place_id
 WHERE (r.path, r.station_id, r.county_id) IS DISTINCT FROM (p.path, p.station_id, p.county_id)
"""
PLACEMENTS = "SELECT parent_id, valid_from, valid_to FROM placement WHERE place_id = $1 ORDER BY id"
SEEN = "query ($id: ID!) { node(id: $id) { id } }"


def grid(parent: str, **more: Any) -> dict[str, Any]:
    counted = {"divisionCode": "350526000123", "households": 20, "residents": 61}
    return {"parentId": parent, "code": fresh(), "name": "新网格", **counted, **more}


def community(parent: str, **more: Any) -> dict[str, Any]:
    return grid(parent, name="新村", kind="VILLAGE", **more)


def station(parent: str, **more: Any) -> dict[str, Any]:
    return {"parentId": parent, "code": fresh(), "name": "新站", "divisionCode": "350526123", **more}


def done(payload: Any) -> Any:
    assert payload["errors"] == []
    return payload["row"]


class Ground:
    """A fresh county: `here` and `there` are its zones, `hub` its administrator, `manager` of the station B1."""

    def __init__(self, world: World) -> None:
        self.world, self.scene = world, world.scene()
        self.here, self.there = self.scene.zones
        self.hub = self.scene.writer(Role.ADMINISTRATOR, self.here["H"])
        self.manager = self.scene.writer(Role.MANAGER, self.here["B1"])
        self.today: date = world.value(TODAY)

    def path(self, public_id: str) -> str:
        """The path of a place."""
        found: str = self.world.value("SELECT path FROM place WHERE id = $1", key(public_id))
        return found

    def below(self, public_id: str) -> dict[str, int]:
        """How many rows of each table lie below a place, but of those that change without being written to."""
        path = self.path(public_id)
        counted = "SELECT count(*) FROM {0} WHERE starts_with(path, $1)"
        named = [name for name in self.tables() if name != "audit_entry" and not name.endswith(("_rollup", "_delta"))]
        return {name: self.world.value(counted.format(name), path) for name in named}

    def tables(self) -> list[str]:
        """The tables whose rows belong to a place."""
        return [row["name"] for row in self.world.sql(LOCATED)]

    def stray(self) -> list[str]:
        """The tables with rows whose location is not their place's."""
        return [name for name in self.tables() if self.world.value(STRAY.format(name))]

    def sees(self, writer: Writing, public_id: str) -> bool:
        """Whether an account sees a row."""
        return writer.ask(SEEN, {"id": public_id})["node"] is not None


@pytest.fixture(scope="module")
def grounds(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of the module's own."""
    with world(embedded, tmp_path_factory.mktemp("places")) as made:
        yield made


@pytest.fixture
def ground(grounds: World) -> Ground:
    """A fresh county."""
    return Ground(grounds)
