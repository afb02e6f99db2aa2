"""Cost: how many rows an operation may answer, known from its page sizes before anything is compiled.

    stations(first: 10) { nodes { grids(first: $n) { nodes { id } } } }      10 × (1 + $n × 1)

An expression is made once for an operation and evaluated with each request's variables; what no variable changes is
summed up while it is made. An object is one row, a page has as many as `first` or `last` says, a plain list a few.
What types' fields are called decides, not what stands behind them, so that an interface costs what its types do.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from resolvers.core.introspection import ROOTS
from resolvers.core.mapping import DEFINITION, PUBLIC
from resolvers.core.messages import Message
from resolvers.core.pages import LARGEST, USUAL

FEW = 5
"""How many rows a plain list is taken to have."""

STATISTIC = 100
"""What a statistic costs beside its groups: it reads rows that it does not answer."""

INTROSPECTION = 1_000
"""What asking for the schema costs, which reads no rows."""

WRITE = 10
"""What a mutation costs beside its payload."""

GREETING = 500
"""What a mutation that needs no account costs instead: a password takes long to check, on purpose."""

Variables = Mapping[str, Any]
Condition = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a field has: as many as one of the variables says, or is long; `usual` if they say nothing.

    argument: the one to lower.
    """

    usual: int = 1
    argument: str = ""
    variables: tuple[str, ...] = ()

    def of(self, variables: Variables) -> int:
        """The size for these variables. What no page may have is refused by the page itself."""
        for name in self.variables:
            value = variables.get(name)
            if value is not None:
                return min(max(len(value) if isinstance(value, list) else value, 0), LARGEST)
        return self.usual


@dataclass(slots=True)
class Part:
    """A field of the operation: `size` rows, each of which costs `own` and the parts below it, and what is beside them.

    asked: a variable, and the value that it must have for the field to be asked for at all. fixed: the whole, if no
    variable changes it.
    """

    path: str
    size: Size
    own: int
    parts: list["Part"]
    beside: int = 0
    asked: Condition | None = None
    fixed: int | None = field(init=False, default=None)
    _each: int = field(init=False)
    _varying: list["Part"] = field(init=False)

    def __post_init__(self) -> None:
        self._each = self.own + sum(part.fixed or 0 for part in self.parts)
        self._varying = [part for part in self.parts if part.fixed is None]
        if not self._varying and not self.size.variables and self.asked is None:
            self.fixed = self.beside + self.size.usual * self._each

    def rows(self, variables: Variables) -> int:
        """What the field costs."""
        if self.fixed is not None:
            return self.fixed
        if not self.wanted(variables):
            return 0
        return self.beside + self.size.of(variables) * self.each(variables)

    def each(self, variables: Variables) -> int:
        """What one row of it costs."""
        return self._each + sum(part.rows(variables) for part in self._varying)

    def wanted(self, variables: Variables) -> bool:
        """Whether it is asked for."""
        return self.asked is None or bool(variables.get(self.asked[0])) is self.asked[1]


