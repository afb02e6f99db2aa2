"""Each invariant sees what breaks it: what the database itself would refuse is done behind its back."""

from collections.abc import Iterator

import asyncpg
import pytest

from server.embedded import Embedded
from tests import nouns
from tests.invariants import INVARIANTS, UNVERSIONED, VERSIONED, broken
from tests.scene import Scene, World, world

# Foreign keys rest, and with them the cascades; checks, keys and exclusions are taken away below.
REST = "SET LOCAL session_replication_role = replica"
UNGUARDED = """
DO $$
DECLARE
  held record;
BEGIN
  FOR held IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
               WHERE contype IN ('c', 'x') AND connamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', held.name, held.conname);
  END LOOP;
END $$
"""
LOGGED = "(place_id, path, station_id, county_id, request_id, action, noun, row_id, after)"
COPY = "place_id, path, station_id, county_id"
BREAKS = {
    "a place is one node of its level": "DELETE FROM grid WHERE id = {G2}",
    "the places are a tree": "UPDATE place SET parent_path = '9.' WHERE id = {B1}",
    "a station's level follows from its parent's": (
        "UPDATE place SET parent_id = {H} WHERE id = {B1}; UPDATE station SET parent_id = {H} WHERE id = {B1}"
    ),
    "an open place hangs where its placement says": "UPDATE placement SET parent_id = {C2} WHERE place_id = {G1}",
    "a placement of today is the one that has not ended": (
        "UPDATE placement SET valid_from = current_date + 9 WHERE place_id = {G1}"
    ),
    "placements follow one another without a gap": (
        f"INSERT INTO placement ({COPY}, parent_id, valid_from, valid_to)"
        f" SELECT {COPY}, parent_id, '2019-01-01', '2020-01-01' FROM placement WHERE place_id = {{G1}}"
    ),
    "a closed place hangs nowhere after its end": "UPDATE grid SET closed_on = '2022-01-01' WHERE id = {G2}",
    "nothing open hangs below a closed place": "UPDATE community SET closed_on = '2022-01-01' WHERE id = {C1}",
    "nothing belongs to a closed place": "UPDATE community SET closed_on = '2022-01-01' WHERE id = {C1}",
    "no duty and no grant goes on at a closed place": "UPDATE grid SET closed_on = '2022-01-01' WHERE id = {G1}",
    "a successor took over for a closed place": "UPDATE grid SET successor_id = {C1} WHERE id = {G1}",
    "placements do not overlap": f"INSERT INTO placement ({COPY}, parent_id, valid_from)"
    f" SELECT {COPY}, parent_id, valid_from FROM placement WHERE place_id = {{G1}}",
    "division codes do not overlap": f"INSERT INTO division_code ({COPY}, code, valid_from)"
    f" SELECT {COPY}, code, valid_from FROM division_code WHERE place_id = {{G1}}",
    "assignments do not overlap": f"INSERT INTO assignment ({COPY}, person_id, person_path, duty, valid_from)"
    f" SELECT {COPY}, person_id, person_path, duty, valid_from FROM assignment WHERE id = {{A2}}",
    "memberships do not overlap": f"INSERT INTO team_membership ({COPY}, team_id, person_id, valid_from)"
    f" SELECT {COPY}, team_id, person_id, valid_from FROM team_membership WHERE id = {{M1}}",
    "a place has one responsible person a day": (
        f"INSERT INTO assignment ({COPY}, person_id, person_path, duty, valid_from)"
        f" SELECT {COPY}, {{P2}}, person_path, duty, valid_from FROM assignment WHERE id = {{A1}}"
    ),
    "an account holds a role at a place once": f"INSERT INTO account_grant ({COPY}, account_id, role, given_by)"
    f" SELECT {COPY}, account_id, role, {{R1}} FROM account_grant, generate_series(1, 2) WHERE id = {{R1}}",
    "a place's code is the one that has not ended": "UPDATE grid SET division_code = '350526999999' WHERE id = {G1}",
    "what a person has is where the person is": "UPDATE qualification SET path = '9.' WHERE id = {Q1}",
    "a membership is where the team is": "UPDATE volunteer_team SET path = '9.' WHERE id = {T1}",
    "an assignment knows where its person is": "UPDATE person SET path = '9.' WHERE id = {P1}",
    "who is retired serves no more where they were at home": (
        "UPDATE person SET retired_on = current_date WHERE id = {P3}"
    ),
    "a grant is given to another, and no role above the giver's": (
        "UPDATE account_grant SET given_by = id WHERE id = {R1}"
    ),
    "a grant's giver covered its place": (
        "UPDATE account_grant SET given_by = (SELECT max(id) FROM account_grant WHERE NOT starts_with(path, '1.2.'))"
        " WHERE id = {R1}"
    ),
    "a disabled account has no open session": (
        "INSERT INTO session (account_id, created_at, expires_at) VALUES ({U2}, now() - interval '1 h', now());"
        f" INSERT INTO audit_entry {LOGGED} SELECT {COPY}, 'r', 'disableAccount', 'account', id, '[]' FROM account"
        " WHERE id = {U2}"
    ),
    "an idempotency key names the row that it made": (
        "INSERT INTO idempotency_key (account_id, key, action, digest, row_id) VALUES ({U1}, 'k', 'createGrid', '', 1)"
    ),
    "an entry's grid exists": (
        f"INSERT INTO audit_entry {LOGGED} SELECT id, path, station_id, county_id, 'r', 'createGrid', 'grid', 0, '[]'"
        " FROM place WHERE id = {G1}"
    ),
    "every version of a grid is in the log": "UPDATE grid SET version = 2 WHERE id = {G1}",
    **nouns.BREAKS,
}


@pytest.fixture(scope="module")
def written(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("invariants")) as made:
        yield made


@pytest.fixture(scope="module")
def scene(written: World) -> Scene:
    """A scene in which everything holds, and nothing guards it from now on."""
    made = written.scene()
    assert written.run(broken(written.connection)) == {}
    written.run(written.connection.execute(UNGUARDED))
    return made


def test_every_invariant_is_broken_here() -> None:
    # One sentence for each noun; that of a grid stands for all.
    alike = {
        name.replace("grid", noun) for name in BREAKS for noun in (*VERSIONED, *UNVERSIONED, "station", "community")
    }
    assert set(INVARIANTS) <= set(BREAKS) | alike


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_an_invariant_is_found(written: World, scene: Scene, name: str) -> None:
    keys = {row: scene.here.key(row) for row in scene.here.ids}

    async def look() -> dict[str, object]:
        connection = await asyncpg.connect(written.url)
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute(f"{REST}; {BREAKS[name].format(**keys)}")
            return dict(await broken(connection))
        finally:
            await transaction.rollback()
            await connection.close()

    assert name in written.run(look())
