"""The tables of the books. What tills sent is in `ledger.schema_received`.

Hot tables carry `bucket` and have it in every key, so that members, lots, entries, postings and the bucket's feed number lie
in one shard wherever the ledger is distributed (DESIGN, section 6). What tills sent lies by terminal. Nothing here
validates: rows are made from protocol models that did; the CHECK constraints are the last line, and they hold on both
engines. Times are µs UTC, points and fen are integers, ids are 16 bytes.
"""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, MetaData, Text, text
from sqlmodel import Field, SQLModel

HOT_TABLES = (
    "bucket", "member", "balance", "lot", "lot_use", "entry", "posting", "refund", "reservation", "nonce",
    "visit", "habit", "merged", "unclaimed", "lot_origin", "ended", "horizon",
    "page_link", "page_session", "consent",
    "household", "seat", "invitation", "pooled",
    "member_count", "standing", "tier_given", "usual", "personal_offer", "held",
    "newcomer",
)  # fmt: skip
"""The second line is in `ledger.schema_people`, the third in `ledger.schema_page`, the fourth in `ledger.schema_household`, the
fifth in `ledger.schema_standing`, the last in `ledger.schema_joining`."""

PEOPLE = "t.status NOT IN ('household', 'unclaimed', 'claimed')"
"""For `rows.find` in `Member`: holders who are persons. A household is nobody who comes to a counter, nor is the account of a
sale that nobody has claimed."""
BOOKED_BY_TILLS = "t.status <> 'household'"
"""Holders on whose accounts entries of tills are booked."""


def whole(**keywords: object) -> int:
    """A column of whole numbers, as long as points, fen and µs may be."""
    return Field(sa_type=BigInteger, **keywords)  # type: ignore[call-overload,no-any-return]


def blob(**keywords: object) -> bytes:
    """A column of bytes."""
    return Field(sa_type=LargeBinary, **keywords)  # type: ignore[call-overload,no-any-return]


CLUSTERED = {"sqlite_with_rowid": False}
"""On SQLite a table is its primary key's tree: one tree to write instead of two. Not for rows as long as payloads."""


class Books(SQLModel):
    """The base of all tables here; they are no part of any other database in the process."""

    metadata: ClassVar[MetaData] = MetaData()


# --- who takes part -------------------------------------------------------------------------------------------------


class SettlementPrice(Books, table=True):
    """What an accepting merchant is paid today for one point of a kind, in 1/1000 fen: one price for the whole coalition."""

    __tablename__: ClassVar[str] = "settlement_price"
    kind: str = Field(primary_key=True)
    price_mfen: int


class Merchant(Books, table=True):
    """Who issues and accepts points."""

    merchant: str = Field(primary_key=True)
    name: str
    status: str = "active"


class Store(Books, table=True):
    """A place of a merchant; its settings are a published document."""

    store: str = Field(primary_key=True)
    merchant: str = Field(foreign_key="merchant.merchant")
    name: str


class Terminal(Books, table=True):
    """A till, how far its chain was received (`head_seq`), and how far each entry has an outcome (`booked_seq`).

    `status`: active, revoked, retired, lost. Its id is never used again.
    """

    terminal: str = Field(primary_key=True)
    store: str = Field(foreign_key="store.store")
    name: str
    public: bytes = blob()
    status: str = "active"
    head_seq: int = whole(default=0)
    head: bytes = blob(default=b"")
    """Empty before the first entry: the chain then begins at `chain.genesis`."""
    head_signature: bytes = blob(default=b"")
    booked_seq: int = whole(default=0)
    enrolled_at: int = whole()
    seen_at: int = whole()
    tag: bytes = Field(sa_type=LargeBinary, index=True)
    """`authorisations.terminal_tag` of its id: by this a member's phone names it."""


class Enrolment(Books, table=True):
    """A one-time code; `terminal` is who used it, `replaces` the till that is retired by that."""

    code: str = Field(primary_key=True)
    store: str = Field(foreign_key="store.store")
    expires_at: int = whole()
    terminal: str = ""
    replaces: str = ""


class PublishedDocument(Books, table=True):
    """A signed document for one store, or for all where `store` is empty. `number` rises over the whole ledger."""

    __tablename__: ClassVar[str] = "document"
    number: int = whole(primary_key=True)
    kind: str
    id: str
    store: str = ""
    signed: str = Field(sa_type=Text)


class Setting(Books, table=True):
    """What this ledger was born with, such as the salt of phone keys."""

    key: str = Field(primary_key=True)
    value: str


# --- the books, by bucket -------------------------------------------------------------------------------------------


class Bucket(Books, table=True):
    """The feed number of a bucket; its row is the bucket's lock."""

    __table_args__ = (CLUSTERED,)
    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = whole(default=0)


_UNHASHED = text("phone_key = '' AND last4 <> ''")


