"""What an operation has done so far, for whoever operates the server: logs, metrics and traces are made of it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """One operation. Nothing in it is a value of the client's but the operation's name.

    kind: `query`, `mutation` or `subscription`. cost: in rows (resolvers.core.cost). document_kept, plan_kept: whether
    the caches had them; plan_kept is None if nothing of it is compiled.
    waited, database: seconds until a connection was free, and until its statements were answered.
    """

    operation: str = ""
    kind: str = ""
    cost: int = 0
    document_kept: bool = False
    plan_kept: bool | None = None
    statements: int = 0
    waited: float = 0.0
    database: float = 0.0
