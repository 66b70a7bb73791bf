"""Asking for allowances: in the background, at most one call at a time, and again after ten minutes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sync.calls import Calls
from sync.errors import SyncError
from sync.machine import Machine, Task

AGAIN_S = 600.0
AFTER_FAILURE_S = 30.0

_log = logging.getLogger("sync")


class AllowanceAsking:
    """`granted` is told how many came and what the call took in µs, `failed` why none did; both from a thread of its own."""

    def __init__(
        self, calls: Calls, granted: Callable[[int, int], None], failed: Callable[[SyncError], None], machine: Machine
    ) -> None:
        self._calls, self._granted, self._failed, self._machine = calls, granted, failed, machine
        self._lock = threading.Lock()
        self._task: Task | None = None
        self._shift = ""
        self._not_before = 0.0

    def want(self, shift: str, *, at_once: bool = False) -> None:
        """Ask now, unless it is too early for that in this shift; `at_once`: however early it is."""
        with self._lock:
            is_due = at_once or shift != self._shift or self._machine.monotonic() >= self._not_before
            if not is_due or (self._task is not None and self._task.is_alive()):
                return
            self._shift, self._not_before = shift, self._machine.monotonic() + AGAIN_S
            self._task = self._machine.task(lambda: self._ask(shift), "allowances")
            self._task.start()

    def _ask(self, shift: str) -> None:
        try:
            count, took_us = self._calls.allowances(shift)
        except SyncError as error:
            _log.info("allowances: %s", error)
            with self._lock:
                self._not_before = self._machine.monotonic() + AFTER_FAILURE_S
            self._failed(error)
            return
        self._granted(count, took_us)
