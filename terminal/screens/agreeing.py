"""A scan while the member at the counter is asked to agree: a yes is his newer dynamic code, or what his phone allows."""

from __future__ import annotations

from typing import Any

from terminal.i18n import _
from terminal.screens.base import TillScreen
from till.draft import MemberProof, SaleDraft
from till.refusals import REFUSALS
from till.scanning import AuthorisationScanned, MemberConfirmed, MemberIdentified, SameCodeAgain


def agreed(screen: TillScreen[Any], text: str, sale: SaleDraft, same: str = "") -> MemberProof | None:
    """The proof that the scan is; None where it is none, which `screen` has said then. `same`: of the same code again."""
    try:
        scan = screen.counter.scan(text, sale)
        if isinstance(scan, AuthorisationScanned):
            return screen.counter.permission(sale, scan.text)
    except REFUSALS as error:
        screen.refuse(error)
        return None
    match scan:
        case MemberConfirmed(proof):
            return proof
        case SameCodeAgain():
            screen.say(same or _("The same code again. Ask the member to refresh it"))
        case MemberIdentified(member) if sale.member is None or member.member != sale.member.member:
            screen.say(_("This is another member's code. Scan the code of the member above, or Esc"))
        case MemberIdentified():
            screen.say(_("This code says who, and proves nothing. Scan the code on the member's phone"))
        case _:
            screen.say(_("The scan was not used: finish here first, or press Esc"))
    return None
