"""What this till has done lately: the last result, the receipts of a shift, what waits for a person."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import msgspec

from local_db.journal import JournalReader, Row
from protocol.cases import Decision
from protocol.chain import Head
from protocol.chain_check import witness_of
from protocol.entries import Refund, Sale, Void
from protocol.push import Outcome
from protocol.sold import awarded_by
from till.own_entries import read_entry
from till.receipts import Receipt, ReceiptRefund

State = Literal[
    "stored", "booked", "shortfall", "quarantined", "awards-wait", "corrected", "written-off", "voided", "refunded"
]
"""`awards-wait`: what the sale took has been booked, what it gives waits for a manager. `refunded`: something came back."""


OF_SALES = ("sale", "late-credit", "manual-points")
"""What gives points to a member, as the journal calls it."""


@dataclass(frozen=True)
class PastSale:
    """A sale with its receipt and what has become of it. `state` says no more than is known."""

    seq: int
    receipt: Receipt
    state: State
    outcome: Outcome | None


def sales_of_shift(journal: JournalReader, terminal: str, shift: str) -> list[PastSale]:
    """The sales of a shift, newest first; none of no shift."""
    rows = journal.of_shift(shift) if shift else []
    entries = {row.seq: read_entry(row) for row in rows if row.type in (*OF_SALES, "void", "refund")}
    voided = {entry.voids for entry in entries.values() if isinstance(entry, Void)}
    back = {entry.refunds for entry in entries.values() if isinstance(entry, Refund)}
    outcomes = journal.outcomes(list(entries))
    decisions = journal.decisions(list(entries))
    sales = [row for row in rows if isinstance(entries.get(row.seq), Sale)]
    return [
        _past_sale(
            journal,
            terminal,
            row,
            outcomes.get(row.seq),
            decisions.get(row.seq),
            "voided" if row.id in voided else "refunded" if row.id in back else None,
        )
        for row in reversed(sales)
    ]


def refunds_of_shift(journal: JournalReader, terminal: str, shift: str) -> list[PastSale]:
    """What came back in a shift, newest first, none of no shift; the receipts have a `refund`."""
    rows = journal.of_shift(shift) if shift else []
    entries = [row for row in rows if row.type == "refund" and read_entry(row) is not None]
    seqs = [row.seq for row in entries]
    outcomes, decisions = journal.outcomes(seqs), journal.decisions(seqs)
    return [
        _past_sale(journal, terminal, row, outcomes.get(row.seq), decisions.get(row.seq), None)
        for row in reversed(entries)
    ]


def witness(journal: JournalReader, terminal: str, seq: int) -> str:
    """What a customer takes along of an entry, for a QR code: till, number and hash of the chain."""
    (row,) = journal.entries(seq, 1)
    return str(witness_of(terminal, seq, row.hash))


def state_of(outcome: Outcome | None, decision: Decision | None = None) -> State:
    """What has become of a sale that stands."""
    if outcome is None or outcome.status == "recorded":
        return "stored"
    if outcome.status != "quarantined":
        return outcome.status
    if decision is None:
        return "awards-wait" if outcome.position else "quarantined"
    if decision.choice == "accepted":
        return "shortfall" if outcome.shortfall + decision.shortfall else "booked"
    return decision.choice


def _past_sale(
    journal: JournalReader, terminal: str, row: Row, outcome: Outcome | None, decision: Decision | None,
    taken_back: State | None,
) -> PastSale:  # fmt: skip
    state: State = taken_back or state_of(outcome, decision)
    return PastSale(row.seq, receipt_of(journal, terminal, row), state, outcome)


def receipt_of(journal: JournalReader, terminal: str, row: Row) -> Receipt:
    """Of a sale or a refund, as far as it can still be read."""
    document = journal.receipt(row.seq)
    code = Head(terminal=terminal, seq=row.seq, hash=row.hash.hex()).short_code
    if document is not None:
        with suppress(msgspec.DecodeError, UnicodeDecodeError):  # damaged: the entry says what counts
            return msgspec.structs.replace(msgspec.json.decode(document, type=Receipt), seq=row.seq, code=code)
    return _bare_receipt(row, code)


def _bare_receipt(row: Row, code: str) -> Receipt:
    """What the entry alone still says when the receipt's details were deleted or damaged."""
    sale = read_entry(row)
    assert isinstance(sale, Sale | Refund)
    if isinstance(sale, Refund):
        back = ReceiptRefund(sale=sale.refunds, sale_at=sale.occurred_at, money_fen=sale.money_fen,
                             given_back=dict(sale.given_back), taken_back=dict(sale.taken_back))  # fmt: skip
        return Receipt(
            id=sale.id, seq=row.seq, code=code, at=sale.occurred_at, store=sale.store, terminal="", by=sale.by,
            member=sale.member, gross_fen=sum(sale.sums_fen.values()), due_fen=0, awarded=awarded_by(sale), refund=back,
            training=sale.training,
        )  # fmt: skip
    return entry_receipt(sale, row.seq, code)


def entry_receipt(sale: Sale, seq: int, code: str, terminal: str = "") -> Receipt:
    """What the entry of a sale says without its details."""
    return Receipt(
        id=sale.id, seq=seq, code=code, at=sale.occurred_at, store=sale.store, terminal=terminal, by=sale.by,
        member=sale.member, reference=sale.reference or sale.table, gross_fen=sale.gross_fen, due_fen=sale.due_fen,
        awarded=awarded_by(sale), training=sale.training, claim_until=sale.claim_until,
    )  # fmt: skip
