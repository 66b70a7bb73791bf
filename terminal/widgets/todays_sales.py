"""On a wide terminal: the sales of this shift beside the counter, newest first, each with what has become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content
from textual.reactive import reactive

from terminal.i18n import _, msg
from terminal.text import line
from terminal.widgets.last_result import summary
from terminal.widgets.panel import Panel, quiet
from terminal.words import sentence_of
from terminal.work import LastSale
from till.history import State
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.work import Work
    from till.counter import Counter

SHORT: Final[dict[State, tuple[str, str]]] = {
    "stored": (msg("stored"), "$quiet"),
    "booked": (msg("booked"), "$success"),
    "shortfall": (msg("booked"), "$warning"),
    "quarantined": (msg("F9"), "$warning"),
    "awards-wait": (msg("F9"), "$warning"),
    "corrected": (msg("corrected"), "$quiet"),
    "written-off": (msg("written off"), "$quiet"),
    "voided": (msg("voided"), "$quiet"),
    "refunded": (msg("refunded"), "$quiet"),
}


class TodaysSales(Panel):
    """Read anew when the last result changes, and only while it is shown."""

    DEFAULT_CSS = """
    TodaysSales { height: 1fr; }
    """

    last: reactive[LastSale | None] = reactive(None)

    def __init__(self, counter: Counter, work: Work) -> None:
        super().__init__()
        self._counter, self._work = counter, work

    def title(self) -> str:
        return _("Sales of this shift")

    def lines(self, width: int) -> list[Content]:
        session = self._work.session
        if session is None or not width:
            return []
        rows: list[Content] = []
        try:
            sales = self._counter.sales(session)[: max(1, self.content_size.height)]
        except REFUSALS as error:
            return Content.styled(sentence_of(error), "$warning").wrap(width)
        for past in sales:
            words, style = SHORT[past.state]
            at = quiet(self._counter.local(past.receipt.at)[11:16] + " ")
            rows.append(line(Content.assemble(at, summary(past.receipt)), Content.styled(_(words), style), width))
        return rows
