"""The QR code of a link that opens the member's page on his own phone. A secret: on this screen alone, and gone with it."""

from __future__ import annotations

from textual.containers import Horizontal
from textual.widgets import Label

from protocol.member_links import LINK_LIVES_US, MemberLink
from terminal.bridge import ask_apart
from terminal.dialogs.qr_dialog import QrDialog
from terminal.i18n import _, msg
from terminal.messages import Answered, Declined
from terminal.text import moment
from terminal.words import code_of, name_of
from till.draft import MemberProof, SaleDraft
from till.refusals import REFUSALS

ASKED = "member-link"
PROVE_AGAIN = frozenset({
    "reserve-pin-wrong", "reserve-proof-wrong", "reserve-proof-expired", "reserve-nonce-used", "link-proof-missing",
})  # fmt: skip
"""Refusals after which the member types again, or shows another code."""

_LIVES_S = LINK_LIVES_US // 1_000_000


class MemberLinkDialog(QrDialog[Exception | None]):
    """Asks with `proof` for the link of the member in `sale`; shows it until it ends, or Esc.

    Answers the refusal where another proof would help, else None.
    """

    FOR_MEMBER = msg("Scan this code with your phone: it opens your page. For you alone")

    def __init__(self, sale: SaleDraft, proof: MemberProof) -> None:
        assert sale.member is not None
        super().__init__(_("The member's page, on the member's phone"), name_of(sale.member))
        self._sale, self._proof = sale, proof

    def on_mount(self) -> None:
        counter, session, sale, proof = self.counter, self.work.session, self._sale, self._proof
        self.next_line.step = _("Asking the ledger...")
        if session is not None:
            ask_apart(self, ASKED, lambda: counter.link_member(session, sale, proof))

    def on_answered(self, message: Answered) -> None:
        """The link."""
        message.stop()
        if isinstance(message.value, MemberLink):
            self._show(message.value)

    def on_declined(self, message: Declined) -> None:
        """Another proof may help; else why not, to be read."""
        message.stop()
        if code_of(message.error) in PROVE_AGAIN:
            self.dismiss(message.error)
        else:
            self.next_line.step = _("Esc goes back")
            self.refuse(message.error)

    def _show(self, link: MemberLink) -> None:
        try:
            self.draw(link.address)
        except REFUSALS as error:
            self.next_line.step = _("Esc goes back")
            self.refuse(error)
            return
        until = moment(self.counter.local(link.ends_at), self.counter.local())
        self.add(
            _("The member scans this code with his phone and taps the button there"),
            _("For this member alone: who opens it can use the points"),
            _("Good once, for {minutes} min, until {time}").format(minutes=_LIVES_S // 60, time=until),
        )
        if self.host.demo is not None:
            self._show_address(link.address)
        self.next_line.step = _("Esc once the page is open on the phone")
        self.set_timer(_LIVES_S, self._end)

    def _end(self) -> None:
        """The link has ended, and nobody has pressed Esc."""
        self.dismiss(None)

    def _show_address(self, address: str) -> None:
        """A newcomer has no phone that reaches this machine; for anybody else the code alone is on the screen."""
        self.add(_("In the demo a browser on this machine opens the address below"))
        self.query_one(".box").mount(Label(address, markup=False), after=self.query_one(Horizontal))
