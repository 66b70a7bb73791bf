"""The member allows the redemption on his own phone: he scans this code, and the till scans what his phone shows then."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Label

from terminal import commands
from terminal.i18n import _
from terminal.screens.agreeing import agreed
from terminal.screens.base import Dialog
from terminal.widgets.qr_panel import QrPanel
from till.draft import MemberProof, SaleDraft

OTHER_ROWS = 4
"""Frame, next step and keys."""


class PhonePermission(Dialog[MemberProof | None]):
    """`sale` as chosen, `text` for the phone, `what` in words what is allowed. Answers the proof, or None for Esc."""

    KEYS: ClassVar = (commands.BACK,)

    CSS = """
    PhonePermission > .box { width: 80; max-width: 100%; max-height: 100%; }
    PhonePermission Horizontal { height: auto; }
    PhonePermission .words { width: 1fr; height: auto; padding: 0 0 0 2; }
    PhonePermission .title { text-style: bold; }
    PhonePermission Label { width: 1fr; margin: 0 0 1 0; }
    """

    def __init__(self, sale: SaleDraft, text: str, what: tuple[str, ...]) -> None:
        super().__init__()
        self._sale, self._text, self._what = sale, text, what

    def body(self) -> ComposeResult:
        with Horizontal():
            yield QrPanel(self._text, self.app.size.height - OTHER_ROWS)
            with Vertical(classes="words"):
                yield Label(_("The member allows it by phone"), classes="title", markup=False)
                yield Label("\n".join(self._what), markup=False)
                yield Label(_("1. The member scans this code with his phone"), markup=False)
                yield Label(_("2. and taps Allow"), markup=False)
                yield Label(_("3. Scan the code that the phone shows then"), markup=False)
                yield Label(_("The till needs no network for it, the phone does."), markup=False)

    def on_mount(self) -> None:
        self.next_line.step = _("Waiting for the code on the member's phone")

    def code_read(self, text: str) -> None:
        """What the phone shows once he has allowed it; a fresh code of his is a proof too."""
        proof = agreed(self, text, self._sale)
        if proof is not None:
            self.dismiss(proof)
