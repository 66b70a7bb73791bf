"""The thread that pushes outlives what nobody foresaw, says nothing when it is closed before it began, and knows its pauses."""

from __future__ import annotations

import queue
from collections.abc import Callable
from random import Random
from typing import cast

import pytest

from local_db.errors import StorageFullError
from protocol.push import Outcome
from simulation.scheduler import WAKE_US, Scheduler, Signal, Task
from sync.backoff import Backoff
from sync.errors import SyncError, TransientSyncError
from sync.machine import Machine
from sync.push import Pushed, Pusher
from sync.push_loop import CEILING_S, PushFailed, PushLoop, PushSucceeded

WAIT_S = 10


class Once:
    """Fails once, then pushes."""

    def __init__(self, failure: Exception) -> None:
        self._failure: Exception | None = failure

    def push_once(self) -> Pushed:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return Pushed((Outcome(seq=1, status="recorded"),), 0, 0)

    def confirm(self) -> None:
        pass

    def prove(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.mark.parametrize("failure", [ZeroDivisionError(), StorageFullError()], ids=["a bug", "a full disk"])
def test_what_passes_does_not_end_pushing(failure: Exception) -> None:
    """It is told, and the next try is made; nothing waits for the till to be started again."""
    told: queue.Queue[PushSucceeded | PushFailed] = queue.Queue()
    loop = PushLoop(lambda: cast("Pusher", Once(failure)), told.put, Backoff(uniform=lambda _low, _high: 0.0))
    loop.start()
    failed, succeeded = told.get(timeout=WAIT_S), told.get(timeout=WAIT_S)
    loop.stop()
    loop.join(WAIT_S)
    assert isinstance(failed, PushFailed)
    assert isinstance(succeeded, PushSucceeded)


def test_a_till_that_is_closed_before_it_could_push() -> None:
    """The connection is refused to the thread because everything ends: that is no failure to be told."""
    told: queue.Queue[PushSucceeded | PushFailed] = queue.Queue()

    def closing() -> Pusher:
        loop.stop()
        raise TransientSyncError("no-answer", "this till is being closed")

    loop = PushLoop(closing, told.put, Backoff())
    loop.start()
    loop.join(WAIT_S)
    assert told.empty()


class VirtualMachine(Machine):
    """Time that passes when nothing else is to be done, and jitter that is always the most it may be."""

    def __init__(self) -> None:
        self.scheduler = Scheduler(0, Random(1))

    def monotonic_ns(self) -> int:
        return self.scheduler.now_us * 1_000

    def task(self, run: Callable[[], None], name: str) -> Task:
        return self.scheduler.task("till", run, name)

    def signal(self) -> Signal:
        return self.scheduler.signal()


class Line:
    """The way to a ledger. `failure`: what a push meets; None for an answer to all that waits."""

    def __init__(self) -> None:
        self.machine = VirtualMachine()
        self.failure: SyncError | None = TransientSyncError("no-answer")
        self.tries: list[float] = []
        self.ceilings: list[float] = []
        """The most that each failure which counted may make the pause."""
        self.loop = PushLoop(
            lambda: cast("Pusher", self),
            lambda _: None,
            Backoff(ceiling_s=CEILING_S, uniform=self._draw),
            self.machine,
        )
        self.loop.start()

    def _draw(self, _low: float, high: float) -> float:
        self.ceilings.append(high)
        return high

    def pass_s(self, seconds: float, every_s: float = 0, do: Callable[[], None] = lambda: None) -> None:
        """Let time pass; every so often somebody does something."""
        scheduler = self.machine.scheduler
        until_us, done = scheduler.now_us + int(seconds * 1_000_000), []
        for at in range(1, int(seconds / every_s) + 1) if every_s else ():
            scheduler.after(at * every_s, do)
        scheduler.at(until_us, lambda: done.append(True))
        while not done:
            scheduler.step()

    def push_once(self) -> Pushed:
        self.tries.append(self.machine.monotonic())
        if self.failure is not None:
            raise self.failure
        return Pushed((Outcome(seq=1, status="recorded"),), 0, 0)

    def confirm(self) -> None:
        pass

    def hear_again(self) -> None:
        pass

    def prove(self) -> None:
        pass

    def close(self) -> None:
        pass


SOON_S = WAKE_US / 1_000_000


def test_a_sale_in_an_outage_is_no_failure_of_its_own() -> None:
    """Each is tried at once, in case the network is back; the pauses are those of a till that sells nothing."""
    idle, busy = Line(), Line()
    idle.pass_s(120)
    busy.pass_s(120, every_s=2.7, do=busy.loop.wake)
    assert idle.ceilings == [0.5, 1, 2, 4, 8, 16, 32, 60]
    assert busy.ceilings == idle.ceilings
    assert len(busy.tries) >= 120 / 2.7


@pytest.mark.parametrize("is_heard", [True, False])
def test_after_an_outage_the_ledger_is_not_waited_for_a_minute(is_heard: bool) -> None:
    """It is there again, and has more to do than it can: the pauses begin with the first one, whatever came before.

    `is_heard`: the process that pulls heard it first; else a sale found out.
    """
    line = Line()
    line.pass_s(600, every_s=30, do=line.loop.wake)
    assert line.ceilings[-1] == 60
    line.failure = TransientSyncError("server-error")
    line.ceilings.clear()
    (line.loop.ask_again if is_heard else line.loop.wake)()
    line.pass_s(2, every_s=0.1, do=line.loop.wake)
    assert line.ceilings == [0.5, 1, 2]
    assert len([at for at in line.tries if at >= 600]) == 3


@pytest.mark.parametrize("way", ["a sale", "the pause is over", "heard"])
def test_who_is_heard_is_missed_anew(way: str) -> None:
    """By a sale in the middle of a pause, by the next try, or by the process that pulls: what fails then is a first failure."""
    line = Line()
    line.pass_s(100)
    if way == "heard":
        line.loop.ask_again()
    else:
        line.failure = None
        if way == "a sale":
            line.loop.wake()
        line.pass_s(5 if way == "a sale" else 60)
        line.failure = TransientSyncError("no-answer")
        line.loop.wake()
    line.ceilings.clear()
    before = len(line.tries)
    line.pass_s(0.4)
    assert line.ceilings == [0.5]
    line.pass_s(0.2)
    assert len(line.tries) == before + 2
    assert line.tries[-1] - line.tries[-2] <= 0.5 + SOON_S


def test_a_busy_ledger_is_waited_for_longer_each_time() -> None:
    """Also where some tries in between are not answered at all; until it has taken something."""
    line = Line()
    line.failure = TransientSyncError("server-error")
    line.pass_s(0.4)
    line.failure = TransientSyncError("no-answer")
    line.pass_s(0.4)
    line.failure = TransientSyncError("server-error")
    line.pass_s(0.6)
    assert line.ceilings == [0.5, 0.5, 1]
    line.failure = None
    line.pass_s(1)
    line.failure = TransientSyncError("server-error")
    line.loop.wake()
    line.pass_s(0.1)
    assert line.ceilings == [0.5, 0.5, 1, 0.5]


def test_what_the_ledger_asked_for_is_waited() -> None:
    """Retry-After of a busy ledger, though sales go on; of a proxy, when a sale asked it in the middle of another pause."""
    line = Line()
    line.failure = TransientSyncError("too-many", retry_after_s=20)
    line.pass_s(20.4, every_s=0.5, do=line.loop.wake)
    assert len(line.tries) == 1
    line.failure = TransientSyncError("no-answer")
    line.pass_s(0.2)
    assert len(line.tries) == 2
    line.failure = TransientSyncError("not-the-ledger", retry_after_s=7)
    line.loop.wake()
    line.pass_s(7)
    assert len(line.tries) == 3
