"""What clients are told, in the language that they like to read.

A `Message` is its English sentence, and remembers what it was made of; the catalogues in `languages/`, by language and
in gettext's format, have the sentence in the others. Codes are the same in every language.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).with_name("languages")
# The context of sentences that a library writes: its placeholders are found again in the sentence.
LIBRARY = "library"
# The placeholder for another sentence of a library's.
REASON = "why"
# A library quotes what the client wrote: what is longer is not searched, which takes time with the third power of it.
LONGEST = 501

_TERM = re.compile(r"\(([^()]*[\u4e00-\u9fff][^()]*)\)")


class Language(StrEnum):
    """A language, by its code of ISO 639-1."""

    ENGLISH = "en"
    CHINESE = "zh"


_BETWEEN = {Language.ENGLISH: ", ", Language.CHINESE: "、"}
# What members of enumerations are called in Chinese, as the schema describes them. Members of several are equal, if
# their texts are.
TERMS: dict[tuple[type[Enum], str], str] = {}


class Message(str):
    """A sentence for people: `Message("Group by {most} dimensions at the most.", most=4)`, in English.

    Its values may be other messages, members of described enumerations, and lists and tuples of them.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Message":
        """The English sentence; without values, braces in it are braces."""
        made = super().__new__(cls, _filled(template, values, Language.ENGLISH))
        made.template, made.values = template, values
        return made

    @classmethod
    def quoted(cls, sentence: str) -> "Message":
        """A library's sentence: its catalogue finds the values in it."""
        return cls(sentence)

    def __str__(self) -> str:
        # An exception's text goes through `str`, and must not forget what it was made of.
        return self


def translated(text: str, language: Language) -> str:
    """A message in a language; what the catalogue does not have stays as it is."""
    if language is Language.ENGLISH:
        return text
    known = catalogue(language)
    template = text.template if isinstance(text, Message) else text
    sentence = known.messages.get(template)
    if sentence is None:
        return known.library(text)
    return _filled(sentence, text.values, language) if isinstance(text, Message) else sentence


def term(description: str | None, otherwise: str) -> str:
    """``"The phone number, masked like 138****1234 (手机号，脱敏)."`` → ``"手机号"``."""
    found = _TERM.findall(description or "")
    return re.split("[，：]", found[-1])[0] if found else otherwise


def _filled(template: str, values: Mapping[str, Any], language: Language) -> str:
    if not values:
        return template
    return template.format_map({name: _shown(value, language) for name, value in values.items()})


def _shown(value: Any, language: Language) -> str:
    if isinstance(value, (list, tuple)):
        return _BETWEEN[language].join(_shown(one, language) for one in value)
    if isinstance(value, Message):
        return translated(value, language)
    if isinstance(value, Enum) and language is not Language.ENGLISH:
        return TERMS.get((type(value), value.name), str(value.value))
    return str(value)


@dataclass(frozen=True)
class Catalogue:
    """A language's sentences by the English ones; `patterns` are those of libraries."""

    messages: dict[str, str] = field(default_factory=dict)
    patterns: list[tuple[str, re.Pattern[str], str]] = field(default_factory=list)

    def library(self, text: str) -> str:
        """A library's sentence, or the same text if none of them fits."""
        if len(text) <= LONGEST:
            for beginning, pattern, sentence in self.patterns:
                if text.startswith(beginning) and (found := pattern.fullmatch(text)):
                    values = found.groupdict()
                    if values.get(REASON):
                        values[REASON] = self.library(values[REASON])
                    return sentence.format_map(values)
        return text


@cache
def catalogue(language: Language) -> Catalogue:
    """The catalogue of a language, read from its files once."""
    made = Catalogue()
    for path in sorted((CATALOGUES / language.value).glob("*.po")):
        for entry in entries(path):
            if entry.context == LIBRARY:
                made.patterns.append((entry.english.partition("{")[0], pattern_of(entry.english), entry.sentence))
            else:
                made.messages[entry.english] = entry.sentence
    return made


@dataclass(frozen=True, slots=True)
class Entry:
    """A text of a catalogue."""

    english: str
    sentence: str
    context: str | None


def entries(path: Path) -> list[Entry]:
    """The texts of a file of gettext's format that are translated."""
    with path.open("rb") as file:
        found = read_po(file, abort_invalid=True)
    return [
        Entry(str(message.id), str(message.string), message.context)
        for message in found
        if message.id and message.string and not message.fuzzy
    ]


def pattern_of(template: str) -> re.Pattern[str]:
    """What finds the values again in a sentence that was made of a template."""
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.*?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)), re.DOTALL
    )
