"""Permissions, and the roles that hold them. A field or mutation declares what it needs; the compiler enforces it."""

from enum import StrEnum

from models import Role


class Permission(StrEnum):
    """`noun:verb`."""

    PLACE_READ = "place:read"
    PLACE_WRITE = "place:write"
    GRID_WRITE = "grid:write"
    PERSONNEL_COUNT = "personnel:count"
    PERSONNEL_WRITE = "personnel:write"
    PERSON_READ = "person:read"
    PERSON_READ_PRIVATE = "person:read_private"
    VOLUNTEER_READ = "volunteer:read"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    AUDIT_READ = "audit:read"


_OBSERVER = frozenset({Permission.PLACE_READ, Permission.PERSONNEL_COUNT, Permission.VOLUNTEER_READ})
_WORKER = _OBSERVER | {Permission.PERSON_READ}
_MANAGER = _WORKER | {
    Permission.PERSON_READ_PRIVATE,
    Permission.PERSONNEL_WRITE,
    Permission.GRID_WRITE,
    Permission.ACCOUNT_READ,
    Permission.ACCOUNT_WRITE,
    Permission.AUDIT_READ,
}
_ADMINISTRATOR = _MANAGER | {Permission.PLACE_WRITE}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OBSERVER: _OBSERVER,
    Role.WORKER: _WORKER,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}
"""What each role holds; each holds all that the one before it does."""
