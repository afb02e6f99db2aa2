"""Who sees a record (访问说明), for those who administer accounts."""

from typing import Any

import strawberry

from models import Grant as GrantRow
from resolvers import sight
from resolvers.core.permissions import Permission
from resolvers.sight import PersonalDataAccess, Through
from schema.account import Account, Grant
from schema.enums import describe
from schema.fields import argument, asked, entity, expression, one, pages, same
from schema.pages import Connection

READ = Permission.ACCOUNT_READ

describe(
    Through,
    "Which place of a record a grant reaches (可见途径).",
    HOME="The place that it belongs to (归属地点).",
    ASSIGNMENT="A place where the person currently serves (任职地点).",
    OTHER_END="The place that it leads to (接收地点).",
    GUEST="A place that a referral or a consultation shares it with (共享).",
    LIST="It is on a list for all below (公共目录).",
)
describe(
    PersonalDataAccess,
    "How a person's data comes (个人信息的可见程度).",
    NONE="Not at all (不可见).",
    MASKED="Masked (脱敏).",
    FULL="In full; every reading is recorded (完整).",
)


@entity(GrantRow, "")
@strawberry.type(description="A grant under which a record is seen (访问说明).")
class AccessExplanation:
    """One grant that reaches the record."""

    account: Account | None = one(sight.ACCOUNT, "Who sees it (账号).", READ)
    grant: Grant = same("The grant (授权).")
    through: Through = asked(sight.through, "By which place of the record (可见途径).", READ)
    personal_data: PersonalDataAccess = expression(
        sight.personal_data, "How a person's data comes under the grant's role (个人信息的可见程度).", READ
    )


AccessExplanationConnection = Connection[AccessExplanation]


def explain_access() -> Any:
    """The field `explainAccess`."""
    return pages(
        sight.SEEING,
        "Which accounts see a record today, and under which grant; as far as accounts and grants are in scope, and"
        " empty for what is not in scope itself (访问说明).",
        READ,
        argument(
            "id",
            strawberry.ID,
            "The record: anything that belongs to a place and has an id, but no account or grant (标识).",
        ),
    )
