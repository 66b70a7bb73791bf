"""A real ledger process, a plug, a scanner and an enrolled till, for tests of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from till.composition import Till, open_till
from till.demo.world import World, open_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The supermarket of the demo's coalition."""
    with open_world(tmp_path, "supermarket") as opened:
        yield opened


class Watch:
    """Waits for facts of a till with a deadline, never by sleeping."""

    def __init__(self, till: Till) -> None:
        import queue

        self.till = till
        self._events: queue.Queue[object] = queue.Queue()
        till.counter.subscribe(self._events.put)

    def until(self, seen: Callable[[], bool], what: str, timeout_s: float = 30) -> None:
        """Look again at every event. Raises `AssertionError` naming `what`."""
        import queue
        import time

        end = time.monotonic() + timeout_s
        while not seen():
            try:
                # An event may have come before this watch began: look again twice a second as well.
                self._events.get(timeout=max(0.0, min(0.5, end - time.monotonic())))
            except queue.Empty:
                assert time.monotonic() < end, f"{what}: {self.till.counter.link}"

    def ready(self) -> None:
        """The ledger's documents are here."""
        self.until(lambda: self.till.counter.is_ready, "documents")

    def settled(self, timeout_s: float = 30) -> None:
        """Nothing waits and the link is up."""
        self.until(
            lambda: self.till.counter.link.waiting == 0 and self.till.counter.link.condition in ("online", "slow"),
            "everything to be pushed",
            timeout_s,
        )


@pytest.fixture
def opened(world: World) -> Iterator[Watch]:
    """The till, ready to sell."""
    with open_till(world.folder, world.settings) as till:
        watch = Watch(till)
        watch.ready()
        yield watch
