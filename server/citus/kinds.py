"""What becomes of each table on Citus, and why.

A table whose rows have a county is distributed by it, together with `place`: what a county has lies on one node. What
is not says its reason here; a table that is in neither place is refused, by a test and by `zhanwang distribute`.
"""

from enum import StrEnum

COUNTY = "county_id"
"""The distribution column."""

LOCATION = f"place_id, path, station_id, {COUNTY}"
"""The columns by which a row belongs to a place."""


class Kind(StrEnum):
    """How a table lies on the nodes: by county, whole on each, or whole on the coordinator."""

    DISTRIBUTED = "DISTRIBUTED"
    REFERENCE = "REFERENCE"
    LOCAL = "LOCAL"


REFERENCE = {
    "skill": "named by rows of every county",
    "account": "who asks must be known before it is known of which county; joined to what any county has",
    "account_grant": "as account",
    "external_identity": "as account",
    "service_key": "as account",
}
"""Tables that are whole on every node."""

LOCAL = {
    "session": "asked for by the coordinator alone, and changed at each log-in",
    "refresh_token": "as session",
    "idempotency_key": "as session",
    "log_in_failure": "as session",
    "used_id_token": "as session",
    "trusted_document": "asked for by the coordinator alone",
    "personal_canary": "asked for by the coordinator alone",
    "personal_key": "asked for by the coordinator alone",
    "audit_batch": "one chain for all counties",
    "audit_seal": "as audit_batch",
    "event": "told in the order of one node's transactions",
    "alembic_version": "the migrations run at the coordinator",
}
"""Tables that stay at the coordinator."""

GIVEN_COUNTY = {"audit_unsealed": "SELECT e.county_id FROM audit_entry e WHERE e.id = audit_unsealed.entry_id"}
"""Tables that get a county when they are distributed, and where it is to be found."""

OF_ANOTHER_COUNTY = {
    ("placement", "parent_id"): "a hub hung under a region, which is a county of its own",
}
"""Keys that may name a row of another county, so that no shard can hold them."""

WITHIN = {("place", "parent_id"): "inner_parent_id"}
"""Keys that may name a row of another county, and the generated column that has them where they do not."""

PLACE = {"place_id": "id", "path": "path", "station_id": "station_id", COUNTY: COUNTY}
GIVEN_UP = (
    *((table, PLACE, "place") for table in ("account", "account_grant", "external_identity", "service_key")),
    ("placement", {"parent_id": "id"}, "place"),
    ("service_key", {"session_id": "id", "account_id": "account_id"}, "session"),
    ("session", {"account_id": "id"}, "account"),
    ("idempotency_key", {"account_id": "id"}, "account"),
)
"""Foreign keys that nothing holds, as tables, columns and what they name: `zhanwang verify` looks whether they hold."""

OF_ONE_COUNTY = ("agency", "community", "grid", "station", "venue", "volunteer_team")
"""Tables whose code is unique within a county alone: `zhanwang verify` looks for two that are the same."""

COLOCATED = "place"
"""The table that all others are distributed with."""


class UnknownTable(Exception):
    """A table of which nothing is said here. `str()` of it says which."""


def kind_of(table: str, columns: frozenset[str]) -> Kind:
    """What becomes of a table with these columns. Raises UnknownTable."""
    if table in REFERENCE:
        return Kind.REFERENCE
    if table in LOCAL:
        return Kind.LOCAL
    if COUNTY in columns or table in GIVEN_COUNTY:
        return Kind.DISTRIBUTED
    raise UnknownTable(f"{table} has no {COUNTY}, and server/citus/kinds.py does not say what becomes of it.")
