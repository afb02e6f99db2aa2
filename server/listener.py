"""How a worker hears PostgreSQL's notifications: by connections of their own, that no pooler hands to others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.pool import PATIENCE_SECONDS, Connection, connect
from server.pooler import Pooler


@dataclass(frozen=True)
class Listener:
    """Where to listen.

    url: as ZHANWANG_LISTEN_DATABASE_URL, or the server's own. timeout_ms: longest that a statement may take.
    pooler: what the URL leads to.
    """

    url: str
    timeout_ms: int
    pooler: Pooler = Pooler.NONE

    @property
    def hears(self) -> bool:
        """Whether notifications arrive: through a pooler they do not."""
        return self.pooler is Pooler.NONE

    async def connect(self, name: str, heard: Mapping[str, Callable[[str], object]]) -> Connection:
        """A connection that listens, if it can.

        name: what PostgreSQL calls it. heard: what is called for each channel, with a notification's payload.
        Raises what `server.pool.LOST` lists, and asyncpg.PostgresError.
        """
        connection = await connect(
            self.url, self.timeout_ms, pooler=self.pooler, seconds=PATIENCE_SECONDS, application_name=name
        )
        if self.hears:
            for channel, hear in heard.items():
                await connection.add_listener(channel, _payload_to(hear))
        return connection


def _payload_to(hear: Callable[[str], object]) -> Callable[..., None]:
    def told(_connection: object, _process: int, _channel: str, payload: str) -> None:
        hear(payload)

    return told
