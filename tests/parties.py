"""Who asks and who writes in a network of regions and counties, to be moved about under them."""

import hashlib
from dataclasses import dataclass, field

import asyncpg
import httpx

from models import Role
from resolvers.core.service_keys import SHOWN, new_key
from tests.harvest import Harvest
from tests.history import Grip, History
from tests.regions import Regions
from tests.roaming import Roaming
from tests.scene import World
from tests.unrest import OPEN_SESSION, Cast, Issue, Unrest

ADD_KEY = """
WITH made AS (INSERT INTO session (account_id, of_key, expires_at) VALUES ($1, true, '9999-12-31Z') RETURNING id)
INSERT INTO service_key (place_id, path, station_id, county_id, account_id, session_id, digest, name, prefix)
SELECT a.place_id, a.path, a.station_id, a.county_id, a.id, made.id, $2, '钥匙', $3 FROM account a, made WHERE a.id = $1
RETURNING id
"""


@dataclass
class Parties:
    """Accounts by their keys: those that write, those that ask, and each service account's key with its secret."""

    writers: list[int] = field(default_factory=list)
    readers: list[int] = field(default_factory=list)
    machines: dict[int, tuple[int, str]] = field(default_factory=dict)

    @classmethod
    def planted(cls, world: World) -> "Parties":
        """In regions and counties of their own."""
        regions, found = Regions(world), cls()
        a, b, c = regions.a, regions.b, regions.c
        writers = [regions["N"], a.here["H"], a.here["H"], b.here["H"], c.here["H"]]
        found.writers = [a.writer(Role.ADMINISTRATOR, at).account_id for at in writers]
        places = [
            (Role.OBSERVER, regions["Y"]), (Role.OBSERVER, a.here["H"]), (Role.MANAGER, a.here["S"]),
            (Role.MANAGER, a.there["S"]), (Role.MANAGER, a.here["B1"]), (Role.WORKER, a.here["C1"]),
            (Role.WORKER, a.here["G1"]), (Role.WORKER, b.there["C1"]), (Role.MANAGER, b.here["B2"]),
            (Role.ADMINISTRATOR, c.here["S"]), (Role.MANAGER, a.there["B1"]),
        ]  # fmt: skip
        found.readers = [a.writer(role, at).account_id for role, at in places]
        for account in found.readers[-3:-1]:
            secret = new_key()
            world.sql("UPDATE account SET kind = 'SERVICE', password_hash = NULL WHERE id = $1", account)
            digest = hashlib.sha256(secret.encode()).digest()
            found.machines[account] = world.value(ADD_KEY, account, digest, secret[:SHOWN]), secret
        return found

    async def gathered(
        self,
        connection: asyncpg.Connection,
        client: httpx.AsyncClient,
        personal_key: str,
        issue: Issue,
        hub: Harvest,
        seed: str,
    ) -> Roaming:
        """All of them with sessions of their own, ready to ask. connection: the superuser's."""
        history, cast = History(connection, personal_key), Cast()
        bearers = {}
        for account in self.writers:
            session, version = await connection.fetchrow(OPEN_SESSION, account)  # type: ignore[misc]
            bearers[account] = issue(account, version, session)
        await history.read()
        unrest = Unrest(history, client, connection, bearers, cast, issue, seed)
        for account in self.readers:
            if account in self.machines:
                key_id, secret = self.machines[account]
                cast.add(Grip(account, 0, key=key_id), secret)
            else:
                await unrest.open_session(account)
        return Roaming(history, unrest, client, seed, hub)
