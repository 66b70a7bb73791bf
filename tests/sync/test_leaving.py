"""Pairing anew: the folder's old journal is put aside whole, what it had is at the ledger, and the new id is another one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local_db.errors import StorageFailedError
from local_db.journal import FILE, Journal
from local_db.journal_reader import JournalReader, Row, read_journal
from sync.client import LedgerClient
from sync.enrolment import enrol
from sync.errors import TransientSyncError
from sync.identity import KEY_FILE, Identity, load_identity, load_key, wipe_key
from sync.leaving import Left
from sync.push import Pusher
from tests.sync import faults
from tests.sync.books import STORE, AsgiTransport, Books
from tests.sync.faults import FaultyTransport
from tests.sync.test_ended import copied
from tests.sync.tills import Till


@pytest.fixture
def member(books: Books) -> str:
    return books.join()


@pytest.fixture
def older(till: Till, client: LedgerClient, member: str, tmp_path: Path) -> Iterator[Till]:
    """The folder as a backup had it, closed: its till has sold once more since, and the ledger has that."""
    till.sale(member, award=10)
    copy = copied(till, tmp_path / "restored")
    till.sale(member, award=20)
    Pusher(till.journal, client).push_once()
    yield copy
    copy.journal.close()


def anew(books: Books, asgi: AsgiTransport, folder: Path) -> Left:
    """Pair the folder again; it is another terminal then, with nothing in its journal."""
    told: list[Left] = []
    former = closed_identity(folder)
    identity = enrol(books.invite(), folder, "02号机", transport=asgi, told=told.append)
    with closing(JournalReader.open(folder)) as journal:
        assert (load_identity(journal), journal.last()) == (identity, None)
    assert (identity.terminal, identity.public) != (former.terminal, former.public)
    load_key(folder, identity.public)
    (left,) = told
    with closing(read_journal(left.journal)) as kept:
        assert load_identity(kept) == former
        assert list(kept.verify(former.genesis(), former.terminal, former.public)) == []
    return left


def closed_identity(folder: Path) -> Identity:
    with closing(JournalReader.open(folder)) as journal:
        identity = load_identity(journal)
    assert identity is not None
    return identity


def rows_of(file: Path) -> list[Row]:
    with closing(read_journal(file)) as journal:
        return list(journal.walk())


def branch_of(books: Books) -> list[int]:
    with books.database.engine.connect() as connection:
        return [seq for (seq,) in connection.exec_driver_sql("SELECT seq FROM branch ORDER BY seq")]


def test_an_older_copy_becomes_another_terminal(older: Till, books: Books, asgi: AsgiTransport, member: str) -> None:
    """What it sold meanwhile is a branch at the ledger, and lies in its journal, unchanged, beside the new one."""
    older.sale(member, award=5)
    rows = list(older.journal.walk())
    older.journal.close()
    (older.folder / "cache-3.db").touch()
    left = anew(books, asgi, older.folder)
    assert (left.why, left.journal.name, left.export) == ("journal-forked", f"journal-{STORE}-01.db", None)
    assert rows_of(left.journal) == rows
    assert (branch_of(books), books.available(member)) == ([2], 30)
    assert list(older.folder.glob("cache-*")) == list(older.folder.glob("*.jsonl")) == []
    assert not (older.folder / f"{left.journal.name}-wal").exists()


def test_a_retired_till_brings_the_rest(till: Till, books: Books, asgi: AsgiTransport, member: str) -> None:
    """Its chain is the ledger's: what waits is booked before the folder is another terminal."""
    till.sale(member, award=7)
    till.journal.close()
    books.end(till.identity.terminal, "retired")
    left = anew(books, asgi, till.folder)
    assert (left.why, left.waiting, books.available(member)) == ("terminal-retired", 0, 7)


def test_a_till_whose_key_is_gone_exports_the_rest(
    till: Till, books: Books, asgi: AsgiTransport, member: str
) -> None:
    """Nobody can send it: it is named, written out with its proofs, and kept."""
    row = till.sale(member, award=7)
    till.journal.close()
    wipe_key(till.folder)
    left = anew(books, asgi, till.folder)
    assert (left.why, left.waiting, books.available(member)) == ("key-unreadable", 1, 0)
    assert left.export is not None
    (line,) = (line for line in left.export.read_text().splitlines() if '"line":"entry"' in line)
    assert (json.loads(line)["seq"], json.loads(line)["hash"]) == (1, row.hash.hex())


def test_nobody_leaves_while_the_ledger_cannot_be_asked(
    older: Till, books: Books, asgi: AsgiTransport, member: str
) -> None:
    """All is as it was; the same code works when the network is back."""
    older.sale(member, award=5)
    older.journal.close()
    invitation = books.invite()
    with pytest.raises(TransientSyncError):
        enrol(invitation, older.folder, "02号机", transport=FaultyTransport(asgi, faults.passed, faults.request_lost))
    assert closed_identity(older.folder) == older.identity
    load_key(older.folder, older.identity.public)
    assert enrol(invitation, older.folder, "02号机", transport=asgi).terminal == f"{STORE}-02"


def test_nobody_leaves_while_somebody_reads(older: Till, books: Books, asgi: AsgiTransport) -> None:
    """A journal that a command has open is not moved from under it."""
    older.journal.close()
    with closing(sqlite3.connect(older.folder / FILE)) as reading:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM entry").fetchone()
        with pytest.raises(StorageFailedError):
            enrol(books.invite(), older.folder, "02号机", transport=asgi)
    assert (older.folder / KEY_FILE).exists()
    assert anew(books, asgi, older.folder).why == "journal-behind"


def test_a_power_cut_in_the_middle(older: Till, books: Books, asgi: AsgiTransport) -> None:
    """The key was gone and the journal not yet moved: the terminal leaves the next time."""
    older.journal.close()
    with closing(Journal.open(older.folder)) as journal:
        journal.seal()
    wipe_key(older.folder)
    assert anew(books, asgi, older.folder).why == "key-unreadable"


def test_the_same_terminal_may_leave_twice(older: Till, books: Books, asgi: AsgiTransport, tmp_path: Path) -> None:
    """The old copy is put back once more: what was put aside the first time stays."""
    again = copied(older, tmp_path / "backup")
    again.journal.close()
    older.journal.close()
    first = anew(books, asgi, older.folder)
    for name in (FILE, KEY_FILE):
        (again.folder / name).replace(older.folder / name)
    second = anew(books, asgi, older.folder)
    assert (first.journal.name, second.journal.name) == (f"journal-{STORE}-01.db", f"journal-{STORE}-01-2.db")
    assert rows_of(first.journal) == rows_of(second.journal)
