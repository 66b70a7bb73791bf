"""Questions to a journal about what has no outcome yet: how much it is, since when, and how it is counted."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple

ANSWERED = "answered"
"""The fact up to which every entry has an outcome: where the search for those without one begins."""

OPEN = (
    f"entry.seq > coalesce((SELECT CAST(value AS INTEGER) FROM fact WHERE name = '{ANSWERED}' "
    "AND checksum = checksum_of('fact', name, CAST(value AS BLOB))), 0) "
    "AND NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq)"
)
"""Entries without an outcome: as quick in a journal of 400 days as in one of a day."""

FIRST_OPEN = (
    f"SELECT coalesce((SELECT seq FROM entry WHERE {OPEN} ORDER BY seq LIMIT 1), "
    "(SELECT coalesce(max(seq), 0) + 1 FROM entry))"
)

_READABLE = "json_valid(CAST(payload AS TEXT))"
_AMOUNT = f"CASE WHEN type = 'sale' AND {_READABLE} THEN json_extract(CAST(payload AS TEXT), '$.gross_fen') END"


class Waiting(NamedTuple):
    """What has no outcome: entries, the money of the sales among them, and when the oldest was made (µs UTC, 0: none)."""

    entries: int
    amount_fen: int
    since_us: int


class OpenEntriesReader:
    """Beside the other questions of `JournalReader`, which is one."""

    @abstractmethod
    def _all(self, sql: str, *parameters: object) -> list[Any]: ...

    def first_without_outcome(self) -> int:
        """The seq from which the journal has to be pushed: the first entry without an outcome, else the next seq."""
        return int(self._all(FIRST_OPEN)[0][0])

    def waiting(self) -> int:
        """How many entries have no outcome."""
        return int(self._all(f"SELECT count(*) FROM entry WHERE {OPEN}")[0][0])

    def waiting_sums(self) -> Waiting:
        """The same with money and age. It reads every payload that waits; one that was damaged counts without its money."""
        found = self._all(
            f"SELECT count(*), coalesce(sum({_AMOUNT}), 0), coalesce(min(occurred_at), 0) FROM entry WHERE {OPEN}"
        )
        return Waiting(*map(int, found[0]))

    def tally(self) -> dict[str, dict[str, int]]:
        """How many entries there are of each type, and of each outcome."""
        types = self._all("SELECT type, count(*) FROM entry GROUP BY type ORDER BY type")
        outcomes = self._all("SELECT CAST(status AS TEXT), count(*) FROM outcome GROUP BY 1 ORDER BY 1")
        return {
            "types": {str(name): int(n) for name, n in types},
            "outcomes": {str(name): int(n) for name, n in outcomes},
        }
