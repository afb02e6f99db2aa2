"""Answers the mapped root fields of a query with one statement; graphql-core resolves the others.

Hooks of graphql-core's executor, reached through `strawberry.Schema(execution_context_class=…)`:
`execute_root_grouped_field_set` has the root fields already collected, and `complete_value` lets ready JSON through.
"""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from time import perf_counter
from typing import Any, cast

import orjson
from graphql import (
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    located_error,
)
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from graphql.pyutils import Path
from graphql.pyutils.is_awaitable import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.core import audit
from resolvers.core.arguments import shape
from resolvers.core.cache import Cache
from resolvers.core.compiler import Compiler
from resolvers.core.context import Context
from resolvers.core.errors import BadInput, Refusal, Unauthenticated
from resolvers.core.introspection import ROOTS, introspected
from resolvers.core.mapping import Computed, Grouped, Groups, Pages, Refusals, Write, mapping_of
from resolvers.core.messages import Message
from resolvers.core.mutation import Mutation, given_of
from resolvers.core.plan import Fields, Plan, Unbindable, forbidden
from resolvers.core.scope import OPEN, SCOPES, Scope
from resolvers.core.write import ENDED, renew

Answers = dict[str, Any]
Rest = Callable[[Fields, Any], Awaitable[Answers]]


