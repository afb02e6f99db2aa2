"""Random operations, by reflection over the schema: a type that is added later is walked without a change here.

    generate(schema, random.Random(seed), Values(harvest(schema, ask))) -> (query, variables)

or a subscription of one root field, by `generate_subscription`. An operation is valid by the schema, though at a low
rate it asks for what is refused (a bad cursor, a page of 0). It selects some hundreds of leaves, a few thousand at the
most, from data of the demo's size.
"""

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)
from graphql.utilities import do_types_overlap

from tests.harvest import Values, node_of, rows_of
from tests.inputs import Inputs, Meaning

MAX_DEPTH = 6
LEAVES = 1500
FIELDS = 50
LIST_SIZE = 4
LONG = "anAliasThatIsLongerThanAnyColumnNameOfTheDatabaseMayEverBeIndeed"

Path = tuple[str, ...]
Signature = tuple[str, str, str]


@dataclass
class Fragment:
    """A named fragment: its text, what it adds to the place where it is spread, and what it costs there."""

    name: str
    type: Any
    text: str
    keys: dict[tuple[Path, str], Signature]
    leaves: float
    fields: int


@dataclass
class Document:
    """One operation under construction."""

    fragments: list[Fragment] = field(default_factory=list)
    count: int = 0
    left: float = LEAVES
    fields: int = FIELDS

    def name(self, prefix: str) -> str:
        """A name that nothing else in the document has."""
        self.count += 1
        return f"{prefix}{self.count}"


@dataclass(frozen=True)
class Place:
    """Where a selection stands: its response path, how deep, for how many rows, and for how many types.

    What is selected of an interface is compiled for each of its types, so an interface within an interface multiplies.
    """

    path: Path
    depth: int
    rows: float
    types: int = 1


def generate(schema: GraphQLSchema, rng: Random, values: Values) -> tuple[str, dict[str, Any]]:
    """A query, and its variables as JSON has them."""
    return Generator(schema, rng, values).document()


def generate_subscription(schema: GraphQLSchema, rng: Random, values: Values) -> tuple[str, dict[str, Any]]:
    """A subscription to what happens from now on, and its variables as JSON has them."""
    return Generator(schema, rng, values).subscription()


