"""Sessions: logging in, by a password or from outside, staying logged in, logging out, and changing the password.

A session is the family of refresh tokens that descend from one log-in. Each is used once; one that comes a second time
has been copied, and ends the family, access tokens included. Used ones are kept for as long as an unused one lives.

Rows are locked in one order, the account before its sessions, so that no two of these wait for each other.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from resolvers.core import audit
from resolvers.core.accounts import USERNAME, act_as, purge_sessions
from resolvers.core.context import Context, Identity
from resolvers.core.errors import Unauthenticated
from resolvers.core.id_tokens import IdTokenRefused, IssuerAway, Subject
from resolvers.core.ids import encode
from resolvers.core.messages import Message
from resolvers.core.passwords import Passwords, weakness
from resolvers.core.refusals import UserError, UserErrorCode
from resolvers.core.throttle import WAIT, Attempt
from resolvers.core.tokens import Tokens, digest, new_refresh_token

log = logging.getLogger("zhanwang.session")

# One round trip and one row in every case, so that an unknown username takes the time of a known one.
FIND = f"""
SELECT ({WAIT.replace("$1", "$2")}) AS wait, found.*
  FROM (VALUES (1)) AS always LEFT JOIN find_credentials($1) AS found ON true
"""
# Again of the account, which may have been disabled while the password was verified; locked, for a change of it that is
# under way would not see the new session, and so not end it.
LOCK_ABLE = """
SELECT username FROM account WHERE id = $1 AND credential_version = $2 AND disabled_at IS NULL FOR NO KEY UPDATE
"""
OPEN = "INSERT INTO session (account_id, expires_at) VALUES ($1, now() + $2) RETURNING id"
REHASH = "UPDATE account SET password_hash = $3 WHERE id = $1 AND credential_version = $2"
KEEP = "INSERT INTO refresh_token (digest, session_id) VALUES ($1, $2)"
FIND_FAMILY = "SELECT session_id, account_id, credential_version FROM find_refresh_token($1)"
LOCK_SESSION = "SELECT id FROM session WHERE id = $1 AND ended_at IS NULL AND expires_at > now() FOR UPDATE"
USE_ONCE = "UPDATE refresh_token SET used_at = now() WHERE digest = $1 AND used_at IS NULL RETURNING session_id"
PROLONG = "UPDATE session SET expires_at = now() + $2 WHERE id = $1"
# Not those of service keys: who administers the account revokes them.
END = """
UPDATE session SET ended_at = now() WHERE account_id = $1 AND id = $2 AND ended_at IS NULL AND NOT of_key RETURNING id
"""
END_ALL = "UPDATE session SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL AND NOT of_key RETURNING id"
END_OTHERS = "UPDATE session SET ended_at = now() WHERE account_id = $1 AND id <> $2 AND ended_at IS NULL RETURNING id"
USE_ALL = "UPDATE refresh_token SET used_at = now() WHERE session_id = $1 AND used_at IS NULL"
# Apart from the account: no statement locks what is on every node together with what is not.
LOCK_OWN_SESSION = """
SELECT id FROM session WHERE id = $2 AND account_id = $1 AND ended_at IS NULL AND expires_at > now() FOR NO KEY UPDATE
"""
CHANGE = """
UPDATE account SET password_hash = $2, credential_version = credential_version + 1, version = version + 1
 WHERE id = $1 RETURNING credential_version
