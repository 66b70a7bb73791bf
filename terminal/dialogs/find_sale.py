"""Finding a sale that another till made, or another day: by its reference or its member. The ledger is asked apart."""

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
from till.receipt_words import reference_name
from till.refundable import Refundable


class FindSale(Dialog[list[Refundable] | None]):
    """Answers what was found, newest first; or None."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#wanted"

    CSS = """
    FindSale .title { padding: 0 1; text-style: bold; }
    FindSale ScanField { margin: 1 1; }
    """

    def body(self) -> ComposeResult:
        name = reference_name(self.counter.store.settings.reference)
        title = _("Find a sale of any till: {reference} or member number").format(reference=name)
        yield Label(title, classes="title", markup=False)
        yield ScanField(id="wanted", most=40, digits=False)

    def on_mount(self) -> None:
        self._is_asking = False
        self.next_line.step = _("Type it and Enter, or scan the slip or the member's code")

    @on(ScanField.Entered)
    def _typed(self, event: ScanField.Entered) -> None:
        self.code_read(event.text)

    def code_read(self, text: str) -> None:
        """Scanned or typed: the same."""
        counter = self.counter
        if not self._is_asking and text:
            self._is_asking = True
            self.next_line.step = _("Looking...")
            ask_apart(self, "sales", lambda: counter.returns.look_up(text))

    def on_answered(self, message: Answered) -> None:
        """Found."""
        if isinstance(message.value, list):
            self.dismiss(message.value)

    def on_declined(self, message: Declined) -> None:
        """Nothing, or nobody answered."""
        self.on_mount()
        self.query_one(ScanField).action_select_all()
        self.refuse(message.error)