class Ready:
    """A value that needs no completion."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Executor(StrawberryGraphQLCoreExecutionContext):
    """One operation."""

    scopes = SCOPES
    plans: Cache[Any, Plan] = Cache(1024)

    context_value: Context

    @property
    def scope(self) -> Scope:
        """What the operation is compiled for."""
        return self.scopes[self.context_value.acting().grant.aspect]

    def execute_root_grouped_field_set(
        self, root_type: GraphQLObjectType, root_value: Any, grouped_field_set: Fields, serially: bool, position: Any
    ) -> Any:
        """Compile and run what is mapped, leave the rest to graphql-core, and put both in the order that was asked."""
        mapped = [key for key, details in grouped_field_set.items() if self._is_mapped(root_type, details)]
        ready = {
            key: orjson.Fragment(introspected(self, key, details))
            for key, details in grouped_field_set.items()
            if details[0].node.name.value in ROOTS
        }
        if not mapped and not ready:
            return super().execute_root_grouped_field_set(root_type, root_value, grouped_field_set, serially, position)
        resolve = super().execute_root_grouped_field_set

        async def rest(fields: Fields, source: Any) -> Answers:
            answers = resolve(root_type, root_value if source is None else source, fields, serially, position)
            return cast("Answers", await answers if is_awaitable(answers) else answers)

        return self._execute(root_type, grouped_field_set, mapped, ready, rest)

    def complete_value(self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any) -> Any:
        """Let ready values through."""
        if type(result) is Ready:
            return result.value
        return super().complete_value(return_type, details, info, path, result, position)

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Path, position: Any) -> Any:
        """Run a mutation that is mapped; graphql-core resolves every other field."""
        field = parent_type.fields.get(details[0].node.name.value)
        mapping = mapping_of(field) if parent_type is self.schema.mutation_type else None
        if not isinstance(mapping, Write):
            return super().execute_field(parent_type, source, details, path, position)
        info = self.build_resolve_info(field, [item.node for item in details], parent_type, path)

        async def complete(payload: Any) -> Any:
            completed = self.complete_value(field.type, details, info, path, payload, position)
            return await completed if self.is_awaitable(completed) else completed

        async def run() -> Ready:
            self.context_value.acting()
            self.context_value.trace.plan_kept = True
            plan = self.plans.obtain(
                (plan_key(self.operation, self.variable_values, self.scope), path.key),
                lambda: self._compile(parent_type, {str(path.key): details}, whole=False),
            )
            mutation = Mutation(plan, mapping, field_name, self.variable_values, self.context_value, complete)
            return Ready(await mutation.run(given_of(field, details[0], self.variable_values)))

        field_name = details[0].node.name.value
        return self.complete_awaitable_value(field.type, details, info, path, run(), position)

    async def _execute(
        self, root_type: GraphQLObjectType, fields: Fields, mapped: list[str], answered: Answers, rest: Rest
    ) -> Answers:
        """answered: what has its answer already."""
        if mapped:
            try:
                await self._answer(root_type, fields, mapped, answered, rest)
            except Exception as error:  # noqa: BLE001 - reported as each field's error, and masked on the way out
                self._refuse_all(answered, {key: error for key in mapped if key not in answered}, fields)
        left = {key: details for key, details in fields.items() if key not in answered}
        if left:
            answered |= await rest(left, None)
        return {key: answered[key] for key in fields}

    async def _answer(
        self, root_type: GraphQLObjectType, fields: Fields, mapped: list[str], answered: Answers, rest: Rest
    ) -> None:
        asked = {key: fields[key] for key in mapped}
        plan, parameters = self._prepare(root_type, asked, answered, whole=len(mapped) == len(fields))
        if plan.completed:
            answered |= await self._complete(plan, parameters, fields, rest)
        elif plan.keys:
            row = await self._run(plan, parameters)
            answered |= {key: _ready(json) for key, json in zip(plan.keys, row[1:], strict=True)}

    def _prepare(
        self, root_type: GraphQLObjectType, fields: Fields, answered: Answers, *, whole: bool
    ) -> tuple[Plan, list[Any]]:
        """The plan and parameters for the root fields that are not refused; the refused ones are answered."""
        identity = self.context_value.acting()
        self.context_value.trace.plan_kept = True
        plan = self.plans.obtain(
            plan_key(self.operation, self.variable_values, self.scope),
            lambda: self._compile(root_type, fields, whole=whole),
        )
        refused: dict[str, Exception] = {**plan.refused, **forbidden(plan, identity)}
        try:
            parameters = plan.bind(identity, self.variable_values, self.context_value)
        except Unbindable as unbindable:
            refused = {**unbindable.refused, **refused}
        if not refused:
            return plan, parameters
        self._refuse_all(answered, refused, fields)
        # Not kept: what is left after a refusal is as various as refusals are.
        left = {key: details for key, details in fields.items() if key not in answered}
        plan = self._compile(root_type, left, whole=False)
        return plan, plan.bind(identity, self.variable_values, self.context_value)

    async def _run(self, plan: Plan, parameters: list[Any]) -> Any:
        """Run the statement; once more, by the database itself, if that knows the grant better than we did."""
        row = await plan.statement.read(self.context_value, parameters)
        if row[0] != OPEN:
            row = await plan.statement.read(self.context_value, await self._renewed(plan), settled=True)
        return _opened(row)

    async def _complete(self, plan: Plan, parameters: list[Any], fields: Fields, rest: Rest) -> Answers:
        """Answer what Python has to complete, in one transaction with the record of what was read in full."""
        context = self.context_value
        async with context.database.transaction(context.trace) as connection:
            row = await plan.statement.read_on(connection, context, parameters)
            if row[0] == OPEN:
                return await self._completed(plan, row, fields, rest, connection)
        # Outside the transaction: whoever holds a connection must not wait for another.
        parameters = await self._renewed(plan)
        async with context.database.transaction(context.trace) as connection:
            row = _opened(await plan.statement.read_on(connection, context, parameters))
            return await self._completed(plan, row, fields, rest, connection)

    async def _completed(self, plan: Plan, row: Any, fields: Fields, rest: Rest, connection: Any) -> Answers:
        found = dict(zip(plan.keys, row[1:], strict=True))
        sources = {key: json and orjson.loads(json) for key, json in found.items() if key in plan.completed}
        completed = await rest({key: fields[key] for key in sources}, sources)
        await audit.append_readings(connection, self.context_value)
        return {key: _ready(json) for key, json in found.items()} | completed

    async def _renewed(self, plan: Plan) -> list[Any]:
        """The statement's parameters for the same token's identity as it is now."""
        context = self.context_value
        await renew(context)
        for refusal in forbidden(plan, context.acting()).values():
            raise refusal
        return plan.bind(context.acting(), self.variable_values, context)

    def _compile(self, root_type: GraphQLObjectType, fields: Fields, *, whole: bool) -> Plan:
        began = perf_counter()
        # The plan holds the operation, so that no other one can take its address while the plan is kept.
        plan = Plan(self.operation, self.scope, fields, whole)
        compiler = Compiler(self, self.scope)
        for key, details in fields.items():
            try:
                plan.roots[key] = compiler.root(root_type, details)
            except GraphQLError as error:
                # graphql-core's own: a null variable where the argument must not be null.
                plan.refused[key] = (
                    error if isinstance(error, Refusal) else BadInput(Message.quoted(error.message), error.nodes)
                )
        plan.assemble()
        self.context_value.trace.compiled(began)
        return plan

    def _refuse_all(self, answered: Answers, refused: Mapping[str, Exception], fields: Fields) -> None:
        """Report errors of root fields; the fields themselves are null."""
        for key, error in refused.items():
            self.collected_errors.add(located(error, key, fields[key]), Path(None, key, None))
            answered[key] = None

    def _is_mapped(self, root_type: GraphQLObjectType, details: list[FieldDetails]) -> bool:
        return (
            root_type is self.schema.query_type
            and mapping_of(root_type.fields.get(details[0].node.name.value)) is not None
        )


async def answer_ordinary(
    operation: OperationDefinitionNode, variables: VariableValues, context: Context
) -> tuple[Answers, list[GraphQLError]] | None:
    """The answer of an operation whose plan is known and whose grant may; None if anything is out of the ordinary.

    Then nothing has happened yet, and an executor takes the operation, which knows what to do.
    """
    identity = context.identity
    if identity is None:
        return None
    plan = Executor.plans.peek(plan_key(operation, variables, Executor.scopes[identity.grant.aspect]))
    if plan is None or not plan.ordinary or not plan.needed <= identity.grant.permissions:
        return None
    try:
        parameters = plan.bind(identity, variables, context)
    except Unbindable:
        return None
    context.trace.plan_kept = True
    try:
        row = await plan.statement.read(context, parameters)
    except Exception as error:  # noqa: BLE001 - reported as each field's error, and masked on the way out
        return dict.fromkeys(plan.keys), [located(error, key, plan.fields[key]) for key in plan.keys]
    if row[0] != OPEN:
        return None
    return {key: _ready(json) for key, json in zip(plan.keys, row[1:], strict=True)}, []


def plan_key(operation: OperationDefinitionNode, variables: VariableValues, scope: Scope) -> Hashable:
    """What the plan of an operation's mapped root fields is kept under."""
    return id(operation), scope, shape(variables.coerced)


