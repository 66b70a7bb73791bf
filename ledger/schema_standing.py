"""The tables of what a member is to one merchant, hot as he is: counts, tier, what he is offered and usually takes.

As in `ledger.schema`, every key carries `bucket`.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKeyConstraint
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
