"""Whether this server's keys for personal data are the ones that its database was served with before."""

from resolvers.core.personal import PersonalVault, UnreadableCipher
from server.database import Database

WORD = "zhanwang"


class WrongKeys(Exception):
    """ZHANWANG_PERSONAL_KEYS cannot open the database's personal data. `str()` of it says what to do."""


async def check_keys(database: Database, keys: str) -> None:
    """Compares with the first start, which leaves a known word sealed in the database.

    keys: as ZHANWANG_PERSONAL_KEYS has them. Raises WrongKeys, and Unavailable if the database is away.
    """
    vault = PersonalVault(keys)
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO personal_canary (sealed) VALUES ($1) ON CONFLICT DO NOTHING", vault.seal(WORD)
        )
        sealed = await connection.fetchval("SELECT sealed FROM personal_canary")
    try:
        vault.open(sealed)
    except UnreadableCipher:
        raise WrongKeys(
            "ZHANWANG_PERSONAL_KEYS lacks the key that this database's personal data is sealed with. Set those that it"
            " was served with before."
        ) from None
