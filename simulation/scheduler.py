"""Virtual time: one queue of events, one thread. What is a thread at a real till is a greenlet here, a *task*.

A task runs alone until it would wait: for an answer, a fact, a flag, a while. Then the queue's next event goes on. Chance
decides how long a wake-up takes, so every seed meets other orders.
"""

from __future__ import annotations

import heapq
import queue
import sqlite3
import sys
from collections import deque
from collections.abc import Callable
from itertools import count
from math import ceil
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

from simulation.disk import Disk

Act = Callable[[], None]

WAKE_US = 3_000
"""A thread that is woken runs within so many µs."""

_STATEMENTS = frozenset({"execute", "executemany", "executescript", "commit"})


class KilledError(BaseException):
    """The process of this task is gone. Not an `Exception`: nothing in the product may go on after it."""


class Task:
    """One thread of one process (`owner`). Made by `Scheduler.task`."""

    def __init__(self, scheduler: Scheduler, owner: str, name: str, run: Act) -> None:
        self.owner, self.name = owner, name
        self.is_done = self.is_killed = False
        self.ticket = 0
        """Of the wait it is in; a wake-up with an older one comes too late."""
        self._scheduler, self._run = scheduler, run
        self._waiting: list[Signal] = []
        self.greenlet = greenlet(self._body)
        self.is_started = False

    def start(self) -> None:
        """Run soon."""
        self.is_started = True
        self._scheduler.wake(self, self.ticket)

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        if not self.is_done:
            ended = self._scheduler.signal()
            self._waiting.append(ended)
            ended.wait(timeout)

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.is_started and not self.is_done

    def ended(self) -> None:
        """Tell who waits."""
        self.is_done = True
        for signal in self._waiting:
            signal.set()

    def _body(self) -> None:
        try:
            self._run()
        except KilledError:
            return


class Signal:
    """As `threading.Event`."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._is_set = False
        self._waiting: list[tuple[Task, int]] = []

    def set(self) -> None:
        """Wake all."""
        self._is_set = True
        for task, ticket in self._waiting:
            self._scheduler.wake(task, ticket)
        self._waiting.clear()

    def clear(self) -> None:
        """Wait again."""
        self._is_set = False

    def wait(self, timeout: float | None = None) -> bool:
        """Until it is set, or not."""
        if not self._is_set:
            self._waiting.append(self._scheduler.ticket())
            self._scheduler.pause(timeout)
        return self._is_set


class Inbox:
    """As `queue.Queue`, with one reader."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._items: deque[Any] = deque()
        self._filled = Signal(scheduler)

    def put(self, item: Any) -> None:
        """Last in."""
        self._items.append(item)
        self._filled.set()

    def get(self, *, timeout: float | None = None) -> Any:
        """First out. Raises `queue.Empty`."""
        while not self._items:
            self._filled.clear()
            if not self._filled.wait(timeout) and timeout is not None:
                raise queue.Empty
        return self._items.popleft()


