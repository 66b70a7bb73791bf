"""F8: totals of the shift so far (X), handing over, and closing it (Z). A cashier sees his own part, a manager all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult

from terminal import commands
from terminal.bridge import ask_apart
from terminal.commands import Command
from terminal.dialogs.ask import Ask
from terminal.dialogs.hand_over import HandOver
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen
from terminal.screens.device_news import say_of_devices
from terminal.widgets.report_view import ReportView
from till.events import Event, OutcomesArrived
from till.outage.words import report_row
from till.refusals import REFUSALS
from till.report_figures import ShiftReport
from till.report_sections import part_sections, report_sections
from till.report_words import Section, person_name, report_title

if TYPE_CHECKING:
    from terminal.outage import Outages


class ShiftScreen(TillScreen[None]):
    """F8 again asks for closing, F2 for who takes over."""

    KEYS: ClassVar = (
        commands.HELP, commands.HAND_OVER, commands.PAGE, commands.DAY, commands.PRINT_REPORT, commands.CLOSE_SHIFT,
        commands.BACK,
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._final: ShiftReport | None = None
        self._is_day = False
        self._shown: tuple[str, list[Section], ShiftReport | None] = ("", [], None)

    @property
    def _is_closed(self) -> bool:
        return self._final is not None

    def body(self) -> ComposeResult:
        yield ReportView()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        session = self.work.session
        if session is None:
            return
        try:
            if self._is_day:
                self._show_report(self.counter.reports.day())
            elif self._is_closed or session.may("manager", "supervisor"):
                self._show_report(self._final or self.counter.shift_report(session.shift))
            else:
                title = _("Since you came  {person}").format(person=person_name(session.staff, self.counter.store))
                self._draw(title, part_sections(*self.counter.reports.own_part(session), self.counter.store), None)
        except REFUSALS as error:
            self.refuse(error)
        self.next_line.step = self._step()

    def _step(self) -> str:
        if self._is_closed:
            return _("The shift is closed. Esc: sign in for the next one")
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
        self._draw(report_title(report), sections, report)

    def _draw(self, title: str, sections: list[Section], report: ShiftReport | None) -> None:
        self._shown = title, sections, report
        self.query_one(ReportView).show(title, sections)

    # --- other pages, paper ----------------------------------------------------------------------------------------------

    def has_use(self, command: Command) -> bool:
        """Paper is where a printer is."""
        return command != commands.PRINT_REPORT or (self.host.printer is not None and self.host.printer.is_assigned)

    def action_day(self) -> None:
        """F6."""
        self._is_day = not self._is_day
        self._show()

    def action_print_report(self) -> None:
        """F7."""
        if self._print():
            self.say(_("The report goes to the printer"), "success")

    def _print(self) -> bool:
        title, sections, report = self._shown
        printer = self.host.printer
        if printer is None:
            return False
        try:
            if report is not None:
                printer.print_report(report)
            else:
                printer.print_sections(title, sections)
        except REFUSALS as error:
            self.refuse(error)
            return False
        return True

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
        if isinstance(event, OutcomesArrived) and not self._is_closed:
            self._show()
        say_of_devices(self, event)

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
            self._final = self.counter.close_shift(session)
        except REFUSALS as error:
            self.refuse(error)
            return
        self._is_day, self.work.last = False, None
        self._show()
        printer = self.host.printer
        if printer is not None and printer.is_assigned and printer.is_automatic:
            self._print()

    def action_back(self) -> None:
        """Esc; after closing nobody is signed in any more."""
        if self._is_closed:
            self.work.session = None
            self.host.go_home()
        else:
            self.dismiss()
