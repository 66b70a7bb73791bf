"""What can be put on paper from the journal alone, by a name that is kept: a receipt, a void, a report.

What waits for a printer in trouble is kept by its name beside the journal, so that it survives the end of the program.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from protocol.canonical import encode
from protocol.entries import Sale, Void
from till.desk import Desk
from till.errors import RefusedError
from till.history import receipt_of
from till.own_entries import read_entry
from till.receipts import Receipt, ReceiptRefund
from till.report_figures import ShiftReport
from till.shift_report import day_report, shift_report

FACT = "unprinted"
VOID, SHIFT, DAY = "void:", "shift:", "day:"
"""Before the seq of a void, the id of a shift, a business day; the name of a receipt is its seq."""


class Papers:
    """Of one till."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def receipt(self, seq: int) -> Receipt:
        """Of a sale, a refund, or of a void: what it took back. Raises `RefusedError("not-a-sale")`."""
        rows = self._desk.journal.entries(seq, 1)
        entry = read_entry(rows[0]) if rows and rows[0].seq == seq else None
        if entry is None:
            raise RefusedError("not-a-sale")
        if not isinstance(entry, Void):
            return receipt_of(self._desk.journal, self._desk.terminal, rows[0])
        sold = self._desk.journal.entry(entry.voids)
        sale = read_entry(sold) if sold else None
        if sold is None or not isinstance(sale, Sale):
            raise RefusedError("not-a-sale")
        receipt = receipt_of(self._desk.journal, self._desk.terminal, sold)
        redeemed: dict[str, int] = {}
        for taken in sale.redemptions:
            redeemed[taken.kind] = redeemed.get(taken.kind, 0) + taken.points
        back = ReceiptRefund(
            sale=sale.id, sale_at=sale.occurred_at, money_fen=sale.due_fen, given_back=redeemed,
            taken_back=dict(receipt.awarded),
        )  # fmt: skip
        voided = Receipt(
            id=entry.id, at=entry.occurred_at, store=receipt.store, terminal=receipt.terminal, by=entry.by,
            member=receipt.member, name=receipt.name, last4=receipt.last4, reference=receipt.reference,
            gross_fen=receipt.gross_fen, due_fen=0, kinds=receipt.kinds, refund=back,
        )  # fmt: skip
        return self._desk.stamp(voided, rows[0])

    def void_of(self, sale: UUID, shift: str) -> int:
        """The seq of the void of a sale in a shift. Raises `RefusedError("not-a-sale")`."""
        for row in self._desk.journal.of_shift(shift):
            entry = read_entry(row) if row.type == "void" else None
            if isinstance(entry, Void) and entry.voids == sale:
                return row.seq
        raise RefusedError("not-a-sale")

    def report(self, name: str) -> ShiftReport:
        """Of a shift or of a day. Raises `RefusedError`."""
        journal = self._desk.journal
        if name.startswith(DAY):
            return day_report(journal, name.removeprefix(DAY))
        return shift_report(journal, name.removeprefix(SHIFT))

    def kept(self) -> list[str]:
        """What waited for the printer when the program ended, the oldest first."""
        try:
            return msgspec.json.decode(self._desk.journal.fact(FACT) or "[]", type=list[str])
        except msgspec.MsgspecError:
            return []

    def keep(self, names: Sequence[str]) -> None:
        """Instead of what was kept before. Raises `local_db` errors."""
        self._desk.journal.set_fact(FACT, encode(list(names)).decode())
