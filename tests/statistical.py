"""Random operations over statistics, denser than `generate`'s: what is grouped by, filtered, compared and paged.

    Asking(CORE, random, values, days).operation() -> (query, variables)

An operation is valid by the schema; now and then it asks for what is refused. Its variable `cursor` is where the page
of the first statistic, `s0`, goes on.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from graphql import GraphQLSchema, Undefined, get_named_type, is_leaf_type

from tests.harvest import Harvest, Values
from tests.inputs import Inputs, Meaning
from tests.reference import Reference
from tests.reference.counted import STATISTICS
from tests.reference.figures import UNITS
from tests.reference.periods import first_day, later

LONG = timedelta(days=50 * 365)
PLACES = ("Station", "Community", "Grid")
ROWS = {f"{name[:1].lower()}{name[1:]}": statistic.table for name, statistic in STATISTICS.items()}
"""Each root field with the table of its rows."""


def values_of(reference: Reference) -> Values:
    """Ids and texts of all rows, to filter by."""
    found = Harvest()
    for rows in reference.tables.values():
        for row in rows[:: 1 + len(rows) // 200]:
            if row["$prefix"]:
                found.note(found.ids, row["$type"], f"{row['$prefix']}{row['id']}")
            for name in ("code", "name"):
                if isinstance(row.get(name), str):
                    found.note(found.texts, name, row[name])
                    found.note(found.texts, f"{row['$type']}.{name}", row[name])
    return Values(found)


class Asking:
    """Writes operations. days: those of the rows of each table, to ask of times in which there are some."""

    def __init__(self, schema: GraphQLSchema, random: Random, values: Values, days: Mapping[str, list[date]]) -> None:
        self._schema, self._random, self._values, self._days = schema, random, values, days
        self._count = 0
        self._backward = False

    @property
    def onward(self) -> str:
        """The field of `pageInfo` with the cursor at which the page of `s0` goes on."""
        return "startCursor" if self._backward else "endCursor"

    def operation(self) -> tuple[str, dict[str, Any]]:
        """A query of one or two statistics, and its variables as JSON has them."""
        random = self._random
        self._inputs = Inputs(self._schema, random, self._values, self._name)
        roots = [self._root(f"s{number}") for number in reversed(range(random.choice((1, 1, 1, 2))))]
        body = "{ " + " ".join(roots) + " }"
        used = {name: v for name, v in self._inputs.variables.items() if f"${name} " in body}
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in used.items())
        given = {name: value for name, (_, value) in used.items() if value is not Undefined}
        return f"query ($cursor: String, {declared}) {body}", given

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _some(self, names: list[str], most: int) -> list[str]:
        return self._random.sample(names, min(len(names), self._random.randint(1, most)))

    def _root(self, alias: str) -> str:
        random = self._random
        assert self._schema.query_type is not None
        name = random.choice(sorted(ROWS))
        definition = self._schema.query_type.fields[name]
        given = {"groupBy": self._group_by(definition)}
        where = self._where(name, definition)
        if where:
            given["where"] = where
        timed = "On:" in where or "At:" in where
        if "compareTo" in definition.args and random.random() < (0.4 if timed else 0.03):
            given["compareTo"] = random.choice(("PREVIOUS_PERIOD", "SAME_PERIOD_LAST_YEAR"))
        if random.random() < 0.3 and (timed or not self._is_long(name)):
            given["includeEmpty"] = "true"
        if random.random() < 0.3:
            given["having"] = self._having(definition)
        if "valid" in definition.args and random.random() < 0.3:
            given["valid"] = self._inputs.wrap(definition.args["valid"].type, "false", False)
        given |= self._page(definition)
        if alias == "s0":
            self._backward = "last" in given
            given["before" if self._backward else "after"] = "$cursor"
        arguments = ", ".join(f"{key}: {value}" for key, value in given.items())
        return f"{alias}: {name}({arguments}) {self._selection(definition)}"

    def _is_long(self, name: str) -> bool:
        """Whether the months between the first and the last of the days are too many to be listed."""
        days = self._days[ROWS[name]]
        return bool(days) and days[-1] - days[0] > LONG

    # -- arguments ------------------------------------------------------------------------------------------------

    def _group_by(self, definition: Any) -> str:
        random = self._random
        names = list(get_named_type(definition.args["groupBy"].type).values)
        places = [name for name in names if name in UNITS]
        others = [name for name in names if name not in places]
        asked = random.sample(places, random.choice((0, 1, 1)))
        asked += random.sample(others, min(len(others), random.choice((0, 0, 1, 1, 2))))
        if random.random() < 0.03:
            asked += random.sample(names, 2)
        random.shuffle(asked)
        return self._inputs.wrap(definition.args["groupBy"].type, "[" + ", ".join(asked) + "]", asked)

    def _where(self, name: str, definition: Any) -> str:
        random, parts = self._random, []
        type_: Any = get_named_type(definition.args["where"].type)
        period = STATISTICS[f"{name[:1].upper()}{name[1:]}"].period
        if period and random.random() < 0.6:
            parts.append(f"{period}: {{{self._times(name, period)}}}")
        if random.random() < 0.25:
            parts.append(f"within: {self._id(random.choice(PLACES))}")
        if random.random() < 0.2:
            key = random.choice([key for key in type_.fields if key not in ("within", period)])
            about = Meaning(self._type(name), "where").within(key)
            parts.append(f"{key}: {self._inputs.value(type_.fields[key].type, about, 1, optional=True)}")
        return "{" + ", ".join(parts) + "}" if parts else ""

    def _type(self, name: str) -> str:
        definition: Any = self._schema.query_type and self._schema.query_type.fields[name]
        group: Any = get_named_type(get_named_type(definition.type).fields["nodes"].type)
        records: Any = get_named_type(group.fields["records"].type)
        return str(get_named_type(records.fields["nodes"].type))

    def _id(self, type_name: str) -> str:
        found = self._values.id(self._random, type_name)
        return self._inputs.wrap("ID", json.dumps(found), found)

    def _times(self, name: str, period: str) -> str:
        """Both ends of a time, or one; of months as a whole, or of any days."""
        random = self._random
        low = random.choice(self._days[ROWS[name]] or [date(2024, 2, 29)])
        low = low.replace(year=min(max(low.year, 1990), 2090), day=min(low.day, 28))
        high = low + timedelta(days=random.choice((0, 1, 6, 30, 100, 366, 800)))
        if random.random() < 0.5:
            low, high = first_day(random.choice(("MONTH", "QUARTER", "YEAR")), low), first_day("MONTH", later(high, 1))
        if period == "sentAt":
            hour = random.choice(("T00:00:00+08:00", "T00:00:00+08:00", "T12:30:00Z"))
            ends = [f"gte: {self._day('DateTime', f'{low}{hour}')}", f"lt: {self._day('DateTime', f'{high}{hour}')}"]
        else:
            ends = [
                random.choice((f"gte: {self._day('Date', low)}", f"gt: {self._day('Date', low - timedelta(days=1))}")),
                random.choice(
                    (f"lt: {self._day('Date', high)}", f"lte: {self._day('Date', high - timedelta(days=1))}")
                ),
            ]
            if random.random() < 0.05:
                return f"eq: {self._day('Date', low)}"
        return ", ".join(ends if random.random() < 0.9 else ends[:1])

    def _day(self, type_: str, value: Any) -> str:
        return self._inputs.wrap(type_, json.dumps(str(value)), str(value))

    def _having(self, definition: Any) -> str:
        random = self._random
        type_: Any = get_named_type(definition.args["having"].type)
        names = [name for name in type_.fields if name not in ("and", "or", "not")]
        parts = []
        for name in self._some(names, 2):
            number = random.choice((0, 1, 2, 5, 10, 0.5, 1.5, 100))
            parts.append(f"{name}: {{{random.choice(('eq', 'gt', 'gte', 'lt', 'lte'))}: {self._number(number)}}}")
        text = "{" + ", ".join(parts) + "}"
        return random.choice((text, text, f"{{not: {text}}}", f"{{or: [{text}, {{count: {{gt: 3}}}}]}}"))

    def _number(self, number: float) -> str:
        return self._inputs.wrap("Float", str(number), number)

    def _page(self, definition: Any) -> dict[str, str]:
        random, given = self._random, {}
        if random.random() < 0.6:
            type_: Any = get_named_type(get_named_type(definition.args["orderBy"].type).fields["field"].type)
            steps = [
                f"{{field: {name}, direction: {random.choice(('ASC', 'DESC'))}}}"
                for name in self._some(list(type_.values), 3)
            ]
            given["orderBy"] = f"[{', '.join(steps)}]"
        size = random.choice((1, 2, 5, 20, 100))
        given[random.choice(("first", "first", "last"))] = self._inputs.wrap("Int", str(size), size)
        return given

    # -- selections -----------------------------------------------------------------------------------------------

    def _selection(self, definition: Any) -> str:
        connection: Any = get_named_type(definition.type)
        group: Any = get_named_type(connection.fields["nodes"].type)
        parts = [f"nodes {self._group(group)}", "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"]
        parts += random_parts(
            self._random, ["totalCount", f"total {self._figures(get_named_type(connection.fields['total'].type))}"]
        )
        if self._random.random() < 0.3:
            parts.append("edges { cursor node { key { __typename } } }")
        return "{ " + " ".join(parts) + " }"

    def _figures(self, type_: Any) -> str:
        names = [name for name, field in type_.fields.items() if is_leaf_type(get_named_type(field.type))]
        return "{ " + " ".join(self._some(names, len(names))) + " }"

    def _group(self, group: Any) -> str:
        key: Any = get_named_type(group.fields["key"].type)
        keys = [self._key(name, field) for name, field in key.fields.items()]
        leaves = [name for name, field in group.fields.items() if is_leaf_type(get_named_type(field.type))]
        parts = [f"key {{ {' '.join(keys)} }}", *self._some(leaves, 4)]
        if "previous" in group.fields and self._random.random() < 0.5:
            parts.append(f"previous {self._figures(get_named_type(group.fields['previous'].type))}")
        if self._random.random() < 0.4:
            parts.append("counted: count rows: records { totalCount }")
        if self._random.random() < 0.2:
            parts.append("records(first: 2) { nodes { id } pageInfo { hasNextPage } }")
        return "{ " + " ".join(parts) + " }"

    @staticmethod
    def _key(name: str, field: Any) -> str:
        return name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ id }}"


def random_parts(random: Random, parts: list[str]) -> list[str]:
    """Some of these."""
    return [part for part in parts if random.random() < 0.6]


def days_of(reference: Reference) -> dict[str, list[date]]:
    """The days of the rows of each statistic's table."""
    found = {}
    for statistic in STATISTICS.values():
        rows = reference.tables[statistic.table]
        days = {row[statistic.column] for row in rows} if statistic.column else set()
        found[statistic.table] = sorted({day if type(day) is date else day.date() for day in days})
    return found
