"""The schema's class: Strawberry's, with a short way from a request to the executor, and a check of every mapping."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import (
    ExecutionResult as CoreResult,
)
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_introspection_type,
)
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.execution import optimized_is_awaitable
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.documents import MAX_ERRORS, Document, Documents, Operation, coded
from resolvers.core.errors import Code
from resolvers.core.events import LISTENS, Listens
from resolvers.core.executor import Executor, answer_ordinary, prepare
from resolvers.core.introspection import DESCRIBED
from resolvers.core.listening import Listener
from resolvers.core.mapping import (
    ACCOUNT,
    DEFINITION,
    NEEDS,
    PUBLIC,
    Entity,
    Grouped,
    Groups,
    Made,
    Many,
    One,
    Pages,
    Refusals,
    Write,
    entity_of,
    mapping_of,
)
from resolvers.core.messages import Message
from resolvers.core.variables import beyond, fitting
from schema.descriptions import described
from schema.scalars import CONFIG

KINDS = {kind.value: kind for kind in OperationType}
NO_VARIABLES = VariableValues({}, {})
BY_POST = Message("A GET request can only query; send this by POST.")
UNNAMED = Message("Name one of the document's operations.")
INTROSPECTION_OFF = Message("The schema is not told here: leave out `__schema` and `__type`, or log in first.")


class Unmapped(TypeError):
    """A field of a mapped type that the compiler could not answer, found when the server starts."""


class Schema(strawberry.Schema):
    """A Strawberry schema whose mapped root fields are compiled to SQL."""

    def __init__(self, **options: Any) -> None:
        super().__init__(execution_context_class=Executor, config=CONFIG, **options)
        types = [type_ for type_ in self._schema.type_map.values() if not is_introspection_type(type_)]
        check(types, self._schema.query_type, self._schema.mutation_type, self._schema.subscription_type)
        prepare(types)
        self._schema.extensions[DESCRIBED] = described
        self.documents = Documents(self._schema)

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,  # noqa: ARG002 - Strawberry's signature
    ) -> ExecutionResult:
        """Execute an operation; no extension runs."""
        context = cast("Context", context_value)
        prepared = self.prepare(self.documents.obtain(query or ""), variable_values, operation_name, context)
        if isinstance(prepared, ExecutionResult):
            return prepared
        if allowed_operation_types is not None and prepared.kind not in allowed_operation_types:
            return failed(BY_POST, Code.METHOD_NOT_ALLOWED)
        return await self.run(prepared, context, root_value)

    def prepare(
        self, document: Document, given: dict[str, Any] | None, name: str | None, context: Context
    ) -> "Prepared | ExecutionResult":
        """What is to be executed, without anything executed or compiled yet; or why it cannot be.

        given: the variables. name: of the operation, if the document has several.
        """
        told = context.limits.introspection.allows(known=context.identity is not None)
        if document.node is None:
            return ExecutionResult(data=None, errors=document.errors if told else document.unhelpful)
        operation = document.operations.get(name)
        if operation is None:
            return failed(UNNAMED)
        context.trace.operation, context.trace.kind = operation.label, operation.kind
        if operation.introspects and not told:
            return failed(INTROSPECTION_OFF, Code.INTROSPECTION_OFF)
        variables = self._variables(operation, given or {}, suggesting=told)
        if isinstance(variables, list):
            return ExecutionResult(data=None, errors=variables)
        cost, limit = operation.cost.of(variables.coerced), context.limits.cost
        if cost > limit:
            advice = operation.cost.advice(variables.coerced, limit)
            return failed(
                Message(
                    "This could answer {rows} rows; {most} may be asked for at once. {advice}",
                    rows=cost,
                    most=limit,
                    advice=advice,
                ),
                Code.TOO_COSTLY,
            )
        trace = context.trace
        trace.cost, trace.deprecated = cost, document.deprecated
        return Prepared(document, operation.node, KINDS[operation.kind], given, variables, name, cost)

    def _variables(
        self, operation: Operation, given: dict[str, Any], *, suggesting: bool
    ) -> VariableValues | list[GraphQLError]:
        if not operation.variables:
            return NO_VARIABLES
        if too_large := beyond(given):
            return [GraphQLError(too_large, extensions={"code": Code.BAD_USER_INPUT.value})]
        if (values := fitting(operation.variables, given)) is not None:
            return values
        found = get_variable_values(
            self._schema,
            operation.node.variable_definitions or (),
            given,
            max_errors=MAX_ERRORS,
            hide_suggestions=not suggesting,
        )
        if isinstance(found, list):
            return [coded(error, error.message, Code.BAD_USER_INPUT) for error in found]
        return found

    def listener(self, prepared: "Prepared", context: Context) -> Listener:
        """What a subscription listens to, and what it answers of an event. Raises Refusal."""
        return Listener.of(self._schema, prepared.document, prepared.given, prepared.name, context)

    async def run(self, prepared: "Prepared", context: Context, root_value: Any = None) -> ExecutionResult:
        """Execute a query or a mutation; one whose plan is known costs little more than its statement."""
        answer = await answer_ordinary(prepared.operation, prepared.variables, context)
        if answer is not None:
            return ExecutionResult(data=answer[0], errors=answer[1] or None)
        assert prepared.document.node is not None
        executor = Executor.build(
            self._schema,
            prepared.document.node,
            root_value,
            context,
            prepared.given,
            prepared.name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        )
        if isinstance(executor, list):
            return ExecutionResult(data=None, errors=executor)
        result = executor.execute_operation()
        done: Any = result if isinstance(result, CoreResult) else await cast("Awaitable[CoreResult]", result)
        return ExecutionResult(data=done.data, errors=done.errors)


# Not frozen, as nothing is that each request makes: that would make making one three times as dear.
@dataclass(slots=True)
class Prepared:
    """An operation that may be executed: its document is valid, its variables fit.

    given: the variables as the request has them. name: as the request has it. cost: in rows (resolvers.core.cost).
    """

    document: Document
    operation: OperationDefinitionNode
    kind: OperationType
    given: dict[str, Any] | None
    variables: VariableValues
    name: str | None
    cost: int


def failed(message: Message, code: Code = Code.BAD_REQUEST) -> ExecutionResult:
    """The result of an operation that is refused as a whole."""
    return ExecutionResult(data=None, errors=[GraphQLError(message, extensions={"code": code.value})])


def check(
    types: Iterable[Any],
    query: GraphQLObjectType | None,
    mutation: GraphQLObjectType | None,
    subscription: GraphQLObjectType | None,
) -> None:
    """Refuse to start with a field that could not be answered, or whose need nobody has thought of."""
    for name, field in mutation.fields.items() if mutation else ():
        if not field.extensions[DEFINITION].metadata.keys() & {NEEDS, ACCOUNT, PUBLIC}:
            raise Unmapped(f"{name} declares neither what it needs nor that it is public")
        if isinstance(field.type, GraphQLNonNull):
            raise Unmapped(f"{name} must be nullable: its failure would take the answers of other mutations with it")
        if isinstance(mapping_of(field), Write):
            _check_write(name, field)
    for name, field in subscription.fields.items() if subscription else ():
        if not isinstance(field.extensions[DEFINITION].metadata.get(LISTENS), Listens):
            raise Unmapped(f"{name} does not say what it listens to")
    roots = [root for root in (query, subscription) if root is not None]
    for type_ in types:
        if isinstance(type_, GraphQLObjectType) and (type_ in roots or isinstance(entity_of(type_), (Entity, Made))):
            for name, field in type_.fields.items():
                _check_field(f"{type_.name}.{name}", field, root=type_ in roots)


def _check_write(name: str, field: GraphQLField) -> None:
    if list(field.args) != ["input"]:
        raise Unmapped(f"{name} must take one argument, `input`")
    payload: Any = get_named_type(field.type)
    for inner, definition in payload.fields.items():
        if mapping_of(definition) is None:
            raise Unmapped(f"{payload.name}.{inner} has no mapping")
    if not any(isinstance(mapping_of(definition), Refusals) for definition in payload.fields.values()):
        raise Unmapped(f"{payload.name} cannot say why it was refused")


def _check_field(where: str, field: GraphQLField, *, root: bool) -> None:
    definition = field.extensions[DEFINITION]
    mapping = mapping_of(field)
    if mapping is None:
        raise Unmapped(f"{where} has no mapping")
    if not definition.metadata.keys() & {NEEDS, PUBLIC}:
        raise Unmapped(f"{where} declares neither what it needs nor that it is public")
    if definition.permission_classes:
        raise Unmapped(f"{where} has permission_classes, which never run on a mapped field")
    if (root or isinstance(mapping, One)) and isinstance(field.type, GraphQLNonNull):
        raise Unmapped(f"{where} must be nullable: a scope or a refusal can leave nothing of it")
    target: Any = get_named_type(field.type)
    if isinstance(mapping, (Pages, Groups, Grouped)):
        target = get_named_type(target.fields["nodes"].type)
    if isinstance(mapping, (One, Many, Pages, Groups, Grouped)) and entity_of(target) is None:
        raise Unmapped(f"{where} leads to {target}, which no table stands behind")