class Scheduler:
    """All that happens, in the order of virtual time. `now_us`: true time, µs UTC, which no till knows."""

    def __init__(self, start_us: int, chance: Random) -> None:
        self.now_us = start_us
        self.events = 0
        self.ran: set[str] = set()
        """Whose processes did something in the last event."""
        self.failed: Callable[[Task, BaseException], None] = _raise
        """Told when a task ends by an error."""
        self._chance = chance
        self._queue: list[tuple[int, float, int, Act]] = []
        self._numbers = count()
        self._tasks: list[Task] = []
        self._hub = getcurrent()
        self._current: Task | None = None
        self._armed: dict[str, tuple[int, Act, Act]] = {}
        self.disks: dict[str, Disk] = {}
        """Of processes, where they are not sound."""
        self._to_bury: Act | None = None

    @property
    def current(self) -> Task | None:
        """The task that runs; None while an event does."""
        return self._current

    def at(self, when_us: int, act: Act) -> None:
        """Do it then; of two at the same µs chance takes one first."""
        heapq.heappush(self._queue, (max(when_us, self.now_us), self._chance.random(), next(self._numbers), act))

    def after(self, seconds: float, act: Act) -> None:
        """Do it in so many seconds."""
        self.at(self.now_us + int(seconds * 1_000_000), act)

    def step(self) -> None:
        """The next event. Raises `IndexError` when nothing will ever happen again."""
        when_us, _, _, act = heapq.heappop(self._queue)
        self.now_us = when_us
        self.events += 1
        self.ran.clear()
        act()

    def next_us(self) -> int:
        """When the next event is."""
        return self._queue[0][0]

    # --- tasks -------------------------------------------------------------------------------------------------------

    def task(self, owner: str, run: Act, name: str) -> Task:
        """A thread of the process `owner`, not started."""
        task = Task(self, owner, name, run)
        self._tasks = [known for known in self._tasks if not known.is_done]
        self._tasks.append(task)
        return task

    def signal(self) -> Signal:
        """A flag that is not set."""
        return Signal(self)

    def inbox(self) -> Inbox:
        """An empty one."""
        return Inbox(self)

    def ticket(self) -> tuple[Task, int]:
        """What wakes the running task out of the `pause` that it is about to make."""
        assert self._current is not None, "nobody may wait outside of a task"
        return self._current, self._current.ticket

    def wake(self, task: Task, ticket: int, delay_us: int | None = None) -> None:
        """Let it go on, unless something else woke it from that wait before."""
        delay_us = self._chance.randrange(WAKE_US) if delay_us is None else delay_us
        self.at(self.now_us + delay_us, lambda: self._go_on(task, ticket))

    def pause(self, seconds: float | None = None) -> None:
        """Let others run until the task is woken, or so long."""
        task, ticket = self.ticket()
        if task.is_killed:  # on its way out: nobody waits for it
            raise KilledError
        if seconds is not None:
            self.wake(task, ticket, max(0, ceil(seconds * 1_000_000)))
        self._hub.switch()

    def kill(self, owner: str) -> None:
        """End every task of a process and of its children (`owner/...`), as `kill -9` does. Only from an event."""
        assert self._current is None
        for task in self._tasks:
            if not task.is_done and (task.owner == owner or task.owner.startswith(f"{owner}/")):
                task.is_killed = True
                if task.greenlet:  # one that never ran has nothing to be unwound
                    self._run(task, lambda task=task: task.greenlet.throw(KilledError))  # type: ignore[misc]
                task.ended()

    def arm(self, owner: str, statements: int, crash: Act, bury: Act) -> None:
        """Before its so-manieth SQL statement from now the process `owner` is dead.

        `crash` is called at that very moment, `bury` when the task that ran then has been unwound.
        """
        self._armed[owner] = statements, crash, bury

    def disarm(self, owner: str) -> bool:
        """Whether it was armed still."""
        self.disks.pop(owner, None)
        return self._armed.pop(owner, None) is not None

    def _go_on(self, task: Task, ticket: int) -> None:
        if task.is_done or task.ticket != ticket:
            return
        task.ticket += 1
        self._run(task, task.greenlet.switch)
        if task.greenlet.dead:
            task.ended()

    def _run(self, task: Task, go_on: Act) -> None:
        self._current = task
        owner = task.owner.partition("/")[0]
        self.ran.add(owner)
        counts = owner in self._armed or owner in self.disks
        if counts:
            sys.setprofile(self._counting(owner))
        try:
            go_on()
        except Exception as error:  # noqa: BLE001  # the outermost loop of a simulated process
            self.failed(task, error)
        finally:
            if counts:
                sys.setprofile(None)
            self._current = None
        if (bury := self._to_bury) is not None:
            self._to_bury = None
            bury()

    def _counting(self, owner: str) -> Callable[[Any, str, Any], None]:
        def count_statements(_frame: Any, event: str, called: Any) -> None:
            if event not in ("c_call", "c_return") or called.__name__ not in _STATEMENTS:
                return
            if not isinstance(getattr(called, "__self__", None), (sqlite3.Connection, sqlite3.Cursor)):
                return
            if owner in self.disks:
                self.disks[owner].meet(event, called)
            if event == "c_call" and owner in self._armed:
                self._count_down(owner)

        return count_statements

    def _count_down(self, owner: str) -> None:
        left, crash, bury = self._armed[owner]
        self._armed[owner] = left - 1, crash, bury
        if left <= 1:
            del self._armed[owner]
            sys.setprofile(None)
            assert self._current is not None
            self._current.is_killed = True
            self._to_bury = bury
            crash()
            raise KilledError


def _raise(_task: Task, error: BaseException) -> None:
    raise error
