"""The table of cases: what waits for a person, and what he decided. Beside what tills sent, by terminal; not hot."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books

_OPEN, _DECIDED, _STANDS = text("number = 0"), text("number > 0"), text("length(by_entry) > 0")


class Case(Books, table=True):
    """One per quarantined entry, per shortfall and per entry of a fork (`branch`: its hash; else empty).

    `number` is 0 while it is open; the decisions of a terminal count from 1. `decision` is then what tills are told, as
    canonical JSON; `by_entry` the entry of the books that stands for this one, and for no other.
    """

    __tablename__: ClassVar[str] = "entry_case"
    __table_args__ = (
        Index("entry_case_open", "store", "opened_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "entry_case_decided", "terminal", "number", unique=True, sqlite_where=_DECIDED, postgresql_where=_DECIDED
        ),
        Index("entry_case_stands", "by_entry", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
        CheckConstraint("(number = 0) = (length(decision) = 0)", name="case_is_decided_once"),
        CLUSTERED,
    )
    terminal: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger, primary_key=True)
    branch: bytes = Field(sa_type=LargeBinary, primary_key=True)
    store: str
    merchant: str
    reason: str
    position: int = Field(sa_type=BigInteger)
    """Of the outcome: where what the entry took is booked; 0 where it waits whole."""
    shortfall: int = Field(sa_type=BigInteger)
    opened_at: int = Field(sa_type=BigInteger)
    number: int = Field(sa_type=BigInteger)
    by_entry: bytes = Field(sa_type=LargeBinary)
    decision: bytes = Field(sa_type=LargeBinary)
