"""Bad input over HTTP: a 4xx or a GraphQL error with its code and the request's id; never a 500, never the works."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import orjson
import pytest

from resolvers.core.tokens import Tokens
from server.settings import Settings
from tests.conftest import LOG_IN, Ask
from tests.findings import clean, refused

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def send(client: httpx.Client, token: Callable[[str], str]) -> Callable[..., httpx.Response]:
    """Posts a body as it is, as the hub."""

    def post(content: bytes, **headers: str) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {token('hub')}"}
        return client.post("/graphql", content=content, headers=JSON | authorization | headers)

    return post


# -- arguments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("side", ["first", "last"])
def test_a_page_has_1_to_100_rows(post: Ask, side: str, size: int) -> None:
    for query, variables in (
        (f"{{ stations({side}: {size}) {{ totalCount }} }}", None),
        (f"query ($n: Int) {{ stations({side}: $n) {{ nodes {{ id }} }} }}", {"n": size}),
        (f"{{ stations {{ nodes {{ communities({side}: {size}) {{ nodes {{ id }} }} }} }} }}", None),
    ):
        assert refused(post("hub", query, variables)) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("size", [2**31, 2**63, 10**40, 1.5, "5", True, [1], {}])
def test_a_page_size_is_an_int(post: Ask, size: Any) -> None:
    query = "query ($n: Int) { stations(first: $n) { totalCount } }"
    response = post("hub", query, {"n": size}) if not isinstance(size, int) or size < 2**63 else None
    if response is not None and size != [1]:
        assert refused(response) == {"BAD_USER_INPUT"}
    literal = json.dumps(size) if not isinstance(size, dict) else "{}"
    codes = refused(post("hub", f"{{ stations(first: {literal}) {{ totalCount }} }}"))
    assert codes == {"GRAPHQL_VALIDATION_FAILED"}


def test_first_and_last_do_not_go_together(post: Ask) -> None:
    assert refused(post("hub", "{ stations(first: 1, last: 1) { totalCount } }")) == {"BAD_USER_INPUT"}


def cursor(*values: Any) -> str:
    return base64.b64encode(json.dumps(values, ensure_ascii=False).encode()).decode()


BAD_CURSORS = (
    "",
    "!",
    "=",
    "站",
    "\x00",
    "a\x00b",
    "bm90IGpzb24=",
    base64.b64encode(b"\xff\xfe").decode(),
    base64.b64encode(b"[" * 5000).decode(),
    base64.b64encode(b'["id",1e400]').decode(),
    cursor(),
    cursor("id"),
    cursor("id", None),
    cursor("id", "1"),
    cursor("id", 1.0),
    cursor("id", True),
    cursor("id", [1]),
    cursor("id", {"a": 1}),
    cursor("id", 2**63),
    cursor("id", -(2**63) - 1),
    cursor("id", 10**30),
    cursor("id", 1, 2),
    cursor("-id", 1),
    cursor("name,id", "站", 1),
    cursor(["id"], 1),
    cursor(1, 1),
    cursor("id; DROP TABLE station", 1),
)


@pytest.mark.parametrize("bad", BAD_CURSORS, ids=range(len(BAD_CURSORS)))
def test_a_cursor_that_is_not_of_this_order_is_refused(post: Ask, bad: str) -> None:
    for argument in ("after", "before"):
        query = f"query ($c: String) {{ stations({argument}: $c) {{ nodes {{ id }} }} }}"
        assert refused(post("hub", query, {"c": bad})) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("order", "good", "bad"),
    [
        ("NAME", ("name,id", "站", 1), [("name,id", 5, 1), ("name,id", "站"), ("name,id", "a\x00", 1), ("id", 1)]),
        ("OPENED_ON", ("opened_on,id", "2021-03-01", 1), [("opened_on,id", "yesterday", 1), ("opened_on,id", 5, 1)]),
    ],
)
def test_a_cursor_has_the_values_of_its_order(post: Ask, order: str, good: Any, bad: list[Any]) -> None:
    query = f"query ($c: String) {{ stations(orderBy: [{{ field: {order} }}], after: $c) {{ nodes {{ id }} }} }}"
    assert "errors" not in post("hub", query, {"c": cursor(*good)}).json()
    for values in bad:
        assert refused(post("hub", query, {"c": cursor(*values)})) == {"BAD_USER_INPUT"}


def test_random_cursors_are_refused(post: Ask) -> None:
    random = Random(2021)
    query = "query ($c: String) { personnel(after: $c) { nodes { id } } }"
    for _ in range(60):
        noise = base64.b64encode(random.randbytes(random.randint(0, 60))).decode()
        assert refused(post("hub", query, {"c": noise})) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "bad", ["", "S", "S0", "s1", "S-1", "S01", "S9223372036854775808", "S" + "9" * 5000, "站", "a\x00"]
)
def test_a_malformed_id_names_nothing(post: Ask, bad: str) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } station(id: $id) { id } }"
    assert post("hub", query, {"id": bad}).json() == {"data": {"node": None, "nodes": [None], "station": None}}


@pytest.mark.parametrize(
    "query",
    [
        "{ stations(where: { level: { eq: PROVINCE } }) { totalCount } }",
        '{ stations(where: { level: { eq: "HUB" } }) { totalCount } }',
        "{ stations(orderBy: [{ field: PASSWORD }]) { totalCount } }",
        "{ stations(orderBy: [{ field: NAME, direction: SIDEWAYS }]) { totalCount } }",
        "{ stations(where: { path: { eq: 1 } }) { totalCount } }",
        "{ stations(ignoreScope: true) { totalCount } }",
        "{ accounts { id } }",
        "{ stations { nodes { path } } }",
        "{ station { password_hash: passwordHash } }",
        "{ node(id: 1.5) { id } }",
        "query ($a: Nothing) { stations { totalCount } }",
        "{ stations { nodes } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...A } fragment A on Query { stations { nodes { ...B } } } fragment B on Station { parent { ...B } }",
    ],
)
def test_what_the_schema_does_not_have_is_refused(post: Ask, query: str) -> None:
    assert refused(post("hub", query)) == {"GRAPHQL_VALIDATION_FAILED"}


def test_an_unknown_enum_value_in_a_variable_is_refused(post: Ask) -> None:
    query = "query ($w: StationFilter, $o: [StationOrder!]) { stations(where: $w, orderBy: $o) { totalCount } }"
    given: tuple[dict[str, Any], ...] = (
        {"w": {"level": {"eq": "X"}}},
        {"o": [{"field": "X"}]},
        {"w": {"x": 1}},
        {"w": 1},
        {"w": []},
        {"o": 1},
    )
    for variables in given:
        assert refused(post("hub", query, variables)) == {"BAD_USER_INPUT"}


TEXTS = {
    "code": "query ($t: String) { station(code: $t) { id } }",
    "eq": "query ($t: String) { stations(where: { name: { eq: $t } }) { totalCount } }",
    "in": "query ($t: String!) { stations(where: { name: { in: [$t] } }) { totalCount } }",
    "startsWith": "query ($t: String) { personnel(where: { name: { startsWith: $t } }) { totalCount } }",
    "skill": "query ($t: String) { personnel(where: { skill: { startsWith: $t } }) { totalCount } }",
}


@pytest.mark.parametrize("way", TEXTS)
def test_nul_in_a_text_is_refused(post: Ask, way: str) -> None:
    for text in ("\x00", "a\x00b"):
        assert refused(post("hub", TEXTS[way], {"t": text})) == {"BAD_USER_INPUT"}


@pytest.mark.parametrize("way", TEXTS)
def test_unpaired_surrogates_are_refused(send: Callable[..., httpx.Response], way: str) -> None:
    body = json.dumps({"query": TEXTS[way], "variables": {"t": "\ud800"}}).encode()
    assert refused(send(body)) <= {"BAD_REQUEST", "BAD_USER_INPUT"}
    literal = TEXTS[way].replace("query ($t: String)", "query").replace("query ($t: String!)", "query")
    for text in ('"\\uD800"', '"\\u{D800}"', '"\\uDC00\\uD800"'):
        body = json.dumps({"query": literal.replace("$t", text)}).encode()
        assert refused(send(body)) <= {"GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"}


def test_odd_texts_are_only_texts(post: Ask) -> None:
    for text in ("'; DROP TABLE station; --", '"', "\\", "%", "_", "$1", ":p0", "%(p0)s", "🏮", "\u202e", "\ufffe"):
        for query in TEXTS.values():
            answer = post("hub", query, {"t": text}).json()
            assert "errors" not in answer, (text, answer)


@pytest.mark.parametrize("given", [{"username": "a\x00b", "password": "x"}, {"username": "hub", "password": "\x00"}])
def test_a_log_in_with_nul_is_no_error_of_the_server(client: httpx.Client, given: dict[str, str]) -> None:
    response = client.post("/graphql", json={"query": LOG_IN, "variables": given})
    assert response.status_code == 200
    clean(response.json().get("errors", []), response)


# -- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"1",
        b"null",
        b"[]",
        b'"x"',
        b"true",
        b"{}",
        b"{",
        b"NaN",
        b"[{}]",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": ""}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "extensions": 1}',
        b'{"query": "{ __typename }"} {}',
        b'{"query": "\xff\xfe"}',
        "{ __typename }".encode("utf-16"),
        b"\x00",
        b"[" * 100_000,
        b"[" * 50_000 + b"]" * 50_000,
        b'{"query": "{ __typename }", "variables": ' + b'{"a": ' * 5_000 + b"1" + b"}" * 5_001,
    ],
    ids=range(25),
)
def test_a_body_that_is_no_request_is_refused(send: Callable[..., httpx.Response], body: bytes) -> None:
    response = send(body)
    assert response.status_code == 400
    assert refused(response) == {"BAD_REQUEST"}


@pytest.mark.parametrize("chunked", [False, True])
def test_10_megabytes_are_refused(client: httpx.Client, chunked: bool) -> None:
    body = b'{"query": "' + b" " * 10_000_000 + b'{ __typename }"}'
    pieces = (body[n : n + 50_000] for n in range(0, len(body), 50_000))
    try:
        response = client.post("/graphql", content=pieces if chunked else body, headers=JSON)
    except (httpx.WriteError, httpx.ReadError):
        # The server has answered and hung up before all was sent; another request is answered.
        assert client.get("/healthz").status_code == 200
        return
    assert response.status_code == 413
    assert refused(response) == {"TOO_LARGE"}


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "multipart/form-data; boundary=x",
        "application/json; charset=gbk",
        "x" * 500,
    ],
)
def test_another_content_type_is_refused(send: Callable[..., httpx.Response], content_type: str) -> None:
    response = send(b'{"query": "{ __typename }"}', **{"Content-Type": content_type})
    assert response.status_code == 415
    assert refused(response) == {"UNSUPPORTED_MEDIA_TYPE"}


@pytest.mark.parametrize(
    ("query_string", "status"),
    [
        ("", 400),
        ("query=", 400),
        ("query=%7B__typename%7D&variables=%7B", 400),
        ("query=%7B__typename%7D&variables=1", 400),
        ("query=%FF%FE", 400),
        ("&".join(f"a{n}=1" for n in range(100)), 400),
        ("query=mutation%7BlogOut(input:%7B%7D)%7BendedSessions%7D%7D", 405),
    ],
)
def test_a_get_that_is_no_query_is_refused(client: httpx.Client, query_string: str, status: int) -> None:
    response = client.get(f"/graphql?{query_string}")
    assert response.status_code == status
    refused(response)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: httpx.Client, method: str) -> None:
    assert client.request(method, "/graphql").status_code == 405


@pytest.mark.parametrize("name", ["Nothing", "", "A\x00", "站"])
def test_an_operation_that_is_not_in_the_document_is_refused(client: httpx.Client, name: str) -> None:
    body = {"query": "query A { __typename } query B { __typename }", "operationName": name}
    assert refused(client.post("/graphql", json=body)) == {"BAD_REQUEST"}


# -- tokens and headers --------------------------------------------------------------------------------------------

WHO = {"query": "{ viewer { account { username } } stations { totalCount } }"}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims_of(token: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return found


def expired(token: str, settings: Settings) -> str:
    assert settings.secret
    claims = claims_of(token)
    tokens = Tokens(settings.secret.get_secret_value(), -1, 1)
    return tokens.issue(int(claims["sub"]), claims["ver"], claims["ses"]).text


def another_keys(token: str, _: Settings) -> str:
    claims = claims_of(token)
    tokens = Tokens("another server's secret, as long as it must be", 15, 1)
    return tokens.issue(int(claims["sub"]), claims["ver"], claims["ses"]).text


@pytest.mark.parametrize(
    "forge",
    [
        expired,
        another_keys,
        lambda token, _: f"{part({'alg': 'none', 'typ': 'JWT'})}.{token.split('.')[1]}.",
        lambda token, _: f"{part({'alg': 'none'})}.{token.split('.')[1]}.{token.split('.')[2]}",
        lambda token, _: f"{token.split('.')[0]}.{part(claims_of(token) | {'sub': '1'})}.{token.split('.')[2]}",
        lambda token, _: token[:-8],
        lambda token, _: token[: len(token) // 2],
        lambda token, _: ".",
        lambda token, _: "x" * 20_000,
    ],
    ids=["expired", "another key", "alg none", "alg none, signed", "changed", "cut", "halved", "a dot", "long"],
)
def test_a_token_that_is_not_good_opens_nothing(
    client: httpx.Client, token: Callable[[str], str], settings: Settings, forge: Callable[[str, Settings], str]
) -> None:
    for scheme in ("Bearer", "bearer"):
        headers = {"Authorization": f"{scheme} {forge(token('leifeng'), settings)}"}
        response = client.post("/graphql", json=WHO, headers=headers)
        assert refused(response) == {"UNAUTHENTICATED"}
        assert response.json()["data"] == {"viewer": None, "stations": None}


@pytest.mark.parametrize("header", ["Authorization", "X-Zhanwang-Grant", "X-Request-Id", "Accept", "Content-Type"])
def test_odd_headers_are_no_error_of_the_server(client: httpx.Client, token: Callable[[str], str], header: str) -> None:
    for value in (b"\xff\xfe", "站".encode(), b"R" + b"9" * 60, b"R1; DROP TABLE", b";;,,=", b"q=nan;q=", b","):
        headers = {b"Authorization": f"Bearer {token('leifeng')}".encode(), b"Content-Type": b"application/json"}
        given = {k: v for k, v in headers.items() if k.decode() != header} | {header.encode(): value}
        response = client.post("/graphql", content=orjson.dumps(WHO), headers=given)
        assert response.status_code < 500, (value, response.text)
        clean(response.json().get("errors", []), response)
