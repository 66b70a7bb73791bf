"""F7: the receipts of this shift, newest first; F3 takes the chosen one back."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import DataTable

from points import format_fen
from terminal import commands
from terminal.dialogs.witness import Witness
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.screens.refund import open_refunds
from terminal.screens.voiding import ask_void
from terminal.text import cut, harmless
from terminal.widgets.last_result import changes_of, state_words
from terminal.widgets.receipt_view import ReceiptView
from till.counter import REFUSALS
from till.events import DecisionsArrived, Event, OutcomesArrived
from till.history import PastSale

MOST_SHOWN = 500
"""A table of more rows is slow (STYLE, traps); a shift at one till has fewer sales."""

NAME_IN_QR = 12
"""Chinese characters of a till's name for which a QR code of 80x24 has room, beside number and code of a sale."""


class ReceiptsScreen(TillScreen[None]):
    """A list on the left, the chosen receipt on the right."""

    KEYS: ClassVar = (commands.HELP, commands.WITNESS, commands.VOID, commands.REFUND, commands.BACK)
    AUTO_FOCUS = "DataTable"

    CSS = """
    ReceiptsScreen Horizontal { height: 1fr; }
    ReceiptsScreen DataTable { width: 42; height: 1fr; background: $background; }
    ReceiptsScreen VerticalScroll { width: 1fr; border: $frame $rule; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._sales: list[PastSale] = []

    def body(self) -> ComposeResult:
        with Horizontal():
            yield DataTable[Text](cursor_type="row", zebra_stripes=False)
            with VerticalScroll():
                yield ReceiptView(self.counter)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in ((_("Time"), 5), (_("Member"), 10), (_("Paid"), 9), (_("Points"), 8)):
            table.add_column(Text(label), width=width)
        self._fill()

    def _fill(self) -> None:
        session = self.work.session
        try:
            found = [*self.counter.sales(session), *self.counter.refunds(session)] if session else []
            self._sales = sorted(found, key=lambda past: past.seq, reverse=True)[:MOST_SHOWN]
        except REFUSALS as error:
            self.refuse(error)
            return
        table = self.query_one(DataTable)
        place = table.cursor_row
        table.clear()
        for past in self._sales:
            table.add_row(*self._cells(past))
        if self._sales:
            table.move_cursor(row=min(place, len(self._sales) - 1))
        self._show_chosen()
        self.next_line.step = (
            _("Arrows choose; F3 takes the chosen sale back, F4 a part of one")
            if self._sales
            else _("No sale in this shift yet")
        )

    def _cells(self, past: PastSale) -> tuple[Text, ...]:
        receipt = past.receipt
        points = sum(points for kind, points in changes_of(receipt) if kind not in receipt.kinds)
        money_fen = receipt.due_fen - (receipt.refund.money_fen if receipt.refund else 0)
        style = "strike dim" if past.state == "voided" else ""
        return (
            Text(self.counter.local(receipt.at)[11:16], style),
            Text(cut(harmless(receipt.name) or harmless(receipt.member, 24), 10), style),
            Text(format_fen(money_fen), style, justify="right"),
            Text(_("voided") if past.state == "voided" else f"{points:+,}", style, justify="right"),
        )

    @on(DataTable.RowHighlighted)
    def _show_chosen(self) -> None:
        past = self._chosen()
        view = self.query_one(ReceiptView)
        view.receipt = past.receipt if past else None
        view.state = state_words(past.state, is_online=self.counter.is_online)[0] if past else ""

    def _chosen(self) -> PastSale | None:
        row = self.query_one(DataTable).cursor_row
        return self._sales[row] if 0 <= row < len(self._sales) else None

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived | DecisionsArrived):
            self._fill()

    @on(DataTable.RowSelected)
    def action_witness(self) -> None:
        """Enter."""
        past = self._chosen()
        if past is not None:
            receipt = past.receipt
            till = harmless(receipt.terminal or self.counter.terminal_name, NAME_IN_QR)
            witness = self.counter.witness(receipt.seq)
            self.app.push_screen(Witness(witness, f"{till} {receipt.seq} {receipt.code}"))

    def action_refund(self) -> None:
        """F4."""
        open_refunds(self, self._fill)

    def action_void(self) -> None:
        """F3."""
        past = self._chosen()
        if past is not None and past.state == "voided":
            self.refuse_code("already-voided")
        elif past is not None and past.state == "refunded":
            self.refuse_code("already-refunded")
        elif past is not None and past.receipt.refund is not None:
            self.say(_("What came back stays booked; sell it again instead"))
        elif past is not None:
            ask_void(self, past.receipt, self._fill)
        else:
            self.say(_("No sale in this shift yet"))
