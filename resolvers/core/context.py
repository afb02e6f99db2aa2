"""What an operation knows of its request: who asks, under which grant, and the means to answer."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from models import Role
from resolvers.core.errors import Unauthenticated
from resolvers.core.limits import Limits
from resolvers.core.messages import Language, Message
from resolvers.core.permissions import PERMISSIONS, Permission
from resolvers.core.trace import Trace

if TYPE_CHECKING:
    from resolvers.core.id_tokens import IdTokens
    from resolvers.core.passwords import Passwords
    from resolvers.core.personal import PersonalVault
    from resolvers.core.tokens import Tokens


class Database(Protocol):
    """The database as resolvers see it; every method raises `Unavailable` while it is away."""

    async def fetchrow(self, sql: str, arguments: list[Any], trace: Trace | None = None) -> Any:
        """Run one statement outside a transaction: its first row or None. trace: is told how long it took."""

    async def read(self, sql: str, arguments: list[Any], trace: Trace | None = None) -> Any:
        """As `fetchrow`, of what writes nothing: it knows all that was committed when it was called."""

    def transaction(self, trace: Trace | None = None) -> AbstractAsyncContextManager[Any]:
        """An asyncpg connection inside a transaction that commits at the end of the block."""


@dataclass(frozen=True, slots=True)
class ActingGrant:
    """The grant that a request acts under: `path` is its scope; `wide` if that reaches over more than a county.

    sharded: whether the database that it is of has its rows on shards, by their county. aspect: which of the scopes
    that statements are compiled for is this grant's (`SCOPES` of resolvers.core.scope). permissions: of the role.
    """

    id: int
    path: str
    county_id: int
    role: Role
    wide: bool = False
    sharded: bool = False
    aspect: int = field(init=False, compare=False)
    permissions: frozenset[Permission] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "aspect", self.wide + 2 * (self.role is Role.OBSERVER) + 4 * self.sharded)
        object.__setattr__(self, "permissions", PERMISSIONS[self.role])


@dataclass(frozen=True, slots=True)
class Identity:
    """The account behind a token. The database checks every part of it again in the statement that it opens."""

    account_id: int
    credential_version: int
    session_id: int
    grant: ActingGrant


class Authenticator(Protocol):
    """Finds the identity anew when the database says that the one at hand is stale."""

    async def renew(self, context: "Context") -> Identity:
        """The identity of the same token as it is now; raises `Unauthenticated` if nothing is left of it."""


@dataclass(slots=True)
class Context:
    """One request. `refusal` is why there is no identity, if a token came with it.

    `readings` are the rows, by table and key, whose personal data was read in full. `made_keys` are the service keys
    that it has made, by the keys of their rows. `smallest_cell` is the least number that a statistic tells who sees
    figures alone. `largest_page` is how many rows `first` and `last` may ask for. `language` is what the client likes
    to read messages in. `limits` are the server's.
    """

    database: Database
    request_id: str
    address: str = ""
    identity: Identity | None = None
    refusal: Unauthenticated | None = None
    token: str | None = None
    requested_grant: str | None = None
    authenticator: Authenticator | None = None
    tokens: "Tokens | None" = None
    passwords: "Passwords | None" = None
    vault: "PersonalVault | None" = None
    id_tokens: "IdTokens | None" = None
    readings: set[tuple[str, int]] = field(default_factory=set)
    made_keys: dict[int, str] = field(default_factory=dict)
    smallest_cell: int = 5
    largest_page: int = 100
    language: Language = Language.ENGLISH
    limits: Limits = field(default_factory=Limits)
    trace: Trace = field(default_factory=Trace)

    def acting(self) -> Identity:
        """The identity, or the refusal to act without one."""
        if self.identity is None:
            raise self.refusal or Unauthenticated(Message("Log in first: this needs an access token."))
        return self.identity
