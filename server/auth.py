"""Who asks: from the request's headers to an identity.

What is found here is only a hint to the statements: each checks account, credentials, session and grant again as it
opens its scope, and asks for a renewal when something no longer holds. Nothing that is remembered here lets anybody in.
"""

from collections.abc import Callable
from typing import Final

from models import Role
from resolvers.core.context import ActingGrant, Context, Database, Identity
from resolvers.core.errors import Unauthenticated
from resolvers.core.ids import key_of
from resolvers.core.messages import Message
from resolvers.core.service_keys import BEGINNING
from resolvers.core.tokens import AccessClaims, TokenExpired, TokenInvalid, Tokens
from server.changes import Changes, Remembered, Subject
from server.keys import ServiceKeys

GRANT_HEADER: Final = "X-Zhanwang-Grant"
GRANT_PREFIX: Final = "R"
CACHE_SIZE = 4096

GRANTS = """
SELECT array_agg(g.id ORDER BY g.n) AS ids, array_agg(g.path ORDER BY g.n) AS paths,
       array_agg(g.county_id ORDER BY g.n) AS counties, array_agg(g.role ORDER BY g.n) AS roles,
       array_agg(g.wide ORDER BY g.n) AS wide, to_regclass('public.event_waiting') IS NOT NULL AS sharded
  FROM acting_grants($1, $2, $3) WITH ORDINALITY AS g (id, path, role, county_id, wide, n)
"""

Pay = Callable[[], None]
"""Pays for a statement that finds out who asks; raises if there is nothing to pay with."""

Grants = tuple[ActingGrant, ...]
Key = tuple[int, int, int]


class Authentication:
    """Finds identities; remembers which grants the sessions seen last have. One for each worker."""

    def __init__(
        self, database: Database, tokens: Tokens, changes: Changes | None = None, *, cache_size: int = CACHE_SIZE
    ) -> None:
        known_changes = changes or Changes()
        self._database = database
        self._tokens = tokens
        self._keys = ServiceKeys(database, known_changes, cache_size=cache_size)
        self._known: Remembered[Key, Grants] = Remembered(known_changes, Subject.ACCOUNT, cache_size, _concerns)

    def __len__(self) -> int:
        return len(self._known)

    async def identify(
        self, authorization: str | None, requested_grant: str | None, pay: Pay
    ) -> tuple[Identity | None, Unauthenticated | None]:
        """The identity behind the headers `Authorization` and `X-Zhanwang-Grant`, or why there is none.

        Both None: nobody claims to be anybody. pay: is called before each statement. Raises Unavailable, and what
        `pay` does.
        """
        if authorization is None:
            return None, None
        token = bearer(authorization)
        if token is None:
            return None, Unauthenticated(Message("The Authorization header must be `Bearer` and an access token."))
        try:
            return await self._identity(token, requested_grant, pay), None
        except Unauthenticated as refusal:
            return None, refusal

    async def renew(self, context: Context) -> Identity:
        """The identity of the context's token as the database has it now. Raises Unauthenticated and Unavailable."""
        if context.token is None:
            raise Unauthenticated(Message("Log in first: this needs an access token."))
        self._keys.forget(context.token)
        claims = await self._claims(context.token, _paid)
        self._known.forget(_key(claims))
        return await self._identity(context.token, context.requested_grant, _paid)

    async def _identity(self, token: str, requested_grant: str | None, pay: Pay) -> Identity:
        claims = await self._claims(token, pay)
        key = _key(claims)
        grants = self._known.peek(key)
        grant = _chosen(grants, requested_grant) if grants else None
        if grant is None:
            # Unknown so far, or a grant is named that was given after the others were looked up.
            pay()
            grants = await self._known.look_up(key, lambda: self._look_up(key)) or ()
            grant = _chosen(grants, requested_grant)
        if grant is None:
            if grants:
                raise Unauthenticated(
                    Message("{header} names no grant under which this account may act.", header=GRANT_HEADER)
                )
            raise Unauthenticated(Message("This session has ended, or its account may no longer act. Log in again."))
        return Identity(claims.account_id, claims.credential_version, claims.session_id, grant)

    async def _claims(self, token: str, pay: Pay) -> AccessClaims:
        if token.startswith(BEGINNING):
            return await self._keys.claims(token, pay)
        try:
            return self._tokens.verify(token)
        except TokenExpired:
            raise Unauthenticated(Message("The access token has expired. Refresh the session.")) from None
        except TokenInvalid:
            raise Unauthenticated(Message("The access token is not valid.")) from None

    async def _look_up(self, key: Key) -> Grants | None:
        row = await self._database.fetchrow(GRANTS, list(key))
        if row["ids"] is None:
            return None
        columns = (row[name] for name in ("ids", "paths", "counties", "roles", "wide"))
        return tuple(
            ActingGrant(id_, path, county_id, Role(role), wide=wide, sharded=row["sharded"])
            for id_, path, county_id, role, wide in zip(*columns, strict=True)
        )


def _paid() -> None:
    """Nothing: who is known to be somebody has paid for the operation."""


def bearer(authorization: str) -> str | None:
    """The token in an `Authorization` header; None if it is of another scheme."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    return token if scheme.lower() == "bearer" and token else None


def _key(claims: AccessClaims) -> Key:
    return claims.account_id, claims.credential_version, claims.session_id


def _concerns(account: str, key: Key, _: Grants) -> bool:
    return str(key[0]) == account


def _chosen(grants: Grants, requested: str | None) -> ActingGrant | None:
    if requested is None:
        return grants[0] if grants else None
    key = key_of(requested.strip(), GRANT_PREFIX)
    return next((grant for grant in grants if grant.id == key), None)
