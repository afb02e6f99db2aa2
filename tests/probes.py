"""Every field and argument reachable from Query, asked with what is out of an account's scope; by reflection.

A probe is one field with one argument, or none, on rows that are found by id or by way of other fields. Where its
argument takes an id or a whole text, the value of a hidden row must answer as a value does that no row ever had.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
)
from graphql.pyutils import camel_to_snake

from resolvers.core.mapping import DEFINITION, NEEDS
from tests import nouns
from tests.harvest import Harvest, between, node_of, required, rows_of
from tests.nouns.base import letters
from tests.oracle import MADE_OF, PLACES, TYPES, View
from tests.probing import Operation, Probe, cursor_of, for_all, padded, spread, wrapped

PACKED = 6
"""Probes in one operation."""
WARM = 2
"""How many different hidden values each probe is asked with."""
LISTED = 100
"""How many hidden values stand in one list."""
STARTED = 9
"""How many rows a probe of a type starts from, in scope and not."""
CONNECTION = ("nodes", "edges", "totalCount", "pageInfo")
MISSING_TEXT = "没有这个"
MISSING: dict[str, Any] = {"Date": "1900-01-01", "DateTime": "1900-01-01T00:00:00Z", "Int": -1, "Decimal": "-1"}
NO_ID = "S999999999"
USUAL = {"Date": '"2021-06-01"', "DateTime": '"2021-06-01T00:00:00Z"', "Int": "2021"}
"""What an argument of a type is given that must be given and is not what is probed."""
NAMES = {"within": PLACES, "account": ("Account",), "subject": ("Person", "Station", "Assignment", "Account", "Grant")}
NAMES |= nouns.NAMES
"""Arguments and operands that take ids of other types than that of the rows."""
NAMED = ("skill", "subject", *nouns.NAMED)
"""Operands by which rows in scope name what is hidden: a common skill, or a row that has left the scope since."""
WITHIN = {f"{type_}Can": type_ for type_ in TYPES if type_ not in ("Skill", "AuditEntry")} | {
    "Placement": "Station",
    "DivisionCode": "Community",
    **{name: type_ for name, (type_, _) in nouns.WITHIN.items()},
}
_WITHIN = {"Placement": "placements", "DivisionCode": "divisionCodes"}
_WITHIN |= {name: field for name, (_, field) in nouns.WITHIN.items()}
"""Objects that are found only within a row of a type, and where."""
_NOT_NODES = ("Account", "Grant", "AuditEntry", *(noun.type for noun in nouns.NOUNS if not noun.node))
_NEEDS = re.compile(r"Needs `([a-z_:]+)`")


class Probes:
    """The probes of one account."""

    def __init__(self, schema: GraphQLSchema, view: View, held: set[str], hub: Harvest) -> None:
        """`held` are the account's permissions; `hub` is what a hub session was given, for its cursors."""
        self._schema, self._view, self._held, self._hub = schema, view, held, hub
        roots = schema.query_type.fields.values() if schema.query_type else ()
        self._root_arguments = {str(argument.type) for root in roots for argument in root.args.values()}

    def operations(self) -> Iterator[tuple[Operation, list[str]]]:
        """Every probe, packed; each operation with the ids of the rows that it starts from."""
        for parent in self.parents():
            probes = [probe for name, f in parent.fields.items() for probe in self._of_field(parent, name, f)]
            if not self._view.hidden():
                # Who sees everything cannot be asked for what is hidden; what their role hides is in the fields.
                probes = [probe for probe in probes if not probe.arguments]
            probes = [probe for probe in probes if probe.hidden or probe.missing is not None or not probe.type]
            # What every role may ask comes first, so that the roles' documents, and with them the plans, are the same.
            probes.sort(key=lambda probe: not for_all(probe))
            while probes:
                same = [p for p in probes[:PACKED] if for_all(p) == for_all(probes[0])]
                packed = {f"v{number}": probe for number, probe in enumerate(same)}
                probes = probes[len(same) :]
                yield self._operation(parent, packed), self._start(parent.name)

    def parents(self) -> list[Any]:
        """Query, and each type below it whose fields are not asked as part of a connection or of their parent."""
        return [self._schema.query_type, *(self._schema.type_map[name] for name in self._entries())]

    def forbidden(self) -> Iterator[tuple[Operation, list[str]]]:
        """An operation for each field that the account's permissions do not reach, with the ids that it starts from."""
        for parent in self.parents():
            for name, definition in parent.fields.items():
                if not self._may(definition):
                    leaf = "" if is_leaf_type(get_named_type(definition.type)) else "{ __typename }"
                    probe = Probe(parent.name, name, next(self._others(definition)), selection=leaf)
                    yield self._operation(parent, {"v0": probe}), self._start(parent.name)

    def _entries(self) -> dict[str, tuple[str, str]]:
        """How rows of each type are come by: text before and after their selection."""
        entries = {
            name: ("nodes(ids: $ids) { ... on " + name + " {", "} }")
            for name in (*(n for n in TYPES if n not in _NOT_NODES), "Place", "Node")
        }
        entries["Viewer"] = ("viewer {", "}")
        entries["Account"] = ("viewer { account {", "} }")
        entries["Grant"] = ("viewer { grants {", "} }")
        entries["AuditEntry"] = ("auditEntries(first: 5) { nodes {", "} }")
        inside = json.dumps(self._one_of(PLACES))
        entries |= {noun.type: noun.start for noun in nouns.NOUNS if noun.start}
        entries |= {name: (before.replace("$place", inside), after) for name, (before, after) in nouns.ENTRIES.items()}
        for name, type_ in WITHIN.items():
            before, after = entries[type_]
            entries[name] = (f"{before} {_WITHIN.get(name, 'can')} {{", f"}} {after}")
        entries["MovePreview"] = (f"previewMove(id: {inside}, parentId: {inside}) {{", "}")
        chain = "responsibilityChain {"
        entries["ResponsibilityLink"] = ("nodes(ids: $ids) { ... on Place { " + chain, "} } }")
        # What nothing can be done to has no `can`.
        return {name: texts for name, texts in entries.items() if name in self._schema.type_map}

    def _start(self, parent: str) -> list[str]:
        """Ids of a few rows in scope and of many that are not."""
        names = PLACES if parent in ("Place", "Node", "ResponsibilityLink") else (WITHIN.get(parent, parent),)
        inside = [id_ for name in names if name in TYPES for id_ in self._view.ids(name)[:4]]
        hidden = [id_ for name in names if name in TYPES for id_ in spread(self._view.hidden(name), STARTED)]
        return padded([*inside[: STARTED // 2], *hidden], STARTED, NO_ID)

    def _operation(self, parent: Any, packed: dict[str, Probe]) -> Operation:
        before, after = ("", "") if parent is self._schema.query_type else self._entries()[parent.name]
        texts, declared = [], ["$ids: [ID!]!"] if "$ids" in before else []
        for alias, probe in packed.items():
            arguments = probe.arguments.replace("$v", f"${alias}")
            texts.append(f"{alias}: {probe.field}{arguments and f'({arguments})'} {probe.selection}")
            if probe.type:
                declared.append(f"${alias}: {probe.type}")
        head = f"query ({', '.join(declared)})" if declared else "query"
        rounds = 1 + max(len(probe.hidden) for probe in packed.values())
        return Operation(f"{head} {{ {before} {' '.join(texts)} {after} }}", packed, rounds)

    def _may(self, definition: GraphQLField) -> bool:
        needs = definition.extensions[DEFINITION].metadata.get(NEEDS)
        return needs is None or needs.name in self._held

    def _leaves(self, type_: Any) -> str:
        """Every scalar of a type that the permissions reach, and the ids of the rows right below it."""
        parts = ["__typename"]
        for name, definition in type_.fields.items():
            inner: Any = get_named_type(definition.type)
            if required(definition) or not self._may(definition):
                continue
            if is_leaf_type(inner):
                parts.append(name)
            elif type_.name not in ("Place", "Node") and "id" in inner.fields:
                parts.append(f"{name} {{ id }}")
        return "{ " + " ".join(parts) + " }"

    def _selection(self, definition: GraphQLField, *, whole: bool) -> str:
        """What is asked of a field: for its arguments ids and counts suffice, once it is asked for all that it has."""
        target: Any = get_named_type(definition.type)
        node = node_of(definition)
        if is_leaf_type(target):
            return ""
        if node is None:
            named = "id" if "id" in target.fields else "__typename"
            return self._leaves(target) if whole else f"{{ {named} }}"
        name = "id" if "id" in node.fields else "__typename"
        if not whole:
            return f"{{ totalCount nodes {{ {name} }} }}"
        # What a connection over groups has beside them.
        more = [f for f in target.fields if f not in CONNECTION]
        rest = " ".join(f"{f} {self._selection(target.fields[f], whole=True)}" for f in more)
        info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
        return f"{{ totalCount nodes {self._leaves(node)} edges {{ cursor node {{ {name} }} }} {info} {rest} }}"

    # -- arguments ------------------------------------------------------------------------------------------------

    def _of_field(self, parent: Any, name: str, definition: GraphQLField) -> Iterator[Probe]:
        if not self._may(definition):
            return
        whole, ids = self._selection(definition, whole=True), self._selection(definition, whole=False)
        if not required(definition) and not (parent is self._schema.query_type and name in _FOUND):
            yield Probe(parent.name, name, selection=whole)
        for argument in definition.args:
            if not self._may_give(definition, argument):
                continue
            # A connection's arguments are the same wherever it stands: all that they can say is asked at the root.
            at_root = parent is self._schema.query_type or not node_of(definition)
            kept = 3 if not at_root and str(definition.args[argument].type) in self._root_arguments else None
            for others in self._others(definition, argument):
                for probe in islice(self._of_argument(parent, name, definition, argument, whole, ids), kept):
                    yield replace(probe, arguments=", ".join(filter(None, (others, probe.arguments))))

    def _may_give(self, definition: GraphQLField, argument: str) -> bool:
        """Whether the account may give an argument: none that compares times without one that says them."""
        given = ("where", argument) if argument == "compareTo" else (argument,)
        needs = {need for name in given for need in _NEEDS.findall(definition.args[name].description or "")}
        return {need.upper().replace(":", "_") for need in needs} <= self._held

    def _others(self, definition: GraphQLField, argument: str = "") -> Iterator[str]:
        """What else must be given beside an argument: an id in scope, and each value of an enumeration in turn."""
        choices: list[list[str]] = []
        for name, other in definition.args.items():
            type_: Any = get_named_type(other.type)
            if name == argument or not is_required_argument(other):
                continue
            if isinstance(type_, GraphQLEnumType):
                choices.append([f"{name}: {value}" for value in type_.values])
            elif type_.name == "ID" and not isinstance(get_nullable_type(other.type), GraphQLList):
                choices.append([f"{name}: {json.dumps(self._one_of(NAMES.get(name, PLACES)))}"])
            elif type_.name in USUAL:
                choices.append([f"{name}: {USUAL[type_.name]}"])
        yield from (", ".join(chosen) for chosen in product(*choices))

    def _one_of(self, names: tuple[str, ...]) -> str:
        """The id of a row in scope, the lowest place rather than a root."""
        return next((self._view.ids(name)[-1] for name in reversed(names) if self._view.ids(name)), NO_ID)

    def _of_argument(
        self, parent: Any, name: str, definition: GraphQLField, argument: str, whole: str, ids: str
    ) -> Iterator[Probe]:
        target: Any = rows_of(definition) or get_named_type(definition.type)
        type_: Any = get_nullable_type(definition.args[argument].type)
        if argument == "compareTo":
            times = between(definition, "2021-01-01", "2022-01-01")
            for value in type_.values:
                yield Probe(parent.name, name, f"where: {times}, compareTo: {value}", selection=whole)
        elif argument in ("after", "before"):
            yield from self._cursors(parent.name, name, definition, argument, ids)
        elif argument in ("first", "last"):
            yield Probe(parent.name, name, f"{argument}: 2", selection=whole)
        elif argument == "orderBy":
            for value in self._orders(get_named_type(type_)):
                yield Probe(parent.name, name, f"orderBy: [{value}]", selection=ids)
        elif isinstance(type_, GraphQLInputObjectType):
            listed = parent is self._schema.query_type and "groupBy" not in definition.args
            whole_filter = listed or str(type_) not in self._root_arguments
            for text, kind, hidden, missing, alike in self._operands(target.name, type_):
                # Whatever a statistic's figures are compared with names no row: one of them tells all.
                for asked in wrapped(text, (alike and whole_filter) or text.startswith("{count:")):
                    yield Probe(parent.name, name, f"{argument}: {asked}", kind, (*hidden,), missing, alike, ids)
        else:
            for text, kind, hidden, missing, alike in self._values(target.name, argument, type_, ""):
                # A day hides nothing, and other days have other answers.
                alike = alike and kind != "Date!"
                yield Probe(parent.name, name, f"{argument}: {text}", kind, (*hidden,), missing, alike, whole)

    def _orders(self, order: GraphQLInputObjectType) -> Iterator[str]:
        fields: Any = get_named_type(order.fields["field"].type)
        for name in fields.values:
            if self._may_value(fields, name):
                yield f"{{field: {name}, direction: ASC}}"
                yield f"{{field: {name}, direction: DESC}}"

    def _cursors(
        self, parent: str, name: str, definition: GraphQLField, argument: str, selection: str
    ) -> Iterator[Probe]:
        """The cursors of hidden rows, in no order and in each other that hub was given some of."""
        target = node_of(definition)
        by_order: dict[Any, list[str]] = {}
        for order, cursor in self._hub.cursors.get(target.name, ()):
            by_order.setdefault(order, []).append(cursor)
        ordered = "orderBy" in definition.args
        permitted = {
            order: cursors
            for order, cursors in by_order.items()
            if (ordered or not order) and self._may_order(definition, order)
        }
        if target.name in MADE_OF or not permitted:
            keys = sorted(self._view.outside.get(target.name, ())) or [0]
            permitted[()] = [cursor_of(f"{key:019}" if target.name in nouns.STATISTICS else key) for key in keys]
        for order, cursors in islice(permitted.items(), 4 if parent == "Query" else 2):
            steps = ", ".join(f"{{field: {f}, direction: {way}}}" for f, way in order)
            by = f"orderBy: [{steps}], " if steps else ""
            yield Probe(
                parent,
                name,
                f"{by}{argument}: $v",
                "String!",
                (*spread(cursors, WARM),),
                cursors[0],
                selection=selection,
            )

    def _may_order(self, definition: GraphQLField, order: Any) -> bool:
        steps: Any = order and get_named_type(definition.args["orderBy"].type)
        fields: Any = steps and get_named_type(steps.fields["field"].type)
        return all(self._may_value(fields, name) for name, _ in order)

    def _may_value(self, enumeration: GraphQLEnumType, name: str) -> bool:
        needs = _NEEDS.findall(enumeration.values[name].description or "")
        return {need.upper().replace(":", "_") for need in needs} <= self._held

    def _operands(self, target: str, type_: GraphQLInputObjectType) -> Iterator[tuple[str, str, list[Any], Any, bool]]:
        """Each operator of each field of a filter, as a filter."""
        for name, operand in type_.fields.items():
            if name in ("and", "or", "not") or not self._may_filter(operand):
                continue
            kind = get_nullable_type(operand.type)
            if isinstance(kind, GraphQLInputObjectType):
                figure = kind.name == "NumberOperators" and name != "count"
                for operator, given in islice(kind.fields.items(), 1 if figure else None):
                    for text, *rest in self._values(target, name, get_nullable_type(given.type), operator):
                        yield f"{{{name}: {{{operator}: {text}}}}}", *rest
            else:
                for text, *rest in self._values(target, name, kind, "eq"):
                    yield f"{{{name}: {text}}}", *rest

    def _may_filter(self, operand: Any) -> bool:
        mapping = operand.extensions[DEFINITION].metadata.get("zhanwang.mapping")
        return mapping is None or mapping.needs is None or mapping.needs.name in self._held

    def _values(
        self, target: str, name: str, type_: Any, operator: str
    ) -> Iterator[tuple[str, str, list[Any], Any, bool]]:
        """What an argument or operator is asked with: text, variable's type, hidden values, a missing one, alike."""
        many = isinstance(type_, GraphQLList)
        named: Any = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            # A filter asks by one value: it hides nothing, and is in the statement's text.
            for value in islice((v for v in named.values if self._may_value(named, v)), 1 if operator else None):
                yield (f"[{value}]" if many else value), "", [], None, False
        elif named.name == "Float":
            yield "$v", "Float!", [1000.0], 1.5, False
        elif named.name == "Boolean":
            yield from ((text, "", [], None, False) for text in ("true", "false"))
        else:
            hidden, missing = self._pool(target, name, named.name)
            if many:
                # All as long as each other: the length of a list is in the statement's text.
                lists = [padded(some, LISTED, missing) for some in (hidden[:LISTED], hidden[-LISTED:])]
                yield "$v", f"[{named.name}!]!", lists, [missing] * LISTED, name not in NAMED
            else:
                alike = operator in ("eq", "in", "") and name not in NAMED
                kept = len(TYPES) if named.name == "ID" and target not in TYPES else WARM
                yield "$v", f"{named.name}!", spread(hidden, kept), missing, alike

    def _pool(self, target: str, name: str, kind: str) -> tuple[list[Any], Any]:
        """Values of rows out of scope for an argument or operand, and one that no row has."""
        if kind == "ID":
            refs = tuple(nouns.LETTERS[prefix] for prefix in nouns.REFS.get((target, name), ()))
            names = refs or NAMES.get(name) or ((target,) if target in TYPES else tuple(TYPES))
            hidden = self._view.hidden(*names)
            if target not in TYPES:
                # Of every kind one: what is done with an id depends on its letter.
                hidden = list({letters(id_): id_ for id_ in hidden}.values())
            return hidden, f"{TYPES[names[0]][1]}999999999"
        if kind == "Date" and target not in TYPES:
            return ["2021-06-01", "2030-01-01"], MISSING["Date"]
        if name == "skill":
            # The list of skills is everybody's; who has them is not.
            return [row["code"] for row in self._view.rows["Skill"].values()], MISSING_TEXT
        if target not in TYPES:
            return [], MISSING.get(kind, MISSING_TEXT)
        column = nouns.column(target, name) or camel_to_snake(name)
        values = self._view.hidden_texts(target, column)
        return (values if kind == "Int" else [str(value) for value in values]), MISSING.get(kind, MISSING_TEXT)


_FOUND = ("station", "community", "grid", *(noun.single for noun in nouns.NOUNS if noun.by_code))
