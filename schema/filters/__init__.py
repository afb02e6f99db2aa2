"""`where` and `orderBy` of each noun, in a module of its own: what it can be filtered and ordered by.

Filters compare indexed columns alone.
"""

from schema.filters.account import ACCOUNT_SORTING, ACCOUNTS
from schema.filters.audit import AUDIT_ENTRIES, AUDIT_ENTRY_SORTING
from schema.filters.base import REACH
from schema.filters.community import COMMUNITIES, COMMUNITY_SORTING
from schema.filters.grid import GRID_SORTING, GRIDS
from schema.filters.person import PERSON_SORTING, PERSONNEL
from schema.filters.station import STATION_SORTING, STATIONS
from schema.filters.volunteer import VOLUNTEER_TEAM_SORTING, VOLUNTEER_TEAMS

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_SORTING",
    "AUDIT_ENTRIES",
    "AUDIT_ENTRY_SORTING",
    "COMMUNITIES",
    "COMMUNITY_SORTING",
    "GRIDS",
    "GRID_SORTING",
    "PERSONNEL",
    "PERSON_SORTING",
    "REACH",
    "STATIONS",
    "STATION_SORTING",
    "VOLUNTEER_TEAMS",
    "VOLUNTEER_TEAM_SORTING",
]
