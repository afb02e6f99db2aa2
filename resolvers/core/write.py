"""Writes: rows found in scope, changed, and recorded, in one transaction.

A mutation's function gets a `Writer` and the input, writes through it, and answers the key of the row that the payload
shows. What it finds is in scope, what it changes is audited; `Rejected`, or a constraint of the database, undoes all
of it. Every write in a county shares that county's lock, and those of the regions above; one that moves places takes
the county's whole, and one under a region's grant the region's, so that no path changes under a write.
"""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any

import asyncpg
import orjson
from sqlmodel import SQLModel

from models import Community, Grid, Place, Role, Station
from resolvers.core import audit, ids
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Unauthenticated
from resolvers.core.finding import Sought, finding, readable
from resolvers.core.messages import Message
from resolvers.core.personal import PersonalVault
from resolvers.core.refusals import Rejected, UserErrorCode, constraint_of
from resolvers.core.relations import NOBODY, PLACE_LETTERS, key_and_kind, table_of
from resolvers.core.scope import End, Scope, scope_of
from resolvers.core.sharding import is_sharded

Row = dict[str, Any]
Given = Mapping[str, Any]
Perform = Callable[["Writer", Given], Awaitable[int]]

OPEN = "SELECT open_writing($1, $2, $3, $4, $5, $6, $7, $8) AS state, current_date AS today, now() AS now"
# Who waits to have the county's lock whole keeps everybody else out meanwhile, and an import shares it for a minute.
PATIENCE = "SET LOCAL lock_timeout = '3s'"
KEYS_KEPT = "7 days"
LONGEST_KEY = 200
PLACE_TABLES: dict[str, type[SQLModel]] = {"STATION": Station, "COMMUNITY": Community, "GRID": Grid}

# A repeat that comes while the first is under way waits here for it.
RESERVE = """
INSERT INTO idempotency_key (account_id, key, action, digest) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING key
"""
RESERVED = "SELECT action, digest, row_id FROM idempotency_key WHERE account_id = $1 AND key = $2"
KEEP = "UPDATE idempotency_key SET row_id = $3 WHERE account_id = $1 AND key = $2"
FORGET = f"DELETE FROM idempotency_key WHERE account_id = $1 AND created_at < now() - interval '{KEYS_KEPT}'"


class Stale(Exception):
    """The scope did not open: the identity at hand is not what the database knows. Nothing was written."""


