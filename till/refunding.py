"""Goods come back: a sale that this till's journal still has, or that the ledger tells of, is refunded whole or in part.

What comes back is reckoned by `points.refunding` and shown before anything is written; the ledger books it as it was reckoned,
within the sale. A void is for the shift that is open; a refund is for every sale, and for a supervisor or the manager.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from local_db.errors import CacheDamagedError
from local_db.journal import Draft
from points import Award as Added
from points import ExplainedLine, PointsError, quote_with
from points.refunding import Redeemed, Refunded, SoldGoods, compensate, left_of, refund, shares_of
from protocol import canonical
from protocol.codes import DynamicMemberCode, MemberCode, PaymentCode, classify
from protocol.documents import Role
from protocol.dynamic_codes import read
from protocol.entries import Award, Refund, Sale, decode_entry, encode_entry
from protocol.errors import UnreadableEntryError
from protocol.sales import KnownSale, SalesRequest
from protocol.sold import awarded_by, basket_of, choices_of, facts_of
from sync.errors import SyncError
from till.decided import outcome_now
from till.desk import Desk
from till.errors import RefusedError
from till.history import entry_receipt, receipt_of, state_of
from till.own_entries import read_entry, refunds_of
from till.receipts import Receipt, ReceiptRefund, kinds_of, words
from till.scanning import identify
from till.shifts import Session
from till.voiding import voided_in

MOST_LISTED = 500
"""The newest sales: a table of more rows is slow (STYLE, traps)."""

_STANDS = ("stored", "booked", "shortfall")
MAY_REFUND: Final[tuple[Role, ...]] = ("supervisor", "manager")


@dataclass(frozen=True)
class Refundable:
    """A sale of which something can come back: as it was `sold`, and what came back `before`."""

    sale: Sale
    receipt: Receipt
    sold: SoldGoods
    before: Refunded
    is_compensated: bool = False
    own_refunds: int = 0
    """How many entries of this till brought something of it back when this was read."""

    @property
    def left_fen(self) -> dict[str, int]:
        """Fen per category that can still come back, before discounts."""
        return left_of(self.sold, self.before)


@dataclass(frozen=True)
class Reckoned:
    """What a refund would do. `owed`: points by kind that the member no longer has and will owe, as far as this till knows."""

    back: Refunded
    added: Added | None
    why: ExplainedLine | None
    owed: Mapping[str, int]


def find(desk: Desk, sale: UUID, *, is_online: bool = False) -> Refundable:
    """A sale of this till's journal; `is_online`: the ledger is asked what came back of it elsewhere.

    Raises `RefusedError`: `not-a-sale`, `already-voided`, `refund-waits`.
    """
    stored = desk.journal.entry(sale)
    entry = read_entry(stored) if stored else None
    if stored is None or not isinstance(entry, Sale):
        raise RefusedError("not-a-sale")
    if sale in voided_in(desk, entry.shift):
        raise RefusedError("already-voided")
    decided = desk.journal.decisions([stored.seq])
    if state_of(desk.journal.outcomes([stored.seq]).get(stored.seq), decided.get(stored.seq)) not in _STANDS:
        raise RefusedError("refund-waits")
    unbooked = _unbooked(desk)
    known = _asked(desk, SalesRequest(by="sale", value=str(sale))) if is_online else ()
    receipt = receipt_of(desk.journal, desk.terminal, stored)
    return _refundable(desk, entry, receipt, known[0] if known else None, unbooked)


def look_up_sales(desk: Desk, text: str) -> list[Refundable]:
    """Sales of the merchant under a reference, or of a member by his number or code, newest first. Waits for the network.

    Raises `RefusedError`: `sales-unanswered`, `sales-unknown`, `payment-code`; a `CodeError`.
    """
    unbooked = _unbooked(desk)
    try:
        found = next(filter(None, (desk.ledger.sales(request).sales for request in _requests(desk, text))), ())
    except SyncError as error:
        raise RefusedError("sales-unanswered") from error
    told = [(known, _entry_of(known)) for known in found]
    standing = [
        _refundable(desk, sale, _known_receipt(desk, known, sale), known, unbooked)
        for known, sale in told
        if isinstance(sale, Sale) and sale.id not in voided_in(desk, sale.shift)
    ]
    if not standing:
        raise RefusedError("sales-unknown")
    return standing


def _requests(desk: Desk, text: str) -> Iterator[SalesRequest]:
    """A member's code names him; anything else is a reference first, and then perhaps his number."""
    match classify(text, desk.store.settings.ranges, member_awaited=True):
        case PaymentCode(scheme):
            raise RefusedError("payment-code", scheme=scheme)
        case MemberCode(member):
            yield SalesRequest(by="member", value=member)
        case DynamicMemberCode(scanned):
            yield SalesRequest(by="member", value=read(scanned, desk.keys, None).member)
        case _:
            yield SalesRequest(by="reference", value=text)
            if text.isdecimal():
                yield SalesRequest(by="member", value=text)


