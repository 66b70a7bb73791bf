"""F8: totals of the shift so far (X), and closing it (Z). Points by authority, and what is not confirmed yet, with its ¥."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import reactive

from terminal import commands
from terminal.dialogs.ask import Ask
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.widgets.panel import Panel, quiet, strong
from till.events import Event, OutcomesArrived
from till.outage.words import report_row
from till.refusals import REFUSALS
from till.report_words import ReportRow, report_rows, report_title
from till.shifts import ShiftReport

if TYPE_CHECKING:
    from terminal.outage import Outages
    from till.counter import Counter


class ReportView(Panel):
    """X while the shift is open, Z once it is closed."""

    DEFAULT_CSS = """
    ReportView { height: auto; min-height: 16; }
    """

    report: reactive[ShiftReport | None] = reactive(None, layout=True, always_update=True)

    def __init__(self, counter: Counter, outages: Outages | None = None) -> None:
        super().__init__()
        self._counter, self._outages = counter, outages

    def title(self) -> str:
        report = self.report
        if report is None:
            return ""
        return report_title(report)

    def watch_report(self) -> None:
        """The title says which it is."""
        self.entitle()

    def lines(self, width: int) -> list[Content]:
        report = self.report
        if report is None:
            return []
        groups = report_rows(report, self._counter.store.programme, self._counter.local)
        if self._outages is not None:
            kept = self._outages.kept()
            groups = (*groups, [report_row(kept.report if kept else None, self._counter.local)])
        rows = [[self._drawn(row, width) for row in group] for group in groups]
        return [row for group in rows for row in (*group, Content(""))][:-1]

    def _drawn(self, row: ReportRow, width: int) -> Content:
        match row.tone:
            case "strong":
                return self.row(strong(row.label), strong(row.value), width)
            case "points":
                return self.row(strong(row.label), strong(row.value, "$accent"), width)
            case "quiet":
                return self.row(quiet(row.label), quiet(row.value), width)
            case "detail":
                return self.row(quiet(row.label), row.value, width)
            case "warning":
                return self.row(Content.styled(row.label, "$warning"), row.value, width)
            case _:
                return self.row(row.label, row.value, width)


class ShiftScreen(TillScreen[None]):
    """F8 again asks for closing."""

    KEYS: ClassVar = (commands.HELP, commands.CLOSE_SHIFT, commands.BACK)
    CSS = """
    ShiftScreen VerticalScroll { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_closed = False

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield ReportView(self.counter, None if self.is_training else self.host.outages)

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        session = self.work.session
        if session is None or self._is_closed:
            return
        try:
            self.query_one(ReportView).report = self.counter.shift_report(session.shift)
        except REFUSALS as error:
            self.refuse(error)
        self.next_line.step = _("F8 closes the shift, Esc goes back")

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived):
            self._show()

    def action_close_shift(self) -> None:
        """F8."""
        if self._is_closed:
            self.say(_("The shift is closed. Esc: sign in for the next one"))
            return
        if not self.work.is_idle or self.work.held:
            self.refuse_code("sales-held")
            return
        self.app.push_screen(Ask(_("Close the shift for good?"), yes=_("Close shift"), no=_("Not yet")), self._close)

    def _close(self, is_sure: bool | None) -> None:
        session = self.work.session
        if not is_sure or session is None:
            return
        try:
            self.query_one(ReportView).report = self.counter.close_shift(session)
        except REFUSALS as error:
            self.refuse(error)
            return
        self._is_closed = True
        self.work.last = None
        self.next_line.step = _("The shift is closed. Esc: sign in for the next one")

    def action_back(self) -> None:
        """Esc; after closing nobody is signed in any more."""
        if self._is_closed:
            self.work.session = None
            self.host.go_home()
        else:
            self.dismiss()
