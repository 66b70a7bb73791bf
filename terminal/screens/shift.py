"""F8: totals of the shift so far (X), handing over, and closing it (Z). A cashier sees his own part, a manager all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.ask import Ask
from terminal.dialogs.hand_over import HandOver
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.widgets.report_view import ReportView
from till.events import Event, OutcomesArrived
from till.outage.words import report_row
from till.refusals import REFUSALS
from till.report_words import Section, part_sections, person_name, report_sections, report_title
from till.shift_report import ShiftReport

if TYPE_CHECKING:
    from terminal.outage import Outages


class ShiftScreen(TillScreen[None]):
    """F8 again asks for closing, F2 for who takes over."""

    KEYS: ClassVar = (commands.HELP, commands.HAND_OVER, commands.PAGE, commands.CLOSE_SHIFT, commands.BACK)

    def __init__(self) -> None:
        super().__init__()
        self._is_closed = False

    def body(self) -> ComposeResult:
        yield ReportView()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        session = self.work.session
        if session is None or self._is_closed:
            return
        try:
            if session.may("manager", "supervisor"):
                self._show_report(self.counter.shift_report(session.shift))
            else:
                title = _("Since you came  {person}").format(person=person_name(session.staff, self.counter.store))
                self._draw(title, part_sections(*self.counter.own_part(session), self.counter.store))
        except REFUSALS as error:
            self.refuse(error)
        self.next_line.step = self._step()

    def _step(self) -> str:
        if self._may(commands.CLOSE_SHIFT):
            return _("F2 hands over to the next cashier, F8 closes the shift, Esc goes back")
        return _("F2 hands over to the next cashier, Esc goes back")

    def _show_report(self, report: ShiftReport) -> None:
        sections = report_sections(report, self.counter.store, self.counter.local)
        outages: Outages | None = None if self.is_training else self.host.outages
        if outages is not None:
            kept = outages.kept()
            last = report_row(kept.report if kept else None, self.counter.local)
            sections.append(Section("outage", _("Outage"), [last]))
        self._draw(report_title(report), sections)

    def _draw(self, title: str, sections: list[Section]) -> None:
        self.query_one(ReportView).show(title, sections)

    def action_page(self) -> None:
        """F5."""
        view = self.query_one(ReportView)
        if view.is_long:
            view.turn()
        else:
            self.say(_("There is only this page"))

    def on_key(self, event: events.Key) -> None:
        """Arrows and Page Up and Down turn the pages as well."""
        if event.key in ("right", "down", "pagedown"):
            self.query_one(ReportView).turn()
        elif event.key in ("left", "up", "pageup"):
            self.query_one(ReportView).turn(-1)

    def take(self, event: Event) -> None:
        super().take(event)
        if isinstance(event, OutcomesArrived):
            self._show()

    # --- handing over ----------------------------------------------------------------------------------------------------

    def action_hand_over(self) -> None:
        """F2: the next cashier types number and PIN; the sale on the screen and those put aside stay."""
        if self._is_closed:
            self.say(_("The shift is closed. Esc: sign in for the next one"))
        else:
            self.app.push_screen(HandOver(), self._hand_over)

    def _hand_over(self, given: tuple[str, str] | None) -> None:
        session, counter = self.work.session, self.counter
        if given is not None and session is not None:
            ask_apart(self, "hand-over", lambda: counter.hand_over(session, *given))

    def on_answered(self, message: Answered) -> None:
        """Handed over: to the counter, with what is on it."""
        from till.shifts import Session

        if isinstance(message.value, Session):
            self.work.session = message.value
            self.host.go_home()

    def on_declined(self, message: Declined) -> None:
        """Refused, with its sentence."""
        self.refuse(message.error)

    # --- closing -----------------------------------------------------------------------------------------------------------

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
            self._show_report(self.counter.close_shift(session))
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
