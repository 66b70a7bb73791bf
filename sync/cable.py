"""A cable that can be pulled, of one training terminal alone: its transports fail as without a network, others go on.

The process that pulls becomes a thread: it has to hang on the same cable, and a training terminal has a handful of members.
"""

from __future__ import annotations

import errno
import os
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakSet

import httpx

from sync.machine import Machine
from sync.pull_process import PullEnded
from sync.reports import Report, decoder
from sync.transport import DeadlineTransport

if TYPE_CHECKING:
    from sync.machine import Pull

_END_S = 1.0


class Cable:
    """In its socket until it is pulled. All methods from any thread."""

    def __init__(self) -> None:
        self.is_cut = False
        self._transports: WeakSet[DeadlineTransport] = WeakSet()

    def attach(self, transport: DeadlineTransport) -> None:
        """What hangs on it."""
        self._transports.add(transport)

    def cut(self) -> None:
        """Pull it: what is under way is torn off."""
        self.is_cut = True
        for transport in list(self._transports):
            transport.abort()

    def mend(self) -> None:
        """Put it back."""
        self.is_cut = False


class CableTransport(DeadlineTransport):
    """The real way to the ledger, while the cable is in."""

    def __init__(self, cable: Cable, *, tls: bool) -> None:
        super().__init__(tls=tls)
        self._cable = cable
        cable.attach(self)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises what httpx raises where there is no route."""
        if self._cable.is_cut:
            no_route = OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
            raise httpx.ConnectError(str(no_route), request=request) from no_route
        return super().handle_request(request)


class CableMachine(Machine):
    """This machine, with everything on one cable."""

    def __init__(self, cable: Cable) -> None:
        self.cable = cable

    def transport(self, *, tls: bool) -> httpx.BaseTransport:
        return CableTransport(self.cable, tls=tls)

    def pull(self, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]) -> Pull:
        return _PullThread(self, folder, poll_s, tell)


class _PullThread:
    """`sync.pull.run` between two pipes of memory."""

    def __init__(
        self, machine: Machine, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]
    ) -> None:
        self._machine, self._folder, self._poll_s, self._tell = machine, folder, poll_s, tell
        self._asked: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="pull", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        self._asked.put(b"poll\n")

    def dismiss(self) -> None:
        self._asked.put(None)

    def stop(self) -> None:
        self.dismiss()
        if threading.current_thread() is not self._thread:
            self._thread.join(_END_S)

    def write(self, line: bytes, /) -> object:
        """A report."""
        self._tell(decoder.decode(line))
        return len(line)

    def flush(self) -> None:
        """Nothing is kept back."""

    def _lines(self) -> Iterator[bytes]:
        while (line := self._asked.get()) is not None:
            yield line

    def _run(self) -> None:
        from sync.pull import run

        code = run(self._folder, self._poll_s, once=False, asked=self._lines(), told=self, machine=self._machine)
        self._tell(PullEnded(code))
