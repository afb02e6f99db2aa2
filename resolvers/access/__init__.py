"""Whether the acting grant may do something to a row, and if not, why: one rule for each mutation of an existing row.

A rule stands here once, and is asked in two ways: of the row at hand (`can { … }` on a node), and of a row that an id
names (`viewer { can(action, id) }`). It knows permission, scope and the state of the row; what an input says besides
(a version, a successor, a name that is taken) only the mutation can judge.

Each group of nouns has its rules in a module of this package; what they are made of stands in `rule`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Subquery,
    Text,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
)

from resolvers.access import client, consultation, network, organising, referral, talent, target, venue
from resolvers.access.action import Action
from resolvers.access.rule import DecisionReason, Rule
from resolvers.core import ids
from resolvers.core.arguments import Arguments
from resolvers.core.decisions import permitted
from resolvers.core.json import string
from resolvers.core.mapping import Clause
from resolvers.core.permissions import Permission
from resolvers.core.relations import NOBODY, key_and_kind, place_key, table_of
from resolvers.core.scope import End, Scope

__all__ = ["RULES", "Action", "DecisionReason", "Rule", "allowed", "decide", "holds", "may"]


def _together(*groups: Mapping[Action, Rule]) -> dict[Action, Rule]:
    rules: dict[Action, Rule] = {}
    for group in groups:
        if twice := rules.keys() & group.keys():
            raise TypeError(f"two rules for {', '.join(sorted(twice))}")
        rules |= group
    return rules


RULES = _together(
    *(group.RULES for group in (network, organising, venue, client, referral, consultation, target, talent))
)


def _is_in_scope(rule: Rule, row: FromClause, scope: Scope) -> Clause:
    """Whether the end of the row that the action is for lies in the scope."""
    if rule.seen:
        return scope.visible(row)
    if rule.ends == End.FROM:
        return scope.covers(row)
    # Another end may not be known yet: it is then in no scope.
    other = func.coalesce(scope.covers_other(row), false())
    return other if rule.ends == End.TO else or_(scope.covers(row), other)


def _against(rule: Rule, row: FromClause, scope: Scope) -> ColumnElement[Any]:
    """The first reason against it that the row itself gives, or NULL."""
    states = [(state(row, scope), string(reason)) for reason, state in rule.states]
    return case((not_(_is_in_scope(rule, row, scope)), string(DecisionReason.SEEN_ONLY)), *states)


def may(action: Action) -> Callable[[FromClause, Scope], Clause]:
    """Whether the action may be done to the row."""
    rule = RULES[action]

    def build(row: FromClause, scope: Scope) -> Clause:
        return and_(permitted(rule.permission, scope), _against(rule, row, scope).is_(None))

    return build


def holds(permission: Permission) -> Callable[[FromClause, Scope], Clause]:
    """Whether the acting grant holds a permission; for what a row that is seen need not be covered for."""
    return lambda _, scope: permitted(permission, scope)


def decide(arguments: Arguments, scope: Scope) -> Subquery:
    """The reason against the asked action on the row that the id names, or NULL.

    Without the permission no row is looked for; what is out of scope, malformed or missing is not found alike.
    """
    rule = RULES[Action(arguments.get("action"))]
    row = table_of(rule.model).alias()
    query = select(func.coalesce(_against(rule, row, scope), string(""), type_=Text)).correlate_except(row)
    query = query.where(_named(rule, row, arguments), scope.visible(row))
    found = func.coalesce(query.scalar_subquery(), string(DecisionReason.NOT_FOUND), type_=Text)
    reason = case((not_(permitted(rule.permission, scope)), string(DecisionReason.PERMISSION_MISSING)), else_=found)
    return select(func.nullif(reason, string(""), type_=Text).label("reason")).subquery()


def _named(rule: Rule, row: FromClause, arguments: Arguments) -> Clause:
    if rule.letter:
        convert = lambda value, _: ids.key_of(value, rule.letter) or NOBODY  # noqa: E731 - as short as it is
        return row.c.id == arguments.bind(BigInteger(), "id", convert=convert)
    key = arguments.bind(BigInteger(), "id", convert=place_key)
    kind = arguments.bind(Text(), "id", convert=lambda value, _: key_and_kind(value)[1])
    return and_(row.c.id == key, row.c.kind == kind)


def allowed(decision: FromClause, _: Scope) -> Clause:
    """Whether nothing speaks against it."""
    return decision.c.reason.is_(None)
