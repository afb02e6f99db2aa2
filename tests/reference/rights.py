"""What an account may do to a row, whom a record is seen by, and what a move would do; by the rules in plain words."""

from typing import Any

from tests import nouns
from tests.reference.ids import read_id
from tests.reference.tables import Row
from tests.reference.view import View

PLACE_TABLES = {"S": "station", "C": "community", "G": "grid"}
RECORDS = {
    **PLACE_TABLES,
    "P": "person",
    "A": "assignment",
    "Q": "qualification",
    "T": "volunteer_team",
    "M": "team_membership",
    **{noun.letters: noun.table for noun in nouns.NOUNS if noun.explained},
}
LETTERS: dict[str, tuple[str, ...]] = {table: (letter,) for letter, table in RECORDS.items()}
LETTERS |= {noun.table: (noun.letters,) for noun in nouns.NOUNS}
LETTERS |= {"place": ("S", "C", "G"), "account": ("U",), "account_grant": ("R",)}
RANKS = ("OBSERVER", "WORKER", "MANAGER", "ADMINISTRATOR")
LEVELS_ABOVE = {
    "DEMONSTRATION": {"HUB"},
    "BASIC": {"DEMONSTRATION"},
    "COMMUNITY": {"HUB", "DEMONSTRATION", "BASIC"},
    "GRID": {"COMMUNITY"},
}
PLACE_ACTIONS = {
    f"{verb}_{noun}": (noun.lower(), "grid:write" if noun == "GRID" else "place:write")
    for noun in ("STATION", "COMMUNITY", "GRID")
    for verb in ("UPDATE", "RENAME", "RECODE", "MOVE", "CLOSE")
}
ACTIONS = {
    **PLACE_ACTIONS,
    "CREATE_STATION": ("station", "place:write"),
    "CREATE_COMMUNITY": ("station", "place:write"),
    "CREATE_GRID": ("community", "grid:write"),
    "CREATE_PERSON": ("place", "personnel:write"),
    "CREATE_VOLUNTEER_TEAM": ("place", "personnel:write"),
    "CREATE_ACCOUNT": ("place", "account:write"),
    **dict.fromkeys(
        ("UPDATE_PERSON", "RETIRE_PERSON", "REINSTATE_PERSON", "ASSIGN_PERSON", "CREATE_QUALIFICATION"),
        ("person", "personnel:write"),
    ),
    "END_ASSIGNMENT": ("assignment", "personnel:write"),
    "TRANSFER_ASSIGNMENT": ("assignment", "personnel:write"),
    "UPDATE_QUALIFICATION": ("qualification", "personnel:write"),
    "UPDATE_VOLUNTEER_TEAM": ("volunteer_team", "personnel:write"),
    "ADD_TEAM_MEMBER": ("volunteer_team", "personnel:write"),
    "END_TEAM_MEMBERSHIP": ("team_membership", "personnel:write"),
    "RESET_PASSWORD": ("account", "account:write"),
    "DISABLE_ACCOUNT": ("account", "account:write"),
    "ENABLE_ACCOUNT": ("account", "account:write"),
    "GRANT_ACCOUNT": ("account", "account:write"),
    "REVOKE_GRANT": ("account_grant", "account:write"),
    **{action: (act.table, act.needs) for action, act in nouns.ACTIONS.items()},
}
"""Each action with the rows that it is done to, and what it needs."""


def _of_place(noun: str, **more: str) -> dict[str, str]:
    return {verb: f"{verb.upper()}_{noun}" for verb in ("update", "recode", "move", "close")} | more


CAN = {
    "Station": _of_place("STATION", createStation="CREATE_STATION", createCommunity="CREATE_COMMUNITY"),
    "Community": _of_place("COMMUNITY", createGrid="CREATE_GRID"),
    "Grid": _of_place("GRID"),
    "Person": {
        "update": "UPDATE_PERSON",
        "retire": "RETIRE_PERSON",
        "reinstate": "REINSTATE_PERSON",
        "assign": "ASSIGN_PERSON",
        "createQualification": "CREATE_QUALIFICATION",
    },
    "Assignment": {"end": "END_ASSIGNMENT", "transfer": "TRANSFER_ASSIGNMENT"},
    "Qualification": {"update": "UPDATE_QUALIFICATION"},
    "VolunteerTeam": {"update": "UPDATE_VOLUNTEER_TEAM", "addMember": "ADD_TEAM_MEMBER"},
    "TeamMembership": {"end": "END_TEAM_MEMBERSHIP"},
    "Account": {
        "resetPassword": "RESET_PASSWORD",
        "disable": "DISABLE_ACCOUNT",
        "enable": "ENABLE_ACCOUNT",
        "grant": "GRANT_ACCOUNT",
        "linkIdentity": "LINK_IDENTITY",
        "createServiceKey": "CREATE_SERVICE_KEY",
    },
    "Grant": {"revoke": "REVOKE_GRANT"},
    **nouns.CAN,
}
"""The fields of `can`, with the mutations that stand behind them."""


