"""Answers in Chinese and English by Accept-Language, with the same codes: errors, refusals, imports, the schema."""

from typing import Any

import httpx
import pytest

from resolvers.core.messages import Language
from server.http.languages import language_of
from tests.conftest import LOG_IN
from tests.importing import GRID, csv_of, grid

ZH = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
LANGUAGES = pytest.mark.parametrize("language", list(Language))

# -- which language ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("*", "en"),
        ("fr, de", "en"),
        ("zh", "zh"),
        ("ZH-hans-CN", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr, zh-Hant;q=0.2", "zh"),
        ("en;q=0.5, zh; q=0.7", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=nan, zh;q=2, zh;q=x, zhx", "en"),
        (";;,,=;q=", "en"),
        pytest.param("fr," * 10_000 + "zh", "en", id="too long"),
    ],
)
def test_the_language_is_what_the_client_likes_best_of_those_that_are_spoken(header: str, language: str) -> None:
    assert language_of(header) == language


def test_an_answer_says_its_language_and_that_another_may_get_another(client: httpx.Client) -> None:
    for headers, language in ((ZH, "zh"), ({}, "en")):
        response = client.post("/graphql", json={"query": "{ __typename }"}, headers=headers)
        assert response.headers["content-language"] == language
        assert "accept-language" in response.headers["vary"]


# -- what is said --------------------------------------------------------------------------------------------------


def _error(response: httpx.Response) -> tuple[str, str]:
    error = response.json()["errors"][0]
    return error["extensions"]["code"], error["message"]


def _both(client: httpx.Client, **request: Any) -> tuple[str, str, str]:
    """The code of a refused request, which is that of each language, and its sentences."""
    code, english = _error(client.post("/graphql", **request))
    headers = {**request.pop("headers", {}), **ZH}
    again, chinese = _error(client.post("/graphql", **request, headers=headers))
    assert again == code
    return code, english, chinese


def test_a_request_that_cannot_be_read_is_refused_in_the_language(client: httpx.Client) -> None:
    given = {"content": b"{", "headers": {"Content-Type": "application/json"}}
    assert _both(client, **given) == ("BAD_REQUEST", "The body is not JSON.", "请求正文不是 JSON。")


def test_a_document_that_is_not_valid_is_refused_in_the_language(client: httpx.Client) -> None:
    assert _both(client, json={"query": "{ viewer { nothing } }"}) == (
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'nothing' on type 'Viewer'.",
        "类型“Viewer”没有字段“nothing”。",
    )


def test_variables_that_do_not_fit_are_refused_in_the_language(client: httpx.Client) -> None:
    query = "query ($codes: Int!) { stations(first: $codes) { totalCount } }"
    assert _both(client, json={"query": query, "variables": {"codes": "x"}}) == (
        "BAD_USER_INPUT",
        "Variable '$codes' has invalid value: Int cannot represent non-integer value: 'x'",
        "变量“$codes”的值无效：Int 不能是非整数的值：'x'",
    )


def test_nobody_is_told_to_log_in_in_the_language(client: httpx.Client) -> None:
    assert _both(client, json={"query": "{ stations { totalCount } }"}) == (
        "UNAUTHENTICATED",
        "Log in first: this needs an access token.",
        "请先登录：此操作需要访问令牌。",
    )


def test_the_resolvers_refusals_are_told_in_the_language(client: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}"}
    assert _both(client, json={"query": "{ stations(first: 101) { totalCount } }"}, headers=headers) == (
        "BAD_USER_INPUT",
        "A page has 1 to 100 rows: first and last must be between 1 and 100.",
        "每页为 1 到 100 条：`first` 和 `last` 必须在 1 到 100 之间。",
    )


def test_a_wrong_password_is_told_in_the_language(client: httpx.Client) -> None:
    given = {"query": LOG_IN, "variables": {"username": "nobody-of-that-name", "password": "wrong"}}
    answer = client.post("/graphql", json=given, headers=ZH).json()["data"]["logIn"]
    assert answer["errors"] == [{"code": "INVALID_CREDENTIALS", "message": "用户名或密码错误。"}]


@LANGUAGES
def test_a_write_is_refused_in_the_language(client: httpx.Client, token: Any, language: Language) -> None:
    query = """mutation { renameStation(input: { id: "x", version: 1, name: "" }) { errors { code message path } } }"""
    headers = {"Authorization": f"Bearer {token('hub')}", "Accept-Language": language.value}
    answer = client.post("/graphql", json={"query": query}, headers=headers).json()["data"]["renameStation"]
    said = {"en": "There is nothing with this id.", "zh": "没有这个 id 对应的内容。"}
    assert answer["errors"] == [{"code": "NOT_FOUND", "message": said[language], "path": ["input", "id"]}]


# -- tables --------------------------------------------------------------------------------------------------------


def test_faults_of_an_import_are_told_in_the_language(client: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('nancheng')}", "Content-Type": "text/csv", **ZH}
    content = csv_of(GRID, grid("NOWHERE", 1, households="many"))
    response = client.post("/import/grids", params={"dryRun": "true"}, content=content, headers=headers)
    assert {(one["code"], one["message"]) for one in response.json()["errors"]} == {
        ("INVALID", "不是整数。"),
        ("NOT_FOUND", "没有这个编码对应的内容。"),
    }


def test_an_export_is_refused_in_the_language(client: httpx.Client, token: Any) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}", **ZH}
    response = client.get("/export/stations", params={"fields": "nothing"}, headers=headers)
    code, message = _error(response)
    assert (code, message.split("：")[0]) == ("BAD_USER_INPUT", "`fields` 不能包含 nothing；可用的有")
    assert response.headers["content-language"] == "zh"


# -- the schema ----------------------------------------------------------------------------------------------------

TYPE = '{ __type(name: "Grid") { description fields { name description } } }'


@LANGUAGES
def test_introspection_tells_descriptions_in_the_language(client: httpx.Client, token: Any, language: Language) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}", "Accept-Language": language.value}
    type_ = client.post("/graphql", json={"query": TYPE}, headers=headers).json()["data"]["__type"]
    code = next(field["description"] for field in type_["fields"] if field["name"] == "code")
    assert code.isascii() is False
    assert (code[0] > "\u4e00") is (language is Language.CHINESE)


@LANGUAGES
def test_the_definition_is_told_in_the_language(client: httpx.Client, token: Any, language: Language) -> None:
    headers = {"Authorization": f"Bearer {token('hub')}", "Accept-Language": language.value}
    response = client.get("/schema.graphql", headers=headers)
    said = {"en": "What can be changed (变更).", "zh": "可以进行的变更。"}
    assert f'"""{said[language]}"""\ntype Mutation' in response.text
    assert response.headers["content-language"] == language
