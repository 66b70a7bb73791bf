"""Polling with the real ledger: a new cache, its pages, its documents, and what is held back meanwhile."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import msgspec
import pytest

from local_db.journal_reader import JournalReader
from protocol import canonical
from protocol.documents import Document, DocumentsAnswer, ProgrammeText
from protocol.signing import sign
from sync.bootstrap import load_snapshot
from sync.client import LedgerClient
from sync.errors import FinalSyncError, TransientSyncError
from sync.puller import Puller
from sync.push import Pusher
from sync.received_documents import check_documents
from sync.reports import CertificatesSeen, FileReady, Heard, Pulled, Report, ReservationsSeen
from sync.snapshot_spool import Spool
from tests.sync import faults
from tests.sync.books import AsgiTransport, Books
from tests.sync.faults import FaultyTransport
from tests.sync.test_contract import reserve_request
from tests.sync.tills import Till, shown


class Poller:
    """A puller with its parent: new files are named in the journal as the agent does."""

    def __init__(self, till: Till, transport: httpx.BaseTransport) -> None:
        self.till, self.reports = till, list[Report]()
        self.client: LedgerClient = till.client(transport)
        self.reader = JournalReader.open(till.folder)
        self.puller = Puller(till.folder, self.reader, self.client, self.hear)

    def hear(self, report: Report) -> None:
        self.reports.append(report)
        if isinstance(report, FileReady):
            self.till.journal.set_fact("cache", report.file)

    def poll(self) -> list[Report]:
        """The reports of one poll."""
        self.reports.clear()
        self.puller.poll()
        return list(self.reports)

    def close(self) -> None:
        self.puller.close()
        self.reader.close()
        self.client.close()


@pytest.fixture
def poller(till: Till, asgi: AsgiTransport) -> Iterator[Poller]:
    """A puller over the real application."""
    with closing(Poller(till, asgi)) as poller:
        yield poller


def test_the_first_poll_makes_a_whole_cache(poller: Poller, till: Till, books: Books) -> None:
    """Members, documents and products are in a new file before anybody is told of it."""
    member = books.join()
    file, pulled = poller.poll()
    assert isinstance(file, FileReady)
    assert isinstance(pulled, Pulled)
    with closing(till.cache()) as cache:
        assert cache.member(member) == books.row(member)
        assert {document.kind for document in cache.documents()} == {
            "store",
            "staff",
            "programme",
            "products",
            "hot-list",
        }
        assert cache.product("6901234567892") is not None
        assert int(cache.fact("as_of") or 0) == pulled.as_of_us


def test_a_file_that_the_journal_had_no_room_to_name_is_told_of_again(poller: Poller, till: Till) -> None:
    """A full disk kept the name of a new file out of the journal: the next poll says it again, and the one after does not."""
    file = poller.poll()[0]
    till.journal.set_fact("cache", "cache-0.db")
    assert file in poller.poll()
    assert till.journal.fact("cache") == "cache-1.db"
    assert file not in poller.poll()


def test_a_file_that_was_filled_quickly_is_like_any_other(poller: Poller, till: Till, books: Books) -> None:
    """The load runs without journal and index; the file that readers get has both, and everything in the file itself."""
    members = [books.join() for _ in range(3)]
    poller.poll()
    poller.puller.close()
    file = till.folder / str(till.journal.fact("cache"))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'member_phone_key'").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM member").fetchone() == (len(members),)


def test_what_moved_comes_and_then_nothing(poller: Poller, till: Till, books: Books) -> None:
    """A poll brings the rows that moved and names them; the next one brings nothing and still renews the age."""
    poller.poll()
    members = {books.join() for _ in range(3)}
    (heard, pulled) = poller.poll()
    (nothing,) = poller.poll()
    assert isinstance(heard, Heard), "before the rows are read: the link is up, however many there are"
    assert isinstance(pulled, Pulled)
    assert isinstance(nothing, Pulled)
    assert (set(pulled.members), nothing.rows) == (members, 0)
    assert nothing.as_of_us > pulled.as_of_us


def test_a_row_waits_for_the_answer_to_a_sale(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """Booked, and the answer lost, while a page is on its way: the balance does not count the sale twice."""
    member = books.join()
    lost = FaultyTransport(asgi)
    with closing(Poller(till, asgi)) as poller, till.client(lost) as push_client:
        poller.poll()
        pusher = Pusher(till.journal, push_client)
        till.sale(member, award=70)
        lost.plan.append(faults.answer_lost)
        with pytest.raises(TransientSyncError):
            pusher.push_once()
        poller.poll()
        with closing(till.cache()) as cache:
            assert (shown(cache, till.journal, member), books.available(member)) == (70, 70)
        pusher.push_once()
        poller.poll()
        with closing(till.cache()) as cache:
            assert cache.member(member) == books.row(member)
            assert shown(cache, till.journal, member) == 70


def test_a_sale_that_is_sent_while_the_page_travels(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """The journal is read after the page has arrived: a sale that was booked before it was computed is noticed."""
    member = books.join()

    def sell_and_lose(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        till.sale(member, award=5)
        with till.client(FaultyTransport(asgi, faults.answer_lost)) as client, pytest.raises(TransientSyncError):
            Pusher(till.journal, client).push_once()
        return inner.handle_request(request)

    transport = FaultyTransport(asgi)
    with closing(Poller(till, transport)) as poller:
        poller.poll()
        books.join()
        transport.plan += [faults.passed, sell_and_lose]  # the poll, then the page
        poller.poll()
        with closing(till.cache()) as cache:
            assert shown(cache, till.journal, member) == 5


def test_a_new_file_keeps_the_former_row_of_a_held_member(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """A snapshot is judged like any page: who has an unanswered sale stays known, and exact, in the new file."""
    member = books.join()
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
        till.sale(member, award=9)
        with till.client(FaultyTransport(asgi, faults.answer_lost)) as client, pytest.raises(TransientSyncError):
            Pusher(till.journal, client).push_once()
        poller.puller._rebuilt()
        with closing(till.cache()) as cache:
            assert shown(cache, till.journal, member) == 9
        with till.client(asgi) as client:
            Pusher(till.journal, client).push_once()
        poller.poll()
        with closing(till.cache()) as cache:
            assert cache.member(member) == books.row(member)


def test_a_row_that_is_held_back_keeps_its_age(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """A push is stuck and pulls go on: this member's row is as old as it was, over a new file too, until the answer comes."""
    member, other = books.join(), books.join()

    def ages() -> tuple[int | None, int | None, int]:
        with closing(till.cache()) as cache:
            held, moving = cache.cached_member(member), cache.cached_member(other)
            assert held is not None
            assert moving is not None
            return held.as_of_us, moving.as_of_us, int(cache.fact("as_of") or 0)

    with closing(Poller(till, asgi)) as poller:
        poller.poll()
        *_none, before = ages()
        till.sale(member, award=9)
        with till.client(FaultyTransport(asgi, faults.answer_lost)) as client, pytest.raises(TransientSyncError):
            Pusher(till.journal, client).push_once()
        poller.poll()
        poller.poll()
        held, moving, newest = ages()
        assert (held, moving) == (before, None)
        assert newest > before
        for _ in range(2):  # the second file takes over from one that had taken over
            poller.puller._rebuilt()
            poller.poll()
            assert ages()[:2] == (before, None)
        with till.client(asgi) as client:
            Pusher(till.journal, client).push_once()
        poller.poll()
        assert ages()[:2] == (None, None)