def steps(path: str) -> set[int]:
    """The ids in a path."""
    return {int(step) for step in path.split(".") if step}


def is_root(view: View, row: Row) -> bool:
    """Whether nothing above a place is the account's."""
    return row["parent_id"] is None or row["path"] == view.grant["path"]


# -- can -----------------------------------------------------------------------------------------------------------


def against(view: View, action: str, row: Row) -> str | None:
    """What speaks first against an action on a row that is seen."""
    table, permission = ACTIONS[action]
    if permission not in view.permissions:
        return "PERMISSION_MISSING"
    added = nouns.ACTIONS.get(action)
    if not (added.own(view, row) if added else view.covers(row)):
        return "SEEN_ONLY"
    if added:
        return added.against(view, row)
    if table in ("account", "account_grant"):
        return _against_account(view, action, row)
    if table in PLACE_TABLES.values():
        return _against_place(view, action, row)
    return _against_personnel(view, action, row)


def _against_place(view: View, action: str, row: Row) -> str | None:
    verb, noun = action.split("_", 1)
    if verb == "CREATE" and noun == "STATION" and row["level"] == "BASIC":
        return "WRONG_LEVEL"
    if verb in ("CREATE", "MOVE", "CLOSE", "RECODE") and row["closed_on"] is not None:
        return "CLOSED"
    if verb in ("MOVE", "CLOSE") and is_root(view, row):
        return "ROOT"
    if verb == "MOVE" and row["level"] == "DEMONSTRATION":
        return "WRONG_LEVEL"
    if verb == "CLOSE":
        for grant in view.find("account_grant", "place_id", row["id"]):
            ended = grant["valid_to"] is not None and grant["valid_to"] <= view.today.now
            if not ended and (_above(view, grant) or grant["account_id"] == view.account["id"]):
                return "OUTRANKED"
    return None


def _above(view: View, grant: Row) -> bool:
    return RANKS.index(grant["role"]) > RANKS.index(view.grant["role"])


def _against_personnel(view: View, action: str, row: Row) -> str | None:
    if action.startswith("CREATE_") and row["$type"] == "Place":
        place = view.place(row["id"])
        return "CLOSED" if place and place["closed_on"] is not None else None
    if action == "TRANSFER_ASSIGNMENT":
        person = view.by_id["person"].get(row["person_id"])
        if person is None or not view.covers(person):
            return "PERSON_SEEN_ONLY"
        if person["retired_on"] is not None:
            return "RETIRED"
    if action in ("RETIRE_PERSON", "ASSIGN_PERSON") and row["retired_on"] is not None:
        return "RETIRED"
    if action == "REINSTATE_PERSON" and row["retired_on"] is None:
        return "NOT_RETIRED"
    dated = action in ("END_ASSIGNMENT", "TRANSFER_ASSIGNMENT", "END_TEAM_MEMBERSHIP")
    return (
        "ENDED"
        if dated and row["valid_to"] is not None and row["valid_to"] <= max(view.today.day, row["valid_from"])
        else None
    )


def _against_account(view: View, action: str, row: Row) -> str | None:
    if view.account["id"] == (row["account_id"] if action == "REVOKE_GRANT" else row["id"]):
        return "OWN"
    if action == "REVOKE_GRANT":
        if _above(view, row):
            return "OUTRANKED"
        return None if _to_come(view, row) else "ENDED"
    held = [grant for grant in view.tables["account_grant"] if grant["account_id"] == row["id"]]
    stronger = any(_to_come(view, grant) and (_above(view, grant) or not view.covers(grant)) for grant in held)
    if action != "GRANT_ACCOUNT" and stronger:
        return "OUTRANKED"
    if action == "ENABLE_ACCOUNT":
        return "NOT_DISABLED" if row["disabled_at"] is None else None
    if action == "RESET_PASSWORD":
        return "WRONG_KIND" if row["kind"] == "SERVICE" else None
    return "DISABLED" if row["disabled_at"] is not None else None


def _to_come(view: View, grant: Row) -> bool:
    """Whether a grant holds, or will."""
    return grant["valid_to"] is None or grant["valid_to"] > max(view.today.now, grant["valid_from"])


