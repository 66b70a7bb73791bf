"""Goods come back: a sale that this till's journal still has, or that the ledger tells of, is refunded whole or in part.

What comes back is reckoned by `points.refunding` and shown before anything is written; the ledger books it as it was reckoned,
within the sale. A void is for the shift that is open; a refund is for every sale, and for a supervisor or the manager.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import msgspec

from local_db.errors import CacheDamagedError
from local_db.journal import Draft
from points import Award as Added
from points import ExplainedLine
from points.refunding import Refunded, compensate, refund
from protocol import canonical
from protocol.documents import Role
from protocol.entries import Award, Refund, Sale, encode_entry
from protocol.sold import awarded_by
from till.desk import Desk
from till.errors import RefusedError
from till.own_entries import Reckoning, Settled, refunds_of
from till.persons import led
from till.receipts import Receipt, ReceiptRefund, kinds_of, words
from till.refundable import Refundable, need_decided
from till.shifts import Session
from till.voiding import voided_in

__all__ = ["MAY_REFUND", "Reckoned", "Refundable", "commit_refund", "reckon"]

MAY_REFUND: Final[tuple[Role, ...]] = ("supervisor", "manager")


@dataclass(frozen=True)
class Reckoned:
    """What a refund would do. By kind, as far as this till knows: of what is given back `uncovered` goes to the merchant, of
    what is taken back `ended` is gone already, and of the kinds `may_be_uncovered` and `may_have_ended` nobody here knows; of
    what the member gets he has `paid` what he owed, and what he no longer has will be `owed`.
    """

    back: Refunded
    added: Added | None
    why: ExplainedLine | None
    uncovered: Mapping[str, int]
    ended: Mapping[str, int]
    may_be_uncovered: tuple[str, ...] = ()
    may_have_ended: tuple[str, ...] = ()
    paid: Mapping[str, int] = field(default_factory=dict)
    owed: Mapping[str, int] = field(default_factory=dict)


def reckon(desk: Desk, found: Refundable, returned_fen: Mapping[str, int], compensation: str = "") -> Reckoned:
    """What comes back with these goods, fen per category before discounts. Raises a `points.PointsError`, `RefusedError`."""
    need_decided(found)
    back = refund(found.sold, found.before, returned_fen)
    added, why = None, None
    if compensation:
        desk.need_not_suspended()
        if found.is_compensated:
            raise RefusedError("compensated-before")
        added, why = compensate(desk.store.programme, compensation, date.fromisoformat(desk.business_day))
    uncovered, ended = _within(back.given_back, found.uncovered), _within(back.taken_back, found.ended)
    over = {award.kind for award in found.sale.awards if award.expires_on and award.expires_on < desk.business_day}
    reckoned = Reckoned(
        back, added, why, uncovered, ended,
        may_be_uncovered=tuple(kind for kind in found.may_be_uncovered if back.given_back.get(kind)),
        may_have_ended=() if found.is_told else tuple(sorted(over & back.taken_back.keys())),
    )  # fmt: skip
    settled = _settled(desk, found.sale, reckoned)
    return replace(reckoned, paid=settled.paid, owed=settled.owed)


def commit_refund(
    desk: Desk, session: Session, found: Refundable, returned_fen: Mapping[str, int], compensation: str = "",
    reason: str = "",
) -> Receipt:  # fmt: skip
    """Append the refund; when this returns it survives a power cut.

    Raises `RefusedError`: `role`, `no-shift`, `already-voided`, `refund-changed` where something of the sale came back at this
    till since it was `found`, those of `reckon`; a `points.PointsError`; a `local_db` error.
    """
    if not session.may(*MAY_REFUND):
        raise RefusedError("role", roles=MAY_REFUND)
    with desk.journal.alone():
        desk.need_open(session.shift)
        if found.sale.id in voided_in(desk, found.sale.shift):
            raise RefusedError("already-voided")
        if len(refunds_of(desk.journal, found.sale.member, found.sale.id)) != found.own_refunds:
            raise RefusedError("refund-changed")
        reckoned = reckon(desk, found, returned_fen, compensation)
        entry = _entry(desk, session, found.sale, reckoned, compensation, reason)
        receipt = _receipt(desk, session, found, reckoned, entry)
        row = desk.append(
            Draft(
                id=entry.id, type="refund", member=entry.member, shift=session.shift, occurred_at=entry.occurred_at,
                payload=encode_entry(entry), receipt=canonical.encode(receipt),
            )
        )  # fmt: skip
    return desk.stamp(receipt, row)


def _within(points: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    return {kind: min(many, most[kind]) for kind, many in points.items() if most.get(kind)}


def _settled(desk: Desk, sale: Sale, reckoned: Reckoned) -> Settled:
    """As the ledger will book it on the account that this till knows; nothing of a member of whom it knows nothing."""
    try:
        known = led(desk, sale.member)
    except CacheDamagedError:
        known = None
    if known is None:
        return Settled({}, {})
    back = reckoned.back
    trial = Refund(
        id=sale.id, store=sale.store, occurred_at=sale.occurred_at, business_day=desk.business_day, clock=sale.clock,
        member=sale.member, refunds=sale.id, given_back=dict(back.given_back), taken_back=dict(back.taken_back),
        uncovered=dict(reckoned.uncovered), ended=dict(reckoned.ended), awards=_awards(reckoned.added),
    )  # fmt: skip
    return Reckoning(desk.journal, known[0]).settle(trial)


def _awards(added: Added | None) -> tuple[Award, ...]:
    if added is None:
        return ()
    return (
        Award(
            kind=added.kind, points=added.points, expires_on=added.expires_on.isoformat() if added.expires_on else ""
        ),
    )


def _entry(desk: Desk, session: Session, sale: Sale, reckoned: Reckoned, compensation: str, reason: str) -> Refund:
    at_us, back = desk.clock.entry_us(), reckoned.back
    entry = Refund(
        id=desk.new_id(at_us, sale.member), store=desk.store.settings.store, occurred_at=at_us,
        business_day=desk.business_day, shift=session.shift, by=session.staff, clock=desk.clock.read(), member=sale.member,
        refunds=sale.id, reason=reason, sums_fen=dict(back.sums_fen), money_fen=back.money_fen,
        given_back=dict(back.given_back), taken_back=dict(back.taken_back), uncovered=dict(reckoned.uncovered),
        ended=dict(reckoned.ended),
    )  # fmt: skip
    if reckoned.added is None:
        return entry
    programme = desk.store.programme
    return msgspec.structs.replace(
        entry, programme=programme.id, programme_version=programme.version, engine=programme.engine,
        compensation=compensation, awards=_awards(reckoned.added),
    )  # fmt: skip


def _receipt(desk: Desk, session: Session, found: Refundable, reckoned: Reckoned, entry: Refund) -> Receipt:
    back, sold = reckoned.back, found.receipt
    moved = {*back.given_back, *back.taken_back, *awarded_by(entry)}
    return Receipt(
        id=entry.id, at=entry.occurred_at, store=desk.store.settings.name, terminal=desk.terminal_name, by=session.staff,
        member=entry.member, name=sold.name, last4=sold.last4, reference=sold.reference,
        gross_fen=sum(back.sums_fen.values()), due_fen=0, awarded=awarded_by(entry),
        kinds=kinds_of(desk.store.programme, moved), paid=dict(reckoned.paid), owed=dict(reckoned.owed),
        refund=ReceiptRefund(
            sale=found.sale.id, sale_at=sold.at, money_fen=back.money_fen, given_back=dict(back.given_back),
            taken_back=dict(back.taken_back), uncovered=dict(reckoned.uncovered), ended=dict(reckoned.ended),
            may_be_uncovered=reckoned.may_be_uncovered, may_have_ended=reckoned.may_have_ended,
            reason=words(reckoned.why.name) if reckoned.why else None,
        ),
    )  # fmt: skip
