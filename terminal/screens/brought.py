"""What a customer brings along and that is no member's code: a permission, a voucher, a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.screens.claiming import take_claim
from terminal.screens.vouchers import take_voucher
from till.refusals import REFUSALS
from till.scanning import AuthorisationScanned, ClaimScanned, ReceiptScanned, Scan, VoucherScanned

if TYPE_CHECKING:
    from terminal.screens.counter import CounterScreen


def take_brought(screen: CounterScreen, scan: Scan) -> None:
    """Each leads to where it is dealt with; the same code again to nothing."""
    match scan:
        case AuthorisationScanned(permission):
            _why_not_here(screen, permission)
        case VoucherScanned():
            take_voucher(screen, scan)
        case ClaimScanned(code):
            take_claim(screen, code)
        case ReceiptScanned(receipt):
            screen.action_command("refund", receipt)
        case _:
            return


def _why_not_here(screen: CounterScreen, permission: str) -> None:
    """Allowed by phone: used for the last sale, of another till, or to be scanned where the redemption is."""
    try:
        screen.counter.permission(screen.work.draft, permission)
    except REFUSALS as error:
        screen.refuse(error)
