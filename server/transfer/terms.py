"""The Chinese terms of the schema: what stands in the parentheses of a description."""

import re
from collections.abc import Mapping

from graphql import GraphQLEnumType, GraphQLType, get_named_type

_TERM = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")


def term(description: str | None, otherwise: str) -> str:
    """``"The phone number, masked like 138****1234 (手机号，脱敏)."`` → ``"手机号"``."""
    found = _TERM.findall(description or "")
    return re.split("[，：]", found[-1])[0] if found else otherwise


def enum_terms(type_: GraphQLType) -> Mapping[str, str]:
    """The terms of an enumeration's values, by name; empty for any other type."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLEnumType):
        return {}
    return {name: term(value.description, name) for name, value in named.values.items()}
