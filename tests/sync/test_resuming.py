"""A snapshot that is cut off, damaged, killed or out of room: it goes on, or begins anew, and nobody reads half of it."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger import feed, routes, snapshots
from local_db.cache import CacheWriter
from local_db.errors import StorageFullError
from protocol.feed import SnapshotPart
from protocol.ids import bucket_of
from sync.errors import TransientSyncError
from sync.pull_process import PullEnded, PullProcess
from sync.push import Pusher
from sync.reports import FileReady, PartDiscarded, Report
from tests.sync import faults
from tests.sync.books import AsgiTransport, Books, on_socket
from tests.sync.faults import FaultyTransport
from tests.sync.test_puller import Poller
from tests.sync.tills import Till, enrolled

WAIT_S = 30.0
MEMBERS = 24


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few members, as if there were a million."""
    monkeypatch.setattr(feed, "PART_ROWS", 5)
    monkeypatch.setattr(feed, "_SNAPSHOT_MEMBERS", 2)


@pytest.fixture
def members(books: Books) -> list[str]:
    """By bucket, as a snapshot brings them."""
    return sorted((books.join() for _ in range(MEMBERS)), key=bucket_of)


class Asked(FaultyTransport):
    """Remembers from which bucket on snapshots were asked for."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.snapshots = getattr(self, "snapshots", [])
        if request.url.path == "/v1/snapshot":
            self.snapshots.append(int(request.url.params["from"]))
        return super().handle_request(request)


def cut(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
    """Two thirds of an answer, and the line is dead."""
    real = inner.handle_request(request)
    body = faults._body(real)
    return faults.answer(real.status_code, body[: len(body) * 2 // 3], real.headers)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("snapshot-*"))


def assert_whole(till: Till, books: Books, members: list[str]) -> None:
    """The cache that the journal names has every member as the books have him, and nothing is left beside it."""
    with closing(till.cache()) as cache:
        assert {member: cache.member(member) for member in members} == {m: books.row(m) for m in members}
        assert cache.member_count() == len(members)
    assert parts(till.folder) == []


def test_a_cut_snapshot_goes_on_where_it_was_cut(
    till: Till, asgi: AsgiTransport, books: Books, members: list[str]
) -> None:
    """The parts that had arrived are not asked for again; what was booked in them meanwhile comes as a change."""
    transport = Asked(asgi, cut)
    with closing(Poller(till, transport)) as poller:
        with pytest.raises(TransientSyncError):
            poller.poll()
        assert list(till.folder.glob("cache-*")) == []
        assert parts(till.folder)
    with till.client(asgi) as client:
        for member in (members[0], members[-1]):
            till.sale(member, award=9)
        Pusher(till.journal, client).push_once()
    with closing(Poller(till, transport)) as poller:
        poller.poll()
        begun, resumed = transport.snapshots
        assert (begun, resumed > bucket_of(members[0])) == (0, True)
        poller.poll()
        assert_whole(till, books, members)
        assert books.available(members[0]) == 9


def test_a_part_with_another_digest_is_thrown_away(
    till: Till, asgi: AsgiTransport, books: Books, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by the ledger and yet not what it says: nothing of that part is kept or shown; the next try gets it right."""

    def wrong(*arguments: Any) -> Iterator[bytes | SnapshotPart]:
        for number, piece in enumerate(honest(*arguments)):
            yield piece.replace(b'"name":"', b'"name":"!') if number > 12 and isinstance(piece, bytes) else piece

    honest = feed.snapshot
    monkeypatch.setattr(snapshots, "snapshot", wrong)
    transport = Asked(asgi)
    with closing(Poller(till, transport)) as poller:
        with pytest.raises(TransientSyncError, match="does not add up"):
            poller.poll()
        kept = parts(till.folder)
        assert kept
        assert list(till.folder.glob("cache-*")) == []
        monkeypatch.setattr(snapshots, "snapshot", honest)
        poller.poll()
        assert transport.snapshots[1] > 0
        assert_whole(till, books, members)


