"""A voucher as a QR code, for its owner to photograph. Good for whoever shows it: on this screen alone, and gone with it."""

from __future__ import annotations

from terminal.dialogs.qr_dialog import QrDialog
from terminal.i18n import _, msg


class VoucherCodeDialog(QrDialog[None]):
    """`text`: what the code says; `name` and `until`, in words: which voucher, and how long."""

    FOR_MEMBER = msg("Photograph this code: it is your voucher. Good once, for whoever shows it")

    def __init__(self, text: str, name: str, until: str) -> None:
        words = [until] if until else []
        super().__init__(
            _("Voucher"), name, *words,
            _("The member photographs it; at any till of a shop that takes it, the photo is scanned"),
            _("Good once, for whoever shows it: let nobody else photograph it"),
            _("Without a network it may have to wait; the member's own code does as well"),
        )  # fmt: skip
        self._text = text

    def on_mount(self) -> None:
        self.draw(self._text)
        self.next_line.step = _("Esc once the member has photographed it")
