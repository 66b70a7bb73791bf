"""The tables of the books.

Hot tables carry `bucket` and have it in every key, so that members, lots, entries, postings and the bucket's feed number lie
in one shard wherever the ledger is distributed (DESIGN, section 6). What tills sent lies by terminal. Nothing here
validates: rows are made from protocol models that did; the CHECK constraints are the last line, and they hold on both
engines. Times are µs UTC, points and fen are integers, ids are 16 bytes.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

HOT_TABLES = ("bucket", "member", "balance", "lot", "lot_use", "entry", "posting", "reservation", "nonce")


def _int(**keywords: object) -> int:
    return Field(sa_type=BigInteger, **keywords)  # type: ignore[call-overload,no-any-return]


def _bytes(**keywords: object) -> bytes:
    return Field(sa_type=LargeBinary, **keywords)  # type: ignore[call-overload,no-any-return]


# --- who takes part -------------------------------------------------------------------------------------------------


class Merchant(SQLModel, table=True):
    """Who issues and accepts points. `price_mfen`: the settlement price of one point of today, in 1/1000 fen."""

    merchant: str = Field(primary_key=True)
    name: str
    status: str = "active"
    price_mfen: int = 2_000


class Store(SQLModel, table=True):
    """A place of a merchant; its settings are a published document."""

    store: str = Field(primary_key=True)
    merchant: str = Field(foreign_key="merchant.merchant")
    name: str


class Terminal(SQLModel, table=True):
    """A till and how far its chain was received. `status`: active, revoked, retired, lost. Its id is never used again."""

    terminal: str = Field(primary_key=True)
    store: str = Field(foreign_key="store.store")
    name: str
    public: bytes = _bytes()
    status: str = "active"
    head_seq: int = _int(default=0)
    head: bytes = _bytes()
    head_signature: bytes = _bytes(default=b"")
    enrolled_at: int = _int()
    seen_at: int = _int()


class Enrolment(SQLModel, table=True):
    """A one-time code; `terminal` is who used it."""

    code: str = Field(primary_key=True)
    store: str = Field(foreign_key="store.store")
    expires_at: int = _int()
    terminal: str = ""


class PublishedDocument(SQLModel, table=True):
    """A signed document for one store, or for all where `store` is empty. `number` rises over the whole ledger."""

    __tablename__: ClassVar[str] = "document"
    number: int = _int(primary_key=True)
    kind: str
    id: str
    store: str = ""
    signed: str = Field(sa_type=Text)


class Setting(SQLModel, table=True):
    """What this ledger was born with, such as the salt of phone keys."""

    key: str = Field(primary_key=True)
    value: str


class Phone(SQLModel, table=True):
    """Who has this number. Not hot, and not in the member's shard: it is how his shard is found."""

    phone: str = Field(primary_key=True)
    member: str


# --- what tills sent, by terminal -----------------------------------------------------------------------------------


class Received(SQLModel, table=True):
    """An entry as it came, kept whatever becomes of it. `outcome` (canonical JSON) is empty until it is booked or refused."""

    terminal: str = Field(primary_key=True)
    seq: int = _int(primary_key=True)
    hash: bytes = _bytes()
    payload: bytes = _bytes()
    received_at: int = _int()
    outcome: bytes = _bytes(default=b"")


class Branch(SQLModel, table=True):
    """A second hash for one seq: a fork. Kept whole as proof, not booked."""

    terminal: str = Field(primary_key=True)
    seq: int = _int(primary_key=True)
    hash: bytes = _bytes(primary_key=True)
    payload: bytes = _bytes()
    received_at: int = _int()


class ReferenceClaim(SQLModel, table=True):
    """Which entry has an external reference: one reference earns once in a store."""

    __tablename__: ClassVar[str] = "reference_claim"
    store: str = Field(primary_key=True)
    reference: str = Field(primary_key=True)
    terminal: str
    seq: int = _int()


# --- the books, by bucket -------------------------------------------------------------------------------------------


class Bucket(SQLModel, table=True):
    """The feed number of a bucket; its row is the bucket's lock."""

    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = _int(default=0)


