"""Random values for the arguments of a generated operation: literals, variables, and literals with variables inside."""

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_input_field,
)

from tests import nouns
from tests.harvest import Values, between, dimensions, order_text

MAX_FILTER = 4
_ID = re.compile(r"[A-Z]{1,2}[0-9]+")
USUAL = 20
UNITS = ("PROVINCE", "CITY", "COUNTY", "ZONE", "TOWNSHIP", "COMMUNITY", "GRID")
ELSEWHERE = ("within", "account", "subject")
"""Arguments and filters that take ids of other types than the one that they are of."""


OF_PLACES = ("MovePreview", "ServiceCircle")
COMBINING = ("and", "or", "not")
OPERATORS = ("eq", "ne", "in", "notIn", "gt", "gte", "lt", "lte", "startsWith")


class Meaning(NamedTuple):
    """What a value is for: the type that it is about, the field or argument, the operator if there is one."""

    type_name: str
    name: str
    operator: str = ""

    def within(self, key: str) -> "Meaning":
        """The meaning of a field of an input object."""
        if key in COMBINING:
            return self
        return Meaning(self.type_name, self.name, key) if key in OPERATORS else Meaning(self.type_name, key)


class Enum(str):
    """The name of an enumeration's value: bare in a literal, a string in a variable."""

    __slots__ = ()


