"""Plain answers: every operation over all rows in memory, by graphql-core's ordinary executor, without a line of SQL.

It shares no code with `resolvers/` and knows the API from the SDL and the design alone, so that what both paths answer
alike is not the same mistake made once.
"""

from tests.reference.answer import Answer, Reference
from tests.reference.compare import compare

__all__ = ["Answer", "Reference", "compare"]
