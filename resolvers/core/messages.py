"""The languages that clients are told things in."""

from enum import StrEnum


class Language(StrEnum):
    """A language, by its code of ISO 639-1."""

    ENGLISH = "en"
    CHINESE = "zh"
