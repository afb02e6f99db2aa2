"""Values that a session was given, to be asked with later: ids, texts, cursors with the order that they belong to.

By reflection over the schema, so that a type that is added later is harvested without a change here.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)

Ask = Callable[[str], dict[str, Any] | None]
Order = tuple[tuple[str, str], ...]
"""Fields and directions of an `orderBy`; empty for none."""

PAGES = 2
NEEDS = re.compile(r"Needs `([a-z_:]+)`")
PERIOD = re.compile(r"where\.(\w+)")
ASKED_ANYWAY = 0.02
ODD_TEXTS = ("", "%", "_", "\\", "'", '"', "🏮", "站", "350526", "a\u0000b", "S1; --")
ODD_IDS = (
    "",
    "S",
    "S0",
    "s1",
    "S01",
    "S-1",
    "X1",
    "S9223372036854775808",
    "P999999999",
    "1",
    "站1",
    " S1",
    "R1",
    "U1",
    "ZZ1",
    "SSS1",
)

ODD_CURSORS = ("", "!", "bm90aGluZw==", "WzFd", "WyJpZCIsICJ4Il0=", "WyJpZCIsIDBd", "WyJpZCIsIDk5OTk5OTk5OTk5OTk5OV0=")


@dataclass
class Harvest:
    """What one session was given: ids by type, texts by field and by type, cursors by type; its permissions."""

    permissions: set[str] = field(default_factory=set)
    ids: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, list[str]] = field(default_factory=dict)
    cursors: dict[str, list[tuple[Order, str]]] = field(default_factory=dict)

    def note(self, kind: dict[str, list[Any]], name: str, value: Any) -> None:
        """Remember a value once."""
        found = kind.setdefault(name, [])
        if value not in found[-200:]:
            found.append(value)


class Values:
    """Several harvests, each as likely to be drawn from, however large it is. The first is the asker's."""

    def __init__(self, *harvests: Harvest) -> None:
        self._harvests = harvests

    def allows(self, rng: Random, definition: Any) -> bool:
        """Whether to ask for a field, operand or order: rarely for what the asker's permissions do not cover."""
        needs = {need.upper().replace(":", "_") for need in NEEDS.findall(definition.description or "")}
        permissions = self._harvests[0].permissions
        return not permissions or needs <= permissions or rng.random() < ASKED_ANYWAY

    def id(self, rng: Random, type_name: str | None = None) -> str:
        """An id: mostly of the type, sometimes of another, rarely of none."""
        chance = rng.random()
        ids = rng.choice(self._harvests).ids
        if chance < 0.06 or not ids:
            return rng.choice(ODD_IDS)
        if chance > 0.16 and type_name in ids:
            return rng.choice(ids[type_name])
        return rng.choice(ids[rng.choice(sorted(ids))])

    def text(self, rng: Random, name: str, type_name: str) -> str:
        """A text that stood in a field of this name, mostly of this type, or in any field of a type of this name."""
        chance = rng.random()
        texts = rng.choice(self._harvests).texts
        if chance < 0.02 or not texts:
            return rng.choice(ODD_TEXTS)
        key = f"{type_name}.{name}"
        if key not in texts or chance < 0.1:
            key = name if name in texts else rng.choice(sorted(texts))
        return rng.choice(texts[key])

    def cursor(self, rng: Random, type_name: str) -> tuple[Order, str]:
        """A cursor of a connection of this type with its order; rarely one that does not fit."""
        chance = rng.random()
        cursors = rng.choice(self._harvests).cursors
        found = cursors.get(type_name)
        if chance < 0.02 or not found:
            return (), rng.choice(ODD_CURSORS)
        order, cursor = rng.choice(found)
        return (rng.choice(found)[0] if chance < 0.05 else order), cursor


def node_of(field_: GraphQLField) -> Any:
    """The type of a connection's rows; None for what is no connection."""
    type_: Any = get_named_type(field_.type)
    nodes = getattr(type_, "fields", {}).get("nodes")
    return get_named_type(nodes.type) if nodes and "first" in field_.args else None


def required(field_: GraphQLField) -> bool:
    """Whether a field has an argument that must be given."""
    return any(is_required_argument(argument) for argument in field_.args.values())


def selection(type_: Any, depth: int) -> str:
    """Every leaf of a type, and of the objects down to a depth."""
    parts = ["__typename"]
    for name, field_ in type_.fields.items():
        inner: Any = get_named_type(field_.type)
        if required(field_) or node_of(field_):
            continue
        if is_leaf_type(inner):
            parts.append(name)
        elif depth and is_composite_type(inner):
            parts.append(f"{name} {selection(inner, depth - 1)}")
    return f"{{ {' '.join(parts)} }}"


def orders(field_: GraphQLField) -> Iterator[Order]:
    """No order, each field in both directions, and pairs of fields."""
    yield ()
    if "orderBy" not in field_.args:
        return
    order: Any = get_named_type(field_.args["orderBy"].type)
    assert isinstance(order, GraphQLInputObjectType)
    fields: Any = get_named_type(order.fields["field"].type)
    names = list(fields.values)
    for name in names:
        yield ((name, "ASC"),)
        yield ((name, "DESC"),)
    for first, second in zip(names, names[1:] + names[:1], strict=True):
        yield ((first, "DESC"), (second, "ASC"))
        yield ((first, "DESC"), (second, "DESC"))


