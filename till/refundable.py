"""Which sales can come back, and what of them: those of this till's journal, and those of which the ledger tells.

What nobody had covered does not come back to the member, and what ended unused is not taken from him again. How much that is
the ledger says. Without its word a till knows what outcomes told it, and of an end the day alone, for the points may have been
spent before it: then the paper names no number and says the rule, and the sum on the screen is the one without it. So he may
have more than the till said, never less; and what the till was told and printed, the ledger stands by (DESIGN, promise 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from local_db.errors import CacheDamagedError
from points import PointsError, Quote, quote_with
from points.refunding import Refunded, SoldGoods, left_of
from protocol.chain_check import Witness
from protocol.codes import DynamicMemberCode, MemberCode, PaymentCode, ReceiptCode, classify
from protocol.dynamic_codes import read
from protocol.entries import ManualPoints, Refund, Sale, decode_entry
from protocol.errors import UnreadableEntryError
from protocol.sales import KnownSale, SalesRequest
from protocol.sold import awarded_by, basket_of, choices_of, facts_of, goods_of, redeemed_by
from sync.errors import SyncError
from till.decided import outcome_now
from till.desk import Desk
from till.errors import RefusedError
from till.history import entry_receipt, receipt_of, state_of
from till.own_entries import booked_refunds, read_entry, refunds_of
from till.provisional_account import covered_of
from till.receipts import Receipt
from till.scanning import identify
from till.voiding import voided_in

MOST_LISTED = 500
"""The newest sales: a table of more rows is slow (STYLE, traps)."""

_STANDS = ("stored", "booked", "shortfall")


@dataclass(frozen=True)
class Refundable:
    """A sale of which something can come back: as it was `sold`, and what came back `before`.

    `uncovered`, `ended`: points by kind that go to the merchant before the member gets any, and that are taken from nobody
    before he loses any; what of them is left, as far as this till was told, by the ledger where `is_told`. `waits`: for a
    person, and nothing can come back before he has decided.
    """

    sale: Sale
    receipt: Receipt
    sold: SoldGoods
    before: Refunded
    uncovered: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, int] = field(default_factory=dict)
    may_be_uncovered: tuple[str, ...] = ()
    """Kinds that were redeemed on the floor, of which nobody has told this till yet whether the member had the points."""
    is_told: bool = False
    waits: bool = False
    is_compensated: bool = False
    own_refunds: int = 0
    """How many entries of this till brought something of it back when this was read."""

    @property
    def left_fen(self) -> dict[str, int]:
        """Fen per category that can still come back, before discounts."""
        return left_of(self.sold, self.before)


def newest_sales(desk: Desk) -> list[Receipt]:
    """In the journal, newest first; those that were voided or cannot be read are left out."""
    found = desk.journal.of_type("sale", MOST_LISTED)
    voided = {one for shift in {row.shift for row in found} for one in voided_in(desk, shift)}
    standing = [row for row in found if row.id not in voided and read_entry(row) is not None]
    return [receipt_of(desk.journal, desk.terminal, row) for row in standing]


def find(desk: Desk, sale: UUID, *, is_online: bool = False) -> Refundable:
    """A sale of this till's journal; `is_online`: the ledger is asked what came back of it elsewhere.

    Raises `RefusedError`: `not-a-sale`, `already-voided`, `refund-waits`.
    """
    stored = desk.journal.entry(sale)
    entry = read_entry(stored) if stored else None
    if stored is None or not isinstance(entry, Sale) or isinstance(entry, ManualPoints):
        raise RefusedError("not-a-sale")
    if sale in voided_in(desk, entry.shift):
        raise RefusedError("already-voided")
    decided = desk.journal.decisions([stored.seq])
    outcome = desk.journal.outcomes([stored.seq]).get(stored.seq)
    state = state_of(outcome, decided.get(stored.seq))
    is_refused = state in ("corrected", "written-off") and outcome is not None and outcome.position > 0
    if not is_refused and state not in _STANDS:
        raise RefusedError("refund-waits")
    known = _asked(desk, SalesRequest(by="sale", value=str(sale))) if is_online else ()
    receipt = receipt_of(desk.journal, desk.terminal, stored)
    found = _refundable(desk, entry, receipt, known[0] if known else None, is_refused=is_refused)
    need_decided(found)
    return found


def sale_on(desk: Desk, code: ReceiptCode) -> UUID:
    """The sale that a receipt is of. Raises `RefusedError`: `receipt-of-another-till`, `receipt-unknown`."""
    if code.terminal != desk.terminal:
        raise RefusedError("receipt-of-another-till", till=code.terminal.upper())
    row = next((row for row in desk.journal.entries(code.seq, 1) if row.seq == code.seq), None)
    if row is None or not Witness(*code).fits(row.hash):
        raise RefusedError("receipt-unknown")
    return row.id


def look_up_sales(desk: Desk, text: str) -> list[Refundable]:
    """Sales of the merchant under a reference, or of a member by his number or code, newest first. Waits for the network.

    The code of a receipt of this till names the sale by itself.
    Raises `RefusedError`: `sales-unanswered`, `sales-unknown`, `payment-code`, those of `find` and `sale_on`; a `CodeError`.
    """
    scanned = classify(text, desk.store.settings.ranges, member_awaited=True)
    if isinstance(scanned, ReceiptCode):
        return [find(desk, sale_on(desk, scanned))]
    try:
        found = next(filter(None, (desk.ledger.sales(request).sales for request in _requests(desk, text))), ())
    except SyncError as error:
        raise RefusedError("sales-unanswered") from error
    told = [(known, _entry_of(known)) for known in found]
    standing = [
        _refundable(desk, sale, _known_receipt(desk, known, sale), known)
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
    desk: Desk, sale: Sale, receipt: Receipt, known: KnownSale | None, *, is_refused: bool = False
) -> Refundable:
    """What the ledger has booked of it, and what this till did since; without a word of the ledger, all that this till did.

    `is_refused`: a person has decided that it gives nothing; what it took is booked.
    """
    own = refunds_of(desk.journal, sale.member, sale.id)
    told_of = frozenset(known.refunds) if known is not None else frozenset()
    counted = [one for one in own if told_of.isdisjoint(_names_of(desk, one.id))]
    will_be_booked = {one.id for one in booked_refunds(desk.journal, sale.member, sale.id)}
    behind = [one for one in counted if one.id in will_be_booked]
    told = Refunded()
    if known is not None:
        told = Refunded(known.sums_fen, known.money_fen, known.given_back, known.taken_back)
    stored = desk.journal.entry(sale.id)
    outcome = outcome_now(desk.journal, stored.seq) if stored else None
    uncovered, ended = _less(redeemed_by(sale), [covered_of(sale, outcome)]), {}
    if known is not None:
        uncovered, ended = known.uncovered, known.ended
    lent = {line.kind for line in sale.redemptions if line.authority == "floor"} if not (known or outcome) else set()
    given_back = [told.given_back, *(one.given_back for one in behind)]
    is_refused |= known is not None and known.awards == "refused"
    awarded = {} if is_refused else awarded_by(sale)
    return Refundable(
        sale, receipt, goods_of(sale, awarded, _made(desk, sale)), sum((_done(one) for one in counted), told),
        uncovered=_less(uncovered, given_back), ended=_less(ended, [one.ended for one in behind]),
        may_be_uncovered=tuple(sorted(lent)), is_told=known is not None, waits=known is not None and known.awards == "waiting",
        is_compensated=any(one.awards for one in own) or (known is not None and known.is_compensated),
        own_refunds=len(own),
    )  # fmt: skip


def _less(whole: Mapping[str, int], parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    left = dict(whole)
    for part in parts:
        left = {kind: points - part.get(kind, 0) for kind, points in left.items()}
    return {kind: points for kind, points in left.items() if points > 0}


def _names_of(desk: Desk, refund: UUID) -> set[UUID]:
    """Under which ids it may be in the books: its own, and where that was taken the one that a person's decision names."""
    stored = desk.journal.entry(refund)
    decision = desk.journal.decisions([stored.seq]).get(stored.seq) if stored else None
    return {refund, decision.by} if decision and decision.by else {refund}


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


def need_decided(found: Refundable) -> None:
    """Raises `RefusedError("refund-waits")`."""
    if found.waits:
        raise RefusedError("refund-waits")


def _made(desk: Desk, sale: Sale) -> Quote | None:
    """The quote of the sale once more, where this till still has the rules of then."""
    programme = desk.store.programme
    if (programme.id, programme.version) != (sale.programme, sale.programme_version):
        return None
    at = desk.calendar.moment(sale.occurred_at)
    try:
        return quote_with(sale.engine, programme, basket_of(sale), facts_of(sale), at, choices_of(sale))
    except PointsError:
        return None


def _done(entry: Refund) -> Refunded:
    return Refunded(entry.sums_fen, entry.money_fen, entry.given_back, entry.taken_back)
