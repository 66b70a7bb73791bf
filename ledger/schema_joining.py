"""The tables of members who join at a till: the numbers that tills were given, and who turned out to be a member already."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class NumberGiven(Books, table=True):
    """A number that one till may make a member under, once. Not hot: it is nobody's before."""

    __tablename__: ClassVar[str] = "number_given"
    __table_args__ = (Index("number_given_to", "terminal"), CLUSTERED)
    number: str = Field(primary_key=True)
    terminal: str
    given_at: int = Field(sa_type=BigInteger)


class Newcomer(Books, table=True):
    """Who joined at a till with a phone that another member has: the two are to be merged."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    phone: str
