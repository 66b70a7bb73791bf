"""What the tests of this room share: an inbox for events, a profile, a scanner that is always closed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from devices.events import DataEvent, PowerState, ScannerEvent, StatusUpdateEvent
from devices.profiles import ScannerProfile, parse_profile

PATIENCE_S = 10.0
FAST_BACKOFF_S = (0.02, 0.05)
PATIENT_FRAMING = "[framing]\ngap_ms = 5000"
"""For tests that hold a frame open: a busy machine may well be silent for 80 ms."""

_Event = TypeVar("_Event", bound=ScannerEvent)

_PROFILE = """
id = "under-test"
vendor = "nobody"
models = []
status = "vector"
source = "the test"
{extra}
[name]
zh = "测试"
en = "under test"
[[test]]
bytes = "31 0D"
label = "1"
"""


def make_profile(extra: str = "") -> ScannerProfile:
    """A profile with the defaults, and `extra` TOML."""
    return parse_profile(_PROFILE.format(extra=extra).encode(), "under-test.toml")


class Inbox:
    """Collects events from the reader's thread; waits with a deadline instead of sleeping."""

    def __init__(self) -> None:
        self.events: list[ScannerEvent] = []
        self._changed = threading.Condition()
        self._read = 0

    def __call__(self, event: ScannerEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def next(self, kind: type[_Event]) -> _Event:
        """The next event of that kind; the ones before it are skipped."""
        deadline_s = time.monotonic() + PATIENCE_S
        with self._changed:
            while True:
                while self._read < len(self.events):
                    self._read += 1
                    if isinstance(event := self.events[self._read - 1], kind):
                        return event
                left_s = deadline_s - time.monotonic()
                assert self._changed.wait(left_s), f"no {kind.__name__}, but {self.events}"

    def next_label(self) -> str:
        """The label of the next scan."""
        return self.next(DataEvent).data.label

    def until_status(self, power_state: PowerState) -> StatusUpdateEvent:
        """The next status event with that state."""
        while (event := self.next(StatusUpdateEvent)).power_state is not power_state:
            pass
        return event

    def until_online(self) -> None:
        """Wait for the port to be open."""
        self.until_status(PowerState.ONLINE)

    def of(self, kind: type[_Event]) -> list[_Event]:
        """All events of that kind so far."""
        with self._changed:
            return [event for event in self.events if isinstance(event, kind)]

    @property
    def labels(self) -> list[str]:
        """What was scanned so far."""
        return [event.data.label for event in self.scans]

    @property
    def scans(self) -> list[DataEvent]:
        """The data events so far."""
        return self.of(DataEvent)


def wait_for(condition: Callable[[], bool]) -> None:
    """Poll until `condition` holds; fails after a deadline."""
    never = threading.Event()
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, "it never happened"
        never.wait(0.005)
