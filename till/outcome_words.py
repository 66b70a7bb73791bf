"""What has become of an entry, in words: for the commands of technicians, who know the codes behind them."""

from __future__ import annotations

from typing import Final

from till.i18n import _, msg

_STATUSES: Final = {
    "waiting": msg("waiting"),
    "booked": msg("booked"),
    "recorded": msg("recorded"),
    "shortfall": msg("booked, overdrawn"),
    "quarantined": msg("waits for a person"),
}
"""By the status of an outcome (`protocol.push.OutcomeStatus`), `waiting` where there is none."""


def in_words(outcome: str) -> str:
    """A status, and behind it the code of its reason as it is: technicians look it up."""
    status, _space, reason = outcome.partition(" ")
    return f"{_(_STATUSES[status])} {reason}".rstrip() if status in _STATUSES else outcome
