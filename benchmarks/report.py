"""The table of a run, for people and for `RESULTS.md`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from rich.table import Table

from benchmarks.load import generator
from benchmarks.network import Sizes

ABOUT = """{counties} counties of {townships} township stations, {communities} communities a township, {grids} or more
grids a community, {workers} grid workers for ten grids. W1: one community with its parent and 20 grids. W2: a township
with its communities, grids and grid workers, about 1,500 leaves. W3: the first 100 grid workers by name, with their
home's name and totalCount. mixed: all of them by accounts of every level on one pool. The floor is one statement for
each, by hand, over the same tables, token, pool, guard and row-level security. Medians of interleaved rounds; CPU is
per request.
"""


@dataclass(frozen=True)
class Measured:
    """One system in one round: requests per second, latencies in ms, CPU in ms per request, failed requests."""

    rate: float
    p50: float
    p99: float
    own_cpu: float
    database_cpu: float
    errors: int


@dataclass
class Row:
    """One case with some connections: the rounds of each system."""

    title: str
    connections: int
    measured: dict[str, list[Measured]] = field(default_factory=dict)

    def middle(self, system: str, value: Callable[[Measured], float]) -> float:
        """The median of a system's rounds."""
        return median(value(each) for each in self.measured[system])

    @property
    def ratio(self) -> float:
        """The server's requests per second in the floor's; the median of the rounds' ratios."""
        pairs = zip(self.measured["server"], self.measured["floor"], strict=True)
        return median(server.rate / floor.rate for server, floor in pairs)

    @property
    def errors(self) -> int:
        """Failed requests of all systems and rounds."""
        return sum(each.errors for rounds in self.measured.values() for each in rounds)


COLUMNS = (
    "case",
    "clients",
    "requests/s",
    "floor",
    "ratio",
    "p50 ms",
    "floor",
    "p99 ms",
    "floor",
    "server CPU ms",
    "floor",
    "PostgreSQL CPU ms",
    "floor",
    "errors",
)


def _cells(row: Row) -> list[str]:
    def pair(value: Callable[[Measured], float], form: str) -> list[str]:
        return [format(row.middle(system, value), form) for system in ("server", "floor")]

    return [
        row.title,
        str(row.connections),
        *pair(lambda each: each.rate, ",.0f"),
        f"{row.ratio:.2f}",
        *pair(lambda each: each.p50, ".2f"),
        *pair(lambda each: each.p99, ".2f"),
        *pair(lambda each: each.own_cpu, ".2f"),
        *pair(lambda each: each.database_cpu, ".2f"),
        str(row.errors),
    ]


def table(rows: Sequence[Row]) -> Table:
    """The table for a terminal: each figure of the server, then the floor's."""
    made = Table(title="The server against hand-written statements (medians; CPU per request)")
    for index, name in enumerate(COLUMNS):
        made.add_column(name, justify="left" if index == 0 else "right", style="dim" if name == "floor" else "")
    for row in rows:
        made.add_row(*_cells(row), end_section=row is rows[-1] or rows[rows.index(row) + 1].title != row.title)
    return made


def markdown(rows: Sequence[Row], versions: dict[str, str], command: Sequence[str], sizes: Sizes) -> str:
    """`RESULTS.md`."""
    facts = ", ".join(f"{name} {text}" for name, text in versions.items())
    made_by = (
        f"`{' '.join(command)}` of {datetime.now(UTC):%Y-%m-%d}, load by {generator()} on the same machine: {facts}."
    )
    return "\n".join(
        [
            "# Results",
            "",
            made_by,
            "",
            ABOUT.format(**vars(sizes)),
            f"| {' | '.join(COLUMNS)} |",
            f"| --- |{' ---: |' * (len(COLUMNS) - 1)}",
            *(f"| {' | '.join(_cells(row))} |" for row in rows),
            "",
        ]
    )
