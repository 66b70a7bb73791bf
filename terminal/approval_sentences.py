"""Sentences for what a supervisor is asked for, and for points that he lets a cashier give."""

from __future__ import annotations

from typing import Final

from terminal.i18n import msg

APPROVING: Final = {
    "approval-needed": msg("This needs the approval of a supervisor or the manager."),
    "approval-role": msg("This person may not approve it. A supervisor or the manager can."),
    "approval-words": msg("Say in a few words why."),
    "approval-words-number": msg("No phone or card numbers in these words, please."),
    "own-approval": msg("These would be the approver's own points: somebody else approves them."),
    "approvals-used-up": msg("This shift has had its {most} approvals. Begin a new shift, or do it at another till."),
    "approval-points-used-up": msg(
        "A shift may approve {most} points, {left} are left. Begin a new shift, or do it at another till."
    ),
    "late-credit-off": msg("This store credits no sale late."),
    "late-credit-reference": msg("Type the number that is on the slip."),
    "late-credit-day": msg("The day must be one of the last {days} days. Type it like 11-20."),
    "late-credit-nothing": msg("This amount earns no points by the rules of that day."),
    "given-too-many": msg("{points} points; at most {most} at once here."),
    "manual-off": msg("This store gives no points by hand."),
    "manual-kind": msg("Points of this kind are not given by hand."),
}
