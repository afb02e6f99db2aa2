"""What SECURITY.md says to be shown by a test is: the file and the function are there."""

import ast
import re
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
TEXT = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/\w+\.py)(?:::(\w+))?`")


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(TEXT)
    assert len(named) > 30
    assert [one for one in named if not exists(*one)] == []


def exists(file: str, function: str) -> bool:
    path = CHECKOUT / file
    if not path.exists():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    return function in tests if function else bool(tests)


def test_every_guard_is_shown_by_a_test() -> None:
    rows = [line for line in TEXT.partition("## What each guard stops")[2].splitlines() if line.startswith("|")][2:]
    assert len(rows) > 20
    assert [row for row in rows if not NAMED.search(row.rstrip(" |").rpartition("|")[2])] == []


def test_every_page_that_it_points_to_is_there() -> None:
    pages = re.findall(r"\]\((\w[^)#]*)\)", TEXT)
    assert [page for page in pages if not (CHECKOUT / page).exists()] == []
