"""Answers the mapped root fields of a query with one statement; graphql-core resolves the others.

Hooks of graphql-core's executor, reached through `strawberry.Schema(execution_context_class=…)`:
`execute_root_grouped_field_set` has the root fields already collected, and `complete_value` lets ready JSON through.
"""

import logging
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type, located_error
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from graphql.pyutils.is_awaitable import is_awaitable
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.core.arguments import shape
from resolvers.core.cache import Cache
from resolvers.core.compiler import Compiler, mapping_of
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Forbidden, Refusal, Unauthenticated
from resolvers.core.mapping import Computed
from resolvers.core.plan import Plan, Unbindable
from resolvers.core.scope import Scope

log = logging.getLogger("zhanwang.executor")

Fields = dict[str, list[FieldDetails]]


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
        return self._execute(root_type, root_value, grouped_field_set, mapped, serially, position)

    def complete_value(self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any) -> Any:
        """Let ready values through."""
        if type(result) is Ready:
            return result.value
        return super().complete_value(return_type, details, info, path, result, position)

    async def _execute(
        self, root_type: GraphQLObjectType, root_value: Any, fields: Fields, mapped: list[str], serially: bool, position: Any
    ) -> dict[str, Any]:
        answered, sources = await self._answer(root_type, {key: fields[key] for key in mapped})
        left = {key: details for key, details in fields.items() if key not in answered}
        if left:
            if sources:
                root_value = sources
            rest = super().execute_root_grouped_field_set(root_type, root_value, left, serially, position)
            answered |= await rest if is_awaitable(rest) else rest
        return {key: answered[key] for key in fields}

    async def _answer(self, root_type: GraphQLObjectType, fields: Fields) -> tuple[dict[str, Any], dict[str, Any]]:
        """The root fields that are answered, and the rows of those that Python must complete."""
        answered: dict[str, Any] = {}
        context = self.context_value
        try:
            identity = context.acting()
        except Unauthenticated as refusal:
            return {key: self._refuse(key, details, refusal) for key, details in fields.items()}, {}
        while True:
            plan = self._plan(root_type, {key: details for key, details in fields.items() if key not in answered})
            refused = plan.refused | self._forbidden(plan, identity)
            try:
                parameters = [] if refused else plan.bind(identity, self.variable_values, context)
            except Unbindable as unbindable:
                refused = {unbindable.key: unbindable.refusal}
            if not refused:
                break
            answered |= {key: self._refuse(key, fields[key], refusal) for key, refusal in refused.items()}
        if not plan.roots:
            return answered, {}
        try:
            row = await self._run(plan, identity, parameters)
        except Refusal as refusal:
            return answered | {key: self._refuse(key, fields[key], refusal) for key in plan.keys}, {}
        except Exception as error:
            log.exception("request %s: a compiled statement failed", context.request_id)
            return answered | {key: self._refuse(key, fields[key], error) for key in plan.keys}, {}
        sources: dict[str, Any] = {}
        for index, key in enumerate(plan.keys, start=1):
            json = row[index]
            if json is None or not plan.roots[key].completed:
                answered[key] = None if json is None else orjson.Fragment(json)
            else:
                sources[key] = orjson.loads(json)
        return answered, sources

    async def _run(self, plan: Plan, identity: Identity, parameters: list[Any]) -> Any:
        """Run the statement; once more if the database knows the grant better than we did."""
        context = self.context_value
        row = await context.database.fetchrow(plan.sql, parameters, wide=identity.grant.wide)
        if row[0] == "OK":
            return row
        if context.authenticator is not None:
            identity = context.identity = await context.authenticator.renew(context)
            for key in plan.keys:
                for need in plan.needs(key):
                    if need.permission not in identity.grant.permissions:
                        raise Forbidden(f"This needs the permission {need.permission.value}.")
            parameters = plan.bind(identity, self.variable_values, context)
            row = await context.database.fetchrow(plan.sql, parameters, wide=identity.grant.wide)
            if row[0] == "OK":
                return row
        raise Unauthenticated("The access token's account, session or grant has ended. Log in again.")

    def _plan(self, root_type: GraphQLObjectType, fields: Fields) -> Plan:
        key = (id(self.operation), tuple(fields), self.scope, shape(self.variable_values.coerced))
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

    def _forbidden(self, plan: Plan, identity: Identity) -> dict[str, Refusal]:
        held = identity.grant.permissions
        refused: dict[str, Refusal] = {}
        for key in plan.keys:
            need = next((need for need in plan.needs(key) if need.permission not in held), None)
            if need is not None:
                refused[key] = Forbidden(f"This needs the permission {need.permission.value}.", need.node)
        return refused

    def _refuse(self, key: str, details: list[FieldDetails], error: Exception) -> None:
        """Report a root field's error; the field itself is null."""
        nodes = error.nodes if isinstance(error, GraphQLError) and error.nodes else [item.node for item in details]
        self.collected_errors.add(located_error(error, nodes, [key]), Path(None, key, None))

    def _is_mapped(self, root_type: GraphQLObjectType, details: list[FieldDetails]) -> bool:
        return root_type is self.schema.query_type and mapping_of(root_type.fields.get(details[0].node.name.value)) is not None


def prepare(types: Any) -> None:
    """Let graphql-core complete values out of a statement's JSON: every mapped field resolves by its response key."""
    for type_ in types:
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda value, _info, _type: value["$type"]
        elif isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                mapping = mapping_of(field)
                if mapping is not None:
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
