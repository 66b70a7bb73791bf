"""办会员: a phone that nobody has becomes a member's, once he has heard what that means and agreed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog
from terminal.text import harmless
from terminal.widgets.scan_field import ScanField
from till.joining_words import consent, in_groups
from till.members import MemberView


class Join(Dialog[MemberView | None]):
    """Answers the new member, or None. `why`: what the look-up said, where it could not ask the ledger."""

    KEYS: ClassVar = (commands.JOIN, commands.BACK)
    AUTO_FOCUS = "#name"

    CSS = """
    Join .title { padding: 0 1; text-style: bold; }
    Join .phone { padding: 1 1 0 1; text-style: bold; color: $accent; }
    Join .consent { padding: 1 1; width: 1fr; }
    Join Horizontal { height: 1; margin: 1 1 0 1; }
    Join Horizontal Label { width: 20; color: $quiet; }
    Join ScanField { width: 1fr; }
    """

    def __init__(self, phone: str, why: str = "") -> None:
        super().__init__()
        self._phone, self._why, self._is_asking = phone, why, False

    def body(self) -> ComposeResult:
        merchant = harmless(self.counter.store.settings.merchant_name, 40)
        yield Label(_("New member"), classes="title", markup=False)
        yield Label(in_groups(self._phone), classes="phone", markup=False)
        with Horizontal():
            yield Label(_("Name (may stay empty)"), markup=False)
            yield ScanField(id="name", most=20, digits=False)
        yield Label(consent(merchant), classes="consent", markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Read the number back, say the sentence. Agreed: F2. Another number: Esc")
        if self._why:
            self.say(self._why)
        self.host.customer.show_joining(self, self._phone)

    def on_unmount(self) -> None:
        """The customer sees his sale again."""
        self.host.customer.lift(self)

    @on(ScanField.Entered)
    def _name_typed(self) -> None:
        """Enter alone agrees to nothing."""
        self.say(_("The member agrees: F2"))

    def action_join(self) -> None:
        """F2: he agrees."""
        session, joining, phone = self.work.session, self.counter.joining, self._phone
        if self._is_asking or session is None:
            return
        self._is_asking = True
        name = self.query_one("#name", ScanField).typed
        ask_apart(self, "join", lambda: joining.join(session, phone, name))

    def on_answered(self, message: Answered) -> None:
        """A member now."""
        if isinstance(message.value, MemberView):
            self.dismiss(message.value)

    def on_declined(self, message: Declined) -> None:
        """Not here, or not now."""
        self._is_asking = False
        self.refuse(message.error)
