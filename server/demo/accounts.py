"""The demo's accounts: who logs in, and where."""

from datetime import datetime, timedelta, timezone
from random import Random
from typing import NamedTuple

import asyncpg

from models import AccountKind, Role
from resolvers.core.write import located
from resolvers.service_key import FOREVER
from server.demo.places import NANCHENGCUN, Tree, read_places
from server.demo.rows import Rows

PASSWORD = "zhanwang-demo"  # noqa: S105  (it is printed for everybody to see)
BEIJING = timezone(timedelta(hours=8))
CREATED_AT = datetime(2021, 3, 1, 9, tzinfo=BEIJING)
"""By this an account is known as the demo's."""

SHOWN = 24
# Of more than are shown at once, the first of each level and role.
FOUND = f"""
WITH found AS (
  SELECT a.id, a.username, COALESCE(s.name, c.name, g.name) AS place, COALESCE(s.code, c.code, g.code) AS code, f.role,
         count(*) OVER () AS total, row_number() OVER (
           PARTITION BY COALESCE(s.level, c.level, g.level), cardinality(string_to_array(f.path, '.')), f.role
           ORDER BY a.id) AS number
    FROM account a
    JOIN LATERAL (SELECT * FROM account_grant WHERE account_id = a.id ORDER BY id LIMIT 1) f ON true
    LEFT JOIN station s ON s.id = f.place_id
    LEFT JOIN community c ON c.id = f.place_id
    LEFT JOIN grid g ON g.id = f.place_id
   WHERE a.created_at = $1 AND a.kind = 'PERSON')
SELECT username, place, code, role FROM found WHERE total <= {SHOWN} OR number = 1 ORDER BY id
"""


class DemoAccount(NamedTuple):
    """An account and its (first) grant: the place's name and public code, and the role there."""

    username: str
    place: str
    code: str
    role: Role


def _accounts() -> tuple[DemoAccount, ...]:
    listed = read_places()
    names = {line.code: line.name for line in listed} | {
        line.code: line.station_name for line in listed if line.demo_account
    }
    hub, *townships = [line for line in listed if line.demo_account]
    village = NANCHENGCUN
    return (
        DemoAccount(hub.demo_account, names[hub.code], hub.code, Role.ADMINISTRATOR),
        DemoAccount("hub-observer", names[hub.code], hub.code, Role.OBSERVER),
        *(DemoAccount(line.demo_account, names[line.code], line.code, Role.MANAGER) for line in townships),
        DemoAccount("nanchengcun", names[village], village, Role.WORKER),
        DemoAccount("gridworker", f"{names[village]}第1网格", f"{village}-01", Role.WORKER),
    )


ACCOUNTS = _accounts()

SECOND_GRANT = DemoAccount("sanban", "盖德镇社工站", "350526110", Role.OBSERVER)
"""A further grant of one of the accounts, to try the header that picks the acting one with."""


MACHINES = (
    DemoAccount("xunzhong-exchange", "数据交换", "350526100", Role.OBSERVER),
    DemoAccount("leifeng-exchange", "数据交换", "350526104", Role.OBSERVER),
)
"""Service accounts; `place` is what their key is for."""

ISSUER = "https://sso.example.org"
OUTSIDE = ("hub", "longxun", "leifeng", "nanchengcun")
"""Those who could sign in from outside, were there such an issuer."""


async def find_accounts(owner_url: str) -> list[DemoAccount]:
    """The demo's accounts that a database has, at most one of each level and role if there are many.

    owner_url: of a superuser. Raises asyncpg's errors.
    """
    connection = await asyncpg.connect(owner_url)
    try:
        return [
            DemoAccount(username, place, code, Role(role))
            for username, place, code, role in await connection.fetch(FOUND, CREATED_AT)
        ]
    finally:
        await connection.close()


def open_accounts(rows: Rows, tree: Tree, password_hash: str) -> None:
    """Every account at its place; the administrator's grant has given the others."""
    for number, account in enumerate((*ACCOUNTS, SECOND_GRANT)):
        place = tree.place(account.code)
        known = {row["username"]: row["id"] for row in rows.tables.get("account", [])}
        account_id = known.get(account.username) or rows.add(
            "account",
            **place.located(),
            username=account.username,
            password_hash=password_hash,
            created_at=CREATED_AT,
            kind=AccountKind.PERSON,
        )
        rows.add(
            "account_grant",
            **place.located(),
            account_id=account_id,
            role=account.role,
            given_by=1 if number else None,
            # One after the other: the first that an account was given is the one that it acts under.
            valid_from=CREATED_AT + timedelta(minutes=number),
        )


def open_doors(rows: Rows, tree: Tree, random: Random) -> None:
    """Subjects of an outside issuer for some of the accounts, and machines with a key each that nobody has."""
    for account in rows.tables["account"]:
        if account["username"] in OUTSIDE:
            rows.add(
                "external_identity",
                **located(account),
                account_id=account["id"],
                issuer=ISSUER,
                subject=f"demo|{account['username']}",
                valid_from=CREATED_AT,
            )
    for machine in MACHINES:
        at = tree.place(machine.code).located()
        account_id = rows.add(
            "account",
            **at,
            username=machine.username,
            password_hash=None,
            created_at=CREATED_AT,
            kind=AccountKind.SERVICE,
        )
        rows.add("account_grant", **at, account_id=account_id, role=machine.role, given_by=1, valid_from=CREATED_AT)
        session_id = rows.add("session", account_id=account_id, created_at=CREATED_AT, expires_at=FOREVER, of_key=True)
        rows.add(
            "service_key",
            **at,
            account_id=account_id,
            name=machine.place,
            prefix=f"zw_demo{account_id:02}",
            digest=random.randbytes(32),
            session_id=session_id,
            valid_from=CREATED_AT,
        )
