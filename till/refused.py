"""How often redemptions were refused at the till in the open shift, by the code of why.

Nothing happened, so no entry says it: it is a count beside the journal, of nobody in particular; the closing entry keeps it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from local_db.journal import JournalReader
from protocol import canonical
from till.desk import Desk

FACT = "refused"

Why = Literal["points", "offline", "proof", "rules"]
_OFFLINE = ("floor-", "offline", "balance-", "clock-", "programme-outdated", "member-hot", "not-enough-booked", "unanswered",
            "-unanswered", "-online")  # fmt: skip
_PROOF = ("proof", "pin-", "nonce", "dynamic", "authorisation", "voucher")


class _Counts(msgspec.Struct):
    shift: str
    counts: dict[str, int]


def count_refused(desk: Desk, shift: str, code: str) -> None:
    """One more. Durable on return; raises `local_db` errors."""
    with desk.journal.alone():
        counts = refused_in(desk.journal, shift)
        counts[code] = counts.get(code, 0) + 1
        desk.journal.set_fact(FACT, canonical.encode(_Counts(shift, counts)).decode())


def refused_in(journal: JournalReader, shift: str) -> dict[str, int]:
    """Of a shift that is open: by code. What cannot be read counts nothing."""
    try:
        kept = msgspec.json.decode(journal.fact(FACT) or "", type=_Counts)
    except msgspec.MsgspecError:
        return {}
    return kept.counts if kept.shift == shift else {}


def why_of(code: str) -> Why:
    """What it comes to: too few points, not without the network, no proof of the member, or not by the rules."""
    if any(part in code for part in _OFFLINE):
        return "offline"
    if any(part in code for part in _PROOF):
        return "proof"
    return "points" if "not-enough" in code else "rules"
