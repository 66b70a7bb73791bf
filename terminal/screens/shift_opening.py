"""No shift is open: whoever may, opens one; others are told whom to ask."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center, Middle
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import TillScreen


class ShiftOpeningScreen(TillScreen[None]):
    """F8 opens the shift."""

    KEYS: ClassVar = (commands.HELP, commands.OPEN_SHIFT, commands.MORE, commands.LOCK)

    CSS = """
    ShiftOpeningScreen Label { width: auto; padding: 1 2; text-style: bold; }
    """

    def body(self) -> ComposeResult:
        with Middle(), Center():
            yield Label(_("No shift is open"), markup=False)

    def on_mount(self) -> None:
        may = self._may(commands.OPEN_SHIFT)
        self.next_line.step = (
            _("F8 opens a shift") if may else _("Ask a supervisor or the manager to sign in and open one")
        )

    def action_open_shift(self) -> None:
        """F8."""
        counter, session = self.counter, self.work.session
        if session is not None:
            ask_apart(self, "open-shift", lambda: counter.open_shift(session))

    def on_answered(self, message: Answered) -> None:
        """Open: to the counter."""
        from till.shifts import Session

        if isinstance(message.value, Session):
            self.work.session = message.value
            self.host.go_home()

    def on_declined(self, message: Declined) -> None:
        """Refused, with its sentence."""
        self.refuse(message.error)

    def action_more(self) -> None:
        """F9."""
        from terminal.screens.more import open_more

        open_more(self)

    def action_lock(self) -> None:
        """F10."""
        self.host.lock(for_others=True)

    def code_read(self, _text: str) -> None:
        self.refuse_code("no-shift")
