"""One import: every row of a table is written as its mutation writes it, in one transaction.

Each row has a savepoint of its own, so that all faults of a table are found at once. Unless only the valid rows are
asked for, one fault undoes everything.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import asyncpg
from graphql import GraphQLInputObjectType, GraphQLSchema, Undefined, get_named_type
from graphql.utilities import coerce_input_value
from sqlmodel import SQLModel

from models import Community, Grid, Station
from resolvers.core import ids
from resolvers.core.arguments import clean
from resolvers.core.context import Context
from resolvers.core.errors import Forbidden, Unauthenticated, Unavailable
from resolvers.core.messages import Language, Message
from resolvers.core.refusals import Rejected, UserErrorCode
from resolvers.core.write import ENDED, Given, Stale, Writer, perform, renew, violated
from server.transfer.calls import in_thread
from server.transfer.kinds import Action, ImportColumn, Kind
from server.transfer.rows import Row, RowFault, Sheet, batches
from server.transfer.tables import Table
from server.transfer.values import RowCode

BATCH = 200
STEP = 1000
"""After how many rows progress is told."""

LISTED = 1000
"""How many faults, and how many rows of a dry run, a result lists."""

MODELS: dict[str, type[SQLModel]] = {"S": Station, "C": Community, "G": Grid}

# By the clock: what opens a scope goes by the time at which the transaction began.
STILL_HOLDS = "SELECT valid_to IS NULL OR valid_to > clock_timestamp() FROM account_grant WHERE id = $1"

TellRows = Callable[[int, int], Awaitable[None]]
"""Tells the client how many rows are done, of how many."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a table is imported. `extra`: leave out columns that nothing is known of. `key` is of the client's own."""

    dry_run: bool = False
    valid_rows: bool = False
    extra: bool = False
    key: str | None = None


@dataclass(slots=True)
class Result:
    """What has become of a table."""

    dry_run: bool
    rows: int = 0
    valid: int = 0
    written: int = 0
    repeated: bool = False
    fault_count: int = 0
    faults: list[RowFault] = field(default_factory=list)
    invalid_rows: list[int] = field(default_factory=list)
    valid_rows: list[int] = field(default_factory=list)

    def refuse(self, faults: list[RowFault]) -> None:
        """Takes up why a row, or the whole, is refused."""
        self.fault_count += len(faults)
        self.faults += faults[: LISTED - len(self.faults)]

    def take(self, row: Row) -> None:
        """Takes up a row that has been tried."""
        if row.faults:
            self.refuse(row.faults)
        else:
            self.valid += 1
        listed = self.invalid_rows if row.faults else self.valid_rows
        if len(listed) < LISTED:
            listed.append(row.number)

    def shown(self, language: Language) -> dict[str, Any]:
        """As JSON."""
        shown: dict[str, Any] = {
            "dryRun": self.dry_run,
            "rows": self.rows,
            "valid": self.valid,
            "written": self.written,
            "errorCount": self.fault_count,
            "errors": [fault.shown(language) for fault in self.faults],
        }
        if self.repeated:
            shown["repeated"] = True
        if self.dry_run:
            rows = [{"row": number, "valid": False} for number in self.invalid_rows]
            rows += [{"row": number, "valid": True} for number in self.valid_rows]
            shown["results"] = rows[:LISTED]
        return shown


class Undone(Exception):
    """The transaction is to leave nothing."""


