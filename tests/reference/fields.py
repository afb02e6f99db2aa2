"""What each field is, by type and name; a field that does not stand here is the column of its name."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests import nouns
from tests.nouns.base import Resolver
from tests.reference import rights
from tests.reference.gaps import gaps
from tests.reference.ids import key_of, read_id
from tests.reference.pages import connection
from tests.reference.statistics import FIELDS as OF_STATISTICS
from tests.reference.tables import TABLES, TYPES, Row, column_of
from tests.reference.view import View
from tests.reference.where import meets, subject_of

LISTS = {
    "stations": "station",
    "communities": "community",
    "grids": "grid",
    "personnel": "person",
    "volunteerTeams": "volunteer_team",
}
NOT_NODES = ("account", "account_grant", "audit_entry", *(noun.table for noun in nouns.NOUNS if not noun.node))
LETTERS = {letter: table for table, letter in TABLES.items() if letter and table not in NOT_NODES}
LEVELS_OF_ZONE = ("DEMONSTRATION", "BASIC")


def pages_of(view: View, table: str, rows: list[Row], arguments: dict[str, Any]) -> dict[str, Any]:
    """A connection over rows of a table."""
    return connection([row for row in rows if meets(view, row, arguments.get("where"))], arguments, TYPES[table])


def listed(table: str) -> Resolver:
    """A connection of Query."""
    return lambda view, _, arguments: pages_of(view, table, view.rows[table], arguments)


def below(table: str) -> Resolver:
    """A connection of a place."""
    return lambda view, place, arguments: pages_of(
        view, table, view.below(table, place, own=arguments["reach"] == "OWN"), arguments
    )


def found(table: str) -> Resolver:
    """What an id or a code names, or both."""

    def resolve(view: View, _: Any, arguments: dict[str, Any]) -> Row | None:
        id_, code = arguments.get("id"), arguments.get("code")
        for row in view.rows[table]:
            if (id_ is None or row["id"] == key_of(row["$prefix"], id_)) and (code is None or row["code"] == code):
                return row
        return None

    return resolve


def node(view: View, text: str) -> Row | None:
    """Whatever an id names."""
    letter, key = read_id(text)
    return view.by_id[LETTERS[letter]].get(key) if letter in LETTERS else None


def children(view: View, station: Row, arguments: dict[str, Any]) -> dict[str, Any]:
    """The stations directly below."""
    return pages_of(view, "station", view.find("station", "parent_id", station["id"]), arguments)


def zone(view: View, station: Row, _: Any) -> list[Row]:
    """A demonstration station and those that it leads, or of a basic one those that it is led with."""
    if station["level"] not in LEVELS_OF_ZONE:
        return []
    leader = station["id"] if station["level"] == "DEMONSTRATION" else station["parent_id"]
    rows = [row for row in view.rows["station"] if leader in (row["id"], row["parent_id"])]
    return sorted(rows, key=lambda row: row["path"])


def ancestors(view: View, place: Row, _: Any) -> list[Row]:
    """The visible places above, the highest first."""
    above = [view.place(int(step)) for step in place["path"].split(".")[:-2]]
    return [row for row in above if row]


def chain(view: View, place: Row, _: Any) -> list[Row]:
    """The place, then those above."""
    return [place, *reversed(ancestors(view, place, None))]


def responsible(view: View, place: Row, _: Any) -> Row | None:
    """Who answers for a place."""
    return next(iter(view.holders(place["id"], "RESPONSIBLE_PERSON")), None)


def linked_to_grid(view: View, grid: Row, _: Any) -> list[Row]:
    """The social workers who are linked to a grid or to its community, each once."""
    people = [p for key in (grid["id"], grid["parent_id"]) for p in view.holders(key, "LINKED_SOCIAL_WORKER")]
    return sorted({person["id"]: person for person in people}.values(), key=lambda person: person["id"])


def assignments(view: View, person: Row, arguments: dict[str, Any]) -> list[Row]:
    """A person's assignments, the oldest first."""
    rows = view.find("assignment", "person_id", person["id"])
    if arguments["current"]:
        rows = [row for row in rows if view.today.covers(row)]
    return sorted(rows, key=lambda row: (row["valid_from"], row["id"]))


def private(view: View, person: Row, _: Any) -> dict[str, str | None]:
    """A person's data in full."""
    ciphers = {name: person[f"{name}_cipher"] for name in ("phone", "id_number", "birth_date", "address")}
    return {name: None if cipher is None else view.open(cipher) for name, cipher in ciphers.items()}


def memberships(view: View, team: Row, _: Any) -> list[Row]:
    """A team's members of today."""
    rows = [row for row in view.find("team_membership", "team_id", team["id"]) if view.today.covers(row)]
    return sorted(rows, key=lambda row: (row["valid_from"], row["id"]))


