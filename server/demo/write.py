"""Loads the demo: everything made first, then written in one transaction."""

from typing import Any

import asyncpg

from resolvers.core.passwords import Passwords
from resolvers.core.personal import PersonalVault
from server.demo.accounts import PASSWORD, open_accounts, open_doors
from server.demo.consultations import consult
from server.demo.grid_people import staff_grids
from server.demo.organising import organise
from server.demo.people import Office
from server.demo.places import Planter, read_places
from server.demo.referrals import refer
from server.demo.rows import Row, Rows, stream
from server.demo.services import serve
from server.demo.social_workers import employ_social_workers
from server.demo.talent import train
from server.demo.venues import open_venues
from server.demo.volunteering import call_volunteers
from server.demo.volunteers import gather_volunteers
from server.migrate import OWNER_ROLE
from server.progress import Progress

# Any number will do that nobody else locks in this database: "zw demo" in ASCII.
LOCK = int.from_bytes(b"zw demo")
PLACE_SEQUENCE = "place_id_seq"
# Each after those that its foreign keys name.
TABLES = (
    "place",
    "station",
    "community",
    "grid",
    "placement",
    "division_code",
    "person",
    "assignment",
    "qualification",
    "skill",
    "person_skill",
    "volunteer_team",
    "team_membership",
    "account",
    "account_grant",
    "external_identity",
    "session",
    "service_key",
    "leading_group",
    "leading_group_member",
    "implementation_plan",
    "measure",
    "agency",
    "agency_rating",
    "venue",
    "venue_need",
    "opening_time",
    "service_item",
    "service_offer",
    "calendar_day",
    "client",
    "client_category",
    "survey",
    "referral",
    "service_record",
    "consultation",
    "consultation_participant",
    "consultation_attachment",
    "resolution",
    "target",
    "volunteer_call",
    "sign_up",
    "training_event",
    "attendance",
    "exam_result",
    "award_budget",
    "award",
)
UNSCOPED = {"skill"}
PLACES = {"place", "station", "community", "grid"}


async def load(owner_url: str, personal_keys: str, progress: Progress | None) -> bool:
    """Loads the demo network into a migrated database, once; True if it was this call that did.

    owner_url: `postgresql://…` of a superuser or a member of `zhanwang_owner`.
    personal_keys: comma-separated Fernet keys, as the server has them. progress: gets the rows.
    Two at once are safe: the second waits and finds it done. Raises asyncpg's errors and OSError.
    """
    connection = await asyncpg.connect(owner_url, server_settings={"application_name": "zhanwang demo"})
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL ROLE {OWNER_ROLE}")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            # The one table that the owner reads without a scope.
            if await connection.fetchval("SELECT EXISTS (SELECT FROM place WHERE level = 'HUB')"):
                return False
            network = make_network(PersonalVault(personal_keys), await Passwords().hash(PASSWORD))
            await _write(connection, network.tables, progress or (lambda *_: None))
            await connection.execute(f"ANALYZE {', '.join(TABLES)}")
    finally:
        await connection.close()
    return True


def make_network(vault: PersonalVault, password_hash: str) -> Rows:
    """All rows of the demo; the same ones each time, but for what the vault seals and hashes with its keys."""
    rows = Rows()
    tree = Planter(rows).plant(read_places())
    office = Office(rows, vault)
    staff_grids(office, tree)
    employ_social_workers(office, tree)
    gather_volunteers(office, tree)
    open_accounts(rows, tree, password_hash)
    open_doors(rows, tree, stream("doors"))
    for work in (organise, open_venues, serve, refer, consult, call_volunteers, train):
        work(office, tree)
    return rows


async def _write(connection: Any, tables: dict[str, list[Row]], progress: Progress) -> None:
    total = sum(len(rows) for rows in tables.values())
    done = 0
    # COPY refuses a table whose policies bind the user; what triggers write is bound, too.
    for table in (*TABLES, "sharing"):
        if table not in UNSCOPED:
            await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for table in TABLES:
        rows = tables.get(table)
        if not rows:
            continue
        progress(done, total, f"Loading {table.replace('_', ' ')} rows")
        await connection.copy_records_to_table(
            table, schema_name="public", columns=list(rows[0]), records=[tuple(row.values()) for row in rows]
        )
        done += len(rows)
    progress(done, total, "Finishing")
    await connection.execute(f"SELECT setval('{PLACE_SEQUENCE}', (SELECT max(id) FROM place))")
    for table in TABLES:
        if table not in PLACES:
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(max(id), 1) FROM {table}))"
            )
    for table in (*TABLES, "sharing"):
        if table not in UNSCOPED:
            await connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
