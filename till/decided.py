"""What a decision makes of an entry: what its outcome comes to now.

An entry that was accepted is booked, so it counts before all that is not yet, whatever its seq; among what is booked the order
makes no difference. One that was corrected or written off stays as it waited until the member's row has the decision in it;
then the journal does not name it any more.
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


def steps_of(journal: JournalReader, stored: Sequence[Row], row: MemberRow) -> list[Step]:
    """Entries that `row` does not contain: those that a person accepted, then the others in seq order."""
    outcomes = journal.outcomes([one.seq for one in stored]) if stored else {}
    waiting = [seq for seq, outcome in outcomes.items() if outcome.status == "quarantined"]
    decisions = journal.decisions(waiting) if waiting else {}
    accepted: list[Step] = []
    steps: list[Step] = []
    for one in stored:
        outcome, decision = outcomes.get(one.seq), decisions.get(one.seq)
        at = row.position if one.member == row.member else row.merged.get(one.member, 0)
        is_accepted = decision is not None and decision.choice == "accepted" and decision.position > at
        if outcome is not None and decision is not None and is_accepted:
            accepted.append(Step(one, _booked(outcome, decision), is_completion=bool(outcome.position)))
        if not is_accepted or (outcome is not None and outcome.position > at):
            steps.append(Step(one, outcome))
    return accepted + steps


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
