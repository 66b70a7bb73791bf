"""A QR code for a member's phone, and words beside it: what it is, and what he does with it."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Label

from terminal import commands
from terminal.screens.base import Dialog
from terminal.widgets.qr_panel import QrPanel

T = TypeVar("T")

OTHER_ROWS = 4
"""Frame, next step and keys."""


class QrDialog(Dialog[T]):
    """As wide as 80x24 is, so that version 4 and its words have room side by side. `title`, then `sentences`."""

    KEYS: ClassVar[tuple[commands.Command, ...]] = (commands.BACK,)
    FOR_MEMBER: ClassVar[str]
    """What the member does with it, said beside it on his own screen."""

    DEFAULT_CSS = """
    QrDialog > .box { width: 80; max-width: 100%; max-height: 100%; }
    QrDialog Horizontal { height: auto; }
    QrDialog .words { width: 1fr; height: auto; padding: 0 0 0 2; }
    QrDialog .title { text-style: bold; }
    QrDialog Label { width: 1fr; margin: 0 0 1 0; }
    """

    def __init__(self, title: str, *sentences: str) -> None:
        super().__init__()
        self._title, self._sentences = title, sentences

    def body(self) -> ComposeResult:
        """The words; the code comes beside them once there is one."""
        with Horizontal(), Vertical(classes="words"):
            yield Label(self._title, classes="title", markup=False)
            yield from (Label(text, markup=False) for text in self._sentences)

    def draw(self, text: str) -> None:
        """Raises `devices.errors.QrTooLongError`."""
        self.query_one(Horizontal).mount(QrPanel(text, self.app.size.height - OTHER_ROWS), before=0)
        self.host.customer.show_code(self, text, self.FOR_MEMBER)

    def on_unmount(self) -> None:
        self.host.customer.lift(self)

    def add(self, *sentences: str) -> None:
        """More words, below the others."""
        self.query_one(".words").mount(*(Label(text, markup=False) for text in sentences))
