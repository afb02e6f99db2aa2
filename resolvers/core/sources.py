"""Where a statement reads rows: the tables under an alias each, and how many an operation may have."""

from collections import Counter

from sqlalchemy import FromClause, Table

from resolvers.core.errors import BadInput
from resolvers.core.messages import Message

MAX_SOURCES = 120
"""How many rows' places in the statement an operation may become: one costs as much as a dozen fields, here and in the
database's planner."""

KEPT_ALIASES = 16
"""How many aliases of a table are kept: making the columns of one costs more than all else that is compiled of it."""

_aliases: dict[Table, list[FromClause]] = {}


class Sources:
    """The aliases of one statement."""

    def __init__(self) -> None:
        self._used: Counter[Table] = Counter()

    def another(self, table: Table) -> FromClause:
        """A table whose rows the statement reads once more. Raises BadInput if there are too many."""
        used = self._used[table]
        self._used[table] += 1
        if self._used.total() > MAX_SOURCES:
            raise BadInput(
                Message(
                    "An operation may read {most} kinds of rows at the most, an interface's for each type.",
                    most=MAX_SOURCES,
                )
            )
        kept = _aliases.setdefault(table, [])
        if used == len(kept) < KEPT_ALIASES:
            kept.append(table.alias())
        return kept[used] if used < len(kept) else table.alias()
