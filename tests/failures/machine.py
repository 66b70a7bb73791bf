"""This machine as a till of `places` meets it: its way to the ledger and its clocks are in the hands of a test."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from sync import pull
from sync.machine import Machine
from sync.pull_process import PullEnded
from sync.reports import Report, decoder
from tests.desks import Clocks

POLL_S = 0.2


class ByHand(Machine):
    """This machine, with a way to the ledger that a test can break."""

    def __init__(self, way: httpx.BaseTransport, clocks: Clocks | None) -> None:
        self._way, self._clocks = way, clocks

    def wall_us(self) -> int:
        return self._clocks.wall_us if self._clocks else super().wall_us()

    def transport(self, *, tls: bool) -> httpx.BaseTransport:
        return self._way

    def pull(self, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]) -> PullThread:
        return PullThread(folder, tell, self)


class PullThread:
    """What `python -m sync.pull` does, between two pipes in this process: for a test that lets a till run by itself."""

    def __init__(self, folder: Path, tell: Callable[[Report | PullEnded], None], machine: Machine) -> None:
        self._asked: queue.Queue[bytes | None] = queue.Queue()
        self._tell = tell

        def run() -> None:
            tell(PullEnded(pull.run(folder, POLL_S, once=False, asked=self._lines(), told=self, machine=machine)))

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Poll now."""
        self._asked.put(b"poll\n")

    def dismiss(self) -> None:
        """No more lines will come."""
        self._asked.put(None)

    def stop(self) -> None:
        """Until it has let go of its files."""
        self.dismiss()
        self._thread.join()

    def write(self, line: bytes, /) -> None:
        """A report."""
        self._tell(decoder.decode(line))

    def flush(self) -> None:
        """A line is a report."""

    def _lines(self) -> Iterator[bytes]:
        while (line := self._asked.get()) is not None:
            yield line
