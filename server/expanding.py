"""Whether migrations expand: a server of the release before goes on reading and writing while one runs, and after it.

What takes something away, or narrows what may be written, breaks that server's statements; what locks a table for as
long as it is large keeps them waiting. Such a migration says why it may, in two names of its module:

    unused_since = "1.4.0"                      the release from which on no server uses what it takes away
    harmless = {"CREATE INDEX": "why it is"}    for each kind of the rest that it has: why no such server notices
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

FIRST = "0017"
"""From this revision on it is held; there was no release before."""

REMOVES = ("DROP", "DROP COLUMN", "DROP DEFAULT", "ALTER TYPE", "RENAME", "REVOKE", "TRUNCATE")
"""The kinds that need `unused_since`."""

# Nothing inside of them is a statement; the block of a DO is.
MASKED = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)
BLOCK = re.compile(r"\b(BEGIN|THEN|ELSE|LOOP)\b")
DONE_AT_ONCE = re.compile(r"\bDO\s+\$(\w*)\$(.*?)\$\1\$", re.DOTALL)

NAME = r'(?:public\.)?"?(\w+)"?'
MADE = re.compile(
    rf"CREATE (?:OR REPLACE )?(?:UNIQUE )?(TABLE|FUNCTION|VIEW|TYPE|SEQUENCE|INDEX|POLICY|TRIGGER|CONSTRAINT TRIGGER)"
    rf" (?:CONCURRENTLY )?(?:IF NOT EXISTS )?{NAME}"
)
DROP = re.compile(
    rf"DROP (TABLE|VIEW|MATERIALIZED VIEW|FUNCTION|TYPE|SEQUENCE|SCHEMA|POLICY|TRIGGER|INDEX)"
    rf" (?:CONCURRENTLY )?(?:IF EXISTS )?{NAME}"
)
ALTER_TABLE = re.compile(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?{NAME}\s*\*? (.*)")
INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?(?:\w+ )?ON (?:ONLY )?{NAME}")
RESTRICTIVE = re.compile(rf"CREATE POLICY \w+ ON {NAME} AS RESTRICTIVE")
REVOKE = re.compile(rf"REVOKE .*? ON (?:FUNCTION |TABLE |SEQUENCE )?{NAME}")
# What replaces another of its name is made in the same migration.
REPLACED = ("INDEX", "POLICY", "TRIGGER")

CONSTRAINT = r"(CONSTRAINT|CHECK|UNIQUE|FOREIGN KEY|EXCLUDE|PRIMARY KEY)\b"
ACTIONS = (
    ("DROP COLUMN", r"DROP (?!CONSTRAINT\b|NOT NULL)(?:COLUMN )?\w+"),
    ("DROP DEFAULT", r"ALTER .*\bDROP (DEFAULT|EXPRESSION|IDENTITY)"),
    ("ALTER TYPE", r"ALTER .*\b(SET DATA )?TYPE "),
    ("RENAME", r"RENAME "),
    ("NOT NULL", r"ALTER .*\bSET NOT NULL"),
    ("NOT NULL", rf"ADD (?!{CONSTRAINT})(?!.*\b(DEFAULT|GENERATED)\b).*\bNOT NULL"),
    ("CONSTRAINT", rf"ADD {CONSTRAINT}"),
    ("ROW LEVEL SECURITY", r"(ENABLE|FORCE) ROW LEVEL SECURITY"),
)  # fmt: skip


@dataclass
class _Sql:
    """The statements of a migration, masked, and what they make."""

    statements: Sequence[str]
    made: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for statement in self.statements:
            self.made |= {(found[1].split()[-1], found[2]) for found in MADE.finditer(statement)}


def faults(scripts: ScriptDirectory, released: Sequence[str]) -> list[str]:
    """What is wrong with the migrations, a sentence for each. released: the versions that there were, as `1.4.0`."""
    found = (
        [] if len(scripts.get_heads()) == 1 else [f"There is more than one newest: {', '.join(scripts.get_heads())}."]
    )
    for script in scripts.walk_revisions():
        number = f"{int(script.revision) - 1:04}"
        if script.down_revision != (None if number == "0000" else number):
            found.append(f"{script.revision} does not follow {number}.")
        if script.revision >= FIRST:
            found += [f"{script.revision} {fault}" for fault in _judged(script, released)]
    return found


def _judged(script: Script, released: Sequence[str]) -> Iterator[str]:
    module: Any = script.module
    unused_since, harmless = getattr(module, "unused_since", None), getattr(module, "harmless", {})
    kinds = set()
    for kind, what in narrowing(_sql_of(module)):
        kinds.add(kind)
        if kind in REMOVES and unused_since is None:
            yield f"takes away what a server of the release before may use: {what}. Since when (`unused_since`)?"
        elif kind not in REMOVES and kind not in harmless:
            yield f"may stop a server of the release before: {what}. Why does it not (`harmless[{kind!r}]`)?"
    if unused_since is not None and unused_since not in released:
        yield f"says that nothing is used since {unused_since}, which is no release."
    for kind in set(harmless) - kinds:
        yield f"says why a {kind} is harmless, and has none."


def narrowing(sql: str) -> list[tuple[str, str]]:
    """What in a migration's SQL could break or hold up a server of the release before: its kind, and what it is."""
    blocks = (BLOCK.sub(";", found[2]) for found in DONE_AT_ONCE.finditer(sql))
    masked = [" ".join(one.split()) for part in (sql, *blocks) for one in MASKED.sub(" '' ", part).split(";")]
    whole = _Sql([one for one in masked if one])
    return [found for statement in whole.statements for found in _of(statement, whole.made)]


def _of(statement: str, made: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    shown = statement if len(statement) <= 80 else f"{statement[:79]}…"
    if (found := DROP.match(statement)) and not (found[1] in REPLACED and (found[1], found[2]) in made):
        yield "DROP", shown
    elif (found := ALTER_TABLE.match(statement)) and ("TABLE", found[1]) not in made:
        for action in _apart(found[2]):
            yield from ((kind, f"{found[1]}: {action}") for kind, pattern in ACTIONS if re.match(pattern, action))
    elif re.match(r"ALTER \w+ .*\bRENAME\b", statement):
        yield "RENAME", shown
    elif (found := INDEX.match(statement)) and ("TABLE", found[3]) not in made and not (found[2] and not found[1]):
        yield "UNIQUE INDEX" if found[1] else "CREATE INDEX", shown
    elif (found := RESTRICTIVE.match(statement)) and ("TABLE", found[1]) not in made:
        yield "RESTRICTIVE POLICY", shown
    elif (found := REVOKE.match(statement)) and not {("FUNCTION", found[1]), ("TABLE", found[1])} & made:
        yield "REVOKE", shown
    elif statement.startswith("TRUNCATE"):
        yield "TRUNCATE", shown


def _apart(actions: str) -> Iterator[str]:
    """``"ADD a numeric(1,2), DROP b"`` → ``"ADD a numeric(1,2)"``, ``"DROP b"``."""
    depth, start = 0, 0
    for position, character in enumerate(actions):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield actions[start:position].strip()
            start = position + 1
    yield actions[start:].strip()


def _sql_of(module: Any) -> str:
    """What a migration would run; it is told so without a database."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": buffer})
    with Operations.context(context):
        module.upgrade()
    return buffer.getvalue()
