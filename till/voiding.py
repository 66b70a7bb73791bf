"""Taking a sale of this shift back, points in both directions, and returning reservations that nobody used."""

from __future__ import annotations

from uuid import UUID

from local_db.journal import Draft, Row
from protocol.entries import Approval, Returned, Sale, Void, encode_entry
from sync.own_reservations import is_returned
from till.approving import need, points_of
from till.desk import Desk
from till.errors import RefusedError
from till.own_entries import read_entry, refunds_of
from till.shifts import Session


def void_sale(
    desk: Desk, session: Session, entry_id: UUID, reason: str = "", approval: Approval | None = None
) -> Row:
    """Void a sale of the shift that is open. Returns the entry that does.

    Raises `RefusedError` with `no-shift`, `not-a-sale`, `other-shift`, `already-voided`, `already-refunded`; those of
    `till.approving.need` for one that comes late.
    """
    with desk.journal.alone():
        return _void(desk, session, entry_id, reason, approval)


def _void(desk: Desk, session: Session, entry_id: UUID, reason: str, approval: Approval | None) -> Row:
    desk.need_open(session.shift)
    stored = desk.journal.entry(entry_id)
    sale = read_entry(stored) if stored else None
    if stored is None or not isinstance(sale, Sale):
        raise RefusedError("not-a-sale")
    if sale.shift != session.shift:
        raise RefusedError("other-shift")
    if entry_id in voided_in(desk, session.shift):
        raise RefusedError("already-voided")
    if refunds_of(desk.journal, sale.member, entry_id):
        raise RefusedError("already-refunded")
    at_us = desk.clock.entry_us()
    minutes = desk.store.settings.approvals.void_minutes
    if minutes and at_us - sale.occurred_at > minutes * 60_000_000:
        approval = need(desk, session, ("void",), points_of(desk, sale), approval, sale.member)
    else:
        approval = None
    void = Void(
        id=desk.new_id(at_us, sale.member), store=sale.store, occurred_at=at_us,
        business_day=desk.business_day, shift=session.shift, by=session.staff,
        clock=desk.clock.read(), member=sale.member, voids=sale.id, reason=reason,
        approval=approval,
    )  # fmt: skip
    return desk.append(
        Draft(
            id=void.id, type="void", member=sale.member, shift=session.shift, occurred_at=at_us,
            payload=encode_entry(void), frees_reference_of=stored.seq if sale.reference else 0,
        )
    )  # fmt: skip


def voided_in(desk: Desk, shift: str) -> set[UUID]:
    """The ids of sales that were voided in a shift."""
    entries = (read_entry(stored) for stored in desk.journal.of_shift(shift) if stored.type == "void")
    return {entry.voids for entry in entries if isinstance(entry, Void)}


def return_reservation(desk: Desk, reservation: UUID, member: str, shift: str = "") -> None:
    """Give back a reservation that this till never used: it was granted after the till had stopped waiting."""
    with desk.journal.alone():
        if desk.journal.entry(reservation) is None and not is_returned(desk.journal, member, reservation):
            _return(desk, reservation, member, shift)
        desk.was_returned(member, reservation)


def _return(desk: Desk, reservation: UUID, member: str, shift: str) -> None:
    at_us = desk.clock.entry_us()
    returned = Returned(
        id=desk.new_id(at_us, member), store=desk.store.settings.store,
        occurred_at=at_us, business_day=desk.business_day, shift=shift, clock=desk.clock.read(),
        member=member, reservation=reservation,
    )  # fmt: skip
    desk.append(
        Draft(
            id=returned.id,
            type="returned",
            member=member,
            shift=shift,
            occurred_at=at_us,
            payload=encode_entry(returned),
        )
    )
