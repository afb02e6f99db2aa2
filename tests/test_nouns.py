"""The rules of sight that groups of nouns are described with, and ids of one and two letters."""

import pytest

from tests.nouns.base import Row, Tables, either, inherited, key, letters, shared, two_ended
from tests.reference.ids import key_of, read_id

GRANT: Row = {"path": "1.7."}
TABLES: Tables = {
    "sharing": [
        {"noun": "client", "row_id": 3, "path": "1.7.9."},
        {"noun": "client", "row_id": 4, "path": "1.70."},
        {"noun": "survey", "row_id": 5, "path": "1.7."},
    ]
}


@pytest.mark.parametrize(("path", "seen"), [("1.7.", True), ("1.7.9.", True), ("1.", False), ("1.70.", False)])
def test_a_row_is_seen_at_its_other_end(path: str, seen: bool) -> None:
    assert two_ended(TABLES, GRANT)({"to_path": path}) == seen
    assert not two_ended(TABLES, GRANT)({"to_path": None})


@pytest.mark.parametrize(("path", "seen"), [("1.", True), ("1.7.", True), ("1.7.9.", False), ("2.", False)])
def test_a_row_is_inherited_from_above(path: str, seen: bool) -> None:
    assert inherited(TABLES, GRANT)({"path": path}) == seen


def test_a_row_is_seen_where_it_is_shared() -> None:
    assert [k for k in range(9) if shared("client")(TABLES, GRANT)({"id": k})] == [3]
    both = either(two_ended, shared("client", "client_id"))(TABLES, GRANT)
    assert both({"to_path": None, "client_id": 3})
    assert both({"to_path": "1.7.", "client_id": 4})
    assert not both({"to_path": "1.", "client_id": None})


@pytest.mark.parametrize(("text", "read"), [("S17", ("S", 17)), ("AG5", ("AG", 5)), ("AG1", ("AG", 1))])
def test_an_id_has_one_or_two_letters(text: str, read: tuple[str, int]) -> None:
    assert read_id(text) == (letters(text), key(text)) == read
    assert key_of("A", "AG1") == key_of("AG", "A1") == 0


@pytest.mark.parametrize("text", ["", "AG", "7", "AG0", "AGE1", "Ag1", "ag1", "AG01", "AG1 ", "AG²"])
def test_what_is_no_id_is_read_as_none(text: str) -> None:
    assert read_id(text) == ("", 0)
