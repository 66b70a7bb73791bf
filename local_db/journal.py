"""The journal: append, remember outcomes, answer questions about both.

One object writes, from any thread, under its own lock; everyone else opens a `JournalReader`. An append is one transaction
and one fsync: when it returns, the entry survives a power cut.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from local_db.connections import open_reading, open_writing, transaction
from local_db.errors import JournalDamagedError, NonceUsedError, ReferenceTakenError, storage_errors
from protocol.chain import Head, link, payload_hash
from protocol.push import Outcome

FILE = "journal.db"
MAX_OUTCOMES_AT_ONCE = 200
"""So that a sale's commit waits for at most one short transaction of the background."""

_APPEND = """
INSERT INTO entry (seq, id, type, member, shift, occurred_at, payload, payload_hash, hash, signature)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class Draft(NamedTuple):
    """An entry ready to be appended: the frozen payload and what is looked up by."""

    id: UUID
    type: str
    member: str
    shift: str
    occurred_at: int
    payload: bytes
    receipt: bytes = b""
    """Canonical JSON that may be deleted later; empty for none."""
    reference: str = ""
    frees_reference_of: int = 0
    """Seq of a sale whose reference may be used again, because this entry voids it."""
    nonce: str = ""


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
        """Raises `JournalDamagedError` when it cannot be read."""
        with storage_errors(JournalDamagedError):
            return cls(open_reading(folder / FILE))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with storage_errors(JournalDamagedError):
            return self._connection.execute(sql, parameters).fetchall()

    def _rows(self, condition: str, *parameters: object) -> list[Row]:
        found = self._all(f"SELECT {_COLUMNS} FROM entry WHERE {condition}", *parameters)
        return [Row(row[0], UUID(bytes=row[1]), *row[2:]) for row in found]

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
            "member = ? AND NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq AND outcome.position <= ?) "
            "ORDER BY seq", member, position,
        )  # fmt: skip

    def unanswered_members(self) -> set[str]:
        """Members of whom an entry is sent and has no outcome: their rows are not replaced."""
        found = self._all(
            "SELECT DISTINCT member FROM entry LEFT JOIN outcome USING (seq) "
            "WHERE outcome.seq IS NULL AND member <> '' AND entry.seq <= ?", self.sent(),
        )  # fmt: skip
        return {str(row[0]) for row in found}

    def unbooked_floor(self) -> list[Row]:
        """Sales without an outcome, for the sums that bound the floor."""
        return self._rows("type = 'sale' AND seq NOT IN (SELECT seq FROM outcome) ORDER BY seq")

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
        found = self._all(
            "SELECT min(seq) FROM entry WHERE seq > coalesce((SELECT max(seq) FROM outcome), 0)"
        )[0][0]  # fmt: skip
        return (
            int(found) if found is not None else int(self._all("SELECT coalesce(max(seq), 0) + 1 FROM entry")[0][0])
        )

    def waiting(self) -> int:
        """How many entries have no outcome."""
        return int(self._all("SELECT (SELECT count(*) FROM entry) - (SELECT count(*) FROM outcome)")[0][0])

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

    def verify(self, genesis: bytes, terminal: str) -> Iterator[str]:
        """A sentence for each contradiction, from the first entry on: damaged payloads, broken links, missing seqs."""
        previous, expected = genesis, 1
        with storage_errors(JournalDamagedError):
            for row in self._connection.execute(f"SELECT {_COLUMNS} FROM entry ORDER BY seq"):
                entry = Row(row[0], UUID(bytes=row[1]), *row[2:])
                if entry.seq != expected:
                    yield f"entry {expected} is missing"
                if payload_hash(entry.payload) != entry.payload_hash:
                    yield f"entry {entry.seq}: the payload was changed"
                if link(previous, terminal, entry.seq, entry.payload_hash) != entry.hash:
                    yield f"entry {entry.seq}: does not continue the chain"
                previous, expected = entry.hash, entry.seq + 1


class Journal(JournalReader):
    """The one writer of a journal, safe to call from any thread. The caller holds `till.lock`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._lock = threading.RLock()

    @classmethod
    def open(cls, folder: Path) -> Journal:
        """Raises `JournalDamagedError`, `StorageFailedError`, `StorageFullError`, `NewerSchemaError`."""
        with storage_errors(JournalDamagedError):
            connection = open_writing(folder / FILE, "FULL", "journal")
            damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            connection.close()
            raise JournalDamagedError(str(damage))
        return cls(connection)

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with self._lock:
            return super()._all(sql, *parameters)

    def append(self, draft: Draft, terminal: str, genesis: bytes, sign: Callable[[bytes], bytes]) -> Row:
        """Append an entry to the chain and fsync. `sign` signs the new head with the terminal's key.

        Raises `NonceUsedError`, `ReferenceTakenError`, `StorageFullError`, `StorageFailedError`: then nothing has happened.
        """
        hash_of_payload = payload_hash(draft.payload)
        with self._lock, storage_errors(JournalDamagedError), transaction(self._connection):
            newest = self._connection.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            seq, previous = (newest[0] + 1, newest[1]) if newest else (1, genesis)
            own = link(previous, terminal, seq, hash_of_payload)
            signature = sign(Head(terminal=terminal, seq=seq, hash=own.hex()).signed_bytes())
            row = Row(seq, draft.id, draft.type, draft.member, draft.shift, draft.occurred_at, draft.payload,
                      hash_of_payload, own, signature)  # fmt: skip
            self._connection.execute(_APPEND, (seq, draft.id.bytes, *row[2:]))
            self._append_beside(draft, seq)
        return row

    def _append_beside(self, draft: Draft, seq: int) -> None:
        if draft.receipt:
            self._connection.execute("INSERT INTO receipt VALUES (?, ?)", (seq, draft.receipt))
        if draft.frees_reference_of:
            self._connection.execute("DELETE FROM reference WHERE seq = ?", (draft.frees_reference_of,))
        if draft.reference:
            self._insert_once(
                "INSERT INTO reference VALUES (?, ?)", (draft.reference, seq), ReferenceTakenError(draft.reference)
            )
        if draft.nonce:
            self._insert_once("INSERT INTO nonce VALUES (?, ?)", (draft.nonce, draft.id.bytes), NonceUsedError())

    def _insert_once(self, sql: str, values: tuple[object, ...], taken: Exception) -> None:
        try:
            self._connection.execute(sql, values)
        except sqlite3.IntegrityError:
            raise taken from None

    def mark(self, outcomes: Iterable[Outcome], now_us: int) -> None:
        """Remember what became of entries. The first outcome stays."""
        rows = [(o.seq, o.status, o.position, o.shortfall, o.reason, o.detail, now_us) for o in outcomes]
        for start in range(0, len(rows), MAX_OUTCOMES_AT_ONCE):
            with self._lock, storage_errors(JournalDamagedError), transaction(self._connection):
                self._connection.executemany(
                    "INSERT OR IGNORE INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?)",
                    rows[start : start + MAX_OUTCOMES_AT_ONCE],
                )

    def set_fact(self, name: str, value: str) -> None:
        """Remember a single fact."""
        with self._lock, storage_errors(JournalDamagedError), transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def set_sent(self, seq: int) -> None:
        """Say, before it is sent, how far a push may have gone: it never goes back."""
        if seq > self.sent():
            self.set_fact("sent", str(seq))

    def set_pin_tries(self, staff: str, failures: int, locked_until: int) -> None:
        """Remember failed tries, over a restart too."""
        with self._lock, storage_errors(JournalDamagedError), transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO pin_try VALUES (?, ?, ?)", (staff, failures, locked_until)
            )

    def close(self) -> None:
        """Checkpoint and close."""
        with self._lock:
            super().close()


def _outcome(row: tuple[Any, ...]) -> Outcome:
    seq, entry_id, status, position, shortfall, reason, detail = row
    return Outcome(seq=seq, id=UUID(bytes=entry_id), status=status, position=position, shortfall=shortfall,
                   reason=reason, detail=detail)  # fmt: skip
