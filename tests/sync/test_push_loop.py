"""The thread that pushes outlives what nobody foresaw, and says nothing when it is closed before it began."""

from __future__ import annotations

import queue
from typing import cast

import pytest

from local_db.errors import StorageFullError
from protocol.push import Outcome
from sync.backoff import Backoff
from sync.errors import TransientSyncError
from sync.push import Pushed, Pusher
from sync.push_loop import PushFailed, PushLoop, PushSucceeded

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
