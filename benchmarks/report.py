"""The results of a run: a table for a terminal, and `RESULTS.md` with a plot."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import pygal  # type: ignore[import-untyped]
from rich.table import Table

from benchmarks import peer
from benchmarks.load import generator
from benchmarks.systems import FLOOR, LIMIT_SECONDS, SERVER

ABOUT = """W1: one community with its parent and its first 20 grids. W2: a township with its communities, grids and grid
workers. W3: the first 100 grid workers by name, with their home's name and totalCount. W4: services by field and month.
W5: the network in figures. mixed: W1 to W3 by accounts of every level on one pool. Who asks is an account at the level;
W3 to W5 are about all that it sees.

floor: one statement for each, by hand, over the same tables and kept sums, token, pool, guard and row-level security.
PostGraphile: the same tables, role and policies, and these alone, where server and floor also write the scope's range
and county into each statement, which saves W3. Its scope is a setting that it trusts, where the others check account,
session and grant in each statement; it is asked for the home in a grid alone, and it counts rows, since it knows
nothing of kept sums. All answer alike, which is checked first. Medians of interleaved rounds; CPU is per request.
"""
AGGREGATES = ("W4", "W5")
ABOVE_TOWNSHIP = ("county", "province", "nation")


@dataclass(frozen=True)
class Measured:
    """One system in one round: requests per second, latencies in ms, CPU in ms per request, failed requests."""

    rate: float
    p50: float
    p99: float
    own_cpu: float
    database_cpu: float
    errors: int


@dataclass(frozen=True)
class Row:
    """One case with some connections: the rounds of each system; none of one that did not answer in time."""

    workload: str
    title: str
    connections: int
    measured: dict[str, list[Measured]]

    def middle(self, system: str, value: Callable[[Measured], float]) -> float:
        """The median of those of a system's rounds in which it answered."""
        return median(value(each) for each in self.measured[system] if each.rate)

    def answered(self, system: str) -> bool:
        """Whether a system answered in time."""
        return any(each.rate for each in self.measured[system])

    def ratio(self, system: str) -> float:
        """The server's requests per second in another system's, at least: the median of the rounds' ratios."""
        if not self.answered(system):
            return self.middle(SERVER, lambda each: each.rate) * LIMIT_SECONDS / self.connections
        # A slow system has one round.
        pairs = zip(self.measured[SERVER], self.measured[system], strict=False)
        return median(server.rate / other.rate for server, other in pairs if other.rate)


@dataclass(frozen=True)
class Run:
    """A run: its rows, what it was made with, and how many rows there are in the network, by table."""

    rows: list[Row]
    facts: dict[str, str]
    counted: dict[str, int]


@dataclass(frozen=True)
class Aim:
    """What is to be reached in some rows: a figure of at least, or of at most."""

    title: str
    concerns: Callable[[Row], bool]
    figure: Callable[[Row], float]
    reached: Callable[[float], bool]

    def of(self, rows: Sequence[Row]) -> tuple[str, str]:
        """Whether it is reached, and where not, or what the range is."""
        found = [(self.figure(row), row) for row in rows if self.concerns(row)]
        if not found:
            return "not measured", ""
        missed = [f"{row.title}, {row.connections}: {figure:.2f}" for figure, row in found if not self.reached(figure)]
        figures = [figure for figure, _ in found]
        return ("no", "; ".join(missed)) if missed else ("yes", f"{min(figures):,.2f} to {max(figures):,.2f}")


def _has_peer(row: Row) -> bool:
    return peer.NAME in row.measured


AIMS = (
    Aim(
        "reading: at least 2.5 × PostGraphile's requests per second",
        lambda row: _has_peer(row) and row.workload not in AGGREGATES,
        lambda row: row.ratio(peer.NAME),
        lambda figure: figure >= 2.5,
    ),
    Aim(
        "aggregates of a county and above: at least 10 × PostGraphile's",
        lambda row: _has_peer(row) and row.workload in AGGREGATES and row.title.endswith(ABOVE_TOWNSHIP),
        lambda row: row.ratio(peer.NAME),
        lambda figure: figure >= 10,
    ),
    Aim("at least 0.8 of the floor's", lambda _: True, lambda row: row.ratio(FLOOR), lambda figure: figure >= 0.8),
    Aim(
        "aggregates of any scope: under 10 ms of PostgreSQL's CPU",
        lambda row: row.workload in AGGREGATES and row.connections == 1,
        lambda row: row.middle(SERVER, lambda each: each.database_cpu),
        lambda figure: figure < 10,
    ),
)

