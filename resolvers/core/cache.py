"""A bounded cache."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sized
from typing import Generic, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Cache(Generic[Key, Value]):
    """A bounded map that forgets what was used least recently.

    `size` bounds the number of items, `budget` the sum of what `weigh` makes of them: the lengths of their keys, if
    nothing else is given.
    """

    def __init__(self, size: int, budget: int | None = None, weigh: Callable[[Key, Value], int] | None = None) -> None:
        self._size, self._budget, self._spent = size, budget, 0
        self._weigh = weigh or _length
        self._items: OrderedDict[Key, Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def obtain(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made if it is not there."""
        value = self.peek(key)
        if value is None:
            value = make()
            self.keep(key, value)
        return value

    def keep(self, key: Key, value: Value) -> None:
        """Remember a key's value, in place of the one that it has."""
        self.forget(key)
        self._items[key] = value
        self._spent += self._weight(key, value)
        while len(self._items) > self._size or self._spent > (self._budget or self._spent):
            self._spent -= self._weight(*self._items.popitem(last=False))

    def forget(self, key: Key) -> None:
        """Forget a key, if it is there."""
        value = self._items.pop(key, None)
        if value is not None:
            self._spent -= self._weight(key, value)

    def forget_all(self, which: Callable[[Key, Value], bool]) -> None:
        """Forget what a condition is true of."""
        for key in [key for key, value in self._items.items() if which(key, value)]:
            self.forget(key)

    def _weight(self, key: Key, value: Value) -> int:
        return self._weigh(key, value) if self._budget is not None else 0

    def peek(self, key: Key) -> Value | None:
        """The value of a key, if it is there."""
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._items.clear()
        self._spent = 0


def _length(key: Hashable, _: object) -> int:
    return len(cast("Sized", key))
