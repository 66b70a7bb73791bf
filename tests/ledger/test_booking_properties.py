"""What is true of every booking, whatever the account and the sale: drawn by hypothesis."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.accounts import Account, Booking, Holding, Lot, Original, Refusal, Reservation
from ledger.booking import Facts, book, expire
from ledger.shelf import original_of
from protocol.canonical import MAX_INTEGER
from protocol.entries import Award, Clock, Redemption, Refund, Sale, Void
from protocol.ids import bucket_of, new_id

MEMBER, TODAY = "1000000001", "2026-11-21"
KINDS = ("gold", "points")
WAITS = Refusal("unknown-programme", "never published")
SALE_ID, OTHER_ID, ALLOWANCE_ID = (new_id(n, bucket_of(MEMBER), n) for n in (1, 2, 3))
ENDS = ("", "2026-11-25", "2028-11-21")

kinds, few = st.sampled_from(KINDS), st.integers(1, 60)
lots = st.lists(st.tuples(kinds, st.integers(0, 60), st.integers(0, 40), st.sampled_from(ENDS)), max_size=5)
awards = st.lists(st.builds(Award, kind=kinds, points=few, expires_on=st.sampled_from(ENDS)), max_size=3)
redemptions = st.lists(
    st.builds(
        Redemption, reward=st.just("r"), kind=kinds, points=few, off_bill_fen=st.just(0), authority=st.just("floor"),
        proof=st.just("dynamic"), nonce=st.sampled_from(("", "n1", "n2")),
        reservation=st.sampled_from((None, SALE_ID, ALLOWANCE_ID, OTHER_ID)),
    ),
    max_size=3,
)  # fmt: skip


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """An account whose lots, holdings and open reservations fit each other: one that may be the sale's own, and one beside it,
    an allowance of this terminal, or of another, or no allowance at all."""
    held = {(bytes([n]), 1): Lot(bytes([n]), 1, kind, "M0", left + used, left, end, 1)
            for n, (kind, left, used, end) in enumerate(draw(lots))}  # fmt: skip
    whole = {kind: sum(lot.points_left for lot in held.values() if lot.kind == kind) for kind in KINDS}
    kind = draw(kinds)
    reserved = draw(st.integers(0, whole[kind]))
    holdings = {}
    for one in KINDS:
        held_back = reserved * (one == kind)
        free = whole[one] - held_back
        holdings[one] = Holding(free, held_back, 0 if free else draw(st.integers(0, 30)))
    identity = draw(st.sampled_from((SALE_ID, OTHER_ID))).bytes
    first = draw(st.integers(0, reserved))
    reservation = Reservation(identity, "T1", MEMBER, kind, first, first, 0, 1) if first else None
    terminal, authority = draw(st.sampled_from((("T1", "allowance"), ("T2", "allowance"), ("T1", "online"))))
    rest = reserved - first
    beside = Reservation(ALLOWANCE_ID.bytes, terminal, MEMBER, kind, rest, rest, 0, 1, authority=authority)
    nonces = draw(st.frozensets(st.sampled_from(("n1", "n2"))))
    own = reservation if identity == SALE_ID.bytes else None
    named = [beside] if rest else []
    return Facts(Account(MEMBER, holdings, held), "T1", "S1", "M1", {}, 0, 2, own, None, nonces, allowances=named)


def sale_of(taken: list[Redemption], given: list[Award]) -> Sale:
    return Sale(**_header(SALE_ID), member=MEMBER, gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1,
                awards=tuple(given), redemptions=tuple(taken))  # fmt: skip


@given(facts(), redemptions, awards)
def test_a_sale_keeps_the_books(before: Facts, taken: list[Redemption], given_: list[Award]) -> None:
    """Sums are zero, nothing is below zero, lots hold what is held, and each point taken is covered once or is shortfall."""
    booking = booked(before, sale_of(taken, given_))
    after = before.account.after(booking)
    for kind in KINDS:
        assert sum(line.points for line in booking.postings if line.kind == kind) == 0
        holding = after.holdings.get(kind, Holding())
        assert min(holding) >= 0
        assert not (holding.available and holding.owed), "what came back paid it"
        left = sum(lot.points_left for lot in after.lots.values() if lot.kind == kind)
        assert left == holding.available + holding.reserved
        used = sum(points for key, points in booking.uses.items() if after.lots[key].kind == kind)
        taken_here = sum(line.points for line in taken if line.kind == kind)
        unpaid = sum(lot.points for key, lot in after.lots.items() if key in booking.new_lots and lot.kind == kind)
        paid_by_lots = posted(booking, "owed")[kind] - (-posted(booking, "issuance")[kind] - unpaid)
        assert used - posted(booking, "shortfall")[kind] - paid_by_lots == taken_here
    assert booking.shortfall == -sum(posted(booking, "shortfall").values())
    kept = {one.id: one for one in (*before.allowances, *booking.reservations)}
    if before.reservation is not None:
        ended = kept.pop(SALE_ID.bytes)
        assert (ended.points_left, ended.ended_by) == (0, SALE_ID.bytes)
    for one in before.allowances:
        named = sum(line.points for line in taken if line.reservation == ALLOWANCE_ID and line.kind == one.kind)
        is_drawable = (one.terminal, one.authority) == ("T1", "allowance")
        assert one.points_left - kept[one.id].points_left <= (named if is_drawable else 0)
        if before.reservation is None and is_drawable:
            assert one.points_left - kept[one.id].points_left == min(named, one.points_left)
    held = sum(one.points_left for one in kept.values())
    unnamed = 0 if before.reservation or not before.account.holdings else _of_others(before)
    assert held + unnamed == sum(holding.reserved for holding in after.holdings.values())


@given(facts(), redemptions, awards)
def test_what_a_sale_gives_changes_nothing_in_what_it_takes(
    before: Facts, taken: list[Redemption], given_: list[Award]
) -> None:
    """Awards that wait leave the booking of the redemptions alone; without redemptions nothing is booked."""
    waiting = book(before._replace(awards_wait=WAITS), sale_of(taken, given_))
    if not taken:
        assert waiting == WAITS
        return
    alone = booked(before, sale_of(taken, []))
    assert waiting == alone._replace(awards_wait=WAITS)
    both = booked(before, sale_of(taken, given_))
    assert (both.shortfall, both.uses, both.reservations) == (alone.shortfall, alone.uses, alone.reservations)
    assert (posted(both, "clearing"), posted(both, "shortfall")) == (
        posted(alone, "clearing"), posted(alone, "shortfall"),
    )  # fmt: skip
    assert posted(alone, "issuance") == {}


@given(facts(), redemptions, awards, st.booleans())
def test_a_void_takes_back_what_was_booked_and_no_more(
    before: Facts, taken: list[Redemption], given_: list[Award], waits: bool
) -> None:
    """Nothing in between: the member has and owes in sum what he had before, also where the awards never came."""
    known = before._replace(awards_wait=WAITS if waits else None)
    sale = sale_of(taken, given_)
    sold = book(known, sale)
    if isinstance(sold, Refusal):
        assert book(known._replace(awards_wait=None), _void()) == Refusal(
            "unknown-entry", "it takes back what is not a booked sale of this member"
        )
        return
    later = known._replace(
        account=before.account.after(sold), awards_wait=None, reservation=None, original=_original(sold)
    )
    voided = booked(later, _void())
    after = later.account.after(voided)
    for kind in KINDS:
        had, has = before.account.holdings[kind], after.holdings[kind]
        assert has.available + has.reserved - has.owed == had.available + had.reserved - had.owed
        assert posted(sold, "clearing")[kind] + posted(voided, "clearing")[kind] == 0
        assert posted(sold, "issuance")[kind] + posted(voided, "issuance")[kind] == 0


@given(facts(), redemptions, awards, st.integers(0, 60))
def test_what_ended_is_taken_back_from_nobody(
    before: Facts, taken: list[Redemption], given_: list[Award], promised: int
) -> None:
    """Sale, expiry, refund of all of it: what the sale gave and he lost at its end is not taken again; what the till promised
    beyond that is the merchant's."""
    sale = sale_of(taken, given_)
    sold = booked(before, sale)
    ended = expire(before.account.after(sold), b"expiry", "2026-12-01")
    lost = before.account.after(sold).after(ended)
    own = dict.fromkeys(KINDS, 0)
    for key, points in ended.uses.items():
        own[lost.lots[key].kind] += points if key[0] == SALE_ID.bytes else 0
    awarded = {kind: sum(one.points for one in given_ if one.kind == kind) for kind in KINDS}
    whole = Refund(**_header(OTHER_ID), member=MEMBER, refunds=SALE_ID, money_fen=1,
                   taken_back={kind: points for kind, points in awarded.items() if points},
                   ended={kind: promised for kind in KINDS if promised})  # fmt: skip
    later = before._replace(account=lost, reservation=None, original=_original(sold), sold=sale, ended=own)
    back = book(later, whole)
    assert isinstance(back, Booking)
    after = lost.after(back)
    for kind in KINDS:
        assert sum(line.points for line in back.postings if line.kind == kind) == 0
        unlost = min(own[kind], awarded[kind])
        borne = max(0, min(promised, awarded[kind]) - unlost)
        assert (-posted(back, "breakage")[kind], -posted(back, "shortfall")[kind]) == (unlost, borne)
        had, has = lost.holdings[kind], after.holdings[kind]
        less = awarded[kind] - unlost - borne
        assert has.available + has.reserved - has.owed == had.available + had.reserved - had.owed - less


