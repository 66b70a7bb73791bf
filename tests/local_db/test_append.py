"""Appending: what returns is there, what is refused has not happened, what is there never changes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from local_db.errors import NonceUsedError, ReferenceTakenError
from local_db.journal import Journal, JournalReader
from protocol.chain import Head
from protocol.signing import verify_bytes
from tests.local_db.makers import (
    GENESIS,
    NOBODY,
    PUBLIC,
    RECEIPT,
    TERMINAL,
    append,
    booked,
    contradictions,
    fill,
    sale_draft,
    seqs,
    void_draft,
)  # fmt: skip


def test_entries_survive_reopening(tmp_path: Path) -> None:
    """What was appended is read back byte for byte, and the chain goes on behind it."""
    journal = Journal.open(tmp_path)
    rows = fill(journal, 3)
    journal.close()
    journal = Journal.open(tmp_path)
    assert list(journal.walk()) == rows
    assert journal.receipt(2) == RECEIPT
    assert append(journal, sale_draft(4)).seq == 4
    assert contradictions(journal) == []
    journal.close()


def test_every_commit_reaches_the_disk(journal: Journal) -> None:
    """The writing connection asks for an fsync at each commit of a write-ahead log."""
    assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_each_head_is_signed(journal: Journal) -> None:
    """The stored signature is the terminal's over the head at that entry."""
    for row in fill(journal, 2):
        verify_bytes(PUBLIC, row.signature, Head(terminal=TERMINAL, seq=row.seq, hash=row.hash.hex()).signed_bytes())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET payload = x'00' WHERE seq = 1",
        "UPDATE entry SET occurred_at = occurred_at",
        "DELETE FROM entry WHERE seq = 2",
        "DELETE FROM entry",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE seq = 1",
        "REPLACE INTO entry SELECT seq, id, type, '', shift, occurred_at, payload, payload_hash, hash, signature FROM entry",
        "REPLACE INTO entry SELECT 9, id, type, member, shift, occurred_at, payload, payload_hash, hash, signature FROM entry",
    ],
)
def test_entries_cannot_be_changed_or_deleted(journal: Journal, statement: str) -> None:
    """The file itself refuses every statement that would change, delete or replace an entry."""
    before = fill(journal, 2)
    with pytest.raises(sqlite3.IntegrityError, match="never"):
        journal._connection.execute(statement)
    assert list(journal.walk()) == before


def test_a_failing_signature_appends_nothing(journal: Journal) -> None:
    """When the key cannot sign, the journal is as it was, and the next append takes the same number."""

    def broken(_data: bytes) -> bytes:
        raise OSError("no key")

    with pytest.raises(OSError, match="no key"):
        journal.append(sale_draft(1), TERMINAL, GENESIS, broken)
    with pytest.raises(sqlite3.IntegrityError):
        journal.append(sale_draft(1), TERMINAL, GENESIS, lambda _data: b"short")
    assert journal.last() is None
    assert append(journal, sale_draft(1)).seq == 1
    assert contradictions(journal) == []


def test_an_id_is_appended_once(journal: Journal) -> None:
    """The same entry a second time is refused, and nothing of it remains."""
    append(journal, sale_draft(1))
    with pytest.raises(sqlite3.IntegrityError):
        append(journal, sale_draft(1, reference="R1"))
    assert (seqs(list(journal.walk())), journal.has_reference("R1")) == ([1], False)
    assert append(journal, sale_draft(2)).seq == 2
    assert contradictions(journal) == []


def test_a_reference_earns_once(journal: Journal) -> None:
    """A second sale under the same reference is refused whole: no entry, no receipt, no nonce."""
    append(journal, sale_draft(1, reference="R1"))
    with pytest.raises(ReferenceTakenError, match="R1"):
        append(journal, sale_draft(2, reference="R1", nonce="n1"))
    assert (journal.waiting(), journal.receipt(2), journal.nonce_owner("n1")) == (1, None, None)
    assert append(journal, sale_draft(3, reference="R2")).seq == 2
    assert contradictions(journal) == []


def test_a_void_frees_the_reference(journal: Journal) -> None:
    """After the void the reference earns again, once, and other references stay taken."""
    sale = append(journal, sale_draft(1, reference="R1"))
    append(journal, sale_draft(2, reference="R2"))
    append(journal, void_draft(3, sale))
    assert (journal.has_reference("R1"), journal.has_reference("R2")) == (False, True)
    append(journal, sale_draft(4, reference="R1"))
    with pytest.raises(ReferenceTakenError):
        append(journal, sale_draft(5, reference="R1"))
    assert journal.references() == {"R1": 4, "R2": 2}
    assert contradictions(journal) == []


def test_a_nonce_belongs_to_one_sale_for_ever(journal: Journal) -> None:
    """A second sale with the same dynamic code is refused, after a void of the first too."""
    first = append(journal, sale_draft(1, nonce="n1"))
    with pytest.raises(NonceUsedError):
        append(journal, sale_draft(2, nonce="n1", reference="R9"))
    append(journal, void_draft(3, first))
    with pytest.raises(NonceUsedError):
        append(journal, sale_draft(4, nonce="n1"))
    assert (journal.nonce_owner("n1"), journal.nonce_owner("n2")) == (first.id, None)
    assert not journal.has_reference("R9")


def test_questions_find_what_they_ask_for(journal: Journal) -> None:
    """By number, id, shift, type and newest; an unknown id finds nothing."""
    rows = fill(journal, 3)
    assert (journal.last(), journal.entry(rows[1].id), journal.entry(NOBODY)) == (rows[2], rows[1], None)
    assert (journal.entries(2, 1), journal.entries(4, 9)) == ([rows[1]], [])
    assert (seqs(journal.of_shift("0371")), journal.of_shift("0")) == ([1, 2, 3], [])
    assert seqs(journal.of_type("sale", 2)) == [3, 2]


def test_a_reader_cannot_write(journal: Journal, tmp_path: Path) -> None:
    """A second connection reads what is committed and is refused every write."""
    fill(journal, 1)
    reader = JournalReader.open(tmp_path)
    journal.mark([booked(1, 5)], 1)
    assert reader.waiting() == 0
    for statement in ("DELETE FROM outcome", "CREATE TABLE x (y)", "PRAGMA user_version = 9"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute(statement)
    reader.close()
