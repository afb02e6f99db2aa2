"""The seals of the audit log: making them, and walking the chain to find what was changed, is missing or was put in.

An entry's digest stands in its seal, those of a batch's seals and of the batch before make the batch's. The database
computes them (`seal_audit`, migrations/versions/0003_audit.py and 0017); here they are computed anew, from the columns
alone. What stays the same when somebody rewrites the whole chain is a digest that was kept elsewhere.

What an erasure has taken from an entry is known by its salted hash, so that the seal holds. Which entries it has
emptied, the erasure's own entry says by a digest over them; of one from before there were salts, that is all there is.

Where entries lie by county on other nodes (docs/decisions/0036) they are looked at part by part, each against its seal;
what is kept of them until the chain is walked is their ids, and what tells of erasures.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SEAL = "SELECT batch_id, digest, entries FROM seal_audit($1)"
BATCH = 1000
"""The most entries that are sealed at once."""

OWN = "SET LOCAL ROLE zhanwang_owner"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('zhanwang audit', 0))"
PREFETCH = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

COUNT = "SELECT COALESCE(sum(entries), 0) FROM audit_batch"
BATCHES = "SELECT id, previous, digest, entries, sealed_at FROM audit_batch ORDER BY id"
SEALED = """
SELECT s.batch_id, s.entry_id, s.digest, e.id, e.at, e.place_id, e.account_id, e.grant_id, e.request_id, e.action,
       e.noun, e.row_id, e.before::text, e.after::text, e.salt::text, encode(e.values_digest, 'hex') AS values_digest,
       e.erased_by,
       (e.path, e.station_id, e.county_id) IS NOT DISTINCT FROM (p.path, p.station_id, p.county_id) AS located
  FROM audit_seal s
  {outer} JOIN audit_entry e ON e.id = s.entry_id
  LEFT JOIN place p ON p.id = e.place_id
 ORDER BY s.batch_id, s.entry_id
"""
UNSEALED = """
SELECT e.id, e.at, EXISTS (SELECT FROM audit_unsealed u WHERE u.entry_id = e.id) AS noted
  FROM audit_entry e WHERE NOT EXISTS (SELECT FROM audit_seal s WHERE s.entry_id = e.id) ORDER BY e.id
"""
ERASED = """
SELECT e.id, e.at, e.place_id, e.account_id, e.grant_id, e.request_id, e.action, e.noun, e.row_id,
       encode(e.values_digest, 'hex') AS values_digest, num_nonnulls(e.before, e.after, e.salt) AS left_over,
       e.erased_by, by.action || ' ' || by.noun AS erasure, by.after ->> 'entries' AS entries,
       by.after ->> 'sha256' AS digest
  FROM {entries} e LEFT JOIN {entries} by ON by.id = e.erased_by
 WHERE e.erased_by IS NOT NULL ORDER BY e.erased_by, e.id
"""
ERASURE = "eraseClient client"
NOTED = """
SELECT u.entry_id, s.batch_id
  FROM audit_unsealed u LEFT JOIN audit_entry e ON e.id = u.entry_id LEFT JOIN audit_seal s ON s.entry_id = u.entry_id
 WHERE e.id IS NULL OR s.entry_id IS NOT NULL AND {off_the_list} ORDER BY u.entry_id
"""
# On shards, what is sealed is taken off the list by the seal that comes after.
LATELY = "s.batch_id < (SELECT max(id) FROM audit_batch)"

SEEN = """
CREATE TEMP TABLE audit_seen (id bigint) ON COMMIT DROP;
CREATE TEMP TABLE audit_emptied ON COMMIT DROP AS SELECT * FROM audit_entry WITH NO DATA
"""
SEE = f"""
INSERT INTO pg_temp.audit_seen SELECT id FROM audit_entry;
INSERT INTO pg_temp.audit_emptied
SELECT * FROM audit_entry WHERE erased_by IS NOT NULL OR action || ' ' || noun = '{ERASURE}'
"""
SEALED_AND_SEEN = """
SELECT s.batch_id, s.entry_id, s.digest, e.id FROM audit_seal s LEFT JOIN audit_seen e ON e.id = s.entry_id
 ORDER BY s.batch_id, s.entry_id
