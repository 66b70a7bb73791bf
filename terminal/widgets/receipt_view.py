"""A receipt on the screen, as it was when the sale was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from terminal.i18n import _
from terminal.text import line
from terminal.widgets.panel import quiet, strong
from till.receipt_words import receipt_rows
from till.receipts import Receipt
from till.report_words import ReportRow

if TYPE_CHECKING:
    from till.counter import Counter


class ReceiptView(Widget):
    """Height by content; whoever shows it scrolls."""

    DEFAULT_CSS = """
    ReceiptView { height: auto; }
    """

    receipt: reactive[Receipt | None] = reactive(None, layout=True)
    state: reactive[str] = reactive("")

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def render(self) -> Content:
        if self.receipt is None:
            return Content("")
        # Before the first layout there is no width yet.
        width = self.size.width or 32
        rows = receipt_rows(self.receipt, self._counter.store, self._counter.local)
        points = [*rows.points, ReportRow(_("State"), self.state, "detail")]
        parts = [[one for row in part for one in _drawn(row, width)] for part in (rows.head, rows.goods, points)]
        body = [row for part in parts for row in (*part, Content(""))]
        return Content("\n").join([strong(rows.store), *body, quiet(rows.foot)])


def _drawn(row: ReportRow, width: int) -> list[Content]:
    """One row; two where it is too long for one: of what a customer asks about nothing is cut."""
    label, value = Content(row.label), Content(row.value)
    match row.tone:
        case "strong":
            label, value = strong(row.label), strong(row.value)
        case "points":
            label, value = strong(row.label), strong(row.value, "$accent")
        case "quiet":
            label, value = quiet(row.label), quiet(row.value)
        case "detail":
            label = quiet(row.label)
        case _:
            pass
    if not row.value:
        return [label]
    if row.label and label.cell_length + 1 + value.cell_length > width:
        return [*label.wrap(width), line("", value, width)]
    return [line(label, value, width)]
