"""The county's working days, where they differ from the public calendar."""

from datetime import date

from sqlmodel import Field

from models.base import Identified, Located, text_column


class CalendarDay(Identified, Located, table=True):
    """A day that is, or is not, a working day in a county whatever the public calendar says; the hub's."""

    __tablename__ = "calendar_day"

    day: date
    working: bool
    name: str = Field(sa_column=text_column())
