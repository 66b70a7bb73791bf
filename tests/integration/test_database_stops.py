"""PostgreSQL is stopped at once in the middle of batches, again and again, under a ledger that serves and tills that push."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from config.settings import Settings
from tests.integration.children.programs import Clerk, at_work
from tests.integration.conftest import Watch
from tests.integration.village import Village
from tests.postgres import Cluster, binaries, running_cluster
from till.composition import open_till

STOPS, TILLS = 4, 2
PATIENCE_S = 90
"""A till that was told to wait pauses about as long again as the outage was, and a slow machine makes outages long."""

if binaries():  # the head of the run says where PostgreSQL is not installed

    @pytest.fixture
    def cluster() -> Iterator[Cluster]:
        """One that can be stopped: nobody else's, and it waits for its disk."""
        with running_cluster(is_durable=True) as made:
            yield made

    def test_nothing_is_half_booked_and_tills_come_back_by_themselves(cluster: Cluster, tmp_path: Path) -> None:
        """After each stop the books contradict themselves nowhere; in the end they hold what the journals promise."""
        chance = Random(15)
        with cluster.database() as url, ExitStack() as life:
            village = Village(tmp_path, url)
            life.callback(village.books.close)
            life.enter_context(village.listening())
            tills = [life.enter_context(open_till(village.pair(), Settings(poll_s=1))) for _ in range(TILLS)]
            watches = [Watch(till) for till in tills]
            for watch in watches:
                watch.ready()
            clerks = [Clerk(till, village.ledger, village.members, chance) for till in tills]
            cut_off = 0
            for _ in range(STOPS):
                with at_work(clerks):
                    threading.Event().wait(chance.uniform(0.1, 0.5))
                    cluster.stop()
                cut_off += sum(till.counter.link.waiting > 0 for till in tills)
                cluster.start()
                village.books.database.engine.dispose()
                village.check_books()
                for watch in watches:
                    watch.settled(PATIENCE_S)
            assert cut_off > 0
            village.all_is_returned(tills)
            assert village.differences() == []
