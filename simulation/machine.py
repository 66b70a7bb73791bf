"""The machine of one till, all simulated: its clocks, its chance, its threads, its process that pulls, its cable."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import httpx

from simulation.clocks import Clocks
from simulation.scheduler import Inbox, Scheduler, Signal, Task
from simulation.variants import RunPull
from sync import machine
from sync.pull_process import PullEnded
from sync.reports import Report, decoder

_END_S = 0.4


class TillMachine(machine.Machine):
    """What a till's processes meet. `owner`: the till's name; its process that pulls is `owner/pull`."""

    def __init__(
        self, owner: str, scheduler: Scheduler, clocks: Clocks, chance: Random, transport: httpx.BaseTransport,
        run_pull: RunPull,
    ) -> None:  # fmt: skip
        self.owner, self.scheduler, self.clocks = owner, scheduler, clocks
        self._chance, self._transport, self._run_pull = chance, transport, run_pull

    def wall_us(self) -> int:
        return self.clocks.wall_us()

    def monotonic_ns(self) -> int:
        return self.clocks.mono_us() * 1_000

    def uniform(self, low: float, high: float) -> float:
        return self._chance.uniform(low, high)

    def random_bits(self, count: int) -> int:
        return self._chance.getrandbits(count)

    def nonce(self) -> str:
        return f"{self._chance.getrandbits(72):018x}"

    def task(self, run: Callable[[], None], name: str) -> Task:
        return self.scheduler.task(self.owner, run, name)

    def is_current(self, task: machine.Task) -> bool:
        return self.scheduler.current is task

    def signal(self) -> Signal:
        return self.scheduler.signal()

    def inbox(self) -> Inbox:
        return self.scheduler.inbox()

    def transport(self, *, tls: bool) -> httpx.BaseTransport:  # noqa: ARG002  # nobody listens here
        return self._transport

    def pull(self, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]) -> SimulatedPull:
        child = TillMachine(
            f"{self.owner}/pull", self.scheduler, self.clocks, self._chance, self._transport, self._run_pull
        )
        return SimulatedPull(child, self._run_pull, folder, poll_s, tell)


class SimulatedPull:
    """`sync.pull.run` between two pipes, in a process of its own."""

    def __init__(
        self, own: TillMachine, run: RunPull, folder: Path, poll_s: float, tell: Callable[[Report | PullEnded], None]
    ) -> None:
        self._machine, self._run_pull, self._tell = own, run, tell
        self._asked = own.inbox()
        self._task = own.task(lambda: self._run(folder, poll_s), "pull")
        self._task.start()

    def ask(self) -> None:
        self._asked.put(b"poll\n")

    def dismiss(self) -> None:
        self._asked.put(None)

    def stop(self) -> None:
        self.dismiss()
        self._task.join(_END_S)
        if not self._task.is_done:
            scheduler = self._machine.scheduler
            task, ticket = scheduler.ticket()

            def kill() -> None:
                scheduler.kill(self._machine.owner)
                scheduler.wake(task, ticket)

            scheduler.after(0, kill)
            scheduler.pause()

    def write(self, line: bytes, /) -> None:
        """A report, from the process."""
        self._tell(decoder.decode(line))

    def flush(self) -> None:
        """A line is a report."""

    def _run(self, folder: Path, poll_s: float) -> None:
        self._tell(PullEnded(self._run_pull(folder, poll_s, self._lines(), self, self._machine)))

    def _lines(self) -> Iterator[bytes]:
        while (line := self._asked.get()) is not None:
            yield line
