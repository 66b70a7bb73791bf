"""The tables beside a member, hot as he is: where he was last, who was merged into him, when an account ended.

As in `ledger.schema`, of which this is the second half, every key carries `bucket`, but for that of `Phone`, which leads to it.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class Phone(Books, table=True):
    """Who has this number. Not hot, and not in the member's shard: it is how his shard is found."""

    __table_args__ = (Index("phone_member", "member"),)
    phone: str = Field(primary_key=True)
    member: str


class Visit(Books, table=True):
    """The last business day (YYYY-MM-DD) on which a member was at a merchant: for 13 months that merchant's tills know him."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    merchant: str = Field(primary_key=True)
    day: str


class Habit(Books, table=True):
    """How many points of a kind a member took when he redeemed in a store last: what an allowance there is worth to him."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        Index("habit_of_store", "store", "day"),
        CheckConstraint("points > 0", name="habit_is_of_points"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    day: str
    points: int = Field(sa_type=BigInteger)


class Merged(Books, table=True):
    """Which numbers were merged into a member. It lies with the one who goes on; `source_bucket` says where the other is."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    source_bucket: int
    merged_at: int = Field(sa_type=BigInteger)


class Unclaimed(Books, table=True):
    """Until which day (YYYY-MM-DD) points of a sale without a member can be claimed. It goes with the claim, or its end."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    until: str


class LotOrigin(Books, table=True):
    """From which lot a transfer made a lot: the way of a point does not end where two accounts meet (A2)."""

    __tablename__: ClassVar[str] = "lot_origin"
    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry", "line"], ["lot.bucket", "lot.entry", "lot.line"]),
        Index("lot_origin_from", "from_bucket", "from_entry"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = Field(sa_type=LargeBinary, primary_key=True)
    line: int = Field(primary_key=True)
    from_bucket: int
    from_entry: bytes = Field(sa_type=LargeBinary)
    from_line: int


class Ended(Books, table=True):
    """When an account ended for good: after a while its tombstone leaves the feed."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    ended_at: int = Field(sa_type=BigInteger)


class Horizon(Books, table=True):
    """The highest feed number of a bucket at which something stood that is forgotten. Who has not read so far starts anew."""

    __table_args__ = (ForeignKeyConstraint(["bucket"], ["bucket.bucket"]), CLUSTERED)
    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(sa_type=BigInteger)
