"""自助积分 on the counter: Enter twice with nobody on the screen records the sale for whoever claims it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from terminal.dialogs.claim import ClaimCodeDialog, ClaimDialog
from till.counting import on_receipt
from till.receipt_words import claim_words
from till.receipts import earned

if TYPE_CHECKING:
    from terminal.next_step import ClaimStep
    from terminal.screens.base import TillScreen
    from terminal.screens.counter import CounterScreen
    from till.draft import SaleDraft
    from till.history import PastSale


def claim_step(screen: CounterScreen) -> ClaimStep:
    """Whether a sale without a member is what Enter leads to; what changes in the sale begins anew."""
    if screen.work.draft.member is not None or not screen.counter.claims.are_offered:
        return ""
    return "asked" if screen.work.without_member == screen.as_typed() else "offered"


def booked_as(screen: CounterScreen, sale: SaleDraft) -> SaleDraft | None:
    """The sale as Enter books it; None where Enter only asks: the line above the keys says so."""
    work = screen.work
    if sale.member is not None or not sale.earns or not screen.counter.claims.are_offered:
        return sale
    plain = replace(sale, amount_confirmed=False)
    if work.without_member != plain:
        work.without_member = plain
        screen.show()
        return None
    return screen.counter.claims.without_member(sale)


def take_claim(screen: CounterScreen, code: str) -> None:
    """A receipt without a member, brought back by one who is on the screen."""
    if screen.work.draft.member is None:
        screen.refuse_code("claim-no-member")
    else:
        screen.app.push_screen(ClaimDialog(screen.work.draft, code, screen.show))


def show_claim(screen: TillScreen[Any], past: PastSale) -> None:
    """The code of a receipt, for a customer whose paper there is none of."""
    if past.state == "voided":
        screen.refuse_code("already-voided")
        return
    receipt = past.receipt
    got = ", ".join(on_receipt(receipt, kind, points, is_signed=True) for kind, points in earned(receipt).items())
    screen.app.push_screen(ClaimCodeDialog(receipt.claim, got or "+0", claim_words(receipt)))
