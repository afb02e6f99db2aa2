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
    VOLUNTEER_WRITE = "volunteer:write"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    VENUE_READ = "venue:read"
    VENUE_WRITE = "venue:write"
    SERVICE_READ = "service:read"
    SERVICE_WRITE = "service:write"
    CATALOGUE_WRITE = "catalogue:write"
    CALENDAR_WRITE = "calendar:write"
    CLIENT_COUNT = "client:count"
    CLIENT_READ = "client:read"
    CLIENT_WRITE = "client:write"
    CLIENT_ERASE = "client:erase"
    SURVEY_READ = "survey:read"
    SURVEY_WRITE = "survey:write"
    REFERRAL_READ = "referral:read"
    REFERRAL_WRITE = "referral:write"
    CONSULTATION_READ = "consultation:read"
    CONSULTATION_WRITE = "consultation:write"
    TARGET_READ = "target:read"
    TARGET_WRITE = "target:write"
    TALENT_READ = "talent:read"
    TALENT_WRITE = "talent:write"
    AWARD_WRITE = "award:write"
    BUDGET_WRITE = "budget:write"
    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    AUDIT_READ = "audit:read"


_OBSERVER = frozenset(
    {
        Permission.PLACE_READ,
        Permission.PERSONNEL_COUNT,
        Permission.VOLUNTEER_READ,
        Permission.ORGANISATION_READ,
        Permission.VENUE_READ,
        Permission.SERVICE_READ,
        Permission.CLIENT_COUNT,
        Permission.SURVEY_READ,
        Permission.REFERRAL_READ,
        Permission.CONSULTATION_READ,
        Permission.TARGET_READ,
        Permission.TALENT_READ,
    }
)
_WORKER = _OBSERVER | {
    Permission.PERSON_READ,
    Permission.CLIENT_READ,
    Permission.CLIENT_WRITE,
    Permission.SERVICE_WRITE,
    Permission.SURVEY_WRITE,
    Permission.REFERRAL_WRITE,
    Permission.CONSULTATION_WRITE,
    Permission.VOLUNTEER_WRITE,
}
_MANAGER = _WORKER | {
    Permission.CLIENT_ERASE,
    Permission.PERSON_READ_PRIVATE,
    Permission.PERSONNEL_WRITE,
    Permission.GRID_WRITE,
    Permission.ACCOUNT_READ,
    Permission.ACCOUNT_WRITE,
    Permission.AUDIT_READ,
    Permission.ORGANISATION_WRITE,
    Permission.VENUE_WRITE,
    Permission.CATALOGUE_WRITE,
    Permission.TARGET_WRITE,
    Permission.TALENT_WRITE,
    Permission.AWARD_WRITE,
}
_ADMINISTRATOR = _MANAGER | {Permission.PLACE_WRITE, Permission.BUDGET_WRITE, Permission.CALENDAR_WRITE}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OBSERVER: _OBSERVER,
    Role.WORKER: _WORKER,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}
"""What each role holds; each holds all that the one before it does."""
