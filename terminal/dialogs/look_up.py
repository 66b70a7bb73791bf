"""Finding a member who shows no code. The ledger or a slow hash is asked apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Label

from protocol.look_up import normal_phone
from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.join import Join
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField
from terminal.words import code_of
from till.joining import PHONE
from till.members import MemberView

if TYPE_CHECKING:
    from till.counter import Counter


NOBODY = ("member-unknown", "member-unknown-offline", "look-up-unanswered")


def can_join(counter: Counter, typed: str) -> bool:
    """Whether what was typed is a phone, and this store makes members here."""
    return bool(PHONE.fullmatch(normal_phone(typed))) and counter.joining.is_offered and counter.joining.left > 0


class LookUp(Dialog[MemberView | str | None]):
    """Answers the member; or the text of a code that was scanned instead; or None."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#wanted"

    CSS = """
    LookUp .title { padding: 0 1; text-style: bold; }
    LookUp ScanField { margin: 1 1; }
    """

    def body(self) -> ComposeResult:
        keys = self.counter.store.settings.look_ups
        names = {"phone": _("phone"), "member": _("member number"), "plate": _("plate")}
        title = _("Find a member by {keys}").format(keys=_(", ").join(names[key] for key in keys))
        yield Label(title, classes="title", markup=False)
        yield ScanField(id="wanted", most=20, digits=False)

    def on_mount(self) -> None:
        self._is_asking = False
        self.next_line.step = _("Type the number, Enter. To redeem, the member shows the code or types the PIN")

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        if self._is_asking:
            return
        counter, value = self.counter, event.text
        self._is_asking = True
        self.next_line.step = _("Looking...")
        ask_apart(self, "look-up", lambda: counter.look_up(value))

    def on_answered(self, message: Answered) -> None:
        """Found."""
        if isinstance(message.value, MemberView):
            self.dismiss(message.value)

    def on_declined(self, message: Declined) -> None:
        """Not found, or not a number. A phone that nobody has may become a member's."""
        self._is_asking = False
        typed = self.query_one(ScanField).typed
        if code_of(message.error) in NOBODY and can_join(self.counter, typed):
            why = (
                ""
                if code_of(message.error) == "member-unknown"
                else _("The ledger was not asked: he may be a member")
            )
            self.app.push_screen(Join(normal_phone(typed), why), self._joined)
            return
        self.on_mount()
        # The next digit begins a new number; an arrow key or Backspace goes on with this one.
        self.query_one(ScanField).action_select_all()
        self.refuse(message.error)

    def _joined(self, member: MemberView | None) -> None:
        """The new member; or it was another number."""
        if member is not None:
            self.dismiss(member)
        else:
            self.on_mount()
            self.query_one(ScanField).action_select_all()

    def code_read(self, text: str) -> None:
        """The member found his code after all."""
        self.dismiss(text)
