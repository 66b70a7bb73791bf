"""The pure rules, in every order of a small world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from ledger import booking
from ledger.accounts import Account, Booking, Holding, Original, Refusal, Reservation
from ledger.booking import Facts
from ledger.shelf import original_of
from protocol.canonical import MAX_INTEGER
from protocol.entries import Award, Clock, MemberEntry, Redemption, Returned, Sale, Void
from protocol.ids import bucket_of, new_id

MEMBER, KIND, TODAY = "1000000001", "points", "2026-11-21"
DEPTH = 6
TAKEN = Refusal("reference-taken")


class World(NamedTuple):
    """One member, his reservations and the sales that were booked, in order; `steps` makes ids."""

    account: Account = Account(MEMBER)
    reservations: tuple[Reservation, ...] = ()
    sales: tuple[Original, ...] = ()
    expired: int = 0
    steps: int = 0

    def id(self) -> bytes:
        return new_id(self.steps, bucket_of(MEMBER), 0).bytes

    def open(self, authority: str = "online") -> Reservation | None:
        return next((r for r in self.reservations if not r.ended_by and r.authority == authority), None)

    def after(self, booked: Booking, **changes: object) -> World:
        kept = {one.id: one for one in (*self.reservations, *booked.reservations)}
        known = self._replace(account=self.account.after(booked), reservations=tuple(kept.values()))
        return known._replace(**changes)  # type: ignore[arg-type]


def test_every_short_history_keeps_the_books() -> None:
    """All histories of up to six steps: sums are zero, nothing is negative, lots and reservations add up."""
    seen = Counter[str]()
    _explore(World(), DEPTH, seen)
    assert set(seen) == set(STEPS)
    assert min(seen.values()) > 100


def test_refused_entry_has_no_booking() -> None:
    """A balance that no account can hold, and a void without its sale, are refused before anything moves."""
    full = World(Account(MEMBER, {KIND: Holding(MAX_INTEGER)}))
    assert booking.book(_facts(full), _sale(full, award=1)) == Refusal(
        "points-out-of-range", "the balance would be more than an account can hold"
    )
    void = _void(World(), World().id())
    assert isinstance(booking.book(_facts(World()), void), Refusal)


def _explore(world: World, depth: int, seen: Counter[str]) -> None:
    if depth == 0:
        return
    for name, step in STEPS.items():
        after = step(world._replace(steps=world.steps + 1))
        if after is not None:
            seen[name] += 1
            _check(after)
            _explore(after, depth - 1, seen)


def _check(world: World) -> None:
    holding = world.account.holdings.get(KIND, Holding())
    assert min(holding) >= 0
    lots = world.account.lots.values()
    assert all(0 <= lot.points_left <= lot.points for lot in lots)
    assert sum(lot.points_left for lot in lots) == holding.available + holding.reserved
    assert sum(r.points_left for r in world.reservations if not r.ended_by) == holding.reserved
    standing = [sale for sale in world.sales if not sale.voided_by]
    earned = sum(sale.given.get(KIND, 0) for sale in standing)
    paid = sum(sale.taken.get(KIND, 0) - sale.uncovered.get(KIND, 0) for sale in standing)
    assert holding.available + holding.reserved - holding.owed == earned - paid - world.expired


def _award(points: int, expires_on: str) -> Callable[[World], World]:
    return lambda world: _booked(world, _sale(world, award=points, expires_on=expires_on))


def _redeem(points: int) -> Callable[[World], World]:
    return lambda world: _booked(world, _sale(world, redeem=points))


def _redeem_while_the_award_waits(world: World) -> World:
    """The books move as if nothing had been given; a void finds nothing to take."""
    sale = _sale(world, redeem=2, award=3)
    taken_alone = booking.book(_facts(world), _sale(world, redeem=2))
    assert isinstance(taken_alone, Booking)
    assert booking.book(_facts(world)._replace(awards_wait=TAKEN), sale) == taken_alone._replace(awards_wait=TAKEN)
    return _booked(world, sale, awards_wait=TAKEN)


def _use(world: World) -> World | None:
    """A sale with the id of the open reservation."""
    found = world.open()
    return _booked(world, _sale(world, redeem=1, award=1), found) if found else None


def _draw(world: World) -> World | None:
    """On the allowance that there is, and no more than it holds; an ended one gives nothing."""
    found = world.open("allowance")
    if found is None:
        return None
    after = _booked(world, _sale(world, redeem=1, draws_on=found))
    [left] = [one for one in after.reservations if one.id == found.id]
    assert (left.points_left, bool(left.ended_by)) == (found.points_left - 1, found.points_left == 1)
    return after


def _draw_beyond(world: World) -> World | None:
    """A sale with a reservation of its own that names the allowance too: the own one pays first, and ends alone."""
    own, found = world.open(), world.open("allowance")
    if own is None or found is None:
        return None
    after = _booked(world, _sale(world, redeem=3, draws_on=found), own)
    left = {one.id: one for one in after.reservations}
    assert (left[own.id].points_left, bool(left[own.id].ended_by)) == (0, True)
    assert left[found.id].points_left == found.points_left - 1
    return after


def _reserve(authority: str) -> Callable[[World], World | None]:
    def step(world: World) -> World | None:
        if world.open(authority):
            return None
        wanted = Reservation(world.id(), "T1", MEMBER, KIND, 2, 2, 0, world.steps, authority=authority)
        booked = booking.reserve(world.account, world.id(), wanted)
        return world.after(_balanced(booked)) if booked else None

    return step


def _return(authority: str) -> Callable[[World], World | None]:
    def step(world: World) -> World | None:
        found = world.open(authority)
        if found is None:
            return None
        entry = Returned(**_header(world), member=MEMBER, reservation=_uuid(found.id))
        return world.after(_balanced(booking.book(_facts(world, found), entry)))

    return step


def _void_newest(world: World) -> World | None:
    return _voided(world, world.sales[-1]) if world.sales else None


def _void_oldest(world: World) -> World | None:
    return _voided(world, world.sales[0]) if world.sales else None


def _voided(world: World, sale: Original) -> World | None:
    booked = booking.book(_facts(world, original=sale), _void(world, sale.id))
    if sale.voided_by:
        assert booked == Refusal("already-voided")
        return None
    others = tuple(one._replace(voided_by=world.id()) if one is sale else one for one in world.sales)
    return world.after(_balanced(booked), sales=others)


def _expire(world: World) -> World | None:
    booked = _balanced(booking.expire(world.account, world.id(), "2027-01-01"))
    gone = sum(line.points for line in booked.postings if line.account == "breakage")
    return world.after(booked, expired=world.expired + gone) if gone else None


STEPS: dict[str, Callable[[World], World | None]] = {
    "award 1, ends soon": _award(1, "2026-12-31"),
    "award 3": _award(3, ""),
    "redeem 2": _redeem(2),
    "redeem 2, the award waits": _redeem_while_the_award_waits,
    "reserve 2": _reserve("online"),
    "use the reservation": _use,
    "return the reservation": _return("online"),
    "grant an allowance of 2": _reserve("allowance"),
    "draw 1 on the allowance": _draw,
    "draw 3 on both": _draw_beyond,
    "return the allowance": _return("allowance"),
    "void the newest sale": _void_newest,
    "void the oldest sale": _void_oldest,
    "expire": _expire,
}


def _booked(
    world: World, sale: Sale, reservation: Reservation | None = None, awards_wait: Refusal | None = None
) -> World:
    if reservation is not None:
        sale = msgspec.structs.replace(sale, id=_uuid(reservation.id))
    booked = _balanced(booking.book(_facts(world, reservation)._replace(awards_wait=awards_wait), sale))
    postings: dict[str, dict[str, int]] = {}
    for account, _holder, kind, points in booked.postings:
        postings.setdefault(account, {})[kind] = points
    original = original_of(sale.id.bytes, ("sale", MEMBER, "S1", "M1", "", b""), postings, booked.uses)
    assert booked.shortfall == original.uncovered.get(KIND, 0)
    return world.after(booked, sales=(*world.sales, original))


def _balanced(booked: Booking | Refusal | None) -> Booking:
    assert isinstance(booked, Booking)
    assert sum(line.points for line in booked.postings) == 0
    assert all(line.points for line in booked.postings)
    return booked


def _facts(world: World, reservation: Reservation | None = None, original: Original | None = None) -> Facts:
    """Every reservation there is may be named; the rules say which of them gives something."""
    return Facts(
        world.account, "T1", "S1", "M1", {"points": 2_000}, 0, world.steps, reservation, original,
        allowances=world.reservations,
    )  # fmt: skip


def _sale(
    world: World, award: int = 0, redeem: int = 0, expires_on: str = "", draws_on: Reservation | None = None
) -> Sale:
    taken = Redemption(
        reward="r", kind=KIND, points=max(redeem, 1), off_bill_fen=1, authority="floor", proof="static",
        reservation=_uuid(draws_on.id) if draws_on else None,
    )  # fmt: skip
    return Sale(
        **_header(world), member=MEMBER, gross_fen=1, due_fen=1, programme="p", programme_version=1, engine=1,
        awards=(Award(kind=KIND, points=award, expires_on=expires_on),) if award else (),
        redemptions=(taken,) if redeem else (),
    )  # fmt: skip


def _void(world: World, sale: bytes) -> MemberEntry:
    return Void(**_header(world), member=MEMBER, voids=_uuid(sale))


def _header(world: World) -> dict[str, Any]:
    return {
        "id": _uuid(world.id()), "store": "S1", "occurred_at": 0, "business_day": TODAY,
        "clock": Clock(wall=0, boot="b", mono_us=0),
    }  # fmt: skip


def _uuid(identity: bytes) -> UUID:
    return UUID(bytes=identity)
