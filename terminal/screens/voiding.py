"""Taking a sale back: asked once, with *No* in focus."""

from __future__ import annotations

from collections.abc import Callable

from protocol.entries import Approval
from terminal.dialogs.approve import approving
from terminal.dialogs.ask import Ask
from terminal.i18n import _
from terminal.screens.base import TillScreen
from terminal.widgets.last_result import summary
from terminal.work import LastSale
from till.counting import on_receipt
from till.receipts import Receipt
from till.refusals import REFUSALS


def ask_void(screen: TillScreen[None], receipt: Receipt, done: Callable[[], None]) -> None:
    """Ask, void, say so; `done` shows the screen anew."""

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            _void(screen, receipt, done)
            done()

    question = _("Take back {sale}? The points go back both ways.").format(sale=summary(receipt))
    issued = ", ".join(on_receipt(receipt, taken.gives, taken.units) for taken in receipt.redemptions if taken.units)
    if issued:
        question += " " + _("Taken back too: {vouchers}; what was used of it the member owes.").format(
            vouchers=issued
        )
    screen.app.push_screen(Ask(question, yes=_("Void"), no=_("Keep")), answered)


def _void(
    screen: TillScreen[None], receipt: Receipt, done: Callable[[], None], approval: Approval | None = None
) -> None:
    work = screen.work
    assert work.session is not None

    def approved(approval: Approval) -> None:
        _void(screen, receipt, done, approval)
        done()

    try:
        screen.counter.void(work.session, receipt.id, approval=approval)
    except REFUSALS as error:
        if not approving(screen, error, approved):
            screen.refuse(error)
        return
    if work.last is not None and work.last.receipt.id == receipt.id:
        work.last = LastSale(receipt, "voided")
    screen.say(_("Taken back: {sale}").format(sale=summary(receipt)), "success")
