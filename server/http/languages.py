"""The language that a request asks for."""

from functools import lru_cache

from resolvers.core.messages import Language

LONGEST = 200
"""How much of a header is read, and kept; a browser's has some 30 characters."""

_SPOKEN = {language.value: language for language in Language}


def language_of(accept_language: str) -> Language:
    """The language that the client likes best of those that are spoken here, by an Accept-Language header.

    `zh-CN`, `zh-Hans` and the like are Chinese; English, if it names none of them or is empty.
    """
    return _liked_best(accept_language[:LONGEST])


@lru_cache(maxsize=256)
def _liked_best(accept_language: str) -> Language:
    best, found = 0.0, Language.ENGLISH
    for item in accept_language.lower().split(","):
        tag, _, parameters = item.partition(";")
        primary = tag.strip().partition("-")[0]
        name, _, weight = parameters.partition("=")
        try:
            quality = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if primary in _SPOKEN and best < quality <= 1:
            best, found = quality, _SPOKEN[primary]
    return found