class Import:
    """An import under way."""

    def __init__(
        self, core: GraphQLSchema, kind: Kind, body: bytes, options: Options, context: Context, tell: TellRows
    ) -> None:
        self._core, self._kind, self._body, self._options = core, kind, body, options
        self._context, self._tell = context, tell
        self._result = Result(options.dry_run)
        self._known: dict[tuple[str, ...], str | None] = {}

    async def run(self) -> Result:
        """Raises Unreadable, and Refusal for what is not the table's fault."""
        permit(self._kind, self._context)
        table = await in_thread(Table, self._body)
        rows, faults = await in_thread(self._count, table)
        self._result.rows = rows
        if faults:
            self._result.refuse(faults)
            return self._result
        await self._tell(0, rows)
        try:
            await self._transact(table)
        except Stale:
            await renew(self._context)
            permit(self._kind, self._context)
            try:
                await self._transact(table)
            except Stale:
                raise Unauthenticated(ENDED) from None
        return self._result

    def _count(self, table: Table) -> tuple[int, list[RowFault]]:
        """The number of rows, and the faults of the headers; reads all, so that it is known to be readable."""
        sheet = Sheet(self._kind, table.rows(), extra=self._options.extra)
        return sum(1 for _ in sheet.rows()), sheet.faults

    async def _transact(self, table: Table) -> None:
        result, options = self._result, self._options
        action = f"import{self._kind.name.capitalize()}"
        given: dict[str, Any] = {"valid_rows": options.valid_rows, "extra": options.extra}
        if options.key is not None and not options.dry_run:
            given |= {"idempotency_key": options.key, "file": hashlib.sha256(self._body).hexdigest()}
        tried = False

        async def write(writer: Writer, _: Given) -> int:
            nonlocal tried
            tried = True
            await self._write(writer, table)
            # It has taken minutes, maybe: who may no longer do this must not have done it.
            await self._check_again(writer)
            if options.dry_run or (result.fault_count and not options.valid_rows):
                raise Undone
            return result.valid

        try:
            async with self._context.database.transaction() as connection:
                writer = await Writer.open(connection, self._context, action)
                written = await perform(writer, write, given)
        except Undone:
            return
        except (asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError) as error:
            raise Unavailable(Message("Another write stood in the way. Try again shortly.")) from error
        except Rejected as rejected:
            result.refuse([RowFault(None, None, rejected.error.code.value, rejected.error.message)])
            return
        result.written = written
        if not tried:
            result.repeated, result.valid = True, written

    async def _check_again(self, writer: Writer) -> None:
        try:
            await Writer.open(writer.connection, self._context, writer.action)
        except Stale:
            raise Unauthenticated(ENDED) from None
        if not await writer.connection.fetchval(STILL_HOLDS, writer.identity.grant.id):
            raise Unauthenticated(ENDED)

    async def _write(self, writer: Writer, table: Table) -> None:
        connection, result = writer.connection, self._result
        sheet = await in_thread(Sheet, self._kind, table.rows(), extra=self._options.extra)
        pending = batches(sheet.rows(), BATCH)
        done = 0
        await connection.execute("SAVEPOINT row")
        while rows := await in_thread(next, pending, ()):
            for row in rows:
                await self._write_row(writer, row, sheet)
                result.take(row)
                done += 1
                if done % STEP == 0:
                    await self._tell(done, result.rows)
            await writer.finish()
        await connection.execute("RELEASE SAVEPOINT row")

    async def _write_row(self, writer: Writer, row: Row, sheet: Sheet) -> None:
        """Writes a row, or adds to its faults and leaves nothing of it."""
        values = await self._resolved(writer, row, sheet)
        if row.faults:
            return
        kind, noted, at = self._kind, writer.noted, self._kind.first
        try:
            key = await at.perform(writer, self._given(at, values))
            if kind.then is not None and kind.switch in values:
                at = kind.then
                linked = {kind.link: ids.encode(kind.letter, key)}
                await at.perform(writer, self._given(at, values) | self._coerced(at, linked))
            # One way there and back: a transaction of so many rows is mostly that.
            await writer.connection.execute("RELEASE SAVEPOINT row; SAVEPOINT row")
            return
        except Rejected as error:
            rejected = error
        except asyncpg.PostgresError as error:
            found = violated(error)
            if found is None:
                raise
            rejected = found
        await writer.connection.execute("ROLLBACK TO SAVEPOINT row")
        writer.discard(noted)
        row.faults.append(_told(rejected, row, at, sheet))

    async def _resolved(self, writer: Writer, row: Row, sheet: Sheet) -> Mapping[str, Any]:
        """The row's values, with ids for codes; of a row that has faults already, too, so that all are told."""
        values: dict[str, Any] = dict(row.values)
        for column in self._kind.columns:
            if column.places and column.name in values:
                found = await self._place(writer, column, str(values[column.name]))
                if found is None:
                    header = sheet.headers[column.name]
                    message = Message("There is nothing with this code.")
                    row.faults.append(RowFault(row.number, header, RowCode.NOT_FOUND, message))
                values[column.name] = found
        return values

    async def _place(self, writer: Writer, column: ImportColumn, code: str) -> str | None:
        """The public id of the place in scope that has a code; None if there is none, or more than one."""
        key = (*column.places, code)
        if key not in self._known:
            rows = [(letter, await writer.find_where(MODELS[letter], {"code": code})) for letter in column.places]
            found = [ids.encode(letter, row["id"]) for letter, row in rows if row is not None]
            self._known[key] = found[0] if len(found) == 1 else None
        return self._known[key]

    def _given(self, action: Action, values: Mapping[str, Any]) -> dict[str, Any]:
        """The input of a mutation, of the values of its columns."""
        named = {column.field: values[column.name] for column in action.columns if column.name in values}
        return self._coerced(action, named)

    def _coerced(self, action: Action, named: Mapping[str, Any]) -> dict[str, Any]:
        """Values as a mutation's function gets them: coerced by the schema, under Python's names."""
        mutations = self._core.mutation_type
        assert mutations
        given = get_named_type(mutations.fields[action.name].args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        coerced = {name: coerce_input_value(value, given.fields[name].type) for name, value in named.items()}
        for name, value in coerced.items():
            if value is Undefined:
                raise Rejected(UserErrorCode.INVALID, Message("This value cannot be used."), name)
        return {
            action.fields[name]: value if isinstance(value, Enum) else clean(value) for name, value in coerced.items()
        }


def permit(kind: Kind, context: Context) -> None:
    """Raises Forbidden unless the acting grant may do what the table's mutations need."""
    held = context.acting().grant.permissions
    for need in kind.needs:
        if need not in held:
            raise Forbidden(Message("This needs the permission {permission}.", permission=need))


def _told(rejected: Rejected, row: Row, action: Action, sheet: Sheet) -> RowFault:
    error = rejected.error
    about = error.path[1] if len(error.path) > 1 else None
    column = next((one for one in action.columns if one.field == about), None)
    header = (sheet.headers.get(column.name) or column.header) if column else None
    return RowFault(row.number, header, error.code.value, error.message)
