"""What the tests of the sums that are kept per place and month have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from server import folding, rollups
from server.embedded import Embedded
from tests.nouns.rollups import INVARIANTS
from tests.scene import Scene, World, Zone, world

FOLD = "SELECT fold_rollups(100000)"
WAITING = "SELECT (SELECT count(*) FROM service_delta) + (SELECT count(*) FROM network_delta)"
PLACE = "id, path, station_id, county_id"
LOCATION = "place_id, path, station_id, county_id"
SERVE = f"""
INSERT INTO service_record ({LOCATION}, item_id, worker_id, served_on, contacts, beneficiaries)
SELECT p.id, p.path, p.station_id, p.county_id, r.item_id, r.worker_id, $3, $4, 1
  FROM place p, service_record r WHERE p.id = $1 AND r.id = $2
"""
EMPLOY = f"""
INSERT INTO person ({LOCATION}, kind, name, gender)
SELECT {PLACE}, 'VOLUNTEER', '人', 'MALE' FROM place WHERE id = $1
"""
PLACES = ("H", "S", "B1", "B2", "C1", "C2", "C4", "G1", "G2", "G3", "G4")


@contextmanager
def unfolded(embedded: Embedded, data_dir: Path) -> Iterator[World]:
    """A database of its own, whose server folds nothing: the tests do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "SECONDS", 3600.0)
        with world(embedded, data_dir) as made:
            yield made


def wrong(written: World) -> list[Any]:
    """The sums that are not what counting gives."""
    return [tuple(row) for query in INVARIANTS.values() for row in written.sql(query)]


def furnish(scene: Scene) -> None:
    """Adds a record and a person at each place of both zones."""
    for zone in scene.zones:
        for number, name in enumerate(PLACES, start=1):
            serve(scene, zone, name, number)
            scene.world.sql(EMPLOY, zone.key(name))


def serve(scene: Scene, zone: Zone, place: str, contacts: int = 1, day: str = "2024-03-05") -> None:
    """Adds a record at a place."""
    on = scene.world.value("SELECT $1::text::date", day)
    scene.world.sql(SERVE, zone.key(place), zone.key("SR1"), on, contacts)


def totals(written: World) -> Any:
    """All sums of all places that are not zero."""
    rows = []
    for pair in rollups.PAIRS:
        keys, sums = ", ".join(pair.keys), ", ".join(f"sum({name})" for name in pair.sums)
        query = f"SELECT place_id, {keys}, {sums} FROM {pair.name}_rollup_kept GROUP BY place_id, {keys}"
        rows += [tuple(row) for row in written.sql(f"{query} HAVING ({sums}) <> (0, 0, 0)")]
    return set(rows)
