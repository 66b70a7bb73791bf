"""F9, 全店: the store's day. At once what is known here, then the ledger's answer; what is seen says whose figures it shows."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.widgets.report_view import ReportView
from till.store_report import StoreDay
from till.store_report_words import store_sections, store_title

_ASKED = "store-report"


class StoreReportScreen(TillScreen[None]):
    """For supervisors and managers (`terminal.screens.more`); F5 turns the page, F6 asks once more."""

    KEYS: ClassVar = (commands.HELP, commands.PAGE, commands.ASK_STORE, commands.BACK)

    def __init__(self) -> None:
        super().__init__()
        self._is_asking = False

    def body(self) -> ComposeResult:
        yield ReportView()

    def on_mount(self) -> None:
        session = self.work.session
        if session is not None:
            self._draw(self.counter.reports.store.known(session))
            self.action_ask_store()

    def action_ask_store(self) -> None:
        """F6."""
        session, counter = self.work.session, self.counter
        if session is not None and not self._is_asking:
            self._is_asking = True
            self.next_line.step = _("Asking the ledger...")
            ask_apart(self, _ASKED, lambda: counter.reports.store.ask(session))

    def on_answered(self, message: Answered) -> None:
        """Of all tills; or, where the ledger is silent, of this one."""
        message.stop()
        self._rest()
        if isinstance(message.value, StoreDay):
            self._draw(message.value)

    def on_declined(self, message: Declined) -> None:
        """Not by him, or the journal cannot be read."""
        message.stop()
        self._rest()
        self.refuse(message.error)

    def _rest(self) -> None:
        self._is_asking = False
        self.next_line.step = _("F5 turns the page, F6 asks the ledger once more, Esc goes back")

    def _draw(self, found: StoreDay) -> None:
        counter = self.counter
        sections = store_sections(found, counter.terminal_name, counter.store, counter.local)
        self.query_one(ReportView).show(store_title(found), sections)

    def action_page(self) -> None:
        """F5."""
        self.query_one(ReportView).turn()

    def on_key(self, event: events.Key) -> None:
        """Arrows and Page Up and Down turn the pages as well."""
        if event.key in ("right", "down", "pagedown"):
            self.query_one(ReportView).turn()
        elif event.key in ("left", "up", "pageup"):
            self.query_one(ReportView).turn(-1)
