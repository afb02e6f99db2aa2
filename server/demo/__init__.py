"""The demo: Dehua's network on its real places, with people who do not exist (`zhanwang serve --demo`)."""

from server.demo.accounts import ACCOUNTS, PASSWORD, SECOND_GRANT, DemoAccount, find_accounts
from server.demo.write import load

__all__ = ["ACCOUNTS", "PASSWORD", "SECOND_GRANT", "DemoAccount", "find_accounts", "load"]
