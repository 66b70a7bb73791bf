"""交班: who takes over types his number and his PIN on the spot. Nobody is signed out in between, and no sale is lost."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label

from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.widgets.scan_field import ScanField


class HandOver(Dialog[tuple[str, str] | None]):
    """Answers 工号 and PIN, or None for Esc. A staff card fills in the number."""

    KEYS: ClassVar = (commands.BACK,)
    AUTO_FOCUS = "#staff"
    TYPED = 8
    """The longest PIN, as at signing in."""

    CSS = """
    HandOver .title { padding: 0 1 1 1; text-style: bold; }
    HandOver Horizontal { height: 2; padding: 0 1; }
    HandOver Horizontal Label { width: 14; color: $quiet; }
    HandOver ScanField { width: 1fr; }
    """

    def body(self) -> ComposeResult:
        yield Label(_("Who takes over"), classes="title", markup=False)
        with Horizontal():
            yield Label(_("Staff number"), markup=False)
            yield ScanField(id="staff", most=16, digits=False)
        with Horizontal():
            yield Label(_("PIN"), markup=False)
            yield ScanField(id="pin", most=16, secret=True)

    def on_mount(self) -> None:
        self.next_line.step = _("The next cashier types number and PIN, Enter; the sale on the screen stays")

    @on(ScanField.Entered, "#staff")
    def _staff_typed(self, event: ScanField.Entered) -> None:
        if event.text:
            self.query_one("#pin").focus()

    @on(ScanField.Entered, "#pin")
    def _pin_typed(self) -> None:
        staff, pin = (self.query_one(f"#{name}", ScanField).typed for name in ("staff", "pin"))
        if not staff:
            self.query_one("#staff").focus()
        elif pin:
            self.dismiss((staff, pin))

    def code_read(self, text: str) -> None:
        """A staff card says who; the PIN is typed."""
        if text not in self.counter.store.staff:
            super().code_read(text)
            return
        self.query_one("#staff", ScanField).value = text
        self.query_one("#pin").focus()
