"""The tables of households, hot as members are: the pool's account is a holder's like any other, in a bucket of its own.

A household has a row in `member` too, of status `household`, because accounts hang on it; no reader of the feed is told of it.
As in `ledger.schema`, every key carries `bucket`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class Household(Books, table=True):
    """Members who share a pool, from `opened_at` until `closed_at` (0: it is open). Its number is never used again."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "household"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    household: str = Field(primary_key=True)
    opened_at: int = Field(sa_type=BigInteger)
    closed_at: int = Field(default=0, sa_type=BigInteger)


class Seat(Books, table=True):
    """Whose household a member is in: one at a time, which the key holds. It changes under the lock of both buckets."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        Index("seat_of_household", "household"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    household: str
    joined_at: int = Field(sa_type=BigInteger)


class Invitation(Books, table=True):
    """Who has its secret may join once, until `ends_at`. It lies in the household's bucket; `member` made it."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "household"], ["household.bucket", "household.household"]),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    household: str
    member: str
    ends_at: int = Field(sa_type=BigInteger)


class Pooled(Books, table=True):
    """Whose a lot of a pool is: it goes back to `member` when he leaves, or the household ends."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry", "line"], ["lot.bucket", "lot.entry", "lot.line"]),
        Index("pooled_of", "bucket", "household", "member"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = Field(sa_type=LargeBinary, primary_key=True)
    line: int = Field(primary_key=True)
    household: str
    member: str