def test_a_part_that_rots_on_the_disk_is_loaded_anew(
    till: Till, asgi: AsgiTransport, books: Books, members: list[str]
) -> None:
    """It is told with the file's name, it and all behind it go, and the cache is whole all the same."""
    transport = Asked(asgi, cut)
    with closing(Poller(till, transport)) as poller:
        with pytest.raises(TransientSyncError):
            poller.poll()
        first, second, *_ = [path for path in parts(till.folder) if path.suffix == ".part"]
        rotten = bytearray(second.read_bytes())
        rotten[len(rotten) // 2] ^= 1
        second.write_bytes(rotten)
        reports = poller.poll()
        assert [report.file for report in reports if isinstance(report, PartDiscarded)] == [second.name]
        assert transport.snapshots == [0, int(second.name[9:13])]
        assert first.name != second.name
        assert_whole(till, books, members)


def test_a_killed_process_goes_on_at_its_next_start(
    books: Books, members: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL in the middle of a snapshot, half a file and half a part on the disk: the next process asks for the rest."""
    asked: list[int] = []
    stalls, may_go_on = threading.Event(), threading.Event()

    def slow(*arguments: Any) -> Iterator[bytes]:
        asked.append(arguments[-1])
        for number, piece in enumerate(honest(*arguments)):
            if number == 12 and not stalls.is_set():
                stalls.set()
                may_go_on.wait(WAIT_S)
            yield piece

    honest = snapshots.sealed_snapshot
    monkeypatch.setattr(routes, "sealed_snapshot", slow)
    with on_socket(books) as port, enrolled(books, tmp_path / "till", None, f"http://127.0.0.1:{port}") as till:
        told: queue.SimpleQueue[Report | PullEnded] = queue.SimpleQueue()
        process = PullProcess(till.folder, 3_600, told.put)
        assert stalls.wait(WAIT_S)
        _wait_for(lambda: any(path.suffix == ".part" for path in parts(till.folder)))
        process._process.kill()
        assert told.get(timeout=WAIT_S) == PullEnded(-9)
        assert list(till.folder.glob("cache-*.db")), "half a file is left"
        may_go_on.set()
        process = PullProcess(till.folder, 3_600, told.put)
        ready = told.get(timeout=WAIT_S)
        process.stop()
        assert isinstance(ready, FileReady)
        till.journal.set_fact("cache", ready.file)
        assert asked[0] == 0
        assert asked[1] > bucket_of(members[0])
        assert [path.name for path in till.folder.glob("cache-*.db")] == [ready.file]
        assert_whole(till, books, members)


def test_a_disk_that_fills_up_leaves_the_old_cache(
    till: Till, asgi: AsgiTransport, books: Books, members: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No room for a new file: it and the kept parts make room again, and who reads the old one goes on."""
    with closing(Poller(till, asgi)) as poller:
        poller.poll()
        before = till.journal.fact("cache")
        with closing(till.cache()) as reader:
            with monkeypatch.context() as patched:
                patched.setattr(CacheWriter, "open", _small)
                with pytest.raises(StorageFullError):
                    poller.puller._rebuilt()
            assert reader.member(members[0]) == books.row(members[0])
        assert (till.journal.fact("cache"), parts(till.folder)) == (before, [])
        assert [path.name for path in till.folder.glob("cache-*.db")] == [before]
        poller.poll()
        poller.puller._rebuilt()
        assert_whole(till, books, members)


def _small(path: Path) -> CacheWriter:
    """A file that SQLite itself does not let grow: the error of a full disk."""
    writer = _open(path)
    pages = writer._connection.execute("PRAGMA page_count").fetchone()[0]
    writer._connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(2_000):
        try:
            writer._connection.execute("INSERT INTO fact VALUES (?, ?)", (f"ballast {number}", "x" * 500))
        except sqlite3.OperationalError:
            return writer
    raise AssertionError("it never filled up")


_open = CacheWriter.open


def _wait_for(seen: Any) -> None:
    woken = threading.Event()
    for _ in range(int(WAIT_S * 50)):
        if seen():
            return
        woken.wait(0.02)
    pytest.fail("it never happened")
