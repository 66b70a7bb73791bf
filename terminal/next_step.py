"""What to do next, from what is on the screen: the line above the keys is never empty."""

from __future__ import annotations

from typing import Literal

from terminal.i18n import _
from till.draft import SaleDraft

ClaimStep = Literal["", "offered", "asked"]


def next_step(
    draft: SaleDraft, typed: str, held: int = 0, *, is_scanner_away: bool = False, claim: ClaimStep = ""
) -> str:
    """One sentence. `held`: how many sales are put aside; said between two customers, so that none is forgotten. `claim`: a
    sale without a member can be recorded here (`offered`), or the next Enter does it (`asked`).
    """
    has_amount = bool(typed) or draft.earns
    if draft.member is None:
        return _nobody(held, claim, has_amount=has_amount, is_scanner_away=is_scanner_away)
    if draft.member.is_blocked:
        return _("This membership is blocked; Esc clears the screen")
    if not has_amount and is_scanner_away:
        return _("Type the amount and press Enter, or type the numbers of products")
    if not has_amount:
        return _("Type the amount and press Enter, or scan products")
    if typed and draft.lines:
        return _("Check the typed amount: Enter books it instead of the products; Esc brings them back")
    return _("Check the amount, Enter books the points; F2 redeems")


def _nobody(held: int, claim: ClaimStep, *, has_amount: bool, is_scanner_away: bool) -> str:
    """No member yet."""
    if has_amount and claim == "asked":
        return _("No member: Enter again gives a receipt to claim the points with; else scan the code")
    if is_scanner_away and has_amount:
        return _("The scanner is away: type the member's code and Enter, or F5")
    if is_scanner_away:
        return _("The scanner is away: type the member's code or a product's and Enter, or F5")
    if has_amount and claim:
        return _("Scan the member's code (without one: F5); no member: Enter")
    if has_amount:
        return _("Scan the member's code (without one: F5)")
    if held:
        return _("Scan the member's code (without one: F5); {n} put aside, F6 takes one back").format(n=held)
    return _("Scan the member's code (without one: F5), or a product")
