"""Whether this server's keys for personal data are all that its database may need."""

from resolvers.core.personal import PersonalVault, UnreadableCipher
from server.database import Database

WORD = "zhanwang"
FIRST = "INSERT INTO personal_canary (sealed) VALUES ($1) ON CONFLICT DO NOTHING"
ADOPT = "INSERT INTO personal_key (name, sealed, in_use) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"


class WrongKeys(Exception):
    """ZHANWANG_PERSONAL_KEYS cannot open the database's personal data. `str()` of it says what to do."""


async def check_keys(database: Database, keys: str) -> None:
    """Compares with the keys that were used before, of which the database knows the names; the first start notes them.

    keys: as ZHANWANG_PERSONAL_KEYS has them. Raises WrongKeys, and Unavailable if the database is away.
    """
    vault = PersonalVault(keys)
    async with database.transaction() as connection:
        await connection.execute(FIRST, vault.seal(WORD))
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM personal_key)"):
            # A release before knew the canary alone: its key hashes, and any of the others may have sealed something.
            used = _opener(vault, await connection.fetchval("SELECT sealed FROM personal_canary"))
            for name in vault.names:
                await connection.execute(ADOPT, name, vault.using(name).seal(WORD), name == used)
        needed = [row["name"] for row in await connection.fetch("SELECT name FROM personal_key ORDER BY since")]
    if missing := [name for name in needed if name not in vault.names]:
        raise WrongKeys(
            f"ZHANWANG_PERSONAL_KEYS lacks the key {', '.join(missing)}, which this database's personal data may be"
            " sealed with. Set those that it was served with before; `zhanwang personal rotate` makes old ones"
            " superfluous."
        )


def _opener(vault: PersonalVault, sealed: bytes) -> str:
    try:
        return vault.opener(sealed)
    except UnreadableCipher:
        raise WrongKeys(
            "ZHANWANG_PERSONAL_KEYS lacks the key that this database's personal data is sealed with. Set those that it"
            " was served with before."
        ) from None
