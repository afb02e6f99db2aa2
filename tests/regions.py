"""Levels above the county, to test with: regions over counties that are alike (tests/scene.py).

N                      the nation
├── P                  a province
│   └── Y              a city
│       ├── A          a county
│       └── B          another
└── Q                  another province
    └── C              a county that no city is over
"""

from models import Role
from tests.scene import SINCE, Scene, World, Writing, fresh, key

PLANT = """
WITH above AS (SELECT p.* FROM (SELECT) AS one LEFT JOIN place p ON p.id = $1),
     made AS (INSERT INTO place (level, parent_id, parent_level, parent_path, parent_station_id, parent_county_id)
              SELECT 'REGION', id, level, path, station_id, county_id FROM above RETURNING *)
INSERT INTO station (id, path, station_id, county_id, parent_id, level, code, name, division_code, opened_on)
SELECT id, path, station_id, county_id, parent_id, level, $2, $3, $4, $5 FROM made RETURNING id
"""
DATED = (
    """INSERT INTO division_code (place_id, path, station_id, county_id, valid_from, code)
       SELECT id, path, station_id, county_id, opened_on, division_code FROM station WHERE id = $1""",
    """INSERT INTO placement (place_id, path, station_id, county_id, valid_from, parent_id)
       SELECT id, path, station_id, county_id, opened_on, parent_id FROM station WHERE id = $1 AND parent_id > 0""",
)


class Regions:
    """The public ids of the regions, by the letters above, and the counties."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids: dict[str, str] = {}
        for name, above, division in (
            ("N", None, "000000"),
            ("P", "N", "350000"),
            ("Y", "P", "350500"),
            ("Q", "N", "360000"),
        ):
            self.ids[name] = self._plant(above and self.ids[above], division)
        self.a, self.b, self.c = (world.scene(self.ids[name]) for name in ("Y", "Y", "Q"))

    def __getitem__(self, name: str) -> str:
        return self.ids[name]

    def writer(self, role: Role, at: str) -> Writing:
        """An account with a grant at a place, by its public id."""
        return self.a.writer(role, at)

    def counties(self, name: str) -> list[Scene]:
        """The counties below a region."""
        return {"N": [self.a, self.b, self.c], "P": [self.a, self.b], "Y": [self.a, self.b], "Q": [self.c]}[name]

    def code(self, id_: str) -> str:
        """The public code of a station."""
        return str(self.world.value("SELECT code FROM station WHERE id = $1", key(id_)))

    def _plant(self, above: str | None, division: str) -> str:
        station = self.world.value(PLANT, above and key(above), fresh(), fresh("区"), division, SINCE)
        for statement in DATED:
            self.world.sql(statement, station)
        return f"S{station}"
