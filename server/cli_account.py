"""`zhanwang account …` and `zhanwang token`: accounts, for an administrator of the server."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, NoReturn, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.table import Table

from models import Role
from resolvers import account
from resolvers.account import AccountRefused, ListedAccount
from resolvers.core.passwords import Passwords
from resolvers.core.tokens import Tokens
from server.embedded import database_urls
from server.migrate import current
from server.settings import Settings

T = TypeVar("T")

out = Console(highlight=False, markup=False)
err = Console(stderr=True, highlight=False)

accounts = typer.Typer(no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="The account's name.", show_default=False)]
Place = Annotated[str, typer.Option("--place", help="Code of a station, community or grid (编码).", show_default=False)]
GrantedRole = Annotated[
    Role,
    typer.Option("--role", case_sensitive=False, help="What the account may do there and below.", show_default=False),
]
RevokedRole = Annotated[
    Role | None,
    typer.Option(
        "--role", case_sensitive=False, help="The role that ends; every one if not given.", show_default=False
    ),
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, without asking.")
]


@accounts.command()
def create(username: Username, place: Place, role: GrantedRole, *, password_stdin: FromStdin = False) -> None:
    """Make an account at a place, with a role there."""
    password = _password(from_stdin=password_stdin)

    async def work(connection: Any) -> None:
        await account.create(connection, Passwords(), username=username, password=password, place_code=place, role=role)

    _run(work)
    err.print(f"Made the account {username}, {role.value} at {place}.", markup=False)


@accounts.command()
def grant(username: Username, place: Place, role: GrantedRole) -> None:
    """Give an account a further role at a place."""
    _run(lambda connection: account.grant(connection, username=username, place_code=place, role=role))
    err.print(f"{username} is {role.value} at {place} from now on.", markup=False)


@accounts.command()
def revoke(username: Username, place: Place, role: RevokedRole = None) -> None:
    """End what an account may do at a place, from its next request on."""
    ended = _run(lambda connection: account.revoke(connection, username=username, place_code=place, role=role))
    roles = ", ".join(one.value for one in ended)
    err.print(f"{username} is {roles} at {place} no longer.", markup=False)


@accounts.command()
def disable(username: Username) -> None:
    """Shut an account out from its next request on, and end its sessions."""
    _run(lambda connection: account.disable(connection, username=username))
    err.print(f"Disabled the account {username}.", markup=False)


@accounts.command()
def enable(username: Username) -> None:
    """Let a disabled account log in again."""
    _run(lambda connection: account.enable(connection, username=username))
    err.print(f"Enabled the account {username}.", markup=False)


@accounts.command("password")
def set_password(username: Username, *, password_stdin: FromStdin = False) -> None:
    """Give an account a new password, and end its sessions."""
    new = _password(from_stdin=password_stdin)
    _run(lambda connection: account.set_password(connection, Passwords(), username=username, password=new))
    err.print(f"{username} has a new password.", markup=False)


@accounts.command("list")
def list_() -> None:
    """List every account; tab-separated and without a heading if it is not read on a terminal."""
    listed = _run(account.list_all)
    if out.is_terminal:
        out.print(_table(listed))
        return
    for row in listed:
        # Not through rich, which would turn the tabs into spaces.
        sys.stdout.write("\t".join(_cells(row)) + "\n")


def token(username: Username) -> None:
    """Print an access token of an account, to try the API with."""
    settings = Settings.load(demo=None)
    assert settings.secret is not None
    minutes = settings.access_token_minutes
    tokens = Tokens(settings.secret.get_secret_value(), minutes, settings.refresh_token_days)
    life = timedelta(minutes=minutes)
    sys.stdout.write(
        _run(lambda connection: account.mint_token(connection, tokens, username=username, life=life)) + "\n"
    )
    err.print(f"For Authorization: Bearer …; it lives for {minutes} minutes.")


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        _fail("There is no terminal to ask for the password: use --password-stdin.", 2)
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _run(work: Callable[[Any], Awaitable[T]]) -> T:
    """What `work` answers, given a connection inside a transaction of a migrated database; exits with 1 if refused."""
    settings = Settings.load(demo=None, secrets_needed=False)
    with database_urls(settings) as urls:
        if not asyncio.run(current(urls.owner_url)):
            _fail("The database is not at this program's schema: run `zhanwang migrate`.", 1)
        try:
            return asyncio.run(_in_transaction(urls.owner_url, work))
        except AccountRefused as refused:
            _fail(str(refused), 1)


async def _in_transaction(url: str, work: Callable[[Any], Awaitable[T]]) -> T:
    connection = await asyncpg.connect(url, server_settings={"application_name": "zhanwang account"})
    try:
        async with connection.transaction():
            return await work(connection)
    finally:
        await connection.close()


def _cells(row: ListedAccount) -> tuple[str, ...]:
    state = f"disabled {row.disabled_at.astimezone():%Y-%m-%d}" if row.disabled_at else "active"
    created = f"{row.created_at.astimezone():%Y-%m-%d}"
    return row.username, row.place_code, row.place_name, ", ".join(row.grants), state, created


def _table(listed: list[ListedAccount]) -> Table:
    table = Table()
    for heading in ("Username", "Place", "Name", "Grants", "State", "Created"):
        table.add_column(heading)
    for row in listed:
        table.add_row(*_cells(row), style="dim" if row.disabled_at else None)
    return table


def _fail(message: str, code: int) -> NoReturn:
    err.print(message, style="red", markup=False, soft_wrap=True)
    raise typer.Exit(code)
