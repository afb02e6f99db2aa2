"""Documents: each text is parsed, limited and validated once, then kept.

Parsing and validating cost a hundred times what a warm operation does, so limits that an attacker could run into come
first, and both outcomes are kept in a bounded cache.
"""

from dataclasses import dataclass, field

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
MAX_ERRORS = 20
TOO_NESTED = "The document is nested too deeply."
RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


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
        self._cache: Cache[str, Document] = Cache(size)

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
            depth = deepest(node)
            errors = validate(self._schema, node, RULES, max_errors=MAX_ERRORS) if depth <= MAX_DEPTH else []
        except RecursionError:
            return Document(errors=[refused(TOO_NESTED)])
        if depth > MAX_DEPTH:
            return Document(errors=[refused(f"An operation may be {MAX_DEPTH} fields deep at the most.")])
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
    """An error of graphql-core with a code."""
    error.extensions = {**(error.extensions or {}), "code": code.value}
    return error


def refused(message: str) -> GraphQLError:
    """A document beyond a limit."""
    return GraphQLError(message, extensions={"code": Code.VALIDATION_FAILED.value})


def deepest(document: DocumentNode) -> int:
    """How deep the fields of a document are nested; each fragment is measured once, however often it is spread."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    depths: dict[str, int] = {}

    def of_fragment(name: str) -> int:
        if name not in depths:
            # While it is being measured a fragment counts nothing: a cycle is for the validation to report.
            depths[name] = 0
            depths[name] = of_selections(fragments[name].selection_set) if name in fragments else 0
        return depths[name]

    def of_selections(selections: SelectionSetNode | None) -> int:
        depth = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FragmentSpreadNode):
                depth = max(depth, of_fragment(selection.name.value))
            else:
                inner = of_selections(getattr(selection, "selection_set", None))
                depth = max(depth, inner + isinstance(selection, FieldNode))
        return depth

    return max((of_selections(getattr(d, "selection_set", None)) for d in document.definitions), default=0)
