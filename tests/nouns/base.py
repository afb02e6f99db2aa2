"""How a group of nouns is described, so that every test that goes over all nouns goes over these too.

A group is one module `tests/nouns/<group>.py`. It imports nothing of `tests` but this module; everything else comes as
an argument (`view`, `m`, `p`, `z`). All names at its top are optional:

    NOUNS       [Noun, …]: the types of rows.
    TABLES      ("sharing",): located tables without a type of their own that rules of sight or fields look into.
    FIELDS      {(type, field): fn(view, row, arguments)}: what a field is. Not needed: the column of its name, `id`,
                `history`, `can`, `place`, a relation in `refs`, root fields, connections of places (`below`).
                Ready: `one`, `many`, `paged`. `view.rows[table]`, `view.by_id[table][key]`, `view.place(key)`,
                `view.find(table, column, value)`, `view.today.day`, `view.today.covers(row)`, `view.permissions`
                (`"client:read"`), `view.pages_of(table, rows, arguments)`.
    FILTERS     {(type, filter): fn(view, row, operator, value)}. Not needed: a column of its name, `<name>_id`
                by `refs`, `within`. A bare value has the operator `eq`.
    ACTIONS     {"RATE_AGENCY": Act(table, "organisation:write", against)}: of each mutation, the row that it is done to
                and what its state has against it, asked after permission and SEEN_ONLY. A creation at a place has the
                table `place`, and mostly `against=at_closed`.
    CAN         {"Agency": {"update": "UPDATE_AGENCY"}}: fields of `can`.
    CASES       {"rateAgency": Case(lambda z: {...})}: a valid input of every mutation; the first id in it names the row
                that the action is done to. EXEMPT {"mutation": "why"}.
    MAKE        {"rateAgency": lambda m: {...}}: a random input of every mutation, by `tests/test_write_property.py`'s
                Maker: `m.id("AG")`, `m.id("S", "C", "G")`, `m.row("AG")` (id and version), `m.day()`, `m.text()`,
                `m.code()`, `m.number()`, `m.maybe(name=m.text)`, `m.keyed()`, `m.random`. WEIGHTS {mutation: 3},
                DONE {mutations that must have been done}.
    plant       async fn(p): the rows of a zone; see Planting. Of every table that the server may write, one row below
                B1 (C1 is), with all that it names in the zone too; `<letters>1` (`AG1`) for each noun. They must
                be enough for the CASES, each of which sees a fresh county. Groups plant in name order.
    STATES      [(mutation, SQL that makes it so, "S", reason, code)], `{AG1}` is a key: what a row's state refuses.
    INVARIANTS  {sentence: query for what breaks it}; BREAKS {sentence: SQL that breaks it, with `{AG1}`}.
    POLICIES    {(policy, table)} beside `scope`; DEFINERS {functions with the owner's rights}; UNSCOPED {tables without
                a path}; EMPTY {located tables that the demo leaves empty}; GIVEN {(table, column): SQL of the value
                that a policy asks of an inserted row}.
    MADE_OF     {type without an id: (types whose rows it stands for, …)}, needed if it is the node of a connection.
    WITHIN      {type without an id: (type, field)}: an object that is found within a row of a type.
    ENTRIES     {type without an id: (text before its selection, text after it)}: one that is found otherwise; `$place`
                there is the id of a place in scope.
    STATISTICS  {types of groups}: the nodes of connections over groups; MADE_OF says what their keys may name.
    NAMES       {argument: (types, …)}: an argument that takes ids of these types; filters have `refs` and `within`.
    NAMED       ("counterpart", …): filters by which a row in scope may name what is hidden.

A worked example, of an agency with a dated rating below it:

    NOUNS = [
        Noun("Agency", "agency", "AG", many="agencies", single="agency", by_code=True, below=("Community",),
             common=frozenset({"kind"}), dates=frozenset({"founded_on"}), needs="organisation:read"),
        Noun("AgencyRating", "agency_rating", "AR", refs={"agency": "AG"}, common=frozenset({"grade"})),
    ]
    FIELDS = {("Agency", "ratings"): many("agency_rating", "agency_id", "valid_from", "id")}
    ACTIONS = {
        "CREATE_AGENCY": Act("place", "organisation:write", at_closed),
        "UPDATE_AGENCY": Act("agency", "organisation:write"),
        "RATE_AGENCY": Act("agency", "organisation:write", lambda view, row: "CLOSED" if row["closed_on"] else None),
    }
    CAN = {"Agency": {"update": "UPDATE_AGENCY", "rate": "RATE_AGENCY"}}
    CASES = {
        "createAgency": Case(lambda z: {"placeId": z["C1"], "code": fresh(), "name": "会", "kind": "MASS"}),
        "updateAgency": Case(lambda z: {"id": z["AG1"], "version": 1, "name": "新会"}),
        "rateAgency": Case(lambda z: {"agencyId": z["AG1"], "grade": "AAAA", "validFrom": "2024-01-01"}),
    }
    MAKE = {
        "createAgency": lambda m: {"placeId": m.id("S", "C"), "code": m.code(), "name": m.text(), "kind": "MASS",
                                   **m.keyed()},
        "updateAgency": change("AG", name="text"),
        "rateAgency": lambda m: {"agencyId": m.id("AG"), "grade": "AAAAA", "validFrom": m.day(), **m.keyed()},
    }
    DONE = {"createAgency"}
    STATES = [("rateAgency", "UPDATE agency SET closed_on = '2024-01-01' WHERE id = {AG1}", "S", "CLOSED", "INVALID")]
    INVARIANTS = {"ratings do not overlap": overlapping("agency_rating", "{0}.agency_id")}
    BREAKS = {"ratings do not overlap": "INSERT INTO agency_rating (…) SELECT … FROM agency_rating WHERE id = {AR1}"}

    async def plant(p: Planting) -> None:
        agency = await p.add("AG1", "agency", "C1", code=fresh(), name="会", kind="MASS")
        await p.add("AR1", "agency_rating", "C1", agency_id=agency, grade="AAA", valid_from=date(2021, 1, 1))
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

Row = dict[str, Any]
Tables = Mapping[str, Iterable[Row]]
"""All rows of the database, by table."""
Seen = Callable[[Row], bool]
Sees = Callable[[Tables, Row], Seen]
"""Of the tables and a grant, whether a row is seen beside the rows in the grant's subtree."""

