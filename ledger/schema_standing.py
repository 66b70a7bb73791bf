"""The tables of what a member is to one merchant, hot as he is: counts, tier, what he is offered and usually takes.

As in `ledger.schema`, every key carries `bucket`.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class MemberCount(Books, table=True):
    """A count that rules ask for (`protocol.counts`): the sum of what his sales there add. `ledger.verify` recounts it."""

    __tablename__: ClassVar[str] = "member_count"
    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    merchant: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)


class MerchantCount(Books, table=True):
    """What rules ask of all members of a merchant together (`points.counts`: given, others): of sales that stand and of open
    reservations. A row a reward and period, for all buckets; only what is asked for is in it. `ledger.verify` recounts it."""

    __tablename__: ClassVar[str] = "merchant_count"
    __table_args__ = (CLUSTERED,)
    merchant: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)


class Held(Books, table=True):
    """What an open reservation holds of a bounded reward: one of it, on business day `day`. `stock`: 1, if it is one of the
    stock; `others`: the points that are counted against its quota."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    id: bytes = Field(sa_type=LargeBinary, primary_key=True)
    member: str
    merchant: str
    reward: str
    day: str
    stock: int
    others: int = Field(sa_type=BigInteger)


class Standing(Books, table=True):
    """The tier that a member has by what he paid at a merchant and how often he came, in the window that ends with `month`.

    By the rules of this `version` of the `programme`; empty for none. A tier given by hand is in `Member`.
    """

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    merchant: str = Field(primary_key=True)
    tier: str
    spent_fen: int = Field(sa_type=BigInteger)
    visits: int = Field(sa_type=BigInteger)
    month: str
    programme: str
    version: int


class TierGiven(Books, table=True):
    """Who was given which tier by hand, and why."""

    __tablename__: ClassVar[str] = "tier_given"
    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    given_at: int = Field(sa_type=BigInteger, primary_key=True)
    tier: str
    reason: str


class Usual(Books, table=True):
    """How often a member who agreed to it took a reward at a merchant (`ledger.personal`)."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    merchant: str = Field(primary_key=True)
    reward: str = Field(primary_key=True)
    times: int = Field(sa_type=BigInteger)


class PersonalOffer(Books, table=True):
    """A campaign or reward that a merchant offers to one member, up to and including the day `until`."""

    __tablename__: ClassVar[str] = "personal_offer"
    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    merchant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    until: str
    offered_at: int = Field(sa_type=BigInteger)
