"""The schema definition as text that changes only where the schema does."""

from dataclasses import replace
from typing import Any

from graphql import DirectiveNode, Node, StringValueNode, Visitor, parse, print_ast, visit

from resolvers.core.messages import Language
from schema.descriptions import described
from server.settings import CHECKOUT

SDL = CHECKOUT / "schema" / "schema.graphql"
"""The definitions in English; `make check` holds that they are what the types say."""

RELEASED = SDL.with_name("released.graphql")
"""What clients rely on: the definitions of the last release."""

SORTED = ("fields", "values", "arguments", "interfaces", "types")


def sorted_sdl(sdl: str, language: Language = Language.ENGLISH) -> str:
    """The same definitions in their order, with everything inside them by name; ends with a line break.

    language: of the descriptions, and of why something is deprecated.

    Not `lexicographic_sort_schema`: that goes by way of a schema, which forgets the directives that were applied.
    """
    return print_ast(visit(parse(sdl), _ByName(language))).rstrip("\n") + "\n"


class _ByName(Visitor):
    def __init__(self, language: Language) -> None:
        super().__init__()
        self._language = language

    def leave(self, node: Node, *_: Any) -> Node:
        unsorted = {key: getattr(node, key, None) for key in SORTED}
        changes: dict[str, Any] = {key: tuple(sorted(of, key=_name)) for key, of in unsorted.items() if of}
        if isinstance(description := getattr(node, "description", None), StringValueNode):
            changes["description"] = self._told(description)
        elif isinstance(node, DirectiveNode) and node.name.value == "deprecated":
            changes["arguments"] = tuple(replace(one, value=self._told(one.value)) for one in node.arguments or ())
        return replace(node, **changes)

    def _told(self, text: Any) -> StringValueNode:
        told: StringValueNode = replace(text, value=described(text.value, self._language))
        return told


def _name(node: Any) -> str:
    return str(node.name.value)
