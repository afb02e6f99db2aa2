"""What the filter and the order of a noun are made of.

    @where("Which venues (阵地筛选条件).")
    class VenueFilter:
        id: IDOperators | None = id_operand("VN")
        within: strawberry.ID | None = within_operand()
        opened_on: DateOperators | None = operand("The day of opening (启用日期).", lambda row: row.c.opened_on)

    VENUE_ORDER, VENUE_SORTING = ordering("Venue", "阵地", "venues", CODE=BY_CODE)
    VENUES = listing(VenueFilter, VENUE_ORDER)

An operand's column should be indexed; one that an order names must never be null.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Optional, TypeVar

import strawberry
from sqlalchemy import ARRAY, BigInteger, ColumnElement, FromClause, any_, func, select
from sqlmodel import SQLModel

from resolvers.core.mapping import Clause, Sorting
from resolvers.core.permissions import Permission
from resolvers.core.private import DIGESTS, digests, is_digest
from resolvers.core.relations import key, place_key, table_of
from resolvers.core.relations import within as is_within
from resolvers.core.scope import Scope
from schema.enums import describe
from schema.fields import argument, operand
from schema.pages import OrderDirection, Reach

T = TypeVar("T", bound=type)

AND, OR, NOT = "All of these hold (与).", "One of these holds (或).", "This does not hold (非)."
DIRECTION = "Which way (方向)."
WITHIN = "Lies in the subtree of this place (位于该地点及其下级)."
BY_CODE, BY_NAME, BY_KIND = "By code (按编码).", "By name, by code points (按名称).", "By kind (按类别)."
WHERE, ORDER = "Which rows (筛选条件).", "In which order; the id breaks ties (排序)."
REACH = argument("reach", Reach, "How far below the place (范围).", Reach.SUBTREE)


# -- where ---------------------------------------------------------------------------------------------------------


def where(description: str) -> Callable[[T], T]:
    """Make a class the input of a filter, with `and`, `or` and `not` besides its own fields."""

    def make(type_: T) -> T:
        many, one = list[type_] | None, Optional[type_]  # type: ignore[valid-type]  # noqa: UP045 - no type yet
        for name, annotation, says in (("and", many, AND), ("or", many, OR), ("not", one, NOT)):
            type_.__annotations__[f"{name}_"] = annotation
            setattr(type_, f"{name}_", strawberry.field(default=strawberry.UNSET, name=name, description=says))
        return strawberry.input(type_, description=description)

    return make


def within_operand(description: str = WITHIN) -> Any:
    """The subtree of a place."""
    return operand(description, clause=is_within, convert=place_key, type_=BigInteger())


def id_operand(prefix: str) -> Any:
    """The row's own id."""
    return reference(prefix, "id", "Its id (标识).")


def code_operand() -> Any:
    """The row's code."""
    return operand("Its code (编码).", lambda row: row.c.code)


def name_operand() -> Any:
    """The row's name."""
    return operand("Its name (名称).", lambda row: row.c.name)


def phone_operand() -> Any:
    """A person's or client's phone number."""
    return _private("phone", "Their phone number, in full (手机号).")


def id_number_operand() -> Any:
    """A person's or client's identity number."""
    return _private("id_number", "Their identity number, in full (身份证号).")


def _private(name: str, description: str) -> Any:
    """What is kept sealed is found by its keyed hash."""
    needs = Permission.PERSON_READ_PRIVATE
    return operand(description, clause=is_digest(name), convert=digests(name), needs=needs, type_=DIGESTS)


def reference(
    prefix: str,
    column: str,
    description: str,
    *,
    seen: type[SQLModel] | None = None,
    needs: Permission | None = None,
) -> Any:
    """The id of another row that a column holds.

    prefix: of such ids; none for places of any kind. seen: the model of the other row, if that can be out of scope
    where this row is not: which row that is must not be found out by trying.
    """
    convert = key(prefix) if prefix else place_key
    if seen is None:
        return operand(description, lambda row: row.c[column], convert=convert, needs=needs)
    other = seen

    def clause(row: FromClause, operator: str, value: ColumnElement[Any], scope: Scope) -> Clause:
        referred = table_of(other).alias()
        named = referred.c.id == (any_(value) if operator == "in" else value)
        found = select(referred.c.id).where(named, scope.visible(referred)).correlate_except(referred)
        return row.c[column] == any_(func.array(found.scalar_subquery(), type_=ARRAY(BigInteger)))

    return operand(description, clause=clause, convert=convert, needs=needs, type_=BigInteger())


# -- order ---------------------------------------------------------------------------------------------------------


def ordering(
    type_name: str,
    chinese_noun: str,
    plural_english: str,
    needs: Mapping[str, Permission] | None = None,
    short: tuple[str, str] | None = None,
    **fields: str,
) -> tuple[Any, Sorting]:
    """The input `<Type>Order`, and what it sorts by: each field is a column, in capitals, and its description.

    needs: what ordering by a field needs. short: English and Chinese of what the fields' enumeration calls the rows.
    """
    needed = needs or {}
    plural, noun = short or (plural_english, chinese_noun)
    name = f"{type_name}OrderField"
    # mypy would have the members of an enumeration be literals.
    enum: Any = StrEnum(name, {field: field for field in fields}, module=__name__)  # type: ignore[misc]
    says = {
        field: f"{description} Needs `{needed[field].value}`." if field in needed else description
        for field, description in fields.items()
    }
    describe(enum, f"What {plural} can be ordered by ({noun}排序字段).", **says)

    class Order:
        """One step of an order."""

        field: Any = strawberry.field(description="By what (字段).", graphql_type=enum)
        direction: OrderDirection = strawberry.field(default=OrderDirection.ASC, description=DIRECTION)

    order = strawberry.input(
        Order, name=f"{type_name}Order", description=f"An order of {plural_english} ({chinese_noun}排序)."
    )
    return order, Sorting({field: field.lower() for field in fields}, needed)


def listing(where: type, order: type) -> tuple[Any, Any]:
    """The `where` and `orderBy` arguments of a connection."""
    return argument("where", where | None, WHERE), argument("order_by", list[order] | None, ORDER)  # type: ignore[valid-type]