COLUMNS = (
    "case",
    "clients",
    "system",
    "requests/s",
    "server ÷",
    "p50 ms",
    "p99 ms",
    "CPU ms",
    "PostgreSQL ms",
    "errors",
)


def _cells(row: Row, system: str) -> list[str]:
    ratio = "" if system == SERVER else f"{row.ratio(system):,.2f}"
    if not row.answered(system):
        return [row.title, str(row.connections), system, "", f"> {ratio}", f"> {LIMIT_SECONDS:.0f} s", *[""] * 4]
    return [
        row.title,
        str(row.connections),
        system,
        _number(row.middle(system, lambda each: each.rate)),
        ratio,
        f"{row.middle(system, lambda each: each.p50):,.2f}",
        f"{row.middle(system, lambda each: each.p99):,.2f}",
        f"{row.middle(system, lambda each: each.own_cpu):,.2f}",
        f"{row.middle(system, lambda each: each.database_cpu):,.2f}",
        str(sum(each.errors for each in row.measured[system])),
    ]


def _number(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


def _lines(rows: Sequence[Row]) -> list[list[str]]:
    return [_cells(row, system) for row in rows for system in row.measured]


def table(rows: Sequence[Row]) -> Table:
    """The table for a terminal."""
    made = Table(title="The server, hand-written statements and PostGraphile (medians; CPU per request)")
    for name in COLUMNS:
        made.add_column(name, justify="left" if name in ("case", "system") else "right")
    for row in rows:
        for system in row.measured:
            made.add_row(*_cells(row, system), style="" if system == SERVER else "dim")
        made.add_section()
    return made


def markdown(run: Run, command: Sequence[str], picture: str) -> str:
    """`RESULTS.md`; picture: the file beside it that has the plot."""
    facts = ", ".join(f"{name} {text}" for name, text in run.facts.items())
    network = ", ".join(f"{number:,} {name}" for name, number in run.counted.items())
    return "\n".join(
        [
            "# Results",
            "",
            f"`{' '.join(command)}` of {datetime.now(UTC):%Y-%m-%d}, load by {generator()} on the same machine:",
            f"{facts}.",
            "",
            f"Rows: {network}.",
            "",
            ABOUT,
            f"![Requests per second of each case and system]({picture})",
            "",
            "| aim | reached | range, or where not (case, clients: figure) |",
            "| --- | --- | --- |",
            *(f"| {' | '.join((aim.title, *aim.of(run.rows)))} |" for aim in AIMS),
            "",
            f"| {' | '.join(COLUMNS)} |",
            f"| --- | ---: | --- |{' ---: |' * (len(COLUMNS) - 3)}",
            *(f"| {' | '.join(line)} |" for line in _lines(run.rows)),
            "",
        ]
    )


def plot(rows: Sequence[Row]) -> str:
    """Requests per second as SVG, by a logarithmic scale; a system that did not answer in time has no bar."""
    # The first is drawn lowest.
    drawn = rows[::-1]
    bars = {
        system: [row.middle(system, lambda each: each.rate) if row.answered(system) else None for row in drawn]
        for system in rows[0].measured
    }
    powers = [math.log10(rate) for found in bars.values() for rate in found if rate]
    marks = [10**power for power in range(math.floor(min(powers) - 0.01), math.ceil(max(powers)) + 1)]
    chart = pygal.HorizontalBar(
        # Without scripts of other hosts.
        js=[],
        logarithmic=True,
        # A logarithmic scale has no zero for the bars to begin at.
        zero=marks[0],
        range=(marks[0], marks[-1]),
        y_labels=marks,
        title="Requests per second",
        height=40 * len(rows) + 120,
        legend_at_bottom=True,
    )
    chart.uuid = "results"
    chart.x_labels = [f"{row.title}, {row.connections}" for row in drawn]
    for system, found in bars.items():
        chart.add(system, found)
    return str(chart.render(is_unicode=True))
