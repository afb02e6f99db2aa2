"""Who serves the grids: grid workers, grid assistants, auxiliary police, and who answers for a grid or community."""

from datetime import date
from random import Random

from models import Duty, PersonKind
from server.demo.people import Member, Office
from server.demo.places import GAP, TEAM_STATIONS, Tree, after_opening
from server.demo.rows import Spot, stream

TEAM_GRID_WORKERS = 117
"""All the grid workers of the two townships of the report, together."""

LAST_START = date(2024, 6, 30)
"""Everything that holds today began by then."""
LATER = date(2035, 1, 1)
"""Far enough to lie ahead for as long as the demo is of use."""


def staff_grids(office: Office, tree: Tree) -> None:
    """People for every grid but those of the gap."""
    team = [c for s in TEAM_STATIONS for c in tree.communities_of(tree.stations[s]) if tree.is_residential(c)]
    team = [community for community in team if community.code != GAP]
    GridStaff(office, tree, stream("grids")).staff(team)


class GridStaff:
    """Hires for one community after the other."""

    def __init__(self, office: Office, tree: Tree, random: Random) -> None:
        self._office = office
        self._tree = tree
        self._random = random
        self._workers: dict[Spot, Member] = {}

    def staff(self, team: list[Spot]) -> None:
        """`team`: the residential communities that share the grid workers of the report."""
        self._staff_team(team)
        for community in self._tree.communities.values():
            if community.code == GAP or community in team:
                continue
            if community.station.code in TEAM_STATIONS:
                self._staff_by_assistants(community)
            else:
                self._staff_by_workers(community)
        for station in self._tree.stations.values():
            if station.parent is not None:
                self._police(station)

    def _staff_team(self, team: list[Spot]) -> None:
        """Each grid has a worker; every fifth community has one for two grids, and the largest grids have two."""
        grids = self._tree.grids
        shared = {community: grids[community.code][:2] for community in team[::5]}
        unshared = [
            grid for community in team for grid in grids[community.code] if grid not in shared.get(community, [])
        ]
        second = self._largest(unshared, TEAM_GRID_WORKERS - len(unshared) - len(shared))
        for community in team:
            workers = [self._work(community, shared[community])] if community in shared else []
            workers += [self._work(grid, [grid]) for grid in grids[community.code] if grid in unshared]
            self._answer(workers[0], community)
            self._police(community)
        for grid in second:
            self._colleague(grid)
        for community in team[1::4]:
            self._came_from_another_grid(community)

    def _largest(self, grids: list[Spot], count: int) -> list[Spot]:
        assert count >= 0
        households = {row["id"]: row["households"] for row in self._office.rows.tables["grid"]}
        return sorted(grids, key=lambda grid: (-households[grid.id], grid.id))[:count]

    def _came_from_another_grid(self, community: Spot) -> None:
        """The third grid's worker had the second until they changed."""
        former, present = self._tree.grids[community.code][1:3]
        worker = self._workers[present]
        self._office.assign(worker, former, Duty.GRID_WORKER, community.opened_on, worker.since)

    def _staff_by_assistants(self, community: Spot) -> None:
        """A village of the two townships: they have no grid workers but the team's."""
        assistants = [self._assist(grid) for grid in self._tree.grids[community.code]]
        for assistant in assistants:
            self._answer(assistant, assistant.home)
        self._answer(assistants[0], community)

    def _staff_by_workers(self, community: Spot) -> None:
        """A grid worker for each grid, here and there an assistant or an auxiliary policeman."""
        grids = self._tree.grids[community.code]
        workers = [self._work(grid, [grid]) for grid in grids]
        assistants = [self._assist(grid) for grid in grids if self._random.random() < 0.2]
        if assistants and workers[0].since < assistants[0].since:
            # The worker answered for the community until the assistant took over.
            self._answer(workers[0], community, until=assistants[0].since)
        self._answer((assistants or workers)[0], community)
        if self._random.random() < 0.15:
            self._police(community)

    def _work(self, home: Spot, grids: list[Spot]) -> Member:
        worker = self._hire(PersonKind.GRID_WORKER, home)
        for grid in grids:
            self._office.assign(worker, grid, Duty.GRID_WORKER, worker.since)
            self._answer(worker, grid)
            self._workers[grid] = worker
        return worker

    def _colleague(self, grid: Spot) -> None:
        worker = self._hire(PersonKind.GRID_WORKER, grid)
        self._office.assign(worker, grid, Duty.GRID_WORKER, worker.since)

    def _assist(self, grid: Spot) -> Member:
        assistant = self._hire(PersonKind.GRID_ASSISTANT, grid)
        self._office.assign(assistant, grid, Duty.GRID_ASSISTANT, assistant.since)
        return assistant

    def _police(self, spot: Spot) -> None:
        officer = self._hire(PersonKind.AUXILIARY_POLICE, spot)
        self._office.assign(officer, spot, Duty.AUXILIARY_POLICE, officer.since)

    def _answer(self, member: Member, spot: Spot, until: date | None = None) -> None:
        self._office.assign(member, spot, Duty.RESPONSIBLE_PERSON, member.since, until)

    def _hire(self, kind: PersonKind, home: Spot) -> Member:
        return self._office.hire(kind, home, after_opening(self._random, home, LAST_START))
