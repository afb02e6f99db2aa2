"""Personal data: sealed for keeping, hashed for exact match, masked for reading.

The database has each personal value three times: sealed with a key that it does not have, as the masked text that most
readers get, and, where somebody may look for it, as a keyed hash.

Which of the keys seals and hashes, all servers read in the database (`use_personal_key`), so that they agree while one
takes another's place; each opens what any has sealed, and looks under the hashes of all.
"""

import hmac
import re
import unicodedata
from copy import copy

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


class UnknownKey(Exception):
    """The key that is in use is not among the vault's."""


class PersonalVault:
    """Seals and opens personal values, and hashes them for exact match.

    `names`: the names of its keys, in their order, the first in front; a name tells nothing of its key.
    `name`: that of the key which seals and hashes.
    """

    def __init__(self, keys: str) -> None:
        """Takes comma-separated Fernet keys (32 bytes in URL-safe base64 each); the first seals, if nothing says
        otherwise. Raises ValueError if one is no Fernet key.
        """
        self._fernets, self._digest_keys = {}, {}
        for key in (key.strip() for key in keys.split(",")):
            name = _derived(key, b"zhanwang personal key name", 8).hex()
            self._fernets[name] = Fernet(key)
            self._digest_keys[name] = _derived(key, b"zhanwang personal digest", 32)
        self._all = MultiFernet(list(self._fernets.values()))
        self.names = list(self._fernets)
        self.name = self.names[0]

    def using(self, name: str) -> "PersonalVault":
        """A vault of the same keys that seals and hashes with the one of a name. Raises UnknownKey."""
        if name not in self._fernets:
            raise UnknownKey
        vault = copy(self)
        vault.name = name
        return vault

    def seal(self, value: str) -> bytes:
        """The value, encrypted and signed: ASCII bytes, 100 for a phone number, different ones each time."""
        return self._fernets[self.name].encrypt(value.encode())

    def open(self, cipher: bytes) -> str:
        """The value that was sealed with any of the keys. Raises UnreadableCipher."""
        try:
            return self._all.decrypt(cipher).decode()
        except InvalidToken:
            raise UnreadableCipher from None

    def opener(self, cipher: bytes) -> str:
        """The name of the key that a value was sealed with. Raises UnreadableCipher."""
        for name, fernet in self._fernets.items():
            try:
                fernet.decrypt(cipher)
            except InvalidToken:
                continue
            return name
        raise UnreadableCipher

    def digest(self, kind: str, value: str) -> bytes:
        """The keyed hash of a value, 32 bytes, the same however the value is spaced and written.

        kind: the column, ``phone`` or ``id_number``; equal values of two kinds have different hashes.
        """
        return self._digest(self.name, kind, value)

    def digests(self, kind: str, value: str) -> list[bytes]:
        """The hashes of a value under each of the keys: by one of them it is found, whichever is in use."""
        return [self._digest(name, kind, value) for name in self.names]

    def _digest(self, name: str, kind: str, value: str) -> bytes:
        text = f"{kind}\0{_canonical(kind, value)}"
        return hmac.digest(self._digest_keys[name], text.encode(), "sha256")


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


def _derived(key: str, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key.encode())


def _canonical(kind: str, value: str) -> str:
    text = unicodedata.normalize("NFKC", value).strip()
    if kind in {"phone", "id_number"}:
        text = re.sub(r"[\s-]", "", text).upper()
    return text.removeprefix("+86") if kind == "phone" else text
