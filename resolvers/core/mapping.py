"""How a GraphQL type says where its data lives: declarations that the compiler reads, and nothing that runs.

    @entity(Station, "S")                     a type is the rows of a table; the letter begins its public ids
    name = column(...)                        a field is a column of its row
           expression(build)                  … or a value that the database computes from its row
           one(relation)  many(relation)      … or a row, or rows, of another type (or interface)
           pages(relation)                    … or a Relay connection over them
           groups(statistic, relation)        … or a Relay connection over groups of them; `figures` stand in the groups
           write(perform)                     … or, of a mutation, what performs it; the row that is `written` and the
                                              `refusals` stand in its payload
           computed(columns, compute)         … or a value that Python computes from columns; leaves the compiled path
           derived(rows)                      … or an object whose one row a subquery makes of the arguments
           unfolded(rows)                     … or a list of objects, or one, that a subquery makes of its row

`schema/fields.py` makes Strawberry fields of these; a field's mapping stands in its metadata under `MAPPING`, what it
needs under `NEEDS`, or `PUBLIC`, or `ACCOUNT` for a mutation that any account may call. The declarations hold
SQLAlchemy expressions over aliases of the tables, never text.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType
from sqlalchemy import ColumnElement, FromClause, Select, Table, Text
from sqlalchemy.types import TypeEngine

from resolvers.core.permissions import Permission

if TYPE_CHECKING:
    from resolvers.core.arguments import Arguments
    from resolvers.core.scope import Scope
    from resolvers.core.statistics import Statistic
    from resolvers.core.write import Writer

DEFINITION = "strawberry-definition"
"""Under which a GraphQL field's extensions hold its Strawberry field."""

MAPPING = "zhanwang.mapping"
NEEDS = "zhanwang.needs"
PUBLIC = "zhanwang.public"
ACCOUNT = "zhanwang.account"
ENTITY = "__zhanwang_entity__"

Clause = ColumnElement[bool]


@dataclass(frozen=True)
class Sorting:
    """What a type can be ordered by: enum value → column that is never null; and what doing so needs."""

    columns: Mapping[str, str]
    needs: Mapping[str, Permission] = field(default_factory=dict)


class Summed(Protocol):
    """A row with figures that are read together: `c` and `element` are the row's.

    What is selected of it is compiled first and notes the figures that it wants; then `read` says them, as the one row
    of a subquery, or None if none is wanted.
    """

    c: Any
    element: Any

    def read(self) -> FromClause | None:
        """The figures that were noted."""


@dataclass(frozen=True)
class Entity:
    """The table behind an object type. `kind` is its value in the registry of places, for a type that is a place.

    `summed(row, scope, around)` makes of each row one with figures, for a type that tells figures of its rows.
    """

    table: Table
    prefix: str
    kind: str | None = None
    sorting: Sorting | None = None
    summed: Callable[[FromClause, "Scope", "Arguments"], Summed] | None = None


@dataclass(frozen=True)
class Abstract:
    """The rows behind an interface: `kind` says which type a row is of, and `kinds` lists them, the likeliest first."""

    table: Table
    kind: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """In the place of an `Entity`: no table holds the rows of this type, a field's subquery makes them."""

    sorting: Sorting | None = None


@dataclass(frozen=True)
class Column:
    """A column of the row, by name; None takes the name of the field."""

    name: str | None = None


@dataclass(frozen=True)
class PublicId:
    """The row's global id: the letter of its type before the key."""

    key: str = "id"


@dataclass(frozen=True)
class Expression:
    """A scalar, or JSON, that the database computes: `build(row, scope, around)`.

    around: the arguments of the field that the row was found by, if it has some.
    """

    build: Callable[[FromClause, "Scope", "Arguments | None"], ColumnElement[Any]]


@dataclass(frozen=True)
class Via:
    """A row between parent and target; the target is visible because this row is."""

    table: Table
    on: Callable[[FromClause, FromClause], Clause]


On = Callable[[FromClause, FromClause, "Arguments", "Scope"], Clause]


