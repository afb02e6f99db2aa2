"""`zhanwang`, the one program: what an administrator runs."""

import asyncio
import re
import sys
from datetime import UTC, datetime
from difflib import unified_diff
from typing import Annotated

import asyncpg
import typer
from rich.console import Console

from resolvers.core.errors import Unavailable
from server import expanding, serving
from server.backup.archive import BackupError
from server.canary import WrongKeys
from server.citus.counties import Hindered
from server.cli_account import accounts, token
from server.cli_audit import audits
from server.cli_backup import backup, restore, verify
from server.cli_client import clients
from server.cli_cluster import cluster
from server.cli_demo import demo
from server.cli_distribute import distribute, undistribute
from server.cli_document import documents
from server.cli_personal import personal
from server.cli_referral import referrals
from server.cli_rollup import rollups
from server.database import UnfitLogin
from server.embedded import EmbeddedError, database_urls
from server.migrate import MigrationError, current, scripts
from server.migrate import migrate as run_migrations
from server.settings import CHECKOUT, Settings, SettingsError

CHANGELOG = CHECKOUT / "CHANGELOG.md"
RELEASE = re.compile(r"^## (\d+\.\d+\.\d+)", re.MULTILINE)
DIFFERENCE_LINES = 40

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

app = typer.Typer(
    help="站网 Zhanwang: the network of a county's social-work stations, served by GraphQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(accounts, name="account", help="Make, change and list accounts.")
app.add_typer(audits, name="audit", help="Seal and verify the audit log.")
app.add_typer(clients, name="clients", help="Erase what is kept of clients no longer than it may be.")
app.add_typer(documents, name="documents", help="Trust documents that clients ask by their ids.")
app.add_typer(personal, name="personal", help="Change the key that personal data is sealed with.")
app.add_typer(referrals, name="referrals", help="Escalate overdue referrals.")
app.add_typer(rollups, name="rollups", help="Fold, verify and rebuild the sums that are kept per place and month.")
app.command("token")(token)
app.command("demo")(demo)
app.command("cluster")(cluster)
app.command("distribute")(distribute)
app.command("undistribute")(undistribute)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("verify")(verify)


@app.command()
def serve(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="Load the demo network once and serve that.")] = False,
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Processes that answer, whatever ZHANWANG_WORKERS says.", show_default=False),
    ] = None,
) -> None:
    """Serve the GraphQL API until Ctrl-C."""
    serving.serve(Settings.load(demo=demo, workers=workers), demo=demo, out=out, err=err)


@app.command()
def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether there is anything to do: exit 1.")] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Check the migrations alone: servers of the release before must stand them."),
    ] = False,
) -> None:
    """Bring the database to this program's schema, its roles included."""
    if offline:
        if found := expanding.faults(scripts(), RELEASE.findall(CHANGELOG.read_text(encoding="utf-8"))):
            raise Failure("\n".join(found))
        return
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls:
        if check:
            if not asyncio.run(current(urls.owner_url)):
                raise Failure("The database is not at this program's schema: run `zhanwang migrate`.")
            return
        changed = asyncio.run(run_migrations(urls.owner_url))
    err.print("Migrated." if changed else "Nothing to do.")


@app.command("schema")
def write_schema(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file differs or breaks clients unannounced.")
    ] = False,
    release: Annotated[bool, typer.Option("--release", help="It is what clients rely on from now on.")] = False,
) -> None:
    """Write the SDL, sorted, to schema/schema.graphql."""
    # Only here: the other commands start faster without the whole schema.
    from schema import schema
    from server.breaking import faults
    from server.sdl import RELEASED, SDL, sorted_sdl

    text = sorted_sdl(schema.as_str())
    if check:
        _check_sdl(SDL.read_text(encoding="utf-8") if SDL.exists() else "", text)
        changelog = CHANGELOG.read_text(encoding="utf-8")
        found = faults(RELEASED.read_text(encoding="utf-8"), text, changelog, datetime.now(UTC).date())
        if found:
            raise Failure("schema/schema.graphql breaks the clients of the last release:\n" + "\n".join(found))
        return
    for file in (SDL, RELEASED) if release else (SDL,):
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            err.print(f"Wrote {file.relative_to(CHECKOUT)}.")


@app.command("texts")
def write_texts() -> None:
    """Bring the catalogues of translations in step with what the program says, and tell what has none."""
    from resolvers.core.messages import Language
    from server.texts import untranslated, update

    for file in update(Language.CHINESE):
        err.print(f"Wrote {file.relative_to(CHECKOUT)}.")
    if left := untranslated(Language.CHINESE):
        raise Failure("\n  ".join([f"{len(left)} texts have no translation:", *left[:DIFFERENCE_LINES]]))


def _check_sdl(kept: str, text: str) -> None:
    if text != kept:
        difference = unified_diff(kept.splitlines(), text.splitlines(), "schema.graphql", "the types", lineterm="", n=1)
        shown = "\n".join(list(difference)[:DIFFERENCE_LINES])
        raise Failure(f"schema/schema.graphql is not what the types say: run `make schema`.\n{shown}")


class Failure(Exception):
    """A command did not succeed. `str()` of it says why."""


REFUSED = (
    Failure, serving.ServeError, EmbeddedError, MigrationError, BackupError, Hindered, UnfitLogin, WrongKeys,
)  # fmt: skip
"""What says by itself why a command did not succeed."""


def main() -> None:
    """The console script. Exit code 0: done, 1: not, 2: wrong settings or arguments."""
    try:
        app(prog_name="zhanwang")
    except SettingsError as error:
        _fail(str(error), 2)
    except REFUSED as error:
        _fail(str(error), 1)
    except Unavailable as error:
        _fail(f"The database does not answer: {error.__cause__ or error}", 1)
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _fail(f"PostgreSQL: {error}", 1)
    except OSError as error:
        # Files name themselves; what is left is asyncpg that found nobody.
        known = f"{error.filename}: {error.strerror}" if error.filename else f"The database does not answer: {error}"
        _fail(known, 1)


def _fail(message: str, code: int) -> None:
    err.print(message, style="red", markup=False, soft_wrap=True)
    sys.exit(code)
