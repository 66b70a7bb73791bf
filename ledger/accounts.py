"""What the books hold for one member, and a draft of a change to it. Values only: no database, no clock.

Every change is a movement of points from one account to another, so postings sum to zero by construction. Signs: a posting
raises or lowers its account; `owed` is a debt, so its postings are negative while it grows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from protocol.push import Reason

AccountName: TypeAlias = Literal[
    "available", "reserved", "owed", "issuance", "clearing", "breakage", "shortfall", "transfer"
]
LotKey: TypeAlias = tuple[bytes, int]

_NEVER = "9999-99-99"
_OF_MEMBERS = ("available", "reserved", "owed")


class Lot(NamedTuple):
    """Points of one award: who issued them, what they settle for, and until when they can be used ("" for ever).

    `extended`: 1, once its end was put off for points that came back after it.
    """

    entry: bytes
    line: int
    kind: str
    issuer: str
    points: int
    points_left: int
    expires_on: str
    price_mfen: int
    extended: int = 0

    @property
    def key(self) -> LotKey:
        return self.entry, self.line

    @property
    def order(self) -> tuple[str, bytes, int]:
        """First expiring first; of two that end on one day the older."""
        return self.expires_on or _NEVER, self.entry, self.line


class Holding(NamedTuple):
    """Points of one kind. available + reserved = what is left in the lots of the kind."""

    available: int = 0
    reserved: int = 0
    owed: int = 0


class Reservation(NamedTuple):
    """Points that lie with a terminal; `ended_by` is empty while it is open. `holds`: 1, if a bounded reward is held with them
    (`ledger.bounds`)."""

    id: bytes
    terminal: str
    member: str
    kind: str
    points: int
    points_left: int
    granted_at: int
    position: int
    ended_by: bytes = b""
    authority: str = "online"
    called_back: int = 0
    holds: int = 0


class GoneBack(NamedTuple):
    """What refunds of a sale have done so far: fen per category and money, points by kind; `compensated`: points were added.

    `ended`: of what was taken back, points that the member had lost before, because they had ended.
    """

    sums_fen: Mapping[str, int] = {}
    money_fen: int = 0
    given_back: Mapping[str, int] = {}
    taken_back: Mapping[str, int] = {}
    compensated: bool = False
    ended: Mapping[str, int] = {}


NOTHING_BACK = GoneBack()


class Original(NamedTuple):
    """A booked sale, as a void or a refund needs it. By kind: points given, taken, and not covered when they were taken."""

    id: bytes
    type: str
    member: str
    store: str
    merchant: str
    reference: str = ""
    voided_by: bytes = b""
    given: Mapping[str, int] = {}
    taken: Mapping[str, int] = {}
    uncovered: Mapping[str, int] = {}
    uses: Mapping[LotKey, int] = {}
    gone_back: GoneBack = NOTHING_BACK


def accepted_id(sale: bytes) -> bytes:
    """Under which entry that is booked which a sale gives, where a person accepted it later: one for a sale, in its bucket."""
    drawn = hashlib.sha256(b"till-accepted-1\0" + sale).digest()
    return sale[:8] + bytes([0x80 | drawn[0] & 0x3F]) + drawn[1:8]


class Posting(NamedTuple):
    """One line of an entry. `holder`: a member, or a merchant's account in the member's bucket."""

    account: AccountName
    holder: str
    kind: str
    points: int


class Account(NamedTuple):
    """A member's holdings by kind and those of his lots that matter here (open ones, and closed ones of a voided sale)."""

    member: str
    holdings: Mapping[str, Holding] = {}
    lots: Mapping[LotKey, Lot] = {}

    def after(self, booking: Booking) -> Account:
        """The account with a booking made."""
        return Account(
            self.member,
            {**self.holdings, **booking.holdings},
            {**self.lots, **booking.lots} if booking.lots else self.lots,
        )


class Refusal(NamedTuple):
    """Why an entry, or what a sale gives, waits for a person instead of being booked; `detail` is for that person."""

    reason: Reason
    detail: str = ""


class Booking(NamedTuple):
    """What an entry does to the books. `holdings`, `lots` and `reservations` are states afterwards, of what it touched.

    `new_lots` names those that it made; `uses` says how many points it took from a lot, negative where it gave back.
    `awards_wait`: why nothing is booked of what a sale gives, though what it took is.
    """

    postings: Sequence[Posting] = ()
    holdings: Mapping[str, Holding] = {}
    lots: Mapping[LotKey, Lot] = {}
    new_lots: Sequence[LotKey] = ()
    uses: Mapping[LotKey, int] = {}
    reservations: Sequence[Reservation] = ()
    shortfall: int = 0
    awards_wait: Refusal | None = None


