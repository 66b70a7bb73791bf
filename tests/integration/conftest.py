"""A real ledger process, a plug, a scanner and an enrolled till, for tests of the whole."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from till.composition import Till, open_till
from till.demo.world import LedgerProcess, World, load_coalition, world_around


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A ledger's folder with the demo's coalition, and the port on which it is to serve. Every test has a copy: making one
    takes seconds, copying it does not.
    """
    folder = tmp_path_factory.mktemp("coalition") / "ledger"
    ledger = LedgerProcess(folder)
    ledger.run("init")
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = int(unused.getsockname()[1])
    load_coalition(ledger, port)
    return folder, port


@pytest.fixture
def world_of(loaded: tuple[Path, int], tmp_path: Path) -> Iterator[Callable[[str], World]]:
    """The demo's world with a till of the industry that is named: once a test."""
    folder, port = loaded
    # Its settings name the books that it was made with; a folder without settings has its books in it.
    shutil.copytree(folder, tmp_path / "ledger", ignore=shutil.ignore_patterns("ledger.toml"))
    ledger = LedgerProcess(tmp_path / "ledger")
    with ExitStack() as stack:
        stack.callback(ledger.stop)
        ledger.serve(port)
        yield lambda industry: stack.enter_context(world_around(ledger, port, tmp_path / "till", industry))


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    """The supermarket of the demo's coalition."""
    return world_of("supermarket")


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
