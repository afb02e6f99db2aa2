"""Answers the mapped root fields of a query with one statement; graphql-core resolves the others.

Hooks of graphql-core's executor, reached through `strawberry.Schema(execution_context_class=…)`:
`execute_root_grouped_field_set` has the root fields already collected, and `complete_value` lets ready JSON through.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import orjson
from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type, located_error
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from graphql.pyutils.is_awaitable import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.core import audit
from resolvers.core.arguments import shape
from resolvers.core.cache import Cache
from resolvers.core.compiler import Compiler, mapping_of
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Forbidden, Refusal, Unauthenticated
from resolvers.core.mapping import Computed, Pages
from resolvers.core.plan import Plan, Unbindable
from resolvers.core.scope import Scope

Fields = dict[str, list[FieldDetails]]
Answers = dict[str, Any]
Rest = Callable[[Fields, Any], Awaitable[Answers]]
Fetch = Callable[..., Awaitable[Any]]


class Ready:
    """A value that needs no completion."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Executor(StrawberryGraphQLCoreExecutionContext):
    """One operation."""

    scope = Scope()
    plans: Cache[Any, Plan] = Cache(1024)

    context_value: Context

    def execute_root_grouped_field_set(
        self, root_type: GraphQLObjectType, root_value: Any, grouped_field_set: Fields, serially: bool, position: Any
    ) -> Any:
        """Compile and run what is mapped, leave the rest to graphql-core, and put both in the order that was asked."""
        mapped = [key for key, details in grouped_field_set.items() if self._is_mapped(root_type, details)]
        if not mapped:
            return super().execute_root_grouped_field_set(root_type, root_value, grouped_field_set, serially, position)
        resolve = super().execute_root_grouped_field_set

        async def rest(fields: Fields, source: Any) -> Answers:
            answers = resolve(root_type, root_value if source is None else source, fields, serially, position)
            return cast("Answers", await answers if is_awaitable(answers) else answers)

        return self._execute(root_type, grouped_field_set, mapped, rest)

    def complete_value(self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any) -> Any:
        """Let ready values through."""
        if type(result) is Ready:
            return result.value
        return super().complete_value(return_type, details, info, path, result, position)

    async def _execute(self, root_type: GraphQLObjectType, fields: Fields, mapped: list[str], rest: Rest) -> Answers:
        answered: Answers = {}
        prepared = self._prepare(root_type, {key: fields[key] for key in mapped}, answered)
        left = {key: details for key, details in fields.items() if key not in mapped}
        if prepared is not None:
            plan, identity, parameters = prepared
            try:
                if plan.completed:
                    answered |= await self._complete(plan, identity, parameters, fields, rest)
                else:
                    row = await self._run(plan, identity, parameters, self.context_value.database.fetchrow)
                    answered |= {key: _ready(json) for key, json in zip(plan.keys, row[1:], strict=True)}
            except Exception as error:  # noqa: BLE001 - reported as each field's error, and masked on the way out
                self._refuse_all(answered, dict.fromkeys(plan.keys, error), fields)
        if left:
            answered |= await rest(left, None)
        return {key: answered[key] for key in fields}

    def _prepare(
        self, root_type: GraphQLObjectType, fields: Fields, answered: Answers
    ) -> tuple[Plan, Identity, list[Any]] | None:
        """The plan and parameters for the root fields that are not refused; the refused ones are answered."""
        try:
            identity = self.context_value.acting()
        except Unauthenticated as refusal:
            self._refuse_all(answered, dict.fromkeys(fields, refusal), fields)
            return None
        while remaining := {key: details for key, details in fields.items() if key not in answered}:
            plan = self._plan(root_type, remaining)
            refused = plan.refused | forbidden(plan, identity)
            if not refused:
                try:
                    return plan, identity, plan.bind(identity, self.variable_values, self.context_value)
                except Unbindable as unbindable:
                    refused = {unbindable.key: unbindable.refusal}
            self._refuse_all(answered, refused, fields)
        return None

    async def _run(self, plan: Plan, identity: Identity, parameters: list[Any], fetchrow: Fetch) -> Any:
        """Run the statement; once more if the database knows the grant better than we did."""
        context = self.context_value
        row = await fetchrow(plan.sql, parameters)
        if row[0] != "OK" and context.authenticator is not None:
            identity = context.identity = await context.authenticator.renew(context)
            for refusal in forbidden(plan, identity).values():
                raise refusal
            parameters = plan.bind(identity, self.variable_values, context)
            row = await fetchrow(plan.sql, parameters)
        if row[0] != "OK":
            raise Unauthenticated("The access token's account, session or grant has ended. Log in again.")
        return row

    async def _complete(
        self, plan: Plan, identity: Identity, parameters: list[Any], fields: Fields, rest: Rest
    ) -> Answers:
        """Answer what Python has to complete, in one transaction with the record of what was read in full."""
        context = self.context_value
        async with context.database.transaction() as connection:

            async def fetchrow(sql: str, arguments: list[Any]) -> Any:
                return await connection.fetchrow(sql, *arguments)

            row = await self._run(plan, identity, parameters, fetchrow)
            found = dict(zip(plan.keys, row[1:], strict=True))
            sources = {key: json and orjson.loads(json) for key, json in found.items() if key in plan.completed}
            completed = await rest({key: fields[key] for key in sources}, sources)
            await audit.append_readings(connection, context)
        return {key: _ready(json) for key, json in found.items()} | completed

    def _plan(self, root_type: GraphQLObjectType, fields: Fields) -> Plan:
        key = (id(self.operation), tuple(fields), self.scope.guarded, shape(self.variable_values.coerced))
        return self.plans.obtain(key, lambda: self._compile(root_type, fields))

    def _compile(self, root_type: GraphQLObjectType, fields: Fields) -> Plan:
        # The plan holds the operation, so that no other one can take its address while the plan is kept.
        plan = Plan(self.operation, self.scope)
        compiler = Compiler(self, self.scope)
        for key, details in fields.items():
            try:
                plan.roots[key] = compiler.root(root_type, details)
            except Refusal as refusal:
                plan.refused[key] = refusal
        return plan.assemble()

    def _refuse_all(self, answered: Answers, refused: Mapping[str, Exception], fields: Fields) -> None:
        """Report errors of root fields; the fields themselves are null."""
        for key, error in refused.items():
            nodes = getattr(error, "nodes", None) or [item.node for item in fields[key]]
            self.collected_errors.add(located_error(error, nodes, [key]), Path(None, key, None))
            answered[key] = None

    def _is_mapped(self, root_type: GraphQLObjectType, details: list[FieldDetails]) -> bool:
        return (
            root_type is self.schema.query_type
            and mapping_of(root_type.fields.get(details[0].node.name.value)) is not None
        )


