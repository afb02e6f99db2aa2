"""Expected refusals of a mutation, as GraphQL values; `resolvers.core.refusals` holds what they are."""

import strawberry

from resolvers.core import refusals
from resolvers.core.context import Context
from resolvers.core.messages import translated
from resolvers.core.refusals import UserErrorCode
from schema.enums import describe

describe(
    UserErrorCode,
    "Why a mutation did not do what its input asks for (拒绝原因).",
    INVALID_CREDENTIALS="The username or the password is wrong, the account is disabled, or the ID token opens nothing"
    " (用户名或密码错误).",
    TOO_MANY_ATTEMPTS="Too many failed attempts for this username or from this address; wait (尝试次数过多).",
    INVALID_REFRESH_TOKEN="The refresh token is unknown, used or expired, or its session has ended (刷新令牌无效).",  # noqa: S106
    WEAK_PASSWORD="The new password does not meet the rules (密码不符合要求).",  # noqa: S106
    NOT_FOUND="An id of the input names nothing in scope (未找到).",
    CONFLICT="The row has changed since the version that the input names; it is in the payload as it is (版本冲突).",
    TAKEN="There is one with this code, name or number already (已存在).",
    OVERLAP="It would hold on the same day as another that excludes it (日期重叠).",
    INVALID="A value of the input cannot be used (输入无效).",
    NOT_EMPTY="Something still belongs to it (仍有下属内容).",
    FORBIDDEN="The acting grant may not do this to that row (无权操作).",
    KEY_REUSED="The idempotency key was used with another input (幂等键已用于其他请求).",
    WRONG_STATE="It is in a state that does not allow this (当前状态不允许).",
    UNAVAILABLE="What is needed for it does not answer; the same may succeed later (暂不可用).",
    OVERSPENT="The budget does not suffice (超出预算).",
)


def _message(root: strawberry.Parent["UserError"], info: strawberry.Info[Context, None]) -> str:
    return translated(root.sentence, info.context.language)


@strawberry.type(description="An expected refusal of a mutation (业务错误).")
class UserError:
    """One refusal."""

    code: UserErrorCode = strawberry.field(description="Stable across releases and languages (错误代码).")
    message: str = strawberry.field(resolver=_message, description="A sentence for people (错误信息).")
    sentence: strawberry.Private[str]
    path: list[str] = strawberry.field(description="The names that lead to the input in question (输入路径).")

    @classmethod
    def of(cls, *refused: refusals.UserError | None) -> list["UserError"]:
        """The values of a payload's `errors`; None stands for no refusal."""
        return [cls(code=one.code, sentence=one.message, path=list(one.path)) for one in refused if one is not None]
