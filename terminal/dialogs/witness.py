"""The hash of a sale as a QR code: the customer photographs it and is a witness of the till's journal."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center
from textual.widgets import Label

from terminal import commands
from terminal.i18n import _, msg
from terminal.screens.base import Dialog
from terminal.widgets.qr_panel import QrPanel

OTHER_ROWS = 7
"""What stands around the code."""


class Witness(Dialog[None]):
    """`text`: what the code says, for `till journal verify --witness`; `label`: till, number and short code, for people."""

    KEYS: ClassVar = (commands.BACK,)
    CSS = """
    Witness > .box { width: 66; max-height: 100%; }
    Witness Center { height: auto; }
    Witness Label { width: 1fr; text-align: center; }
    """

    def __init__(self, text: str, label: str) -> None:
        super().__init__()
        self._text, self._label = text, label

    def body(self) -> ComposeResult:
        with Center():
            yield QrPanel(self._text, self.app.size.height - OTHER_ROWS)
        yield Label(self._label, markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("The customer may photograph it; it proves the sale")
        self.host.customer.show_code(self, self._text, msg("Photograph this code: it proves your sale"))

    def on_unmount(self) -> None:
        self.host.customer.lift(self)