def decision(view: View, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of `can`."""
    action = arguments["action"]
    table, permission = ACTIONS[action]
    reason: str | None = "PERMISSION_MISSING"
    if permission in view.permissions:
        letter, key = read_id(arguments["id"])
        row = view.by_id[table].get(key) if letter in LETTERS[table] else None
        if row and table == "place" and row["kind"].lower() != PLACE_TABLES[letter]:
            row = None
        reason = against(view, action, row) if row else "NOT_FOUND"
    return {"allowed": reason is None, "reason": reason}


# -- explainAccess -------------------------------------------------------------------------------------------------


def _admitted(view: View) -> list[Row]:
    """The grants in scope that can be acted under."""
    accounts = view.by_id["account"]
    return [
        grant
        for grant in view.rows["account_grant"]
        if view.covers(grant) and view.today.covers(grant) and grant["account_id"] in accounts
        if accounts[grant["account_id"]]["disabled_at"] is None
    ]


def explanations(view: View, public_id: str) -> list[Row]:
    """The grants that reach a record."""
    letter, key = read_id(public_id)
    record = view.by_id[RECORDS[letter]].get(key) if letter in RECORDS else None
    if record is None:
        return []
    found = []
    for grant in _admitted(view):
        through = _through(view, letter, record, grant)
        if through is not None:
            data = {"OBSERVER": "NONE", "WORKER": "MASKED"}.get(grant["role"], "FULL")
            found.append({**grant, "through": through, "personal_data": data})
    return found


TWO_ENDED, LISTS = ("RF", "RS"), ("SI", "CD")


def _through(view: View, letter: str, record: Row, grant: Row) -> str | None:
    """By what a grant reaches a record, if it does."""
    place = grant["place_id"]
    if place in steps(record["path"]):
        return "HOME"
    if letter == "P" and any(place in steps(a["path"]) for a in view.current_assignments[record["id"]]):
        return "ASSIGNMENT"
    if letter in TWO_ENDED and place in steps(record["to_path"]):
        return "OTHER_END"
    sees = next((noun.sees for noun in nouns.NOUNS if noun.letters == letter), None)
    if sees is None or not sees(view.tables, grant)(record):
        return None
    return "LIST" if letter in LISTS else "GUEST"


# -- previewMove ---------------------------------------------------------------------------------------------------


def _place(view: View, public_id: str) -> tuple[str, Row | None]:
    letter, key = read_id(public_id)
    table = PLACE_TABLES.get(letter)
    return letter, view.by_id[table].get(key) if table else None


def _against_move(view: View, letter: str, place: Row | None, parent: Row | None) -> str | None:
    if place is None:
        return "NOT_FOUND"
    if ("grid:write" if letter == "G" else "place:write") not in view.permissions:
        return "PERMISSION_MISSING"
    if place["closed_on"] is not None:
        return "CLOSED"
    if is_root(view, place):
        return "ROOT"
    if parent is None:
        return "PARENT_NOT_FOUND"
    if place["id"] in steps(parent["path"]):
        return "CYCLE"
    if parent["level"] not in LEVELS_ABOVE[place["level"]]:
        return "WRONG_LEVEL"
    if parent["closed_on"] is not None:
        return "PARENT_CLOSED"
    return "ALREADY_THERE" if place["parent_id"] == parent["id"] else None


COUNTED = {
    "stations": "station",
    "communities": "community",
    "grids": "grid",
    "personnel": "person",
    "assignments": "assignment",
    "volunteerTeams": "volunteer_team",
    "accounts": "account",
    "grants": "account_grant",
}


def move(view: View, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of `previewMove`; `lose` and `gain` are rows of grants."""
    letter, place = _place(view, arguments["id"])
    _, parent = _place(view, arguments["parentId"])
    reason = _against_move(view, letter, place, parent)
    counts = dict.fromkeys(COUNTED, 0)
    lose: list[Row] = []
    gain: list[Row] = []
    if place is not None:
        for name, table in COUNTED.items():
            rows = [row for row in view.rows[table] if row["path"].startswith(place["path"])]
            if name in ("assignments", "grants"):
                rows = [row for row in rows if view.today.covers(row)]
            counts[name] = len(rows)
    if place is not None and parent is not None and reason is None:
        above = steps(place["path"]) - {place["id"]}
        for rows, inside, outside in ((lose, above, steps(parent["path"])), (gain, steps(parent["path"]), above)):
            rows += [grant for grant in _admitted(view) if grant["place_id"] in inside - outside]
    return {
        "allowed": reason is None,
        "reason": reason,
        "place": place,
        "from": view.place(place["parent_id"]) if place else None,
        "to": parent,
        **counts,
        "lose": lose,
        "gain": gain,
    }
