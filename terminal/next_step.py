"""What to do next, from what is on the screen: the line above the keys is never empty."""

from __future__ import annotations

from terminal.i18n import _
from till.draft import SaleDraft


def next_step(draft: SaleDraft, typed: str, held: int = 0, *, is_scanner_away: bool = False) -> str:
    """One sentence. `held`: how many sales are put aside; said between two customers, so that none is forgotten."""
    has_amount = bool(typed) or draft.earns
    if draft.member is None and is_scanner_away:
        if has_amount:
            return _("The scanner is away: type the member's code and Enter, or F5")
        return _("The scanner is away: type the member's code or a product's and Enter, or F5")
    if draft.member is None:
        if has_amount:
            return _("Scan the member's code (without one: F5)")
        if held:
            return _("Scan the member's code (without one: F5); {n} put aside, F6 takes one back").format(n=held)
        return _("Scan the member's code (without one: F5), or a product")
    if draft.member.is_blocked:
        return _("This membership is blocked; Esc clears the screen")
    if not has_amount and is_scanner_away:
        return _("Type the amount and press Enter, or type the numbers of products")
    if not has_amount:
        return _("Type the amount and press Enter, or scan products")
    if typed and draft.lines:
        return _("Check the typed amount: Enter books it instead of the products; Esc brings them back")
    return _("Check the amount, Enter books the points; F2 redeems")
