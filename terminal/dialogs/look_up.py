"""Finding a member who shows no code: by phone or member number. The ledger or a slow hash is asked apart."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField
from till.members import MemberView

PHONE_DIGITS = 11


class LookUp(Dialog[MemberView | str | None]):
    """Answers the member; or the text of a code that was scanned instead; or None."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#wanted"

    CSS = """
    LookUp .title { padding: 0 1; text-style: bold; }
    LookUp ScanField { margin: 1 1; }
    """

    def body(self) -> ComposeResult:
        yield Label(_("Find a member by phone or member number"), classes="title", markup=False)
        yield ScanField(id="wanted", most=16)

    def on_mount(self) -> None:
        self._is_asking = False
        self.next_line.step = _("Type the number, Enter. To redeem, the code is scanned")

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        if self._is_asking:
            return
        counter, value = self.counter, event.text
        key = "phone" if len(value) == PHONE_DIGITS and value.startswith("1") else "member"
        self._is_asking = True
        self.next_line.step = _("Looking...")
        ask_apart(self, "look-up", lambda: counter.look_up(key, value))

    def on_answered(self, message: Answered) -> None:
        """Found."""
        if isinstance(message.value, MemberView):
            self.dismiss(message.value)

    def on_declined(self, message: Declined) -> None:
        """Not found, or not a number."""
        self._is_asking = False
        self.on_mount()
        self.refuse(message.error)

    def code_read(self, text: str) -> None:
        """The member found his code after all."""
        self.dismiss(text)
