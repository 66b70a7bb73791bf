"""What a till sends and gets when there is nothing to sync: counted on the wire, poll by poll, headers included."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

from bench.figures import Figure, Spread, at_most, ms
from bench.shop.shops import fill_cache, open_ledger, pair
from bench.shop.wire import Wire
from bench.workshop import Workshop
from local_db.connections import PULL_LOCK_FILE, till_lock
from local_db.journal import Journal
from sync.client import LedgerClient
from sync.identity import load_identity, load_key
from sync.puller import Puller
from sync.push import Pusher

_POLLS = 50


def measure(workshop: Workshop) -> Iterator[Figure]:
    """Requests and bytes of a push and a poll of a till that is up to date."""
    folder = workshop.folder()
    with ExitStack() as opened:
        _ledger, url = opened.enter_context(open_ledger(folder / "ledger", members=1_000))
        wire = opened.enter_context(closing(Wire(urlsplit(url).port or 0)))
        till = folder / "till"
        pair(_ledger, f"http://127.0.0.1:{wire.port}", till)
        fill_cache(till)
        opened.enter_context(till_lock(till))
        opened.enter_context(till_lock(till, PULL_LOCK_FILE))
        journal = opened.enter_context(closing(Journal.open(till)))
        identity = load_identity(journal)
        assert identity is not None
        client = opened.enter_context(LedgerClient(identity, load_key(till)))
        puller = opened.enter_context(closing(Puller(till, journal, client, lambda _report: None)))
        pusher = Pusher(journal, client)
        puller.poll()  # opens connection and cache
        counts, times = [], []
        for _ in range(_POLLS):
            before, started = wire.count(), time.perf_counter()
            pusher.push_once()
            puller.poll()
            times.append(time.perf_counter() - started)
            counts.append(wire.count().since(before))
    size = Spread.of([float(count.sent + count.received) for count in counts])
    requests = Spread.of([float(count.requests) for count in counts])
    last = counts[-1]
    yield Figure("nothing", "requests", requests, "requests", at_most(1), ms(times))
    yield Figure("nothing", "bytes", size, "bytes", at_most(600), f"{last.sent} sent", f"{last.received} received")