LETTERS = re.compile(r"[A-Z]{1,2}")
PUBLIC_ID = re.compile(r"([A-Z]{1,2})([1-9][0-9]*)", re.ASCII)


@dataclass(frozen=True)
class Noun:
    """A type of rows.

    type, table, letters: its GraphQL name, its table, and what begins its ids: one or two capitals.
    many, single: its root connection, and its root field by id; `by_code` if that takes a code too. below: the kinds of
    places that have the connection, of the same name, with `reach`. within: whether its filter has `within`.
    needs: the permission without which nobody reads it, if an observer lacks it.
    whole: the arguments with which its root connection has all rows, if it leaves some out without.
    newest: whether its connections come the newest id first; order: the columns that they are ordered by if nothing is
    asked, with `-` before one that descends; the id is the last. dates, numbers: columns that one can order by and that
    are dates or whole numbers. columns: the column of a filter that has another name.
    refs: filters that take ids, each with the letters of these ids: what has the name `item` stands in `item_id`. A row
    that is out of sight matches no filter by it. A field of that name is the row.
    hidden: columns that no observer sees. common: columns whose text says nothing about whose row it is.
    node: whether `node(id)` finds it. start: if not, how rows are reached: text before and after their selection.
    sees: what is seen beside the rows in the subtree: `two_ended`, `shared`, `inherited`, `either` of them.
    versioned: has a `version`, which grows with each entry of the log. history: has the field `history`; frozen: of
    how many rows one gets an entry in the tests that stop the log, 0 for none. leaves: whether it may leave a scope,
    and with it what old entries tell of it (`LEAVING` in resolvers/audit.py).
    explained: whether `explainAccess` takes its ids.
    """

    type: str
    table: str
    letters: str
    many: str = ""
    single: str = ""
    by_code: bool = False
    below: tuple[str, ...] = ()
    within: bool = True
    needs: str = ""
    whole: str = ""
    newest: bool = False
    order: tuple[str, ...] = ()
    dates: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    columns: Mapping[str, str] | None = None
    refs: Mapping[str, str | tuple[str, ...]] | None = None
    hidden: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    node: bool = True
    start: tuple[str, str] | None = None
    sees: Sees | None = None
    versioned: bool = True
    history: bool = True
    frozen: int = 3
    leaves: bool = False
    explained: bool = True


# -- what is seen --------------------------------------------------------------------------------------------------


def below(path: str | None, grant: Row) -> bool:
    """Whether a path lies in a grant's subtree."""
    return path is not None and path.startswith(grant["path"])


def two_ended(_: Tables, grant: Row) -> Seen:
    """Rows whose other end (`to_path`) lies in the subtree."""
    return lambda row: below(row["to_path"], grant)


def inherited(_: Tables, grant: Row) -> Seen:
    """Rows of the places above."""
    return lambda row: bool(grant["path"].startswith(row["path"]))


def shared(noun: str, column: str = "id") -> Sees:
    """Rows in whose column stands the key of a `noun` that a row of `sharing` shares with the subtree."""

    def sees(tables: Tables, grant: Row) -> Seen:
        shares = (row for row in tables["sharing"] if row["noun"] == noun and below(row["path"], grant))
        keys = {row["row_id"] for row in shares}
        return lambda row: row[column] in keys

    return sees


