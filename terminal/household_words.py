"""What the counter says where nothing can be drawn from a household; `terminal.sentences` has all other sentences."""

from __future__ import annotations

from typing import Final

from terminal.i18n import msg

SHARING: Final = {
    "household-offline": msg("Household points need the network. The member's own points go on as before."),
    "household-unanswered": msg("The ledger does not answer. What was drawn is shown once the network is back."),
    "household-unknown": msg("This member shares points with nobody. A household is opened on the member's page."),
    "household-nothing": msg("The member can draw nothing here now: the pool is empty, or the month is used up."),
    "household-not-enough": msg("There are not so many points in the pool any more. Press F9 again."),
    "household-monthly": msg("That is more than the member may draw this month. Press F9 again."),
    "household-owing": msg("The member owes points of this kind. The next points pay them; then it can be shared."),
    "household-changing": msg("The household is changing at this moment. Press F9 again."),
}