def grants(view: View, account: Row, _: Any) -> list[Row]:
    """An account's grants that hold."""
    rows = [row for row in view.find("account_grant", "account_id", account["id"]) if view.today.covers(row)]
    return sorted(rows, key=lambda row: (row["valid_from"], row["id"]))


def held(view: View, account: Row, _: Any) -> list[Row]:
    """An account's grants that hold or are to come; not those that were revoked before they began."""
    rows = view.find("account_grant", "account_id", account["id"])
    left = [g for g in rows if g["valid_to"] is None or g["valid_to"] > max(view.today.now, g["valid_from"])]
    return sorted(left, key=lambda row: (row["valid_from"], row["id"]))


def skills(view: View, person: Row, _: Any) -> list[Row]:
    """A person's skills."""
    held = view.find("person_skill", "person_id", person["id"])
    return sorted((view.by_id["skill"][row["skill_id"]] for row in held), key=lambda row: row["id"])


def qualifications(view: View, person: Row, _: Any) -> list[Row]:
    """A person's certificates."""
    rows = view.find("qualification", "person_id", person["id"])
    return sorted(rows, key=lambda row: (row["obtained_on"], row["id"]))


def dated(table: str) -> Resolver:
    """The dated rows of a place, the oldest first."""
    return lambda view, place, _: sorted(
        view.find(table, "place_id", place["id"]), key=lambda row: (row["valid_from"], row["id"])
    )


def _listed_in(name: str) -> Resolver:
    return lambda _, preview, arguments: connection(preview[name], arguments)


def may(action: str) -> Resolver:
    """Whether an action may be done to a row."""
    return lambda view, row, _: rights.against(view, action, row) is None


LEAVING = ("person", "qualification", "account", "volunteer_team", *(noun.table for noun in nouns.NOUNS if noun.leaves))


def told(name: str) -> Resolver:
    """`before` or `after` of an entry; nothing of a row that may have left and is out of sight."""

    def value(view: View, entry: Row, _: Any) -> Any:
        kept = entry[name]
        seen = entry["noun"] not in LEAVING or entry["row_id"] in view.by_id[entry["noun"]]
        return kept if seen or (kept and kept.get("place") is not None) else None

    return value


def history(view: View, row: Row, arguments: dict[str, Any]) -> dict[str, Any]:
    """The entries about a row."""
    about = f"{row['$prefix']}{row['id']}"
    entries = [entry for entry in view.rows["audit_entry"] if subject_of(entry) == about]
    return pages_of(view, "audit_entry", entries, arguments)


HISTORIES = (
    *("Station", "Community", "Grid", "Person", "Assignment", "Qualification", "VolunteerTeam", "TeamMembership"),
    *(noun.type for noun in nouns.NOUNS if noun.history),
)

