"""The reading workloads, and who asks for them. `documents/` has them in GraphQL, `statements.py` by hand.

W1  one community with its parent and its first 20 grids
W2  a township with its communities, their grids and who works there
W3  the first 100 grid workers by name, with their home place's name and how many there are
W4  the services of the account's scope by field and month, of two years
W5  the account's scope in figures: stations, communities, grids with households and residents, personnel
"""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from resolvers.core.context import Identity

DOCUMENTS = Path(__file__).with_name("documents")


@dataclass(frozen=True)
class Workload:
    """One operation. `field`: its root field; `variable`: its only one, if any."""

    name: str
    field: str
    variable: str = ""

    @property
    def document(self) -> str:
        """In GraphQL, as the server takes it."""
        return (DOCUMENTS / f"{self.name}.graphql").read_text()

    def variables(self, value: str) -> dict[str, str]:
        """What goes with the document."""
        return {self.variable: value} if self.variable else {}


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1", "community", "id"),
        Workload("W2", "station", "id"),
        Workload("W3", "personnel", "kind"),
        Workload("W4", "serviceStatistics"),
        Workload("W5", "networkSummary"),
    )
}


@dataclass(frozen=True)
class Target:
    """One request: an account (with its session) that asks for a workload with a value of its variable."""

    workload: str
    account_id: int
    session_id: int
    value: str


def arguments(identity: Identity, workload: Workload, value: str) -> list[Any]:
    """The parameters of a hand-written statement."""
    grant = identity.grant
    asked = int(grant.path.split(".")[-2]) if not workload.variable else value
    return [
        identity.account_id,
        identity.credential_version,
        identity.session_id,
        grant.id,
        grant.path,
        grant.role.value,
        grant.path[:-1] + "/",
        grant.county_id,
        int(value[1:]) if workload.variable == "id" else asked,
    ]


LEVELS = {
    "grid": "p.level = 'GRID'",
    "community": "p.level = 'COMMUNITY'",
    "township": "p.level = 'BASIC'",
    "zone": "p.level = 'DEMONSTRATION'",
    "county": "p.level = 'HUB'",
    "province": "p.level = 'REGION' AND s.division_code ~ '^(?!00)..0000$'",
    "nation": "p.level = 'REGION' AND s.division_code = '000000'",
}
"""The places of a level's accounts."""
MIXED = "mixed"
# What the accounts of a level ask for under `mixed`: only what they can see.
ASKED = {
    "grid": ("W3",),
    "community": ("W1", "W3"),
    "township": ("W1", "W2", "W3"),
    "zone": ("W1", "W2", "W3"),
    "county": ("W1", "W2", "W3"),
}

# Observers are left out: small figures are hidden from them.
ACCOUNTS = """SELECT a.id, min(e.id) AS session_id, a.path FROM account a JOIN place p ON p.id = a.place_id
LEFT JOIN station s ON s.id = p.id JOIN session e ON e.account_id = a.id
WHERE NOT EXISTS (SELECT FROM account_grant g WHERE g.account_id = a.id AND g.role = 'OBSERVER') AND {where}
GROUP BY a.id ORDER BY hashint8(a.id) LIMIT $1"""
BENEATH = "path >= $1 AND path < left($1, -1) || '/'"
VALUES = {
    "W1": f"SELECT 'C' || id FROM community WHERE {BENEATH} ORDER BY hashint8(id) LIMIT 1",
    "W2": f"SELECT 'S' || id FROM station WHERE {BENEATH} AND level IN ('DEMONSTRATION', 'BASIC')"
    " ORDER BY hashint8(id) LIMIT 1",
    "W3": "SELECT 'GRID_WORKER' WHERE $1 <> ''",
}


async def targets(
    connection: "asyncpg.Connection", workload: str, level: str, accounts: int = 64, division: str = ""
) -> list[Target]:
    """What accounts of a level ask for; for the workload `mixed`, everything that all levels ask, shuffled.

    division: the first digits of the division codes of their stations. Empty if there is no such account.
    """
    if workload == MIXED:
        mixed = [
            target
            for each in ASKED
            for asked in ASKED[each]
            for target in await targets(connection, asked, each, accounts // 4)
        ]
        random.Random(7).shuffle(mixed)
        return mixed
    found = []
    where = LEVELS[level] + (f" AND starts_with(s.division_code, '{division}')" if division else "")
    for row in await connection.fetch(ACCOUNTS.format(where=where), accounts):
        value = await connection.fetchval(VALUES[workload], row["path"]) if workload in VALUES else ""
        found.append(Target(workload, row["id"], row["session_id"], value))
    return found
