"""What both sessions and the administration of accounts need to know of an account."""

import re
from typing import Any

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}", re.ASCII)
"""What a username may be, whole; the table has the same constraint."""


async def act_as(connection: Any, account_id: int) -> None:
    """Lets row-level security show an account its own rows, to the end of the transaction."""
    await connection.execute("SELECT set_config('zhanwang.account', $1, true)", str(account_id))