class Inputs:
    """Writes the values of one document; `variables` are those that it used: type, and value or Undefined."""

    def __init__(self, schema: GraphQLSchema, rng: Random, values: Values, name: Callable[[str], str]) -> None:
        self._schema, self._rng, self._values, self._name = schema, rng, values, name
        self.variables: dict[str, tuple[str, Any]] = {}

    def paging(self, definition: GraphQLField, node: Any) -> tuple[dict[str, str], float]:
        rng = self._rng
        given: dict[str, str] = {}
        size = rng.choice((1, 2, 3, 4, 5))
        side = rng.choice(("first", "first", "last"))
        given[side] = self.wrap(definition.args[side].type, str(size), size)
        if rng.random() < 0.02:
            given[side] = rng.choice(("0", "-1", "101", "2147483647", "null"))
        if rng.random() < 0.01:
            given["first" if side == "last" else "last"] = rng.choice(("1", "null"))
        if rng.random() < 0.35:
            order, cursor = self._values.cursor(rng, node.name)
            if order and "orderBy" in definition.args:
                given["orderBy"] = self._order(definition, order)
            end = rng.choice(("after", "before"))
            given[end] = self.wrap(definition.args[end].type, _quoted(cursor), cursor)
            if rng.random() < 0.2:
                other = "before" if end == "after" else "after"
                given[other] = _quoted(self._values.cursor(rng, node.name)[1])
            elif not order and "orderBy" in definition.args:
                given["orderBy"] = rng.choice(("null", "[]"))
        return given, USUAL if given[side] == "null" else size

    def grouping(self, definition: GraphQLField) -> dict[str, str]:
        """By what groups are made, mostly by one kind of places; now and then with the times to compare."""
        rng, given = self._rng, {}
        names = dimensions(definition)
        places = [name for name in names if name.split("_")[-1] in UNITS]
        asked = rng.sample(places, rng.choice((0, 1, 1))) + rng.choices(names, k=rng.choice((0, 0, 1, 2)))
        if rng.random() < 0.8:
            asked = [name for name in asked if name not in places or name == asked[0]]
        given["groupBy"] = self.wrap(definition.args["groupBy"].type, f"[{', '.join(asked)}]", [*map(Enum, asked)])
        if "compareTo" in definition.args and rng.random() < 0.3:
            given["compareTo"] = self.value(definition.args["compareTo"].type, Meaning("", "compareTo"), 0)
            year, month, day = rng.randint(2020, 2026), rng.randint(1, 9), rng.choice(("01", "01", "15"))
            end = f"{year + rng.randint(0, 1)}-{month + 3:02}-{day}"
            given["where"] = between(definition, f"{year}-{month:02}-{day}", end)
        return given

    def _order(self, definition: GraphQLField, order: tuple[tuple[str, str], ...]) -> str:
        steps = [{"field": name, "direction": way} for name, way in order]
        return self.wrap(definition.args["orderBy"].type, order_text(order), steps)

    def wrap(self, type_: Any, text: str, value: Any) -> str:
        """A value as a literal or, half the time, as a variable."""
        return self.variable(str(type_), value) if self._rng.random() < 0.5 else text

    def variable(self, type_: str, value: Any, default: str = "") -> str:
        name = self._name("v")
        self.variables[name] = (f"{type_}{default}", value)
        # The space tells $v1 from $v11.
        return f"${name} "

    def value(self, type_: Any, meant: Meaning, depth: int, *, optional: bool = False) -> str:
        """A value's text: a literal, a variable, or a literal with variables inside."""
        rng = self._rng
        if rng.random() < 0.3:
            return self._as_variable(type_, meant, depth, optional=optional)
        return self._literal(type_, meant, depth)

    def _as_variable(self, type_: Any, meant: Meaning, depth: int, *, optional: bool) -> str:
        """A variable: given, or left out (with a default or, if it may be, without), or null."""
        rng = self._rng
        chance = rng.random()
        value = self._plain(type_, meant, depth)
        if chance < 0.15:
            nullable = str(get_nullable_type(type_))
            default = f" = {_literal_of(get_nullable_type(type_), self._plain(type_, meant, MAX_FILTER))}"
            return self.variable(nullable, value if rng.random() < 0.3 and value is not None else Undefined, default)
        if chance < 0.3 and not isinstance(type_, GraphQLNonNull):
            return self.variable(str(type_), rng.choice((None, Undefined)))
        if chance < 0.35 and not isinstance(type_, GraphQLNonNull) and value is not None:
            return self.variable(f"{type_}!", value)
        return self.variable(str(type_), value)

    def _literal(self, type_: Any, meant: Meaning, depth: int) -> str:
        rng = self._rng
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif rng.random() < 0.04:
            return "null"
        if isinstance(type_, GraphQLList):
            if rng.random() < 0.1:
                return self._literal(GraphQLNonNull(get_nullable_type(type_.of_type)), meant, depth)
            return "[" + ", ".join(self.value(type_.of_type, meant, depth) for _ in range(rng.randint(0, 3))) + "]"
        if isinstance(type_, GraphQLInputObjectType):
            parts = [
                (key, self.value(f.type, meant.within(key), depth + 1, optional=not is_required_input_field(f)))
                for key, f in self._chosen(type_, depth)
            ]
            return "{" + ", ".join(f"{key}: {text}" for key, text in parts) + "}"
        return _literal_of(type_, self._leaf(type_, meant))

    def _plain(self, type_: Any, meant: Meaning, depth: int) -> Any:
        """A value as JSON has it."""
        rng = self._rng
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        elif rng.random() < 0.05:
            return None
        if isinstance(type_, GraphQLList):
            return [self._plain(type_.of_type, meant, depth) for _ in range(rng.randint(0, 3))]
        if isinstance(type_, GraphQLInputObjectType):
            return {key: self._plain(f.type, meant.within(key), depth + 1) for key, f in self._chosen(type_, depth)}
        return self._leaf(type_, meant)

    def _chosen(self, type_: GraphQLInputObjectType, depth: int) -> list[tuple[str, Any]]:
        """The fields of an input object that are given; fewer the deeper it stands, and then none that recur."""
        needed = [(key, f) for key, f in type_.fields.items() if is_required_input_field(f)]
        free = [(key, f) for key, f in type_.fields.items() if not is_required_input_field(f)]
        free = [(key, f) for key, f in free if self._values.allows(self._rng, f)]
        if depth >= MAX_FILTER:
            free = [(key, f) for key, f in free if is_leaf_type(get_named_type(f.type))]
        elif depth >= 2:
            free = [(key, f) for key, f in free if get_named_type(f.type) is not type_ or self._rng.random() < 0.3]
        count = self._rng.choice((1, 1, 1, 2, 3) if depth < 2 else (0, 1, 1, 1, 2))
        return needed + self._rng.sample(free, min(count, len(free)))

    def _leaf(self, type_: Any, meant: Meaning) -> Any:
        rng = self._rng
        if isinstance(type_, GraphQLEnumType):
            names = [name for name, value in type_.values.items() if self._values.allows(rng, value)]
            return Enum(rng.choice(names or list(type_.values)))
        match type_.name:
            case "ID" if meant.type_name in OF_PLACES:
                # What is no place has none of these.
                return self._values.id(rng, rng.choice(("Station", "Community", "Grid")))
            case "ID" if (meant.type_name, meant.name) in nouns.REFS:
                return self._values.id(rng, nouns.LETTERS[rng.choice(nouns.REFS[meant.type_name, meant.name])])
            case "ID":
                kinds = {t.name for t in self._schema.type_map.values() if isinstance(t, GraphQLObjectType)}
                return self._values.id(
                    rng, meant.type_name if meant.type_name in kinds and meant.name not in ELSEWHERE else None
                )
            case "Int":
                return rng.randint(0, 10)
            case "Float":
                return rng.choice((0.0, 1.5, -2.25))
            case "Boolean":
                return rng.random() < 0.5
            case "Date":
                return f"20{rng.randint(10, 29)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
            case "DateTime":
                return f"20{rng.randint(10, 29)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T08:00:00Z"
        text = self._values.text(rng, meant.name, meant.type_name)
        return text[: rng.randint(1, 7)] if meant.operator == "startsWith" or rng.random() < 0.03 else text


def varied(value: Any, rng: Random, values: Values) -> Any:
    """The variables of an operation with other ids, names and numbers, of the same shape: they meet the same plan."""
    if isinstance(value, dict):
        return {key: varied(item, rng, values) for key, item in value.items()}
    if isinstance(value, list):
        return [varied(item, rng, values) for item in value]
    if type(value) is int:
        return rng.randint(1, 5)
    if isinstance(value, str) and not isinstance(value, Enum):
        if _ID.fullmatch(value):
            return values.id(rng)
        return value if value.isascii() else values.text(rng, "name", "")
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _literal_of(type_: Any, value: Any) -> str:
    """A JSON value as a literal."""
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_literal_of(type_, item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_literal_of(type_, item)}" for key, item in value.items()) + "}"
    return _quoted(value)
