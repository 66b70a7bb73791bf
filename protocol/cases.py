"""Deciding about what waits: an entry that the ledger did not book as it stands has one case, and a person decides it once."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec

from protocol.canonical import Count, Micros, Model, Name, Positive

Choice = Literal["accepted", "corrected", "written-off"]
"""`accepted`: booked now as far as it waited, at the merchant's expense. `corrected`: another entry stands for it.
`written-off`: it is not booked, and what was handed out for it is the merchant's."""

MAX_CORRECTION = 100_000
"""Points that a manager gives or takes by one correction."""

MAX_DECISIONS = 200
"""Decisions in one answer."""

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Correction(Model, kw_only=True):
    """What the ledger is to book instead, in a manager's words: points of a kind for a member, given or taken."""

    member: Name
    kind: Name
    given: Count = 0
    taken: Count = 0


class DecideRequest(Model, kw_only=True):
    """About entry `seq` of the terminal that asks. `staff` stands at it and has signed in with his PIN.

    `corrected` needs `by`, a booked sale of a till of this store, or a `correction`. `entry` is the id that the journal has
    beside a payload which the ledger cannot read: points reserved under it go back.
    """

    seq: Positive
    choice: Choice
    staff: Name
    why: Words
    by: UUID | None = None
    correction: Correction | None = None
    entry: UUID | None = None


class Decision(Model, kw_only=True):
    """What was decided about an entry, once and for ever. Decisions of a terminal are numbered from 1 without a gap.

    `position`: the number in the feed of the entry's bucket from which on the member's row has in it what was decided; 0 where
    there is no such row. `shortfall`: of what was booked now, the points that nothing covered. `branch` (hex) is the hash of an
    entry that is not in the ledger's chain of this terminal: of a fork.
    """

    number: Positive
    seq: Positive
    choice: Choice
    position: Count = 0
    shortfall: Count = 0
    by: UUID | None = None
    """The entry of the books that stands for it, where it is not booked under its own id."""
    branch: str = ""
    who: Name
    """By 工号, or the operator's name."""
    where: str = ""
    """The terminal at which it was decided; empty at the ledger's console."""
    at: Micros
    why: Words


class DecisionsAnswer(Model, kw_only=True):
    """Decisions about a terminal's entries above a number, rising, at most `MAX_DECISIONS`; `newest` is the ledger's number."""

    decisions: tuple[Decision, ...] = ()
    newest: Count = 0
