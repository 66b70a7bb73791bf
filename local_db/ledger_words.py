"""Questions to a journal about what the ledger gave in writing, and about the lives of its books.

Books that were restored from a copy count another *epoch*: outcomes and positions of the one before say nothing about a row of
this one. The epochs that a till has met stand in a fact, in order; a *life* is a place among them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from local_db.checksums import is_intact
from protocol.push import Outcome

EPOCHS = "epochs"
"""The fact with the names of the lives of the ledger's books that this till has met, one after another."""

FORMER = (
    "former_outcome.seq, former_outcome.until, CAST(former_outcome.status AS BLOB), former_outcome.position, "
    "former_outcome.shortfall, CAST(former_outcome.reason AS BLOB), CAST(former_outcome.detail AS BLOB), "
    "former_outcome.marked_at, former_outcome.life"
)
CHECKPOINT = "CAST(shift AS BLOB), document"
"""What the checksums are over."""

FORMERLY_BY = (
    "SELECT 1 FROM former_outcome WHERE former_outcome.seq = entry.seq AND former_outcome.position BETWEEN 1 AND ? AND "
    f"? BETWEEN former_outcome.life AND until - 1 AND former_outcome.checksum = checksum_of('former_outcome', {FORMER})"
)
"""Of an entry: a row at a position, of a life that is over, has it in."""

_EVERY = 2**63 - 1


class LedgerWordsReader:
    """Beside the other questions of `JournalReader`, which is one."""

    @abstractmethod
    def _all(self, sql: str, *parameters: object) -> list[Any]: ...

    @abstractmethod
    def fact(self, name: str) -> str | None: ...

    @abstractmethod
    def outcomes(self, seqs: Sequence[int]) -> dict[int, Outcome]: ...

    def epochs(self) -> tuple[str, ...]:
        """The lives of the ledger's books that this till has met; the last one is the present one."""
        return tuple((self.fact(EPOCHS) or "").split())

    def life_of(self, epoch: str) -> int:
        """The place of an epoch among them: -1 for one that this till never had an outcome from; where it has met none, or does
        not know any more, every outcome counts.
        """
        known = self.epochs()
        if not known:
            return _EVERY
        return known.index(epoch) if epoch in known else -1 if epoch else len(known) - 1

    def checkpoint(self) -> bytes | None:
        """The ledger's newest receipt, as it was signed."""
        found = self._all(f"SELECT {CHECKPOINT}, checksum FROM checkpoint WHERE shift = ''")
        return bytes(found[0][1]) if found and is_intact("checkpoint", found[0]) else None

    def checkpoints(self) -> list[bytes]:
        """All receipts of the ledger that are here, as they were signed: the newest, and the newest of each shift."""
        found = self._all(f"SELECT {CHECKPOINT}, checksum FROM checkpoint ORDER BY shift")
        return [bytes(row[1]) for row in found if is_intact("checkpoint", row)]

    def told_differently(self) -> list[tuple[Outcome, Outcome | None]]:
        """(what the ledger had said, what it says now) of entries for which these differ, because its books were restored."""
        found = self._all(
            f"SELECT {FORMER}, checksum, id FROM former_outcome JOIN entry USING (seq) ORDER BY former_outcome.seq, until"
        )
        former = [_former(row) for row in found if is_intact("former_outcome", row[:-1])]
        now = self.outcomes([one.seq for one in former])
        return [(one, now.get(one.seq)) for one in former if _says(one) != _says(now.get(one.seq))]


def _says(outcome: Outcome | None) -> tuple[str, int, str] | None:
    """Where it stands in the feed is another matter in other books."""
    return (outcome.status, outcome.shortfall, outcome.reason) if outcome else None


def _former(row: tuple[Any, ...]) -> Outcome:
    seq, _until, status, position, shortfall, reason, detail, _marked_at, _life, _checksum, entry_id = row
    return Outcome(
        seq=seq, id=UUID(bytes=entry_id), status=status.decode(), position=position, shortfall=shortfall,
        reason=reason.decode(), detail=detail.decode(),
    )  # fmt: skip
