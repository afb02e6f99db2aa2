"""What may stand between a server and PostgreSQL: a pooler that hands a connection on after each transaction.

What a session has been told, another finds, or nobody (docs/decisions/0029). So the server tells it nothing: who it is
says the login, how statements run says the pooler as it opens connections, and what is longer than a transaction has a
connection past the pooler, or does without.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Pooler(StrEnum):
    """What a database's URL leads to."""

    NONE = "none"
    TRANSACTION = "transaction"
    PREPARED = "prepared"


SESSION: Final = """
SELECT session_user AS login, array_agg(name) AS names, array_agg(setting) AS settings
  FROM pg_settings WHERE name = ANY ($1)
"""

TRACKED: Final = frozenset({"TimeZone", "application_name"})
"""What PgBouncer takes from each client, and sets anew on the connection that it hands to it."""


def sent(settings: Mapping[str, str], pooler: Pooler) -> dict[str, str]:
    """Those of a connection's settings that it can open with."""
    return {name: value for name, value in settings.items() if pooler is Pooler.NONE or name in TRACKED}


def connect_query(settings: Mapping[str, str]) -> str:
    """What a pooler has to open its connections with. settings: as they are without one."""
    return "; ".join(f"SET {name} = {value}" for name, value in settings.items() if name not in (*TRACKED, "role"))


def unfitness(settings: Mapping[str, str], pooler: Pooler, login: str, found: Mapping[str, str]) -> str | None:
    """Why a connection that was opened through what there is must not serve, and what to do; None if it may.

    settings: as they are without a pooler. login: `session_user`. found: the settings that the connection has.
    """
    if pooler is not Pooler.NONE and login != settings["role"]:
        return (
            f"Behind a pooler nothing lets a connection act as {settings['role']} for sure but its login: let"
            f" ZHANWANG_DATABASE_URL log in as {settings['role']} itself, not as {login}."
        )
    missing = {name: value for name, value in settings.items() if found.get(name, value) != value}
    missing.pop("application_name", None)
    if not missing:
        return None
    lacks = ", ".join(f"{name} = {value}" for name, value in missing.items())
    if pooler is Pooler.NONE:
        return f"ZHANWANG_DATABASE_URL leads to connections without {lacks}. If a pooler is there, set ZHANWANG_POOLER."
    return (
        f"The pooler opens its connections without {lacks}. In pgbouncer.ini, give the database"
        f" connect_query='{connect_query(settings)}'."
    )
