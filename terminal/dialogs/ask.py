"""Yes or no. *No* has the focus, and a scanner's Enter never gets here; F2 is yes, like every confirmation."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Label

from terminal import commands
from terminal.screens.base import Dialog


class Ask(Dialog[bool]):
    """`question` and what a yes does."""

    KEYS: ClassVar = (commands.CONFIRM, commands.BACK)
    AUTO_FOCUS = "#no"

    CSS = """
    Ask Label { width: 1fr; padding: 1 1 0 1; }
    Ask Horizontal { height: 4; align-horizontal: right; }
    Ask .box > NextLine { background: $surface; }
    """

    def __init__(self, question: str, *, yes: str, no: str) -> None:
        super().__init__()
        self._question, self._yes, self._no = question, yes, no

    def body(self) -> ComposeResult:
        yield Label(self._question, markup=False)
        with Horizontal():
            yield Button(Content(f"Esc {self._no}"), id="no")
            yield Button(Content(f"F2 {self._yes}"), id="yes")

    @on(Button.Pressed, "#no")
    def action_back(self) -> None:
        """Esc, or Enter on No."""
        self.dismiss(result=False)

    @on(Button.Pressed, "#yes")
    def action_confirm(self) -> None:
        """F2."""
        self.dismiss(result=True)