def _refundable(
    desk: Desk, sale: Sale, receipt: Receipt, known: KnownSale | None, unbooked: Collection[UUID]
) -> Refundable:  # fmt: skip
    """What the ledger has booked of it, and what this till did since; without a word of the ledger, all that this till did.

    `unbooked`: refunds that were not booked when the ledger was asked. One that was in between may be counted twice then, and
    never not at all.
    """
    own = refunds_of(desk.journal, sale.member, sale.id)
    counted = own if known is None else [one for one in own if one.id in unbooked or not _is_booked(desk, one.id)]
    told = Refunded()
    if known is not None:
        told = Refunded(known.sums_fen, known.money_fen, known.given_back, known.taken_back)
    is_compensated = any(one.awards for one in own) or (known is not None and known.is_compensated)
    before = sum((_done(one) for one in counted), told)
    return Refundable(sale, receipt, _sold(desk, sale), before, is_compensated, len(own))


def _unbooked(desk: Desk) -> frozenset[UUID]:
    found = desk.journal.of_type("refund", MOST_LISTED)
    outcomes = desk.journal.outcomes([row.seq for row in found])
    booked = {seq for seq, outcome in outcomes.items() if outcome.status == "booked"}
    return frozenset(row.id for row in found if row.seq not in booked and not _is_booked(desk, row.id))


def _is_booked(desk: Desk, refund: UUID) -> bool:
    """Also where a person accepted it."""
    stored = desk.journal.entry(refund)
    outcome = outcome_now(desk.journal, stored.seq) if stored else None
    return outcome is not None and outcome.status == "booked"


def _asked(desk: Desk, request: SalesRequest) -> tuple[KnownSale, ...]:
    try:
        return desk.ledger.sales(request).sales
    except SyncError:
        return ()


def _entry_of(known: KnownSale) -> Sale | None:
    try:
        entry = decode_entry(known.payload.encode())
    except UnreadableEntryError:
        return None
    return entry if isinstance(entry, Sale) else None


def _known_receipt(desk: Desk, known: KnownSale, sale: Sale) -> Receipt:
    """This till's own where it was sold here; else what the entry says, with the name that is known here."""
    stored = desk.journal.entry(sale.id)
    if stored is not None:
        return receipt_of(desk.journal, desk.terminal, stored)
    receipt = entry_receipt(sale, known.seq, code="", terminal=known.terminal)
    try:
        member = identify(desk, sale.member, "lookup")
    except (RefusedError, CacheDamagedError):
        return receipt
    return msgspec.structs.replace(receipt, name=member.name, last4=member.last4)


def reckon(desk: Desk, found: Refundable, returned_fen: Mapping[str, int], compensation: str = "") -> Reckoned:
    """What comes back with these goods, fen per category before discounts. Raises a `points.PointsError`, `RefusedError`."""
    back = refund(found.sold, found.before, returned_fen)
    added, why = None, None
    if compensation:
        desk.need_not_suspended()
        if found.is_compensated:
            raise RefusedError("compensated-before")
        added, why = compensate(desk.store.programme, compensation, date.fromisoformat(desk.business_day))
    return Reckoned(back, added, why, _owed(desk, found.sale.member, back))


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


