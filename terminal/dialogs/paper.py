"""The paper of a receipt as a printer would make it, to be looked at without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from devices.qr import INK, PAPER
from terminal import commands
from terminal.i18n import _
from terminal.screens.base import Dialog
from terminal.technician import PaperRow


class PaperDialog(Dialog[bool]):
    """Black on white, whatever the theme. The arrows move the paper; True: print it."""

    KEYS: ClassVar = (commands.PRINT, commands.BACK)
    CSS = f"""
    PaperDialog > .box {{ width: 62; height: 100%; max-height: 100%; }}
    PaperDialog VerticalScroll {{ height: 1fr; }}
    PaperDialog Static {{ width: auto; margin: 0 1; padding: 0 2; background: {PAPER}; color: {INK}; }}
    """

    def __init__(self, rows: Sequence[PaperRow]) -> None:
        super().__init__()
        self._rows = rows

    def body(self) -> ComposeResult:
        with VerticalScroll():
            lines = [Content.styled(row.text, "bold" if row.is_bold else "") for row in self._rows]
            yield Static(Content("\n").join(lines))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self.next_line.step = _("So the paper will look; the arrows move it")

    def action_print(self) -> None:
        """F7."""
        self.dismiss(True)
