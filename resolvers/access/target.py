"""Rules of the group."""

from resolvers.access.action import Action
from resolvers.access.rule import Rule

RULES: dict[Action, Rule] = {}