@dataclass(frozen=True)
class Relation:
    """How the rows of a field are found.

    `on(parent, target, arguments, scope)` joins (parent is None at the root); with `via`, parent is the row between.
    The visibility clause is never part of it: the compiler adds that to `via` if there is one, else to the target.
    `order` names columns of the target, the first rows first; `-` before a name turns it around.
    `key` is the parent's column that holds the target's id, if that is all that joins them. `beneath`: the rows lie in
    the parent's subtree, so that below a region they are of other counties than the parent.
    """

    on: On | None = None
    via: Via | None = None
    order: tuple[str, ...] = ("id",)
    key: str | None = None
    beneath: bool = False


@dataclass(frozen=True)
class One:
    """At most one row; the field must be nullable, because a scope can cut it."""

    relation: Relation


@dataclass(frozen=True)
class Many:
    """All rows, as a plain list; for what is few by nature."""

    relation: Relation


@dataclass(frozen=True)
class Pages:
    """A Relay connection. beside: more of its fields, lists of what a subquery makes of all its rows.

    Of each the rows: `rows(everything, row, scope, arguments)`, `position` being the column that orders them.
    """

    relation: Relation
    beside: Mapping[str, Callable[[Select[Any], FromClause, "Scope", "Arguments"], FromClause]] = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class Groups:
    """A Relay connection over groups of the rows of a relation, with figures."""

    statistic: "Statistic"
    relation: Relation


@dataclass(frozen=True)
class Previous:
    """In a group, its figures of the time that is compared with; null if none is."""


@dataclass(frozen=True)
class Grouped:
    """In a group, the connection of the rows that it counts."""


@dataclass(frozen=True)
class ByPublicId:
    """Rows of any type, found by their public ids: `node` and `nodes`."""

    many: bool


@dataclass(frozen=True)
class Derived:
    """One row that a subquery makes of the field's arguments: `rows(arguments, scope)` says it, and guards itself."""

    rows: Callable[["Arguments", "Scope"], FromClause]


@dataclass(frozen=True)
class Unfolded:
    """Rows that a subquery makes of the row: `rows(row, scope, around)` says them, as for `Expression`.

    `position` is the column that orders them; `single` if there is one at the most.
    """

    rows: Callable[[FromClause, "Scope", "Arguments | None"], FromClause]
    single: bool = False


@dataclass(frozen=True)
class Self:
    """An object that is made of the same row as its parent."""


@dataclass(frozen=True)
class Computed:
    """A value that Python computes from columns of the row; its root field is completed by graphql-core."""

    columns: tuple[str, ...]
    compute: Callable[..., Any]


@dataclass(frozen=True)
class Write:
    """A mutation: what performs it, and whether it moves places, which no other write may run beside."""

    perform: Callable[["Writer", Mapping[str, Any]], Awaitable[int]]
    moves: bool = False


@dataclass(frozen=True)
class Written:
    """The row that a mutation has written, in its payload."""


@dataclass(frozen=True)
class Refusals:
    """Why a mutation was refused, in its payload."""


AnyMapping = (
    Column
    | PublicId
    | Expression
    | One
    | Many
    | Pages
    | Groups
    | Previous
    | Grouped
    | ByPublicId
    | Derived
    | Unfolded
    | Self
    | Computed
    | Write
    | Written
    | Refusals
)


@dataclass(frozen=True)
class Operand:
    """A filter's field: the clause of one operator's value.

    `column(row)` is what the operators compare; `clause` is for what is more than a comparison. `convert` makes the
    parameter's value of the client's and may refuse it.
    """

    column: Callable[[FromClause], ColumnElement[Any]] | None = None
    clause: Callable[[FromClause, str, ColumnElement[Any], "Scope"], Clause] | None = None
    convert: Callable[[Any, Any], Any] | None = None
    needs: Permission | None = None
    type: TypeEngine[Any] = Text()  # noqa: RUF009 - a type is a value


def mapping_of(definition: GraphQLField | None) -> Any:
    """The mapping of a field, or None for one that Python resolves."""
    strawberry_field = definition.extensions.get(DEFINITION) if definition else None
    return strawberry_field.metadata.get(MAPPING) if strawberry_field else None


def entity_of(type_: GraphQLObjectType | GraphQLInterfaceType) -> Any:
    """What stands behind an object type or interface."""
    return getattr(type_.extensions[DEFINITION].origin, ENTITY, None)
