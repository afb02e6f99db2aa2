"""Requests that are meant to hold a server: little text that asks for much, at the edge of every limit and beyond."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import orjson

from models import Role
from resolvers.core.context import ActingGrant, Context, Identity
from resolvers.core.documents import Documents
from resolvers.core.errors import Unavailable
from resolvers.core.executor import Executor
from resolvers.core.size import MAX_ALIASES, MAX_DIRECTIVES, MAX_FRAGMENTS, MAX_OPERATIONS, MAX_ROOTS, MAX_VARIABLES
from resolvers.core.trace import Trace
from schema import schema

PARSE, INVALID, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"
COSTLY, REQUEST = "TOO_COSTLY", "BAD_REQUEST"

FILTERED = "query ($w: StationFilter) { stations(where: $w) { totalCount } }"
PAGED = """query ($n: Int) {
  stations(first: $n) { nodes { communities(last: $n) { edges { node { grids(first: $n) { nodes { id } } } } } } }
}"""
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


@dataclass(frozen=True)
class Hostile:
    """A request. code: of every error of the answer; None if it has to be answered."""

    name: str
    query: str
    code: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    operation: str | None = None

    def body(self) -> bytes:
        """It as JSON."""
        return orjson.dumps({"query": self.query, "variables": self.variables, "operationName": self.operation})


class Away:
    """A database that is away, so that what a request costs before its statement can be measured alone."""

    async def fetchrow(self, sql: str, arguments: list[Any], trace: Trace | None = None) -> Any:
        """Runs nothing."""
        raise Unavailable

    read = fetchrow

    def transaction(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Any]:
        """Begins nothing."""
        raise Unavailable


def context() -> Context:
    """The context of a manager's request."""
    grant = ActingGrant(1, "1.", 1, Role.MANAGER)
    return Context(database=Away(), request_id="abuse", identity=Identity(1, 1, 1, grant))


def forget() -> None:
    """Empties the caches of documents and plans."""
    schema.documents = Documents(schema._schema)
    Executor.plans.clear()


def corpus() -> Iterator[Hostile]:
    """All of them."""
    yield from texts()
    yield from selections()
    yield from repetitions()
    yield from fragments()
    yield from literals()
    yield from pages()
    yield from variables()
    yield from names()


def texts() -> Iterator[Hostile]:
    """What costs before it is a document."""
    yield Hostile("tokens", "{" + " __typename" * 8_000 + "}", PARSE)
    yield Hostile("comments", "{ __typename }" + "#\n" * 32_000, PARSE)
    yield Hostile("commas", "{ __typename }" + "," * 99_000)
    yield Hostile("byte order marks", "{ __typename }" + "\ufeff" * 32_000)
    yield Hostile("a block string", '{ nodes(ids: ["""' + "\n a" * 24_000 + '"""]) { id } }')
    yield Hostile("a string that does not end", '{ nodes(ids: ["' + "a" * 98_000, PARSE)
    yield Hostile("escapes", '{ node(id: "' + "\\u{1F600}" * 9_000 + '") { id } }')
    yield Hostile("half a pair of surrogates", '{ node(id: "\\uD83D") { id } }', PARSE)
    yield Hostile("NUL", '{ stations(where: { code: { eq: "\\u0000" } }) { totalCount } }', INPUT)
    yield Hostile("an empty document", "#", PARSE)


def selections() -> Iterator[Hostile]:
    """How much is selected, and how deeply."""
    yield Hostile("inline fragments", "{" + "... {" * 900 + "__typename" + "}" * 901, PARSE)
    yield Hostile("some inline fragments", "{" + "... {" * 190 + "__typename" + "}" * 191)
    yield Hostile("root fields", "{" + _each(MAX_ROOTS + 1, "a{}: stations {{ totalCount }}") + "}", INVALID)
    yield Hostile("root fields allowed", "{" + _each(MAX_ROOTS, "a{}: stations {{ totalCount }}") + "}")
    yield Hostile("aliases", f"{{ viewer {{ {_each(MAX_ALIASES + 1, 'a{}: __typename')} }} }}", INVALID)
    yield Hostile("aliases allowed", f"{{ viewer {{ {_each(MAX_ALIASES, 'a{}: __typename')} }} }}")
    yield Hostile("directives", "{ __typename" + " @include(if: true)" * (MAX_DIRECTIVES + 1) + "}", INVALID)
    skips = _each(MAX_DIRECTIVES, "a{}: __typename @skip(if: true)")
    yield Hostile("directives allowed", f"{{ {skips} __typename }}", INVALID)
    yield Hostile("unknown directives", "{ __typename" + " @foo" * 1_200 + "}", INVALID)
    yield Hostile("unknown fields", "{" + _each(1_200, "statoins{}") + "}", INVALID)
    yield Hostile(
        "mutations",
        "mutation {" + _each(40, 'a{}: logIn(input: {{ username: "a{}", password: "b" }}) {{ accessToken }}') + "}",
        INVALID,
    )