"""

FIELDS = ("place_id", "account_id", "grant_id", "request_id", "action", "noun", "row_id")

Row = Any


@dataclass
class Report:
    """What a walk along the chain saw.

    batches, entries: how many are sealed. head: the newest batch's digest. waiting: how many entries are yet to be
    sealed, the oldest from `since`. findings: how many faults there are.
    """

    batches: int = 0
    entries: int = 0
    head: bytes | None = None
    waiting: int = 0
    since: datetime | None = None
    findings: int = 0


async def seal(connection: Any) -> int:
    """Seals what is open now; how many entries.

    connection: of who may act as `zhanwang_owner`, outside a transaction. Waits for a server that is at it.
    """
    sealed = 0
    while True:
        async with connection.transaction():
            await connection.execute(OWN)
            await connection.execute(LOCK)
            row = await connection.fetchrow(SEAL, BATCH)
        if row is None:
            return sealed
        sealed += row["entries"]


async def count(connection: Any) -> int:
    """How many entries a walk is going to look at, about; `connection` as `verify` takes it."""
    await connection.execute(OWN)
    return int(await connection.fetchval(COUNT))


async def verify(
    connection: Any,
    found: Callable[[str], None],
    *,
    head: bytes | None = None,
    progress: Callable[[int], object] = lambda _: None,
) -> Report:
    """Walks the chain from its first batch to its last, and looks for entries that are not in it.

    connection: of who may act as `zhanwang_owner`, in a transaction whose statements all see the same (REPEATABLE
    READ); memory stays bounded. found: gets a sentence for each fault. head: a digest that was kept elsewhere, which a
    batch must have. progress: gets the number of entries looked at, now and then.
    """
    await connection.execute(OWN)
    walk = _Walk(connection, found, head, progress)
    await walk.chain(SEALED.format(outer="LEFT"))
    await walk.rest("true")
    await walk.erasures("audit_entry")
    return walk.report


@dataclass
class _Walk:
    connection: Any
    found: Callable[[str], object]
    kept: bytes | None
    progress: Callable[[int], object]
    report: Report = field(default_factory=Report)

    async def chain(self, sealed: str) -> None:
        """Every batch with its seals and entries. sealed: asks for these, in the chain's order."""
        report, seals = self.report, aiter(self.connection.cursor(sealed, prefetch=PREFETCH))
        row = await anext(seals, None)
        number, met = 0, self.kept is None
        async for batch in self.connection.cursor(BATCHES, prefetch=PREFETCH):
            row = await self._orphans(seals, row, batch["id"])
            self._check_link(batch, number)
            digest, entries = hashlib.sha256(_batch_form(batch)), 0
            while row is not None and row["batch_id"] == batch["id"]:
                self._check_entry(row)
                digest.update(row["digest"])
                entries += 1
                row = await anext(seals, None)
            if entries != batch["entries"]:
                self._find(f"Batch {batch['id']} was sealed with {batch['entries']} entries and has {entries} now.")
            elif digest.digest() != batch["digest"]:
                self._find(f"Batch {batch['id']} is not what was sealed: its digest is another.")
            number, report.head = batch["id"], batch["digest"]
            met = met or self.kept == report.head
            report.batches += 1
            self.progress(report.entries)
        await self._orphans(seals, row, None)
        if not met:
            assert self.kept is not None
            self._find(f"No batch has the digest {self.kept.hex()}: the log was cut off, or written anew.")

    async def rest(self, off_the_list: str) -> None:
        """Entries that no batch has: those that wait, and those that came in another way.

        off_the_list: whether what the seal `s` is of must not be noted any more, in SQL.
        """
        report = self.report
        async for row in self.connection.cursor(UNSEALED, prefetch=PREFETCH):
            if row["noted"]:
                report.waiting += 1
                report.since = min(report.since or row["at"], row["at"])
            else:
                self._find(f"Entry E{row['id']} is neither sealed nor noted to be: it was put in past the log.")
        async for row in self.connection.cursor(NOTED.format(off_the_list=off_the_list), prefetch=PREFETCH):
            entry = f"Entry E{row['entry_id']}"
            if row["batch_id"] is None:
                self._find(f"{entry} is missing; it was yet to be sealed.")
            else:
                self._find(f"{entry} is noted to be sealed, yet batch {row['batch_id']} has it.")

    async def erasures(self, entries: str) -> None:
        """Entries that were emptied, by the erasure that says so. entries: the table that has them."""
        last: Row | None = None
        digest, number = hashlib.sha256(), 0
        async for row in self.connection.cursor(ERASED.format(entries=entries), prefetch=PREFETCH):
            if last is None or row["erased_by"] != last["erased_by"]:
                self._check_erasure(last, number, digest.hexdigest())
                last, number, digest = row, 0, hashlib.sha256(b"zhanwang audit erasure 1,")
            if row["left_over"]:
                self._find(f"Entry E{row['id']} is said to be erased, and tells something.")
            number += 1
            digest.update(_fields(row) + _field(row["values_digest"]))
        self._check_erasure(last, number, digest.hexdigest())

    def _check_erasure(self, row: Row | None, entries: int, digest: str) -> None:
        """Whether an erasure, of which `row` is the last entry, has emptied what it says."""
        if row is None:
            return
        if row["erasure"] != ERASURE:
            self._find(f"Entry E{row['id']} is said to be erased by E{row['erased_by']}, which is no erasure.")
        elif (row["entries"], row["digest"]) != (str(entries), digest):
            self._find(f"Erasure E{row['erased_by']} has not emptied the {entries:,} entries that are said to be.")

    async def _orphans(self, seals: AsyncIterator[Row], row: Row | None, before: int | None) -> Row | None:
        """Passes the seals of batches before one, which are not there; the first seal behind them."""
        while row is not None and (before is None or row["batch_id"] < before):
            self._check_entry(row)
            self._find(f"Entry E{row['entry_id']} has a seal of batch {row['batch_id']}, which is missing.")
            row = await anext(seals, None)
        return row

    def _check_link(self, batch: Row, last: int) -> None:
        """Whether a batch follows the one that was walked before it."""
        if batch["id"] != last + 1:
            gap = f"Batch {last + 1} is" if batch["id"] == last + 2 else f"Batches {last + 1} to {batch['id'] - 1} are"
            self._find(f"{gap} missing.")
        elif batch["previous"] != self.report.head:
            self._find(f"Batch {batch['id']} does not follow batch {last}: the chain is broken there.")

    def _check_entry(self, row: Row) -> None:
        self.report.entries += 1
        if row["id"] is None:
            self._find(f"Entry E{row['entry_id']} of batch {row['batch_id']} is missing.")
        else:
            self._check_contents(row)

    def _check_contents(self, row: Row) -> None:
        entry = f"Entry E{row['entry_id']} of batch {row['batch_id']}"
        if row["values_digest"] is not None and (row["salt"] is not None or row["erased_by"] is None):
            self._find(f"{entry} was emptied by no erasure.")
        elif not _is_emptied(row) and hashlib.sha256(_entry_form(row)).digest() != row["digest"]:
            self._find(f"{entry} is not what was sealed: it was changed.")
        elif not row["located"]:
            self._find(f"{entry} lies elsewhere than its place.")

    def _find(self, sentence: str) -> None:
        self.report.findings += 1
        self.found(sentence)


