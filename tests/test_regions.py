"""Levels above the county: what an account at a region sees."""

from collections.abc import Iterator

import pytest

from models import Role
from schema import schema
from server.embedded import Embedded
from tests.findings import findings
from tests.guards import BOTH, CLAUSE, POLICIES, standing
from tests.harvest import Harvest, harvest
from tests.lists import CONNECTIONS, readable
from tests.oracle import Oracle, View
from tests.probes import Probes
from tests.reference.view import ROLES
from tests.regions import Regions
from tests.scene import Writing, world
from tests.test_leaks import assert_whole

CORE = schema._schema
MISSING = "S999999999"


@pytest.fixture(scope="module")
def regions(embedded: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """Regions over three counties, in a database of this module's own."""
    with world(embedded, tmp_path_factory.mktemp("regions")) as made:
        yield Regions(made)


@pytest.fixture(scope="module")
def accounts(regions: Regions) -> dict[tuple[str, Role], Writing]:
    """An account of each region and of a county's hub, by the role."""
    roles = (Role.OBSERVER, Role.MANAGER, Role.ADMINISTRATOR)
    places = {**regions.ids, "A": regions.a.here["H"]}
    return {(name, role): regions.writer(role, place) for name, place in places.items() for role in roles}


def read_oracle(regions: Regions) -> Oracle:
    """The oracle of what there is now."""
    assert regions.world.settings.personal_keys
    return Oracle.of(regions.world.url, regions.world.settings.personal_keys.get_secret_value())


@pytest.fixture(scope="module")
def oracle(regions: Regions, accounts: object) -> Oracle:
    return read_oracle(regions)


@pytest.fixture(scope="module", params=[BOTH, CLAUSE, POLICIES])
def guards(request: pytest.FixtureRequest, regions: Regions) -> Iterator[str]:
    with standing(request.param, regions.world.url) as which:
        yield which


def view_of(oracle: Oracle, asker: Writing) -> View:
    """What an account may see, by the oracle."""
    return oracle.view(asker.world.value("SELECT username FROM account WHERE id = $1", asker.account_id))


@pytest.mark.parametrize("role", [Role.OBSERVER, Role.ADMINISTRATOR])
@pytest.mark.parametrize("name", ["N", "P", "Y", "A"])
def test_every_list_has_what_is_below_and_nothing_else(
    guards: str, accounts: dict[tuple[str, Role], Writing], oracle: Oracle, name: str, role: Role
) -> None:
    asker = accounts[name, role]
    seen = view_of(oracle, asker)
    for connection, type_name in CONNECTIONS.items():
        if readable(seen, type_name):
            assert_whole(connection, type_name, lambda _, query, given=None: asker.ask(query, given), seen)


@pytest.mark.parametrize("name", ["P", "Y", "Q"])
def test_what_is_out_of_scope_answers_as_what_is_missing(
    guards: str, accounts: dict[tuple[str, Role], Writing], oracle: Oracle, name: str
) -> None:
    asker = accounts[name, Role.ADMINISTRATOR]
    hidden = [id_ for id_ in view_of(oracle, asker).hidden() if not id_.startswith("E")]
    assert len(hidden) > 50
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    for start in range(0, len(hidden), 100):
        ids = hidden[start : start + 100]
        assert asker.ask(query, {"ids": ids}) == {"nodes": [None] * len(ids)}


@pytest.fixture(scope="module")
def everything(accounts: dict[tuple[str, Role], Writing]) -> Harvest:
    """What a session of the nation's was given."""
    return harvest(CORE, lambda query: accounts["N", Role.ADMINISTRATOR].post(query).json()["data"])


def test_every_field_and_argument_with_what_is_out_of_scope(
    guards: str, regions: Regions, accounts: dict[tuple[str, Role], Writing], everything: Harvest
) -> None:
    asker = accounts["P", Role.MANAGER]
    # Read anew: what was asked with the other guards has left entries in the log.
    seen = view_of(read_oracle(regions), asker)
    held = {permission.upper().replace(":", "_") for permission in ROLES["MANAGER"]}
    failures = []
    for number, (operation, ids) in enumerate(Probes(CORE, seen, held, everything).operations()):
        if number % 7 == 0:
            variables = operation.variables(ids, 1)
            failures += findings(CORE, seen, operation.query, variables, asker.post(operation.query, variables))
    assert not failures, "\n\n".join(failures[:3])


def test_the_tree_is_cut_at_the_root_of_the_scope(regions: Regions, accounts: dict[tuple[str, Role], Writing]) -> None:
    query = """query ($id: ID!) { station(id: $id) { level parent { id } ancestors { id } }
      viewer { scope { id parent { id } } } }"""
    for name, above in (("N", ["N", "P", "Y"]), ("P", ["P", "Y"]), ("Y", ["Y"]), ("A", [])):
        found = accounts[name, Role.OBSERVER].ask(query, {"id": regions.a.here["H"]})
        assert found["station"]["level"] == "HUB"
        assert found["station"]["ancestors"] == [{"id": regions[region]} for region in above]
        assert found["station"]["parent"] == ({"id": regions["Y"]} if above else None)
        assert found["viewer"]["scope"]["parent"] is None


def test_stations_are_filtered_by_the_level_and_within_a_region(
    regions: Regions, accounts: dict[tuple[str, Role], Writing]
) -> None:
    query = """query ($id: ID!) { within: stations(where: { within: $id, level: { eq: HUB } }) { nodes { id } }
      regions: stations(where: { level: { eq: REGION } }) { nodes { id divisionCode } } }"""
    for name, below in (("N", "NPYQ"), ("P", "PY")):
        found = accounts[name, Role.OBSERVER].ask(query, {"id": regions["Y"]})
        assert {node["id"] for node in found["within"]["nodes"]} == {regions.a.here["H"], regions.b.here["H"]}
        assert {node["id"] for node in found["regions"]["nodes"]} == {regions[letter] for letter in below}
    assert accounts["P", Role.OBSERVER].ask(query, {"id": regions["Q"]})["within"]["nodes"] == []


def test_what_a_county_was_compiled_for_does_not_serve_a_region(accounts: dict[tuple[str, Role], Writing]) -> None:
    query = "{ communities { totalCount } }"
    county, city = (accounts[name, Role.OBSERVER] for name in ("A", "Y"))
    counts = [asker.ask(query)["communities"]["totalCount"] for asker in (county, city, county, city)]
    assert counts == [6, 12, 6, 12]