"""
FIND_IDENTITY = "SELECT account_id, credential_version, identity_id FROM find_identity($1, $2)"
SPEND = """
INSERT INTO used_id_token (digest, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING digest
"""
LOCK_ACCOUNT = "SELECT id FROM account WHERE id = $1 FOR NO KEY UPDATE"
PURGE_SPENT = """
DELETE FROM used_id_token WHERE digest = ANY (ARRAY(
  SELECT digest FROM used_id_token WHERE expires_at < now() LIMIT 200 FOR UPDATE SKIP LOCKED))
"""

WRONG = UserError(UserErrorCode.INVALID_CREDENTIALS, Message("The username or the password is wrong."))
WRONG_CURRENT = UserError(
    UserErrorCode.INVALID_CREDENTIALS, Message("The current password is wrong."), ("input", "currentPassword")
)
ID_TOKEN = ("input", "idToken")
WRONG_ID_TOKEN = UserError(
    UserErrorCode.INVALID_CREDENTIALS, Message("The ID token is not valid here. Sign in at the issuer again."), ID_TOKEN
)
NO_ACCOUNT = UserError(
    UserErrorCode.INVALID_CREDENTIALS,
    Message("Nobody may act here by this sign-in. Who administers the account can link it."),
    ID_TOKEN,
)
ISSUER_AWAY = UserError(
    UserErrorCode.UNAVAILABLE, Message("The issuer of the ID token does not answer. Try again shortly."), ID_TOKEN
)
NO_ISSUER = UserError(UserErrorCode.INVALID, Message("Nobody can sign in from outside here."), ID_TOKEN)
INVALID_REFRESH = UserError(
    UserErrorCode.INVALID_REFRESH_TOKEN,
    Message("The refresh token is not valid. Log in again."),
    ("input", "refreshToken"),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A session's fresh tokens; `expires_at` is the access token's."""

    access_token: str
    refresh_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fresh credentials, or the refusal; `retry_after` in seconds, if waiting is all that it takes."""

    credentials: Credentials | None = None
    error: UserError | None = None
    retry_after: int | None = None


async def log_in(context: Context, username: str, password: str) -> Outcome:
    """Opens a session.

    An unknown username, a wrong password and a disabled account answer alike, in time too. Raises Unavailable.
    """
    tokens, passwords = _means(context)
    name = username.strip().lower()
    # A name that no account can have is looked up as none, and counts like any other.
    known = name if USERNAME.fullmatch(name) else ""
    attempt = Attempt.of(tokens, name, context.address)
    async with passwords.turn():
        found: Any = await context.database.fetchrow(FIND, [known, attempt.keys], context.trace)
        if found["wait"] is not None and found["wait"] > 0:
            return _wait(found["wait"])
        right = await passwords.verify(found["password_hash"], password)
        better = await _better_hash(passwords, found["password_hash"], password) if right else None
        async with context.database.transaction(context.trace) as connection:
            if right and (session_id := await _open(connection, tokens, found)) is not None:
                account_id, version = found["account_id"], found["credential_version"]
                await attempt.forgive(connection)
                await purge_sessions(connection, account_id, tokens.refresh_life)
                if better is not None:
                    await connection.execute(REHASH, account_id, version, better)
                await _audit(connection, context, "logIn", account_id, session_id)
                return Outcome(await _issue(connection, tokens, account_id, version, session_id))
            await attempt.count(connection)
    return Outcome(error=WRONG)


async def log_in_with_id_token(context: Context, id_token: str, nonce: str | None) -> Outcome:
    """Opens a session for whom an outside issuer's ID token is about; each token opens one.

    A subject that is not linked and one of a disabled account answer alike. Raises Unavailable.
    """
    tokens, _ = _means(context)
    if context.id_tokens is None:
        return Outcome(error=NO_ISSUER)
    # Whom it is about is known only when it has proved right: until then who tries has an address, and no name.
    attempt = Attempt.of(tokens, None, context.address)
    waits: Any = await context.database.fetchrow(WAIT, [attempt.keys], context.trace)
    if waits[0] is not None and waits[0] > 0:
        return _wait(waits[0])
    subject = None
    try:
        subject = await context.id_tokens.verify(id_token, nonce)
    except IssuerAway:
        return Outcome(error=ISSUER_AWAY)
    except IdTokenRefused as refused:
        log.info("an ID token is refused: %s", refused)
    async with context.database.transaction(context.trace) as connection:
        await connection.execute(PURGE_SPENT)
        if subject is None or await connection.fetchval(SPEND, subject.digest, subject.expires_at) is None:
            await attempt.count(connection)
            return Outcome(error=WRONG_ID_TOKEN)
        linked = await _linked(connection, subject)
        if linked is None or (session_id := await _open(connection, tokens, linked)) is None:
            return Outcome(error=NO_ACCOUNT)
        account_id, version = linked["account_id"], linked["credential_version"]
        await purge_sessions(connection, account_id, tokens.refresh_life)
        through = encode("EI", linked["identity_id"])
        await _audit(connection, context, "logInWithIdToken", account_id, session_id, identity=through)
        return Outcome(await _issue(connection, tokens, account_id, version, session_id))


async def _linked(connection: Any, subject: Subject) -> Any:
    """Whom a subject signs in as, the account locked; None for nobody."""
    named = (subject.issuer, subject.subject)
    found = await connection.fetchrow(FIND_IDENTITY, *named)
    if found is None:
        return None
    await act_as(connection, found["account_id"])
    await connection.execute(LOCK_ACCOUNT, found["account_id"])
    # Again: what would unlink them came first, or waits, and then ends the session too.
    again = await connection.fetchrow(FIND_IDENTITY, *named)
    return again if again == found else None


async def refresh(context: Context, refresh_token: str) -> Outcome:
    """Exchanges a refresh token for fresh ones; one that was exchanged before ends its session. Raises Unavailable."""
    tokens, _ = _means(context)
    key = digest(refresh_token)
    async with context.database.transaction(context.trace) as connection:
        found = await connection.fetchrow(FIND_FAMILY, key)
        if found is None:
            return Outcome(error=INVALID_REFRESH)
        session_id, account_id = found["session_id"], found["account_id"]
        await act_as(connection, account_id)
        # Two requests with the same token: the second waits here, and then finds it used.
        if await connection.fetchval(LOCK_SESSION, session_id) is None:
            return Outcome(error=INVALID_REFRESH)
        if await connection.fetchval(USE_ONCE, key) is None:
            await connection.execute(END, account_id, session_id)
            await _audit(connection, context, "refreshTokenReused", account_id, session_id)
            return Outcome(error=INVALID_REFRESH)
        await connection.execute(PROLONG, session_id, tokens.refresh_life)
        await purge_sessions(connection, account_id, tokens.refresh_life)
        return Outcome(await _issue(connection, tokens, account_id, found["credential_version"], session_id))


async def log_out(context: Context, identity: Identity, *, everywhere: bool) -> int:
    """Ends the session, or all of the account's; how many ended. Raises Unauthenticated and Unavailable."""
    async with context.database.transaction(context.trace) as connection:
        await _lock_mine(connection, identity)
        if everywhere:
            ended = await connection.fetch(END_ALL, identity.account_id)
        else:
            ended = await connection.fetch(END, identity.account_id, identity.session_id)
        await _audit_own(connection, context, identity, "logOut", ended=len(ended))
    return len(ended)


async def change_password(context: Context, identity: Identity, current: str, new: str) -> Outcome:
    """Changes the account's password: every token so far becomes void, every other session ends, this one goes on.

    The context goes on with the new token, for the mutations that follow in the same operation. Guesses at the current
    password count as failed log-ins. Raises Unauthenticated and Unavailable.
    """
    tokens, passwords = _means(context)
    async with passwords.turn():
        async with context.database.transaction(context.trace) as connection:
            username = await _lock_mine(connection, identity)
            attempt = Attempt.of(tokens, username, context.address)
            found = await connection.fetchrow(FIND, username, attempt.keys)
        if found["wait"] is not None and found["wait"] > 0:
            return _wait(found["wait"])
        if not await passwords.verify(found["password_hash"], current):
            async with context.database.transaction(context.trace) as connection:
                await attempt.count(connection)
            return Outcome(error=WRONG_CURRENT)
        if weak := _too_weak(current, new, username):
            return Outcome(error=weak)
        password_hash = await passwords.hash(new)
        async with context.database.transaction(context.trace) as connection:
            # Again: the version in the identity makes sure that the password that was verified is still the one.
            await _lock_mine(connection, identity)
            version = await connection.fetchval(CHANGE, identity.account_id, password_hash)
            ended = await connection.fetch(END_OTHERS, identity.account_id, identity.session_id)
            await connection.execute(USE_ALL, identity.session_id)
            await attempt.forgive(connection)
            await _audit_own(connection, context, identity, "changePassword", ended=len(ended))
            fresh = await _issue(connection, tokens, identity.account_id, version, identity.session_id)
    context.identity, context.token = replace(identity, credential_version=version), fresh.access_token
    return Outcome(fresh)


def _too_weak(current: str, new: str, username: str) -> UserError | None:
    sentence = weakness(new, username)
    if sentence is None and new == current:
        sentence = Message("The new password must differ from the current one.")
    return UserError(UserErrorCode.WEAK_PASSWORD, sentence, ("input", "newPassword")) if sentence else None


def _wait(seconds: int) -> Outcome:
    message = Message("Too many failed attempts. Try again in {seconds} seconds.", seconds=seconds)
    return Outcome(error=UserError(UserErrorCode.TOO_MANY_ATTEMPTS, message), retry_after=seconds)


async def _better_hash(passwords: Passwords, password_hash: str, password: str) -> str | None:
    return await passwords.hash(password) if passwords.needs_rehash(password_hash) else None


async def _open(connection: Any, tokens: Tokens, found: Any) -> int | None:
    await act_as(connection, found["account_id"])
    account_id = found["account_id"]
    if await connection.fetchval(LOCK_ABLE, account_id, found["credential_version"]) is None:
        return None
    session_id: int = await connection.fetchval(OPEN, account_id, tokens.refresh_life)
    return session_id


async def _issue(connection: Any, tokens: Tokens, account_id: int, version: int, session_id: int) -> Credentials:
    refresh_token = new_refresh_token()
    await connection.execute(KEEP, digest(refresh_token), session_id)
    access = tokens.issue(account_id, version, session_id)
    return Credentials(access.text, refresh_token, access.expires_at)


async def _lock_mine(connection: Any, identity: Identity) -> str:
    """Locks the identity's account and session to the end of the transaction; the username.

    Raises Unauthenticated if the account, its credentials or the session are no longer what the token says.
    """
    await act_as(connection, identity.account_id)
    account_id = identity.account_id
    username: str | None = await connection.fetchval(LOCK_ABLE, account_id, identity.credential_version)
    own = None if username is None else await connection.fetchval(LOCK_OWN_SESSION, account_id, identity.session_id)
    if username is None or own is None:
        raise Unauthenticated(Message("This session has ended. Log in again."))
    return username


async def _audit(
    connection: Any,
    context: Context,
    action: str,
    account_id: int,
    session_id: int,
    *,
    grant_id: int | None = None,
    **after: object,
) -> None:
    await audit.append(
        connection,
        account_id=account_id,
        request_id=context.request_id,
        action=action,
        noun="session",
        row_id=session_id,
        by=account_id,
        grant_id=grant_id,
        after={"address": context.address, **after},
    )


async def _audit_own(connection: Any, context: Context, identity: Identity, action: str, *, ended: int) -> None:
    account, session, grant = identity.account_id, identity.session_id, identity.grant.id
    await _audit(connection, context, action, account, session, grant_id=grant, ended=ended)


def _means(context: Context) -> tuple[Tokens, Passwords]:
    if context.tokens is None or context.passwords is None:
        raise RuntimeError("the server has made a context without tokens and passwords")
    return context.tokens, context.passwords