class WalkByParts(_Walk):
    """The walk where entries lie on other nodes: `begin`, a `part` for some of them after the others, `end`.

    As `verify` takes it; connection: of a login that sees everything. At each part the names `audit_entry`,
    `audit_unsealed` and `place` stand for the rows of some counties.
    """

    async def begin(self) -> None:
        """Makes what keeps the ids, and what tells of erasures."""
        await self.connection.execute(SEEN)

    async def part(self) -> None:
        """Looks at these entries."""
        async for row in self.connection.cursor(SEALED.format(outer=""), prefetch=PREFETCH):
            super()._check_contents(row)
        await self.rest(LATELY)
        await self.connection.execute(SEE)

    async def end(self) -> Report:
        """Walks the chain; what all of it saw."""
        await self.chain(SEALED_AND_SEEN)
        await self.erasures("audit_emptied")
        return self.report

    def find(self, sentence: str) -> None:
        """Takes a fault that was found elsewhere."""
        self._find(sentence)

    def _check_contents(self, row: Row) -> None:
        """Its part has done it."""


def _is_emptied(row: Row) -> bool:
    """Whether it was erased and had no salt: its erasure alone vouches for what is left of it."""
    return row["erased_by"] is not None and row["values_digest"] is None


def _entry_form(row: Row) -> bytes:
    """What an entry's digest covers; not what follows its place when that is moved."""
    told = _field(row["before"]) + _field(row["after"])
    values = row["values_digest"]
    if row["salt"] is not None:
        values = hashlib.sha256(b"zhanwang audit values 1," + _field(row["salt"]) + told).hexdigest()
    if values is None:
        return b"zhanwang audit entry 1," + _fields(row) + told
    return b"zhanwang audit entry 2," + _fields(row) + _field(values)


def _fields(row: Row) -> bytes:
    """What an entry says beside what it tells of the row."""
    return b"".join(map(_field, (row["id"], _instant(row["at"]), *(row[name] for name in FIELDS))))


def _batch_form(batch: Row) -> bytes:
    """What a batch's digest covers, before the digests of its entries by their ids."""
    previous = None if batch["previous"] is None else batch["previous"].hex()
    values = (batch["id"], previous, _instant(batch["sealed_at"]), batch["entries"])
    return b"zhanwang audit batch 1," + b"".join(map(_field, values))


def _field(value: object) -> bytes:
    if value is None:
        return b"-,"
    text = str(value).encode()
    return b"%d:%b," % (len(text), text)


def _instant(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND
