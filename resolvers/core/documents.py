"""Documents: each text is parsed, limited and validated once, then kept.

Parsing and validating cost a hundred times what a warm operation does, so limits that an attacker could run into come
first, and both outcomes are kept in a bounded cache.
"""

import re
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    ValidationContext,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.core.cache import Cache
from resolvers.core.cost import Cost
from resolvers.core.deprecations import Deprecations
from resolvers.core.errors import Code
from resolvers.core.messages import Message
from resolvers.core.size import Size
from resolvers.core.variables import Signatures, signatures_of

MAX_TOKENS = 2500
MAX_ERRORS = 20
MAX_COMPARISONS = 10_000
"""How much of comparing what is selected twice validation may do, in graphql-core's units of some 1.7 µs."""
LONGEST_MESSAGE = 500
"""How many characters of an error's message are sent: it may quote what the client wrote."""
KEPT_CHARACTERS = 2_000_000
"""How much text the documents that are kept may have together; parsed, they take some sixty times that."""

TOO_NESTED = Message("The document is nested too deeply.")
TOO_REPEATED = Message("The document selects the same fields too often beside one another: select each once.")
ABORTED = "Validation aborted."
_SUGGESTION = re.compile(r" Did you mean .*", re.DOTALL)


class Merging(OverlappingFieldsCanBeMergedRule):
    """graphql-core's rule, which is quadratic in what is selected twice, with less patience."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MAX_COMPARISONS


RULES = (
    *(Merging if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules),
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a document.

    kind: query, mutation or subscription. label: its name, or "". introspects: whether it asks for the schema.
    variables: what it takes.
    """

    node: OperationDefinitionNode
    kind: str
    label: str
    cost: Cost
    introspects: bool
    variables: Signatures


@dataclass(frozen=True)
class Document:
    """A document that may be executed, or why not; `operations` by name, the only one also under None.

    unhelpful: the errors without names that the schema has and the document has not. deprecated: the schema coordinates
    of what it uses and should not.
    """

    node: DocumentNode | None = None
    errors: list[GraphQLError] = field(default_factory=list)
    unhelpful: list[GraphQLError] = field(default_factory=list)
    operations: dict[str | None, Operation] = field(default_factory=dict)
    deprecated: tuple[str, ...] = ()


class Documents:
    """The documents of a schema."""

    def __init__(self, schema: GraphQLSchema, size: int = 1000) -> None:
        self._schema = schema
        self._deprecations = Deprecations(schema)
        self._cache: Cache[str, Document] = Cache(size, KEPT_CHARACTERS)

    def obtain(self, text: str) -> Document:
        """The document behind a text."""
        return self._cache.obtain(text, lambda: self._read(text))

    def __len__(self) -> int:
        return len(self._cache)

    def kept(self, text: str) -> Document | None:
        """The document behind a text, if it has been read."""
        return self._cache.peek(text)

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_tokens=MAX_TOKENS)
        except GraphQLSyntaxError as error:
            return _wrong([error], Code.PARSE_FAILED)
        except RecursionError:
            return _wrong([GraphQLError(TOO_NESTED)], Code.VALIDATION_FAILED)
        try:
            # A chain of fragments nests as deeply as the parser's own recursion never went.
            size = Size(node)
            beyond = size.beyond()
            errors = [GraphQLError(beyond)] if beyond else validate(self._schema, node, RULES, max_errors=MAX_ERRORS)
        except RecursionError:
            errors = [GraphQLError(TOO_NESTED)]
        if errors:
            return _wrong(errors, Code.VALIDATION_FAILED)
        fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
        found: dict[str | None, Operation] = {}
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else None
                cost = Cost(self._schema, fragments, definition)
                kind, introspects = definition.operation.value, size.operations[name].introspections > 0
                variables = signatures_of(self._schema, definition)
                found[name] = Operation(definition, kind, name or "", cost, introspects, variables)
        if len(found) == 1:
            found[None] = next(iter(found.values()))
        return Document(node, operations=found, deprecated=self._deprecations.of(text, node))


def _wrong(errors: list[GraphQLError], code: Code) -> Document:
    """A document that is refused."""
    return Document(
        errors=[coded(error, error.message, code) for error in errors],
        unhelpful=[coded(error, unhelpful(error.message), code) for error in errors],
    )


def coded(error: GraphQLError, message: str, code: Code) -> GraphQLError:
    """An error of graphql-core with a code, and without the nodes that would keep the document."""
    if message == ABORTED:
        message = TOO_REPEATED
    extensions = {**(error.extensions or {}), "code": code.value}
    return GraphQLError(shortened(message), source=error.source, positions=error.positions, extensions=extensions)


def unhelpful(message: str) -> str:
    """A message without the names that it suggests."""
    return _SUGGESTION.sub("", message) if " Did you mean " in message else message


def shortened(message: str) -> str:
    """A message of bearable length."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
