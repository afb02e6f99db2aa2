"""How work that takes long tells how far it is; `server.cli_owner.bar` shows it."""

from typing import Protocol


class Progress(Protocol):
    """Is told how much is done, of how much (None: nobody knows), and which step it is, if there are several."""

    def __call__(self, done: int, total: int | None = None, title: str | None = None, /) -> object:
        """Takes it."""
