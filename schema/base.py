"""The schema's class: Strawberry's, with a short way from a request to the executor, and a check of every mapping."""

from collections.abc import Awaitable, Iterable
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
    get_named_type,
    is_introspection_type,
)
from graphql.execution.values import get_variable_values
from strawberry.execution import optimized_is_awaitable
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from resolvers.core.context import Context
from resolvers.core.documents import Documents
from resolvers.core.errors import Code
from resolvers.core.executor import Executor, answer_ordinary, prepare
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
from schema.scalars import CONFIG


class Unmapped(TypeError):
    """A field of a mapped type that the compiler could not answer, found when the server starts."""


class Schema(strawberry.Schema):
    """A Strawberry schema whose mapped root fields are compiled to SQL."""

    def __init__(self, **options: Any) -> None:
        super().__init__(execution_context_class=Executor, config=CONFIG, **options)
        types = [type_ for type_ in self._schema.type_map.values() if not is_introspection_type(type_)]
        check(types, self._schema.query_type, self._schema.mutation_type)
        prepare(types)
        self.documents = Documents(self._schema)

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Execute an operation; no extension runs, and one that is known costs little more than its statement."""
        document = self.documents.obtain(query or "")
        if document.node is None:
            return ExecutionResult(data=None, errors=document.errors)
        operation = document.operations.get(operation_name)
        if operation is None:
            return _failed("Name one of the document's operations.")
        if (
            allowed_operation_types is not None
            and OperationType(operation.operation.value) not in allowed_operation_types
        ):
            return _failed("A GET request can only query; send this by POST.", Code.METHOD_NOT_ALLOWED)
        variables = get_variable_values(self._schema, operation.variable_definitions or (), variable_values or {})
        if not isinstance(variables, list):
            answer = await answer_ordinary(operation, variables, cast("Context", context_value))
            if answer is not None:
                return ExecutionResult(data=answer[0], errors=answer[1] or None)
        executor = Executor.build(
            self._schema,
            document.node,
            root_value,
            context_value,
            variable_values,
            operation_name,
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            operation_extensions=operation_extensions,
        )
        if isinstance(executor, list):
            return ExecutionResult(data=None, errors=executor)
        result = executor.execute_operation()
        done: Any = result if isinstance(result, CoreResult) else await cast("Awaitable[CoreResult]", result)
        return ExecutionResult(data=done.data, errors=done.errors)


def _failed(message: str, code: Code = Code.BAD_REQUEST) -> ExecutionResult:
    return ExecutionResult(data=None, errors=[GraphQLError(message, extensions={"code": code.value})])


def check(types: Iterable[Any], query: GraphQLObjectType | None, mutation: GraphQLObjectType | None) -> None:
    """Refuse to start with a field that could not be answered, or whose need nobody has thought of."""
    for name, field in mutation.fields.items() if mutation else ():
        if not field.extensions[DEFINITION].metadata.keys() & {NEEDS, ACCOUNT, PUBLIC}:
            raise Unmapped(f"{name} declares neither what it needs nor that it is public")
        if isinstance(field.type, GraphQLNonNull):
            raise Unmapped(f"{name} must be nullable: its failure would take the answers of other mutations with it")
        if isinstance(mapping_of(field), Write):
            _check_write(name, field)
    for type_ in types:
        if isinstance(type_, GraphQLObjectType) and (type_ is query or isinstance(entity_of(type_), (Entity, Made))):
            for name, field in type_.fields.items():
                _check_field(f"{type_.name}.{name}", field, root=type_ is query)


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
