"""The aggregates of a statistic's groups, as SQL."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, func, literal_column, or_, select, union_all

from resolvers.core.asked import Asked
from resolvers.core.domains import domain
from resolvers.core.kept import Sums
from resolvers.core.mapping import Clause
from resolvers.core.statistics import NUMBER, PAST, Dimension, Measure, Values, nothing, same_keys

COUNT = "count"
PREVIOUS = "previous_"


def grouped(asked: Asked, dimensions: list[Dimension], names: set[str]) -> Select[Any]:
    """The aggregates of each group; those of a side are joined to the others."""
    sides = sorted({asked.statistic.measures[name].side for name in names} - {""})
    if not dimensions:
        # Without keys only an aggregate makes one row of all.
        names = names | {COUNT}
    main = _aggregated(asked, dimensions, names, "")
    if dimensions and asked.arguments.get("includeEmpty"):
        main = _with_empty(asked, main, dimensions)
    joined: FromClause = main
    columns = list(main.c)
    for side in sides:
        other = _aggregated(asked, dimensions, names, side)
        joined = joined.outerjoin(other, same_keys(dimensions, main, other))
        columns += [
            func.coalesce(value, nothing(value.type), type_=value.type).label(value.key)
            for value in other.c
            if value.key not in {d.column for d in dimensions}
        ]
    return select(*columns).select_from(joined)


def _aggregated(asked: Asked, dimensions: list[Dimension], names: set[str], side: str) -> FromClause:
    measures = {
        name: asked.statistic.measures[name]
        for name in sorted(names)
        if asked.statistic.measures[name].side == side and asked.statistic.measures[name].ratio is None
    }
    sums = None
    of_sums = {name: measure.sums or measure for name, measure in measures.items()}
    if not side:
        sums = Sums.of(asked, dimensions, _values(of_sums))
    measures = measures if sums is None else of_sums
    rows = _rows(asked, dimensions, _values(measures), side, sums)
    keys = [_sorted(asked, rows.c[dimension.column]) for dimension in dimensions]
    now = ~rows.c[PAST] if asked.compared else None
    columns = [measure.compute(Values(rows, now)).label(name) for name, measure in measures.items()]  # type: ignore[misc]
    if asked.compared:
        columns += [
            measure.compute(Values(rows, rows.c[PAST])).label(PREVIOUS + name)  # type: ignore[misc]
            for name, measure in measures.items()
        ]
    named = [key.label(dimension.column) for key, dimension in zip(keys, dimensions, strict=True)]
    query = select(*named, *columns).select_from(rows)
    if dimensions:
        query = query.group_by(*keys)
        if sums is not None:
            # Sums that came to nothing are of no rows.
            query = query.having(_some(rows, compared=asked.compared))
    return query.subquery()


def _rows(asked: Asked, dimensions: list[Dimension], values: list[str], side: str, sums: Sums | None) -> FromClause:
    """The rows that are grouped, with their keys and values: as they are, or as sums that were kept of them."""
    made = []
    for past in (False, True) if asked.compared else (False,):
        if sums is None:
            made.append(asked.plain(dimensions, values, side, past=past))
        else:
            made += sums.rows(past=past)
    return (made[0] if len(made) == 1 else union_all(*made)).subquery()


def _with_empty(asked: Asked, found: Any, dimensions: list[Dimension]) -> FromClause:
    """The groups with those that could be and have no rows."""
    main = found.element.cte(f"found_{asked.number}").prefix_with("MATERIALIZED")
    possible = domain(asked, main, dimensions)
    keys = [possible.c[dimension.column] for dimension in dimensions]
    rest = [nothing(value.type).label(value.key) for value in main.c if value.key not in {d.column for d in dimensions}]
    missing: Select[Any] = select(*keys, *rest).select_from(possible)
    missing = missing.where(
        ~select(literal_column("1")).select_from(main).where(same_keys(dimensions, main, possible)).exists()
    )
    return union_all(select(main), missing).subquery()


def _sorted(asked: Asked, key: ColumnElement[Any]) -> ColumnElement[Any]:
    """A key as groups are sorted by: text as their ids are, so that they come in that order (`Cells.keys`)."""
    return key.collate("C") if isinstance(key.type, Text) and not asked.scope.sharded else key


def _some(rows: FromClause, *, compared: bool) -> Clause:
    """Whether sums are of any rows, of the time asked of or of that compared with."""
    number: Any = func.sum(rows.c[NUMBER])
    sums = [number.filter(clause) for clause in (~rows.c[PAST], rows.c[PAST])] if compared else [number]
    return or_(*[func.coalesce(each, literal_column("0")) != literal_column("0") for each in sums])


def _values(measures: dict[str, Measure]) -> list[str]:
    return sorted({value for measure in measures.values() for value in measure.values})