class Member(SQLModel, table=True):
    """The account holder. `position`: where the bucket's feed stood when anything of his changed last."""

    __table_args__ = (
        Index("member_feed", "bucket", "position"),
        CheckConstraint("status IN ('active', 'blocked', 'revoked', 'merged', 'left')", name="member_status"),
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    position: int = _int(default=0)
    name: str = ""
    last4: str = ""
    tier: str = ""
    status: str = "active"
    merged_into: str = ""
    phone_key: str = ""
    pin_hash: str = ""
    pin_failures: int = 0
    joined_at: int = _int(default=0)


class Balance(SQLModel, table=True):
    """Materialised sums of a member's postings per kind; `ledger.verify` recomputes them."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("owed >= 0", name="owed_not_negative"),
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    available: int = _int(default=0)
    reserved: int = _int(default=0)
    owed: int = _int(default=0)


class Entry(SQLModel, table=True):
    """An entry that was booked. `shortfall`: points that no balance covered; `voided_by`: the entry that took it back."""

    __table_args__ = (Index("entry_member", "bucket", "member", "position"),)
    bucket: int = Field(primary_key=True)
    id: bytes = _bytes(primary_key=True)
    terminal: str
    seq: int = _int()
    type: str
    member: str
    store: str
    merchant: str
    business_day: str
    occurred_at: int = _int()
    recorded_at: int = _int()
    position: int = _int()
    shortfall: int = _int(default=0)
    voided_by: bytes = _bytes(default=b"")


class Posting(SQLModel, table=True):
    """One line of an entry. Per entry and kind they sum to zero. `holder`: a member, or a merchant's account in this bucket."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        CheckConstraint(
            "account IN ('available', 'reserved', 'owed', 'issuance', 'clearing', 'breakage', 'shortfall')",
            name="posting_account",
        ),
        CheckConstraint("points <> 0", name="posting_moves_something"),
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = _bytes(primary_key=True)
    line: int = Field(primary_key=True)
    account: str
    holder: str
    kind: str
    points: int = _int()


class Lot(SQLModel, table=True):
    """Points with an origin and an end. `left` falls as redemptions take them, first expiring first; id = entry + line."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        CheckConstraint("points > 0", name="lot_has_points"),
        CheckConstraint("points_left >= 0 AND points_left <= points", name="lot_left_within"),
        Index("lot_open", "bucket", "member", "kind", "expires_on"),
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = _bytes(primary_key=True)
    line: int = Field(primary_key=True)
    member: str
    kind: str
    issuer: str
    points: int = _int()
    points_left: int = _int()
    expires_on: str = ""
    price_mfen: int


class LotUse(SQLModel, table=True):
    """How much of a lot an entry took (positive) or gave back (negative): the way of every point (A2)."""

    __tablename__: ClassVar[str] = "lot_use"
    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        ForeignKeyConstraint(["bucket", "lot_entry", "lot_line"], ["lot.bucket", "lot.entry", "lot.line"]),
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = _bytes(primary_key=True)
    lot_entry: bytes = _bytes(primary_key=True)
    lot_line: int = Field(primary_key=True)
    points: int = _int()


class Reservation(SQLModel, table=True):
    """Points that lie with one terminal. Ended ones are remembered for ever, so that a late request reserves nothing."""

    __table_args__ = (
        CheckConstraint("points_left >= 0 AND points_left <= points", name="reservation_left_within"),
        Index("reservation_member", "bucket", "member"),
    )
    bucket: int = Field(primary_key=True)
    id: bytes = _bytes(primary_key=True)
    terminal: str
    member: str
    kind: str
    points: int = _int()
    points_left: int = _int()
    granted_at: int = _int()
    position: int = _int()


class Nonce(SQLModel, table=True):
    """The one sale to which a dynamic code belongs, for ever."""

    __table_args__ = (UniqueConstraint("bucket", "nonce"),)
    bucket: int = Field(primary_key=True)
    nonce: str = Field(primary_key=True)
    entry: bytes = _bytes()
