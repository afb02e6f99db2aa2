"""Smaller operations out of a large one, to find the part of it that a fault comes from."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    Node,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)


class _Names(Visitor):
    """The fragments and variables that are named somewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.fragments: set[str] = set()
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.fragments.add(node.name.value)

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.variables.add(node.name.value)


def parts(query: str, variables: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each root field, and what else stands at the top, the operation that has it alone, with its variables."""
    document = parse(query)
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    for selection in operation.selection_set.selections:
        names = _Names()
        left: list[Node] = [selection]
        needed: dict[str, FragmentDefinitionNode] = {}
        while left:
            visit(left.pop(), names)
            new = {name: fragments[name] for name in names.fragments - needed.keys()}
            needed |= new
            left += new.values()
        declared = tuple(
            one for one in operation.variable_definitions or () if one.variable.name.value in names.variables
        )
        alone = OperationDefinitionNode(
            operation=operation.operation,
            name=operation.name,
            variable_definitions=declared,
            directives=operation.directives,
            selection_set=SelectionSetNode(selections=(selection,)),
        )
        given = {name: value for name, value in variables.items() if name in names.variables}
        yield print_ast(DocumentNode(definitions=(alone, *needed.values()))), given
