"""`where`, row by row."""

import unicodedata
from datetime import date, datetime
from typing import Any

from tests import nouns
from tests.reference.ids import key_of, read_id
from tests.reference.tables import TABLES, Row, column_of
from tests.reference.view import View


def meets(view: View, row: Row, where: dict[str, Any] | None) -> bool:
    """Whether a row is among those that a filter asks for."""
    return all(_meets(view, row, name, value) for name, value in (where or {}).items() if value is not None)


def _meets(view: View, row: Row, name: str, value: Any) -> bool:
    match name:
        case "and":
            return all(meets(view, row, part) for part in value)
        case "or":
            return any(meets(view, row, part) for part in value)
        case "not":
            return not meets(view, row, value)
        case "within" if (row["$type"], name) not in nouns.FILTERS:
            letter, key = read_id(value)
            place = view.place(key) if letter in ("S", "C", "G") else None
            return place is not None and view.lies_below(row, place["path"])
        case "disabled":
            return bool((row["disabled_at"] is not None) == value)
    operators = value if isinstance(value, dict) else {"eq": value}
    return all(_holds(view, row, name, operator, v) for operator, v in operators.items() if v is not None)


def _holds(view: View, row: Row, name: str, operator: str, value: Any) -> bool:
    about = (row["$type"], name)
    if about in nouns.FILTERS:
        return bool(nouns.FILTERS[about](view, row, operator, value))
    if about in nouns.REFS:
        return _names(view, row[nouns.column(*about) or f"{column_of(name)}_id"], nouns.REFS[about], operator, value)
    match name:
        case "id":
            wanted = [key_of(row["$prefix"], v) for v in (value if operator == "in" else [value])]
            return row["id"] in wanted
        case "account":
            wanted = [key_of("U", v) for v in (value if operator == "in" else [value])]
            return row["account_id"] in wanted and row["account_id"] in view.by_id["account"]
        case "subject":
            return subject_of(row) in (value if operator == "in" else [value])
        case "at":
            return compare(row["at"], operator, datetime.fromisoformat(value))
        case "duty":
            duties = {assignment["duty"] for assignment in view.current_assignments[row["id"]]}
            asked = {value} if operator == "eq" else set(value)
            return bool(duties & asked) != (operator == "notIn")
        case "skill":
            held = view.find("person_skill", "person_id", row["id"])
            codes = [view.by_id["skill"][item["skill_id"]]["code"] for item in held]
            return any(compare(code, operator, value) for code in codes)
        case "phone" | "idNumber":
            cipher = row["phone_cipher" if name == "phone" else "id_number_cipher"]
            return cipher is not None and canonical(name, view.open(cipher)) == canonical(name, value)
    found = row[nouns.column(*about) or column_of(name)]
    if found is None:
        return False
    if isinstance(found, datetime):
        return compare(found, operator, datetime.fromisoformat(value))
    # Days compare as their ISO text does.
    return compare(found.isoformat() if isinstance(found, date) else found, operator, value)


def _names(view: View, key: int | None, prefixes: tuple[str, ...], operator: str, value: Any) -> bool:
    """Whether a key is of a visible row that a filter names by its id."""
    tables = {prefix: table for table, prefix in TABLES.items() if prefix in prefixes}
    wanted = value if operator == "in" else [value]
    return any(key == key_of(p, v) and key in view.by_id[table] for p, table in tables.items() for v in wanted)


def subject_of(entry: Row) -> str | None:
    """The public id of the row that an audit entry is about."""
    letter = TABLES.get("account_grant" if entry["noun"] == "grant" else entry["noun"])
    return f"{letter}{entry['row_id']}" if letter and entry["row_id"] is not None else None


def compare(found: Any, operator: str, value: Any) -> bool:
    """One operator."""
    match operator:
        case "eq":
            return bool(found == value)
        case "in":
            return found in value
        case "notIn":
            return found not in value
        case "gt":
            return bool(found > value)
        case "gte":
            return bool(found >= value)
        case "lt":
            return bool(found < value)
        case "lte":
            return bool(found <= value)
        case "startsWith":
            return bool(found.startswith(value))
    raise NotImplementedError(f"the reference does not know the operator {operator}")


def canonical(name: str, value: str) -> str:
    """A phone or identity number however it was spaced and written."""
    text = "".join(unicodedata.normalize("NFKC", value).split()).replace("-", "").upper()
    return text.removeprefix("+86") if name == "phone" else text
