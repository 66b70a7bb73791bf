"""The journal: append, remember outcomes, answer questions about both.

One object writes, from any thread, under its own lock; everyone else opens a `JournalReader`. An append is one transaction
and one fsync: when it returns, the entry survives a power cut.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from local_db.checksums import checksum_of
from local_db.connections import open_writing, transaction
from local_db.decisions import DECIDED
from local_db.errors import (
    JournalDamagedError,
    LocalDbError,
    NonceUsedError,
    ReferenceTakenError,
    StorageFailedError,
    is_io_error,
    storage_errors,
)
from local_db.journal_reader import FILE, SCHEMA, SENT, JournalReader, Row
from local_db.ledger_words import EPOCHS
from local_db.mending import mend
from local_db.open_entries import ANSWERED, FIRST_OPEN
from local_db.told import forget_outcomes, outcome_rows, start_over
from protocol import canonical
from protocol.cases import Decision
from protocol.chain import Head, link, payload_hash
from protocol.push import Outcome

__all__ = ["FILE", "MAX_OUTCOMES_AT_ONCE", "Draft", "Journal", "JournalReader", "Row"]

MAX_OUTCOMES_AT_ONCE = 200
"""So that a sale's commit waits for at most one short transaction of the background."""

_APPEND = """
INSERT INTO entry (seq, id, type, member, shift, occurred_at, payload, payload_hash, hash, signature)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

_MARK = "INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING"


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


class Journal(JournalReader):
    """The one writer of a journal, safe to call from any thread. The caller holds `till.lock`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._lock = threading.RLock()
        self._newest: tuple[int, bytes, str] | None = None
        """Seq, hash and shift where the chain stands, while the last append succeeded; nobody else writes."""
        self._has_failed = False
        self.kept: dict[object, object] = {}
        """What somebody reckoned from entries and from what is told of them, by a name of his; used under `alone()`. Emptied
        when anything else is told of an entry, and not by an append: that shows by `last_seq()`.
        """

    @classmethod
    def open(cls, folder: Path) -> Journal:
        """Raises `JournalDamagedError`, `StorageFailedError`, `StorageFullError`, `NewerSchemaError`."""
        with storage_errors(JournalDamagedError):
            connection = open_writing(folder / FILE, "FULL", SCHEMA)
            try:
                _check(connection)
            except BaseException:
                connection.close()
                raise
        return cls(connection)

    def _all(self, sql: str, *parameters: object) -> list[Any]:
        with self._lock:
            return super()._all(sql, *parameters)

    def append(self, draft: Draft, terminal: str, genesis: bytes, sign: Callable[[bytes], bytes]) -> Row:
        """Append an entry to the chain and fsync. `sign` signs the new head with the terminal's key.

        Raises `NonceUsedError`, `ReferenceTakenError`, `StorageFullError`, `StorageFailedError`: then nothing has happened;
        but an I/O error may have come after the disk had done it, and the entry be there, whole, at the next start.
        """
        hash_of_payload = payload_hash(draft.payload)
        with self._writing():
            newest, self._newest = self._newest or self._read_newest(), None
            last, previous, shift = newest or (0, genesis, "")
            seq = last + 1
            own = link(previous, terminal, seq, hash_of_payload)
            signature = sign(Head(terminal=terminal, seq=seq, hash=own.hex()).signed_bytes())
            row = Row(seq, draft.id, draft.type, draft.member, draft.shift, draft.occurred_at, draft.payload,
                      hash_of_payload, own, signature)  # fmt: skip
            with transaction(self._connection):
                self._connection.execute(_APPEND, (seq, draft.id.bytes, *row[2:]))
                if draft.shift not in (shift, ""):
                    self._connection.execute("INSERT INTO shift_span VALUES (?, ?)", (seq, draft.shift))
                self._append_beside(draft, seq)
            self._newest = seq, own, draft.shift or shift
        return row

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes meanwhile: what is read inside still holds when it is acted upon. Every sale waits for it."""
        with self._lock:
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Alone, and never again after an I/O error or damage: a second fsync would call a success what may not be on the
        disk.
        """
        with self._lock:
            if self._has_failed:
                raise StorageFailedError("the disk failed before: start again, so that the journal is verified")
            try:
                with storage_errors(JournalDamagedError):
                    yield
            except (StorageFailedError, JournalDamagedError) as error:
                self._has_failed = is_io_error(error) or isinstance(error, JournalDamagedError)
                raise

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """One transaction that changes what is told of entries: their outcomes, decisions, the lives of the books."""
        with self._writing():
            try:
                with transaction(self._connection):
                    yield
            finally:
                self.kept.clear()

    def _read_newest(self) -> tuple[int, bytes, str] | None:
        found: tuple[int, bytes, str] | None = self._connection.execute(
            "SELECT seq, hash, coalesce((SELECT shift FROM shift_span ORDER BY first_seq DESC LIMIT 1), '') "
            "FROM entry ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return found

    def _append_beside(self, draft: Draft, seq: int) -> None:
        if draft.receipt:
            checksum = checksum_of("receipt", seq, draft.receipt)
            self._connection.execute("INSERT INTO receipt VALUES (?, ?, ?)", (seq, draft.receipt, checksum))
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

    def mark(self, outcomes: Iterable[Outcome], now_us: int, checkpoint: bytes = b"") -> None:
        """Remember what became of entries; the first outcome stays. `checkpoint`: what the ledger signed with it.

        Raises `sqlite3.IntegrityError` for an entry that this journal does not have: then none of them is remembered.
        """
        rows = outcome_rows(outcomes, now_us, max(len(self.epochs()) - 1, 0))
        for start in range(0, max(len(rows), 1), MAX_OUTCOMES_AT_ONCE):
            with self._telling():
                self._connection.executemany(_MARK, rows[start : start + MAX_OUTCOMES_AT_ONCE])
                self._set_answered()
                if checkpoint and start + MAX_OUTCOMES_AT_ONCE >= len(rows):
                    self._keep_checkpoint(checkpoint, rows[-1][0] if rows else 0)

    def keep_checkpoint(self, document: bytes) -> None:
        """Remember the ledger's newest receipt."""
        with self._writing(), transaction(self._connection):
            self._keep_checkpoint(document, 0)

    def _keep_checkpoint(self, document: bytes, seq: int) -> None:
        """As the newest one, and as that of the shift of entry `seq`."""
        found = self._connection.execute("SELECT shift FROM entry WHERE seq = ?", (seq,)).fetchone()
        for shift in {"", found[0] if found else ""}:
            checksum = checksum_of("checkpoint", shift, document)
            self._connection.execute(
                "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", (shift, document, checksum)
            )

    def begin_epoch(self, epoch: str, first: int, told: Sequence[Outcome], now_us: int) -> int:
        """The ledger's books were restored: of the entries from `first` on they say what is `told`, and nothing of the others.

        Outcomes that it gave and has forgotten are put aside, and their entries are sent again; how many they are.
        """
        with self._telling():
            life = len(self.epochs())
            if self.epochs()[-1:] == (epoch,):
                return 0
            put_aside = forget_outcomes(self._connection, life, first, told, now_us) if life else 0
            if not life and start_over(self._connection):
                self._set_fact("cache", "")  # nobody knows of which books it is
            self._set_fact(EPOCHS, " ".join((*self.epochs(), epoch)))
            self._set_fact(ANSWERED, str(min(first - 1, int(self.fact(ANSWERED) or 0))))
            self._set_answered()
            if life:  # what these books know of decisions they tell from the first one on
                self._connection.execute("DELETE FROM decision")
                self._set_fact(DECIDED, "0")
        return put_aside

    def mark_decisions(self, decisions: Sequence[Decision], now_us: int, *, anew: bool = False) -> None:
        """Remember what was decided about entries of this journal, and how far that is known; what is about a branch is another
        journal's. `anew`: they are all that the ledger has, which was restored; what was known before is forgotten.
        """
        hashes = {row.seq: row.hash.hex() for one in decisions for row in self.entries(one.seq, 1) if one.branch}
        own = [one for one in decisions if one.branch in ("", hashes.get(one.seq))]
        told = [(o.seq, o.number, o.choice, o.position, o.shortfall, canonical.encode(o), now_us) for o in own]
        with self._telling():
            if anew:
                self._connection.execute("DELETE FROM decision")
            self._connection.executemany(
                "INSERT INTO decision VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING",
                [(*values, checksum_of("decision", *values)) for values in told],
            )
            known = 0 if anew else self.newest_decision()
            for number in sorted(one.number for one in decisions):
                known += number == known + 1  # one that was made here may come before those that others made
            self._set_fact(DECIDED, str(known))

    def set_fact(self, name: str, value: str) -> None:
        """Remember a single fact."""
        with self._writing(), transaction(self._connection):
            self._set_fact(name, value)

    def _set_fact(self, name: str, value: str) -> None:
        checksum = checksum_of("fact", name, value)
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (name, value, checksum))

    def _set_answered(self) -> None:
        first_open = self._connection.execute(FIRST_OPEN).fetchone()[0]
        self._set_fact(ANSWERED, str(first_open - 1))

    def set_sent(self, seq: int) -> None:
        """Say, before it is sent, how far a push may have gone: it never goes back."""
        with self._lock:
            furthest = str(max(seq, self.sent()))
            if furthest != self.fact(SENT):
                self.set_fact(SENT, furthest)

    def set_pin_tries(self, staff: str, failures: int, locked_until: int) -> None:
        """Remember failed tries, over a restart too."""
        with self._writing(), transaction(self._connection):
            checksum = checksum_of("pin_try", staff, failures, locked_until)
            self._connection.execute(
                "INSERT OR REPLACE INTO pin_try VALUES (?, ?, ?, ?)", (staff, failures, locked_until, checksum)
            )

    def mend(self) -> list[str]:
        """Put right what can be told again, drop what cannot: a sentence for each (`local_db.mending`). Entries stay."""
        with self._telling():
            if done := mend(self, self._connection):
                self._set_fact(ANSWERED, "0")
                self._set_answered()
                self._set_fact(DECIDED, "0")
        return done

    def _found_damaged(self, seqs: Sequence[int]) -> None:
        """Outcomes that are not what was written: without them the entries are sent again, and get their first again."""
        with suppress(LocalDbError), self._telling():
            self._connection.executemany("DELETE FROM outcome WHERE seq = ?", [(seq,) for seq in seqs])
            self._set_fact(ANSWERED, str(min(min(seqs) - 1, int(self.fact(ANSWERED) or 0))))

    def _found_damaged_decisions(self, seqs: Sequence[int]) -> None:
        """Without them the entries wait again, until the ledger has told all of its decisions again."""
        with suppress(LocalDbError), self._telling():
            self._connection.executemany("DELETE FROM decision WHERE seq = ?", [(seq,) for seq in seqs])
            self._set_fact(DECIDED, "0")

    def seal(self) -> None:
        """The last write: from now on the file stands alone, without a log beside it, and may be moved once it is closed.

        Raises `StorageFailedError` while another program has it open.
        """
        with self._writing():
            if self._connection.execute("PRAGMA journal_mode = DELETE").fetchall() != [("delete",)]:
                raise StorageFailedError("another program has the journal open")

    def close(self) -> None:
        """Checkpoint and close."""
        with self._lock:
            super().close()


def _check(connection: sqlite3.Connection) -> None:
    damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if damage != "ok":
        raise JournalDamagedError(str(damage))
