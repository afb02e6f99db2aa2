"""The vault of personal data, and the masks."""

import pytest
from cryptography.fernet import Fernet

from resolvers.core.personal import (
    PersonalVault,
    UnknownKey,
    UnreadableCipher,
    mask_address,
    mask_birth_date,
    mask_id_number,
    mask_phone,
)

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
PHONE = "19900001234"


def test_what_is_sealed_opens_again_and_never_looks_the_same() -> None:
    vault = PersonalVault(OLD)
    first, second = vault.seal("德化县龙浔镇"), vault.seal("德化县龙浔镇")
    assert first != second
    assert vault.open(first) == vault.open(second) == "德化县龙浔镇"


def test_the_first_key_seals_and_hashes_unless_another_is_in_use_and_all_open() -> None:
    before, after = PersonalVault(OLD), PersonalVault(f"{NEW}, {OLD}")
    assert after.open(before.seal(PHONE)) == PHONE
    assert PersonalVault(NEW).open(after.seal(PHONE)) == PHONE
    assert after.digest("phone", PHONE) == PersonalVault(NEW).digest("phone", PHONE) != before.digest("phone", PHONE)
    meanwhile = after.using(before.name)
    assert before.open(meanwhile.seal(PHONE)) == PHONE
    assert meanwhile.digest("phone", PHONE) == before.digest("phone", PHONE)
    assert [after.opener(vault.seal(PHONE)) for vault in (after, meanwhile)] == [after.name, before.name]
    with pytest.raises(UnknownKey):
        before.using(after.name)


def test_a_value_is_looked_for_under_every_key_whichever_is_in_use() -> None:
    before, after = PersonalVault(OLD), PersonalVault(f"{NEW}, {OLD}")
    wanted = [PersonalVault(key).digest("phone", PHONE) for key in (NEW, OLD)]
    assert after.digests("phone", PHONE) == after.using(before.name).digests("phone", PHONE) == wanted


def other(character: bytes) -> bytes:
    return b"B" if character == b"A" else b"A"


@pytest.mark.parametrize(
    "change", [lambda c: c[:-1], lambda c: c[:20] + other(c[20:21]) + c[21:], lambda c: b"", bytes.lower]
)
def test_a_changed_cipher_does_not_open(change: object) -> None:
    assert callable(change)
    vault = PersonalVault(OLD)
    with pytest.raises(UnreadableCipher):
        vault.open(change(vault.seal(PHONE)))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(UnreadableCipher):
        PersonalVault(OTHER).open(PersonalVault(OLD).seal(PHONE))


def test_a_bad_key_is_refused() -> None:
    with pytest.raises(ValueError, match="Fernet key"):
        PersonalVault(f"{OLD},short")


def test_a_hash_depends_on_kind_value_and_key_and_not_on_the_spelling() -> None:
    vault = PersonalVault(OLD)
    phone = vault.digest("phone", PHONE)
    assert len(phone) == 32
    assert phone == vault.digest("phone", " +86 199-0000-1234")
    assert phone == vault.digest("phone", "１９９００００１２３４")
    assert vault.digest("id_number", "35059919800101001x") == vault.digest("id_number", "35059919800101001X")
    others = [
        vault.digest("id_number", PHONE),
        vault.digest("phone", "19900001235"),
        PersonalVault(OTHER).digest("phone", PHONE),
    ]
    assert phone not in others


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800001234", "138****1234"),
        ("059523522222", "059*****2222"),
        ("23522222", "****22"),
        ("110", "****"),
        ("", "****"),
    ],
)
def test_phones_keep_their_ends(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("350599198504121234", "3505**********1234"),
        ("35059919850412123X", "3505**********123X"),
        ("350526850412123", "*" * 15),
    ],
)
def test_id_numbers_keep_the_prefecture_and_the_end(number: str, masked: str) -> None:
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(("birth_date", "masked"), [("1985-04-12", "1985-**-**"), ("12.4.1985", "****-**-**")])
def test_birth_dates_keep_the_year(birth_date: str, masked: str) -> None:
    assert mask_birth_date(birth_date) == masked


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("福建省泉州市德化县龙浔镇浔东社区样板路12号", "福建省泉州市德化县龙浔镇****"),
        ("泉州市德化县杨梅乡杨梅村3组", "泉州市德化县杨梅乡****"),
        ("德化县浔中镇世科村镇前路5号", "德化县浔中镇****"),
        ("德化县样板路12号东镇大厦", "德化县****"),
        ("北京市东城区东华门街道南池子大街1号", "北京市东城区东华门街道****"),
        ("样板路12号", "****"),
        ("", "****"),
    ],
)
def test_addresses_keep_county_and_township(address: str, masked: str) -> None:
    assert mask_address(address) == masked
