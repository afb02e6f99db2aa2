"""The groups of a statistic, as SQL: one named query that everything selected of them reads.

    WITH cells_0 AS MATERIALIZED (SELECT keys, measures … GROUP BY keys), whole_0 AS MATERIALIZED (…)

What is asked for is known only when all that is selected has been compiled, so `row`, `previous` and `whole` note what
is read of them, and `queries()` is called last. A measure that nobody reads costs nothing.
"""

from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLInputObjectType
from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
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
    union_all,
)
from sqlalchemy.types import TypeEngine

from models import Role
from resolvers.core.arguments import Arguments
from resolvers.core.domains import domain
from resolvers.core.errors import BadInput
from resolvers.core.filters import Filters
from resolvers.core.hiding import hidden, smallest
from resolvers.core.json import string
from resolvers.core.kept import Sums
from resolvers.core.mapping import Clause, Relation
from resolvers.core.permissions import Permission
from resolvers.core.scope import Scope
from resolvers.core.span import Span
from resolvers.core.statistics import NUMBER, PAST, Dimension, Measure, Source, Statistic, Values, nothing

COUNT = "count"
PREVIOUS, SORT = "previous_", "sort_"
SHARE, CHANGE, ID, HIDDEN = "share", "change", "id", "hidden"
FLOAT = Float()
MAX_DIMENSIONS = 4

