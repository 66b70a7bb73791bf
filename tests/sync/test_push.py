"""Pushing: once each, from any entry, whatever is lost on the way; and never from a journal that is not the ledger's."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import httpx
import pytest

from local_db.journal import FILE
from sync.client import LedgerClient
from sync.errors import JournalConflictError, TransientSyncError
from sync.push import MIN_BATCH, Pusher
from tests.sync import faults
from tests.sync.books import AsgiTransport, Books, over_asgi
from tests.sync.faults import FaultyTransport
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till


def test_an_answer_lost_after_booking(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """The entry is sent again, booked once, and gets its first outcome."""
    member = books.join()
    till.sale(member, award=50)
    with till.client(FaultyTransport(asgi, faults.answer_lost)) as client:
        pusher = Pusher(till.journal, client)
        with pytest.raises(TransientSyncError):
            pusher.push_once()
        assert (till.journal.sent(), till.journal.waiting()) == (1, 1)
        pushed = pusher.push_once()
    assert (pushed.again, pushed.left) == (1, 0)
    assert books.available(member) == 50


def test_sent_is_written_before_it_is_sent(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """When the request leaves, the journal on disk already says so: the process that pulls relies on it."""
    till.sale(books.join(), award=1)
    seen: list[int] = []

    def look(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        with sqlite3.connect(f"{(till.folder / FILE).as_uri()}?mode=ro", uri=True) as reader:
            seen.append(int(reader.execute("SELECT value FROM fact WHERE name = 'sent'").fetchone()[0]))
        reader.close()
        return inner.handle_request(request)

    with till.client(FaultyTransport(asgi, look)) as client:
        Pusher(till.journal, client).push_once()
    assert seen == [1]


def test_a_backlog_goes_in_batches(till: Till, client: LedgerClient, books: Books) -> None:
    """Batches follow one another from where the last one ended, and every entry has one outcome."""
    member = books.join()
    for _ in range(25):
        till.sale(member, award=2)
    pusher = Pusher(till.journal, client)
    pusher.batch = 10
    pushed = [pusher.push_once()]
    while pushed[-1].left:
        pushed.append(pusher.push_once())
    assert [outcome.seq for one in pushed for outcome in one.outcomes] == list(range(1, 26))
    assert books.available(member) == 50


def test_a_silence_halves_the_batch(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """A line that cannot carry a large batch within the deadline is asked to carry less; a quick one more again."""
    member = books.join()
    for _ in range(60):
        till.sale(member, award=1)
    with till.client(FaultyTransport(asgi, *[faults.request_lost] * 4)) as client:
        pusher = Pusher(till.journal, client)
        sizes = []
        for _ in range(4):
            with pytest.raises(TransientSyncError):
                pusher.push_once()
            sizes.append(pusher.batch)
        assert len(pusher.push_once().outcomes) == MIN_BATCH
    assert sizes == [30, 15, MIN_BATCH, MIN_BATCH]
    assert pusher.batch == 2 * MIN_BATCH


def test_a_damaged_payload_is_sent_as_damaged(till: Till, client: LedgerClient, books: Books) -> None:
    """One entry that rotted on the disk waits for a person; those before and after it are booked."""
    member = books.join()
    for _ in range(3):
        till.sale(member, award=10)
    _change(till, "UPDATE entry SET payload = CAST(replace(payload, '10', '99') AS BLOB) WHERE seq = 2")

    pushed = Pusher(till.journal, client).push_once()

    assert [o.status for o in pushed.outcomes] == ["booked", "quarantined", "booked"]
    assert pushed.outcomes[1].reason == "damaged"
    assert books.available(member) == 20


def test_a_broken_link_ends_the_batch_before_it(till: Till, client: LedgerClient, books: Books) -> None:
    """What still proves itself is booked; from the break on nothing is sent, and a person is told."""
    member = books.join()
    for _ in range(3):
        till.sale(member, award=10)
    _change(till, "UPDATE entry SET hash = randomblob(32) WHERE seq = 2")
    pusher = Pusher(till.journal, client)

    assert [o.seq for o in pusher.push_once().outcomes] == [1]
    with pytest.raises(JournalConflictError) as caught:
        pusher.push_once()

    assert caught.value.code == "journal-damaged"
    assert books.available(member) == 10


def test_a_journal_that_was_rolled_back(till: Till, client: LedgerClient, books: Books, tmp_path: Path) -> None:
    """A folder restored from before its last push does not go on under this terminal's name."""
    member = books.join()
    till.sale(member, award=10)
    copy = _copied(till, tmp_path / "restored")
    till.sale(member, award=20)
    Pusher(till.journal, client).push_once()

    copy.sale(member, award=7)
    with pytest.raises(JournalConflictError) as caught:
        Pusher(copy.journal, client).push_once()

    assert caught.value.code == "journal-forked"
    copy.journal.close()


def test_a_journal_shorter_than_the_ledgers(till: Till, client: LedgerClient, books: Books, tmp_path: Path) -> None:
    """The same, where the restored journal has less than the ledger already received."""
    member = books.join()
    till.sale(member, award=10)
    copy = _copied(till, tmp_path / "restored")
    till.sale(member, award=20)
    till.sale(member, award=30)
    Pusher(till.journal, client).push_once()

    with pytest.raises(JournalConflictError) as caught:
        Pusher(copy.journal, client).push_once()

    assert caught.value.code == "journal-behind"
    copy.journal.close()


def test_a_ledger_that_was_restored_gets_the_entries_again(till: Till, books: Books, tmp_path: Path) -> None:
    """A ledger that forgot entries is sent them again, and where they stand in its feed now replaces where they stood."""
    member = books.join()
    till.sale(member, award=1)
    with over_asgi(books) as transport, till.client(transport) as client:
        Pusher(till.journal, client).push_once()
    with sqlite3.connect(tmp_path / "ledger" / "books.db") as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    connection.close()
    till.sale(member, award=2)
    till.sale(member, award=4)
    with over_asgi(books) as transport, till.client(transport) as client:
        client.reserve(reserve_request(member, 1))
        Pusher(till.journal, client).push_once()

    restored = Books.restored(tmp_path / "backup.db", books.keys)
    till.sale(member, award=8)
    with over_asgi(restored) as transport, till.client(transport) as client:
        pusher = Pusher(till.journal, client)
        while pusher.push_once().left:
            pass
        stands = {outcome.seq: outcome.position for outcome in client.outcomes(1).outcomes}
    assert {seq: outcome.position for seq, outcome in till.journal.outcomes([*stands]).items()} == stands
    assert restored.available(member) == 15
    restored.close()


def _change(till: Till, statement: str) -> None:
    """Rot: what no code of ours does, the trigger aside."""
    with sqlite3.connect(till.folder / FILE) as connection:
        connection.execute("DROP TRIGGER entry_is_never_changed")
        connection.execute(statement)
    connection.close()


def _copied(till: Till, folder: Path) -> Till:
    """What a backup of the folder holds now."""
    with sqlite3.connect(till.folder / FILE) as connection:
        folder.mkdir()
        connection.execute("VACUUM INTO ?", (str(folder / FILE),))
    connection.close()
    shutil.copy(till.folder / "terminal.key", folder)
    return Till(folder)
