"""`zhanwang account …` and `zhanwang token`: accounts, for an administrator of the server."""

import sys
from datetime import timedelta
from typing import Annotated, Any

import typer

from models import AccountKind, Role
from resolvers import account, proof
from resolvers.account import ListedAccount
from resolvers.core.passwords import Passwords
from resolvers.core.tokens import Tokens
from server.cli_key import keys
from server.cli_owner import changing_accounts, err, fail, listed
from server.settings import Settings

accounts = typer.Typer(no_args_is_help=True)
accounts.add_typer(keys, name="key", help="Make, list and revoke keys of service accounts.")

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


Service = Annotated[bool, typer.Option("--service", help="A machine's, with keys and without a password.")]
NoPassword = Annotated[bool, typer.Option("--no-password", help="Of who signs in from outside alone.")]
Subject = Annotated[str, typer.Argument(help="Who it is at the issuer.", show_default=False)]
OfIssuer = Annotated[
    str | None, typer.Option("--issuer", help="The issuer; ZHANWANG_OIDC_ISSUER if not given.", show_default=False)
]


@accounts.command()
def create(
    username: Username,
    place: Place,
    role: GrantedRole,
    *,
    service: Service = False,
    no_password: NoPassword = False,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account at a place, with a role there."""
    password = None if service or no_password else _password(from_stdin=password_stdin)
    kind = AccountKind.SERVICE if service else AccountKind.PERSON

    async def work(connection: Any) -> None:
        await account.create(
            connection, Passwords(), username=username, password=password, place_code=place, role=role, kind=kind
        )

    changing_accounts(work)
    err.print(f"Made the account {username}, {role.value} at {place}.")


@accounts.command()
def grant(username: Username, place: Place, role: GrantedRole) -> None:
    """Give an account a further role at a place."""
    changing_accounts(lambda connection: account.grant(connection, username=username, place_code=place, role=role))
    err.print(f"{username} is {role.value} at {place} from now on.")


@accounts.command()
def revoke(username: Username, place: Place, role: RevokedRole = None) -> None:
    """End what an account may do at a place, from its next request on."""
    ended = changing_accounts(
        lambda connection: account.revoke(connection, username=username, place_code=place, role=role)
    )
    roles = ", ".join(one.value for one in ended)
    err.print(f"{username} is {roles} at {place} no longer.")


@accounts.command()
def disable(username: Username) -> None:
    """Shut an account out from its next request on, and end its sessions."""
    changing_accounts(lambda connection: account.disable(connection, username=username))
    err.print(f"Disabled the account {username}.")


@accounts.command()
def enable(username: Username) -> None:
    """Let a disabled account log in again."""
    changing_accounts(lambda connection: account.enable(connection, username=username))
    err.print(f"Enabled the account {username}.")


@accounts.command("password")
def set_password(username: Username, *, password_stdin: FromStdin = False) -> None:
    """Give an account a new password, and end its sessions."""
    new = _password(from_stdin=password_stdin)
    changing_accounts(lambda connection: account.set_password(connection, Passwords(), username=username, password=new))
    err.print(f"{username} has a new password.")


@accounts.command()
def link(username: Username, subject: Subject, issuer: OfIssuer = None) -> None:
    """Let somebody who signs in at an OpenID Connect issuer act as an account."""
    named = _issuer(issuer)
    changing_accounts(lambda connection: proof.link(connection, username=username, issuer=named, subject=subject))
    err.print(f"{subject} of {named} signs in as {username} from now on.")


@accounts.command()
def unlink(username: Username, subject: Subject, issuer: OfIssuer = None) -> None:
    """End that somebody acts as an account by signing in at an issuer, and the account's sessions."""
    named = _issuer(issuer)
    changing_accounts(lambda connection: proof.unlink(connection, username=username, issuer=named, subject=subject))
    err.print(f"{subject} of {named} signs in as {username} no longer.")


@accounts.command("list")
def list_() -> None:
    """List every account; tab-separated and without a heading if it is not read on a terminal."""
    rows = map(_cells, changing_accounts(account.list_all))
    listed(rows, ("Username", "Place", "Name", "Grants", "State", "Created"))


def token(username: Username) -> None:
    """Print an access token of an account, to try the API with."""
    settings = Settings.load(demo=None)
    assert settings.secret is not None
    minutes = settings.access_token_minutes
    tokens = Tokens(settings.secret.get_secret_value(), minutes, settings.refresh_token_days)
    life = timedelta(minutes=minutes)
    minted = changing_accounts(lambda connection: account.mint_token(connection, tokens, username=username, life=life))
    sys.stdout.write(minted + "\n")
    err.print(f"For Authorization: Bearer …; it lives for {minutes} minutes.")


def _issuer(given: str | None) -> str:
    named = given or Settings.load(demo=None, secrets_needed=False).oidc_issuer
    return named or fail("Say which --issuer: ZHANWANG_OIDC_ISSUER is not set.", 2)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        fail("There is no terminal to ask for the password: use --password-stdin.", 2)
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password


def _cells(row: ListedAccount) -> tuple[str, ...]:
    state = f"disabled {row.disabled_at.astimezone():%Y-%m-%d}" if row.disabled_at else "active"
    created = f"{row.created_at.astimezone():%Y-%m-%d}"
    return row.username, row.place_code, row.place_name, ", ".join(row.grants), state, created
