"""What can be imported: the columns of each table, and the mutations that write its rows.

Types, what is required, the permission and what performs it are those of the mutations in the schema; here stand the
names of the columns alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLInputObjectType, GraphQLNonNull, GraphQLSchema, get_named_type

from resolvers.core.mapping import DEFINITION, NEEDS, Write, mapping_of
from resolvers.core.permissions import Permission
from resolvers.core.write import Perform
from server.transfer.terms import enum_terms
from server.transfer.values import Parse, choice, code, count, day, folded, id_number, phone, text

PLACES: Final = ("S", "C", "G")
"""The letters of the ids of places, which a column can name by their code."""


@dataclass(frozen=True)
class ImportColumn:
    """A column. `field` is that of the mutation's input.

    name, header: in English and in Chinese. others: what townships call it besides. places: the letters of the places
    that its codes can name; empty if it is no reference. once: whether a value may come in one row alone.
    """

    name: str
    header: str
    field: str
    parse: Parse
    required: bool
    others: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    text: bool = True
    once: bool = False

    @property
    def headers(self) -> Iterator[str]:
        """Every header that means it, folded."""
        return map(heading, (self.name, self.header, *self.others))


@dataclass(frozen=True)
class Action:
    """What writes a row, or a part of it: a mutation. `fields` are Python's names of its input's, by GraphQL's."""

    name: str
    perform: Perform
    needs: Permission
    fields: Mapping[str, str]
    columns: Sequence[ImportColumn]


@dataclass(frozen=True)
class Kind:
    """A table that can be imported. `then`, if it has a value for the column `switch`, is performed about the row."""

    name: str
    title: str
    first: Action
    then: Action | None = None
    switch: str = ""
    link: str = ""
    letter: str = ""
    known: Mapping[str, ImportColumn] = field(default_factory=dict)

    @property
    def columns(self) -> list[ImportColumn]:
        """All columns."""
        return [*self.first.columns, *(self.then.columns if self.then else ())]

    @property
    def needs(self) -> list[Permission]:
        """The permissions of its mutations."""
        return [self.first.needs, *([self.then.needs] if self.then else [])]


def heading(header: str) -> str:
    """A header without what people add to it: spaces, stars, colons, remarks in parentheses or behind a comma."""
    return folded(header).partition("(")[0].partition(",")[0].strip("*:'").casefold()


@dataclass(frozen=True)
class _Named:
    """A column as declared: English and Chinese name, the input's field, other names, a parser of its own."""

    name: str
    header: str
    field: str
    others: tuple[str, ...] = ()
    parse: Parse | None = None
    places: tuple[str, ...] = ()
    once: bool = False


_SINCE = _Named("since", "起始日期", "since", ("开始日期",))
_PLACE = (
    _Named("code", "编码", "code", ("网格编码", "村居编码", "代码"), code, once=True),
    _Named("name", "名称", "name", ("网格名称", "村居名称", "村(社区)名称")),
)
_SIZES = (
    _Named("divisionCode", "行政区划代码", "divisionCode", ("区划代码",), code),
    _Named("households", "户数", "households", ("总户数",)),
    _Named("residents", "人口数", "residents", ("人数", "总人数", "人口")),
)
_GRID = (
    _Named("communityCode", "所属村居编码", "parentId", ("parentCode", "村居编码", "所属社区编码"), code, ("C",)),
    *_PLACE,
    *_SIZES,
    _SINCE,
)
_COMMUNITY = (
    _Named("stationCode", "所属社工站编码", "parentId", ("parentCode", "社工站编码"), code, ("S",)),
    *_PLACE,
    _Named("kind", "类别", "kind", ("村居类别",)),
    *_SIZES,
    _SINCE,
)
_PERSON = (
    _Named("kind", "人员类别", "kind", ("类别", "人员类型")),
    _Named("name", "姓名", "name", ("名字",)),
    _Named("gender", "性别", "gender"),
    _Named("phone", "手机号", "phone", ("手机", "手机号码", "联系电话", "联系方式", "电话"), phone),
    _Named("idNumber", "身份证号", "idNumber", ("身份证", "身份证号码", "公民身份号码"), id_number, once=True),
    _Named("birthDate", "出生日期", "birthDate", ("出生年月日", "生日"), day),
    _Named("address", "住址", "address", ("家庭住址", "现住址", "地址")),
    _Named("homeCode", "归属单位编码", "homeId", ("单位编码", "归属编码"), code, PLACES),
)
_ASSIGNMENT = (
    _Named("duty", "岗位职责", "duty", ("岗位", "职责")),
    _Named("placeCode", "任职地点编码", "placeId", ("任职编码",), code, PLACES),
    _Named("since", "任职开始日期", "validFrom", ("开始日期", "任职日期")),
)


def kinds(core: GraphQLSchema) -> dict[str, Kind]:
    """The tables whose mutations the schema has, by name."""
    found = {
        "communities": _kind("communities", "村居", _action(core, "createCommunity", _COMMUNITY)),
        "grids": _kind("grids", "网格", _action(core, "createGrid", _GRID)),
        "personnel": _kind(
            "personnel",
            "人员",
            _action(core, "createPerson", _PERSON),
            then=_action(core, "assignPerson", _ASSIGNMENT),
            switch="duty",
            link="personId",
            letter="P",
        ),
    }
    return {name: kind for name, kind in found.items() if kind is not None}


def _kind(name: str, title: str, first: Action | None, **options: Any) -> Kind | None:
    if first is None:
        return None
    kind = Kind(name, title, first, **options)
    headers: dict[str, ImportColumn] = {}
    for column in kind.columns:
        for header in column.headers:
            headers.setdefault(header, column)
    return Kind(name, title, first, known=headers, **options)


def _action(core: GraphQLSchema, name: str, named: Sequence[_Named]) -> Action | None:
    mutation = core.mutation_type.fields.get(name) if core.mutation_type else None
    if mutation is None:
        return None
    mapping: Any = mapping_of(mutation)
    assert isinstance(mapping, Write)
    given = get_named_type(mutation.args["input"].type)
    assert isinstance(given, GraphQLInputObjectType)
    names = {key: one.extensions[DEFINITION].python_name for key, one in given.fields.items()}
    columns = [_column(given, one) for one in named if one.field in given.fields]
    needs = mutation.extensions[DEFINITION].metadata[NEEDS]
    return Action(name, mapping.perform, needs, names, columns)


def _column(given: GraphQLInputObjectType, named: _Named) -> ImportColumn:
    type_ = given.fields[named.field].type
    terms = enum_terms(type_)
    scalar = get_named_type(type_).name
    typed: Parse = day if scalar == "Date" else count if scalar == "Int" else text
    parse = named.parse or (choice(terms) if terms else typed)
    return ImportColumn(
        named.name,
        named.header,
        named.field,
        parse,
        isinstance(type_, GraphQLNonNull),
        named.others,
        named.places,
        tuple(terms.values()),
        scalar not in {"Int", "Date"},
        named.once,
    )
