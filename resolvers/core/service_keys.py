"""Keys of service accounts as text: ``zw_``, 40 random letters and digits, and 6 that are a checksum of those.

The beginning and the checksum are for those who look for leaked secrets, and let this server turn away what is no key
without asking the database.
"""

import secrets
import string
import zlib

BEGINNING = "zw_"
ALPHABET = string.digits + string.ascii_letters
RANDOM, CHECKSUM = 40, 6
SHOWN = len(BEGINNING) + 6
"""How many characters of a key are kept, to know it by."""
LONGEST_NAME = 100
"""Of what a key is for."""


def new_key() -> str:
    """A fresh key, of 238 random bits."""
    text = BEGINNING + "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return text + _checksum(text)


def is_key(text: str) -> bool:
    """Whether a text is a key, of this server or of another."""
    whole = len(text) == len(BEGINNING) + RANDOM + CHECKSUM and text.isascii() and text.startswith(BEGINNING)
    return whole and text[-CHECKSUM:] == _checksum(text[:-CHECKSUM])


def _checksum(text: str) -> str:
    """CRC-32 in base 62."""
    value, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM):
        value, digit = divmod(value, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
