"""The groups of a statistic, as SQL: one named query that everything selected of them reads.

    WITH whole_0 AS MATERIALIZED (…), cells_0 AS (SELECT keys, measures … GROUP BY keys)

What is asked for is known only when all that is selected has been compiled, so `row`, `previous` and `whole` note what
is read of them, and `queries()` is called last. A measure that nobody reads costs nothing.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Float,
    FromClause,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    join,
    literal_column,
    null,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.types import TypeEngine

from resolvers.core.asked import Asked
from resolvers.core.grouping import COUNT, PREVIOUS, grouped
from resolvers.core.hiding import hidden, smallest
from resolvers.core.json import string
from resolvers.core.mapping import Clause, Relation
from resolvers.core.statistics import Dimension, same_keys

SORT = "sort_"
SHARE, CHANGE, ID, HIDDEN = "share", "change", "id", "hidden"
FLOAT = Float()


class Read:
    """The columns of a named query, as a row has them; what is read is noted. An absent key is null."""

    def __init__(self, cells: "Cells", source: FromClause, noted: set[str], prefix: str = "") -> None:
        self._cells, self._source, self._noted, self._prefix = cells, source, noted, prefix
        self.c = self

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        type_ = self._cells.type_of(name)
        if type_ is None:
            return cast(null(), self._cells.statistic.columns[name].kind)
        name = self._prefix + name
        self._noted.add(name)
        return literal_column(f"{self._source.name}.{name}", type_)  # type: ignore[attr-defined]


class Cells:
    """The groups of one statistic in an operation."""

    def __init__(self, asked: Asked) -> None:
        self._asked, self.statistic = asked, asked.statistic
        self.source, self._everything = table(f"cells_{asked.number}"), table(f"whole_{asked.number}")
        self._noted: set[str] = set()
        self._noted_whole: set[str] = set()
        self.row: Any = Read(self, self.source, self._noted)
        self.previous: Any = Read(self, self.source, self._noted, PREVIOUS)
        self.whole: Any = Read(self, self._everything, self._noted_whole)
        self._totalled = False
        self.compared, self.hides = asked.compared, asked.hides

    @property
    def everything(self) -> FromClause:
        """The one row of figures over everything, to select from."""
        self._totalled = True
        return self._everything

    def type_of(self, name: str) -> Any:
        """The type of a column of the groups; None for the key of a dimension that was not asked for."""
        if name.startswith(SORT):
            type_ = self.type_of(name.removeprefix(SORT))
            # In a cursor a decimal is a number as any other.
            return Float() if isinstance(type_, Numeric) else type_
        if name in self.statistic.measures:
            return self.statistic.measures[name].type
        fixed = {SHARE: Float(), CHANGE: Float(), ID: Text(), HIDDEN: Boolean()}
        if name in fixed:
            return fixed[name]
        return next((d.kind for d in self._asked.dimensions if d.column == name), None)

    @property
    def keys(self) -> list[ColumnElement[Any]] | None:
        """What orders the groups as their ids do, and they come in already; None if nothing does."""
        dimensions = self._asked.dimensions
        if not dimensions or self._asked.scope.sharded or not all(map(_ordered, dimensions)):
            return None
        keys = [self.row.c[dimension.column] for dimension in dimensions]
        return [key.collate("C") if isinstance(key.type, Text) else key for key in keys]

    def told(self) -> Clause:
        """Whether a group is in the answer: `having` lets it, and it is not held back."""
        having = self._asked.having(self.row)
        if not self.hides or self._asked.arguments.get("includeEmpty"):
            return having
        return and_(having, ~self.row.c[HIDDEN])

    @property
    def counted(self) -> Relation:
        """The rows that a group counts; the order of the statistic's own relation."""
        return Relation(lambda cell, row, *_: self._asked.holds(row, cell), order=self._asked.relation.order)

    # -- the named queries ----------------------------------------------------------------------------------------

    def queries(self) -> list[CTE]:
        """The named queries of what was noted, in the order in which they read one another."""
        self._noted.add(ID)
        wanted = self._measures(self._noted)
        if self.hides:
            wanted.add(COUNT)
        made = []
        shares = self._noted & {SHARE, SORT + SHARE}
        # Of everything nothing may be asked but its type.
        if shares or (self._totalled and not self._noted_whole):
            self._noted_whole.add(COUNT)
        if self._noted_whole:
            # Each group is joined to it.
            made.append(self._whole().cte(self._everything.name).prefix_with("MATERIALIZED"))
        cells = self._cells(wanted, shared=bool(shares)).cte(self.source.name)
        # Groups that are read once may be made by what reads them, which runs once.
        apart = self.hides or self._asked.scope.sharded
        made.append(cells.prefix_with("MATERIALIZED") if apart else cells)
        return made

    def _measures(self, noted: set[str]) -> set[str]:
        """The measures behind what was noted."""
        bare = {name.removeprefix(SORT).removeprefix(PREVIOUS) for name in noted}
        found = bare & self.statistic.measures.keys()
        if bare & {SHARE, CHANGE}:
            found.add(COUNT)
        return self.statistic.needed(found)

    def _whole(self) -> Select[Any]:
        """The one row of figures over everything, each thing counted once."""
        measures = self.statistic.needed(self._measures(self._noted_whole))
        if self.hides:
            measures.add(COUNT)
        rows = grouped(self._asked, [], measures).subquery()
        figures = self._figures(rows, measures)
        if self.hides:
            shown = ~self._few(rows.c[COUNT])
            figures = {name: case((shown, value)) for name, value in figures.items()}
        return select(*[figures[name].label(name) for name in sorted(measures)]).select_from(rows)

    def _cells(self, measures: set[str], *, shared: bool) -> Select[Any]:
        rows: Any = grouped(self._asked, self._asked.dimensions, measures)
        rows = rows.cte(f"groups_{self._asked.number}").prefix_with("MATERIALIZED") if self.hides else rows.subquery()
        keys = [rows.c[dimension.column] for dimension in self._asked.dimensions]
        figures = self._figures(rows, measures)
        columns: dict[str, ColumnElement[Any]] = {
            dimension.column: key for dimension, key in zip(self._asked.dimensions, keys, strict=True)
        }
        columns |= {ID: _text_of(self._asked.dimensions, keys), **figures}
        if self.compared:
            columns |= {PREVIOUS + name: value for name, value in self._figures(rows, measures, PREVIOUS).items()}
        joined: FromClause = rows
        if shared:
            joined = join(rows, self._everything, true())
            columns[SHARE] = _divided(rows.c[COUNT], literal_column(f"{self._everything.name}.{COUNT}", BigInteger()))
        if COUNT in measures:
            before = rows.c[PREVIOUS + COUNT] if self.compared else cast(null(), BigInteger())
            columns[CHANGE] = _divided(rows.c[COUNT] - before, before)
        columns[HIDDEN] = literal_column("false", Boolean())
        if self.hides:
            joined = self._hide(rows, joined, columns)
        for name in sorted(name for name in self._noted if name.startswith(SORT)):
            sorted_by = columns[name.removeprefix(SORT)]
            if isinstance(sorted_by.type, Numeric):
                sorted_by = cast(sorted_by, Float)
            # What a group does not have comes before what is least, which a change of -1 is.
            columns[name] = func.coalesce(sorted_by, literal_column("-2"), type_=sorted_by.type)
        kept = {d.column for d in self._asked.dimensions} | self._noted
        return select(*[value.label(name) for name, value in columns.items() if name in kept]).select_from(joined)

    def _hide(self, rows: CTE, joined: FromClause, columns: dict[str, ColumnElement[Any]]) -> FromClause:
        """Holds the figures of small groups back from who sees figures alone."""
        sizes = [COUNT, PREVIOUS + COUNT] if self.compared else [COUNT]
        found = hidden(self._asked, rows, sizes)
        keys = {ID, *(dimension.column for dimension in self._asked.dimensions)}
        for name, value in columns.items():
            if name not in keys:
                columns[name] = case((found.c[HIDDEN].is_(None), value))
        columns[HIDDEN] = found.c[HIDDEN].is_not(None)
        return joined.outerjoin(found, same_keys(self._asked.dimensions, rows, found))

    def _few(self, number: ColumnElement[Any]) -> Clause:
        """Whether a number of people is too small for who sees figures alone."""
        return and_(number > literal_column("0"), number < smallest(self._asked))

    def _figures(self, rows: FromClause, measures: set[str], prefix: str = "") -> dict[str, ColumnElement[Any]]:
        """The measures, those in proportion too, out of the aggregates; none of a few people."""
        found: dict[str, ColumnElement[Any]] = {}
        for name in sorted(measures):
            measure = self.statistic.measures[name]
            parts = measure.ratio or (name,)
            values = [rows.c[prefix + part] for part in parts]
            value = values[0] if measure.ratio is None else _divided(values[0], values[1], measure.type)
            people = [part for part in parts if self.statistic.measures[part].people and self._asked.scope.observing]
            few = [self._few(rows.c[prefix + part]) for part in people]
            found[name] = case((~or_(*few), value)) if few else value
        return found


def _divided(number: ColumnElement[Any], by: ColumnElement[Any], type_: TypeEngine[Any] = FLOAT) -> ColumnElement[Any]:
    """A proportion; null of nothing. type_: what it is, a decimal being rounded."""
    divided = cast(number, type_) / func.nullif(cast(by, type_), literal_column("0"), type_=type_)
    if not isinstance(type_, Numeric):
        return divided
    return func.round(divided, literal_column(str(type_.scale)), type_=type_)


def _ordered(dimension: Dimension) -> bool:
    """Whether keys are in the order of their texts: names, days, and keys, which are filled up with zeros."""
    return dimension.values is not None or isinstance(dimension.kind, (Date, BigInteger))


def _text_of(dimensions: list[Dimension], keys: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """What tells a group from the others, and orders them; what has no key comes last."""
    if not dimensions:
        return string("all")
    parts = []
    for dimension, key in zip(dimensions, keys, strict=True):
        text: ColumnElement[Any] = cast(key, Text)
        if isinstance(dimension.kind, BigInteger):
            text = func.lpad(text, literal_column("19"), string("0"))
        parts.append(case((key.is_(None), string("~")), else_=text))
    return func.concat_ws(string("."), *parts).collate("C")
