"""Which root fields must be refused, and with which code: told from the operation alone, before any row is looked at.

What cannot be understood comes first, then what the role may not ask for, then values that are out of their range.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)
from graphql.execution.values import VariableValues, get_argument_values, get_directive_values
from graphql.type import GraphQLIncludeDirective, GraphQLSkipDirective

from tests import nouns
from tests.reference.counted import STATISTICS
from tests.reference.pages import BadCursor, Order
from tests.reference.periods import Bounds
from tests.reference.view import Today

NEEDS = re.compile(r"Needs `([a-z_:]+)`")
BAD, FORBIDDEN = "BAD_USER_INPUT", "FORBIDDEN"
LOOKUPS = ("station", "community", "grid", *(noun.single for noun in nouns.NOUNS if noun.by_code))
MAX_ORDER, MAX_DEPTH, MAX_CONDITIONS, MAX_LIST, LARGEST = 4, 5, 60, 500, 100
EXACT = ("phone", "idNumber")
MAX_DIMENSIONS = 4


@dataclass
class Findings:
    """What speaks against one root field."""

    senseless: bool = False
    needs: set[str] = field(default_factory=set)
    unusable: bool = False

    def code(self, permissions: set[str]) -> str | None:
        """The code of the refusal, if there must be one."""
        if self.senseless:
            return BAD
        if self.needs - permissions:
            return FORBIDDEN
        return BAD if self.unusable else None


class Inspector:
    """Looks through the selections of one operation."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: VariableValues) -> None:
        self._schema, self._variables = schema, variables
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def refusals(self, selections: SelectionSetNode, permissions: set[str]) -> dict[str, str]:
        """The codes of the root fields that must be refused, by response key."""
        query: Any = self._schema.query_type
        refused = {}
        for key, nodes in self._collect(query, [selections]).items():
            findings = Findings()
            self._inspect(query, nodes, findings)
            code = findings.code(permissions)
            if code:
                refused[key] = code
        return refused

    def _collect(self, type_: GraphQLObjectType, sets: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        """The selected fields of an object type by response key, fragments resolved."""
        found: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()

        def add(selections: SelectionSetNode) -> None:
            for node in selections.selections:
                if not self._included(node.directives or ()):
                    continue
                if isinstance(node, FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                elif isinstance(node, InlineFragmentNode):
                    if node.type_condition is None or self._applies(node.type_condition.name.value, type_):
                        add(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    fragment = self._fragments[node.name.value]
                    if self._applies(fragment.type_condition.name.value, type_):
                        add(fragment.selection_set)

        for selections in sets:
            add(selections)
        return found

    def _included(self, directives: tuple[DirectiveNode, ...] | list[DirectiveNode]) -> bool:
        class Node:
            pass

        node: Any = Node()
        node.directives = directives
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        named: Any = self._schema.type_map[condition]
        return named is type_ or (is_abstract_type(named) and type_ in self._schema.get_possible_types(named))

    def _inspect(self, parent: GraphQLObjectType, nodes: list[FieldNode], findings: Findings) -> None:
        name = nodes[0].name.value
        if name == "__typename":
            return
        definition = parent.fields[name]
        findings.needs |= needs_of(definition)
        try:
            arguments = get_argument_values(definition, nodes[0], self._variables)
        except GraphQLError:
            # A variable is null where the argument must not be.
            findings.senseless = True
            return
        if parent is self._schema.query_type and name in LOOKUPS:
            given = [arguments.get("id"), arguments.get("code")]
            findings.senseless |= given == [None, None]
            findings.unusable |= "\0" in (arguments.get("code") or "")
        if name == "networkSummary" and arguments.get("on"):
            findings.unusable |= arguments["on"] > Today.read().day.isoformat()
        if "first" in definition.args:
            self._inspect_page(definition, arguments, findings)
        if get_named_type(definition.type).name in STATISTICS:
            self._inspect_statistic(definition, arguments, findings)
        target: Any = get_named_type(definition.type)
        if is_composite_type(target):
            sets = [node.selection_set for node in nodes if node.selection_set]
            possible: Any = self._schema.get_possible_types(target) if is_abstract_type(target) else [target]
            for type_ in possible:
                for inner in self._collect(type_, sets).values():
                    self._inspect(type_, inner, findings)

    def _inspect_page(self, definition: Any, arguments: dict[str, Any], findings: Findings) -> None:
        order_by = arguments.get("orderBy") or []
        field_type: Any = None
        if "orderBy" in definition.args:
            field_type = get_named_type(get_named_type(definition.args["orderBy"].type).fields["field"].type)
        for step in order_by:
            findings.needs |= needs_of(field_type.values[step["field"]])
        findings.senseless |= len(order_by) > MAX_ORDER
        sizes = [arguments[name] for name in ("first", "last") if arguments.get(name) is not None]
        findings.senseless |= len(sizes) > 1
        findings.unusable |= any(not 1 <= size <= LARGEST for size in sizes)
        order = Order.of(order_by, get_named_type(definition.type).name.removesuffix("Connection"))
        for name in ("after", "before"):
            if arguments.get(name) is not None:
                try:
                    order.read(arguments[name])
                except BadCursor:
                    findings.unusable = True
        if arguments.get("where") is not None:
            filter_type: Any = get_named_type(definition.args["where"].type)
            conditions = self._inspect_filter(filter_type, arguments["where"], 1, findings)
            findings.senseless |= conditions > MAX_CONDITIONS

    def _inspect_statistic(self, definition: Any, arguments: dict[str, Any], findings: Findings) -> None:
        statistic = STATISTICS[get_named_type(definition.type).name]
        enumeration: Any = get_named_type(definition.args["groupBy"].type)
        asked = dict.fromkeys(arguments["groupBy"])
        for name in asked:
            findings.needs |= needs_of(enumeration.values[name])
        kinds = [statistic.dimensions[name].field for name in asked if statistic.dimensions[name].unit]
        findings.senseless |= len(asked) > MAX_DIMENSIONS or len(kinds) > len(set(kinds))
        if statistic.personal and any(value is not None for value in (arguments.get("where") or {}).values()):
            findings.needs.add("person:read")
        if arguments.get("compareTo") is not None:
            findings.senseless |= not Bounds.of((arguments.get("where") or {}).get(statistic.period)).closed
        if arguments.get("having") is not None:
            having: Any = get_named_type(definition.args["having"].type)
            findings.senseless |= self._inspect_filter(having, arguments["having"], 1, findings) > MAX_CONDITIONS

    def _inspect_filter(self, type_: Any, where: dict[str, Any], depth: int, findings: Findings) -> int:
        """Looks through a filter; the number of its conditions."""
        findings.senseless |= depth > MAX_DEPTH
        conditions = 0
        for name, value in where.items():
            if value is None:
                continue
            conditions += 1
            findings.needs |= needs_of(type_.fields[name])
            if name in ("and", "or", "not"):
                for part in value if isinstance(value, list) else [value]:
                    conditions += self._inspect_filter(type_, part, depth + 1, findings)
            elif isinstance(value, dict):
                for operand in value.values():
                    findings.senseless |= isinstance(operand, list) and len(operand) > MAX_LIST
                    texts = operand if isinstance(operand, list) else [operand]
                    # An id that is none names nothing, and a number that is matched by its hash alone matches nothing.
                    checked = get_named_type(type_.fields[name].type).name != "IDOperators" and name not in EXACT
                    findings.unusable |= checked and any("\0" in text for text in texts if isinstance(text, str))
        return conditions


def needs_of(definition: Any) -> set[str]:
    """The permissions that a description names."""
    return set(NEEDS.findall(definition.description or ""))
