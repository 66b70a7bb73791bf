"""查一笔, F9: a customer misses points. One field for whatever he has; the sale, its way, and what to say to him."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Static

from points import format_fen
from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.screens.receipt_list import name_of
from terminal.widgets.panel import strong
from terminal.widgets.scan_field import ScanField
from till.refundable import Refundable
from till.refusals import REFUSALS
from till.tracing import Traced
from till.tracing_words import elsewhere, sentence_for_customer, way_of


class TracingScreen(TillScreen[None]):
    """What was typed or scanned on top, what was found on the left, the way of the chosen one on the right."""

    KEYS: ClassVar = (commands.HELP, commands.PRINT, commands.BACK)
    AUTO_FOCUS = "#wanted"
    CSS = """
    TracingScreen ScanField { margin: 0 1; }
    TracingScreen Horizontal { height: 1fr; }
    TracingScreen DataTable { width: 36; height: 1fr; background: $background; }
    TracingScreen VerticalScroll { width: 1fr; border: $frame $rule; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Traced | Refundable] = []
        self._asked = ""

    def body(self) -> ComposeResult:
        yield ScanField(id="wanted", most=40, digits=False)
        with Horizontal():
            yield DataTable[Text](cursor_type="row", zebra_stripes=False)
            with VerticalScroll():
                yield Static(id="way")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in ((_("Time"), 11), (_("Member"), 10), (_("Paid"), 9)):
            table.add_column(Text(label), width=width)
        self.next_line.step = _(
            "Scan the receipt or the member's code, or type phone, receipt number or amount; Enter"
        )

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        self.code_read(event.text)

    def code_read(self, text: str) -> None:
        """Scanned or typed: the same."""
        if not text:
            return
        try:
            found = self.counter.trace(text)
        except REFUSALS as error:
            self.refuse(error)
            return
        self._show([*found])
        if not found and self.counter.is_online and not self._asked:
            self._asked = text
            counter = self.counter
            self.next_line.step = _("Not at this till; the ledger is asked for other tills...")
            ask_apart(self, "sales", lambda: counter.returns.look_up(text))

    def on_key(self, event: events.Key) -> None:
        """The field keeps the focus: the next receipt may be scanned or typed at any time."""
        table = self.query_one(DataTable)
        if event.key in ("up", "down"):
            table.action_cursor_up() if event.key == "up" else table.action_cursor_down()
            event.stop()

    def on_answered(self, message: Answered) -> None:
        """Sales of other tills."""
        self._asked = ""
        if isinstance(message.value, list):
            self._show(message.value)

    def on_declined(self, message: Declined) -> None:
        """None there either, or nobody answered."""
        self._asked = ""
        self._say_nothing()
        if getattr(message.error, "code", "") != "sales-unknown":
            self.refuse(message.error)

    def _show(self, found: list[Traced | Refundable]) -> None:
        self._found = found
        table = self.query_one(DataTable)
        table.clear()
        for one in found:
            receipt = one.receipt
            paid = Text(format_fen(receipt.due_fen), justify="right")
            table.add_row(Text(self.counter.local(receipt.at)[5:16]), Text(name_of(receipt)), paid)
        self.query_one(ScanField).action_select_all()
        if found:
            self._show_chosen()
        else:
            self._say_nothing()

    def _say_nothing(self) -> None:
        self.query_one("#way", Static).update("")
        self.next_line.step = _("No such sale: was the member scanned then? Another till's sale needs the network")

    @on(DataTable.RowHighlighted)
    def _show_chosen(self) -> None:
        row = self.query_one(DataTable).cursor_row
        if not 0 <= row < len(self._found):
            return
        one = self._found[row]
        if isinstance(one, Traced):
            lines, said = list(way_of(one, self.counter.local)), sentence_for_customer(one)
        else:
            lines, said = elsewhere(one, self.counter.local)
        body = [Content(line) for line in lines]
        self.query_one("#way", Static).update(Content("\n").join([*body, Content(""), strong(said, "$accent")]))
        self.next_line.step = _("What to say to the customer stands in colour; type or scan the next")

    def action_print(self) -> None:
        """F7: the receipt of a sale of this till, marked as a copy."""
        row = self.query_one(DataTable).cursor_row
        one = self._found[row] if 0 <= row < len(self._found) else None
        if not isinstance(one, Traced) or self.host.printer is None:
            return
        if one.state == "voided":
            self.refuse_code("already-voided")
            return
        try:
            self.host.printer.print_again(one.receipt)
        except REFUSALS as error:
            self.refuse(error)
        else:
            self.say(_("Receipt {seq} is printed again, marked as a copy").format(seq=one.receipt.seq), "success")
