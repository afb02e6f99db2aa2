"""Working days: China's public calendar (the library `holidays`: statutory holidays, and the weekends that are worked
for them), and where a county says otherwise (`calendar_day`).

The State Council publishes a year's calendar in the November before. Until a release of the library knows it, that year
has its weekends and statutory holidays alone, and a county can set the rest.
"""

from datetime import date, timedelta
from functools import cache
from typing import Any

import holidays

LONGEST = 60
"""The most working days that somebody can be given."""
# Enough days that so many working ones are among them, also around the spring festival.
SPAN = timedelta(days=3 * LONGEST + 30)
DIFFERENT = "SELECT day, working FROM calendar_of($1, $2, $3)"


async def due_after(connection: Any, county_id: int, start: date, count: int) -> date:
    """The day that so many working days (1 to 60) after another is; that one itself does not count."""
    rows = await connection.fetch(DIFFERENT, county_id, start, start + SPAN)
    different = {row["day"]: row["working"] for row in rows}
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= different.get(day, works(day))
        if day - start > SPAN:
            raise ValueError(f"no {count} working days within {SPAN.days} days after {start}")
    return day


def works(day: date) -> bool:
    """Whether the public calendar has a day for a working day."""
    return bool(_china().is_working_day(day))


@cache
def _china() -> Any:
    return holidays.country_holidays("CN", expand=True)
