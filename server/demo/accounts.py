"""The demo's accounts: who logs in, and where."""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from models import Role
from server.demo.places import NANCHENGCUN, Tree, read_places
from server.demo.rows import Rows

PASSWORD = "zhanwang-demo"  # noqa: S105  (it is printed for everybody to see)
BEIJING = timezone(timedelta(hours=8))
CREATED_AT = datetime(2021, 3, 1, 9, tzinfo=BEIJING)


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