def located(error: Exception, key: str, details: list[FieldDetails]) -> GraphQLError:
    """An error as a root field's."""
    return located_error(error, getattr(error, "nodes", None) or [item.node for item in details], [key])


def _opened(row: Any) -> Any:
    """A row whose statement's scope opened."""
    if row[0] != OPEN:
        raise Unauthenticated(ENDED)
    return row


def _ready(json: bytes | None) -> orjson.Fragment | None:
    return None if json is None else orjson.Fragment(json)


def prepare(types: Any) -> None:
    """Let graphql-core complete values out of a statement's JSON: every mapped field resolves by its response key."""
    paged: set[str] = set()
    for type_ in types:
        for field in type_.fields.values() if isinstance(type_, GraphQLObjectType) else ():
            if isinstance(mapping_of(field), (Pages, Groups, Grouped)):
                connection = get_named_type(field.type)
                paged |= {
                    connection.name,
                    *(get_named_type(connection.fields[f].type).name for f in ("edges", "pageInfo")),
                }
    for type_ in types:
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda value, _info, _type: value["$type"]
        elif isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                mapping = mapping_of(field)
                if mapping is not None or type_.name in paged:
                    # Rows are plain objects here; what type they are, the statement said.
                    type_.is_type_of = None
                    field.resolve = _computed(mapping) if isinstance(mapping, Computed) else _by_key(field, mapping)


def _by_key(field: Any, mapping: Any) -> Any:
    leaf = is_leaf_type(get_named_type(field.type)) or isinstance(mapping, Refusals)

    def resolve(source: dict[str, Any], info: Any, **_: Any) -> Any:
        value = source[info.path.key]
        return Ready(value) if leaf else value

    return resolve


def _computed(mapping: Computed) -> Any:
    def resolve(source: dict[str, Any], info: Any, **_: Any) -> Any:
        return mapping.compute(info.context, *[source[f"${name}"] for name in mapping.columns])

    return resolve