Need = Callable[[Permission], None]


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
    """The groups of one statistic in an operation.

    relation: of the rows. filter_type, having_type: the inputs of `where` and `having`. number: tells its named queries
    from those of others.
    """

    def __init__(
        self,
        statistic: Statistic,
        relation: Relation,
        arguments: Arguments,
        types: tuple[GraphQLInputObjectType, GraphQLInputObjectType],
        scope: Scope,
        need: Need,
        number: int,
    ) -> None:
        self.statistic, self._relation, self.arguments, self.scope, self._need = (
            statistic,
            relation,
            arguments,
            scope,
            need,
        )
        self._filter_type, self._having_type = types
        self.dimensions = self._asked()
        self._number = number
        self.source, self.everything = table(f"cells_{number}"), table(f"whole_{number}")
        self._noted: set[str] = set()
        self._noted_whole: set[str] = set()
        self.row: Any = Read(self, self.source, self._noted)
        self.previous: Any = Read(self, self.source, self._noted, PREVIOUS)
        self.whole: Any = Read(self, self.everything, self._noted_whole)
        self.compared = arguments.get("compareTo") is not None
        self.span = Span.of(statistic, arguments) if self.compared else None
        self._check_where()

    def _asked(self) -> list[Dimension]:
        names = dict.fromkeys(item.value for item in self.arguments.get("groupBy") or ())
        found = [self.statistic.dimensions[name] for name in names]
        if len(found) > MAX_DIMENSIONS:
            raise BadInput(f"Group by {MAX_DIMENSIONS} dimensions at the most.")
        kinds = [dimension.column for dimension in found if dimension.unit]
        if len(kinds) > len(set(kinds)):
            raise BadInput("Group by one kind of places at the most; a place says itself what is above it.")
        for dimension in found:
            if dimension.needs is not None:
                self._need(dimension.needs)
        return found

    def _check_where(self) -> None:
        """Filters that could tell one row from the others are not for who sees figures alone."""
        where = self.arguments.get("where") or {}
        asked = {name for name, value in where.items() if value is not None} - {self.statistic.period}
        if asked and self.statistic.personal:
            self._need(Permission.PERSON_READ)

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
        return next((d.kind for d in self.dimensions if d.column == name), None)

    # -- what is asked of the groups ------------------------------------------------------------------------------

    def having(self) -> Clause:
        """The clause of `having`."""
        if self.arguments.get("having") is None:
            return true()
        return Filters(self.arguments, self.row, self.scope, self._need).clause(self._having_type, "having")

    @property
    def counted(self) -> Relation:
        """The rows that a group counts; the order of its own relation."""
        return Relation(lambda cell, row, *_: self.holds(row, cell), order=self._relation.order)

    def holds(self, row: FromClause, cell: Any) -> Clause:
        """Whether a row of the noun is among those that a group counts."""
        keys = [dimension.holds(row, cell.c[dimension.column], self.scope) for dimension in self.dimensions]
        return and_(self._counted(row), *keys)

    def _counted(self, row: FromClause, *, past: bool = False) -> Clause:
        """Whether the statistic counts a row, but for what is visible."""
        clauses: list[Clause] = []
        if self._relation.on is not None:
            clauses.append(self._relation.on(None, row, self.arguments, self.scope))  # type: ignore[arg-type]
        if self.arguments.get("where") is not None:
            shift = {self.statistic.period: self.span.earlier} if past and self.span else {}
            filters = Filters(self.arguments, row, self.scope, self._need, shift)
            clauses.append(filters.clause(self._filter_type, "where"))
        return and_(true(), *clauses)

    # -- the named queries ----------------------------------------------------------------------------------------

    def queries(self) -> list[CTE]:
        """The named queries of what was noted, in the order in which they read one another."""
        self._noted.add(ID)
        wanted = self._measures(self._noted)
        if self.statistic.personal:
            wanted.add(COUNT)
        made = []
        shares = self._noted & {SHARE, SORT + SHARE}
        if shares:
            self._noted_whole.add(COUNT)
        if self._noted_whole:
            made.append(self._named(self.everything, self._whole()))
        made.append(self._named(self.source, self._cells(wanted, shared=bool(shares))))
        return made

    def _named(self, source: Any, query: Select[Any]) -> CTE:
        return query.cte(source.name).prefix_with("MATERIALIZED")

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
        if self.statistic.personal:
            measures.add(COUNT)
        rows = self._grouped([], measures).subquery()
        figures = self._figures(rows, measures)
        if self.statistic.personal:
            few = and_(self.scope.role == string(Role.OBSERVER), rows.c[COUNT] > 0, rows.c[COUNT] < smallest(self))
            figures = {name: case((~few, value)) for name, value in figures.items()}
        return select(*[figures[name].label(name) for name in sorted(measures)]).select_from(rows)

    def _cells(self, measures: set[str], *, shared: bool) -> Select[Any]:
        rows: Any = self._grouped(self.dimensions, measures)
        rows = (
            rows.cte(f"groups_{self._number}").prefix_with("MATERIALIZED")
            if self.statistic.personal
            else rows.subquery()
        )
        keys = [rows.c[dimension.column] for dimension in self.dimensions]
        figures = self._figures(rows, measures)
        columns: dict[str, ColumnElement[Any]] = {
            dimension.column: key for dimension, key in zip(self.dimensions, keys, strict=True)
        }
        columns |= {ID: _text_of(self.dimensions, keys), **figures}
        if self.compared:
            columns |= {PREVIOUS + name: value for name, value in self._figures(rows, measures, PREVIOUS).items()}
        joined: FromClause = rows
        if shared:
            joined = join(rows, self.everything, true())
            columns[SHARE] = _divided(rows.c[COUNT], literal_column(f"{self.everything.name}.{COUNT}", BigInteger()))
        if COUNT in measures:
            before = rows.c[PREVIOUS + COUNT] if self.compared else cast(null(), BigInteger())
            columns[CHANGE] = _divided(rows.c[COUNT] - before, before)
        columns[HIDDEN] = literal_column("false", Boolean())
        if self.statistic.personal:
            joined = self._hide(rows, joined, columns)
        for name in [name for name in self._noted if name.startswith(SORT)]:
            sorted_by = columns[name.removeprefix(SORT)]
            if isinstance(sorted_by.type, Numeric):
                sorted_by = cast(sorted_by, Float)
            # What a group does not have comes before what is least, which a change of -1 is.
            columns[name] = func.coalesce(sorted_by, literal_column("-2"), type_=sorted_by.type)
        kept = {d.column for d in self.dimensions} | self._noted
        return select(*[value.label(name) for name, value in columns.items() if name in kept]).select_from(joined)

    def _hide(self, rows: CTE, joined: FromClause, columns: dict[str, ColumnElement[Any]]) -> FromClause:
        """Holds the figures of small groups back from who sees figures alone."""
        sizes = [COUNT, PREVIOUS + COUNT] if self.compared else [COUNT]
        found = hidden(self, rows, sizes, self._number)
        same = [rows.c[d.column].is_not_distinct_from(found.c[d.column]) for d in self.dimensions]
        keys = {ID, *(dimension.column for dimension in self.dimensions)}
        for name, value in columns.items():
            if name not in keys:
                columns[name] = case((found.c[HIDDEN].is_(None), value))
        columns[HIDDEN] = found.c[HIDDEN].is_not(None)
        return joined.outerjoin(found, and_(true(), *same))

    def _figures(self, rows: FromClause, measures: set[str], prefix: str = "") -> dict[str, ColumnElement[Any]]:
        """The measures, those in proportion too, out of the aggregates."""
        found: dict[str, ColumnElement[Any]] = {}
        for name in measures:
            measure = self.statistic.measures[name]
            if measure.ratio is None:
                found[name] = rows.c[prefix + name]
            else:
                number, by = (rows.c[prefix + part] for part in measure.ratio)
                found[name] = _divided(number, by, measure.type)
        return found

    def _grouped(self, dimensions: list[Dimension], names: set[str]) -> Select[Any]:
        """The aggregates of each group; those of a side are joined to the others."""
        sides = sorted({self.statistic.measures[name].side for name in names} - {""})
        if not dimensions:
            # Without keys only an aggregate makes one row of all.
            names = names | {COUNT}
        main = self._aggregated(dimensions, names, "")
        if dimensions and self.arguments.get("includeEmpty"):
            main = self._with_empty(main, dimensions)
        joined: FromClause = main
        columns = list(main.c)
        for side in sides:
            other = self._aggregated(dimensions, names, side)
            same = [main.c[d.column].is_not_distinct_from(other.c[d.column]) for d in dimensions]
            joined = joined.outerjoin(other, and_(true(), *same))
            columns += [
                func.coalesce(value, nothing(value.type), type_=value.type).label(value.key)
                for value in other.c
                if value.key not in {d.column for d in dimensions}
            ]
        return select(*columns).select_from(joined)

    def _aggregated(self, dimensions: list[Dimension], names: set[str], side: str) -> FromClause:
        measures = {
            name: self.statistic.measures[name]
            for name in sorted(names)
            if self.statistic.measures[name].side == side and self.statistic.measures[name].ratio is None
        }
        sums = None
        of_sums = {name: measure.sums or measure for name, measure in measures.items()}
        if not side:
            values = _values(of_sums)
            sums = Sums.of(self, dimensions, values)
        measures = measures if sums is None else of_sums
        values = _values(measures)
        rows = self._rows(dimensions, values if sums is None else sorted({*values, NUMBER}), side, sums)
        keys = [rows.c[dimension.column] for dimension in dimensions]
        now = ~rows.c[PAST] if self.compared else None
        columns = [measure.compute(Values(rows, now)).label(name) for name, measure in measures.items()]  # type: ignore[misc]
        if self.compared:
            columns += [
                measure.compute(Values(rows, rows.c[PAST])).label(PREVIOUS + name)  # type: ignore[misc]
                for name, measure in measures.items()
            ]
        query = select(*keys, *columns).select_from(rows)
        if dimensions:
            query = query.group_by(*keys)
            if sums is not None:
                # Sums that came to nothing are of no rows.
                query = query.having(_some(rows))
        return query.subquery()

    def _rows(self, dimensions: list[Dimension], values: list[str], side: str, sums: Sums | None) -> FromClause:
        """The rows that are grouped, with their keys and values: as they are, or as sums that were kept of them."""
        made = []
        for past in (False, True) if self.compared else (False,):
            if sums is None:
                made.append(self.plain(dimensions, values, side, past=past))
            else:
                made += sums.rows(past=past)
        return (made[0] if len(made) == 1 else union_all(*made)).subquery()

    def plain(
        self, dimensions: list[Dimension], values: list[str], side: str = "", *, past: bool = False, only: Any = None
    ) -> Select[Any]:
        """The rows as they are. only: a further clause of a row."""
        row = self.table.alias()
        source = Source(row, self.scope, self.span.shift if past and self.span else None)
        columns = [dimension.of(source).label(dimension.column) for dimension in dimensions]
        if side:
            self.statistic.sides[side](source)
        for value in values:
            usual = _one if value == NUMBER else _column(value)
            build: Callable[[Source], ColumnElement[Any]] = self.statistic.values.get(value, usual)
            columns.append(build(source).label(value))
        columns.append(literal_column("true" if past else "false", Boolean()).label(PAST))
        query: Select[Any] = select(*columns).select_from(source.joined)
        query = query.where(self.scope.visible(row), self._counted(row, past=past), self.gate())
        return query if only is None else query.where(only(row))

    @property
    def table(self) -> Any:
        """The table of the rows."""
        return self.statistic.model.__table__  # type: ignore[attr-defined]

    def gate(self) -> Clause:
        """Holds once the scope is open; nothing is read before."""
        return select(self.scope.opening.c.state).scalar_subquery() == string("OK")

    def _with_empty(self, found: Any, dimensions: list[Dimension]) -> FromClause:
        """The groups with those that could be and have no rows."""
        main = found.element.cte(f"found_{self._number}").prefix_with("MATERIALIZED")
        possible = domain(self, main, dimensions)
        keys = [possible.c[dimension.column] for dimension in dimensions]
        same = [main.c[d.column].is_not_distinct_from(key) for d, key in zip(dimensions, keys, strict=True)]
        rest = [
            nothing(value.type).label(value.key) for value in main.c if value.key not in {d.column for d in dimensions}
        ]
        missing: Select[Any] = select(*keys, *rest).select_from(possible)
        missing = missing.where(~select(literal_column("1")).select_from(main).where(and_(*same)).exists())
        return union_all(select(main), missing).subquery()


def _some(rows: FromClause) -> Clause:
    """Whether sums are of any rows, of the time asked of or of that compared with."""
    now, past = [func.sum(rows.c[NUMBER]).filter(clause) for clause in (~rows.c[PAST], rows.c[PAST])]
    return or_(
        func.coalesce(now, literal_column("0")) != literal_column("0"),
        func.coalesce(past, literal_column("0")) != literal_column("0"),
    )


def _values(measures: dict[str, Measure]) -> list[str]:
    return sorted({value for measure in measures.values() for value in measure.values})


def _one(_: Source) -> ColumnElement[int]:
    return literal_column("1", BigInteger())


def _column(name: str) -> Callable[[Source], ColumnElement[Any]]:
    return lambda source: source.row.c[name]


def _divided(number: ColumnElement[Any], by: ColumnElement[Any], type_: TypeEngine[Any] = FLOAT) -> ColumnElement[Any]:
    """A proportion; null of nothing. type_: what it is, a decimal being rounded."""
    divided = cast(number, type_) / func.nullif(cast(by, type_), literal_column("0"), type_=type_)
    if not isinstance(type_, Numeric):
        return divided
    return func.round(divided, literal_column(str(type_.scale)), type_=type_)


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
