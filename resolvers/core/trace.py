"""What an operation has done so far, for whoever operates the server: logs, metrics and traces are made of it."""

from dataclasses import dataclass, field
from time import perf_counter

Step = tuple[str, float, float]
"""What it was, and when it began and ended by `perf_counter`."""


@dataclass(slots=True)
class Trace:
    """One operation. Nothing in it is a value of the client's but the operation's name.

    kind: `query`, `mutation` or `subscription`. cost: in rows (resolvers.core.cost). document_kept, plan_kept: whether
    the caches had them; plan_kept is None if nothing of it is compiled. deprecated: the schema coordinates of what it
    uses and should not. waited, database: seconds until a connection was free and a replica knew enough, and until its
    statements were answered. steps: each of them for itself; None if nobody wants to know.
    """

    operation: str = ""
    kind: str = ""
    cost: int = 0
    document_kept: bool = False
    plan_kept: bool | None = None
    deprecated: tuple[str, ...] = ()
    statements: int = 0
    waited: float = 0.0
    database: float = 0.0
    began: float = field(default_factory=perf_counter)
    steps: list[Step] | None = None

    def got(self, began: float, step: str = "pool") -> None:
        """A connection is free, or a replica knows enough; began: when that was asked for."""
        now = perf_counter()
        self.waited += now - began
        if self.steps is not None:
            self.steps.append((step, began, now))

    def answered(self, began: float) -> None:
        """A statement is answered, or has failed; began: when it was sent."""
        now = perf_counter()
        self.statements += 1
        self.database += now - began
        if self.steps is not None:
            self.steps.append(("statement", began, now))

    def compiled(self, began: float) -> None:
        """A plan is made, which was not kept."""
        self.plan_kept = False
        if self.steps is not None:
            self.steps.append(("compile", began, perf_counter()))

    def prepared(self, began: float) -> None:
        """The document is read, the variables are understood, or either is refused."""
        if self.steps is not None:
            self.steps.append(("prepare", began, perf_counter()))
