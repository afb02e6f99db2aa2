"""Persons who do not exist: names put together by chance, and numbers that nobody can have.

- Phones: ``1990000`` and four digits that count the persons, then the clients.
- Identity numbers: 18 characters with a right check character, but of the region 350599, which there is not.
- Addresses: on streets called 示例路 and 样板巷 (example road, model lane).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from models import Gender

SURNAMES = "陈林黄张郑苏李王赖徐曾颜郭孙连邓温涂叶许吴周章寇甘毛方范梁蒋"
GIVEN = {
    Gender.FEMALE: "丽芬秀珍玉兰美华淑娟雅琴晓燕慧敏佳颖诗涵婉清月桂春梅雪莲素云碧霞",
    Gender.MALE: "志强建国文杰明辉德福伟民金水永泉清河国栋振华家声少锋俊峰天宝世昌启航",
}
STREETS = ("示例路", "样板巷")

REGION = "350599"
PHONES = 10_000
CLIENTS = 5_000
"""Clients have the numbers from here on, people those below."""
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Personal:
    """What a person is called and found by, in plain: ISO birth date, 11 digits, 18 characters."""

    name: str
    gender: Gender
    birth_date: str
    phone: str
    id_number: str
    address: str


def make_personal(random: Random, number: int, born: tuple[int, int], neighbourhood: str) -> Personal:
    """The person with a number, counted from 1 and below 10,000.

    born: the first and the last year of birth. neighbourhood: the address as far as it is real.
    """
    assert 0 < number < PHONES
    gender = random.choice(tuple(Gender))
    birth_date = date(born[0], 1, 1) + timedelta(days=random.randrange((born[1] - born[0] + 1) * 365))
    return Personal(
        name=random.choice(SURNAMES) + _given(random, gender),
        gender=gender,
        birth_date=birth_date.isoformat(),
        phone=f"1990000{number:04}",
        id_number=_id_number(birth_date, number, gender),
        address=f"{neighbourhood}{random.choice(STREETS)}{random.randint(1, 199)}号",
    )


def _given(random: Random, gender: Gender) -> str:
    characters = GIVEN[gender]
    return "".join(random.choice(characters) for _ in range(random.choice((1, 2, 2, 2))))


def _id_number(birth_date: date, number: int, gender: Gender) -> str:
    # Odd for men, as the real ones; two persons share a serial only if their numbers are a multiple of 500 apart.
    serial = number % 500 * 2 + (gender is Gender.MALE)
    digits = f"{REGION}{birth_date:%Y%m%d}{serial:03}"
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + CHECK_CHARACTERS[weighted % 11]
