"""F9, the member's page: the member proves himself, and the till shows the link for his phone."""

from __future__ import annotations

from typing import Any

from terminal.dialogs.member_link import MemberLinkDialog
from terminal.dialogs.member_pin import MemberPin
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.words import name_of, sentence_of
from till.draft import MemberProof, SaleDraft


def show_link(screen: TillScreen[Any]) -> None:
    """For the member on the screen, once he has typed his PIN or shown a fresh code for it.

    The code that he was identified by is not enough: he showed it for his points, and not to give away his account.
    """
    sale = screen.work.draft
    if sale.member is None:
        screen.refuse_code("no-member")
    elif not screen.counter.is_online:
        screen.refuse_code("link-offline")
    else:
        _prove(screen, sale)


def _prove(screen: TillScreen[Any], sale: SaleDraft, first: str = "") -> None:
    def proved(proof: MemberProof | None) -> None:
        if proof is not None:
            _ask(screen, sale, proof)

    assert sale.member is not None
    what = "  ".join([name_of(sale.member), _("Member's page: QR code")])
    screen.app.push_screen(MemberPin(sale, what, first), proved)


def _ask(screen: TillScreen[Any], sale: SaleDraft, proof: MemberProof) -> None:
    def ended(error: Exception | None) -> None:
        if error is not None:
            _prove(screen, sale, sentence_of(error))

    screen.app.push_screen(MemberLinkDialog(sale, proof), ended)
