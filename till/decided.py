"""What a decision makes of an entry: what its outcome comes to now, and where in the order of booking that stands.

An entry that was accepted is booked after what was booked before the decision, whatever its seq. One that was corrected or
written off stays as it waited until the member's row has the decision in it; then the journal does not name it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from local_db.journal import JournalReader, Row
from protocol.cases import Decision
from protocol.feed import MemberRow
from protocol.push import Outcome


class Step(NamedTuple):
    """An entry as it is booked; `is_completion`: what its sale gave, which was booked later than what it took."""

    stored: Row
    outcome: Outcome | None
    is_completion: bool = False


def in_booking_order(journal: JournalReader, stored: Sequence[Row], row: MemberRow) -> list[Step]:
    """Entries that `row` does not contain, in seq order but for those that a person accepted."""
    outcomes = journal.outcomes([one.seq for one in stored]) if stored else {}
    waiting = [seq for seq, outcome in outcomes.items() if outcome.status == "quarantined"]
    decisions = journal.decisions(waiting) if waiting else {}
    steps: list[Step] = []
    later: list[tuple[int, Step]] = []
    for one in stored:
        outcome, decision = outcomes.get(one.seq), decisions.get(one.seq)
        at = row.position if one.member == row.member else row.merged.get(one.member, 0)
        if outcome is None or decision is None or decision.choice != "accepted" or decision.position <= at:
            steps.append(Step(one, outcome))
            continue
        if outcome.position > at:
            steps.append(Step(one, outcome))
        later.append((decision.position, Step(one, _booked(outcome, decision), is_completion=bool(outcome.position))))
    for position, step in sorted(later, key=lambda one: one[0]):
        steps.insert(_place(steps, step, position), step)
    return steps


def outcome_now(journal: JournalReader, seq: int) -> Outcome | None:
    """Of one entry: booked as a whole, where it was accepted."""
    outcome, decision = journal.outcomes([seq]).get(seq), journal.decisions([seq]).get(seq)
    if outcome is None or decision is None or decision.choice != "accepted":
        return outcome
    return _booked(outcome, decision)


def _booked(outcome: Outcome, decision: Decision) -> Outcome:
    shortfall = outcome.shortfall + decision.shortfall
    return msgspec.structs.replace(
        outcome, status="shortfall" if shortfall else "booked", position=decision.position or outcome.position,
        shortfall=shortfall, reason="",
    )  # fmt: skip


def _place(steps: Sequence[Step], step: Step, position: int) -> int:
    """Before the first entry of the same number that was booked later or is not booked yet."""
    for place, other in enumerate(steps):
        is_later = other.outcome is None or other.outcome.position > position
        if is_later and other.stored.member == step.stored.member:
            return place
    return len(steps)
