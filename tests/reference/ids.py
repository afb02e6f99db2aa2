"""Public ids: one or two letters and a key."""

from tests.nouns.base import letters

LARGEST = 2**63 - 1


def read_id(text: str) -> tuple[str, int]:
    """The letters and the key; ``("", 0)`` for what is no id."""
    letter = letters(text)
    digits = text[len(letter) :]
    if not (letter and digits.isascii() and digits.isdigit() and digits[0] != "0"):
        return "", 0
    return (letter, int(digits)) if int(digits) <= LARGEST else ("", 0)


def key_of(letter: str, text: str) -> int:
    """The key in an id with this letter; 0, which no row has, for any other text."""
    found, key = read_id(text)
    return key if found == letter else 0