class Draft:
    """A booking in the making, on top of an account."""

    __slots__ = ("_account", "_entry", "_holdings", "_lots", "_moves", "_new_lots", "_uses")

    def __init__(self, account: Account, entry: bytes) -> None:
        self._account = account
        self._entry = entry
        self._holdings: dict[str, Holding] = {}
        self._lots: dict[LotKey, Lot] = {}
        self._moves: dict[tuple[AccountName, str, str], int] = {}
        self._new_lots: list[LotKey] = []
        self._uses: dict[LotKey, int] = {}

    def holding(self, kind: str) -> Holding:
        """As it is now, with what was drafted."""
        return self._holdings.get(kind) or self._account.holdings.get(kind) or Holding()

    def move(self, kind: str, points: int, source: AccountName, target: AccountName, *, merchant: str = "") -> None:
        """From one account to another; `merchant` is the holder of that side which is not the member's."""
        if points:
            self._post(source, kind, -points, merchant)
            self._post(target, kind, points, merchant)

    def award(self, kind: str, points: int, issuer: str, expires_on: str, price_mfen: int) -> None:
        """What the member owes is paid first; the rest makes a lot."""
        owed = min(points, self.holding(kind).owed)
        self.move(kind, owed, "issuance", "owed", merchant=issuer)
        self.move(kind, points - owed, "issuance", "available", merchant=issuer)
        if points > owed:
            self.make_lot(kind, points - owed, issuer, expires_on, price_mfen)

    def pay_owed(self, kind: str) -> None:
        """What came back to the member pays what he owes first: from what is free, first expiring first."""
        paid = left = min(self.holding(kind).owed, self.holding(kind).available)
        if not paid:
            return
        for lot, free in self.unreserved(kind):
            taken = min(left, free)
            if taken:
                self.use(lot, taken)
                left -= taken
        self.move(kind, paid, "available", "owed")

    def make_lot(
        self, kind: str, points: int, issuer: str, expires_on: str, price_mfen: int, extended: int = 0
    ) -> None:
        """Points that come into being."""
        line = len(self._new_lots) + 1
        lot = Lot(self._entry, line, kind, issuer, points, points, expires_on, price_mfen, extended)
        self._lots[lot.key] = lot
        self._new_lots.append(lot.key)

    def lot(self, key: LotKey) -> Lot:
        """As it is now, with what was drafted."""
        return self._lots.get(key) or self._account.lots[key]

    def use(self, lot: Lot, points: int) -> None:
        """Take points from a lot, or give some back (negative)."""
        self._lots[lot.key] = lot._replace(points_left=lot.points_left - points)
        self._uses[lot.key] = self._uses.get(lot.key, 0) + points

    def extend(self, lot: Lot, expires_on: str) -> None:
        """Put its end off: once."""
        self._lots[lot.key] = lot._replace(expires_on=expires_on, extended=1)

    def open_lots(self, kind: str) -> list[Lot]:
        """First expiring first."""
        lots = {**self._account.lots, **self._lots}.values()
        return sorted((lot for lot in lots if lot.kind == kind and lot.points_left), key=lambda lot: lot.order)

    def unreserved(self, kind: str) -> list[tuple[Lot, int]]:
        """Lots and how many points of each lie in no reservation; they add up to `available`.

        A reservation is not tied to lots: it is taken to hold the first expiring ones, which a redemption would take.
        """
        held, free = self.holding(kind).reserved, []
        for lot in self.open_lots(kind):
            covered = min(held, lot.points_left)
            held -= covered
            if lot.points_left > covered:
                free.append((lot, lot.points_left - covered))
        return free

    def finish(self, *reservations: Reservation, shortfall: int = 0) -> Booking:
        """The booking, with one posting per account and kind that moved."""
        postings = [Posting(*where, points) for where, points in self._moves.items() if points]
        uses = {key: points for key, points in self._uses.items() if points} if self._uses else self._uses
        return Booking(postings, self._holdings, self._lots, self._new_lots, uses, reservations, shortfall)

    def _post(self, account: AccountName, kind: str, points: int, merchant: str) -> None:
        holder = merchant
        if account in _OF_MEMBERS:
            holder = self._account.member
            available, reserved, owed = self.holding(kind)
            if account == "available":
                available += points
            elif account == "reserved":
                reserved += points
            else:
                owed -= points
            self._holdings[kind] = Holding(available, reserved, owed)
        key = (account, holder, kind)
        self._moves[key] = self._moves.get(key, 0) + points
