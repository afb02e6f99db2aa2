"""The connections of the query type over rows, and what each takes to have all of them."""

from tests import nouns
from tests.oracle import View
from tests.reference.view import ROLES

CONNECTIONS = {
    "stations": "Station",
    "communities": "Community",
    "grids": "Grid",
    "personnel": "Person",
    "volunteerTeams": "VolunteerTeam",
    **{noun.many: noun.type for noun in nouns.NOUNS if noun.many},
}
FOR_MANAGERS = {"accounts": "Account", "auditEntries": "AuditEntry"}
NEEDS = {noun.type: noun.needs for noun in nouns.NOUNS if noun.needs}


def readable(seen: View, type_name: str) -> bool:
    """Whether the account's role reads rows of a type at all."""
    return NEEDS.get(type_name) in (None, *ROLES[seen.role])


def whole(type_name: str) -> str:
    """The arguments with which a connection has all rows of a type, if it leaves some out without."""
    return nouns.BY_TYPE[type_name].whole if type_name in nouns.BY_TYPE else ""
