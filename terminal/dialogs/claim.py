"""A receipt without a member: its code for a customer's phone, and its points for the member who brings it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Label

from terminal import commands
from terminal.bridge import ask_apart
from terminal.dialogs.qr_dialog import QrDialog
from terminal.i18n import _, msg
from terminal.messages import Answered, Declined
from terminal.screens.base import Dialog
from terminal.words import name_of
from till.claiming import Claimed
from till.counting import amount_of
from till.draft import SaleDraft


class ClaimCodeDialog(QrDialog[None]):
    """`text`: what the code says; `got` and `until`, in words: what there is to claim, and how long."""

    FOR_MEMBER = msg(
        "Scan this code with your phone: it claims the points of this purchase. Once, by whoever is first"
    )

    def __init__(self, text: str, got: str, until: str) -> None:
        super().__init__(
            _("Points to be claimed"), got, until,
            _("The customer scans it with his phone, or photographs it and shows it at any till with his member code"),
            _("Whoever is first has the points: let nobody else photograph it"),
        )  # fmt: skip
        self._text = text

    def on_mount(self) -> None:
        self.draw(self._text)
        self.next_line.step = _("Esc once the customer has scanned it")


class ClaimDialog(Dialog[None]):
    """Asks for the points of a receipt for the member of `sale`, and says what became of it. `then`: once they are his."""

    KEYS: ClassVar = (commands.BACK,)

    CSS = """
    ClaimDialog .title { padding: 0 1; text-style: bold; }
    ClaimDialog .said { padding: 1 1; }
    """

    def __init__(self, sale: SaleDraft, code: str, then: Callable[[], None]) -> None:
        super().__init__()
        self._sale, self._code, self._then = sale, code, then

    def body(self) -> ComposeResult:
        assert self._sale.member is not None
        title = _("The points of a receipt for {name}").format(name=name_of(self._sale.member))
        yield Label(title, classes="title", markup=False)
        yield Label("", classes="said", markup=False)

    def on_mount(self) -> None:
        claims, sale, code = self.counter.claims, self._sale, self._code
        self.next_line.step = _("Asking the ledger...")
        ask_apart(self, "claim", lambda: claims.give(sale, code))

    def on_answered(self, message: Answered) -> None:
        """They are his."""
        if isinstance(message.value, Claimed):
            self.query_one(".said", Label).update(self._words(message.value))
            self.next_line.step = _("Esc goes back to the sale")
            self._then()

    def on_declined(self, message: Declined) -> None:
        """They are not: why, and what helps."""
        self.next_line.step = _("Esc goes back to the sale")
        self.refuse(message.error)

    def _words(self, claimed: Claimed) -> str:
        programme = self.counter.store.programme
        got = ", ".join(f"+{amount_of(programme, kind, points)}" for kind, points in claimed.points.items())
        if claimed.waits:
            return _("His: the points come as soon as the other till has sent the sale")
        return _("{points} are his; the balance follows in a moment").format(points=got or "0")
