"""Logging in and out: `logIn`, `logInWithIdToken`, `refreshSession`, `logOut`, `changePassword`.

The first three are public, whatever token comes with the request; the others need an account.
"""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from resolvers import session
from resolvers.core.context import Context
from resolvers.core.mapping import ACCOUNT, PUBLIC
from schema.errors import UserError

Info = strawberry.Info[Context, None]


def _errors() -> Any:
    return strawberry.field(description="Why it was refused; empty if it was done (业务错误).")


def _access_token() -> Any:
    return strawberry.field(default=None, description="Goes into `Authorization: Bearer …`; short-lived (访问令牌).")


def _refresh_token() -> Any:
    return strawberry.field(
        default=None, description="Buys the next pair of tokens, once; using it again ends the session (刷新令牌)."
    )


def _expires_at() -> Any:
    return strawberry.field(default=None, description="When the access token runs out (访问令牌失效时间).")


def _retry_after() -> Any:
    return strawberry.field(
        default=None, description="With `TOO_MANY_ATTEMPTS`: how many seconds to wait (请等待的秒数)."
    )


@strawberry.input(description="Who logs in (登录信息).")
class LogInInput:
    """Input of `logIn`."""

    username: str = strawberry.field(description="The account's name, in any case (用户名).")
    password: str = strawberry.field(description="The account's password (密码).")


@strawberry.input(description="Who has signed in elsewhere (外部登录信息).")
class LogInWithIdTokenInput:
    """Input of `logInWithIdToken`."""

    id_token: str = strawberry.field(description="The issuer's ID token, fresh and not used yet (身份令牌).")
    nonce: str | None = strawberry.field(
        default=None, description="What the issuer was asked to put into it, if anything (随机数)."
    )


@strawberry.input(description="A session to go on with (续期信息).")
class RefreshSessionInput:
    """Input of `refreshSession`."""

    refresh_token: str = strawberry.field(description="The latest refresh token of the session (刷新令牌).")


@strawberry.input(description="What to log out of (退出范围).")
class LogOutInput:
    """Input of `logOut`."""

    everywhere: bool = strawberry.field(
        default=False, description="Whether all sessions of the account end, not this one alone (退出所有会话)."
    )


@strawberry.input(description="A change of the password of the account in use (修改密码信息).")
class ChangePasswordInput:
    """Input of `changePassword`."""

    current_password: str = strawberry.field(description="The password so far (当前密码).")
    new_password: str = strawberry.field(
        description="The password from now on: 8 to 128 characters, not the username, not the password so far (新密码)."
    )


@strawberry.type(description="The answer of `logIn` (登录结果).")
class LogInPayload:
    """Payload of `logIn`."""

    errors: list[UserError] = _errors()
    access_token: str | None = _access_token()
    refresh_token: str | None = _refresh_token()
    expires_at: datetime | None = _expires_at()
    retry_after: int | None = _retry_after()


@strawberry.type(description="The answer of `logInWithIdToken` (外部登录结果).")
class LogInWithIdTokenPayload:
    """Payload of `logInWithIdToken`."""

    errors: list[UserError] = _errors()
    access_token: str | None = _access_token()
    refresh_token: str | None = _refresh_token()
    expires_at: datetime | None = _expires_at()
    retry_after: int | None = _retry_after()


@strawberry.type(description="The answer of `refreshSession` (续期结果).")
class RefreshSessionPayload:
    """Payload of `refreshSession`."""

    errors: list[UserError] = _errors()
    access_token: str | None = _access_token()
    refresh_token: str | None = _refresh_token()
    expires_at: datetime | None = _expires_at()


@strawberry.type(description="The answer of `logOut` (退出结果).")
class LogOutPayload:
    """Payload of `logOut`."""

    errors: list[UserError] = _errors()
    ended_sessions: int = strawberry.field(description="How many sessions have ended (已结束的会话数).")


