"""What accounts can be filtered and ordered by."""

import strawberry

from resolvers import administration
from schema.fields import operand
from schema.filters.base import id_operand, listing, ordering, where, within_operand
from schema.operators import IDOperators, TextOperators


@where("Which accounts (账号筛选条件).")
class AccountFilter:
    """Filter of accounts."""

    id: IDOperators | None = id_operand("U")
    within: strawberry.ID | None = within_operand()
    username: TextOperators | None = operand("The name to log in with (用户名).", lambda row: row.c.username)
    disabled: bool | None = operand("Whether it is disabled (是否停用).", administration.is_disabled)


ACCOUNT_ORDER, ACCOUNT_SORTING = ordering("Account", "账号", "accounts", USERNAME="By the username (按用户名).")
ACCOUNTS = listing(AccountFilter, ACCOUNT_ORDER)
