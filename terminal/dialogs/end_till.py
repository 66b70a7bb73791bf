"""Ending a till for good: what that does, what becomes of what waits there, why, and the PIN of who does it. F2 confirms."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from protocol.fleet import Ending, StoreTill
from protocol.pins import PIN_LENGTHS
from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.text import harmless
from terminal.widgets.pin_field import PinField
from terminal.widgets.scan_field import ScanField
from till.pairing_words import before_ending, ending_name


class Confirmed(NamedTuple):
    """Why, and the PIN that was typed for it."""

    reason: str
    pin: str


class EndTill(Dialog[Confirmed | None]):
    """`staff` is who is signed in: his PIN is asked for once more, and goes to the ledger alone."""

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "#reason"

    CSS = """
    EndTill Label { width: 1fr; padding: 0 1; }
    EndTill .title { text-style: bold; padding: 0 1 1 1; }
    EndTill ScanField { margin: 0 1; }
    EndTill PinField { margin: 0 1 1 1; }
    """

    def __init__(self, till: StoreTill, how: Ending, staff: str) -> None:
        super().__init__()
        self._till, self._how, self._staff = till, how, staff

    def body(self) -> ComposeResult:
        title = f"{ending_name(self._how)}  {self._till.terminal}  {harmless(self._till.name, 16)}"
        yield Label(title, classes="title", markup=False)
        for said in before_ending(self._how, self._till):
            yield Label(said, markup=False)
        yield Label(_("Why"), markup=False)
        yield ScanField(id="reason", most=100, digits=False)
        yield Label(_("PIN of {staff}").format(staff=self._staff), markup=False)
        yield PinField(max(PIN_LENGTHS), self._typed)

    def on_mount(self) -> None:
        self.next_line.step = _("Type why, Enter; then the PIN, and F2 ends it for ever")

    @on(ScanField.Entered)
    def _entered(self) -> None:
        """On to the PIN."""
        self.query_one(PinField).focus()

    def action_confirm(self) -> None:
        """F2. Enter in the field of the PIN does nothing."""
        self._is_confirmed = True
        self.query_one(PinField).enter()

    _is_confirmed = False

    def _typed(self, pin: str) -> None:
        is_confirmed, self._is_confirmed = self._is_confirmed, False
        reason = self.query_one("#reason", ScanField).typed
        if not is_confirmed:
            self.say(_("F2 ends it; Esc goes back"))
        elif not reason or reason.isdigit():  # a PIN that was typed here by mistake is recorded nowhere
            self.query_one("#reason", ScanField).value = ""
            self.query_one("#reason").focus()
            self.refuse_code("case-why")
        elif len(pin) not in PIN_LENGTHS:
            self.query_one(PinField).focus()
            self.say(_("Type your PIN, then F2"))
        else:
            self.dismiss(Confirmed(reason, pin))

    def action_back(self) -> None:
        """Esc."""
        self.dismiss(None)
