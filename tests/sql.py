"""Lays out a compiled statement for readers: what does not fit on a line is broken at its clauses, commas and ANDs."""

import re
from typing import TypeAlias

WIDTH = 110
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|[()]|(?:ORDER|GROUP) BY\b|[^\s()'\",]+|,")
_CLAUSES = {"SELECT", "FROM", "JOIN", "WHERE", "ORDER BY", "GROUP BY", "LIMIT"}
_WORDS = re.compile(
    "AND|AS|BY|CASE|DISTINCT|ELSE|EXISTS|FROM|IN|JOIN|LIMIT|MATERIALIZED|NOT|ON|OR|OVER|SELECT|THEN|WHEN|WHERE"
)

Item: TypeAlias = "str | list[Item]"


def readable(sql: str) -> str:
    """The same statement, laid out."""
    stack: list[list[Item]] = [[]]
    for token in _TOKEN.findall(sql):
        if token == "(":
            stack.append([])
        elif token == ")":
            group = stack.pop()
            stack[-1].append(group)
        else:
            stack[-1].append(token)
    return "\n".join(_lines(stack[0], 0))


def _flat(items: list[Item]) -> str:
    text = ""
    for item in items:
        part = item if isinstance(item, str) else f"({_flat(item)})"
        called = part.startswith("(") and re.search(r'[\w"]$', text) and not _WORDS.fullmatch(text.rpartition(" ")[2])
        text += ("" if not text or called or part.startswith((",", "::")) else " ") + part
    return text


def _lines(items: list[Item], indent: int) -> list[str]:
    """The lines of a sequence of tokens and groups."""
    lines: list[str] = []
    for part in _parts(items):
        text = " " * indent + _flat(part)
        if len(text) <= WIDTH:
            lines.append(text)
        else:
            lines += _broken(part, indent)
    return lines


def _parts(items: list[Item]) -> list[list[Item]]:
    """The clauses of a SELECT, else the elements of a list, else the operands of AND or OR."""
    if any(isinstance(item, str) and item in _CLAUSES for item in items):
        return _split(items, _CLAUSES)
    commas = _split(items, {","})
    return commas if len(commas) > 1 else _split(items, {"AND", "OR", "WHEN", "||"})


def _split(items: list[Item], marks: set[str]) -> list[list[Item]]:
    """Splits before a mark, or after a comma."""
    parts: list[list[Item]] = [[]]
    for item in items:
        if isinstance(item, str) and item in marks:
            if item == ",":
                parts[-1].append(item)
                parts.append([])
                continue
            parts.append([])
        parts[-1].append(item)
    return [part for part in parts if part]


def _broken(part: list[Item], indent: int) -> list[str]:
    """A part that is too long for a line: its head, its groups indented below it, what follows them."""
    head = part[0]
    if isinstance(head, str) and head in _CLAUSES and len(part) > 1:
        return [" " * indent + head, *_lines(part[1:], indent + 2)]
    lines: list[str] = []
    pending: list[Item] = []
    for item in part:
        if isinstance(item, list) and len(_flat(item)) > WIDTH // 2:
            before = _flat([*pending, []])[:-1] if pending else "("
            lines += [" " * indent + before, *_lines(item, indent + 2)]
            pending = [")"]
        else:
            pending.append(item)
    if pending:
        lines.append(" " * indent + _flat(pending))
    return lines
