"""What the schema says of itself, in the language that a client likes to read.

The descriptions are written in English; the catalogues in `languages/`, keyed by them, have them in the others.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)

from resolvers.core.messages import Language, entries

CATALOGUES = Path(__file__).with_name("languages")


def described(text: str, language: Language) -> str:
    """A description, or the reason of a deprecation, in a language; what has no translation stays as it is."""
    return text if language is Language.ENGLISH else catalogue(language).get(text, text)


@cache
def catalogue(language: Language) -> dict[str, str]:
    """The descriptions of a language by the English ones, read from their files once."""
    files = sorted((CATALOGUES / language.value).glob("*.po"))
    return {entry.english: entry.sentence for path in files for entry in entries(path)}


def texts(core: GraphQLSchema) -> Iterator[tuple[str, GraphQLNamedType | None, str]]:
    """Every text that a schema says of itself: where it stands (`Station.name`), the type there, and the text."""
    for name, type_ in sorted(core.type_map.items()):
        for where, said in _of_type(type_):
            for text in said:
                if text:
                    yield f"{name}{where}", type_, text
    for directive in core.directives:
        arguments = [(f"({name}:)", argument.description) for name, argument in directive.args.items()]
        for where, text in [("", directive.description), *arguments]:
            if text:
                yield f"@{directive.name}{where}", None, text


def _of_type(type_: GraphQLNamedType) -> Iterator[tuple[str, tuple[str | None, ...]]]:
    yield "", (type_.description,)
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f".{name}", (value.description, value.deprecation_reason)
    elif isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
        for name, field in type_.fields.items():
            yield f".{name}", (field.description, field.deprecation_reason)
            for argument, given in getattr(field, "args", {}).items():
                yield f".{name}({argument}:)", (given.description, given.deprecation_reason)