def repetitions() -> Iterator[Hostile]:
    """The same under the same name, which validation compares each with each."""
    yield Hostile("a leaf again", "{" + " __typename" * 1_000 + "}", INVALID)
    yield Hostile("a list again", "{ viewer { account {" + " grants { id }" * 240 + "} } }", INVALID)
    yield Hostile("nested lists again", "{" + " stations { nodes { parent { id } } }" * 49 + "}", INVALID)
    spreads = _each(90, "...F{}")
    same = _each(90, "fragment F{} on Query {{ stations {{ totalCount nodes {{ id name }} }} }}")
    yield Hostile("a list in each fragment", f"{{ {spreads} }} {same}", INVALID)
    leaves = _each(90, "fragment F{} on StationConnection {{ x: totalCount y{}: totalCount }}")
    yield Hostile("a leaf in each fragment", f"{{ stations {{ {spreads} }} }} {leaves}", INVALID)
    typed = " ".join(f"... on {type_} {{ x: name }}" for type_ in ("Station", "Community", "Grid"))
    yield Hostile("the same of each type", f'{{ node(id: "S1") {{ {f"{typed} " * 60} }} }}', INVALID)


def fragments() -> Iterator[Hostile]:
    """What is spread, and spread again."""
    spread = _each(20, "fragment F{} on Query {{ ...F{next} ...F{next} }}")
    yield Hostile("a spread twice in each", f"{{ ...F0 }} {spread} fragment F20 on Query {{ __typename }}", INVALID)
    links = _each(90, "fragment F{} on Query {{ ...F{next} }}")
    yield Hostile("a chain", f"{{ ...F0 }} {links} fragment F90 on Query {{ __typename }}")
    circle = _each(90, "fragment F{} on Query {{ ...F{next} ...F0 }}")
    yield Hostile("circles", f"{{ ...F0 }} {circle} fragment F90 on Query {{ ...F0 }}", INVALID)
    unused = _each(MAX_FRAGMENTS, "fragment F{} on Query {{ __typename }}")
    yield Hostile("unused fragments", f"{{ __typename }} {unused}", INVALID)
    yield Hostile("fragments", f"{{ __typename }} {unused} fragment F on Query {{ __typename }}", INVALID)
    users = _each(MAX_OPERATIONS, "query Q{} {{ ...F0 }}")
    yield Hostile(
        "a chain of each operation", f"{users} {links} fragment F90 on Query {{ __typename }}", None, {}, "Q7"
    )
    yield Hostile("operations", f"{users} query Q {{ __typename }}", INVALID, {}, "Q")
    yield Hostile("one name for all", "query Q { __typename }" * MAX_OPERATIONS, INVALID, {}, "Q")
    nested = "{ ancestors " * 7 + "{ id }" + "}" * 7
    yield Hostile("an interface in itself", f'{{ station(code: "350526") {nested} }}', INPUT)
    doubled = _each(7, "fragment F{} on Station {{ a: parent {{ ...F{next} }} b: parent {{ ...F{next} }} }}")
    yield Hostile(
        "selections that double",
        f'{{ station(code: "350526") {{ ...F0 }} }} {doubled} fragment F7 on Station {{ id }}',
        INPUT,
    )


