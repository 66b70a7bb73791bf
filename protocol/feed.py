"""The feed: states of members by bucket, latest per member, and the documents of a store.

A bucket's number is taken under the bucket's lock in the booking transaction, so a reader that has seen n has seen all up
to n; a sequence of the database would not promise that. The till keeps the vector of all buckets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from struct import Struct
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from protocol.canonical import Count, Micros, Model, Name, Positive, Settled, Whole
from protocol.ids import BUCKETS
from protocol.reservations import Reserving

MAX_PAGE_ROWS = 1_000

Numbers = Annotated[tuple[Count, ...], msgspec.Meta(min_length=BUCKETS, max_length=BUCKETS)]
"""Of all buckets."""

MemberStatus = Literal["active", "blocked", "revoked", "merged", "left"]


class Balance(Model, kw_only=True):
    """Of one kind: `available` can be spent, `reserved` lies in reservations, `owed` is paid first by the next awards."""

    available: Whole = 0
    reserved: Count = 0
    owed: Count = 0


class Expiring(Model, kw_only=True):
    """The lot of a kind that expires first; `on` is the last day on which it can be used."""

    kind: Name
    points: Positive
    on: str


class Lying(Settled, kw_only=True):
    """Points that lie in a reservation, and where."""

    id: UUID
    terminal: Name
    kind: Name
    points: Positive
    member: str = ""
    """Whose account they are on, where it is not the row's: a number that was merged into it."""
    authority: Reserving = "online"
    called_back: bool = False
    """Their member stands elsewhere: a till that is not serving him returns them at once."""
    pin_verifier: str = ""
    """Of an allowance, told only to the terminal that has it: with it a PIN is checked there without a network (DESIGN 4)."""


class Standing(Model, kw_only=True):
    """The tier that a member has by himself at the reader's merchant; empty for none.

    `spent_fen` and `visits` (sales in which he paid) are those of the window of months that ends with `month` (YYYY-MM): in a
    later month nobody knows them before he comes again.
    """

    tier: str = ""
    spent_fen: Count = 0
    visits: Count = 0
    month: str = ""


class MemberRow(Settled, kw_only=True):
    """A member as a till needs to know him: a masked name, the last four digits of his phone, never more."""

    member: Name
    position: Count
    name: str = ""
    last4: str = ""
    tier: str = ""
    status: MemberStatus = "active"
    balances: dict[str, Balance] = {}
    expiring: tuple[Expiring, ...] = ()
    lying: tuple[Lying, ...] = ()
    merged_into: str = ""
    merged: dict[str, Count] = {}
    """Numbers that were merged into this one. What was booked on them up to the number of their bucket's feed is in here."""
    epoch: str = ""
    """Of the ledger's books in which `position` was counted, where whoever keeps the row says so; never on the line."""
    counts: dict[str, Count] = {}
    """What rules with a memory go by at the reader's merchant (`protocol.counts`), of periods that still matter."""
    standing: Standing = Standing()
    """Beside `tier`, which was given by hand: he has the higher one."""
    usual: str = ""
    """The reward that he takes most often at the reader's merchant, where he agreed that this is remembered."""
    offers: dict[str, str] = {}
    """Campaigns and rewards that the reader's merchant offers to him in person, each with its last day (YYYY-MM-DD)."""
    phone_key: str = ""
    """Argon2id of the phone, made by the ledger: found offline by who knows the number, slow to read for who does not."""

    def is_about(self, members: Container[str]) -> bool:
        """Whether what one of these has in flight may be in this row: it is his, or of who is the same person."""
        return self.member in members or self.merged_into in members or any(one in members for one in self.merged)


_NUMBERS = Struct(f">{1 + BUCKETS}Q")


class Vector:
    """How far a reader has read each bucket. `documents` is the number of the last document it has.

    `epoch` is that of the ledger's books in which these numbers were counted; empty for a reader who has none yet.
    """

    __slots__ = ("documents", "epoch", "numbers")

    def __init__(self, numbers: Sequence[int] | None = None, documents: int = 0, epoch: str = "") -> None:
        self.numbers = tuple(numbers) if numbers is not None else (0,) * BUCKETS
        if len(self.numbers) != BUCKETS:
            raise ValueError(len(self.numbers))
        if min(self.numbers) < 0 or documents < 0:
            raise ValueError("a number below zero")
        self.documents, self.epoch = documents, epoch

    def digest(self) -> str:
        """22 characters that change with any number: what a poll sends."""
        packed = _NUMBERS.pack(self.documents, *self.numbers)
        return hashlib.sha256(b"till-vector-1\0" + packed + self.epoch.encode()).hexdigest()[:22]

    def moved_to(self, numbers: dict[int, int], documents: int | None = None, epoch: str = "") -> Vector:
        """This vector with some buckets further on, never back. Raises `ValueError` for a bucket that there is not.

        `epoch`: of these numbers, for a reader who had none.
        """
        moved = list(self.numbers)
        for bucket, number in numbers.items():
            if not 0 <= bucket < BUCKETS:
                raise ValueError(bucket)
            moved[bucket] = max(moved[bucket], number)
        return Vector(moved, self.documents if documents is None else documents, self.epoch or epoch)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self._all == other._all

    def __hash__(self) -> int:
        return hash(self._all)

    @property
    def _all(self) -> tuple[tuple[int, ...], int, str]:
        return self.numbers, self.documents, self.epoch


class ChangesRequest(Settled, kw_only=True):
    """What moved since `numbers` (one per bucket)? At most `limit` rows."""

    numbers: Numbers
    documents: Count = 0
    limit: Positive = MAX_PAGE_ROWS
    epoch: str = ""
    """In which `numbers` were counted; empty for a reader who has none yet."""


class Changes(Model, kw_only=True):
    """Rows in rising (bucket, position), and how far each bucket is read with them; `more`: ask again."""

    rows: tuple[MemberRow, ...] = ()
    read: dict[int, Count] = {}
    documents: Count = 0
    """The newest document's number; above the reader's own he fetches documents."""
    more: bool = False
    is_past_horizon: bool = False
    """The ledger has forgotten some of what moved since, or its books are not those any more in which the reader's numbers were
    counted (`epoch` is another one): nothing but a snapshot helps."""
    epoch: str = ""


class SnapshotPart(Model, kw_only=True):
    """The end of a part of a snapshot: before it stand the rows of the buckets from `first` on, one a line.

    `numbers`: how far each of these buckets is contained; `rows` and `digest` (SHA-256, hex) of the lines; `at`: the ledger's
    time, µs UTC. A part is one moment and proves itself, so a snapshot that was cut off goes on after its last whole part.
    """

    first: Annotated[int, msgspec.Meta(ge=0, lt=BUCKETS)]
    numbers: Annotated[tuple[Count, ...], msgspec.Meta(min_length=1, max_length=BUCKETS)]
    rows: Count
    digest: str
    at: Micros
    epoch: str = ""

    @property
    def end(self) -> int:
        """The first bucket that is not in it; `BUCKETS` for the last part."""
        return self.first + len(self.numbers)