def test_a_snapshot_is_as_old_as_its_answer(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """What moves right after it and is held back leaves a row as old as the snapshot, not one of no age."""
    began, spool = time.time_ns() // 1_000, Spool(till.folder, lambda _file, _why: None)
    books.join()
    with (
        closing(Poller(till, asgi)) as poller,
        closing(load_snapshot(till.folder / "cache-7.db", None, poller.client, till.journal, spool)) as cache,
    ):
        assert began < int(cache.fact("as_of") or 0) <= time.time_ns() // 1_000


@pytest.mark.parametrize("fault", [faults.body_truncated, faults.answer_lost, faults.portal])
def test_half_a_snapshot_leaves_nothing(till: Till, asgi: AsgiTransport, books: Books, fault: faults.Fault) -> None:
    """A bootstrap that was cut off is no cache, and its file is gone; the next try makes one."""
    books.join()
    transport = FaultyTransport(asgi, fault)
    with closing(Poller(till, transport)) as poller:
        with pytest.raises(TransientSyncError):
            poller.poll()
        assert list(till.folder.glob("cache-*")) == []
        assert isinstance(poller.poll()[0], FileReady)


@pytest.mark.parametrize("fault", [faults.body_changed, faults.body_truncated, faults.portal])
def test_a_page_that_nobody_signed_changes_nothing(
    till: Till, asgi: AsgiTransport, books: Books, fault: faults.Fault
) -> None:
    """No row of it and no number: the next page begins where the last good one ended."""
    transport = FaultyTransport(asgi)
    with closing(Poller(till, transport)) as poller:
        poller.poll()
        member = books.join()
        with closing(till.cache()) as cache:
            before = cache.vector()
            transport.plan += [faults.passed, fault]  # the poll, then the page
            with pytest.raises(TransientSyncError):
                poller.poll()
            assert (cache.member(member), cache.vector()) == (None, before)
            poller.poll()
            assert cache.member(member) == books.row(member)


def test_a_damaged_cache_is_rebuilt(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """Pages of the cache that rotted cost one snapshot, into another file; the bad one is deleted afterwards."""
    books.join()
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
    bad = till.folder / str(till.journal.fact("cache"))
    bad.write_bytes(bad.read_bytes()[:4096] + b"\xff" * (bad.stat().st_size - 4096))
    with closing(Poller(till, asgi)) as poller:
        assert any(isinstance(report, FileReady) for report in poller.poll())
        assert till.journal.fact("cache") != bad.name
        poller.poll()
        assert not bad.exists()


def test_a_missing_cache_is_rebuilt(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """Somebody deleted it: nothing in it was needed."""
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
    for path in till.folder.glob("cache-*"):
        path.unlink()
    with closing(Poller(till, asgi)) as poller:
        assert isinstance(poller.poll()[0], FileReady)


def test_a_ledger_older_than_the_cache(poller: Poller, till: Till) -> None:
    """A ledger restored from a backup has lower numbers: no row would ever come again, so the cache starts anew."""
    poller.poll()
    with sqlite3.connect(till.folder / str(till.journal.fact("cache"))) as connection:
        connection.execute("INSERT INTO bucket VALUES (7, 99) ON CONFLICT (bucket) DO UPDATE SET number = 99")
    connection.close()
    assert any(isinstance(report, FileReady) for report in poller.poll())
    (quiet,) = poller.poll()
    assert isinstance(quiet, Pulled)


def test_a_cache_that_the_till_has_disowned(poller: Poller, till: Till) -> None:
    """The counter cannot read it, though this process can: a new file is begun, by a process that runs on."""
    poller.poll()
    former = till.journal.fact("cache")
    till.journal.set_fact("cache", "")
    assert any(isinstance(report, FileReady) for report in poller.poll())
    assert till.journal.fact("cache") not in ("", former)


def test_reservations_of_this_till_are_told(poller: Poller, till: Till, client: LedgerClient, books: Books) -> None:
    """A reservation in the feed is told when its row comes, and again when the process starts anew."""
    member = books.join()
    till.sale(member, award=100)
    Pusher(till.journal, client).push_once()
    poller.poll()
    request = reserve_request(member, 40)
    client.reserve(request)
    (_heard, seen, _pulled) = poller.poll()
    assert isinstance(seen, ReservationsSeen)
    assert [(one.id, one.member) for one in seen.reservations] == [(request.id, member)]

    poller.puller.close()
    assert any(isinstance(report, ReservationsSeen) for report in poller.poll())


def test_new_certificates_are_told(till: Till, asgi: AsgiTransport, books: Books) -> None:
    """A till whose certificates have all run out learns the new ones from the documents and hands them to its parent."""
    till.identity = msgspec.structs.replace(till.identity, certificates=())
    with closing(Poller(till, asgi)) as poller:
        reports = poller.poll()
    assert CertificatesSeen(books.keys.certificates) in reports
    assert any(isinstance(report, FileReady) for report in reports)


def test_documents_out_of_order_are_refused(till: Till, books: Books) -> None:
    """Numbers that do not rise are a ledger's fault, and nothing of the answer is kept."""
    answer = _answer(books, (3, 1), (2, 1), newest=3)
    with pytest.raises(FinalSyncError, match="document 2 after 3"):
        check_documents(answer, 0, till.identity.ring())


def test_a_programme_that_needs_a_newer_till(till: Till, books: Books) -> None:
    """It is left out, the former one stays, and it is remembered from where to ask again."""
    received = check_documents(_answer(books, (4, 1), (5, 99), (6, 1), newest=6), 3, till.identity.ring())
    assert [document.number for document, _signed in received.documents] == [4, 6]
    assert (received.newest, received.not_yet) == (6, 5)


def _answer(books: Books, *programmes: tuple[int, int], newest: int) -> DocumentsAnswer:
    """Programmes as (number, engine), signed by the real ledger."""
    key = books.keys.current(time.time_ns() // 1_000).private
    documents = [
        Document(
            kind="programme", id=f"p{number}", number=number, valid_until=1,
            content=msgspec.Raw(canonical.encode(ProgrammeText(programme="p", version=1, engine=engine, document="{}"))),
        )
        for number, engine in programmes
    ]  # fmt: skip
    return DocumentsAnswer(documents=tuple(sign("document", document, key) for document in documents), newest=newest)
