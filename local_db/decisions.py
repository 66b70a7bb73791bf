"""Questions to a journal about what waits for a person, and about what was decided.

An outcome never changes; a decision is a row of its own beside it. What waits is found by an index over the outcomes that need
a person, so that a thousand of them cost a sale nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import msgspec

from local_db.checksums import is_intact
from protocol.cases import Decision
from protocol.push import Outcome

DECIDED = "decided"
"""The fact up to which decisions of the ledger about this terminal are known."""

DECISION = (
    "decision.seq, number, CAST(choice AS BLOB), decision.position, decision.shortfall, told, decision.marked_at"
)
"""What the checksum of a decision is over."""

NEEDS_A_PERSON = "status IN ('quarantined', 'shortfall')"
"""As the index over outcomes says it."""

_INTACT = f"decision.checksum = checksum_of('decision', {DECISION})"

UNDECIDED = f"NOT EXISTS (SELECT 1 FROM decision WHERE decision.seq = outcome.seq AND {_INTACT})"

_OPEN = f"{NEEDS_A_PERSON} AND {UNDECIDED}"

WAITING_WHOLE = (
    f"SELECT seq FROM outcome WHERE {NEEDS_A_PERSON} AND status = 'quarantined' AND position = 0 AND {UNDECIDED}"
)
"""Entries of which nothing is booked until a person decides."""

ACCEPTED_AFTER = (
    "SELECT 1 FROM decision WHERE decision.seq = outcome.seq AND choice = 'accepted' AND decision.position > ? "
    f"AND {_INTACT}"
)
"""Of an outcome: what waited of its entry was booked after a position."""

DECIDED_BY = (
    "SELECT 1 FROM decision JOIN outcome USING (seq) WHERE decision.seq = entry.seq AND outcome.position = 0 "
    "AND entry.type <> 'void' "
    f"AND decision.position <= ? AND {_INTACT}"
)
"""Of an entry that waited whole: a row at a position has in it what was decided. A void says for ever that goods came back."""

_read = msgspec.json.Decoder(Decision).decode


class DecisionsReader:
    """Beside the other questions of `JournalReader`, which is one."""

    @abstractmethod
    def _all(self, sql: str, *parameters: object) -> list[Any]: ...

    @abstractmethod
    def _told(self, condition: str, *parameters: object) -> list[Outcome]: ...

    @abstractmethod
    def fact(self, name: str) -> str | None: ...

    def quarantined(self, after: int = 0, limit: int = -1) -> list[Outcome]:
        """Outcomes that wait for a person's decision, oldest first: after a seq, at most so many."""
        return self._told(f"{_OPEN} AND outcome.seq > ? ORDER BY outcome.seq LIMIT ?", after, limit)

    def quarantined_count(self) -> int:
        """How many."""
        return int(self._all(f"SELECT count(*) FROM outcome WHERE {_OPEN}")[0][0])

    def decisions(self, seqs: Sequence[int]) -> dict[int, Decision]:
        """What was decided about these entries, where something was."""
        marks = ", ".join("?" * len(seqs))
        found = self._all(f"SELECT {DECISION}, checksum FROM decision WHERE seq IN ({marks})", *seqs)
        intact = [row for row in found if is_intact("decision", row)]
        if len(intact) < len(found):
            self._found_damaged_decisions([row[0] for row in found if row not in intact])
        return {row[0]: _read(row[5]) for row in intact}

    def newest_decision(self) -> int:
        """The number of the newest decision that is known here."""
        return int(self.fact(DECIDED) or 0)

    def members_waiting(self) -> set[str]:
        """Members of whose entries one waits for a decision."""
        found = self._all(
            f"SELECT DISTINCT member FROM outcome JOIN entry USING (seq) WHERE {_OPEN} AND +member <> ''"
        )
        return {str(row[0]) for row in found}

    def _found_damaged_decisions(self, seqs: Sequence[int]) -> None:
        """Decisions that are not what was written: as if they were not there."""