class Cost:
    """The cost of an operation, as an expression over its variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        operation: OperationDefinitionNode,
    ) -> None:
        root = schema.get_root_type(operation.operation)
        parts = _Reader(schema, fragments).parts(root, [operation.selection_set], "")
        self._whole = Part("", Size(), 0, parts)

    def of(self, variables: Variables) -> int:
        """The cost with these variables, in rows; nothing is free."""
        return max(1, self._whole.rows(variables))

    def advice(self, variables: Variables, limit: int) -> Message:
        """Which page to lower, and to what, so that the operation stays within a limit."""
        over = self.of(variables) - limit
        pages: dict[str, tuple[Size, int]] = {}
        for part, times in _walk(self._whole, variables, 1):
            if part.size.argument:
                # `nodes` and `edges` of one connection are lowered together.
                _, before = pages.get(part.path, (part.size, 0))
                pages[part.path] = part.size, before + times * part.each(variables)
        lowered = [
            (most / size.of(variables), path, size.argument, most)
            for path, (size, each) in pages.items()
            if each and (most := size.of(variables) - -(-over // each)) > 0
        ]
        if not lowered:
            return Message("Ask for fewer lists inside one another, or for smaller pages of several of them.")
        _, path, argument, most = max(lowered)
        if argument == "ids":
            return Message("Give `{field}` {most} ids at the most.", field=path, most=most)
        return Message("Lower `{argument}` of `{field}` to {most}.", argument=argument, field=path, most=most)


def _walk(part: Part, variables: Variables, times: int) -> Iterator[tuple[Part, int]]:
    """Every part that is asked for, and how many times."""
    if part.wanted(variables):
        yield part, times
        for inner in part.parts:
            yield from _walk(inner, variables, times * part.size.of(variables))


@dataclass(slots=True)
class _Asked:
    """The fields that are merged under one response key, and under which conditions each is asked for."""

    definition: GraphQLField
    nodes: list[FieldNode]
    conditions: set[Condition | None]


class _Reader:
    """Reads an operation."""

    def __init__(self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._schema, self._fragments = schema, fragments

    def parts(self, parent: Any, selected: list[SelectionSetNode], path: str, page: Size | None = None) -> list[Part]:
        """The parts of objects of a type; page: how many rows it has, if it is a connection's."""
        found: dict[tuple[str, str], _Asked] = {}
        for selections in selected:
            self._collect(parent, selections, None, found)
        return [
            self._part(parent, asked, path, key, page)
            for (_, key), asked in found.items()
            if isinstance(get_named_type(asked.definition.type), (GraphQLObjectType, GraphQLInterfaceType))
        ]

    def _collect(
        self,
        parent: Any,
        selections: SelectionSetNode,
        condition: Condition | None,
        found: dict[tuple[str, str], _Asked],
    ) -> None:
        for node in selections.selections:
            own = _condition(node) or condition
            if isinstance(node, FieldNode):
                name = node.name.value
                definition = parent.fields.get(name) or ROOTS.get(name)
                if definition is not None:
                    key = (parent.name, node.alias.value if node.alias else name)
                    asked = found.setdefault(key, _Asked(definition, [], set()))
                    asked.nodes.append(node)
                    asked.conditions.add(own)
                continue
            inner: Any = self._fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            type_ = self._schema.type_map[inner.type_condition.name.value] if inner.type_condition else parent
            self._collect(type_, inner.selection_set, own, found)

    def _part(self, parent: Any, asked: _Asked, above: str, key: str, page: Size | None) -> Part:
        definition, first = asked.definition, asked.nodes[0]
        type_: Any = get_named_type(definition.type)
        selected = [node.selection_set for node in asked.nodes if node.selection_set]
        condition = next(iter(asked.conditions)) if len(asked.conditions) == 1 else None
        beside = _written(definition) if parent is self._schema.mutation_type else 0
        path, name = f"{above}.{key}" if above else key, first.name.value
        if name in ROOTS:
            return Part(path, Size(), INTROSPECTION, [], 0, condition)
        if "first" in definition.args:
            beside += STATISTIC if "groupBy" in definition.args else 1
            size = _given(first, ("first", "last"), USUAL)
            return Part(path, Size(), 0, self.parts(type_, selected, path, size), beside, condition)
        if page is not None and name in ("nodes", "edges"):
            inner = self.parts(type_, selected, above)
            return Part(above, page, 1 if name == "nodes" else 0, inner, 0, condition)
        if "ids" in definition.args:
            size = _given(first, ("ids",), LARGEST)
        else:
            size = Size(FEW if is_list_type(get_nullable_type(definition.type)) else 1)
        own = 0 if name == "pageInfo" else 1
        return Part(path, size, own, self.parts(type_, selected, path), beside, condition)


def _written(definition: GraphQLField) -> int:
    """What a mutation costs beside its payload."""
    return GREETING if PUBLIC in definition.extensions[DEFINITION].metadata else WRITE


def _condition(node: SelectionNode) -> Condition | None:
    """What makes a selection asked for, if it is a variable."""
    for directive in node.directives or ():
        for argument in directive.arguments or ():
            if isinstance(argument.value, VariableNode):
                return argument.value.name.value, directive.name.value == "include"
    return None


def _given(node: FieldNode, names: tuple[str, ...], usual: int) -> Size:
    """The size that one of these arguments gives."""
    variables: list[str] = []
    argument = names[0]
    for given in node.arguments or ():
        if given.name.value in names:
            argument, value = given.name.value, given.value
            if isinstance(value, VariableNode):
                variables.append(value.name.value)
            elif isinstance(value, IntValueNode):
                # Digits as many as a client likes: no page has more rows than three say.
                usual = min(int(value.value[:4]), LARGEST) if value.value[0] != "-" else 0
            elif isinstance(value, ListValueNode):
                usual = min(len(value.values), LARGEST)
    return Size(usual, argument, tuple(variables))
