"""What is wrong with an answer, held against what its account may see: each finding is a sentence, none is good."""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import httpx
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    parse,
)

from resolvers.core.errors import Code
from tests import nouns
from tests.nouns.base import PUBLIC_ID
from tests.oracle import TYPES, View, named, texts_within

REFUSED = {"FORBIDDEN", "BAD_USER_INPUT"}
"""The codes that a well-formed operation of a known account may be answered with."""

CODES = {code.value for code in Code} - {"INTERNAL", "UNAVAILABLE", "TIMEOUT"}
"""The codes of every refusal that is the client's doing."""

INTERNALS = re.compile(
    r"\bSELECT\b|\bFROM \w+ AS\b|\bWHERE\b|Traceback|File \"|asyncpg|sqlalchemy|psycopg|graphql\.|Exception|"
    r"\w+Error\b|\brelation \"|\bcolumn \"|syntax error at|violates|\bline \d+, in\b|zhanwang_|/site-packages/"
)
ID_WITHIN = re.compile(rf"(?<![\w-])(?:{'|'.join(letters for _, letters in TYPES.values())})[1-9][0-9]*(?![\w-])")


class Leaf(NamedTuple):
    """A scalar of an answer: the field that it answers, and the rows of the nearest connection around it, if any."""

    parent: str
    field: str
    nodes: str
    value: Any


_parsed = lru_cache(maxsize=256)(parse)


def leaves(schema: GraphQLSchema, query: str, data: Any) -> Iterator[Leaf]:
    """The scalars of an answer, each with its field, whatever the response calls it."""
    document = _parsed(query)
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))

    def of(selections: SelectionSetNode, type_: Any, value: dict[str, Any], nodes: str) -> Iterator[Leaf]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                # What a type or a directive left out has no key.
                key, name = (selection.alias or selection.name).value, selection.name.value
                if name != "__typename" and key in value and name in type_.fields:
                    yield from of_field(selection, type_, value[key], nodes)
                continue
            inner: Any = fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
            condition = inner.type_condition
            narrowed = schema.type_map[condition.name.value] if condition else type_
            yield from of(inner.selection_set, narrowed, value, nodes)

    def of_field(node: FieldNode, parent: Any, value: Any, nodes: str) -> Iterator[Leaf]:
        type_: Any = get_named_type(parent.fields[node.name.value].type)
        items = value if isinstance(value, list) else [value]
        if is_enum_type(type_):
            # A word of the schema, also if it looks like an id, as a grade A1 does.
            return
        if is_leaf_type(type_):
            yield from (Leaf(parent.name, node.name.value, nodes, item) for item in items)
            return
        within = type_.fields.get("nodes")
        nodes = get_named_type(within.type).name if within else nodes
        for item in items:
            if item is not None and node.selection_set:
                yield from of(node.selection_set, type_, item, nodes)

    if data is not None:
        yield from of(operation.selection_set, schema.get_root_type(operation.operation), data, "")


def in_answer(schema: GraphQLSchema, view: View, query: str, data: Any) -> Iterator[str]:
    """Ids, texts and counts in an answer's data that say something of what is out of scope."""
    for leaf in leaves(schema, query, data):
        yield from in_leaf(view, leaf)


def in_leaf(view: View, leaf: Leaf) -> Iterator[str]:
    """What one scalar of an answer says of what is out of scope."""
    where = f"{leaf.parent}.{leaf.field}"
    if isinstance(leaf.value, dict):
        told = (text for text in texts_within(leaf.value) if text in view.secrets)
        yield from (f"{where} tells of {text!r}, which is out of scope" for text in told)
    elif isinstance(leaf.value, str):
        yield from (f"{where} is {text!r}, which is out of scope" for text in _hidden(view, leaf))
    elif leaf.field == "totalCount" and leaf.nodes not in nouns.STATISTICS and leaf.value > len(view.rows[leaf.nodes]):
        yield f"{where} counts {leaf.value} of {leaf.nodes}, of which {len(view.rows[leaf.nodes])} are in scope"


def _hidden(view: View, leaf: Leaf) -> Iterator[str]:
    if (leaf.parent, leaf.field) == ("AuditEntry", "subject"):
        # What an entry in scope is about may have left the scope since.
        if leaf.value not in {row["subject"] for row in view.rows["AuditEntry"].values()}:
            yield leaf.value
    elif leaf.value in view.secrets or not view.sees(leaf.value):
        yield leaf.value
    if leaf.field.lower().endswith("cursor"):
        _, *values = json.loads(b64decode(leaf.value))
        yield from (value for value in values if isinstance(value, str) and value in view.secrets)
        for key in named(leaf.value) if leaf.parent.endswith("Edge") else ():
            if key not in view.rows[leaf.nodes]:
                # What is made of other rows has no ids of its own.
                yield f"{TYPES[leaf.nodes][1] if leaf.nodes in TYPES else leaf.nodes}{key}"


def in_errors(view: View, asked: str, errors: list[dict[str, Any]], codes: Collection[str] = REFUSED) -> Iterator[str]:
    """What errors say beyond what was asked; and errors that should not have come at all.

    asked: the operation and its variables, whose own words an error may repeat. codes: those that may come.
    """
    for error in errors:
        extensions = error.get("extensions", {})
        if extensions.get("code") not in codes or not extensions.get("requestId"):
            yield f"an error with the extensions {extensions}: {error['message']}"
        message = error["message"]
        if message in view.searched:
            continue
        view.searched.add(message)
        told = [text for text in view.secrets if text in message]
        told += [text for text in ID_WITHIN.findall(message) if PUBLIC_ID.fullmatch(text) and not view.sees(text)]
        yield from (f"an error tells of {text!r}: {message}" for text in told if text not in asked)
        if INTERNALS.search(message):
            yield f"an error shows the works: {message}"


def findings(
    schema: GraphQLSchema, view: View, query: str, variables: dict[str, Any] | None, response: httpx.Response
) -> list[str]:
    """All that is wrong with the response to an operation that is valid by the schema."""
    if response.status_code != httpx.codes.OK:
        return [f"HTTP {response.status_code}: {response.text[:300]}"]
    answer = response.json()
    asked = query + json.dumps(variables, ensure_ascii=False)
    try:
        found = [*in_answer(schema, view, query, answer.get("data"))]
    except (ValueError, binascii.Error) as error:
        found = [f"unreadable cursor: {error}"]
    found += in_errors(view, asked, answer.get("errors", []))
    return [f"{view.username}: {finding}\n{query}\n{json.dumps(variables, ensure_ascii=False)}" for finding in found]


def refused(response: httpx.Response) -> set[str]:
    """The codes of a response that must be a refusal, and a clean one."""
    assert response.status_code < 500, response.text
    answer = response.json()
    assert answer["errors"]
    return clean(answer["errors"], response)


def clean(errors: list[dict[str, Any]], response: httpx.Response) -> set[str]:
    """The codes of errors that tell nothing of the works."""
    for error in errors:
        assert error["extensions"]["requestId"] == response.headers["x-request-id"]
        assert error["extensions"]["code"] in CODES, error
        assert not INTERNALS.search(error["message"]), error
        assert set(error["extensions"]) == {"code", "requestId"}
    return {error["extensions"]["code"] for error in errors}


def comparable(response: httpx.Response) -> Any:
    """An answer without the ids of requests."""
    answer = response.json()
    for error in answer.get("errors", ()):
        del error["extensions"]["requestId"]
    return answer
