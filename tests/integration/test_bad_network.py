"""A bad network for some seconds, then a good one: receipts and books agree, whatever was lost, doubled or made up."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from config.settings import Settings
from tests.integration.children.programs import Clerk, at_work
from tests.integration.conftest import Watch
from tests.integration.proxy import FATES, Proxy
from tests.integration.village import Village
from till.composition import open_till

BAD_S = float(os.environ.get("TILL_BAD_NETWORK_S", "8"))
"""Minutes by hand (docs/measurements.md)."""

TILLS = 3
PATIENCE_S = 90
"""A till that was told to wait pauses up to a minute."""


@pytest.mark.parametrize("seed", range(2))
def test_receipts_are_the_books_after_a_bad_network(tmp_path: Path, seed: int) -> None:
    """Every fate is met; nobody is taken in by what nobody signed, so all tills are at work in the end."""
    chance = Random(seed)
    with ExitStack() as life:
        village = Village(tmp_path)
        life.callback(village.books.close)
        life.enter_context(village.listening())
        proxy = Proxy(village.port, chance)
        life.callback(proxy.close)
        tills = [life.enter_context(open_till(village.pair(proxy.port), Settings(poll_s=1))) for _ in range(TILLS)]
        watches = [Watch(till) for till in tills]
        for watch in watches:
            watch.ready()
        with at_work([Clerk(till, village.ledger, village.members, chance) for till in tills], pause_s=0.05):
            threading.Event().wait(BAD_S)
        proxy.is_bad = False
        for watch in watches:
            watch.settled(PATIENCE_S)
        village.all_is_returned(tills)
        assert village.differences() == []
        assert {fate.__name__ for fate in FATES} <= proxy.met.keys()
        assert {till.counter.link.stuck for till in tills} == {""}
