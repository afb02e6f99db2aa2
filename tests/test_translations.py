"""The catalogues of what people are told: whole, in step with the program, and true to the English.

`zhanwang texts` writes them anew; what it leaves empty is to be translated.
"""

import ast
import re
from pathlib import Path

import graphql
import pytest
import strawberry

from resolvers.core.messages import CATALOGUES as SAID
from resolvers.core.messages import LIBRARY, Entry, Language, Message, catalogue, entries, translated
from resolvers.core.refusals import UserErrorCode
from schema.descriptions import CATALOGUES as DESCRIBED
from server.texts import misplaced, untranslated

CHINESE = Language.CHINESE
FILES = sorted([*(SAID / CHINESE.value).glob("*.po"), *(DESCRIBED / CHINESE.value).glob("*.po")])
PLACEHOLDER = re.compile(r"\{(\w+)\}")
SPAN = re.compile(r"`[^`]*`")
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!](?!\w)|[\u4e00-\u9fff]\.(\s|$)")
# A client compares these with what a protocol says.
PROTOCOL = {"PersistedQueryNotFound", "PersistedQueryNotSupported"}

# -- whole, and in step --------------------------------------------------------------------------------------------


def test_all_that_is_said_has_chinese() -> None:
    assert untranslated(CHINESE) == []


def test_the_catalogues_have_what_is_said_and_nothing_else() -> None:
    assert misplaced(CHINESE) == []


# -- true to the english -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_translation_keeps_code_numbers_and_placeholders(path: Path) -> None:
    told = [one for one in entries(path) if one.english not in PROTOCOL]
    assert [(one.english, fault) for one in told for fault in _faults(one)] == []


def _faults(entry: Entry) -> list[str]:
    english, sentence = entry.english, entry.sentence
    faults = []
    if not re.search("[\u4e00-\u9fff]", sentence):
        faults.append("is not Chinese")
    if HALF_WIDTH.search(SPAN.sub("", sentence)):
        faults.append("has half-width punctuation")
    if not set(SPAN.findall(english)) <= set(SPAN.findall(sentence)):
        faults.append("has lost code")
    if entry.context != LIBRARY and _numbers(english) != _numbers(sentence):
        faults.append("has lost a number")
    names = set(PLACEHOLDER.findall(english))
    if entry.context == LIBRARY:
        sentence.format_map(dict.fromkeys(names, ""))
    elif "{" in english and names != set(PLACEHOLDER.findall(sentence)):
        faults.append("has other placeholders")
    return faults


def _numbers(text: str) -> list[str]:
    return sorted(NUMBER.findall(SPAN.sub("", text)))


# -- what libraries say --------------------------------------------------------------------------------------------

# Of what clients can be told: neither definitions nor what only a programmer sees.
CORE = Path(graphql.__file__).parent
MODULES = [
    *(CORE / "language" / name for name in ("lexer.py", "parser.py")),
    CORE / "validation" / "validate.py",
    *(CORE / "validation" / "rules").glob("*.py"),
    CORE / "execution" / "values.py",
    CORE / "utilities" / "validate_input_value.py",
    CORE / "type" / "scalars.py",
    CORE / "error" / "syntax_error.py",
    *(Path(strawberry.__file__).parent / "schema" / "validation_rules").glob("*.py"),
]
DEFINITIONS = re.compile(
    "lone_schema_definition|possible_type_extensions|unique_(argument_definition|directive|enum_value|field_definition|"
    "operation_type|type)_names|unique_operation_types"
)
# Of rules that are not used here, of limits that are set lower here, and of code that cannot be reached.
UNUSED = re.compile(
    r"The `\w+` scalar type|MAX_FIELD_COMPARISONS|Unexpected (type|error in)|Callable|Sequence|GraphQLOutputType|"
    r"DirectiveDefinitionNode|Invalid argument$|Validation aborted\.$|Subscription '|"
    r"Maximum introspection"
)


def test_every_sentence_of_graphql_has_a_pattern() -> None:
    templates = [PLACEHOLDER.sub("x", one.english) for one in entries(SAID / CHINESE.value / "graphql.po")]
    patterns = [pattern for _, pattern, _ in catalogue(CHINESE).patterns]
    missing = [
        f"{path.name}: {sentence}"
        for path in MODULES
        if not DEFINITIONS.search(path.stem)
        for sentence in _sentences(path)
        if not any(pattern.match(sentence) for pattern in patterns)
        if not any(template.startswith(sentence) for template in templates)
    ]
    assert missing == []


def _sentences(path: Path) -> list[str]:
    """What a module's literals say, `x` for each of their values; of a sentence in parts its beginning."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    beside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            beside.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            beside |= {inner for inner in ast.walk(node) if inner is not node}
    # The path in a value begins with ` at `, if there is one.
    texts = [_text(node).replace(" valuex:", " value:") for node in ast.walk(tree) if node not in beside]
    return [text for text in texts if re.match("['\"]?[A-Z]", text) and " " in text and not UNUSED.match(text)]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)  # type: ignore[misc]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Unknown type 'Foo'.", "没有类型“Foo”。"),
        (
            "Cannot query field 'nme' on type 'Station'. Did you mean 'name', 'named', or 'code'?",
            "类型“Station”没有字段“nme”。是否应为 'name', 'named' 或 'code'？",
        ),
        (
            "Variable '$first' has invalid value at .a: Int cannot represent non-integer value: 'x'",
            "变量“$first”的值在 .a 处无效：Int 不能是非整数的值：'x'",
        ),
        ("Syntax Error: Expected Name, found <EOF>.", "语法错误：此处应为 Name，却是 <EOF>。"),
        ("Nobody has ever said this.", "Nobody has ever said this."),
    ],
)
def test_a_sentence_of_graphql_is_told_with_its_values_and_reasons(english: str, chinese: str) -> None:
    assert translated(english, CHINESE) == chinese


def test_a_value_that_looks_like_a_sentence_stays_as_the_client_wrote_it() -> None:
    assert translated("Unknown fragment 'Unterminated string.'.", CHINESE) == "没有名为“Unterminated string.”的片段。"


# -- messages ------------------------------------------------------------------------------------------------------


def test_a_message_is_its_english_sentence_and_can_be_told_again() -> None:
    message = Message("A filter may be nested {most} deep at the most.", most=3)
    assert message == "A filter may be nested 3 deep at the most."
    assert translated(message, Language.ENGLISH) == message
    assert translated(message, CHINESE) == "筛选条件最多可嵌套 3 层。"
    assert translated(ValueError(message).args[0], CHINESE) == translated(str(message), CHINESE)


def test_values_that_are_lists_messages_and_members_are_told_in_the_language() -> None:
    listed = Message("This must be one of: {terms}.", terms=["A", "B"])
    assert (listed, translated(listed, CHINESE)) == ("This must be one of: A, B.", "只能是以下之一：A、B。")
    nested = Message("The file cannot be imported. {why}", why=Message("It is empty."))
    assert translated(nested, CHINESE) == "文件无法导入：文件为空。"
    member = Message("The call is {state}.", state=UserErrorCode.NOT_FOUND)
    assert (member, translated(member, CHINESE)) == ("The call is NOT_FOUND.", "该志愿服务需求的状态为“未找到”。")
