"""F7: the receipts of this shift, newest first; F3 takes the chosen one back."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.widgets import DataTable

from points import format_fen
from protocol.codes import ReceiptCode, classify
from terminal import commands
from terminal.commands import Command
from terminal.dialogs.paper import PaperDialog
from terminal.dialogs.witness import Witness
from terminal.i18n import _, msg
from terminal.screens.claiming import show_claim
from terminal.screens.copies import print_copy
from terminal.screens.device_news import say_of_devices
from terminal.screens.receipt_list import ReceiptListScreen, name_of
from terminal.screens.refund_list import open_refunds
from terminal.screens.voiding import ask_void
from terminal.screens.vouchers import show_issued
from terminal.text import harmless
from terminal.widgets.last_result import changes_of, state_words
from terminal.widgets.receipt_view import ReceiptView
from till.approval_words import allowed_name
from till.events import DecisionsArrived, Event, OutcomesArrived
from till.history import PastSale
from till.refusals import REFUSALS

MOST_SHOWN = 500
"""A table of more rows is slow (STYLE, traps); a shift at one till has fewer sales."""

NAME_IN_QR = 12
"""Chinese characters of a till's name for which a QR code of 80x24 has room, beside number and code of a sale."""


class ReceiptsScreen(ReceiptListScreen[PastSale]):
    """A list on the left, the chosen receipt on the right."""

    KEYS: ClassVar = (
        commands.HELP,
        commands.WITNESS,
        commands.VOID,
        commands.REFUND,
        commands.VOUCHER,
        commands.PREVIEW,
        commands.PRINT,
        commands.BACK,
    )
    COLUMNS = ((msg("Time"), 5), (msg("Member"), 10), (msg("Paid"), 9), (msg("Points"), 8))

    def find(self) -> list[PastSale]:
        session = self.work.session
        found = [*self.counter.sales(session), *self.counter.returns.of_shift(session)] if session else []
        return sorted(found, key=lambda past: past.seq, reverse=True)[:MOST_SHOWN]

    def cells(self, item: PastSale) -> tuple[Text, ...]:
        past, receipt = item, item.receipt
        points = sum(points for kind, points in changes_of(receipt) if kind not in receipt.kinds)
        money_fen = receipt.due_fen - (receipt.refund.money_fen if receipt.refund else 0)
        style = "strike dim" if past.state == "voided" else ""
        return (
            Text(self.counter.local(receipt.at)[11:16], style),
            Text(name_of(receipt), style),
            Text(allowed_name((receipt.given,)) if receipt.given else format_fen(money_fen), style, justify="right"),
            Text(_("voided") if past.state == "voided" else f"{points:+,}", style, justify="right"),
        )

    def show(self, view: ReceiptView, item: PastSale | None) -> None:
        view.receipt = item.receipt if item else None
        view.state = state_words(item.state, is_online=self.counter.is_online)[0] if item else ""

    def step(self, *, is_empty: bool) -> str:
        if is_empty:
            return _("No sale in this shift yet")
        return _("Arrows choose; F3 takes the chosen sale back, F4 a part of one")

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived | DecisionsArrived):
            self.fill()
        say_of_devices(self, event)

    def code_read(self, text: str) -> None:
        """A receipt: its row; of an earlier shift or another till it is found behind F4."""
        code = classify(text, member_awaited=False)
        if not isinstance(code, ReceiptCode) or code.terminal != self.counter.terminal:
            super().code_read(text)
        elif not self.choose(lambda past: past.seq == code.seq):
            self.say(_("This receipt is not of this shift; F4 finds it"))

    @on(DataTable.RowSelected)
    def action_witness(self) -> None:
        """Enter."""
        past = self.chosen
        if past is not None:
            receipt = past.receipt
            till = harmless(receipt.terminal or self.counter.terminal_name, NAME_IN_QR)
            witness = self.counter.witness(receipt.seq)
            self.app.push_screen(Witness(witness, f"{till} {receipt.seq} {receipt.code}"))

    def has_use(self, command: Command) -> bool:
        """Codes of vouchers are where a shop gives some, paper is where a printer is."""
        match command:
            case commands.VOUCHER:
                return bool(self.counter.store.programme.issued_kinds) or self.counter.claims.are_offered
            case commands.PREVIEW:
                return self.host.printer is not None and self.host.printer.is_assigned
        return True

    def action_voucher(self) -> None:
        """F5."""
        if self.chosen is not None and self.chosen.receipt.claim:
            show_claim(self, self.chosen)
        elif self.chosen is not None:
            show_issued(self, self.chosen.seq)

    def action_preview(self) -> None:
        """F6."""
        if self.chosen is None or self.host.printer is None:
            return
        try:
            rows = self.host.printer.preview(self.chosen.receipt)
        except REFUSALS as error:
            self.refuse(error)
        else:
            self.app.push_screen(PaperDialog(rows), lambda is_wanted: self.action_print() if is_wanted else None)

    def action_print(self) -> None:
        """F7, as on the counter."""
        if self.chosen is not None:
            print_copy(self, self.chosen.receipt, is_voided=self.chosen.state == "voided")

    def action_refund(self) -> None:
        """F4."""
        open_refunds(self, self.fill)

    def action_void(self) -> None:
        """F3."""
        past = self.chosen
        if past is not None and past.state == "voided":
            self.refuse_code("already-voided")
        elif past is not None and past.state == "refunded":
            self.refuse_code("already-refunded")
        elif past is not None and past.receipt.refund is not None:
            self.say(_("What came back stays booked; sell it again instead"))
        elif past is not None:
            ask_void(self, past.receipt, self.fill)
        else:
            self.say(_("No sale in this shift yet"))
