"""The tables of the member's page, hot as he is: links, sessions, what he agreed to. Secrets lie here as hashes alone.

As in `ledger.schema`, every key carries `bucket`.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKeyConstraint, LargeBinary
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books


class PageLink(Books, table=True):
    """A link that opens a member's page once, until `ends_at`."""

    __tablename__: ClassVar[str] = "page_link"
    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    member: str
    ends_at: int = Field(sa_type=BigInteger)


class PageSession(Books, table=True):
    """A phone that is signed in until `ends_at`, unless `ended` says why it is not any more."""

    __tablename__: ClassVar[str] = "page_session"
    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    member: str
    begun_at: int = Field(sa_type=BigInteger)
    ends_at: int = Field(sa_type=BigInteger)
    ended: str = ""


class Consent(Books, table=True):
    """What a member said last about a purpose (`ledger.consent`); without a row he has not said anything."""

    __table_args__ = (ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]), CLUSTERED)
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    is_given: int
    changed_at: int = Field(sa_type=BigInteger)
