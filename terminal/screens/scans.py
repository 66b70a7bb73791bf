"""The way of the last scans: what was read, what became of it, what the ledger says; and what was counted of each device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import DataTable, Static

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered
from terminal.screens.base import TillScreen
from terminal.text import cut, harmless, moment
from terminal.widgets.panel import quiet
from till.events import Event, OutcomesArrived, ReceiptMade
from till.scan_words import DeviceMonth, TracedScan, became, counts_text, kind_text, steps

MOST_SHOWN = 100
MOST_MONTHS = 3
WIDTHS = (7, 11, 26, 28)


class ScansScreen(TillScreen[None]):
    """A line a scan, the newest first; below, every step of the chosen one, and the last months."""

    KEYS: ClassVar = (commands.HELP, commands.REFRESH, commands.BACK)
    AUTO_FOCUS = "DataTable"
    CSS = """
    ScansScreen DataTable { height: 1fr; background: $background; }
    ScansScreen Static { height: auto; max-height: 10; padding: 0 1; border-top: $frame $rule; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[TracedScan] = ()
        self._months: Sequence[DeviceMonth] = ()

    def body(self) -> ComposeResult:
        yield DataTable[Text](cursor_type="row")
        yield Static(markup=False)

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in zip(("#", _("Time"), _("Code"), _("Became")), WIDTHS, strict=True):
            table.add_column(Text(label), width=width)
        self.next_line.step = _("Scan something: the newest is on top. `till scans NUMBER` says the same")
        self.action_refresh_ports()

    def action_refresh_ports(self) -> None:
        """F5."""
        bench = self.host.workbench
        assert bench is not None
        ask_apart(self, "scans", lambda: (bench.scans(MOST_SHOWN), bench.counted()))

    def on_answered(self, message: Answered) -> None:
        """The list, with the cursor on the newest."""
        self._found, self._months = cast("tuple[Sequence[TracedScan], Sequence[DeviceMonth]]", message.value)
        table = self.query_one(DataTable)
        table.clear()
        now = self.counter.local()
        for one in self._found:
            row = (
                f"#{one.scan.number}",
                moment(self._at(one), now),
                harmless(kind_text(one.scan)),
                harmless(became(one)),
            )
            table.add_row(*(Text(cut(text, width)) for text, width in zip(row, WIDTHS, strict=True)))
        self._show(0)

    @on(DataTable.RowHighlighted)
    def _chosen(self, event: DataTable.RowHighlighted) -> None:
        self._show(event.cursor_row)

    def _show(self, place: int) -> None:
        rows = [Content(harmless(row, 200)) for row in steps(self._found[place], self._at(self._found[place]))] if (
            place < len(self._found)
        ) else [Content(_("Nothing was scanned yet"))]  # fmt: skip
        rows += [
            quiet(f"{one.month}  {harmless(one.device, 40)}  {counts_text(one.counts)}")
            for one in self._months[:MOST_MONTHS]
        ]
        self.query_one(Static).update(Content("\n").join(rows))

    def _at(self, one: TracedScan) -> str:
        return self.counter.local(one.scan.at)

    def code_read(self, text: str) -> None:  # noqa: ARG002
        """A test scan: it is in the list a moment later."""
        self.set_timer(0.2, self.action_refresh_ports)

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived | ReceiptMade):
            self.action_refresh_ports()
