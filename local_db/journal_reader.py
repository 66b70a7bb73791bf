"""Questions to the journal, for whoever writes it and for everyone who only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from local_db.connections import check_version, open_reading
from local_db.errors import JournalDamagedError, LocalDbError, storage_errors
from local_db.verification import contradictions
from protocol.push import Outcome

FILE = "journal.db"
SCHEMA = "journal"
_PAGE_ROWS = 500
_GIVE_UP_AFTER = 1_000
"""Seqs in a row that cannot be read: a damaged page holds some dozen entries."""

ANSWERED = "answered"
"""The fact up to which every entry has an outcome: where the search for those without one begins."""

_OPEN = (
    f"entry.seq > coalesce((SELECT CAST(value AS INTEGER) FROM fact WHERE name = '{ANSWERED}'), 0) "
    "AND NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq)"
)
"""Entries without an outcome: as quick in a journal of 400 days as in one of a day."""

FIRST_OPEN = (
    f"SELECT coalesce((SELECT seq FROM entry WHERE {_OPEN} ORDER BY seq LIMIT 1), "
    "(SELECT coalesce(max(seq), 0) + 1 FROM entry))"
)


class Row(NamedTuple):
    """An entry as it stands in the journal."""

    seq: int
    id: UUID
    type: str
    member: str
    shift: str
    occurred_at: int
    payload: bytes
    payload_hash: bytes
    hash: bytes
    signature: bytes


_COLUMNS = ", ".join(Row._fields)


class JournalReader:
    """Questions to a journal. Opened `mode=ro`, while a till is running too."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> JournalReader:
        """Raises `JournalDamagedError` or `StorageFailedError` when it cannot be read, `NewerSchemaError`."""
        path = folder / FILE
        with storage_errors(JournalDamagedError):
            connection = open_reading(path)
            try:
                check_version(connection, path, SCHEMA)
            except BaseException:
                connection.close()
                raise
        return cls(connection)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with storage_errors(JournalDamagedError):
            return self._connection.execute(sql, parameters).fetchall()

    def _rows(self, condition: str, *parameters: object) -> list[Row]:
        found = self._all(f"SELECT {_COLUMNS} FROM entry WHERE {condition}", *parameters)
        try:
            return [Row(row[0], UUID(bytes=row[1]), *row[2:]) for row in found]
        except (AssertionError, TypeError, ValueError):
            raise JournalDamagedError("an id that is none") from None

    def last(self) -> Row | None:
        """The newest entry."""
        rows = self._rows("seq = (SELECT max(seq) FROM entry)")
        return rows[0] if rows else None

    def entry(self, entry_id: UUID) -> Row | None:
        """The entry with this id."""
        rows = self._rows("id = ?", entry_id.bytes)
        return rows[0] if rows else None

    def entries(self, first: int, limit: int) -> list[Row]:
        """Entries from seq `first`, in seq order."""
        return self._rows("seq >= ? ORDER BY seq LIMIT ?", first, limit)

    def of_shift(self, shift: str) -> list[Row]:
        """All entries of a shift, in seq order."""
        return self._rows("shift = ? ORDER BY seq", shift)

    def of_type(self, entry_type: str, limit: int) -> list[Row]:
        """The newest entries of a type, newest first."""
        return self._rows("type = ? ORDER BY seq DESC LIMIT ?", entry_type, limit)

    def not_counted(self, member: str, position: int) -> list[Row]:
        """Entries of a member that a row of his at `position` cannot contain: no outcome yet, or booked after it."""
        return self._rows(
            "member = ? AND member <> '' AND "  # the second for the planner: the index leaves out entries of nobody
            "NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq AND outcome.position <= ?) "
            "ORDER BY seq", member, position,
        )  # fmt: skip

    def returned(self, member: str) -> list[Row]:
        """The entries that returned a member's reservations, in seq order."""
        return self._rows("member = ? AND member <> '' AND type = 'returned' ORDER BY seq", member)

    def unanswered_members(self) -> set[str]:
        """Members of whom an entry is sent and has no outcome: their rows are not replaced."""
        found = self._all(
            f"SELECT DISTINCT member FROM entry WHERE {_OPEN} AND +member <> '' AND seq <= ?", self.sent()
        )
        return {str(row[0]) for row in found}

    def unbooked_floor(self) -> list[Row]:
        """Sales without an outcome, for the sums that bound the floor."""
        return self._rows(f"type = 'sale' AND {_OPEN} ORDER BY seq")

    def outcomes(self, seqs: Sequence[int]) -> dict[int, Outcome]:
        """The outcomes of these entries, where there is one."""
        marks = ", ".join("?" * len(seqs))
        found = self._all(
            f"SELECT seq, id, status, position, shortfall, reason, detail FROM outcome JOIN entry USING (seq) "
            f"WHERE seq IN ({marks})", *seqs,
        )  # fmt: skip
        return {row[0]: _outcome(row) for row in found}

    def quarantined(self) -> list[Outcome]:
        """Outcomes that wait for a person, oldest first."""
        return [_outcome(row) for row in self._all(
            "SELECT seq, id, status, position, shortfall, reason, detail FROM outcome JOIN entry USING (seq) "
            "WHERE status = 'quarantined' ORDER BY seq"
        )]  # fmt: skip

    def first_without_outcome(self) -> int:
        """The seq from which the journal has to be pushed: the first entry without an outcome, else the next seq."""
        return int(self._all(FIRST_OPEN)[0][0])

    def waiting(self) -> int:
        """How many entries have no outcome."""
        return int(self._all(f"SELECT count(*) FROM entry WHERE {_OPEN}")[0][0])

    def receipt(self, seq: int) -> bytes | None:
        """The receipt's document, unless it has been deleted."""
        found = self._all("SELECT document FROM receipt WHERE seq = ?", seq)
        return bytes(found[0][0]) if found else None

    def fact(self, name: str) -> str | None:
        """A single fact."""
        found = self._all("SELECT value FROM fact WHERE name = ?", name)
        return str(found[0][0]) if found else None

    def sent(self) -> int:
        """Entries up to this seq may have reached the ledger."""
        return int(self.fact("sent") or 0)

    def has_reference(self, reference: str) -> bool:
        """Whether this till has sold under `reference`."""
        return bool(self._all("SELECT 1 FROM reference WHERE reference = ?", reference))

    def nonce_owner(self, nonce: str) -> UUID | None:
        """The sale that a dynamic code belongs to, if it was used."""
        found = self._all("SELECT id FROM nonce WHERE nonce = ?", nonce)
        return UUID(bytes=found[0][0]) if found else None

    def pin_tries(self, staff: str) -> tuple[int, int]:
        """(failures, locked until µs UTC) of somebody's PIN."""
        found = self._all("SELECT failures, locked_until FROM pin_try WHERE staff = ?", staff)
        return (int(found[0][0]), int(found[0][1])) if found else (0, 0)

    def readable(self) -> Iterator[Row]:
        """Every entry that can still be read, in seq order: what an export saves from a damaged file."""
        seq = missed = 0
        while missed < _GIVE_UP_AFTER:
            seq += 1
            try:
                rows = self._rows("seq = ?", seq)
            except LocalDbError:
                rows = []
            missed = 0 if rows else missed + 1
            yield from rows

    def references(self) -> dict[str, int]:
        """Every external reference in use, and the seq of its sale."""
        return {str(reference): int(seq) for reference, seq in self._all("SELECT reference, seq FROM reference")}

    def nonces(self) -> dict[str, UUID]:
        """Every dynamic code that was used, and the id of its sale."""
        return {str(nonce): UUID(bytes=id_) for nonce, id_ in self._all("SELECT nonce, id FROM nonce")}

    def walk(self) -> Iterator[Row]:
        """All entries in seq order, read page by page: nothing is held open in between."""
        page = self.entries(0, _PAGE_ROWS)
        while page:
            yield from page
            page = self.entries(page[-1].seq + 1, _PAGE_ROWS)

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file, its indexes included; empty when all is well."""
        found = [str(row[0]) for row in self._all("PRAGMA integrity_check(20)")]
        return [] if found == ["ok"] else found

    def last_known(self) -> int:
        """The highest seq of which anything beside the entries knows: an outcome, a receipt, that it was sent."""
        beside = "SELECT max(seq) AS seq FROM outcome UNION ALL SELECT max(seq) FROM receipt"
        return max(self.sent(), int(self._all(f"SELECT coalesce(max(seq), 0) FROM ({beside})")[0][0]))

    def verify(self, genesis: bytes, terminal: str, public: bytes | None = None) -> Iterator[str]:
        """A sentence for each contradiction, from the first entry on: see `local_db.verification`."""
        return contradictions(self, genesis, terminal, public)


def _outcome(row: tuple[Any, ...]) -> Outcome:
    seq, entry_id, status, position, shortfall, reason, detail = row
    return Outcome(seq=seq, id=UUID(bytes=entry_id), status=status, position=position, shortfall=shortfall,
                   reason=reason, detail=detail)  # fmt: skip
