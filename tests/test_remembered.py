"""Every cache of the program is in the table of docs/decisions/0028, which says what makes it forget."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
TABLE = CHECKOUT / "docs" / "decisions" / "0028-what-workers-remember.md"
FOLDERS = ("models", "resolvers", "schema", "server")
CACHES = {"Cache", "Remembered"}
DECORATORS = {"cache", "lru_cache", "cached_property"}


def name(node: ast.AST) -> str:
    """The last name of an expression: `functools.cache` and `cache(…)` are `cache`."""
    match node:
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return name(inner)
        case ast.Attribute(attr=last) | ast.Name(id=last):
            return last
    return ""


def kept(tree: ast.AST, inside: str = "") -> Iterator[str]:
    """What a module keeps: its caches, with the class that they are in, and the functions that know their answers."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                if DECORATORS & {name(one) for one in node.decorator_list}:
                    yield inside + node.name
            case (
                ast.Assign(targets=[target], value=ast.Call() as made)
                | ast.AnnAssign(target=target, value=ast.Call() as made)
            ):
                if name(made) in CACHES:
                    yield inside + name(target)
        yield from kept(node, f"{node.name}." if isinstance(node, ast.ClassDef) else inside)


def caches() -> set[tuple[str, str]]:
    """Every cache: its file and its name."""
    files = sorted(
        file for folder in FOLDERS for file in (CHECKOUT / folder).rglob("*.py") if "node_modules" not in file.parts
    )
    return {
        (str(file.relative_to(CHECKOUT)), one)
        for file in files
        for one in kept(ast.parse(file.read_text(encoding="utf-8")))
        # The cache that this one is made of.
        if one != "Remembered._cache"
    }


def test_every_cache_is_in_the_table_with_what_makes_it_forget_and_nothing_else_is() -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = set()
    for row in rows:
        _, where, holds, drops, stale, _ = (cell.strip() for cell in row.split("|"))
        file, *names = re.findall(r"`([^`]+)`", where)
        assert names, row
        assert holds, row
        assert drops, row
        assert stale, row
        named |= {(file, one) for one in names}
    assert named == caches()
