"""Something that somebody has to read before he goes on; Esc or Enter closes it. Nothing is done by that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.widgets import Label

from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog


class Told(Dialog[None]):
    """A sentence each."""

    KEYS: ClassVar = (commands.BACK,)
    CSS = """
    Told Label { width: 1fr; padding: 0 1 1 1; }
    """

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__()
        self._sentences = tuple(sentences)

    def body(self) -> ComposeResult:
        for sentence in self._sentences:
            yield Label(sentence, markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Read it, then Enter or Esc goes on")

    def on_key(self, event: events.Key) -> None:
        """Enter, as Esc."""
        if event.key == "enter":
            event.stop()
            self.dismiss(None)
