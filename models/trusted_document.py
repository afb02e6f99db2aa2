"""Documents that clients may ask by their ids."""

from datetime import datetime

from sqlalchemy import Column, DateTime, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.base import Path


class TrustedDocument(SQLModel, table=True):
    """A document that was trusted beforehand; `digest` is the SHA-256 of its text, `name` what lists call it."""

    __tablename__ = "trusted_document"

    id: str = Field(sa_column=Column(Path, primary_key=True))
    digest: bytes = Field(sa_type=LargeBinary)
    text: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    added_at: datetime = Field(sa_type=DateTime(timezone=True))