class Writer:
    """What a mutation writes with: `connection` is inside its transaction, the scope open.

    `today` is the county's day, `now` when the transaction began. `sealing` is what seals personal data, once any is.
    """

    def __init__(
        self, connection: Any, context: Context, identity: Identity, action: str, today: date, now: datetime
    ) -> None:
        self.connection, self.context, self.identity = connection, context, identity
        self.action, self.today, self.now = action, today, now
        self.scope = scope_of(identity.grant)
        self.sealing: PersonalVault | None = None
        self._entries: list[audit.Entry] = []
        self._open_places: dict[str, Row] = {}

    @classmethod
    async def open(
        cls, connection: Any, context: Context, action: str, *, scope: Scope | None = None, whole: bool = False
    ) -> "Writer":
        """Opens the acting identity's scope for a transaction that writes.

        whole: whether it moves places, so that no other write in the county may run beside it. Raises Stale.
        """
        identity = context.acting()
        grant = identity.grant
        # No county's lock keeps what is below a region where it is.
        whole = whole or grant.wide
        if whole:
            await connection.execute(PATIENCE)
        opened = await connection.fetchrow(
            OPEN,
            identity.account_id,
            identity.credential_version,
            identity.session_id,
            grant.id,
            grant.path,
            grant.role.value,
            grant.county_id,
            whole,
        )
        if opened["state"] != "OK":
            raise Stale
        writer = cls(connection, context, identity, action, opened["today"], opened["now"])
        writer.scope = scope or writer.scope
        return writer

    # -- finding --------------------------------------------------------------------------------------------------

    async def find(
        self,
        model: type[SQLModel],
        prefix: str,
        public_id: str,
        field: str,
        *,
        lock: bool = False,
        end: End = End.FROM,
        seen: bool = False,
    ) -> Row:
        """The row that an id of the input names, if its own path is in scope.

        prefix: the letters of such ids. field: the input's, for the refusal. lock: for a row that is to be changed.
        end: the end that must be in scope, of a row that leads from place to place. seen: whether it suffices that the
        row is visible, for one that is only referred to. Raises Rejected.
        """
        key = {"id": ids.key_of(public_id, prefix) or NOBODY}
        return _there(await self.find_where(model, key, lock=lock, end=end, seen=seen), field)

    async def find_place(self, public_id: str, field: str) -> Row:
        """The place of any kind that an id of the input names, in scope. Raises Rejected."""
        key, kind = key_and_kind(public_id)
        return _there(await self.find_where(Place, {"id": key, "kind": kind}), field)

    async def find_open_place(self, public_id: str, field: str) -> Row:
        """As `find_place`, of a place that has not been closed; looked up once a transaction. Raises Rejected."""
        # Whatever closes a place takes the county's lock whole, so that none is closed under a write that shares it.
        if public_id not in self._open_places:
            place = await self.find_place(public_id, field)
            if not await self.find_where(PLACE_TABLES[place["kind"]], {"id": place["id"], "closed_on": None}):
                raise Rejected(UserErrorCode.INVALID, Message("This place was closed."), field)
            self._open_places[public_id] = place
        return self._open_places[public_id]

    async def claim(self, model: type[SQLModel], prefix: str, given: Given, *, end: End = End.FROM) -> Row:
        """The row that `id` names, locked, as long as it is at the `version` that was seen. Raises Rejected."""
        row = await self.find(model, prefix, given["id"], "id", lock=True, end=end)
        if row["version"] != given["version"]:
            raise Rejected(
                UserErrorCode.CONFLICT,
                Message("It is at version {version} by now; look at it again.", version=row["version"]),
                "version",
                shown=row["id"],
            )
        return row

    async def find_where(
        self, model: type[SQLModel], values: Given, *, lock: bool = False, end: End = End.FROM, seen: bool = False
    ) -> Row | None:
        """The first row in scope with these values, if any."""
        rows = await self.find_all(model, values, lock=lock, limit=1, end=end, seen=seen)
        return rows[0] if rows else None

    async def find_all(
        self,
        model: type[SQLModel],
        values: Given,
        *,
        lock: bool = False,
        limit: int | None = None,
        end: End = End.FROM,
        seen: bool = False,
    ) -> list[Row]:
        """The rows in scope with these values, by id; None asks for NULL. `end` and `seen`: as for `find`."""
        nulls = tuple(sorted(name for name, value in values.items() if value is None))
        given = {name: value for name, value in values.items() if value is not None}
        if lock and self.scope.fans_out and "county_id" not in given:
            # Rows of several shards cannot be locked at once: each is found again, by the county that it is of.
            found = await self.find_all(model, values, limit=limit, end=end, seen=seen)
            keys = [{"id": row["id"], "county_id": row["county_id"]} for row in found]
            again = [await self.find_all(model, {**values, **key}, lock=True, end=end, seen=seen) for key in keys]
            return [row for rows in again for row in rows]
        sought = Sought(tuple(sorted(given)), nulls, lock, limit, end, seen)
        sql, order = finding(model, sought, self.scope)
        bound = self.scope.values(self.identity) | {f"v_{name}": value for name, value in given.items()}
        return [dict(row) for row in await self.connection.fetch(sql, *[bound[name] for name in order])]

    # -- writing --------------------------------------------------------------------------------------------------

    async def insert(self, model: type[SQLModel], place: Row | None, **values: Any) -> Row:
        """Adds a row, at a place if its table's rows belong to one; the whole row. Recorded."""
        columns = {**(located(place) if place else {}), **values}
        row = await self.add(model, **columns)
        self.record(model, row, None, values)
        return row

    async def add(self, model: type[SQLModel], **columns: Any) -> Row:
        """Adds a row that is no business of its own, so that nothing is recorded; the whole row."""
        table = table_of(model)
        names, numbers = ", ".join(columns), ", ".join(f"${n}" for n in range(1, len(columns) + 1))
        sql = f"INSERT INTO {table.name} ({names}) VALUES ({numbers}) RETURNING {readable(model)}"
        return dict(await self.connection.fetchrow(sql, *columns.values()))

    async def change(self, model: type[SQLModel], row: Row, *, at: Row | None = None, **values: Any) -> Row:
        """Changes what differs, and the version with it; the whole row as it is then. Recorded.

        Nothing happens if nothing differs. at: as for `record`.
        """
        different = {name: value for name, value in values.items() if name not in row or row[name] != value}
        if not different:
            return row
        changed = await self.update(model, row, **different)
        before = {name: row.get(name) for name in different}
        self.record(model, changed, before, different, at=at)
        return changed

    async def update(self, model: type[SQLModel], row: Row, **values: Any) -> Row:
        """Changes columns and the version of a row, unrecorded; the whole row as it is then."""
        where = "id = $1"
        if self.scope.sharded and is_sharded(table_of(model)):
            # A key, not input. The column that says on which shard a row lies is never set, be it to what it is.
            where += f" AND county_id = {row['county_id']:d}"
            values = {name: value for name, value in values.items() if name != "county_id" or value != row[name]}
        sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, start=2))
        sql = f"UPDATE {table_of(model).name} SET {sets}{', ' if sets else ''}version = version + 1 WHERE {where}"
        changed = await self.connection.fetchrow(f"{sql} RETURNING {readable(model)}", row["id"], *values.values())
        if changed is None:
            # Found in scope, yet the policies do not let it be changed.
            raise Rejected(
                UserErrorCode.FORBIDDEN, Message("The acting grant does not reach far enough to change this.")
            )
        return dict(changed)

    async def rehome(self, model: type[SQLModel], row: Row, place: Row, **values: Any) -> Row:
        """Lets a row belong to another place, which both places' logs tell; the whole row as it is then.

        values: other columns to change with it, unrecorded.
        """
        left = await self.find_where(Place, {"id": row["place_id"]})
        assert left is not None
        moved = await self.update(model, row, **located(place), **values)
        self.record(model, moved, {"place": public_id_of(left)}, None, at=row)
        self.record(model, moved, None, {"place": public_id_of(place)})
        return moved

    def record(
        self, model: type[SQLModel], row: Row, before: Given | None, after: Given | None, *, at: Row | None = None
    ) -> None:
        """Notes what has become of a row, to be appended to the audit log when all is done.

        at: the place, or located row, whose place keeps the entry, if it is not the row's own.
        """
        self._entries.append(
            audit.Entry(located(at or row), table_of(model).name, row["id"], audit.shown(before), audit.shown(after))
        )

    def near_end(self, row: Row) -> Row:
        """Where the log keeps what is done to a row that leads from place to place: its own place if that is in scope,
        else the one that it leads to.
        """
        return located(row) if row["path"].startswith(self.identity.grant.path) else other_end(row)

    async def finish(self) -> None:
        """Appends what was noted to the audit log."""
        entries, self._entries = self._entries, []
        await audit.append_entries(self.connection, self.context, self.identity, self.action, entries)

    def discard(self, count: int) -> None:
        """Forgets the notes after the first `count`: what they tell of was undone."""
        del self._entries[count:]
        # Undone with it is the lock on which key is in use, if it was taken there.
        self.sealing = None

    @property
    def noted(self) -> int:
        """How many notes there are."""
        return len(self._entries)


