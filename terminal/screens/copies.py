"""A receipt once more, on paper: of the list (F7), or the last one by one key (F12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terminal.i18n import _
from till.refusals import REFUSALS

if TYPE_CHECKING:
    from terminal.screens.base import TillScreen
    from till.receipts import Receipt


def print_copy(screen: TillScreen[Any], receipt: Receipt, *, is_voided: bool) -> None:
    """Marked as a copy. Of a sale that was voided the slip of the void: its receipt would look as if it stood."""
    printer, session = screen.host.printer, screen.work.session
    if printer is None:
        return
    try:
        if is_voided and session is not None:
            printer.print_void(receipt.id, session.shift)
            screen.say(_("The slip of the void is printed, marked as a copy"), "success")
            return
        printer.print_again(receipt)
    except REFUSALS as error:
        screen.refuse(error)
    else:
        screen.say(_("Receipt {seq} is printed again, marked as a copy").format(seq=receipt.seq), "success")


def print_last(screen: TillScreen[Any]) -> None:
    """The last sale of this shift; also after a restart."""
    work, session = screen.work, screen.work.session
    if work.last is not None:
        print_copy(screen, work.last.receipt, is_voided=work.last.state == "voided")
        return
    try:
        past = screen.counter.sales(session)[:1] if session is not None else []
    except REFUSALS as error:
        screen.refuse(error)
        return
    if past:
        print_copy(screen, past[0].receipt, is_voided=past[0].state == "voided")
    else:
        screen.say(_("No sale in this shift yet"))
