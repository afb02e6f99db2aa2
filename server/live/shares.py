"""What the subscriptions of an account may have of a worker, however many there are of them."""

import asyncio
from weakref import WeakValueDictionary

from server.budget import Budget


class Shares:
    """Lets each account have one event answered at a time, and as many rows of them as its budget has.

    at_once: how many events of all accounts are answered at a time, so that requests have the other connections to the
    database.
    """

    def __init__(self, budget: Budget, at_once: int) -> None:
        self.busy = asyncio.Semaphore(at_once)
        self._budget = budget
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def turn(self, account_id: int) -> asyncio.Lock:
        """What one subscription of an account holds while it asks for something, before it may be `busy`."""
        return self._turns.setdefault(account_id, asyncio.Lock())

    async def pay(self, account_id: int, rows: int) -> None:
        """Pays for what nobody asks for at that moment; waits until what is owed would be paid back."""
        caller = "account", account_id
        if owed := self._budget.seconds(caller):
            await asyncio.sleep(owed)
        self._budget.spend(caller, rows)
