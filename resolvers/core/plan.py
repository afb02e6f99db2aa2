"""Plans: what the root fields of an operation became, kept for the next operation of the same shape."""

import re
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import OperationDefinitionNode
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import VariableValues
from sqlalchemy import ColumnElement, Text, cast, func

from resolvers.core.arguments import Source
from resolvers.core.compiler import WRITTEN_ROW
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Forbidden, Refusal
from resolvers.core.json import string
from resolvers.core.messages import Language, Message, translated
from resolvers.core.opening import Statement
from resolvers.core.permissions import Permission
from resolvers.core.refusals import UserError
from resolvers.core.root_field import NOTHING, Need, RootField
from resolvers.core.scope import Scope
from resolvers.core.sharding import compiled_for

Fields = dict[str, list[FieldDetails]]

NOTHING_ASKED = Statement(Scope(), "", ())


@dataclass
class Plan:
    """One statement for the root fields under `keys`.

    Its row is the state of the scope, then the JSON of each key. `completed` keys have values that Python computes.
    `refused` fields failed while compiling, whatever the values. `whole`: `fields` are all that the operation asks for.
    """

    operation: OperationDefinitionNode
    scope: Scope
    fields: Fields
    whole: bool
    roots: dict[str, RootField] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    statement: Statement = NOTHING_ASKED
    keys: list[str] = field(default_factory=list)
    completed: frozenset[str] = frozenset()
    needed: frozenset[Permission] = frozenset()
    _constants: dict[str, Any] = field(default_factory=dict)
    _sources: dict[str, Source] = field(default_factory=dict)

    @property
    def sql(self) -> str:
        """The statement's text."""
        return self.statement.sql

    @property
    def ordinary(self) -> bool:
        """Whether the statement is the whole answer."""
        return self.whole and not self.refused and not self.completed

    def needs(self, key: str) -> list[Need]:
        """The permissions that a root field and what is selected below it ask for."""
        return self.roots[key].needs

    def assemble(self) -> "Plan":
        """Write the statement."""
        self.keys = list(self.roots)
        self.completed = frozenset(key for key, root in self.roots.items() if root.completed)
        if not self.roots:
            return self
        # No root field is evaluated before the scope is open, and none at all if it does not open.
        statement = self.scope.stated(
            {f"r{index}": _as_bytes(root.value) for index, root in enumerate(self.roots.values())}
        )
        queries = [query for root in self.roots.values() for query in root.queries]
        compiled = compiled_for(self.scope, statement.add_cte(*queries))
        self.statement = Statement.of(self.scope, compiled)
        for root in self.roots.values():
            # The statement is all that is kept of them: a plan may stay for long, and is one of many.
            root.value, root.queries = NOTHING, []
        if self.scope.guarded:
            _check_guarded(self.sql)
        order = self.statement.order
        for root in self.roots.values():
            self._sources |= root.sources
        self.needed = frozenset(need.permission for root in self.roots.values() for need in root.needs)
        each_time = {name for name in order if name.startswith(("scope_", WRITTEN_ROW))} | self._sources.keys()
        self._constants = {name: compiled.params[name] for name in order if name not in each_time}
        return self

    def bind(
        self, identity: Identity, variables: VariableValues, context: Context, outcome: "Outcome | None" = None
    ) -> list[Any]:
        """The statement's parameters; raises `Unbindable` for root fields whose values are refused.

        outcome: of the mutation whose payload this is.
        """
        values = self.scope.values(identity)
        values.update(self._constants)
        if outcome is not None:
            values[WRITTEN_ROW] = outcome.key
        refused: dict[str, Refusal] = {}
        for key, root in self.roots.items():
            try:
                for name, source in root.sources.items():
                    values[name] = source.read(variables, context)
                for name, selected in root.refusals.items():
                    values[name] = _refusals(selected, outcome, context.language)
            except Refusal as refusal:
                refused[key] = refusal
        if refused:
            raise Unbindable(refused)
        return list(map(values.__getitem__, self.statement.order))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of a mutation: the key of the row to show, if any, and why it was refused."""

    key: int | None
    errors: tuple[UserError, ...] = ()


def _refusals(selected: dict[str, str], outcome: Outcome | None, language: Language) -> str:
    """Refusals as JSON, with the selected fields by response key."""
    told = []
    for error in outcome.errors if outcome else ():
        values = {
            "__typename": "UserError",
            "code": error.code,
            "message": translated(error.message, language),
            "path": error.path,
        }
        told.append({key: values[name] for key, name in selected.items()})
    return orjson.dumps(told).decode()


def forbidden(plan: Plan, identity: Identity) -> dict[str, Refusal]:
    """The root fields of a plan that ask for a permission which the grant does not hold."""
    held = identity.grant.permissions
    if plan.needed <= held:
        return {}
    missing = {key: next((need for need in plan.needs(key) if need.permission not in held), None) for key in plan.keys}
    return {
        key: Forbidden(Message("This needs the permission {permission}.", permission=need.permission), need.node)
        for key, need in missing.items()
        if need is not None
    }


def _as_bytes(json: ColumnElement[Any]) -> ColumnElement[bytes]:
    """JSON as it goes out: as text, Python would decode it only to encode it again."""
    return func.convert_to(cast(json, Text), string("UTF8"))


_UNGUARDED = re.compile(r"\bFROM \w+ AS \w+(?!\w| ?\n?(WHERE|JOIN|LEFT OUTER JOIN)\b)")


def _check_guarded(sql: str) -> None:
    """Every FROM that names a table has its WHERE; one without was added by SQLAlchemy for a row of an outer query."""
    if _UNGUARDED.search(sql) or "POSTCOMPILE" in sql:
        raise AssertionError("a row of an outer query was taken for a table to read anew")


class Unbindable(Exception):
    """The values of some root fields are refused; the others can still be answered."""

    def __init__(self, refused: dict[str, Refusal]) -> None:
        super().__init__(*refused)
        self.refused = refused
