"""With whom and when: asked before a voucher is issued for a service that is booked."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from points import Offer
from protocol.entries import Appointment
from terminal import commands
from terminal.i18n import _, either
from terminal.screens.base import Dialog
from terminal.text import harmless
from terminal.widgets.scan_field import ScanField
from till.refusals import REFUSALS


class AskAppointment(Dialog[Appointment | None]):
    """Answers what was typed, read and checked."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#wanted"

    CSS = """
    AskAppointment .title { padding: 0 1; text-style: bold; }
    AskAppointment ScanField { margin: 1 1; }
    """

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self._offer = offer

    def body(self) -> ComposeResult:
        yield Label(harmless(either(self._offer.disclosure.name)), classes="title", markup=False)
        yield Label(_("Month-day, time, staff number: 11-28 10:00 1023"), markup=False)
        yield ScanField(id="wanted", most=40, digits=False)

    def on_mount(self) -> None:
        self.next_line.step = _("When and with whom, Enter; then everything is shown once more")

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        try:
            self.dismiss(self.counter.appointment(self._offer.reward_id, event.text))
        except REFUSALS as error:
            event.field.action_select_all()
            self.refuse(error)
