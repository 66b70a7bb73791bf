"""F4: which sale comes back: one of this till, or one that the ledger finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.widgets import DataTable

from points import format_fen
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.find_sale import FindSale
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _, msg
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.screens.receipt_list import ReceiptListScreen, name_of
from terminal.screens.refund import RefundScreen
from terminal.widgets.last_result import summary
from terminal.widgets.receipt_view import ReceiptView
from till.receipts import Receipt
from till.refundable import Refundable


def open_refunds(screen: TillScreen[None], done: Callable[[], None], scanned: str = "") -> None:
    """The list of sales, and that of a receipt that was `scanned`; `done` shows the screen anew."""
    screen.app.push_screen(RefundListScreen(scanned), lambda _: done())


class RefundListScreen(ReceiptListScreen[Receipt]):
    """The newest sales of this till, of any shift; Enter chooses. F5 asks the ledger for those of other tills."""

    KEYS: ClassVar = (commands.HELP, commands.FIND, commands.BACK)
    COLUMNS = ((msg("Time"), 11), (msg("Member"), 10), (msg("Paid"), 11))

    def __init__(self, scanned: str = "") -> None:
        super().__init__()
        self._is_asking = False
        self._scanned = scanned

    def on_mount(self) -> None:
        if self._scanned:
            self.call_after_refresh(self.code_read, self._scanned)

    def code_read(self, text: str) -> None:
        """A receipt, a reference or a member: the same as typed behind F5."""
        counter = self.counter
        if not self._is_asking:
            self._is_asking = True
            ask_apart(self, "sales", lambda: counter.returns.look_up(text))

    def find(self) -> list[Receipt]:
        return self.counter.returns.newest_sales()

    def cells(self, item: Receipt) -> tuple[Text, ...]:
        paid = Text(format_fen(item.due_fen), justify="right")
        return Text(self.counter.local(item.at)[5:16]), Text(name_of(item)), paid

    def show(self, view: ReceiptView, item: Receipt | None) -> None:
        view.receipt = item

    def step(self, *, is_empty: bool) -> str:
        if is_empty:
            return _("No sale at this till yet")
        return _("Arrows and Enter choose the sale that comes back; F5 finds one of another till")

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        counter, chosen = self.counter, self.chosen
        if chosen is not None and not self._is_asking:
            self._is_asking = True
            sale = chosen.id
            ask_apart(self, "sale", lambda: counter.returns.find(sale))

    def on_answered(self, message: Answered) -> None:
        """What can come back of it."""
        self._is_asking = False
        if isinstance(message.value, Refundable) and self.is_current:
            self._open(message.value)
        elif isinstance(message.value, list) and self.is_current:
            self._found(message.value)

    def on_declined(self, message: Declined) -> None:
        """Nothing of it."""
        self._is_asking = False
        self.refuse(message.error)

    def _open(self, found: Refundable | None) -> None:
        if found is not None:
            self.app.push_screen(RefundScreen(found), self._refunded)

    def action_find(self) -> None:
        """F5."""
        self.app.push_screen(FindSale(), self._found)

    def _found(self, sales: list[Refundable] | None) -> None:
        if sales and len(sales) == 1:
            self._open(sales[0])
        elif sales:
            entries = [Entry(self._said(one), one) for one in sales]
            self.app.push_screen(Menu(_("Which sale comes back?"), entries), self._open)

    def _said(self, found: Refundable) -> str:
        receipt = found.receipt
        return f"{self.counter.local(receipt.at)[5:16]}  {summary(receipt)}  {receipt.reference}"

    def _refunded(self, receipt: Receipt | None) -> None:
        self.fill()
        if receipt is not None:
            self.say(_("Came back: {sale}").format(sale=summary(receipt)), "success")
