"""What an administrator can set, all of it by `ZHANWANG_*` variables of the environment."""

import json
import os
import secrets
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from resolvers.core.limits import Introspection
from server.pooler import Pooler
from server.setting_values import (
    FernetKeys,
    Folder,
    HttpUrl,
    IssuerUrl,
    Networks,
    Origins,
    PostgresqlUrl,
    PostgresqlUrls,
    at_least,
    is_loopback,
)

PREFIX = "ZHANWANG_"
CHECKOUT = Path(__file__).resolve().parent.parent
DEMO_SECRETS = "demo-secrets.json"
SECRET_LENGTH = 32
TOKEN_LENGTH = 16
# The embedded server takes 100 connections, and 10 of them stay free for migrations, accounts and psql.
EMBEDDED_CONNECTIONS = 90


class SettingsError(Exception):
    """The settings cannot be used. `str()` of it is complete and short enough for one screen."""


class Settings(BaseSettings):
    """The settings of one process; made once, by `load`, and passed on.

    Durations carry their unit in their name. `None` stands for "not set".
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    database_url: PostgresqlUrl | None = Field(
        None,
        repr=False,
        description="PostgreSQL 15 to 18 that the server reads and writes; none: the embedded one in the data folder",
    )
    owner_database_url: PostgresqlUrl | None = Field(
        None,
        repr=False,
        description="the same database by a login that may migrate it, which `serve` then does too;"
        " none: ZHANWANG_DATABASE_URL",
    )
    pooler: Pooler = Field(
        Pooler.NONE,
        description="what hands on the connections of ZHANWANG_DATABASE_URL after each transaction: `none`,"
        " `transaction`, or `prepared`: one that knows prepared statements, as PgBouncer from 1.21 on",
    )
    listen_database_url: PostgresqlUrl | None = Field(
        None,
        repr=False,
        description="the same database, past a pooler, to hear of changes at once;"
        " none: ZHANWANG_DATABASE_URL, where a pooler lets none be heard, so that workers look each second",
    )
    replica_urls: PostgresqlUrls | None = Field(
        None,
        repr=False,
        description="comma-separated URLs of streaming replicas of the same database, each of one server, which"
        " answer what only reads; none: ZHANWANG_DATABASE_URL answers everything",
    )
    data_dir: Folder = Field(
        CHECKOUT / ".zhanwang", description="folder of the embedded PostgreSQL and the demo's secrets"
    )
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(8000, description="TCP port to listen on; 0: any free one")
    trusted_proxies: Networks | None = Field(
        None,
        description="comma-separated addresses or networks of proxies whose `X-Forwarded-For` names the client;"
        " none: whoever connects is the client",
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(1, description="processes that answer requests")
    secret: Annotated[SecretStr, at_least(SECRET_LENGTH)] | None = Field(
        None, description="at least 32 characters; signs the access tokens; demanded outside the demo"
    )
    personal_keys: FernetKeys | None = Field(
        None,
        description="comma-separated Fernet keys for personal data; all decrypt, and `zhanwang personal rotate` lets"
        " the first encrypt; demanded outside the demo",
    )
    access_token_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = Field(15, description="life of an access token")
    oidc_issuer: IssuerUrl | None = Field(
        None, max_length=255, description="OpenID Connect issuer whose ID tokens open sessions, as it calls itself"
    )
    oidc_audience: str | None = Field(
        None, min_length=1, max_length=255, description="the client id that the issuer knows this server's front end by"
    )
    oidc_subject_claim: str = Field(
        "sub", min_length=1, max_length=64, description="the claim of an ID token that is linked to an account"
    )
    refresh_token_days: Annotated[int, Field(ge=1, le=366)] = Field(14, description="life of a refresh token")
    pool_size: Annotated[int, Field(ge=1, le=200)] = Field(
        10, description="most connections of a worker to the database"
    )
    statement_timeout_ms: Annotated[int, Field(ge=100, le=600_000)] = Field(
        10_000, description="longest that one SQL statement may take"
    )
    budget_per_second: Annotated[int, Field(ge=1)] = Field(
        20_000, description="rows that a caller may ask of a worker each second, on and on"
    )
    budget_burst: Annotated[int, Field(ge=1)] = Field(
        300_000, description="rows that a caller may ask of a worker at once, after a pause"
    )
    operations_at_once: Annotated[int, Field(ge=1, le=200)] | None = Field(
        None, description="most operations of a caller that a worker has under way; none: half of ZHANWANG_POOL_SIZE"
    )
    batch_max: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="most operations that one request may carry, as an array; 1: none but one alone"
    )
    connections_per_account: Annotated[int, Field(ge=1, le=10_000)] = Field(
        50, description="most WebSockets and streams of events, together, that an account may keep open at a worker"
    )
    event_hours: Annotated[int, Field(ge=1, le=720)] = Field(
        24, description="how long a subscription may have been away and still go on where it was"
    )
    retention_years: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="years after which a closed client's file is erased; none: when somebody does it"
    )
    trusted_only: bool = Field(False, description="whether nothing but trusted documents is answered")
    automatic_persisted_queries: bool = Field(
        False, description="whether clients may register queries by sending them, as Apollo's do; for development"
    )
    connections: Annotated[int, Field(ge=10, le=100_000)] = Field(
        2_000, description="most clients that a worker has connections with"
    )
    connections_per_address: Annotated[int, Field(ge=1, le=100_000)] = Field(
        200, description="most connections of one client's address with a worker; of trusted proxies: any"
    )
    max_cost: Annotated[int, Field(ge=100, le=10_000_000)] = Field(
        100_000, description="most rows that one operation may ask for, its pages multiplied"
    )
    introspection: Introspection = Field(
        Introspection.ACCOUNTS,
        description="who may ask for the schema, at `/schema.graphql` too, and is told close names:"
        " `accounts`, `everyone` or `nobody`",
    )
    import_max_bytes: Annotated[int, Field(ge=10_000, le=200_000_000)] = Field(
        20_000_000, description="largest file that an import takes"
    )
    smallest_cell: Annotated[int, Field(ge=0, le=1000)] = Field(
        5, description="least number that statistics tell an OBSERVER; 0 or 1: any"
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        "info", description="least that is logged"
    )
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="how lines are written; `auto`: `console` on a terminal, otherwise `json`"
    )
    log_requests: bool = Field(
        False, description="whether each operation is logged, and not only those that are refused, fail or are slow"
    )
    slow_ms: Annotated[int, Field(ge=1)] = Field(1_000, description="time from which on an operation is slow")
    metrics_token: Annotated[SecretStr, at_least(TOKEN_LENGTH)] | None = Field(
        None, description="at least 16 characters; who has it may read `/metrics`; none: nobody may"
    )
    otlp_endpoint: HttpUrl | None = Field(
        None, description="where traces go by OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; none: nowhere"
    )
    trace_ratio: Annotated[float, Field(ge=0, le=1)] = Field(
        0.01, description="share of the requests that are traced, if the client's own trace does not decide it"
    )
    cors_origins: Origins | None = Field(
        None,
        description="comma-separated origins whose pages may ask, as https://front.example; `*`: any; none: its own",
    )
    hsts_seconds: Annotated[int, Field(ge=0)] = Field(
        0, description="how long browsers shall come by HTTPS alone; 0: as they like"
    )
    drain_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        0.0, description="how long a server that is told to stop still accepts requests, `/readyz` saying 503"
    )

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if (self.oidc_issuer is None) != (self.oidc_audience is None):
            raise ValueError(f"{PREFIX}OIDC_ISSUER and {PREFIX}OIDC_AUDIENCE need each other")
        if self.database_url is None:
            if self.owner_database_url is not None:
                raise ValueError(f"{PREFIX}OWNER_DATABASE_URL needs {PREFIX}DATABASE_URL beside it")
            if self.listen_database_url is not None or self.pooler is not Pooler.NONE:
                raise ValueError(
                    f"{PREFIX}POOLER and {PREFIX}LISTEN_DATABASE_URL need {PREFIX}DATABASE_URL beside them"
                )
            # Each worker listens by two more: for changes, and for events.
            if self.workers * (self.pool_size + 2) > EMBEDDED_CONNECTIONS:
                raise ValueError(
                    f"{PREFIX}WORKERS × ({PREFIX}POOL_SIZE + 2) is more than the {EMBEDDED_CONNECTIONS} connections"
                    " of the embedded PostgreSQL"
                )
        return self

    @classmethod
    def load(cls, *, demo: bool | None = False, secrets_needed: bool = True, workers: int | None = None) -> Self:
        """The settings of this process, from its environment.

        demo: in the demo, `secret` and `personal_keys` need not be set: they are made once and kept in
            `demo-secrets.json` of the data folder (mode 0600), but its database and its address must be this
            machine's own. `None`: the first of it alone, if the data folder has that file.
        secrets_needed: whether `secret` and `personal_keys` are demanded; migrations do without.
        workers: how many, if not as many as the environment says.
        Raises SettingsError for unknown names, bad values and demanded ones that are missing.
        """
        names = {name[len(PREFIX) :].lower() for name in os.environ if name.upper().startswith(PREFIX)}
        if unknown := sorted(names - set(cls.model_fields)):
            raise SettingsError(_screen([_unknown(name) for name in unknown]))
        given: dict[str, Any] = {} if workers is None else {"workers": workers}
        settings = cls._checked(given)
        if demo and (problems := _open_demo(settings)):
            raise SettingsError(_screen(problems))
        missing = [name for name in ("secret", "personal_keys") if getattr(settings, name) is None]
        if missing and (demo or (demo is None and (settings.data_dir / DEMO_SECRETS).exists())):
            kept = _demo_secrets(settings.data_dir)
            return cls._checked(given | {name: kept[name] for name in missing})
        if missing and secrets_needed:
            raise SettingsError(_screen([f"{PREFIX}{name.upper()} is not set: {_HOW[name]}" for name in missing]))
        return settings

    @classmethod
    def _checked(cls, given: dict[str, Any]) -> Self:
        try:
            return cls(**given)
        except ValidationError as error:
            raise SettingsError(_screen([_problem(list(one["loc"]), one["msg"]) for one in error.errors()])) from None

    def environment(self) -> dict[str, str]:
        """These settings as variables, for worker processes; what is not set is left out."""
        variables = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
                variables[PREFIX + name.upper()] = text
        return variables


_HOW = {
    "secret": 'make one:  python3 -c "import secrets; print(secrets.token_urlsafe(48))"',
    "personal_keys": "make one:  "
    'python3 -c "from base64 import *; from os import *; print(urlsafe_b64encode(urandom(32)).decode())"'
    "\n    (keep it: what it encrypts is lost without it)",
}


def _open_demo(settings: Settings) -> list[str]:
    problems = []
    if settings.database_url is not None:
        problems.append(
            "The demo's accounts have a published password, so it is for the embedded PostgreSQL alone:"
            f" unset {PREFIX}DATABASE_URL, or leave out --demo."
        )
    if not is_loopback(settings.host):
        problems.append(
            "The demo's accounts have a published password, so it is for this machine alone:"
            f" {PREFIX}HOST must be an address such as 127.0.0.1 or ::1."
        )
    return problems


def _screen(problems: list[str]) -> str:
    return "\n  ".join(["The settings cannot be used:", *problems]) + "\nREADME.md lists every setting."


def _problem(location: list[str | int], message: str) -> str:
    message = message.removeprefix("Value error, ")
    if not location:
        return message
    return f"{PREFIX}{str(location[0]).upper()} is wrong: {message[:1].lower()}{message[1:]}"


def _unknown(name: str) -> str:
    close = get_close_matches(name, Settings.model_fields, n=1)
    hint = f"; did you mean {PREFIX}{close[0].upper()}?" if close else ""
    return f"{PREFIX}{name.upper()} is no setting{hint}"


def _demo_secrets(data_dir: Path) -> dict[str, str]:
    """The demo's `secret` and `personal_keys`, made if the data folder has none.

    Raises SettingsError if the file is there and cannot be read.
    """
    path = data_dir / DEMO_SECRETS
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        made = {"secret": secrets.token_urlsafe(48), "personal_keys": Fernet.generate_key().decode()}
        partial = path.with_name(f"{path.name}.{os.getpid()}")
        partial.touch(mode=0o600)
        partial.write_text(json.dumps(made, indent=2) + "\n")
        try:
            # link() refuses to replace what another process has just made, rename() would not.
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    try:
        kept = json.loads(path.read_text())
        return {"secret": str(kept["secret"]), "personal_keys": str(kept["personal_keys"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError(
            f"{path} cannot be read; without it the demo's data is lost. Remove {data_dir} to start anew."
        ) from None
