"""Rows that the demo lacks, for as long as a test needs them: what only they tell apart, no wrong answer shows without.

At each basic station: somebody with an odd name and no personal data, at home in a community, who serves at the station
that leads the zone and is linked to the community and to its grid; a volunteer of the hub in the station's team;
somebody whose duties there have ended, or are to come. Half of the stations are to close, with a neighbour that takes
over; each account has a grant that has ended. Accounts of communities, half of them disabled, hold a grant elsewhere,
one to come, and one that was revoked before it began.
"""

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg

from server.settings import Settings
from tests.reference import Reference

MARK = 4242
"""The version of these rows; by it they are found again."""

INSERT = f"""
CREATE TEMP TABLE stage ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY b.id)::int AS number, b.id AS basic_id, b.parent_id AS leader_id,
       c.id AS community_id, g.id AS grid_id, t.id AS team_id,
       lead(b.id, 1, b.county_id) OVER (ORDER BY b.id) AS other_id
  FROM station b
  JOIN LATERAL (SELECT min(id) AS id FROM community WHERE parent_id = b.id) c ON true
  JOIN LATERAL (SELECT min(id) AS id FROM grid WHERE parent_id = c.id) g ON true
  JOIN LATERAL (SELECT min(id) AS id FROM volunteer_team WHERE station_id = b.id) t ON true
 WHERE b.level = 'BASIC';

INSERT INTO person (place_id, path, station_id, county_id, kind, gender, version, name)
SELECT p.id, p.path, p.station_id, p.county_id, 'SOCIAL_WORKER', 'FEMALE', {MARK},
       (ARRAY[E'O\\'Brien', '"引号"', E'反\\\\斜', E'换\\n行', E'制\\t表', '🏮灯', '百%分', '下_线', ' ', E'\\u0001',
              E'\\u00e9', E'e\\u0301'])[(s.number - 1) % 12 + 1]
  FROM stage s JOIN place p ON p.id = s.community_id ORDER BY s.number;
INSERT INTO person (place_id, path, station_id, county_id, kind, gender, version, name)
SELECT p.id, p.path, p.station_id, p.county_id, 'VOLUNTEER', 'MALE', {MARK}, '同名'
  FROM stage s JOIN place p ON p.id = p.county_id ORDER BY s.number;
INSERT INTO person (place_id, path, station_id, county_id, kind, gender, version, name)
SELECT p.id, p.path, p.station_id, p.county_id, 'AUXILIARY_POLICE', 'MALE', {MARK}, '往' || s.number
  FROM stage s JOIN place p ON p.id = s.other_id ORDER BY s.number;

CREATE TEMP TABLE newcomer ON COMMIT DROP AS
SELECT id, path, kind, row_number() OVER (PARTITION BY kind ORDER BY id) AS number FROM person WHERE version = {MARK};

INSERT INTO assignment
  (place_id, path, station_id, county_id, person_id, person_path, duty, valid_from, valid_to, version)
SELECT p.id, p.path, p.station_id, p.county_id, n.id, n.path, d.duty, d.valid_from, d.valid_to, {MARK}
  FROM stage s
  JOIN LATERAL (VALUES
    ('SOCIAL_WORKER', s.leader_id, 'STATION_SOCIAL_WORKER', date '2021-03-04', NULL::date),
    ('SOCIAL_WORKER', s.community_id, 'LINKED_SOCIAL_WORKER', date '2021-03-04', date '2199-01-01'),
    ('SOCIAL_WORKER', s.grid_id, 'LINKED_SOCIAL_WORKER', date '2020-03-04', NULL),
    ('AUXILIARY_POLICE', s.community_id, 'AUXILIARY_POLICE', date '2020-01-01', date '2021-01-01'),
    ('AUXILIARY_POLICE', s.grid_id, 'AUXILIARY_POLICE', date '2199-01-01', NULL)
  ) AS d (kind, place_id, duty, valid_from, valid_to) ON true
  JOIN place p ON p.id = d.place_id
  JOIN newcomer n ON n.kind = d.kind AND n.number = s.number;

INSERT INTO team_membership (place_id, path, station_id, county_id, team_id, person_id, valid_from, version)
SELECT t.place_id, t.path, t.station_id, t.county_id, t.id, n.id, '2021-05-06', {MARK}
  FROM stage s JOIN volunteer_team t ON t.id = s.team_id
  JOIN newcomer n ON n.kind = 'VOLUNTEER' AND n.number = s.number;

INSERT INTO account (place_id, path, station_id, county_id, username, password_hash, disabled_at, version)
SELECT p.id, p.path, p.station_id, p.county_id, 'odd' || s.number, 'none',
       CASE WHEN s.number % 2 = 0 THEN timestamptz '2022-02-02Z' END, {MARK}
  FROM stage s JOIN place p ON p.id = s.community_id ORDER BY s.number;
INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role, valid_from, valid_to, version)
SELECT p.id, p.path, p.station_id, p.county_id, a.id, g.role, g.valid_from, g.valid_to, {MARK}
  FROM stage s JOIN account a ON a.username = 'odd' || s.number
  JOIN LATERAL (VALUES
    (s.other_id, 'OBSERVER', timestamptz '2021-03-04Z', NULL::timestamptz),
    (s.basic_id, 'MANAGER', '2199-01-01Z', NULL),
    (s.basic_id, 'WORKER', '2199-01-01Z', '2199-01-01Z')
  ) AS g (place_id, role, valid_from, valid_to) ON true
  JOIN place p ON p.id = g.place_id;
INSERT INTO account_grant (place_id, path, station_id, county_id, account_id, role, valid_from, valid_to, version)
SELECT a.place_id, a.path, a.station_id, a.county_id, a.id, 'WORKER', '2020-01-01', '2021-01-01', {MARK} FROM account a;

UPDATE station SET closed_on = '2199-12-31', successor_id = s.other_id, version = {MARK}
  FROM stage s WHERE s.basic_id = station.id AND s.number % 2 = 0;
"""

TABLES = ("account_grant", "account", "team_membership", "assignment", "person")
REMOVE = [
    *(f"DELETE FROM {t} WHERE version = {MARK}" for t in TABLES),
    f"UPDATE station SET closed_on = NULL, successor_id = NULL, version = 1 WHERE version = {MARK}",
]


async def insert(url: str) -> None:
    """Adds the rows, as the superuser."""
    await _run(url, [INSERT])


async def remove(url: str) -> None:
    """Takes them out again."""
    await _run(url, REMOVE)


async def _run(url: str, statements: list[str]) -> None:
    connection: Any = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def compared(database: str, settings: Settings) -> Iterator[Reference]:
    """The reference over the demo and these rows, which are there for as long as the block."""
    assert settings.personal_keys
    asyncio.run(insert(database))
    try:
        found = asyncio.run(Reference.of(database, settings.personal_keys.get_secret_value()))
        # All these rows live as long as the block: nothing is won by looking through them for garbage.
        gc.collect()
        gc.freeze()
        yield found
    finally:
        gc.unfreeze()
        asyncio.run(remove(database))
