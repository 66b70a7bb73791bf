"""A call to the ledger that a person waits for, with nothing else to do meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.i18n import _
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog

V = TypeVar("V")


class Asking(Dialog[V | Exception | None], Generic[V]):
    """`what` is asked, in words, and the `call`. Answers what it gives or why it was refused; None for Esc."""

    KEYS: ClassVar = (commands.BACK,)

    CSS = """
    Asking Label { padding: 0 1; width: 1fr; text-style: bold; }
    """

    def __init__(self, what: str, call: Callable[[], V]) -> None:
        super().__init__()
        self._what, self._call = what, call

    def body(self) -> ComposeResult:
        yield Label(self._what, markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Asking the ledger...")
        ask_apart(self, "asking", self._call)

    def on_answered(self, message: Answered) -> None:
        """The answer."""
        message.stop()
        self.dismiss(cast("V", message.value))

    def on_declined(self, message: Declined) -> None:
        """Nobody answered, or with a no."""
        message.stop()
        self.dismiss(message.error)
