"""The member's PIN, typed by himself on this keyboard or on a number pad that acts as one; or his code, scanned instead."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Label

from protocol.pins import PIN_LENGTHS
from terminal import commands
from terminal.i18n import _
from terminal.screens.agreeing import agreed
from terminal.screens.base import Dialog
from terminal.widgets.pin_field import PinField
from till.draft import MemberProof, SaleDraft


class MemberPin(Dialog[MemberProof | None]):
    """`sale` as chosen, `what` is agreed to in words, `first` a sentence to begin with. Answers the proof, or None for Esc."""

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "PinField"

    CSS = """
    MemberPin .title { padding: 0 1; text-style: bold; }
    MemberPin Label { padding: 0 1; width: 1fr; }
    """

    def __init__(self, sale: SaleDraft, what: str, first: str = "") -> None:
        super().__init__()
        self._sale, self._what, self._first = sale, what, first

    def body(self) -> ComposeResult:
        yield Label(_("The member types the PIN for points"), classes="title", markup=False)
        yield Label(self._what, markup=False)
        yield PinField(max(PIN_LENGTHS), self._typed)

    def on_mount(self) -> None:
        self.next_line.step = _("{least} to {most} digits, then Enter; or scan the member's code").format(
            least=min(PIN_LENGTHS), most=max(PIN_LENGTHS)
        )
        if self._first:
            self.say(self._first)

    def action_confirm(self) -> None:
        """F2 is as good as Enter: who asked for the PIN has agreed already."""
        self.query_one(PinField).enter()

    def _typed(self, pin: str) -> None:
        if len(pin) in PIN_LENGTHS:
            self.dismiss(MemberProof("pin", pin))
        else:
            self.say(_("A PIN has {least} to {most} digits").format(least=min(PIN_LENGTHS), most=max(PIN_LENGTHS)))

    def code_read(self, text: str) -> None:
        """The member found his code after all; nothing of a scan gets into the field."""
        proof = agreed(self, text, self._sale)
        if proof is not None:
            self.dismiss(proof)
