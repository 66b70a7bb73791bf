"""An online redemption while tills that were cut off push their backlog: the call that a cashier waits for.

The tills that push are threads of one process, each with its own chain and connection; the till that redeems is this process.
They share two cores with the ledger, so this is the machine's limit as much as the ledger's.
"""

from __future__ import annotations

import multiprocessing
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

from bench.figures import Figure, Spread, at_most, percentile
from bench.shop.backlog import Backlog, push_backlog
from bench.shop.chains import fill_journal
from bench.shop.coalitions import KIND, member_no
from bench.shop.shops import enrol_many, fill_cache, open_ledger
from bench.workshop import Workshop
from local_db.journal import Journal
from protocol.ids import bucket_of, new_id
from protocol.reservations import Granted, ReserveRequest
from sync.client import LedgerClient
from sync.errors import TransientSyncError
from sync.identity import load_identity, load_key
from tests.postgres import binaries, running_cluster

_TILLS = 50
_ENTRIES = 2_000
_MEMBERS = 20_000
_IDLE_CALLS = 200
_PAUSE_S = 0.02
"""Between two redemptions: one counter after the other, not a flood."""

_PARTS = 5


def measure(workshop: Workshop) -> Iterator[Figure]:
    """p99 of a reservation, against the same with an idle ledger; on both engines, where PostgreSQL is installed."""
    yield _on("SQLite", workshop.folder(), "")
    if binaries() is not None:
        with running_cluster(is_durable=True) as cluster, cluster.database() as books:
            yield _on("PostgreSQL", workshop.folder(), books)


def _on(engine: str, folder: Path, database: str) -> Figure:
    with open_ledger(
        folder / "ledger", members=_MEMBERS, database=database, static_daily_points=1_000_000
    ) as (_ledger, url):  # fmt: skip
        folders = [folder / f"till-{number:02d}" for number in range(_TILLS + 1)]
        enrol_many(folder / "ledger", url, folders)
        with closing(_Redeeming(folders[0])) as redeeming:
            idle = [redeeming.call() for _ in range(_IDLE_CALLS)]
            busy, backlog = _while_pushing(folders, redeeming.call)
    parts = [percentile(busy[start::_PARTS], 99) * 1_000 for start in range(_PARTS)]
    value = Spread(percentile(busy, 99) * 1_000, min(parts), max(parts))
    note = (
        f"{_TILLS} tills as threads of one process pushed {backlog.entries:,} entries in {backlog.seconds:.1f} s"
        f" ({backlog.silences} silences); {len(busy)} calls meanwhile, p50 {percentile(busy, 50) * 1_000:.0f} ms,"
        f" {redeeming.silences} without an answer in 800 ms"
    )
    return Figure(
        "reserve", f"{engine}: p99 while {_TILLS} tills push", value, "ms", at_most(300), f"{value.median:.0f} ms",
        f"{percentile(idle, 99) * 1_000:.0f} ms idle", note,
    )  # fmt: skip


def _while_pushing(folders: list[Path], call: Callable[[], float]) -> tuple[list[float], Backlog]:
    # A journal of one sale, made by the real desk, is the form of all others.
    fill_cache(folders[1])
    fill_journal(folders[1], 1, _MEMBERS)
    with closing(Journal.open(folders[1])) as journal:
        last = journal.last()
    assert last is not None
    context = multiprocessing.get_context("spawn")
    ready, go, told = context.Event(), context.Event(), context.Queue()
    arguments = (last.payload, folders[1:], _ENTRIES, _MEMBERS, ready, go, told)
    pushing = context.Process(target=push_backlog, args=arguments)
    pushing.start()
    ready.wait()
    go.set()
    times: list[float] = []
    while told.empty() and pushing.is_alive():
        times.append(call())
        time.sleep(_PAUSE_S)
    backlog = told.get(timeout=10)
    pushing.join()
    return times, backlog


class _Redeeming:
    """A till that asks for reservations, one after the other."""

    def __init__(self, folder: Path) -> None:
        with closing(Journal.open(folder)) as journal:
            identity = load_identity(journal)
        assert identity is not None
        self._client = LedgerClient(identity, load_key(folder))
        # Not for secrets: the same members in every run.
        self._random = Random(9)
        self.silences = 0

    def call(self) -> float:
        """Seconds until the verdict, or until the till gives up."""
        member = member_no(self._random.randrange(_MEMBERS))
        entry_id = new_id(time.time_ns() // 1_000_000, bucket_of(member), secrets.randbits(64))
        request = ReserveRequest(id=entry_id, member=member, kind=KIND, points=1, proof="static")
        started = time.perf_counter()
        try:
            verdict = self._client.reserve(request)
        except TransientSyncError:
            self.silences += 1
        else:
            assert isinstance(verdict, Granted), verdict
        return time.perf_counter() - started

    def close(self) -> None:
        """Give the connection back."""
        self._client.close()