def forbidden(plan: Plan, identity: Identity) -> dict[str, Refusal]:
    """The root fields of a plan that ask for a permission which the grant does not hold."""
    held = identity.grant.permissions
    if plan.needed <= held:
        return {}
    missing = {key: next((need for need in plan.needs(key) if need.permission not in held), None) for key in plan.keys}
    return {
        key: Forbidden(f"This needs the permission {need.permission.value}.", need.node)
        for key, need in missing.items()
        if need is not None
    }


def _ready(json: bytes | None) -> orjson.Fragment | None:
    return None if json is None else orjson.Fragment(json)


def prepare(types: Any) -> None:
    """Let graphql-core complete values out of a statement's JSON: every mapped field resolves by its response key."""
    paged: set[str] = set()
    for type_ in types:
        for field in type_.fields.values() if isinstance(type_, GraphQLObjectType) else ():
            if isinstance(mapping_of(field), Pages):
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
                    field.resolve = _computed(mapping) if isinstance(mapping, Computed) else _by_key(field)


def _by_key(field: Any) -> Any:
    leaf = is_leaf_type(get_named_type(field.type))

    def resolve(source: dict[str, Any], info: Any, **_: Any) -> Any:
        value = source[info.path.key]
        return Ready(value) if leaf else value

    return resolve


def _computed(mapping: Computed) -> Any:
    def resolve(source: dict[str, Any], info: Any, **_: Any) -> Any:
        return mapping.compute(info.context, *[source[f"${name}"] for name in mapping.columns])

    return resolve
