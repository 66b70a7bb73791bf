"""Questions to the journal, for whoever writes it and for everyone who only reads."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from local_db.checksums import is_intact, teach
from local_db.connections import check_version, open_reading
from local_db.decisions import ACCEPTED_AFTER, DECIDED_BY, DECISION, WAITING_WHOLE, DecisionsReader
from local_db.errors import JournalDamagedError, LocalDbError, storage_errors
from local_db.ledger_words import CHECKPOINT, FORMER, FORMERLY_BY, LedgerWordsReader
from local_db.open_entries import ANSWERED, OPEN, OpenEntriesReader
from local_db.verification import contradictions
from protocol.chain_check import Witness
from protocol.push import Outcome

FILE = "journal.db"
SCHEMA = "journal"
_PAGE_ROWS = 500
_GIVE_UP_AFTER = 1_000
"""Seqs in a row that cannot be read: a damaged page holds some dozen entries."""

SENT = "sent"
"""The fact up to which entries may have reached the ledger."""


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

_OUTCOME = (
    "outcome.seq, CAST(outcome.status AS BLOB), outcome.position, outcome.shortfall, CAST(outcome.reason AS BLOB), "
    "CAST(outcome.detail AS BLOB), outcome.marked_at, outcome.life"
)
"""Text as it lies on the disk: what is damaged may be no text any more."""

CHECKSUMMED = {
    "outcome": _OUTCOME,
    "decision": DECISION,
    "former_outcome": FORMER,
    "checkpoint": CHECKPOINT,
    "receipt": "seq, document",
    "fact": "CAST(name AS BLOB), CAST(value AS BLOB)",
    "pin_try": "CAST(staff AS BLOB), failures, locked_until",
}
"""Tables whose rows have a checksum, and what it is over."""

_TOLD = f"SELECT {_OUTCOME}, outcome.checksum, id FROM outcome JOIN entry USING (seq)"
_LAST_SEQ = "SELECT coalesce(max(seq), 0) FROM entry"
_TOUCHED_THE_FLOOR = """instr(payload, CAST('"authority":"floor"' AS BLOB)) > 0"""
"""As the index over such entries says it: sales that did not touch the floor are not even looked at."""

_BOOKED_A_SERVICE = """instr(payload, CAST('"appointment":{' AS BLOB)) > 0"""

_ENDLESS = 2**63 - 1
_NEXT_SPAN = "(SELECT min(first_seq) FROM shift_span AS next WHERE next.first_seq > shift_span.first_seq)"


class JournalReader(DecisionsReader, LedgerWordsReader, OpenEntriesReader):
    """Questions to a journal. Opened `mode=ro`, while a till is running too."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        teach(connection)

    @classmethod
    def open(cls, folder: Path) -> JournalReader:
        """The journal of a till. Raises like `read_journal`."""
        return read_journal(folder / FILE)

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

    def last_seq(self) -> int:
        """The seq of the newest entry, 0 without one."""
        return int(self._all(_LAST_SEQ)[0][0])

    def entry(self, entry_id: UUID) -> Row | None:
        """The entry with this id."""
        rows = self._rows("id = ?", entry_id.bytes)
        return rows[0] if rows else None

    def entries(self, first: int, limit: int) -> list[Row]:
        """Entries from seq `first`, in seq order."""
        return self._rows("seq >= ? ORDER BY seq LIMIT ?", first, limit)

    def of_shift(self, shift: str) -> list[Row]:
        """All entries of a shift, in seq order."""
        spans = self._all(f"SELECT first_seq, {_NEXT_SPAN} FROM shift_span WHERE shift = ? ORDER BY first_seq", shift)
        within = "seq >= ? AND seq < ? AND +shift = ? ORDER BY seq"
        return [row for first, end in spans for row in self._rows(within, first, end or _ENDLESS, shift)]

    def of_type(self, entry_type: str, limit: int) -> list[Row]:
        """The newest entries of a type, newest first."""
        return self._rows("type = ? ORDER BY seq DESC LIMIT ?", entry_type, limit)

    def not_counted(self, member: str, position: int, epoch: str = "", after: int = 0) -> list[Row]:
        """Entries of a member, after a seq, that a row of his at `position` cannot contain: no outcome yet, booked after it,
        waiting for a person (position 0), or decided by one after it.

        `epoch`: of the ledger's books that the row is from; empty for the newest that this till has met. What these books
        never knew, or had forgotten, is not in it.
        """
        life = self.life_of(epoch)
        return self._rows(
            "member = ? AND member <> '' AND seq > ? AND "  # the second for the planner: the index leaves out nobody's
            "NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq AND outcome.position BETWEEN 1 AND ? "
            f"AND life <= ? AND checksum = checksum_of('outcome', {_OUTCOME}) AND NOT EXISTS ({ACCEPTED_AFTER})) "
            f"AND NOT EXISTS ({DECIDED_BY}) AND NOT EXISTS ({FORMERLY_BY}) ORDER BY seq",
            member, after, position, life, position, position, position, life,
        )  # fmt: skip

    def returned(self, member: str) -> list[Row]:
        """The entries that returned a member's reservations, in seq order."""
        return self._rows("member = ? AND member <> '' AND type = 'returned' ORDER BY seq", member)

    def refunded(self, member: str) -> list[Row]:
        """The entries with which something of a member's sales came back, in seq order."""
        return self._rows("member = ? AND member <> '' AND type = 'refund' ORDER BY seq", member)

    def of_member(self, member: str, first_seq: int) -> list[Row]:
        """Entries of a member from a seq on, in seq order."""
        return self._rows("member = ? AND member <> '' AND seq >= ? ORDER BY seq", member, first_seq)

    def with_appointments(self) -> list[Row]:
        """Sales in which a service was booked, in seq order."""
        return self._rows(f"{_BOOKED_A_SERVICE} AND seq > 0 ORDER BY seq")

    def saying(self, words: Sequence[bytes], types: Sequence[str], first: int, before: int, most: int) -> list[Row]:
        """Entries of these types, from seq `first` and below `before`, whose payload has one of `words` in it (any, for none);
        newest first.

        Reads every payload: 0.2 s to 0.6 s for 100,000 entries. For a connection that nobody sells by.
        """
        said = " OR ".join(["instr(payload, ?) > 0"] * len(words)) or "1"
        kinds = ", ".join("?" * len(types))
        return self._rows(
            f"seq >= ? AND seq < ? AND type IN ({kinds}) AND ({said}) ORDER BY seq DESC LIMIT ?",
            first, before, *types, *words, most,
        )  # fmt: skip

    def first_since(self, at_us: int) -> int:
        """The seq of the first entry at or after a till time, which never goes back; one above the last for none."""
        low, high = 1, self.last_seq() + 1
        while low < high:
            middle = (low + high) // 2
            found = self._all("SELECT occurred_at FROM entry WHERE seq >= ? ORDER BY seq LIMIT 1", middle)
            low, high = (low, middle) if found and found[0][0] >= at_us else (middle + 1, high)
        return low

    def unanswered_members(self) -> set[str]:
        """Members of whom an entry is sent and has no outcome: their rows are not replaced."""
        found = self._all(
            f"SELECT DISTINCT member FROM entry WHERE {OPEN} AND +member <> '' AND seq <= ?", self.sent()
        )
        return {str(row[0]) for row in found}

    def unbooked_floor(self) -> list[Row]:
        """Sales on the floor of which nothing is booked, for the sums that bound it: no outcome yet, or waiting whole."""
        touched = f"SELECT seq FROM entry WHERE {_TOUCHED_THE_FLOOR}"
        unbooked = f"{touched} AND {OPEN} UNION ALL {touched} AND seq IN ({WAITING_WHOLE})"
        return self._rows(f"type = 'sale' AND seq IN ({unbooked}) ORDER BY seq")

    def outcomes(self, seqs: Sequence[int]) -> dict[int, Outcome]:
        """The outcomes of these entries, where there is one."""
        marks = ", ".join("?" * len(seqs))
        return {outcome.seq: outcome for outcome in self._told(f"outcome.seq IN ({marks})", *seqs)}

    def _told(self, condition: str, *parameters: object) -> list[Outcome]:
        found = self._all(f"{_TOLD} WHERE {condition}", *parameters)
        intact = [row for row in found if is_intact("outcome", row[:-1])]
        if len(intact) < len(found):
            self._found_damaged([row[0] for row in found if row not in intact])
        return [_outcome(row) for row in intact]

    def _found_damaged(self, seqs: Sequence[int]) -> None:
        """Outcomes that are not what was written: as if they were not there."""

    def receipt(self, seq: int) -> bytes | None:
        """The receipt's document, unless it has been deleted or damaged."""
        found = self._all("SELECT seq, document, checksum FROM receipt WHERE seq = ?", seq)
        return bytes(found[0][1]) if found and is_intact("receipt", found[0]) else None

    def fact(self, name: str) -> str | None:
        """A single fact; None where there is none, or it was damaged."""
        found = self._all("SELECT name, CAST(value AS BLOB), checksum FROM fact WHERE name = ?", name)
        return bytes(found[0][1]).decode() if found and is_intact("fact", found[0]) else None

    def sent(self) -> int:
        """Entries up to this seq may have reached the ledger: all of them, where this is not to be read any more."""
        known = self.fact(SENT)
        if known is None and self._all("SELECT 1 FROM fact WHERE name IN (?, ?)", SENT, ANSWERED):
            return self.last_seq()
        return int(known or 0)

    def has_reference(self, reference: str) -> bool:
        """Whether this till has sold under `reference`."""
        return bool(self._all("SELECT 1 FROM reference WHERE reference = ?", reference))

    def nonce_owner(self, nonce: str) -> UUID | None:
        """The sale that a dynamic code belongs to, if it was used."""
        found = self._all("SELECT id FROM nonce WHERE nonce = ?", nonce)
        return UUID(bytes=found[0][0]) if found else None

    def pin_tries(self, staff: str) -> tuple[int, int]:
        """(failures, locked until µs UTC) of somebody's PIN; what was damaged begins anew."""
        found = self._all("SELECT staff, failures, locked_until, checksum FROM pin_try WHERE staff = ?", staff)
        return (int(found[0][1]), int(found[0][2])) if found and is_intact("pin_try", found[0]) else (0, 0)

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

    def shift_spans(self) -> list[tuple[int, str]]:
        """(first seq, shift) wherever another shift begins."""
        return [(int(first), str(shift)) for first, shift in self._all("SELECT * FROM shift_span ORDER BY first_seq")]

    def checksummed(self, table: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a table of `CHECKSUMMED`, checksum last; text as bytes, for it may be none any more."""
        columns = CHECKSUMMED[table]
        if table not in ("outcome", "receipt"):
            yield from self._all(f"SELECT {columns}, checksum FROM {table}")
            return
        paged = f"SELECT {columns}, checksum FROM {table} WHERE seq > ? ORDER BY seq LIMIT {_PAGE_ROWS}"
        page = self._all(paged, -_ENDLESS)
        while page:
            yield from page
            page = self._all(paged, page[-1][0])

    def unanswered(self, up_to: int) -> list[int]:
        """The first entries up to a seq that have no outcome."""
        found = self._all(
            "SELECT seq FROM entry WHERE seq <= ? AND NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.seq = entry.seq) "
            "ORDER BY seq LIMIT 20", up_to,
        )  # fmt: skip
        return [int(row[0]) for row in found]

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

    def verify(
        self, genesis: bytes, terminal: str, public: bytes | None = None, witnesses: Iterable[Witness] = ()
    ) -> Iterator[str]:
        """A sentence for each contradiction, from the first entry on: see `local_db.verification`."""
        return contradictions(self, genesis, terminal, public, witnesses)


def read_journal(path: Path) -> JournalReader:
    """Any journal's file: of a till, or of one that has ended.

    Raises `JournalDamagedError` or `StorageFailedError` when it cannot be read, `NewerSchemaError`.
    """
    with storage_errors(JournalDamagedError):
        connection = open_reading(path)
        try:
            check_version(connection, path, SCHEMA)
        except BaseException:
            connection.close()
            raise
    return JournalReader(connection)


def _outcome(row: tuple[Any, ...]) -> Outcome:
    seq, status, position, shortfall, reason, detail, _marked_at, _life, _checksum, entry_id = row
    return Outcome(seq=seq, id=UUID(bytes=entry_id), status=status.decode(), position=position, shortfall=shortfall,
                   reason=reason.decode(), detail=detail.decode())  # fmt: skip
