"""Documents: each text is parsed, limited and validated once, then kept.

Parsing and validating cost a hundred times what a warm operation does, so limits that an attacker could run into come
first, and both outcomes are kept in a bounded cache.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.core.cache import Cache
from resolvers.core.errors import Code

MAX_TOKENS = 4000
MAX_DEPTH = 16
MAX_SELECTED = 2000
MAX_INTROSPECTIONS = 2
MAX_ERRORS = 20
KEPT_CHARACTERS = 2_000_000
"""How much text the documents that are kept may have together; parsed, they take some sixty times that."""

TOO_NESTED = "The document is nested too deeply."
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Size(NamedTuple):
    """How large a selection is; a fragment counts as often as it is spread, and is measured once."""

    depth: int = 0
    fields: int = 0
    introspections: int = 0


@dataclass(frozen=True)
class Document:
    """A document that may be executed, or why not; `operations` by name, the only one also under None."""

    node: DocumentNode | None = None
    errors: list[GraphQLError] = field(default_factory=list)
    operations: dict[str | None, OperationDefinitionNode] = field(default_factory=dict)


class Documents:
    """The documents of a schema."""

    def __init__(self, schema: GraphQLSchema, size: int = 1000) -> None:
        self._schema = schema
        self._cache: Cache[str, Document] = Cache(size, KEPT_CHARACTERS)

    def obtain(self, text: str) -> Document:
        """The document behind a text."""
        return self._cache.obtain(text, lambda: self._read(text))

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=MAX_TOKENS)
        except GraphQLSyntaxError as error:
            return Document(errors=[coded(error, Code.PARSE_FAILED)])
        except RecursionError:
            return Document(errors=[refused(TOO_NESTED)])
        try:
            # A chain of fragments nests as deeply as the parser's own recursion never went.
            too_large = beyond(measure(node))
            errors = [] if too_large else validate(self._schema, node, RULES, max_errors=MAX_ERRORS)
        except RecursionError:
            return Document(errors=[refused(TOO_NESTED)])
        if too_large:
            return Document(errors=[refused(too_large)])
        if errors:
            return Document(errors=[coded(error, Code.VALIDATION_FAILED) for error in errors])
        found: dict[str | None, OperationDefinitionNode] = {
            definition.name.value if definition.name else None: definition
            for definition in node.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        if len(found) == 1:
            found[None] = next(iter(found.values()))
        return Document(node, [], found)


def coded(error: GraphQLError, code: Code) -> GraphQLError:
    """An error of graphql-core with a code, and without the nodes that would keep the document."""
    extensions = {**(error.extensions or {}), "code": code.value}
    return GraphQLError(error.message, source=error.source, positions=error.positions, extensions=extensions)


def beyond(size: Size) -> str | None:
    """What a document of such a size must lower, and to what; None if it is within the limits."""
    if size.depth > MAX_DEPTH:
        return f"An operation may be {MAX_DEPTH} fields deep at the most."
    if size.fields > MAX_SELECTED:
        return f"A document may select {MAX_SELECTED} fields at the most, a fragment's as often as it is spread."
    if size.introspections > MAX_INTROSPECTIONS:
        return f"A document may ask for the schema {MAX_INTROSPECTIONS} times at the most."
    return None


def refused(message: str) -> GraphQLError:
    """A document beyond a limit."""
    return GraphQLError(message, extensions={"code": Code.VALIDATION_FAILED.value})


def measure(document: DocumentNode) -> Size:
    """The size of a document: of its deepest operation, and of all its fields together."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    sizes: dict[str, Size] = {}

    def of_fragment(name: str) -> Size:
        if name not in sizes:
            # While it is being measured a fragment counts nothing: a cycle is for the validation to report.
            sizes[name] = Size()
            sizes[name] = of_selections(fragments[name].selection_set) if name in fragments else Size()
        return sizes[name]

    def of_selections(selections: SelectionSetNode | None) -> Size:
        depth = fields = introspections = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                inner, own = of_fragment(selection.name.value), 0
            else:
                inner, own = of_selections(getattr(selection, "selection_set", None)), isinstance(selection, FieldNode)
            depth = max(depth, inner.depth + own)
            fields += inner.fields + own
            introspections += inner.introspections
            introspections += isinstance(selection, FieldNode) and selection.name.value in ("__schema", "__type")
        return Size(depth, fields, introspections)

    found = [of_selections(getattr(d, "selection_set", None)) for d in document.definitions]
    return Size(
        max((size.depth for size in found), default=0),
        sum(size.fields for size in found),
        sum(size.introspections for size in found),
    )
