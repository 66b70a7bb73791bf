"""The member's PIN, typed by himself: on his own keypad, or on this keyboard where there is none; or his code, scanned."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Label

from protocol.pins import PIN_LENGTHS
from terminal import commands
from terminal.commands import Command
from terminal.customer import PinPad
from terminal.i18n import _
from terminal.screens.agreeing import agreed
from terminal.screens.base import Dialog
from terminal.widgets.pin_field import PinField
from till.draft import MemberProof, SaleDraft
from till.pin_pads import PadState


class MemberPin(Dialog[MemberProof | None]):
    """`sale` as chosen, `what` is agreed to in words, `first` a sentence to begin with. Answers the proof, or None for Esc.

    With a keypad nothing is typed here: no key of the cashier's gets into a PIN, and no digit of it onto his screen.
    """

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "PinField"

    CSS = """
    MemberPin .title { padding: 0 1; text-style: bold; }
    MemberPin Label { padding: 0 1; width: 1fr; }
    MemberPin .stars { margin: 1 0; }
    """

    class PadChanged(Message, bubble=False):
        """The member has pressed a key, or the keypad came or went. Which key, nobody is told."""

    def __init__(self, sale: SaleDraft, what: str, first: str = "") -> None:
        super().__init__()
        self._sale, self._what, self._first = sale, what, first
        self._is_again, self._is_missing = bool(first), False

    @property
    def _pad(self) -> PinPad | None:
        return self.host.customer.pin_pad

    def has_use(self, command: Command) -> bool:
        """The keypad has an enter key of its own."""
        return command != commands.CONFIRM or self._pad is None

    def body(self) -> ComposeResult:
        yield Label(_("The member types the PIN for points"), classes="title", markup=False)
        yield Label(self._what, markup=False)
        if self._pad is None:
            yield PinField(max(PIN_LENGTHS), self._typed)
        else:
            yield Label("", classes="stars", markup=False)

    def on_mount(self) -> None:
        least, most = min(PIN_LENGTHS), max(PIN_LENGTHS)
        if self._pad is None:
            step = _("{least} to {most} digits, then Enter; or scan the member's code")
        else:
            step = _("The member types it on his keypad; or scan the member's code")
            self._pad.ask(self._pad_changed)
            self._look()
        self.next_line.step = step.format(least=least, most=most)
        if self._first:
            self.say(self._first)

    def on_unmount(self) -> None:
        if self._pad is not None:
            self._pad.end()
            self.host.customer.lift(self)

    def action_confirm(self) -> None:
        """F2 is as good as Enter: who asked for the PIN has agreed already. Of a keypad, its own enter key alone counts."""
        if self._pad is None:
            self.query_one(PinField).enter()

    def _pad_changed(self) -> None:
        """From the keypad's thread."""
        self.post_message(self.PadChanged())

    def on_member_pin_pad_changed(self) -> None:
        """Look what it is."""
        if self._pad is not None and self.is_current:
            self._look()

    def _look(self) -> None:
        pad = self._pad
        assert pad is not None
        state, stars = pad.state, pad.stars
        self.query_one(".stars", Label).update("*" * stars + "_")
        if pad.code:
            self._is_missing = True
            self.host.customer.lift(self)
            self.refuse_code(pad.code)
            return
        if self._is_missing:
            self._is_missing, self.next_line.notice = False, None
        self.host.customer.show_asking(self, stars, is_again=self._is_again)
        if state is PadState.ENTERED:
            self._typed(pad.take())
        elif state is PadState.CANCELLED:
            self.dismiss(None)

    def _typed(self, pin: str) -> None:
        if len(pin) in PIN_LENGTHS:
            self.dismiss(MemberProof("pin", pin))
            return
        self.say(_("A PIN has {least} to {most} digits").format(least=min(PIN_LENGTHS), most=max(PIN_LENGTHS)))
        if self._pad is not None:
            self._is_again = True
            self._pad.again()
            self._look()

    def code_read(self, text: str) -> None:
        """The member found his code after all; nothing of a scan gets into the field."""
        proof = agreed(self, text, self._sale)
        if proof is not None:
            self.dismiss(proof)
