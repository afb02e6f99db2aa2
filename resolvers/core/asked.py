"""What is asked of a statistic, and the rows that it counts."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from graphql import GraphQLInputObjectType
from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, literal_column, select, true

from models import Place
from resolvers.core.arguments import Arguments
from resolvers.core.errors import BadInput
from resolvers.core.filters import Filters
from resolvers.core.mapping import Clause, Relation
from resolvers.core.messages import Message
from resolvers.core.permissions import Permission
from resolvers.core.relations import place_key, table_of
from resolvers.core.scope import Scope
from resolvers.core.span import Span
from resolvers.core.statistics import NUMBER, Dimension, Source, Statistic, marked

MAX_DIMENSIONS = 4

Need = Callable[[Permission], None]


class Asked:
    """One statistic in an operation, with its arguments.

    relation: of the rows. types: the inputs of `where` and `having`. number: tells its named queries from those of
    others.
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
        self.statistic, self.relation, self.arguments = statistic, relation, arguments
        self.scope, self.number, self._need = scope, number, need
        self._where, self._having = types
        self.dimensions = self._dimensions()
        self.compared = arguments.get("compareTo") is not None
        self.span = Span(statistic, arguments) if self.compared else None
        self._check_where()

    def _dimensions(self) -> list[Dimension]:
        names = dict.fromkeys(item.value for item in self.arguments.get("groupBy") or ())
        found = [self.statistic.dimensions[name] for name in names]
        if len(found) > MAX_DIMENSIONS:
            raise BadInput(Message("Group by {most} dimensions at the most.", most=MAX_DIMENSIONS))
        kinds = [dimension.column for dimension in found if dimension.unit]
        if len(kinds) > len(set(kinds)):
            raise BadInput(Message("Group by one kind of places at the most; a place says itself what is above it."))
        for dimension in found:
            if dimension.needs is not None:
                self._need(dimension.needs)
        return found

    def _check_where(self) -> None:
        """Who sees figures alone chooses groups, not rows: the difference of two filters can be a single row."""
        given = any(value is not None for value in (self.arguments.get("where") or {}).values())
        if given and self.statistic.personal:
            self._need(Permission.PERSON_READ)

    @property
    def hides(self) -> bool:
        """Whether small groups are held back: the account sees figures alone, and they are of people."""
        return self.statistic.personal and self.scope.observing

    def having(self, row: Any) -> Clause:
        """The clause of `having`, of a group."""
        if self.arguments.get("having") is None:
            return true()
        return Filters(self.arguments, row, self.scope, self._need).clause(self._having, "having")

    def holds(self, row: FromClause, cell: Any) -> Clause:
        """Whether a row of the noun is among those that a group counts."""
        keys = [dimension.holds(row, cell.c[dimension.column], self.scope) for dimension in self.dimensions]
        return and_(self._counted(row), *keys)

    def _counted(self, row: FromClause, *, past: bool = False) -> Clause:
        """Whether the statistic counts a row, but for what is visible."""
        clauses: list[Clause] = []
        if self.relation.on is not None:
            clauses.append(self.relation.on(None, row, self.arguments, self.scope))  # type: ignore[arg-type]
        if self.arguments.get("where") is not None:
            compared = {self.statistic.period: self.span.compare} if past and self.span else {}
            filters = Filters(self.arguments, row, self.scope, self._need, compared)
            clauses.append(filters.clause(self._where, "where"))
        return and_(true(), *clauses)

    def named(self, place: FromClause) -> Clause:
        """Whether a place is the one that is asked of: that of `within`, or the scope's own."""
        if self.arguments.get("where", "within") is None:
            return place.c.path == self.scope.path
        return place.c.id == self.arguments.bind(BigInteger(), "where", "within", convert=place_key)

    @cached_property
    def root(self) -> FromClause:
        """The row of that place, without which sums are of nothing; none if it is not visible."""
        place = table_of(Place).alias()
        columns = [place.c[name] for name in ("id", "path", "level", "station_id", "county_id")]
        query = select(*columns).where(self.named(place), self.scope.visible(place), self.scope.gate())
        # Shards do not get on with rows that are brought together apart.
        return query.subquery() if self.scope.sharded else query.cte(f"root_{self.number}")

    def source(self, row: FromClause, *, past: bool) -> Source:
        """Rows on their way to groups, of the time asked of or of that which it is compared with."""
        return Source(row, self.scope, self.span.shift if past and self.span else None)

    def plain(
        self, dimensions: list[Dimension], values: list[str], side: str = "", *, past: bool = False, only: Any = None
    ) -> Select[Any]:
        """The rows as they are. only: a further clause of a row."""
        row = self.table.alias()
        source = self.source(row, past=past)
        columns: list[ColumnElement[Any]] = [dimension.of(source).label(dimension.column) for dimension in dimensions]
        if side:
            self.statistic.sides[side](source)
        for value in values:
            usual = _one if value == NUMBER else _column(value)
            build: Callable[[Source], ColumnElement[Any]] = self.statistic.values.get(value, usual)
            columns.append(build(source).label(value))
        columns.append(marked(past=past))
        query: Select[Any] = select(*columns).select_from(source.joined)
        query = query.where(self.scope.visible(row), self._counted(row, past=past), self.scope.gate())
        return query if only is None else query.where(only(row))

    @property
    def table(self) -> Any:
        """The table of the rows."""
        return self.statistic.model.__table__  # type: ignore[attr-defined]


def _one(_: Source) -> ColumnElement[int]:
    return literal_column("1", BigInteger())


def _column(name: str) -> Callable[[Source], ColumnElement[Any]]:
    return lambda source: source.row.c[name]
