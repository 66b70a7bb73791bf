"""The machine as the background meets it: its clocks, its chance, its threads, and the way out of it.

The one seam that a simulation replaces: everything in this room that would make two runs differ comes through a `Machine`.
"""

from __future__ import annotations

import queue
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import httpx

    from sync.pull_process import PullEnded
    from sync.reports import Report

_chance = SystemRandom()


class Task(Protocol):
    """A thread that was made and can be started."""

    def start(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def is_alive(self) -> bool: ...


class Signal(Protocol):
    """A flag that can be waited for, as `threading.Event`."""

    def set(self) -> None: ...
    def clear(self) -> None: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Inbox(Protocol):
    """Facts in the order in which they were put, as `queue.Queue`; `get` raises `queue.Empty` after its timeout."""

    def put(self, item: Any) -> None: ...
    def get(self, *, timeout: float | None = None) -> Any: ...


class Pull(Protocol):
    """The process that pulls, seen from its parent."""

    def ask(self) -> None:
        """Poll now."""
        ...

    def dismiss(self) -> None:
        """Tell it to end, and do not wait."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class Machine:
    """This machine."""

    def wall_us(self) -> int:
        """The wall clock, µs UTC. It may lie."""
        return time.time_ns() // 1_000

    def monotonic_ns(self) -> int:
        """A clock that only goes on."""
        return time.monotonic_ns()

    def monotonic(self) -> float:
        """The same in seconds."""
        return self.monotonic_ns() / 1_000_000_000

    def uniform(self, low: float, high: float) -> float:
        """Jitter."""
        return _chance.uniform(low, high)

    def random_bits(self, count: int) -> int:
        """For ids."""
        return secrets.randbits(count)

    def nonce(self) -> str:
        """72 bits that no request before has had."""
        return secrets.token_urlsafe(9)

    def task(self, run: Callable[[], None], name: str) -> Task:
        """A thread that does not outlive the program."""
        return threading.Thread(target=run, name=name, daemon=True)

    def is_current(self, task: Task) -> bool:
        """Whether the caller runs in `task`."""
        return threading.current_thread() is task

    def signal(self) -> Signal:
        """A flag that is not set."""
        return threading.Event()

    def inbox(self) -> Inbox:
        """An empty one."""
        return queue.Queue()

    def transport(self, *, tls: bool) -> httpx.BaseTransport:
        """The way to the ledger."""
        from sync.transport import DeadlineTransport

        return DeadlineTransport(tls=tls)

    def pull(self, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]) -> Pull:
        """Start the process that pulls. `PullEnded` is the last that it tells."""
        from sync.pull_process import PullProcess

        return PullProcess(folder, poll_s, tell)


THIS_MACHINE = Machine()
