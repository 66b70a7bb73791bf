"""The rules of booking: what one entry does to one member's account (DESIGN, section 4). Pure.

An offline redemption has happened and the goods have left, so a sale is never turned away for want of points: its own
reservation pays first, then what is available, and the rest is the `shortfall` of the merchant who took it. Where what the
sale gives cannot be booked that alone waits for a person: what it took is booked all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ledger.accounts import Account, Booking, Draft, Holding, Original, Refusal, Reservation
from ledger.taking_back import take_back
from protocol.canonical import MAX_INTEGER
from protocol.entries import Award, MemberEntry, Redemption, Returned, Sale

DEFAULT_PRICE_MFEN = 2_000
"""Two fen, for a kind whose price nobody has set."""

_TOO_MUCH = Refusal("points-out-of-range", "the balance would be more than an account can hold")


class Facts(NamedTuple):
    """What a booking stands on.

    `merchant` is the store's: issuer of what it gives, acceptor of what it takes. `reservation` is the one with the entry's
    own id, for `Returned` the one it names; `allowances` those that redemptions name; `original` is what a void or a refund
    takes back, `sold` for a refund what the till had sent of it.
    `ended`: points by kind that the original gave and that nobody used before they ended.
    `foreign_nonces`: those of the entry's nonces that belong to another sale; `prices` the settlement price per kind, which a
    lot keeps from its day.
    `awards_wait`: why the awards of a sale cannot be booked, as far as it is known without its account.
    """

    account: Account
    terminal: str
    store: str
    merchant: str
    prices: Mapping[str, int]
    now_us: int
    position: int
    reservation: Reservation | None = None
    original: Original | None = None
    foreign_nonces: frozenset[str] = frozenset()
    awards_wait: Refusal | None = None
    allowances: Sequence[Reservation] = ()
    sold: Sale | None = None
    ended: Mapping[str, int] = {}

    def price_of(self, kind: str) -> int:
        """What a point that is given now settles for, 1/1000 fen."""
        return self.prices.get(kind, DEFAULT_PRICE_MFEN)


def book(facts: Facts, entry: MemberEntry) -> Booking | Refusal:
    """What `entry` does to the account, or why it cannot be booked. Nothing of a refused entry is booked."""
    if isinstance(entry, Sale):
        return _sale(facts, entry)
    booking = _returned(facts, entry) if isinstance(entry, Returned) else take_back(facts, entry)
    return _TOO_MUCH if isinstance(booking, Booking) and _is_too_much(booking) else booking


def reserve(account: Account, entry: bytes, wanted: Reservation) -> Booking | None:
    """Points leave `available` before the goods leave; None where there are not enough."""
    draft = Draft(account, entry)
    if draft.holding(wanted.kind).available < wanted.points:
        return None
    draft.move(wanted.kind, wanted.points, "available", "reserved")
    return draft.finish(wanted)


def own_points(account: Account, kind: str, issuer: str) -> int:
    """What a member can spend of points that `issuer` gave, at least: whatever is reserved may be of them."""
    own = sum(lot.points_left for lot in account.lots.values() if (lot.kind, lot.issuer) == (kind, issuer))
    holding = account.holdings.get(kind) or Holding()
    return max(0, min(holding.available, own - holding.reserved))


def expire(account: Account, entry: bytes, today: str, *, is_over: bool = False) -> Booking:
    """Points whose last day is before `today` become their issuer's breakage; what is reserved waits until it comes back.

    `is_over`: the account has ended, and all its points with it.
    """
    draft = Draft(account, entry)
    for kind in account.holdings:
        for lot, free in draft.unreserved(kind):
            if is_over or (lot.expires_on and lot.expires_on < today):
                draft.use(lot, free)
                draft.move(kind, free, "available", "breakage", merchant=lot.issuer)
    return draft.finish()


class Amends(NamedTuple):
    """What a person's decision does to one account, by kind, in this order.

    A reservation ends; points are `taken` as by a redemption; what was `handed_out` is the merchant's shortfall; points are
    `given`.
    """

    ends: Reservation | None = None
    taken: Mapping[str, int] = {}
    handed_out: Mapping[str, int] = {}
    given: Sequence[Award] = ()


def amend(facts: Facts, entry: bytes, amends: Amends) -> Booking | Refusal:
    """Booked under `entry`, an id of the ledger's own."""
    draft, shortfall = Draft(facts.account, entry), 0
    ended = [end_reservation(draft, amends.ends, entry)] if amends.ends is not None else []
    for kind, points in amends.taken.items():
        shortfall += _take(draft, facts, kind, points, 0, draft.holding(kind).available)
    for kind, points in amends.handed_out.items():
        shortfall += _take(draft, facts, kind, points, 0, 0)
    for award in amends.given:
        draft.award(award.kind, award.points, facts.merchant, award.expires_on, facts.price_of(award.kind))
    booking = draft.finish(*ended, shortfall=shortfall)
    return _TOO_MUCH if _is_too_much(booking) else booking


def _is_too_much(booking: Booking) -> bool:
    """Held against the whole balance, so that a reservation can always end: then nothing that was taken is ever too much."""
    return any(
        available + reserved > MAX_INTEGER or owed > MAX_INTEGER
        for available, reserved, owed in booking.holdings.values()
    )


