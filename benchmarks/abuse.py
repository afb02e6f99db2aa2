"""`python -m benchmarks.abuse`: the CPU that each hostile request of the tests takes before its statement is sent.

The worst of three in milliseconds, nothing of it cached; what makes the aliases of tables once is left out.
"""

import asyncio
import gc
import time

from rich.console import Console
from rich.table import Table

from schema import schema
from tests.abuse import Hostile, context, corpus, forget

ROUNDS = 3


def milliseconds(hostile: Hostile) -> float:
    """CPU of one request, read, refused or compiled, and answered by nobody."""
    forget()
    began = time.process_time()
    asyncio.run(
        schema.execute(
            hostile.query, dict(hostile.variables), context_value=context(), operation_name=hostile.operation
        )
    )
    return (time.process_time() - began) * 1000


def pace() -> float:
    """What a million steps of a loop take, in ms: some 10 on an idle core of 2025."""
    began = time.process_time()
    for _ in range(1_000_000):
        pass
    return (time.process_time() - began) * 1000


def main() -> None:
    """Print the table, the dearest first."""
    requests = list(corpus())
    for hostile in requests:
        milliseconds(hostile)
    gc.collect()
    gc.freeze()
    measured = [(max(milliseconds(hostile) for _ in range(ROUNDS)), hostile) for hostile in requests]
    table = Table("request", "bytes", "refused", "CPU, ms", title="Hostile requests")
    for cost, hostile in sorted(measured, key=lambda one: -one[0]):
        table.add_row(hostile.name, f"{len(hostile.body()):,}", hostile.code or "", f"{cost:.1f}")
    table.caption = f"a million steps of an empty loop: {pace():.0f} ms"
    Console().print(table)


if __name__ == "__main__":
    main()
