"""查一笔, F9: a customer misses points. One field for whatever he has; the sale, its way, and what to say to him."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from terminal.commands import Command
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

    KEYS: ClassVar = (commands.HELP, commands.PRINT_WAY, commands.PRINT, commands.BACK)
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
        self._number, self._text = 0, ""
        self._is_asked_elsewhere = False

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
            "Scan the receipt or the member's code, or type phone, receipt number or amount, and 14:20 or 11-21; Enter"
        )

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        self.code_read(event.text)

    def code_read(self, text: str) -> None:
        """Scanned or typed: the same. What was asked before it is not shown any more."""
        if not text:
            return
        tracing, self._number = self.counter.tracing, self._number + 1
        self._text, self._is_asked_elsewhere = text, False
        self.next_line.step = _("Looking for it...")
        ask_apart(self, f"here {self._number}", lambda: tracing.here(text))

    def on_key(self, event: events.Key) -> None:
        """The field keeps the focus: the next receipt may be scanned or typed at any time."""
        table = self.query_one(DataTable)
        if event.key in ("up", "down"):
            table.action_cursor_up() if event.key == "up" else table.action_cursor_down()
            event.stop()

    def on_answered(self, message: Answered) -> None:
        """First this till's sales, at once; behind them those of other tills, once the ledger has answered."""
        where, number = message.asked.split()
        if int(number) != self._number or not isinstance(message.value, list):
            return
        if where == "here":
            text, tracing = self._text, self.counter.tracing
            self._is_asked_elsewhere = self.counter.is_online
            self._show(message.value)
            if self._is_asked_elsewhere:
                ask_apart(self, f"elsewhere {number}", lambda: tracing.elsewhere(text))
            return
        self._is_asked_elsewhere = False
        if message.value or not self._found:
            self._show([*self._found, *message.value])

    def on_declined(self, message: Declined) -> None:
        """Refused here; or nobody answered for the other tills, which is told where nothing else is."""
        where, number = message.asked.split()
        if int(number) != self._number:
            return
        self._is_asked_elsewhere = False
        if not self._found or where == "here":
            self._show([])
            self.refuse(message.error)

    def _show(self, found: Sequence[Traced | Refundable]) -> None:
        self._found = [*found]
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
        if self._is_asked_elsewhere:
            self.next_line.step = _("Not at this till; the ledger is asked for other tills...")
            return
        self.next_line.step = _("No such sale: was the member scanned then? Another till's sale needs the network")

    @property
    def _chosen(self) -> Traced | Refundable | None:
        row = self.query_one(DataTable).cursor_row
        return self._found[row] if 0 <= row < len(self._found) else None

    def _said_of(self, one: Traced | Refundable) -> tuple[list[str], str]:
        if isinstance(one, Traced):
            return list(way_of(one, self.counter.local)), sentence_for_customer(one)
        return elsewhere(one, self.counter.local)

    @on(DataTable.RowHighlighted)
    def _show_chosen(self) -> None:
        if (one := self._chosen) is None:
            return
        lines, said = self._said_of(one)
        body = [Content(line) for line in lines]
        self.query_one("#way", Static).update(Content("\n").join([*body, Content(""), strong(said, "$accent")]))
        self.next_line.step = _("What to say to the customer stands in colour; type or scan the next")

    def has_use(self, command: Command) -> bool:
        """Paper is where a printer is."""
        return command is commands.HELP or command is commands.BACK or self._has_paper

    @property
    def _has_paper(self) -> bool:
        return self.host.printer is not None and self.host.printer.is_assigned

    def action_print(self) -> None:
        """F7: the receipt of a sale of this till, marked as a copy."""
        one = self._chosen
        if not isinstance(one, Traced) or self.host.printer is None:
            return
        if one.state == "voided":
            self.refuse_code("already-voided")
            return
        printer = self.host.printer
        self._print(
            lambda: printer.print_again(one.receipt), _("Receipt {seq} is printed again, marked as a copy"), one
        )

    def action_print_way(self) -> None:
        """F6: what is on the right, for the customer to take along."""
        one, printer = self._chosen, self.host.printer
        if one is None or printer is None:
            return
        lines, said = self._said_of(one)
        slip = (one.receipt.seq, self.counter.store.settings.name, lines, said)
        self._print(lambda: printer.print_way(*slip), _("The answer about receipt {seq} is printed"), one)

    def _print(self, order: Callable[[], None], done: str, one: Traced | Refundable) -> None:
        try:
            order()
        except REFUSALS as error:
            self.refuse(error)
        else:
            self.say(done.format(seq=one.receipt.seq), "success")