async def perform(writer: Writer, function: Perform, given: Given) -> int:
    """Runs a mutation's function and appends its audit entries; the key of the row to show.

    A create whose `idempotencyKey` was used with the same input answers what the first made. Raises Rejected.
    """
    key = given.get("idempotency_key")
    rest = {name: value for name, value in given.items() if name != "idempotency_key"}
    if key is None:
        row_id = await function(writer, rest)
        await writer.finish()
        return row_id
    if not 1 <= len(key) <= LONGEST_KEY:
        raise Rejected(
            UserErrorCode.INVALID, Message("A key has 1 to {most} characters.", most=LONGEST_KEY), "idempotencyKey"
        )
    connection, account_id = writer.connection, writer.identity.account_id
    await connection.execute(FORGET, account_id)
    digest = _digest(writer, rest)
    if await connection.fetchval(RESERVE, account_id, key, writer.action, digest) is None:
        first = await connection.fetchrow(RESERVED, account_id, key)
        if (first["action"], first["digest"]) != (writer.action, digest):
            raise Rejected(
                UserErrorCode.KEY_REUSED, Message("This key came with another input before."), "idempotencyKey"
            )
        made: int = first["row_id"]
        return made
    row_id = await function(writer, rest)
    await writer.finish()
    await connection.execute(KEEP, account_id, key, row_id)
    return row_id