FIELDS: dict[tuple[str, str], Resolver] = {
    ("Query", "auditEntries"): listed("audit_entry"),
    **{(type_, "history"): history for type_ in HISTORIES},
    ("AuditEntry", "subject"): lambda _, entry, __: subject_of(entry),
    **{("AuditEntry", name): told(name) for name in ("before", "after")},
    ("AuditEntry", "account"): lambda view, entry, _: view.by_id["account"].get(entry["account_id"]),
    ("AuditEntry", "grant"): lambda view, entry, _: view.by_id["account_grant"].get(entry["grant_id"]),
    ("AuditEntry", "place"): lambda view, entry, _: view.place(entry["place_id"]),
    **{
        (type_, "responsibilityGaps"): lambda view, _, arguments: connection(gaps(view, arguments), arguments)
        for type_ in ("Query", "Agenda")
    },
    ("ResponsibilityGap", "place"): lambda view, row, _: view.place(row["id"]),
    ("Query", "explainAccess"): lambda view, _, arguments: connection(
        rights.explanations(view, arguments["id"]), arguments
    ),
    ("Query", "previewMove"): lambda view, _, arguments: rights.move(view, arguments),
    **{("MovePreview", name): _listed_in(name) for name in ("lose", "gain")},
    **{
        (type_, name): resolver
        for type_ in ("AccessExplanation", "SightChange")
        for name, resolver in (
            ("account", lambda view, grant, _: view.by_id["account"].get(grant["account_id"])),
            ("grant", lambda _, grant, __: grant),
        )
    },
    ("Viewer", "can"): lambda view, _, arguments: rights.decision(view, arguments),
    ("Placement", "parent"): lambda view, placement, _: view.place(placement["parent_id"]),
    **{
        (type_, name): resolver
        for type_ in ("Station", "Community", "Grid")
        for name, resolver in (("placements", dated("placement")), ("divisionCodes", dated("division_code")))
    },
    **{(type_, "can"): lambda _, row, __: row for type_ in rights.CAN},
    **{(f"{type_}Can", field): may(action) for type_, fields in rights.CAN.items() for field, action in fields.items()},
    ("PersonCan", "readPrivate"): lambda view, *_: "person:read_private" in view.permissions,
    ("Query", "node"): lambda view, _, arguments: node(view, arguments["id"]),
    ("Query", "nodes"): lambda view, _, arguments: [node(view, text) for text in arguments["ids"]],
    ("Query", "viewer"): lambda view, *_: view.account,
    **{("Query", name): found(name) for name in ("station", "community", "grid", "person")},
    **{("Query", name): listed(table) for name, table in LISTS.items()},
    **{
        (type_, name): below(table)
        for type_ in ("Station", "Community", "Grid")
        for name, table in LISTS.items()
        if name != "stations"
    },
    ("Station", "children"): children,
    ("Station", "zone"): zone,
    **{
        (type_, name): resolver
        for type_ in ("Station", "Community", "Grid")
        for name, resolver in (
            ("parent", lambda view, place, _: view.place(place["parent_id"])),
            ("successor", lambda view, place, _: view.place(place["successor_id"])),
            ("ancestors", ancestors),
            ("responsibilityChain", chain),
        )
    },
    ("Community", "linkedSocialWorkers"): lambda view, place, _: view.holders(place["id"], "LINKED_SOCIAL_WORKER"),
    ("Grid", "responsiblePerson"): responsible,
    ("Grid", "linkedSocialWorkers"): linked_to_grid,
    ("Grid", "gridWorkers"): lambda view, place, _: view.holders(place["id"], "GRID_WORKER"),
    ("ResponsibilityLink", "place"): lambda _, place, __: place,
    ("ResponsibilityLink", "responsiblePerson"): responsible,
    ("Person", "private"): private,
    ("Person", "home"): lambda view, person, _: view.place(person["place_id"]),
    ("Person", "assignments"): assignments,
    ("Person", "qualifications"): qualifications,
    ("Person", "skills"): skills,
    ("Assignment", "place"): lambda view, assignment, _: view.place(assignment["place_id"]),
    ("Assignment", "person"): lambda view, assignment, _: view.by_id["person"].get(assignment["person_id"]),
    ("VolunteerTeam", "place"): lambda view, team, _: view.place(team["place_id"]),
    ("VolunteerTeam", "memberships"): memberships,
    ("TeamMembership", "team"): lambda view, row, _: view.by_id["volunteer_team"].get(row["team_id"]),
    ("TeamMembership", "person"): lambda view, row, _: view.by_id["person"].get(row["person_id"]),
    ("Viewer", "account"): lambda _, account, __: account,
    ("Viewer", "grant"): lambda view, *_: view.grant,
    ("Viewer", "grants"): grants,
    ("Viewer", "scope"): lambda view, *_: view.place(view.grant["place_id"]),
    ("Viewer", "permissions"): lambda view, *_: sorted(p.upper().replace(":", "_") for p in view.permissions),
    ("Query", "account"): found("account"),
    ("Query", "accounts"): listed("account"),
    ("Account", "place"): lambda view, account, _: view.place(account["place_id"]),
    ("Account", "grants"): held,
    ("Account", "disabled"): lambda _, account, __: account["disabled_at"] is not None,
    ("Grant", "account"): lambda view, grant, _: view.by_id["account"].get(grant["account_id"]),
    ("Grant", "place"): lambda view, grant, _: view.place(grant["place_id"]),
    **{("Query", noun.single): found(noun.table) for noun in nouns.NOUNS if noun.single},
    **{("Query", noun.many): listed(noun.table) for noun in nouns.NOUNS if noun.many},
    **{(type_, noun.many): below(noun.table) for noun in nouns.NOUNS for type_ in noun.below},
    **{(noun.type, "place"): lambda view, row, _: view.place(row["place_id"]) for noun in nouns.NOUNS},
    **OF_STATISTICS,
    **nouns.FIELDS,
}


def value_of(view: View, type_name: str, name: str, source: Any, arguments: dict[str, Any]) -> Any:
    """The value of a field."""
    resolver = FIELDS.get((type_name, name))
    if resolver is not None:
        return resolver(view, source, arguments)
    if "$prefix" not in source:
        return source[name if name in source else column_of(name)]
    if name == "id":
        return f"{source['$prefix']}{source['id']}"
    if (type_name, name) in nouns.REFS:
        return _referred(view, source[f"{column_of(name)}_id"], nouns.REFS[type_name, name])
    return _text(source[column_of(name)])


def _referred(view: View, key: int | None, prefixes: tuple[str, ...]) -> Row | None:
    rows = (view.by_id[table].get(key) for table, prefix in TABLES.items() if prefix in prefixes)
    return next((row for row in rows if row), None)


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value.isoformat() if isinstance(value, date) else value
