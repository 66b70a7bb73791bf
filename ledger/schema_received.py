"""The tables of what tills sent, by terminal: kept as it came, whatever becomes of it. The books are in `ledger.schema`."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field

from ledger.schema import CLUSTERED, Books, blob, whole


class Received(Books, table=True):
    """An entry as it came, kept whatever becomes of it.

    `payload_hash` is empty unless the payload no longer fits it: then it is what the terminal's journal holds, and `payload`
    is what was left.
    """

    terminal: str = Field(primary_key=True)
    seq: int = whole(primary_key=True)
    hash: bytes = blob()
    payload: bytes = blob()
    payload_hash: bytes = blob(default=b"")
    received_at: int = whole()


class EntryOutcome(Books, table=True):
    """What became of an entry: the first outcome, as canonical JSON, for ever."""

    __tablename__: ClassVar[str] = "outcome"
    __table_args__ = (
        Index(
            "outcome_quarantined",
            "terminal",
            "seq",
            sqlite_where=text("status = 'quarantined'"),
            postgresql_where=text("status = 'quarantined'"),
        ),
        CLUSTERED,
    )
    terminal: str = Field(primary_key=True)
    seq: int = whole(primary_key=True)
    status: str
    outcome: bytes = blob()


class Branch(Books, table=True):
    """A second hash for one seq: a fork. Kept whole, with the head that the terminal's key signed for it, as proof."""

    terminal: str = Field(primary_key=True)
    seq: int = whole(primary_key=True)
    hash: bytes = blob(primary_key=True)
    payload: bytes = blob()
    payload_hash: bytes = blob(default=b"")
    received_at: int = whole()
    head_seq: int = whole()
    head: bytes = blob()
    head_signature: bytes = blob()


class ReferenceClaim(Books, table=True):
    """Which entry has an external reference: one reference earns once in a store. A void gives it free again."""

    __tablename__: ClassVar[str] = "reference_claim"
    store: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)
    terminal: str
    seq: int = whole()