@given(redemptions, few, st.integers(1, 100))
def test_a_balance_that_the_awards_would_burst_pays_all_the_same(
    taken: list[Redemption], points: int, room: int
) -> None:
    """The redemption is booked, the award waits; what is reserved counts, so that a reservation can always end."""
    full = MAX_INTEGER - room
    lot = Lot(b"0", 1, "points", "M0", full, full, "", 1)
    held = {"points": Holding(full - 5, 5)}
    before = Facts(Account(MEMBER, held, {lot.key: lot}), "T1", "S1", "M1", {}, 0, 2)
    spent = sum(line.points for line in taken if line.kind == "points")
    sold = book(before, sale_of(taken, [Award(kind="points", points=points)]))
    waits = Refusal("points-out-of-range", "the balance would be more than an account can hold")
    if points - spent <= room:
        assert isinstance(sold, Booking)
        assert sold.awards_wait is None
    elif taken:
        assert sold == booked(before, sale_of(taken, []))._replace(awards_wait=waits)
    else:
        assert sold == waits


def booked(known: Facts, entry: Sale | Void) -> Booking:
    """What has to be booked."""
    booking = book(known, entry)
    assert isinstance(booking, Booking)
    return booking


def _of_others(before: Facts) -> int:
    """Points that lie in a reservation which this sale neither has nor names."""
    reserved = sum(holding.reserved for holding in before.account.holdings.values())
    return reserved - sum(one.points_left for one in before.allowances)


def posted(booking: Booking, account: str) -> dict[str, int]:
    """Points per kind on an account."""
    sums: dict[str, int] = defaultdict(int)
    for line in booking.postings:
        if line.account == account:
            sums[line.kind] += line.points
    return sums


def _original(sold: Booking) -> Original:
    postings = {name: posted(sold, name) for name in ("issuance", "shortfall", "clearing")}
    return original_of(SALE_ID.bytes, ("sale", MEMBER, "S1", "M1", "", b""), postings, sold.uses)


def _void() -> Void:
    return Void(**_header(OTHER_ID), member=MEMBER, voids=SALE_ID)


def _header(identity: UUID) -> dict[str, Any]:
    clock = Clock(wall=0, boot="b", mono_us=0)
    return {"id": identity, "store": "S1", "occurred_at": 0, "business_day": TODAY, "clock": clock}