def _sale(facts: Facts, sale: Sale) -> Booking | Refusal:
    """Whole, or without what it gives: then its redemptions alone, for their goods have left."""
    waits = facts.awards_wait
    if waits is None:
        booking = _sold(facts, sale, sale.awards)
        if not _is_too_much(booking):
            return booking
        waits = _TOO_MUCH
    return _sold(facts, sale, ())._replace(awards_wait=waits) if sale.redemptions else waits


def _sold(facts: Facts, sale: Sale, awards: Sequence[Award]) -> Booking:
    """Redeems before it awards: what a sale earns is not spent in it. Its own reservation ends, an allowance goes on."""
    draft, own = Draft(facts.account, sale.id.bytes), sale.id.bytes
    drawn = _drawable(facts)
    shortfall = 0
    for redemption in sale.redemptions:
        shortfall += _redeem(draft, facts, redemption, drawn)
    drawn = {
        key: end_reservation(draft, one, own) if key == own or not one.points_left else one
        for key, one in drawn.items()
    }
    for award in awards:
        draft.award(award.kind, award.points, facts.merchant, award.expires_on, facts.price_of(award.kind))
    return draft.finish(*drawn.values(), shortfall=shortfall)


def _drawable(facts: Facts) -> dict[bytes, Reservation]:
    """The sale's own reservation and the allowances that it names, by id: those that are open, and of this terminal and member.

    Whatever an entry names, nobody else's points can be drawn on, nor those reserved for another sale.
    """
    found = [one for one in facts.allowances if one.authority == "allowance"]
    if facts.reservation is not None:
        found.append(facts.reservation)
    return {one.id: one for one in found if not one.ended_by and (one.terminal, one.member) == _who(facts)}


def _who(facts: Facts) -> tuple[str, str]:
    return facts.terminal, facts.account.member


def _redeem(draft: Draft, facts: Facts, redemption: Redemption, drawn: dict[bytes, Reservation]) -> int:
    """The points that nothing covered; what was taken from reservations leaves `drawn`.

    A nonce that belongs to another sale proves nothing: what the ledger did not reserve is then not the member's to pay.
    """
    kind, reserved = redemption.kind, 0
    for reservation in _in_order(facts, redemption, drawn):
        taken = min(redemption.points - reserved, reservation.points_left)
        drawn[reservation.id] = reservation._replace(points_left=reservation.points_left - taken)
        reserved += taken
    proven = redemption.nonce not in facts.foreign_nonces
    issuer = facts.merchant if redemption.own else ""
    available = draft.holding(kind).available if proven else 0
    return _take(draft, facts, kind, redemption.points, reserved, available, issuer)


def _take(draft: Draft, facts: Facts, kind: str, points: int, reserved: int, available: int, issuer: str = "") -> int:
    """From what is reserved, then from at most so much that is available; the rest, which is answered, is the merchant's.

    Of the lots those of `issuer` first, where one is named.
    """
    available = min(points - reserved, available)
    uncovered = points - reserved - available
    _take_first_expiring(draft, kind, reserved + available, issuer)
    draft.move(kind, reserved, "reserved", "clearing", merchant=facts.merchant)
    draft.move(kind, available, "available", "clearing", merchant=facts.merchant)
    draft.move(kind, uncovered, "shortfall", "clearing", merchant=facts.merchant)
    return uncovered


def _in_order(facts: Facts, redemption: Redemption, drawn: Mapping[bytes, Reservation]) -> list[Reservation]:
    """The sale's own reservation pays first, whatever rung it was made on; then the allowance that is named."""
    own = facts.reservation.id if facts.reservation else b""
    named = redemption.reservation.bytes if redemption.reservation else b""
    found = (drawn[key] for key in dict.fromkeys((own, named)) if key in drawn)
    return [reservation for reservation in found if reservation.kind == redemption.kind]


def _take_first_expiring(draft: Draft, kind: str, points: int, issuer: str) -> None:
    if not points:
        return
    lots = draft.open_lots(kind)
    if issuer:
        lots.sort(key=lambda lot: lot.issuer != issuer)
    for lot in lots:
        taken = min(points, lot.points_left)
        draft.use(lot, taken)
        points -= taken
        if not points:
            return


def end_reservation(draft: Draft, reservation: Reservation, by: bytes) -> Reservation:
    """What is left comes back. Its id is never used again: a sale has it once, and `Returned` promises it."""
    draft.move(reservation.kind, reservation.points_left, "reserved", "available")
    draft.pay_owed(reservation.kind)
    return reservation._replace(points_left=0, ended_by=by)


def _returned(facts: Facts, entry: Returned) -> Booking | Refusal:
    """Ends the reservation; one that was never granted is remembered as ended."""
    draft, found = Draft(facts.account, entry.id.bytes), facts.reservation
    if found is None:
        identity, member = entry.reservation.bytes, facts.account.member
        return draft.finish(
            Reservation(identity, facts.terminal, member, "", 0, 0, facts.now_us, facts.position, entry.id.bytes)
        )
    if (found.terminal, found.member) != _who(facts):
        return Refusal("unknown-entry", "it returns a reservation of another terminal or member")
    if found.ended_by:
        return draft.finish()
    return draft.finish(end_reservation(draft, found, entry.id.bytes))
