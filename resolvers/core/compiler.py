"""Compiles the root fields of an operation to one statement whose JSON has exactly the shape that was asked for.

graphql-core's own `collect_subfields` and `get_argument_values` decide what is selected (aliases, merged fields,
fragments, @skip and @include) and what the arguments are, so its semantics hold. What stands behind a field is its
mapping (`resolvers.core.mapping`); what is visible is `resolvers.core.scope`'s to say.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, get_named_type
from graphql.execution import Executor
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    bindparam,
    case,
    cast,
    func,
    join,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from resolvers.core import ids
from resolvers.core.arguments import Arguments, Details, Parameters
from resolvers.core.cells import Cells
from resolvers.core.connections import counted, groups, pages, previous
from resolvers.core.errors import BadInput
from resolvers.core.json import Pairs, Rows, Values, array, object_, scalar, string
from resolvers.core.mapping import (
    DEFINITION,
    NEEDS,
    Abstract,
    ByPublicId,
    Column,
    Computed,
    Derived,
    Entity,
    Expression,
    Grouped,
    Groups,
    Many,
    One,
    Pages,
    Previous,
    PublicId,
    Refusals,
    Relation,
    Self,
    Unfolded,
    Write,
    Written,
    entity_of,
    mapping_of,
)
from resolvers.core.messages import Message
from resolvers.core.pages import LARGEST
from resolvers.core.permissions import Permission
from resolvers.core.root_field import NOTHING, Need, RootField
from resolvers.core.scope import Scope
from resolvers.core.sharding import Subtrees
from resolvers.core.sources import Sources

MAX_FIELDS = 400
"""The most fields that an operation may become. Its text says little of it: fragments that are spread twice double, and
what is selected of an interface is compiled for each of its types, so a hundred bytes could ask for millions."""

WRITTEN_ROW = "written"
"""The parameter that takes the key of the row which a mutation has written."""

WRITTEN = Relation(lambda _, row, *__: row.c.id == bindparam(WRITTEN_ROW, type_=BigInteger))


class Compiler:
    """Compiles root fields one by one; their parameters share one set of names."""

    def __init__(self, executor: Executor[Any], scope: Scope) -> None:
        self._executor, self.scope = executor, scope
        self._parameters = Parameters()
        self.field = RootField(NOTHING)
        self._compiled = 0
        self._sources = Sources()
        self._subtrees = Subtrees(scope)
        self._around: Arguments | None = None
        self.named = 0
        """How many statistics there were before."""
        self.cells: list[Cells] = []
        """The statistic whose groups are being compiled, the last."""

    def root(self, root_type: GraphQLObjectType, details: Details) -> RootField:
        """One root field; raises `Refusal` for what must not be answered."""
        before = self._compiled
        self._begin(completed=False)
        value = self._value(root_type, details, None)
        if self.field.completed:
            # Known only now, and what Python completes carries the names of its types.
            self._compiled = before
            self._begin(completed=True)
            value = self._value(root_type, details, None)
        self.field.value = value
        return self.field

    def _begin(self, *, completed: bool) -> None:
        self.field = RootField(literal_column("NULL"), completed=completed)
        self._parameters.sources = self.field.sources

    # -- selections -----------------------------------------------------------------------------------------------

    def _subfields(self, type_: GraphQLObjectType, details: Details) -> dict[str, Details]:
        return self._executor.collect_subfields(type_, details).grouped_field_set

    def pairs(self, type_: GraphQLObjectType, details: Details, row: FromClause | None) -> Pairs:
        """The selected fields of an object, each with its response key."""
        pairs: Pairs = []
        for key, nodes in self._subfields(type_, details).items():
            mapping = mapping_of(type_.fields.get(nodes[0].node.name.value))
            if isinstance(mapping, Computed) and row is not None:
                self._require(type_.fields[nodes[0].node.name.value], nodes)
                self.field.completed = True
                pairs += [(f"${name}", row.c[name]) for name in mapping.columns]
            else:
                pairs.append((key, self._value(type_, nodes, row)))
        return list(dict(pairs).items())

    def object(self, pairs: Pairs) -> ColumnElement[Any]:
        """One object of values at hand."""
        # Citus refuses a subquery without a FROM, if it refers to the rows around it.
        return object_(pairs, flat=self.scope.fans_out)

    def json(self, query: Select[Any], pairs: Pairs) -> Rows:
        """A query's rows as objects."""
        # Where Citus takes a statement apart, rows as such lose the names of their columns.
        return Rows(query, pairs, flat=self.scope.fans_out)

    def rows_of(self, query: Select[Any], type_: Any, details: Details, source: FromClause) -> Rows | Values:
        """A query's rows as objects of a type."""
        if isinstance(type_, GraphQLInterfaceType):
            return Values(query, self._concrete(type_, details, source))
        if getattr(entity_of(type_), "summed", None) is not None:
            # Of each row apart, after order and limit: of the other rows no figure is read.
            return Values(query, self.object_of(type_, details, source))
        return self.json(query, self.pairs(type_, details, source))

    def object_of(self, type_: Any, details: Details, source: FromClause | None) -> ColumnElement[Any]:
        """A row at hand, or none, as an object of a type."""
        summed = getattr(entity_of(type_), "summed", None)
        row: Any = source if summed is None else summed(source, self.scope, self._around)
        pairs = self.pairs(type_, details, row)
        figures = None if summed is None else row.read()
        if figures is None:
            return self.object(pairs)
        return self.json(select(literal_column("1")).select_from(figures).correlate_except(figures), pairs).one()

    def _value(self, parent: GraphQLObjectType, details: Details, row: FromClause | None) -> ColumnElement[Any]:
        """The JSON, or scalar, of one field of an object."""
        self._count()
        name = details[0].node.name.value
        if name == "__typename":
            return string(parent.name)
        definition = parent.fields[name]
        mapping = mapping_of(definition)
        self._require(definition, details)
        target: Any = get_named_type(definition.type)
        match mapping:
            case Column(name=column) if row is not None:
                return scalar(row.c[column or definition.extensions[DEFINITION].python_name])
            case PublicId(key=key) if row is not None:
                return string(entity_of(parent).prefix).op("||")(row.c[key])
            case Expression(build=build):
                return build(row, self.scope, self._around)  # type: ignore[arg-type]
            case Derived() | Unfolded():
                return self._derived(mapping, target, details, row, self.arguments(definition, details))
            case Self() | Write():
                return self.object_of(target, details, row)
            case One() | Written():
                relation = getattr(mapping, "relation", WRITTEN)
                return self._one(relation, target, details, row, self.arguments(definition, details))
            case Many(relation=relation):
                return self._many(relation, target, details, row, self.arguments(definition, details))
            case Pages() | Groups() | Previous() | Grouped():
                return self._connected(mapping, target, details, row, definition)
            case ByPublicId(many=many):
                return self._by_public_id(target, details, self.arguments(definition, details), many=many)
            case Refusals():
                return self._refusals(target, details)
        raise TypeError(f"{parent.name}.{name} has no mapping")

    def _refusals(self, type_: GraphQLObjectType, details: Details) -> ColumnElement[Any]:
        """What is selected of refusals; they are known only when the statement runs."""
        parameter = f"{WRITTEN_ROW}_refusals{len(self.field.refusals)}"
        selected = self._subfields(type_, details)
        self.field.refusals[parameter] = {key: nodes[0].node.name.value for key, nodes in selected.items()}
        return cast(bindparam(parameter, type_=Text), JSON)

    def _count(self) -> None:
        self._compiled += 1
        if self._compiled > MAX_FIELDS:
            raise BadInput(
                Message(
                    "An operation may select {most} fields at the most, an interface's for each type.",
                    most=MAX_FIELDS,
                )
            )

    def source(self, table: Table) -> FromClause:
        """A table whose rows the statement reads once more."""
        return self._sources.another(table)

    def _require(self, definition: GraphQLField, details: Details) -> None:
        permission = definition.extensions[DEFINITION].metadata.get(NEEDS)
        if permission is not None:
            self.field.needs.append(Need(permission, details[0].node))

    def arguments(self, definition: GraphQLField, details: Details) -> Arguments:
        """The arguments of a field."""
        return Arguments(self._parameters, definition, details[0], self._executor.variable_values, self._around)

    # -- rows -----------------------------------------------------------------------------------------------------

    def rows(
        self, relation: Relation, source: FromClause, parent: FromClause | None, arguments: Arguments
    ) -> Select[Any]:
        """The visible rows of a relation; FROM stays even where only subqueries are selected."""
        joined, guard = source, source
        if relation.via is not None:
            guard = self.source(relation.via.table)
            joined = join(guard, source, relation.via.on(guard, source))
        query: Select[Any] = select(literal_column("1")).select_from(joined).correlate_except(source, guard)
        if relation.on is not None:
            top = self._subtrees.top(parent) if relation.beneath else parent
            query = query.where(relation.on(top, guard, arguments, self.scope))  # type: ignore[arg-type]
            if relation.beneath and top is parent is not None and self.scope.fans_out:
                query = query.where(guard.c.county_id == parent.c.county_id)
        return query.where(self.scope.visible(guard))

    def _one(
        self, relation: Relation, target: Any, details: Details, parent: FromClause | None, arguments: Arguments
    ) -> ColumnElement[Any]:
        if isinstance(target, GraphQLInterfaceType) and relation.key is not None and parent is not None:
            # The key alone finds the row, whichever table it is in: no way round by the registry.
            key = parent.c[relation.key]
            return func.coalesce(*[self._by_key(type_, details, key) for type_ in self._kinds(target).values()])
        source = self.source(entity_of(target).table)
        if parent is None and relation.on is not None and relation.via is None:
            on = relation.on
            self._subtrees.found(source, lambda other: on(None, other, arguments, self.scope))  # type: ignore[arg-type]
        query = _ordered(self.rows(relation, source, parent, arguments), relation, source).limit(literal_column("1"))
        with self.inside(arguments):
            return self.rows_of(query, target, details, source).one()

    def _many(
        self, relation: Relation, target: Any, details: Details, parent: FromClause | None, arguments: Arguments
    ) -> ColumnElement[Any]:
        source = self.source(entity_of(target).table)
        query = _ordered(self.rows(relation, source, parent, arguments), relation, source)
        with self.inside(None):
            return self.rows_of(query, target, details, source).array()

    @contextmanager
    def inside(self, arguments: Arguments | None) -> Iterator[None]:
        """What is compiled in this block belongs to rows that were found by a field with these arguments."""
        before, self._around = self._around, arguments
        try:
            yield
        finally:
            self._around = before

    def _concrete(self, interface: GraphQLInterfaceType, details: Details, source: FromClause) -> ColumnElement[Any]:
        """The concrete object behind a row of an interface's registry."""
        kind = source.c[entity_of(interface).kind]
        types = self._kinds(interface).items()
        return case(*[(kind == string(name), self._by_key(type_, details, source.c.id)) for name, type_ in types])

    def _kinds(self, interface: GraphQLInterfaceType) -> dict[str, GraphQLObjectType]:
        """The types behind an interface, by kind, the likeliest first."""
        abstract: Abstract = entity_of(interface)
        types = {entity_of(type_).kind: type_ for type_ in self._executor.schema.get_possible_types(interface)}
        return {kind: types[kind] for kind in abstract.kinds}

    def _by_key(self, type_: GraphQLObjectType, details: Details, key: ColumnElement[int]) -> ColumnElement[Any]:
        source = self.source(entity_of(type_).table)
        query: Select[Any] = select(literal_column("1")).select_from(source).correlate_except(source)
        query = query.where(source.c.id == key, self.scope.visible(source))
        return self.json(query, self._typed(type_, details, source)).one()

    def _typed(self, type_: GraphQLObjectType, details: Details, source: FromClause) -> Pairs:
        """The pairs of one possible type; what Python completes must know which."""
        return [
            *self.pairs(type_, details, source),
            *([("$type", string(type_.name))] if self.field.completed else []),
        ]

    def _derived(
        self, mapping: Derived | Unfolded, target: Any, details: Details, row: Any, arguments: Arguments
    ) -> ColumnElement[Any]:
        single = isinstance(mapping, Derived) or mapping.single
        made = (
            mapping.rows(arguments, self.scope)
            if isinstance(mapping, Derived)
            else mapping.rows(row, self.scope, self._around)
        )
        if not single:
            return self.listed(made, target, details, self._around)
        query: Select[Any] = select(literal_column("1")).select_from(made).correlate_except(made)
        return self.json(query, self.pairs(target, details, made)).one()

    def listed(
        self, made: FromClause, type_: GraphQLObjectType, details: Details, around: Arguments | None
    ) -> ColumnElement[Any]:
        """The rows of a subquery, by position, as a list of objects."""
        query: Select[Any] = select(literal_column("1")).select_from(made).correlate_except(made)
        with self.inside(around):
            return self.json(query.order_by(made.c.position), self.pairs(type_, details, made)).array()

    def _by_public_id(
        self, interface: GraphQLInterfaceType, details: Details, arguments: Arguments, *, many: bool
    ) -> ColumnElement[Any]:
        """`node` and `nodes`: the letter of each id says which type it names, its key which row."""
        types = [t for t in self._executor.schema.get_possible_types(interface) if isinstance(entity_of(t), Entity)]
        if not many:
            letter = arguments.bind(Text(), "id", convert=lambda value, _: (ids.decode(value) or ("", 0))[0])
            key = arguments.bind(BigInteger(), "id", convert=lambda value, _: (ids.decode(value) or ("", 0))[1])
            return case(*[(letter == string(entity_of(t).prefix), self._by_key(t, details, key)) for t in types])
        letters = arguments.bind(ARRAY(Text), "ids", convert=lambda value, _: [letter for letter, _ in _decoded(value)])
        keys = arguments.bind(ARRAY(BigInteger), "ids", convert=lambda value, _: [key for _, key in _decoded(value)])
        asked = func.unnest(letters, keys).table_valued("letter", "key", with_ordinality="position")
        asked = asked.render_derived(name="asked")
        with self.inside(None):
            whens = [
                (asked.c.letter == string(entity_of(t).prefix), self._by_key(t, details, asked.c.key)) for t in types
            ]
        return array(select(literal_column("1")).select_from(asked).order_by(asked.c.position), case(*whens))

    # -- connections ----------------------------------------------------------------------------------------------

    def _connected(
        self,
        mapping: Pages | Groups | Previous | Grouped,
        target: GraphQLObjectType,
        details: Details,
        row: FromClause | None,
        definition: GraphQLField,
    ) -> ColumnElement[Any]:
        match mapping:
            case Pages(relation=relation):
                found = pages(self, mapping, target, details, row, definition)
                return self._subtrees.checked(row, found) if relation.beneath else found
            case Grouped():
                return counted(self, target, details, row, definition)
            case Previous():
                return previous(self, target, details)
        return groups(self, mapping, target, details, definition)

    def needing(self, details: Details) -> Callable[[Permission], None]:
        """Notes a permission that a field's arguments ask for."""
        return lambda permission: self.field.needs.append(Need(permission, details[0].node))

    def shaped(
        self, type_: GraphQLObjectType, details: Details, shapes: dict[str, Callable[[Details], ColumnElement[Any]]]
    ) -> Pairs:
        """The selected fields of a type that no table stands behind."""
        pairs: Pairs = []
        for key, nodes in self._subfields(type_, details).items():
            self._count()
            name = nodes[0].node.name.value
            pairs.append((key, string(type_.name) if name == "__typename" else shapes[name](nodes)))
        return pairs


def _ordered(query: Select[Any], relation: Relation, source: FromClause) -> Select[Any]:
    columns = [(source.c[name.removeprefix("-")], name.startswith("-")) for name in relation.order]
    return query.order_by(*[column.desc() if down else column.asc() for column, down in columns])


def _decoded(values: list[Any]) -> list[tuple[str, int]]:
    if len(values) > LARGEST:
        raise BadInput(Message("At most {most} ids can be asked for at once.", most=LARGEST))
    return [ids.decode(value) or ("", 0) for value in values]
