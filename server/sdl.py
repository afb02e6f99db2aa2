"""The schema definition as text that changes only where the schema does."""

from dataclasses import replace
from typing import Any

from graphql import Node, Visitor, parse, print_ast, visit

SORTED = ("fields", "values", "arguments", "interfaces", "types")


def sorted_sdl(sdl: str) -> str:
    """The same definitions in their order, with everything inside them by name; ends with a line break.

    Not `lexicographic_sort_schema`: that goes by way of a schema, which forgets the directives that were applied.
    """
    return print_ast(visit(parse(sdl), _ByName())).rstrip("\n") + "\n"


class _ByName(Visitor):
    def leave(self, node: Node, *_: Any) -> Node:
        unsorted = {key: getattr(node, key, None) for key in SORTED}
        changes: dict[str, Any] = {key: tuple(sorted(of, key=_name)) for key, of in unsorted.items() if of}
        return replace(node, **changes)


def _name(node: Any) -> str:
    return str(node.name.value)
