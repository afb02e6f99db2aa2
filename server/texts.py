"""The catalogues of what people are told: kept in step with what the program says."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.pofile import read_po

from resolvers.core.messages import CATALOGUES as SAID
from resolvers.core.messages import LIBRARY, Language, Message
from schema import schema
from schema.descriptions import CATALOGUES as DESCRIBED
from schema.descriptions import texts
from server.settings import CHECKOUT

ROOMS = ("resolvers", "schema", "server")
"""Where messages are made."""

OTHERS = "schema"
AREAS: Mapping[str, tuple[str, ...]] = {
    "accounts": (
        *("access", "account", "action", "audit", "errors", "external_identity", "permissions", "refusals", "rule"),
        *("service_key", "session", "viewer"),
    ),
    "cooperation": (
        *("agency", "agenda", "consultation", "escalation", "leading_group", "plan", "referral", "resolution"),
        "target",
    ),
    "people": (*("assignment", "award", "exam", "person", "qualification", "training", "volunteer", "volunteer_call"),),
    "places": (
        *("calendar", "community", "coverage", "dated", "gap", "grid", "move", "network_summary", "place"),
        *("place_work", "sight", "station", "units"),
    ),
    "services": ("client", "service", "service_circle", "service_item", "service_record", "survey", "venue"),
    "statistics": ("span", "statistics"),
    "writing": ("writing",),
}
"""Which nouns' descriptions are in which file; those of others are in `schema.po`."""

_HEADER = 'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
_PLACES = 3


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the program says, in English: in which file its translation is, and where it is said."""

    file: Path
    english: str
    places: tuple[str, ...]


def said() -> list[Text]:
    """The templates of all messages, by the files that say them. Raises ValueError for one that is not literal."""
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        for path in sorted((CHECKOUT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == Message.__name__:
                    place = path.relative_to(CHECKOUT).as_posix()
                    found.setdefault(_literal(node, place), []).append(place)
    return [Text(Path("messages.po"), text, _few(places)) for text, places in found.items()]


def _literal(node: ast.Call, place: str) -> str:
    first = node.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        raise ValueError(f"{place}, line {node.lineno}: the template of a message must be a literal")
    return first.value


def described() -> list[Text]:
    """All descriptions of the schema, by the order of its types."""
    files: dict[str, Path] = {}
    found: dict[str, list[str]] = {}
    for place, type_, text in texts(schema._schema):  # noqa: SLF001 - Strawberry has no other way to it
        definition = (type_.extensions if type_ else {}).get("strawberry-definition")
        origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
        files.setdefault(text, Path(f"{_area(getattr(origin, '__module__', ''))}.po"))
        found.setdefault(text, []).append(place)
    return [Text(files[text], text, _few(places)) for text, places in found.items()]


def _area(module: str) -> str:
    nouns = module.split(".")
    return next((area for area, of in AREAS.items() if any(noun in of for noun in reversed(nouns))), OTHERS)


def _few(places: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(places))[:_PLACES]


def update(language: Language) -> list[Path]:
    """Writes the catalogues of a language anew, with the translations that there are; answers the changed files."""
    changed = []
    for path, told in _told(language).items():
        if not told:
            path.unlink()
        else:
            content = "\n".join([_HEADER, *(_entry(text, sentence) for text, sentence in told)])
            if path.exists() and path.read_text(encoding="utf-8") == content:
                continue
            path.write_text(content, encoding="utf-8")
        changed.append(path)
    return changed


def misplaced(language: Language) -> list[str]:
    """The English of what is said and not in its file, and of what is in a file and said no longer."""
    there = {(path, english) for path in _told(language) if path.exists() for english in translations(path)}
    wanted = {(path, text.english) for path, told in _told(language).items() for text, _ in told}
    return sorted({english for _, english in there ^ wanted})


def untranslated(language: Language) -> list[str]:
    """The English of what is said and has no translation."""
    return [text.english for told in _told(language).values() for text, sentence in told if not sentence]


def _told(language: Language) -> dict[Path, list[tuple[Text, str]]]:
    """What is said, with its translation so far, by the file where that is to stand."""
    found = {}
    for folder, wanted in ((SAID / language.value, said()), (DESCRIBED / language.value, described())):
        kept = {path: translations(path) for path in folder.glob("*.po")}
        known = {english: sentence for of in kept.values() for english, sentence in of.items() if sentence}
        files = {folder / text.file for text in wanted} | {path for path in kept if not is_library(path)}
        for path in sorted(files):
            told = [text for text in wanted if folder / text.file == path]
            found[path] = [(text, known.get(text.english, "")) for text in told]
    return found


def translations(path: Path) -> dict[str, str]:
    """The texts of a catalogue with their translations, empty ones included."""
    with path.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, abort_invalid=True) if message.id}


def is_library(path: Path) -> bool:
    """Whether a catalogue has sentences of a library, which are not made here."""
    return f'msgctxt "{LIBRARY}"' in path.read_text(encoding="utf-8")


def _entry(text: Text, sentence: str) -> str:
    places = "".join(f"#. {place}\n" for place in text.places)
    return f"{places}msgid {_quoted(text.english)}\nmsgstr {_quoted(sentence)}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
