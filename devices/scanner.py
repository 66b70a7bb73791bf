"""A barcode scanner in the words of UnifiedPOS: open, claim, enable; data events and status events come by themselves.

One callback receives every event, one at a time, from the scanner's reader thread: it must hand over and return.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from devices.errors import ScannerStateError
from devices.events import PowerState, ScannerEvent
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.reader import BACKOFF_S, PortReader
from devices.scan_line import ScanLine
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport

SAME_CODE_WINDOW_S = 1.5
"""A presentation scanner reads a phone held in front of it again every 0.5 to 1 s (Zebra, Sunmi defaults)."""

_NS_PER_S = 1_000_000_000


class ScannerState(IntEnum):
    """How far the scanner was taken into use; each state includes the ones before."""

    CLOSED = 0
    OPEN = 1
    CLAIMED = 2
    ENABLED = 3


@dataclass(frozen=True, slots=True)
class ScannerStatistics:
    """UnifiedPOS statistics, counted since the scanner object was made."""

    good_scan_count: int
    communication_error_count: int


class Scanner:
    """One scanner on one port. It may be away at any time: events say so, and it comes back by itself."""

    def __init__(
        self,
        port: PortRef,
        profile: ScannerProfile,
        on_event: Callable[[ScannerEvent], None],
        *,
        same_code_window_s: float = SAME_CODE_WINDOW_S,
        backoff_s: Sequence[float] = BACKOFF_S,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        transport_for: Callable[[str, LineSettings], Transport] = SerialTransport,
    ) -> None:
        self.port = port
        self.profile = profile
        self._line = ScanLine(profile, on_event, self._greet, round(same_code_window_s * _NS_PER_S))
        self._backoff_s = backoff_s
        self._clock_ns = clock_ns
        self._transport_for = transport_for
        self._state = ScannerState.CLOSED
        self._reader: PortReader | None = None

    @property
    def state(self) -> ScannerState:
        """How far it was taken into use."""
        return self._state

    @property
    def power_state(self) -> PowerState:
        """Whether the port is open now."""
        status = self._line.status
        return status.power_state if status and self._reader else PowerState.OFF_OFFLINE

    @property
    def statistics(self) -> ScannerStatistics:
        """Counts so far."""
        return ScannerStatistics(self._line.good_scan_count, self._line.communication_error_count)

    @property
    def is_monitored(self) -> bool:
        """True: every read is also reported as a `RawEvent`, even while disabled."""
        return self._line.is_monitored

    @is_monitored.setter
    def is_monitored(self, value: bool) -> None:
        self._line.is_monitored = value

    def open(self) -> None:
        """Take the object into use; touches no port."""
        self._state = max(self._state, ScannerState.OPEN)

    def claim(self) -> None:
        """Begin to hold the port for ourselves. Returns at once; a `StatusUpdateEvent` says how it went."""
        self._need(ScannerState.OPEN)
        if self._reader:
            return
        self._state = ScannerState.CLAIMED
        self._line.status = None
        self._reader = PortReader(
            str(self.port), self._transport, self._line, clock_ns=self._clock_ns, backoff_s=self._backoff_s
        )
        self._reader.start()

    def enable(self) -> None:
        """Let data events through, and tell the scanner where it has a command for it: now and after each replug."""
        self._need(ScannerState.CLAIMED)
        self._state = ScannerState.ENABLED
        self._line.is_enabled = True
        self._send(self.profile.commands.enable)

    def disable(self) -> None:
        """Stop data events; what is scanned meanwhile is dropped."""
        if self._state is ScannerState.ENABLED:
            self._state = ScannerState.CLAIMED
            self._line.is_enabled = False
            self._send(self.profile.commands.disable)

    def close(self) -> None:
        """Give the port back. Returns within half a second in every state."""
        self._state = ScannerState.CLOSED
        self._line.is_enabled = False
        reader, self._reader = self._reader, None
        if reader:
            reader.stop()

    def trigger(self) -> None:
        """Make the scanner read now, where the profile has a command for it."""
        self._send(self.profile.commands.trigger)

    def signal(self, *, is_good: bool) -> None:
        """Beep good or bad once the till has judged the code, where the profile has a command for it."""
        commands = self.profile.commands
        self._send(commands.good_beep if is_good else commands.bad_beep)

    def _need(self, least: ScannerState) -> None:
        if self._state < least:
            raise ScannerStateError(least.name.lower(), self._state.name.lower())

    def _greet(self) -> None:
        """A scanner may have been left disabled by a crash: say it at every start."""
        if self._state is ScannerState.ENABLED:
            self._send(self.profile.commands.enable)

    def _send(self, command: bytes) -> None:
        if command and (reader := self._reader):
            reader.send(command)

    def _transport(self) -> Transport:
        return self._transport_for(self.port.resolve(), self.profile.line)