def literals() -> Iterator[Hostile]:
    """Values in the document."""
    yield Hostile("ids", "{ nodes(ids: [" + '"S1" ' * 2_000 + "]) { id } }", INPUT)
    yield Hostile(
        "wrong members", "{ stations(where: { level: { in: [" + "HUBB " * 2_000 + "] } }) { totalCount } }", INVALID
    )
    yield Hostile("wrong scalars", "{ nodes(ids: [" + "1.5 " * 2_000 + "]) { id } }", INVALID)
    yield Hostile(
        "orders", "{ stations(orderBy: [" + "{ field: NAM direction: UP } " * 250 + "]) { totalCount } }", INVALID
    )
    yield Hostile("digits", "{ stations(first: " + "9" * 90_000 + ") { totalCount } }", INVALID)
    yield Hostile("an id of digits", "{ node(id: " + "9" * 90_000 + ") { id } }")
    yield Hostile(
        "a fraction of digits", "{ stations(where: { code: { eq: 1." + "9" * 90_000 + " } }) { totalCount } }", INVALID
    )
    yield Hostile("an argument again", "{ nodes(" + 'ids: ["a"] ' * 400 + ") { id } }", INVALID)
    yield Hostile(
        "a field of a filter again", "{ stations(where: {" + "code: {} " * 550 + "}) { totalCount } }", INVALID
    )
    yield Hostile(
        "filters in filters", "{ stations(where: " + "{ and: [" * 60 + "{}" + "] }" * 60 + ") { totalCount } }", INPUT
    )
    yield Hostile("lists in lists", "{ nodes(ids: " + "[" * 190 + "]" * 190 + ") { id } }", INVALID)
    yield Hostile("a default of many", "query ($a: [ID!] = [" + "1 " * 2_000 + "]) { nodes(ids: $a) { id } }", INPUT)
    yield Hostile(
        "a text of a page", '{ stations(where: { name: { startsWith: "' + "站" * 30_000 + '" } }) { totalCount } }'
    )
    yield Hostile(
        "conditions", "{ stations(where: { or: [" + '{ code: { eq: "1" } } ' * 200 + "] }) { totalCount } }", INPUT
    )


def pages() -> Iterator[Hostile]:
    """Rows by rows by rows."""
    nodes = edges = "id"
    for name in ("grids", "communities", "stations"):
        nodes = f"{name}(first: 100) {{ nodes {{ {nodes} }} }}"
        edges = f"{name}(last: 100) {{ edges {{ node {{ {edges} }} }} }}"
    yield Hostile("pages in pages", f"{{ {nodes} }}", COSTLY)
    yield Hostile("edges in edges", f"{{ {edges} }}", COSTLY)
    yield Hostile("pages of a variable", PAGED, COSTLY, {"n": 100})
    yield Hostile("fewer pages of a variable", PAGED, None, {"n": 10})


def variables() -> Iterator[Hostile]:
    """Values beside the document."""
    deep: Any = {}
    for _ in range(200):
        deep = {"not": deep}
    yield Hostile("a deep variable", FILTERED, INPUT, {"w": deep})
    yield Hostile("conditions in a variable", FILTERED, INPUT, {"w": {"or": [{}] * 20_000}})
    yield Hostile("wrong values", NODES, INPUT, {"ids": [{}] * 4_900})
    yield Hostile("many wrong values", NODES, INPUT, {"ids": [{}] * 20_000})
    yield Hostile("many ids", NODES, INPUT, {"ids": ["S1"] * 4_900})
    yield Hostile("wrong fields", FILTERED, INPUT, {"w": {f"statoin{n}": 1 for n in range(4_000)}})
    yield Hostile("a huge number", "query ($n: Int) { stations(first: $n) { totalCount } }", INPUT, {"n": 10**18})
    yield Hostile("a long text", "query ($n: Int) { stations(first: $n) { totalCount } }", INPUT, {"n": "9" * 90_000})
    yield Hostile(
        "a long cursor", "query ($c: String) { stations(after: $c) { totalCount } }", INPUT, {"c": "9" * 90_000}
    )
    yield Hostile("NUL in a variable", FILTERED, INPUT, {"w": {"name": {"eq": "a\x00"}}})
    yield Hostile("variables that nobody asked for", "{ __typename }", None, {f"a{n}": [[n]] for n in range(5_000)})
    declared = _each(MAX_VARIABLES + 1, "$v{}: Int")
    yield Hostile("declared variables", f"query ({declared}) {{ __typename }}", INVALID)
    undefined = _each(MAX_ROOTS, "a{}: nodes(ids: $v{}) {{ id }}")
    yield Hostile("undeclared variables", f"{{ {undefined} }}", INVALID)


def names() -> Iterator[Hostile]:
    """What things are called."""
    yield Hostile("a long field", "{" + "s" * 90_000 + "}", INVALID)
    yield Hostile("a long alias", "{" + "a" * 90_000 + ": __typename }")
    yield Hostile("a long operation", "query " + "q" * 90_000 + " { __typename }")
    yield Hostile("a name that is not ASCII", "{ ѕtations { totalCount } }", PARSE)
    yield Hostile("a name turned around", "{ \u202estations { totalCount } }", PARSE)
    yield Hostile("an operation that is not there", "{ __typename }", REQUEST, {}, "\u202e" + "q" * 10_000)
    yield Hostile("a dangerous alias", "{ __proto__: __typename constructor: __typename }")


def _each(count: int, template: str) -> str:
    """The template once for each number, which stands for `{}`, and the one after it for `{next}`."""
    return " ".join(template.format(n, n, next=n + 1) for n in range(count))