def groupings(field_: GraphQLField) -> Iterator[str]:
    """Nothing; of a connection over groups, by each of what it can be grouped by, in the end by several."""
    if "groupBy" not in field_.args:
        yield ""
        return
    names = dimensions(field_)
    yield from (f"groupBy: [{name}], " for name in names)
    yield f"groupBy: [COMMUNITY, {names[-1]}], "


def dimensions(field_: GraphQLField) -> list[str]:
    """What a connection over groups can be grouped by."""
    type_: Any = get_named_type(field_.args["groupBy"].type)
    return list(type_.values)


def rows_of(field_: GraphQLField) -> Any:
    """The type of a connection's rows; of a connection over groups, of the rows in these."""
    node = node_of(field_)
    records = node and node.fields.get("records") if node and "groupBy" in field_.args else None
    return node_of(records) if records else node


def between(field_: GraphQLField, low: str, high: str) -> str:
    """A filter of a connection over groups for a time, as a literal: from a day on and before another."""
    period = PERIOD.findall(field_.args["compareTo"].description or "")[0]
    where: Any = get_named_type(field_.args["where"].type)
    clock = "T00:00:00+08:00" if get_named_type(where.fields[period].type).name == "DateTimeOperators" else ""
    return f'{{{period}: {{gte: "{low}{clock}", lt: "{high}{clock}"}}}}'


def order_text(order: Order) -> str:
    """An order as a literal."""
    return "[" + ", ".join(f"{{field: {name}, direction: {way}}}" for name, way in order) + "]"


def harvest(schema: GraphQLSchema, ask: Ask) -> Harvest:
    """Ask for everything that Query offers without being told anything, and keep what comes.

    `ask` sends a query and returns its data, in which a refused root field is null.
    """
    found = Harvest()
    assert schema.query_type is not None
    for name, field_ in schema.query_type.fields.items():
        node = node_of(field_)
        if node is not None and not required(field_):
            for grouping in groupings(field_):
                _harvest_pages(schema, ask, found, name, node, grouping)
            for order in islice(orders(field_), 1, None):
                _harvest_cursors(ask, found, name, node, order, grouping)
        elif node is None and not required(field_):
            for depth in (2, 0):
                text = f"{{ {name} {selection(get_named_type(field_.type), depth)} }}"
                if _read(schema, ask, found, text, name) is not None:
                    break
    return found


def _read(schema: GraphQLSchema, ask: Ask, found: Harvest, query: str, name: str) -> Any:
    answer = (ask(query) or {}).get(name)
    _keep(schema, found, answer)
    return answer


def _keep(schema: GraphQLSchema, found: Harvest, value: Any, type_name: str = "") -> None:
    if isinstance(value, list):
        for item in value:
            _keep(schema, found, item, type_name)
    elif isinstance(value, dict):
        type_name = value.get("__typename", type_name)
        fields = getattr(schema.type_map.get(type_name), "fields", {})
        for name, item in value.items():
            kind = get_named_type(fields[name].type).name if name in fields else ""
            if isinstance(item, str) and kind == "ID":
                found.note(found.ids, type_name, item)
            elif isinstance(item, str) and kind == "String":
                found.note(found.texts, name, item)
                found.note(found.texts, f"{type_name}.{name}", item)
                found.note(found.texts, type_name[:1].lower() + type_name[1:], item)
            elif kind == "Permission" and isinstance(item, list):
                found.permissions |= set(item)
            else:
                _keep(schema, found, item)


def _harvest_pages(schema: GraphQLSchema, ask: Ask, found: Harvest, name: str, node: Any, grouping: str) -> None:
    """The first pages and the last one, as full as the role allows."""
    full = f"nodes {selection(node, 1)}"
    for wanted in (full, "nodes { __typename id }") if "id" in node.fields else (full,):
        arguments = f"{grouping}first: 100"
        for _ in range(PAGES):
            rest = "edges { cursor } pageInfo { hasNextPage endCursor }"
            page = _read(schema, ask, found, f"{{ {name}({arguments}) {{ {wanted} {rest} }} }}", name)
            if page is None:
                break
            for edge in page["edges"][::7]:
                found.note(found.cursors, node.name, ((), edge["cursor"]))
            if not page["pageInfo"]["hasNextPage"]:
                return
            arguments = f"{grouping}first: 100, after: {json.dumps(page['pageInfo']['endCursor'])}"
        else:
            _read(schema, ask, found, f"{{ {name}({grouping}last: 100) {{ {wanted} }} }}", name)
            return


def _harvest_cursors(ask: Ask, found: Harvest, name: str, node: Any, order: Order, grouping: str) -> None:
    # From either end some: each costs a statement that is asked once.
    size = "first" if len(order) == 1 else "last"
    query = f"{{ {name}({grouping}{size}: 100, orderBy: {order_text(order)}) {{ edges {{ cursor }} }} }}"
    page = (ask(query) or {}).get(name)
    for edge in (page or {"edges": []})["edges"][::9]:
        found.note(found.cursors, node.name, (order, edge["cursor"]))
