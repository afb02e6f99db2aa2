"""Every column is known to be personal or not; the page, the fields' permissions and the models say the same."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models import metadata
from models.personal_data import COMMON, IMPERSONAL, PERSONAL, SEEN, Form, rows
from resolvers.core.mapping import DEFINITION, ENTITY, MAPPING, NEEDS, Column, Entity
from resolvers.core.permissions import Permission
from schema import schema

PAGE = Path(__file__).parent.parent / "docs" / "personal-data.md"


def columns() -> Iterator[tuple[str, str]]:
    """Every column of every table, but its key and where the row lies."""
    for table in metadata.tables.values():
        yield from ((table.name, column.name) for column in table.c if column.name not in COMMON)


def classified() -> Counter[tuple[str, str]]:
    personal = Counter((kept.table, column) for kept in PERSONAL for column in kept.columns)
    return personal + Counter((table, column) for table, names in IMPERSONAL.items() for column in names.split())


def test_every_column_is_classified_and_nothing_else_is() -> None:
    known = set(classified())
    assert set(columns()) - known == set()
    assert known - set(columns()) == set()


def test_no_column_is_both_personal_and_not() -> None:
    personal = {(kept.table, column) for kept in PERSONAL for column in kept.columns}
    impersonal = {(table, column) for table, names in IMPERSONAL.items() for column in names.split()}
    assert personal & impersonal == set()
    assert [one for one, times in classified().items() if times > 1] == []


def test_the_page_has_the_registry_as_its_table() -> None:
    """Write it anew from `models.personal_data.rows()` if this fails."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("|")] == list(rows())


def test_who_reads_a_column_by_the_registry_reads_it_by_the_schema() -> None:
    readers = {(kept.table, column): kept.readers for kept in PERSONAL for column in kept.columns}
    needs = [(column, need) for column, need in fields() if column in readers]
    assert len(needs) > 40
    assert [(column, need) for column, need in needs if readers[column] != need] == []


def test_the_servers_alone_are_read_by_no_field() -> None:
    hidden = {
        (kept.table, column) for kept in PERSONAL for column in kept.columns if kept.readers == "the server alone"
    }
    hidden |= {(k.table, column) for k in PERSONAL for column in k.columns if k.form in (Form.ENCRYPTED, Form.HASH)}
    assert hidden
    assert [column for column, _ in fields() if column in hidden] == []


def test_the_permissions_of_the_registry_are_permissions() -> None:
    named = {kept.readers for kept in PERSONAL if ":" in kept.readers}
    assert named <= {str(permission) for permission in Permission}


def fields() -> Iterator[tuple[tuple[str, str], str]]:
    """The columns that a field of the schema shows, and what it needs."""
    for type_ in schema._schema.type_map.values():
        definition: Any = (type_.extensions or {}).get(DEFINITION)
        entity = getattr(definition and definition.origin, ENTITY, None)
        if not isinstance(entity, Entity):
            continue
        for field in type_.fields.values():  # type: ignore[attr-defined]
            own = field.extensions[DEFINITION]
            if isinstance(mapping := own.metadata.get(MAPPING), Column):
                name = mapping.name or own.python_name
                yield (entity.table.name, name), str(own.metadata.get(NEEDS, SEEN))