def newest_sales(desk: Desk) -> list[Receipt]:
    """In the journal, newest first; those that were voided or cannot be read are left out."""
    found = desk.journal.of_type("sale", MOST_LISTED)
    voided = {one for shift in {row.shift for row in found} for one in voided_in(desk, shift)}
    standing = [row for row in found if row.id not in voided and read_entry(row) is not None]
    return [receipt_of(desk.journal, desk.terminal, row) for row in standing]


def _sold(desk: Desk, sale: Sale) -> SoldGoods:
    """With the shares of the quote, where this till still has the rules of then."""
    taken = tuple(
        Redeemed(line.kind, line.points, line.off_bill_fen, line.cash_fen, line.gives, line.units)
        for line in sale.redemptions
    )
    sold = SoldGoods(sale.sums_fen, sale.due_fen, awarded_by(sale), taken)
    programme = desk.store.programme
    if (programme.id, programme.version) != (sale.programme, sale.programme_version):
        return sold
    at = desk.calendar.moment(sale.occurred_at)
    try:
        made = quote_with(sale.engine, programme, basket_of(sale), facts_of(sale), at, choices_of(sale))
    except PointsError:
        return sold
    return shares_of(made, sold)


def _done(entry: Refund) -> Refunded:
    return Refunded(entry.sums_fen, entry.money_fen, entry.given_back, entry.taken_back)


def _owed(desk: Desk, member: str, back: Refunded) -> dict[str, int]:
    try:
        view = identify(desk, member, "lookup")
    except (RefusedError, CacheDamagedError):
        return {}
    if not view.is_known:
        return {}
    has = {kind: view.spendable(kind) + back.given_back.get(kind, 0) for kind in back.taken_back}
    return {kind: points - has[kind] for kind, points in back.taken_back.items() if points > has[kind]}


def _entry(desk: Desk, session: Session, sale: Sale, reckoned: Reckoned, compensation: str, reason: str) -> Refund:
    at_us, back, added = desk.clock.entry_us(), reckoned.back, reckoned.added
    entry = Refund(
        id=desk.new_id(at_us, sale.member), store=desk.store.settings.store, occurred_at=at_us,
        business_day=desk.business_day, shift=session.shift, by=session.staff, clock=desk.clock.read(), member=sale.member,
        refunds=sale.id, reason=reason, sums_fen=dict(back.sums_fen), money_fen=back.money_fen,
        given_back=dict(back.given_back), taken_back=dict(back.taken_back),
    )  # fmt: skip
    if added is None:
        return entry
    programme = desk.store.programme
    ends = added.expires_on.isoformat() if added.expires_on else ""
    return msgspec.structs.replace(
        entry, programme=programme.id, programme_version=programme.version, engine=programme.engine,
        compensation=compensation, awards=(Award(kind=added.kind, points=added.points, expires_on=ends),),
    )  # fmt: skip


def _receipt(desk: Desk, session: Session, found: Refundable, reckoned: Reckoned, entry: Refund) -> Receipt:
    back, sold = reckoned.back, found.receipt
    moved = {*back.given_back, *back.taken_back, *awarded_by(entry)}
    return Receipt(
        id=entry.id, at=entry.occurred_at, store=desk.store.settings.name, terminal=desk.terminal_name, by=session.staff,
        member=entry.member, name=sold.name, last4=sold.last4, reference=sold.reference,
        gross_fen=sum(back.sums_fen.values()), due_fen=0, awarded=awarded_by(entry),
        kinds=kinds_of(desk.store.programme, moved),
        refund=ReceiptRefund(
            sale=found.sale.id, sale_at=sold.at, money_fen=back.money_fen, given_back=dict(back.given_back),
            taken_back=dict(back.taken_back), reason=words(reckoned.why.name) if reckoned.why else None,
        ),
    )  # fmt: skip