def violated(error: asyncpg.PostgresError) -> Rejected | None:
    """What a constraint that the database holds says to the client; None for what is no fault of the input."""
    if isinstance(error, asyncpg.UniqueViolationError):
        name = constraint_of(error)
        table = max((one for one in SQLModel.metadata.tables if name.startswith(f"{one}_")), key=len, default="")
        known = re.fullmatch(rf"{table}_(\w+)_key", name)
        field = known[1] if known and "_" not in known[1] else ""
        by_field = Message("There is one with this {field} already.", field=field)
        return Rejected(UserErrorCode.TAKEN, by_field if field else Message("There is one like this already."), field)
    if isinstance(error, asyncpg.ExclusionViolationError):
        return Rejected(UserErrorCode.OVERLAP, Message("It would overlap with another that holds on the same day."))
    if isinstance(error, (asyncpg.CheckViolationError, asyncpg.DataError, asyncpg.NotNullViolationError)):
        return Rejected(UserErrorCode.INVALID, Message("A value of the input cannot be used."))
    # A plan that a migration has outdated has the same code.
    if isinstance(error, asyncpg.FeatureNotSupportedError) and not isinstance(
        error, asyncpg.InvalidCachedStatementError
    ):
        return Rejected(UserErrorCode.UNAVAILABLE, Message("This cannot be done while the database is distributed."))
    if isinstance(error, asyncpg.ForeignKeyViolationError) or _refused_by_policy(error):
        return _missing("")
    return None


def _refused_by_policy(error: asyncpg.PostgresError) -> bool:
    return isinstance(error, asyncpg.InsufficientPrivilegeError) and "row-level security" in str(error)


def located(row: Row) -> Row:
    """The columns by which a row belongs to a place: to a given place, or to that of a given row."""
    place_id = row["place_id"] if "place_id" in row else row["id"]
    return {"place_id": place_id, **{name: row[name] for name in ("path", "station_id", "county_id")}}


def toward(place: Row) -> Row:
    """The columns by which a row leads to a place."""
    return {f"to_{name}": value for name, value in located(place).items()}


def other_end(row: Row) -> Row:
    """The columns of the place that a row leads to, as those by which a row belongs to one."""
    return {name: row[f"to_{name}"] for name in ("place_id", "path", "station_id", "county_id")}


def public_id_of(place: Row) -> str:
    """The public id of a row of the registry."""
    letter = next(letter for letter, kind in PLACE_LETTERS.items() if kind == place["kind"])
    return ids.encode(letter, place["id"])


def _missing(field: str) -> Rejected:
    return Rejected(UserErrorCode.NOT_FOUND, Message("There is nothing with this id."), field)


def _there(row: Row | None, field: str) -> Row:
    if row is None:
        raise _missing(field)
    return row


def _digest(writer: Writer, given: Given) -> bytes:
    """A digest of an input; keyed, for there may be a password in it."""
    text = orjson.dumps(given, default=str, option=orjson.OPT_SORT_KEYS).decode()
    tokens = writer.context.tokens
    return tokens.keyed("idempotency", text) if tokens else hashlib.sha256(text.encode()).digest()


ENDED = Message("The access token's account, session or grant has ended. Log in again.")


async def renew(context: Context) -> None:
    """Finds the identity anew after Stale. Raises Unauthenticated."""
    if context.authenticator is None:
        raise Unauthenticated(ENDED)
    before = context.acting()
    context.identity = await context.authenticator.renew(context)
    # A grant that takes over serves from the next request on, if what is under way was compiled for the other scope,
    # or for somebody from whom nothing is held back.
    now = context.identity.grant
    bared = now.role is Role.OBSERVER and before.grant.role is not Role.OBSERVER
    if before.grant.wide != now.wide or bared:
        raise Unauthenticated(ENDED)
