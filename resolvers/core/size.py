"""How large a document is, and what it must lower, and to what: known after parsing, before anything is validated.

Each fragment is measured once, however often it is spread. Every limit is far above what people write, and so low that
what validation and compilation make of a document within them takes some hundredths of a second.
"""

from typing import NamedTuple, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from resolvers.core.messages import Message

MAX_DEPTH = 16
MAX_SELECTED = 1000
MAX_ROOTS = 50
MAX_WRITES = 10
MAX_ALIASES = 300
MAX_DIRECTIVES = 100
MAX_OPERATIONS = 50
MAX_FRAGMENTS = 100
MAX_VARIABLES = 100
MAX_INTROSPECTIONS = 2


class Selected(NamedTuple):
    """What a selection has, with its fragments: how deep it is, its own fields, all of them, those for the schema."""

    depth: int = 0
    own: int = 0
    fields: int = 0
    introspections: int = 0


class Size:
    """The size of a document: what each operation selects, and what its text has."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._measured: dict[str, Selected] = {}
        self.operations: dict[str | None, Selected] = {}
        self.aliases = self.directives = self.variables = self.writes = 0
        self.fragments = sum(isinstance(d, FragmentDefinitionNode) for d in document.definitions)
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.variables = max(self.variables, len(definition.variable_definitions or ()))
                self.directives += len(definition.directives or ())
                name = definition.name.value if definition.name else None
                selected = self.operations[name] = self._selections(definition.selection_set)
                if definition.operation is OperationType.MUTATION:
                    self.writes = max(self.writes, selected.own)
        for name in self._fragments:
            self._fragment(name)

    def beyond(self) -> Message | None:
        """What must be lower, and what it may be; None if the document is within the limits."""
        selected = self.operations.values()
        if len(selected) > MAX_OPERATIONS:
            return Message("A document may have {most} operations at the most.", most=MAX_OPERATIONS)
        if self.fragments > MAX_FRAGMENTS:
            return Message("A document may have {most} fragments at the most.", most=MAX_FRAGMENTS)
        if self.variables > MAX_VARIABLES:
            return Message("An operation may have {most} variables at the most.", most=MAX_VARIABLES)
        if self.aliases > MAX_ALIASES:
            return Message("A document may have {most} aliases at the most.", most=MAX_ALIASES)
        if self.directives > MAX_DIRECTIVES:
            return Message("A document may have {most} directives at the most.", most=MAX_DIRECTIVES)
        if any(one.depth > MAX_DEPTH for one in selected):
            return Message("An operation may be {most} fields deep at the most.", most=MAX_DEPTH)
        if any(one.own > MAX_ROOTS for one in selected):
            return Message("An operation may have {most} root fields at the most.", most=MAX_ROOTS)
        if self.writes > MAX_WRITES:
            return Message("An operation may have {most} mutations at the most.", most=MAX_WRITES)
        if sum(one.fields for one in selected) > MAX_SELECTED:
            return Message(
                "A document may select {most} fields at the most, a fragment's as often as it is spread.",
                most=MAX_SELECTED,
            )
        if sum(one.introspections for one in selected) > MAX_INTROSPECTIONS:
            return Message("A document may ask for the schema {most} times at the most.", most=MAX_INTROSPECTIONS)
        return None

    def _fragment(self, name: str) -> Selected:
        if name not in self._measured:
            # While it is being measured a fragment counts nothing: a cycle is for the validation to report.
            self._measured[name] = Selected()
            fragment = self._fragments.get(name)
            self._measured[name] = self._selections(fragment.selection_set) if fragment else Selected()
        return self._measured[name]

    def _selections(self, selections: SelectionSetNode | None) -> Selected:
        depth = own = fields = introspections = 0
        for selection in selections.selections if selections else ():
            self.directives += len(selection.directives or ())
            if isinstance(selection, FieldNode):
                below = self._selections(selection.selection_set)
                self.aliases += selection.alias is not None
                inner = Selected(
                    below.depth + 1,
                    1,
                    below.fields + 1,
                    below.introspections + (selection.name.value in ("__schema", "__type")),
                )
            elif isinstance(selection, FragmentSpreadNode):
                inner = self._fragment(selection.name.value)
            else:
                inner = self._selections(cast("InlineFragmentNode", selection).selection_set)
            depth = max(depth, inner.depth)
            own, fields = own + inner.own, fields + inner.fields
            introspections += inner.introspections
        return Selected(depth, own, fields, introspections)