class Member(Books, table=True):
    """The account holder. `position`: where the bucket's feed stood when anything of his changed last.

    Status `household`: no person, but several who share a pool (`ledger.schema_household`). `unclaimed`: the sale of nobody,
    until somebody claims it (`ledger.claiming`); `claimed`: its points went to `merged_into`, and what still arrives does.
    """

    __table_args__ = (
        Index("member_feed", "bucket", "position"),
        Index("member_unhashed", "bucket", "member", sqlite_where=_UNHASHED, postgresql_where=_UNHASHED),
        CheckConstraint(
            "status IN ('active', 'blocked', 'revoked', 'merged', 'left', 'household', 'unclaimed', 'claimed')",
            name="member_status",
        ),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    position: int = whole(default=0)
    name: str = ""
    last4: str = ""
    tier: str = ""
    status: str = "active"
    merged_into: str = ""
    phone_key: str = ""
    pin_hash: str = ""
    pin_failures: int = 0
    joined_at: int = whole(default=0)


class Balance(Books, table=True):
    """Materialised sums of a member's postings per kind; `ledger.verify` recomputes them.

    available + reserved = what is left in his lots; reserved = what is left in his reservations; owed = minus the sum of the
    postings to the account of that name, a debt.
    """

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "member"], ["member.bucket", "member.member"]),
        CheckConstraint("available >= 0", name="available_not_negative"),
        CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        CheckConstraint("owed >= 0", name="owed_not_negative"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    available: int = whole(default=0)
    reserved: int = whole(default=0)
    owed: int = whole(default=0)


class Entry(Books, table=True):
    """An entry that was booked, or one that the ledger made itself (reserve, expire, transfer and such; their `seq` is 0).

    `shortfall`: points that no balance covered; `voided_by`: the entry that took it back.
    """

    __table_args__ = (Index("entry_member", "bucket", "member", "position"), CLUSTERED)
    bucket: int = Field(primary_key=True)
    id: bytes = blob(primary_key=True)
    terminal: str
    seq: int = whole()
    type: str
    member: str
    store: str
    merchant: str
    reference: str = ""
    business_day: str
    occurred_at: int = whole()
    recorded_at: int = whole()
    position: int = whole()
    shortfall: int = whole(default=0)
    voided_by: bytes = blob(default=b"")


class Posting(Books, table=True):
    """One line of an entry. Per entry and kind they sum to zero. `holder`: a member, or a merchant's account in this bucket;
    of `transfer`, what is on its way between two accounts, the number that was merged or the household."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        CheckConstraint(
            "account IN ('available', 'reserved', 'owed', 'issuance', 'clearing', 'breakage', 'shortfall', 'transfer')",
            name="posting_account",
        ),
        CheckConstraint("points <> 0", name="posting_moves_something"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = blob(primary_key=True)
    line: int = Field(primary_key=True)
    account: str
    holder: str
    kind: str
    points: int = whole()


class Lot(Books, table=True):
    """Points with an origin and an end. `left` falls as redemptions take them, first expiring first; id = entry + line."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        CheckConstraint("points > 0", name="lot_has_points"),
        CheckConstraint("points_left >= 0 AND points_left <= points", name="lot_left_within"),
        Index(
            "lot_open",
            "bucket",
            "member",
            sqlite_where=text("points_left > 0"),
            postgresql_where=text("points_left > 0"),
        ),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = blob(primary_key=True)
    line: int = Field(primary_key=True)
    member: str
    kind: str
    issuer: str
    points: int = whole()
    points_left: int = whole()
    expires_on: str = ""
    price_mfen: int
    extended: int = 0
    """1: its end was put off for points that came back after it; that is done once."""


class LotUse(Books, table=True):
    """How much of a lot an entry took (positive) or gave back (negative): the way of every point (A2)."""

    __tablename__: ClassVar[str] = "lot_use"
    __table_args__ = (
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        ForeignKeyConstraint(["bucket", "lot_entry", "lot_line"], ["lot.bucket", "lot.entry", "lot.line"]),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = blob(primary_key=True)
    lot_entry: bytes = blob(primary_key=True)
    lot_line: int = Field(primary_key=True)
    points: int = whole()


class Refund(Books, table=True):
    """What came back of a sale with one entry, a row each: of `goods` the fen of a category, the `money`, points of a kind that
    the member got (`given`) or lost (`taken`), and those that were added for a reason (`added`). `ended`: points of `taken`
    that he had lost before, because they had ended."""

    __table_args__ = (
        ForeignKeyConstraint(["bucket", "sale"], ["entry.bucket", "entry.id"]),
        ForeignKeyConstraint(["bucket", "entry"], ["entry.bucket", "entry.id"]),
        Index("refund_sale", "bucket", "sale"),
        CheckConstraint("what IN ('goods', 'money', 'given', 'taken', 'added', 'ended')", name="refund_what"),
        CheckConstraint("amount > 0", name="refund_moves_something"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    entry: bytes = blob(primary_key=True)
    what: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    sale: bytes = blob()
    amount: int = whole()


class Reservation(Books, table=True):
    """Points that lie with one terminal. `ended_by`: the entry that used or returned it, empty while it is open.

    Ended ones are remembered for ever, also those (of 0 points) that were returned before they were granted: a late request
    reserves nothing.
    """

    __table_args__ = (
        CheckConstraint("points_left >= 0 AND points_left <= points", name="reservation_left_within"),
        CheckConstraint("length(ended_by) = 0 OR points_left = 0", name="ended_reservation_is_empty"),
        Index("reservation_member", "bucket", "member"),
        CLUSTERED,
    )
    bucket: int = Field(primary_key=True)
    id: bytes = blob(primary_key=True)
    terminal: str
    member: str
    kind: str
    points: int = whole()
    points_left: int = whole()
    granted_at: int = whole()
    position: int = whole()
    ended_by: bytes = blob(default=b"")
    authority: str = "online"
    """Who asked for it: `allowance` in advance, `online` the till, `authorised` the member's phone."""
    called_back: int = 0
    """1: its member stands elsewhere, and the till that holds it is asked to return it."""
    holds: int = 0
    """1: it was granted with a row in `schema_standing.Held`, which goes with its end."""


class Nonce(Books, table=True):
    """The one sale to which a dynamic code belongs, for ever."""

    __table_args__ = (CLUSTERED,)
    bucket: int = Field(primary_key=True)
    nonce: str = Field(primary_key=True)
    entry: bytes = blob()