class Generator:
    """Writes one document."""

    def __init__(self, schema: GraphQLSchema, rng: Random, values: Values) -> None:
        self._schema, self._rng, self._values = schema, rng, values
        self._document = Document()
        self._inputs = Inputs(schema, rng, values, self._document.name)
        self._keys: dict[tuple[Path, str], Signature] = {}

    def document(self) -> tuple[str, dict[str, Any]]:
        """A query's text and the values of its variables."""
        self._begin()
        body = self._selection(self._schema.query_type, Place((), 0, 1), self._rng.choice((1, 1, 2, 3)))
        return self._whole(body, self._rng.choice(("", "query ")), "query")

    def subscription(self) -> tuple[str, dict[str, Any]]:
        """A subscription's text and the values of its variables; its root field has no directive, as GraphQL has it."""
        self._begin()
        fields = self._schema.subscription_type.fields if self._schema.subscription_type else {}
        allowed = [name for name, definition in fields.items() if self._values.allows(self._rng, definition)]
        name = self._rng.choice(allowed or sorted(fields))
        definition = fields[name]
        # Mostly of all that is in sight: an id is mostly of what is not.
        args = {
            key: argument for key, argument in definition.args.items() if key != "after" and self._rng.random() < 0.3
        }
        arguments, _ = self._arguments(GraphQLField(definition.type, args, description=definition.description))
        selection = self._selection(get_named_type(definition.type), Place((name,), 1, 1))
        return self._whole(f"{{ {name}{arguments} {selection} }}", "subscription ", "subscription")

    def _begin(self) -> None:
        for _ in range(self._rng.choice((0, 0, 1, 1, 2))):
            self._fragment()
        self._document.left, self._document.fields = LEAVES, FIELDS
        self._keys = {}

    def _whole(self, body: str, bare: str, kind: str) -> tuple[str, dict[str, Any]]:
        """The document with its fragments and variables. bare: how it begins if it has no variables."""
        texts = [body]
        for fragment in reversed(self._document.fragments):
            if any(f"...{fragment.name} " in text for text in texts):
                texts.append(f"fragment {fragment.name} on {fragment.type.name} {fragment.text}")
        whole = "\n".join(texts)
        used = {name: v for name, v in self._inputs.variables.items() if f"${name} " in whole}
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in used.items())
        head = f"{kind} Q({declared}) " if declared else bare
        given = {name: value for name, (_, value) in used.items() if value is not Undefined}
        return head + whole, given

    def _fragment(self) -> None:
        """Adds a named fragment on a type that rows have; a later one may spread an earlier one."""
        types = [
            t
            for t in self._schema.type_map.values()
            if is_composite_type(t) and "id" in getattr(t, "fields", {}) and not t.name.startswith("__")
        ]
        type_ = self._rng.choice(sorted(types, key=lambda t: t.name))
        document = self._document
        document.left, document.fields, self._keys = LEAVES / 20, 15, {}
        text = self._selection(type_, Place((), 3, 1))
        name = document.name("F")
        spent = LEAVES / 20 - document.left, 15 - document.fields
        document.fragments.append(Fragment(name, type_, text, self._keys, *spent))

    # -- selections -----------------------------------------------------------------------------------------------

    def _selection(self, type_: Any, place: Place, wanted: int | None = None) -> str:
        rng = self._rng
        fields = dict(getattr(type_, "fields", {}))
        names = [name for name, definition in fields.items() if self._values.allows(rng, definition)]
        count = wanted or min(len(names), 1 + int(rng.expovariate(0.35)))
        if place.depth >= MAX_DEPTH:
            names = [name for name in names if is_leaf_type(get_named_type(fields[name].type))]
        parts = []
        for name in rng.sample(names, min(count, len(names))):
            if self._document.left <= 0 or self._document.fields <= 0:
                break
            parts.append(self._inside(type_, self._field(type_, name, fields[name], place), place))
        if rng.random() < (0.15 if parts else 1):
            parts.append(self._typename(place))
        if place.depth and rng.random() < (0.6 if is_abstract_type(type_) else 0.15):
            parts += [self._spread(type_, place) for _ in range(rng.choice((1, 1, 2, 3)))]
        rng.shuffle(parts)
        return f"{{ {' '.join(part for part in parts if part)} }}"

    def _inside(self, type_: Any, text: str, place: Place) -> str:
        """Now and then within an inline fragment, or twice: the second time for the same key, merged."""
        chance = self._rng.random()
        if chance < 0.05:
            return f"... {{ {text} }}"
        if chance < 0.1:
            return f"... on {type_.name}{self._directive()} {{ {text} }}"
        return text

    def _typename(self, place: Place) -> str:
        alias = self._document.name("t") + ": " if self._rng.random() < 0.3 else ""
        self._document.left -= place.rows
        return f"{alias}__typename{self._directive()}"

    def _spread(self, type_: Any, place: Place) -> str:
        """A named fragment or an inline one, on a type that has rows in common with this one."""
        for fragment in self._rng.sample(self._document.fragments, len(self._document.fragments)):
            cost = fragment.leaves * place.rows
            fits = cost < self._document.left and fragment.fields * place.types < self._document.fields
            fits = fits and do_types_overlap(self._schema, fragment.type, type_)
            if fits and self._rng.random() < 0.7 and self._merge(fragment, place):
                self._document.left -= cost
                self._document.fields -= fragment.fields * place.types
                return f"...{fragment.name} {self._directive()}"
        kinds = [
            t
            for t in self._schema.type_map.values()
            if is_composite_type(t) and not t.name.startswith("__") and do_types_overlap(self._schema, t, type_)
        ]
        if self._document.left <= 0 or self._document.fields <= 0:
            return ""
        kind = self._rng.choice(sorted(kinds, key=lambda t: t.name))
        return f"... on {kind.name}{self._directive()} {self._selection(kind, place)}"

    def _merge(self, fragment: Fragment, place: Place) -> bool:
        added = {((*place.path, *path), key): signature for (path, key), signature in fragment.keys.items()}
        if any(self._keys.get(at, signature) != signature for at, signature in added.items()):
            return False
        self._keys |= added
        return True

    def _field(self, parent: Any, name: str, definition: GraphQLField, place: Place) -> str:
        rng = self._rng
        target: Any = get_named_type(definition.type)
        arguments, size = self._arguments(definition)
        alias = self._alias(parent, name, definition, arguments, place)
        key = alias or name
        head = f"{alias}: {name}" if alias else name
        self._document.fields -= place.types
        if is_leaf_type(target):
            self._document.left -= place.rows
            return f"{head}{arguments}{self._directive()}"
        rows = place.rows * size
        if rows > LEAVES / 4 and place.depth:
            # Too many rows for what is left: their names alone.
            return f"{head}{arguments} {{ __typename }}"
        depth = place.depth + (0 if node_of(definition) or name == "edges" else 1)
        inner = Place((*place.path, key), depth, rows, place.types * self._width(target))
        texts = [self._selection(target, inner)]
        if rng.random() < 0.12 and self._document.fields > 0:
            texts.append(self._selection(target, inner))
        return " ".join(f"{head}{arguments}{self._directive()} {text}" for text in texts)

    def _width(self, type_: Any) -> int:
        return len(self._schema.get_possible_types(type_)) if is_abstract_type(type_) else 1

    def _alias(self, parent: Any, name: str, definition: GraphQLField, arguments: str, place: Place) -> str:
        """No alias, or one; always one where the key would stand for something else already."""
        shape = str(definition.type)
        named: Any = get_named_type(definition.type)
        if not is_leaf_type(named):
            shape = shape.replace(named.name, "*")
        signature, at = (name, arguments, shape), (place.path, name)
        chance = self._rng.random()
        if chance < 0.85 and self._keys.setdefault(at, signature) == signature:
            return ""
        alias = self._document.name(LONG if chance > 0.98 else "a")
        self._keys[(place.path, alias)] = signature
        return alias

    def _directive(self) -> str:
        rng = self._rng
        if rng.random() > 0.06:
            return ""
        name = rng.choice(("skip", "include"))
        # Mostly so that the selection stays.
        value = (name == "include") == (rng.random() < 0.7)
        if rng.random() < 0.5:
            return f" @{name}(if: {json.dumps(value)})"
        return f" @{name}(if: {self._inputs.variable('Boolean!', value)})"

    # -- arguments ------------------------------------------------------------------------------------------------

    def _arguments(self, definition: GraphQLField) -> tuple[str, float]:
        """The arguments of a field, and how many rows it may have for each of its parent's."""
        rng = self._rng
        given: dict[str, str] = {}
        node = node_of(definition)
        size: float = LIST_SIZE if is_list_type(get_nullable_type(definition.type)) else 1
        if node is not None:
            given, size = self._inputs.paging(definition, node)
        if "groupBy" in definition.args and rng.random() < 0.8:
            given |= self._inputs.grouping(definition)
        named: Any = get_named_type(definition.type)
        about = rows_of(definition) or named
        for name, argument in definition.args.items():
            if name in given or (node is not None and name in ("first", "last", "after", "before")):
                continue
            needed = is_required_argument(argument)
            if needed or rng.random() < (0.5 if node is None else 0.3):
                given[name] = self._inputs.value(argument.type, Meaning(about.name, name), 0, optional=not needed)
        if node is None and definition.args and not given:
            # Without any argument most of these are refused.
            name = rng.choice(list(definition.args))
            given[name] = self._inputs.value(definition.args[name].type, Meaning(about.name, name), 0)
        if is_list_type(get_nullable_type(definition.type)) and definition.args:
            size = max(size, 3)
        items = list(given.items())
        rng.shuffle(items)
        return ("(" + ", ".join(f"{name}: {text}" for name, text in items) + ")" if items else ""), size