def either(*rules: Sees) -> Sees:
    """Rows that one of the rules lets see."""

    def sees(tables: Tables, grant: Row) -> Seen:
        tests = [rule(tables, grant) for rule in rules]
        return lambda row: any(test(row) for test in tests)

    return sees


# -- what fields and actions are -----------------------------------------------------------------------------------

Resolver = Callable[[Any, Any, dict[str, Any]], Any]


def one(table: str, column: str) -> Resolver:
    """The visible row whose key stands in a column."""
    return lambda view, row, _: view.by_id[table].get(row[column])


def many(table: str, column: str, *order: str) -> Resolver:
    """The list of the visible rows in whose column this row's key stands, ordered by columns."""
    return lambda view, row, _: sorted(
        view.find(table, column, row["id"]), key=lambda found: tuple(found[name] for name in order or ("id",))
    )


def paged(table: str, column: str) -> Resolver:
    """The connection of the visible rows in whose column this row's key stands."""
    return lambda view, row, arguments: view.pages_of(table, view.find(table, column, row["id"]), arguments)


Against = Callable[[Any, Row], str | None]


def _nothing(_: Any, __: Row) -> None:
    return None


def at_closed(view: Any, row: Row) -> str | None:
    """CLOSED if the place is, in whose table `place` the row stands."""
    place = view.place(row["id"])
    return "CLOSED" if place and place["closed_on"] is not None else None


def _covered(view: Any, row: Row) -> bool:
    return bool(view.covers(row))


def at_receiver(view: Any, row: Row) -> bool:
    """For what is done at a row's other end: whether that lies in the scope."""
    return below(row["to_path"], view.grant)


class Act(NamedTuple):
    """What a mutation is done to, what it needs, and what speaks against it; who is not `own` has SEEN_ONLY."""

    table: str
    needs: str
    against: Against = _nothing
    own: Callable[[Any, Row], bool] = _covered


# -- writing -------------------------------------------------------------------------------------------------------

Given = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A row of the matrix of mutations.

    given: a valid input, of a zone's rows (`z["C1"]` is an id). at: the place of the writer's grant: `S`, so that the
    other zone is out of scope; or the hub `H`, for what needs two zones, so that another county is. other: whether
    `given` takes the county's other zone too.
    """

    given: Callable[..., Given]
    at: str = "S"
    other: bool = False

    def input_of(self, scene: Any) -> Given:
        """A valid input for a fresh scene."""
        return self.given(scene.here, scene.there) if self.other else self.given(scene.here)


class Planting(Protocol):
    """A zone while it is planted; places by their names: H S B1 B2 C1 C2 C4 G1 G2 G3 G4. See tests/scene.py."""

    async def add(self, name: str, table: str, place: str | None, /, **values: Any) -> int:
        """Inserts a row at a place (at none, if its table has none) under a name such as `AG1`, or ``""``; its key."""

    def key(self, name: str) -> int:
        """The key of a row that has a name: `P1` … `P6`, `T1`, `A1`, `U1`, `R1`, …"""

    def place(self, name: str) -> Mapping[str, Any]:
        """The row of a place in the table `place`: id, path, station_id, county_id, …"""

    def to(self, name: str) -> dict[str, Any]:
        """The columns of a row's other end: to_place_id, to_path, to_station_id, to_county_id."""


def change(letters: str, **fields: str) -> Callable[[Any], Given]:
    """A random input of an update: the row, and some of the fields, each by the name of the Maker's method."""
    return lambda m: m.row(letters) | m.maybe(**{name: getattr(m, method) for name, method in fields.items()})


def overlapping(table: str, same: str, span: str = "daterange(valid_from, valid_to)") -> str:
    """Pairs of rows that hold on the same day although they have the same columns."""
    return f"""
    SELECT a.id, b.id FROM {table} a JOIN {table} b ON a.id < b.id AND ({same.format("a")}) = ({same.format("b")})
     WHERE {span.replace("valid_", "a.valid_")} && {span.replace("valid_", "b.valid_")}
    """


# -- names and ids -------------------------------------------------------------------------------------------------


def letters(text: str) -> str:
    """The capitals that a public id, or a row's name, begins with; none for what begins otherwise."""
    found = LETTERS.match(text)
    return found[0] if found else ""


def key(public_id: str) -> int:
    """The key in a public id."""
    return int(public_id[len(letters(public_id)) :])


def fresh(prefix: str = "n") -> str:
    """A text that nothing else has, and that is no id, as a letter with digits alone would be."""
    return f"{prefix}x{secrets.token_hex(6)}"
