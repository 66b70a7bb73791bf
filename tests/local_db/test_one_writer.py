"""One writer on a folder, any number of readers, in real processes."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from local_db.connections import till_lock
from local_db.errors import AnotherTillError, StorageFailedError
from local_db.journal import Journal, JournalReader, Row
from tests.local_db.children.processes import heard, running
from tests.local_db.children.writers import append_for_ever, hold_folder
from tests.local_db.makers import append, booked, contradictions, fill, sale_draft, seqs

THREADS, EACH = 4, 40


def test_a_second_till_on_the_folder_is_refused_at_once(tmp_path: Path) -> None:
    """While a process holds the folder, another gets the sentence; when the first has gone, the folder is free."""
    with running(hold_folder, tmp_path) as (child, pipe):
        assert heard(pipe) == "held"
        with pytest.raises(AnotherTillError, match="another till"), till_lock(tmp_path):
            pass
        pipe.send("enough")
        child.join(30)
    with till_lock(tmp_path):
        pass


def test_a_killed_till_leaves_the_folder_free(tmp_path: Path) -> None:
    """The lock dies with its process: nobody has to delete a file."""
    with running(hold_folder, tmp_path) as (child, pipe):
        assert heard(pipe) == "held"
        child.kill()
        child.join(30)
        with till_lock(tmp_path):
            pass


def test_a_second_till_in_the_same_process_is_refused(tmp_path: Path) -> None:
    """The lock counts within a process as well."""
    with till_lock(tmp_path), pytest.raises(AnotherTillError), till_lock(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """Where no file can be made, lock, writer and reader say so in the room's own words."""
    (tmp_path / "file").write_text("")
    nowhere = tmp_path / "file" / "till"
    with pytest.raises(StorageFailedError), till_lock(nowhere):
        pass
    for attempt in (Journal.open, JournalReader.open):
        with pytest.raises(StorageFailedError):
            attempt(nowhere)


def test_readers_see_a_whole_chain_while_another_process_writes(tmp_path: Path) -> None:
    """Every look at a growing journal is dense and correctly chained, and nothing acknowledged is missing in it."""
    with running(append_for_ever, tmp_path) as (_child, pipe):
        acknowledged = heard(pipe)
        reader = JournalReader.open(tmp_path)
        while acknowledged < 150:
            acknowledged = heard(pipe)
            last = reader.last()
            assert last is not None
            assert last.seq >= acknowledged
            assert seqs(reader.entries(max(1, last.seq - 5), min(6, last.seq)))[-1] == last.seq
        assert contradictions(reader) == []
        reader.close()


def test_threads_append_one_chain(journal: Journal) -> None:
    """Four threads append while a fifth marks outcomes: one dense chain, each outcome at its entry."""
    done = threading.Event()
    refused: list[BaseException] = []

    def sell(first: int) -> None:
        try:
            for number in range(first, first + EACH):
                append(journal, sale_draft(number, floor=True))
        except BaseException as error:  # noqa: BLE001  # brought to the test's own thread
            refused.append(error)

    def answer() -> None:
        try:
            while not done.is_set() or journal.waiting():
                journal.mark([booked(row.seq, row.seq) for row in journal.unbooked_floor()], 1)
        except BaseException as error:  # noqa: BLE001
            refused.append(error)

    sellers = [threading.Thread(target=sell, args=(1 + EACH * index,)) for index in range(THREADS)]
    answering = threading.Thread(target=answer)
    for thread in (*sellers, answering):
        thread.start()
    for thread in sellers:
        thread.join(60)
    done.set()
    answering.join(60)
    assert refused == []
    assert seqs(list(journal.walk())) == list(range(1, THREADS * EACH + 1))
    assert journal.outcomes(range(1, THREADS * EACH + 1)).keys() == set(range(1, THREADS * EACH + 1))
    assert contradictions(journal) == []


def test_a_verification_does_not_stop_the_till(journal: Journal) -> None:
    """Entries appended while a verification is under way are verified too, and none is called missing."""
    fill(journal, 3)
    found = journal.verify(b"another genesis" + b"\0" * 17, "t1")
    assert next(found) == "entry 1: does not continue the chain"
    fill(journal, 600)
    assert list(found) == []


def test_what_is_sold_behind_the_end_of_a_verification_is_not_missing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last page was empty, and then a sale was made: nothing that lies beside it says that it should have been read."""
    rows = fill(journal, 3)
    read = journal.entries

    def entries(first: int, limit: int) -> list[Row]:
        page = read(first, limit)
        if not page and journal.last_seq() == len(rows):
            fill(journal, 1)
        return page

    monkeypatch.setattr(journal, "entries", entries)
    assert contradictions(journal) == []
    assert journal.last_seq() == 4
