"""Personal data: sealed for keeping, hashed for exact match, masked for reading.

The database has each personal value three times: sealed with a key that it does not have, as the masked text that most
readers get, and, where somebody may look for it, as a keyed hash.
"""

import hmac
import re
import unicodedata

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MASK = "****"
MOBILE_LENGTH = 11
ID_NUMBER_LENGTH = 18

# County and township of an address; neither has a digit or a street's characters in its name.
_TOWNSHIP = re.compile(
    r"(?:[^\W\d]{2,6}?(?:省|自治区))?(?:[^\W\d省]{2,8}?(?:市|自治州|盟))?"
    r"[^\W\d路街巷号村]{1,8}?[县区市旗][^\W\d路街巷号村县]{1,8}?(?:镇|乡|街道)"
)
_COUNTY = re.compile(
    r"(?:[^\W\d]{2,6}?(?:省|自治区))?(?:[^\W\d省]{2,8}?(?:市|自治州|盟))?[^\W\d路街巷号村市]{1,8}?[县区市旗]"
)


class UnreadableCipher(Exception):
    """A sealed value was changed, is none at all, or was sealed with a key that is not among the vault's."""


class PersonalVault:
    """Seals and opens personal values, and hashes them for exact match."""

    def __init__(self, keys: str) -> None:
        """Takes comma-separated Fernet keys (32 bytes in URL-safe base64 each); the first seals, all open.

        The hash's key is derived from the last one: a new key in front leaves every hash as it is, and an old key at
        the end goes only together with new hashes of everything. Raises ValueError if one is no Fernet key.
        """
        listed = [key.strip() for key in keys.split(",")]
        self._fernet = MultiFernet([Fernet(key) for key in listed])
        derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"zhanwang personal digest")
        self._digest_key = derivation.derive(listed[-1].encode())

    def seal(self, value: str) -> bytes:
        """The value, encrypted and signed: ASCII bytes, 100 for a phone number, different ones each time."""
        return self._fernet.encrypt(value.encode())

    def open(self, cipher: bytes) -> str:
        """The value that was sealed. Raises UnreadableCipher."""
        try:
            return self._fernet.decrypt(cipher).decode()
        except InvalidToken:
            raise UnreadableCipher from None

    def digest(self, kind: str, value: str) -> bytes:
        """The keyed hash of a value, 32 bytes, the same however the value is spaced and written.

        kind: the column, ``phone`` or ``id_number``; equal values of two kinds have different hashes.
        """
        return hmac.digest(self._digest_key, f"{kind}\0{_canonical(kind, value)}".encode(), "sha256")


def mask_phone(phone: str) -> str:
    """``138****1234``; of a number that is shorter than a mobile's, the last two digits alone."""
    if len(phone) < MOBILE_LENGTH:
        return MASK + phone[-2:] if len(phone) > len(MASK) else MASK
    return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]


def mask_id_number(number: str) -> str:
    """``3505**********1234``, for 18 characters; anything else is all stars, as many as it has characters."""
    if len(number) != ID_NUMBER_LENGTH:
        return "*" * len(number)
    return number[:4] + "*" * (ID_NUMBER_LENGTH - 8) + number[-4:]


def mask_birth_date(birth_date: str) -> str:
    """``1985-**-**``, for an ISO date (``1985-04-12``)."""
    year = birth_date[:4] if re.match(r"\d{4}-", birth_date) else MASK
    return f"{year}-**-**"


def mask_address(address: str) -> str:
    """``福建省泉州市德化县龙浔镇****``: county and township, as far as it tells them; the rest is masked."""
    known = _TOWNSHIP.match(address) or _COUNTY.match(address)
    return (known.group() if known else "") + MASK


def _canonical(kind: str, value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip()
    if kind in {"phone", "id_number"}:
        text = re.sub(r"[\s-]", "", text).upper()
    return text.removeprefix("+86") if kind == "phone" else text
