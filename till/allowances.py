"""Points of members, set aside at this till before the network failed (DESIGN, section 4): drawn on, asked for, returned.

What there is stands in the members' cached rows, what is left of it is reckoned from the journal. After its `Returned` an
allowance is never drawn on again: both are decided under the journal's lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from protocol.pins import pin_fits
from sync.own_reservations import is_returned
from sync.reports import OwnReservation
from till.desk import Desk
from till.errors import RefusedError
from till.members import set_aside_at
from till.own_entries import reckon
from till.persons import is_hot, row_of
from till.shifts import current_shift
from till.voiding import return_reservation

PIN_TRIES = 3
"""Wrong PINs for one allowance; the ledger alone gives another one, and then the count begins anew."""

SHIFT_FACT = "allowances_of"
"""The journal's fact: the shift for which allowances were asked for. What lies here without it is of an earlier one."""


class Cover(NamedTuple):
    """An allowance that can be drawn on: what is left of it and, where the member has one, what his PIN is checked with."""

    id: UUID
    left: int
    pin_verifier: str


def cover_of(desk: Desk, member: str, kind: str) -> Cover | None:
    """What is set aside here of a member's points of a kind; None for nothing, and for who may redeem online only."""
    row = row_of(desk, member)
    if row is None or row.status != "active" or is_hot(desk, member):
        return None
    left = reckon(desk.journal, row).left
    covers = (Cover(one.id, left.get(one.id, 0), one.pin_verifier) for one in set_aside_at(desk.terminal, row)
              if one.kind == kind)  # fmt: skip
    return max((cover for cover in covers if cover.left > 0), key=lambda cover: cover.left, default=None)


@contextmanager
def drawing(desk: Desk, member: str, kind: str) -> Iterator[Cover | None]:
    """What can be drawn on, and is not returned inside."""
    with desk.journal.alone():
        cover = cover_of(desk, member, kind)
        if cover:
            desk.drawing.add(cover.id)
    try:
        yield cover
    finally:
        if cover:
            desk.drawing.discard(cover.id)


def has_tries_left(desk: Desk, cover: Cover) -> bool:
    """Whether a PIN can be checked here."""
    return bool(cover.pin_verifier) and desk.journal.pin_tries(str(cover.id))[0] < PIN_TRIES


def check_pin(desk: Desk, cover: Cover, pin: str) -> None:
    """Check a member's PIN here, in about 20 ms. Raises `RefusedError` in the ledger's words: `reserve-pin-wrong` or
    `reserve-pin-locked`.
    """
    with desk.journal.alone():
        failures, _ = desk.journal.pin_tries(str(cover.id))
        if failures >= PIN_TRIES:
            raise RefusedError("reserve-pin-locked")
        if pin_fits(cover.pin_verifier, pin):
            if failures:
                desk.journal.set_pin_tries(str(cover.id), 0, 0)
            return
        desk.journal.set_pin_tries(str(cover.id), failures + 1, 0)
    if failures + 1 < PIN_TRIES:
        raise RefusedError("reserve-pin-wrong", left=PIN_TRIES - failures - 1)
    raise RefusedError("reserve-pin-locked")


def tend(desk: Desk, *, is_caught_up: bool) -> None:
    """Return what was called back, is of a shift that has ended or lies in a store that is suspended, where members could not
    spend it; with a shift open and all known, ask for more.

    Of the member on the screen nothing goes back for a call: he is being served.
    """
    if not desk.is_ready or desk.ended:
        return
    shift = current_shift(desk)
    is_of_this = bool(shift) and desk.journal.fact(SHIFT_FACT) == shift and not desk.suspended
    for one in desk.ledger.allowances():
        if not is_of_this or (one.is_wanted and one.member != desk.serving):
            _give_back(desk, one)
    if shift and is_caught_up and not desk.suspended and desk.store.settings.allowance.per_member:
        if not is_of_this:
            desk.journal.set_fact(SHIFT_FACT, shift)
        desk.ledger.want_allowances(shift)


def return_all(desk: Desk) -> None:
    """Return every allowance that is not being drawn on this moment."""
    for one in desk.ledger.allowances():
        _give_back(desk, one)


def is_wanted(desk: Desk, member: str) -> bool:
    """Whether something of the member's waits to be returned."""
    return any(one.is_wanted and one.member == member for one in desk.ledger.allowances())


def _give_back(desk: Desk, one: OwnReservation) -> None:
    """By an entry, unless it is used up or a redemption is about to draw on it.

    What was handed out on it in a sale that waits for a person keeps it reserved until he decides (DESIGN 4).
    """
    with desk.journal.alone():
        if one.id in desk.drawing:
            return
        if not is_returned(desk.journal, one.member, one.id) and not _is_out_of_the_feed(desk, one):
            if _is_held(desk, one):
                return
            return_reservation(desk, one.id, one.member)
        desk.ledger.allowance_gone(one.id)


def _is_out_of_the_feed(desk: Desk, one: OwnReservation) -> bool:
    """Whether a row as new as the one that told of it has it no more."""
    row = row_of(desk, one.member)
    return row is not None and row.position >= one.position and all(lying.id != one.id for lying in row.lying)


def _is_held(desk: Desk, one: OwnReservation) -> bool:
    """Whether sales have taken it all, which end it, or one that waits whole has taken some."""
    row = row_of(desk, one.member)
    if row is None or all(lying.id != one.id for lying in row.lying):
        return False
    reckoned = reckon(desk.journal, row)
    return reckoned.left.get(one.id) == 0 or reckoned.handed_out.get(one.id, 0) > 0


def serve(desk: Desk, member: str) -> None:
    """Who is on the screen, empty for nobody: what was called back of who was there before is returned now."""
    before, desk.serving = desk.serving, member
    if before != member and is_wanted(desk, before):
        desk.ledger.wake()
