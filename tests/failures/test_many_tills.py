"""Many tills at once, two workers of the ledger, and answers that get lost: every receipt is booked once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from pathlib import Path
from random import Random

import httpx
import pytest

from ledger.verify import verify
from local_db.journal import Row
from sync.errors import TransientSyncError
from sync.push import Pusher
from sync.transport import DeadlineTransport
from tests.postgres import engines, postgres_cluster, postgres_url
from tests.sync.books import Books, on_socket
from tests.sync.faults import answer, answer_lost, passed, request_lost
from tests.sync.tills import Till, enrolled, points_of

__all__ = ["postgres_cluster", "postgres_url"]

TILLS, SALES, BATCH = 50, 6, 3


@pytest.fixture(params=engines()[-1:])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """The books of a ledger that several processes serve: on PostgreSQL, where it is installed."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    books = Books(tmp_path / "ledger", url)
    yield books
    books.close()


class Whole(httpx.BaseTransport):
    """Over a socket; an answer is there whole, and its connection free for the next request, whoever loses it then."""

    def __init__(self) -> None:
        self._inner = DeadlineTransport(tls=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        real = self._inner.handle_request(request)
        assert isinstance(real.stream, httpx.SyncByteStream)
        body = b"".join(real.stream)
        real.close()
        return answer(real.status_code, body, real.headers)

    def close(self) -> None:
        self._inner.close()


class Flaky(httpx.BaseTransport):
    """Each request goes to one of the workers, and meets what chance has for it; a third is sent to both at once."""

    def __init__(self, ports: list[int], chance: Random) -> None:
        self._ports, self._chance = ports, chance
        self._inner, self._beside = Whole(), Whole()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        fault = self._chance.choice((passed, passed, answer_lost, request_lost))
        if self._chance.random() >= 1 / 3:
            return fault(self._to(request, content), self._inner)
        first, second = self._to(request, content), self._to(request, content)
        within = copy_context()  # of the call: its deadline
        beside = threading.Thread(target=within.run, args=(self._beside.handle_request, first))
        beside.start()
        try:
            return fault(second, self._inner)
        finally:
            beside.join()

    def _to(self, request: httpx.Request, content: bytes) -> httpx.Request:
        url = request.url.copy_with(port=self._chance.choice(self._ports))
        return httpx.Request(request.method, url, headers=request.headers, content=content,
                             extensions=request.extensions)  # fmt: skip

    def close(self) -> None:
        self._inner.close()
        self._beside.close()


def test_13_of_fifteen_invoices_of_eight_tills_one_is_there_twice(shared: Books, tmp_path: Path) -> None:
    """frappe/erpnext#12971, PR#15699: ids were timestamps, and only code looked whether one was there already.

    Fifty tills push at once to two workers of one ledger, over a network that loses requests and answers and delivers some
    twice at the same moment; everybody tries again. Each receipt is in the books once, with its points.
    """
    members = [shared.join() for _ in range(8)]
    with ExitStack() as opened:
        worker = shared.beside()
        opened.callback(worker.close)
        ports = [opened.enter_context(on_socket(one)) for one in (shared, worker)]
        url = f"http://127.0.0.1:{ports[0]}"
        tills = [opened.enter_context(enrolled(shared, tmp_path / f"till-{n}", None, url)) for n in range(TILLS)]
        sold: list[Row] = []
        for number, till in enumerate(tills):
            sold += [till.sale(members[(number + turn) % len(members)], award=1 + turn) for turn in range(SALES)]
        with ThreadPoolExecutor(TILLS) as pool:
            chances = [Random(seed) for seed in range(TILLS)]
            tries = list(pool.map(lambda till, chance: push_all(till, ports, chance), tills, chances))
    assert sum(tries) > TILLS * SALES / BATCH * 1.3, "the network was too good for the test"
    with shared.database.read() as connection:
        found = connection.exec_driver_sql("SELECT id, member FROM entry WHERE type = 'sale'").fetchall()
    assert sorted((bytes(entry), member) for entry, member in found) == sorted(
        (row.id.bytes, row.member) for row in sold
    )
    assert {member: shared.available(member) for member in members} == {
        member: sum(points_of(row) for row in sold if row.member == member) for member in members
    }
    assert verify(shared.database) == []


def push_all(till: Till, ports: list[int], chance: Random) -> int:
    """As the loop does, without its pauses; how many batches were tried."""
    tries = 0
    with till.client(Flaky(ports, chance)) as client:
        pusher = Pusher(till.journal, client)
        while till.journal.waiting():
            tries += 1
            pusher.batch = BATCH
            try:
                pusher.push_once()
            except TransientSyncError:
                assert tries < 100
    return tries
