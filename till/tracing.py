"""查一笔, "my points are missing": the sales of this till that a receipt, a member or an amount names, with the way of each.

Newest first. A sale that is not found was made without a member, or at another till: `till.refundable.look_up_sales` asks the
ledger for those.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from local_db.journal import JournalReader, Row
from points import AmountError, parse_amount
from protocol.cases import Decision
from protocol.codes import DynamicMemberCode, MemberCode, PaymentCode, ReceiptCode, classify
from protocol.dynamic_codes import read
from protocol.entries import Refund, Sale, Void
from protocol.push import Outcome
from till.desk import Desk
from till.errors import RefusedError
from till.history import OF_SALES, State, receipt_of, state_of
from till.looking_up import look_up
from till.own_entries import read_entry
from till.receipts import Receipt
from till.refundable import sale_on

MOST_FOUND = 50
MOST_READ = 20_000
"""Entries that are read for an amount or a reference, the newest: some weeks of a till, 0.4 s."""
_AT_ONCE = 500

Stage = Literal["stored", "sent", "answered", "decided"]


class _Wanted(NamedTuple):
    """Any of these: `sale` of a receipt's code, a `member`'s number, an amount, the end of a reference."""

    sale: UUID | None = None
    member: str = ""
    fen: int = 0
    reference: str = ""


@dataclass(frozen=True)
class Traced:
    """A sale and how far it is. `outcome` and `decision`: the ledger's answer, and a person's where it waited for one."""

    receipt: Receipt
    state: State
    stage: Stage
    outcome: Outcome | None = None
    decision: Decision | None = None
    taken_back_at: int = 0
    """When it was voided, or something came back; µs of till time."""


def trace(desk: Desk, text: str) -> list[Traced]:
    """The sales of this till that `text` means, at most `MOST_FOUND`: a receipt's code, a member's, his number or phone, an
    amount paid, or the end of a receipt's number. Needs no network.

    Raises `RefusedError`: `payment-code`, those of `sale_on`; a `CodeError`.
    """
    journal, wanted = desk.journal, _wanted(desk, text.strip())
    found: list[Row] = []
    for row in _candidates(journal, wanted):
        sale = read_entry(row) if row.type in OF_SALES else None
        if isinstance(sale, Sale) and _is_meant(sale, wanted):
            found.append(row)
            if len(found) == MOST_FOUND:
                break
    seqs = [row.seq for row in found]
    outcomes, decisions = journal.outcomes(seqs), journal.decisions(seqs)
    back, sent = _taken_back(journal, found), journal.sent()
    return [
        _traced(desk, row, outcomes.get(row.seq), decisions.get(row.seq), back.get(row.id), sent) for row in found
    ]


def _wanted(desk: Desk, text: str) -> _Wanted:
    match classify(text, desk.store.settings.ranges, member_awaited=True):
        case PaymentCode(scheme):
            raise RefusedError("payment-code", scheme=scheme)
        case MemberCode(member):
            return _Wanted(member=member)
        case DynamicMemberCode(scanned):
            return _Wanted(member=read(scanned, desk.keys, None).member)
        case ReceiptCode() as code:
            return _Wanted(sale=sale_on(desk, code))
        case _:
            return _Wanted(member=_member(desk, text), fen=_amount(text), reference=text)


def _member(desk: Desk, text: str) -> str:
    """By his number or his phone, as far as this till knows it; his number may be of somebody it does not know."""
    try:
        return look_up(desk, text, is_online=False).member
    except RefusedError:
        return text if text.isdecimal() else ""


def _amount(text: str) -> int:
    try:
        return parse_amount(text)
    except AmountError:
        return 0


def _candidates(journal: JournalReader, wanted: _Wanted) -> Iterator[Row]:
    """A receipt's own, a member's own, or the newest."""
    if wanted.sale is not None:
        row = journal.entry(wanted.sale)
        yield from [row] if row else []
        return
    own = journal.of_member(wanted.member, 1) if wanted.member else []
    if own or not wanted.reference:
        yield from reversed(own)
        return
    last = journal.last_seq()
    for end in range(last, max(0, last - MOST_READ), -_AT_ONCE):
        yield from reversed(journal.entries(max(1, end - _AT_ONCE + 1), min(_AT_ONCE, end)))


def _is_meant(sale: Sale, wanted: _Wanted) -> bool:
    """All of a member's are; an amount is what was paid or what it was before points."""
    if not wanted.reference or sale.member == wanted.member:
        return True
    if wanted.fen and wanted.fen in (sale.gross_fen, sale.due_fen):
        return True
    return sale.reference.casefold().endswith(wanted.reference.casefold())


def _taken_back(journal: JournalReader, found: list[Row]) -> dict[UUID, tuple[State, int]]:
    """A void and a refund are of the same member, and behind the sale."""
    back: dict[UUID, tuple[State, int]] = {}
    for member in {sale.member for row in found if isinstance(sale := read_entry(row), Sale)}:
        for row in journal.of_member(member, min(one.seq for one in found)):
            entry = read_entry(row)
            if isinstance(entry, Void):
                back[entry.voids] = "voided", entry.occurred_at
            elif isinstance(entry, Refund):
                back[entry.refunds] = "refunded", entry.occurred_at
    return back


def _traced(
    desk: Desk, row: Row, outcome: Outcome | None, decision: Decision | None, back: tuple[State, int] | None, sent: int
) -> Traced:  # fmt: skip
    state, at = back or (state_of(outcome, decision), 0)
    stage: Stage = "decided" if decision else "answered" if outcome else "sent" if row.seq <= sent else "stored"
    return Traced(receipt_of(desk.journal, desk.terminal, row), state, stage, outcome, decision, at)
