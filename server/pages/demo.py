"""The accounts of the demo, where the demo is what is served: their password is known to everybody."""

import json
from typing import TYPE_CHECKING

from resolvers.core.context import Database
from resolvers.core.errors import Unavailable
from server.settings import DEMO_SECRETS, Settings

if TYPE_CHECKING:
    from server.demo import DemoAccount

# Of a larger demo other accounts are there, which `serve` prints.
_THERE = """
SELECT array_agg(name) FROM unnest($1::text[]) AS asked (name) WHERE EXISTS (SELECT FROM find_credentials(name))
"""


class DemoAccounts:
    """Whom a visitor of the demo can be."""

    def __init__(self, settings: Settings) -> None:
        self._served = _is_demo(settings)
        self._found: list[DemoAccount] | None = None

    @property
    def password(self) -> str:
        """Of all of them."""
        from server.demo import PASSWORD

        return PASSWORD

    async def of(self, database: Database) -> list["DemoAccount"]:
        """Those that are in the database; none if it is no demo, or away."""
        if not self._served:
            return []
        if self._found is None:
            # The demo's generator is nothing that a real server should carry in memory.
            from server.demo import ACCOUNTS

            try:
                row = await database.fetchrow(_THERE, [[account.username for account in ACCOUNTS]])
            except Unavailable:
                return []
            there = set(row[0] or ())
            self._found = [account for account in ACCOUNTS if account.username in there]
        return self._found


def _is_demo(settings: Settings) -> bool:
    """Whether the secret is the one that was made for the demo."""
    path = settings.data_dir / DEMO_SECRETS
    if settings.secret is None or not path.exists():
        return False
    made = json.loads(path.read_text(encoding="utf-8"))
    return bool(made.get("secret") == settings.secret.get_secret_value())
