"""The member allows the redemption on his own phone: he scans this code, and the till scans what his phone shows then."""

from __future__ import annotations

from terminal.dialogs.qr_dialog import QrDialog
from terminal.i18n import _, msg
from terminal.screens.agreeing import agreed
from till.draft import MemberProof, SaleDraft


class PhonePermission(QrDialog[MemberProof | None]):
    """`sale` as chosen, `text` for the phone, `what` in words what is allowed. Answers the proof, or None for Esc."""

    FOR_MEMBER = msg("Scan this code with your phone, tap Allow, then show the cashier the code on your phone")

    def __init__(self, sale: SaleDraft, text: str, what: tuple[str, ...]) -> None:
        super().__init__(
            _("The member allows it by phone"),
            "\n".join(what),
            _("1. The member scans this code with his phone"),
            _("2. and taps Allow"),
            _("3. Scan the code that the phone shows then"),
            _("The till needs no network for it, the phone does."),
        )
        self._sale, self._text = sale, text

    def on_mount(self) -> None:
        self.draw(self._text)
        self.next_line.step = _("Waiting for the code on the member's phone")

    def code_read(self, text: str) -> None:
        """What the phone shows once he has allowed it; a fresh code of his is a proof too."""
        proof = agreed(self, text, self._sale)
        if proof is not None:
            self.dismiss(proof)