@strawberry.type(description="The answer of `changePassword`; the tokens go on with the session (修改密码结果).")
class ChangePasswordPayload:
    """Payload of `changePassword`."""

    errors: list[UserError] = _errors()
    access_token: str | None = _access_token()
    refresh_token: str | None = _refresh_token()
    expires_at: datetime | None = _expires_at()
    retry_after: int | None = _retry_after()


def _credentials(outcome: session.Outcome) -> dict[str, Any]:
    issued = outcome.credentials
    return {
        "errors": UserError.of(outcome.error),
        "access_token": issued.access_token if issued else None,
        "refresh_token": issued.refresh_token if issued else None,
        "expires_at": issued.expires_at if issued else None,
    }


async def _log_in(
    info: Info, given: Annotated[LogInInput, strawberry.argument(name="input", description="Who logs in (登录信息).")]
) -> LogInPayload:
    outcome = await session.log_in(info.context, given.username, given.password)
    return LogInPayload(retry_after=outcome.retry_after, **_credentials(outcome))


async def _log_in_with_id_token(
    info: Info,
    given: Annotated[
        LogInWithIdTokenInput, strawberry.argument(name="input", description="Who has signed in (外部登录信息).")
    ],
) -> LogInWithIdTokenPayload:
    outcome = await session.log_in_with_id_token(info.context, given.id_token, given.nonce)
    return LogInWithIdTokenPayload(retry_after=outcome.retry_after, **_credentials(outcome))


async def _refresh_session(
    info: Info,
    given: Annotated[
        RefreshSessionInput, strawberry.argument(name="input", description="The session to go on with (续期信息).")
    ],
) -> RefreshSessionPayload:
    return RefreshSessionPayload(**_credentials(await session.refresh(info.context, given.refresh_token)))


async def _log_out(
    info: Info, given: Annotated[LogOutInput, strawberry.argument(name="input", description="What to end (退出范围).")]
) -> LogOutPayload:
    ended = await session.log_out(info.context, info.context.acting(), everywhere=given.everywhere)
    return LogOutPayload(errors=[], ended_sessions=ended)


async def _change_password(
    info: Info,
    given: Annotated[
        ChangePasswordInput, strawberry.argument(name="input", description="Both passwords (修改密码信息).")
    ],
) -> ChangePasswordPayload:
    identity = info.context.acting()
    outcome = await session.change_password(info.context, identity, given.current_password, given.new_password)
    return ChangePasswordPayload(retry_after=outcome.retry_after, **_credentials(outcome))


@strawberry.type
class SessionMutation:
    """The mutations about sessions, for `Mutation` to inherit; nullable, so that a failure leaves the others."""

    log_in: LogInPayload | None = strawberry.mutation(
        resolver=_log_in,
        description="Opens a session; an unknown username and a wrong password answer alike (登录).",
        metadata={PUBLIC: True},
    )
    log_in_with_id_token: LogInWithIdTokenPayload | None = strawberry.mutation(
        resolver=_log_in_with_id_token,
        description="Opens a session for whom an OpenID Connect issuer has signed in; `GET /sign-in` tells which issuer"
        " (外部身份登录).",
        metadata={PUBLIC: True},
    )
    refresh_session: RefreshSessionPayload | None = strawberry.mutation(
        resolver=_refresh_session,
        description="Exchanges a refresh token for the next pair of tokens; one that comes twice ends its session"
        " (续期会话).",
        metadata={PUBLIC: True},
    )
    log_out: LogOutPayload | None = strawberry.mutation(
        resolver=_log_out,
        description="Ends the session in use, or all of the account's; none of a service key, for that is revoked."
        " Needs an account (退出登录).",
        metadata={ACCOUNT: True},
    )
    change_password: ChangePasswordPayload | None = strawberry.mutation(
        resolver=_change_password,
        description="Changes the password of the account in use: all tokens so far become void and its other sessions"
        " end; needs an account (修改密码).",
        metadata={ACCOUNT: True},
    )
