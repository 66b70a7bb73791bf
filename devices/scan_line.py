"""From bytes to events: what one scanner's reader thread does with what it reads. No thread and no port in here."""

from __future__ import annotations

import logging
from collections.abc import Callable

from devices.decoding import ScanData, decode
from devices.errors import PortError, PortStalledError
from devices.events import (
    DataEvent,
    ErrorEvent,
    PowerState,
    RawEvent,
    RepeatEvent,
    ReplyEvent,
    ScannerEvent,
    StatusUpdateEvent,
)
from devices.framing import Frame, FrameEnd, Framer, FramingFault
from devices.profiles import ScannerProfile
from devices.reader import described

_log = logging.getLogger(__name__)


class ScanLine:
    """A `LineListener` that frames, decodes, drops repeats and reports."""

    def __init__(
        self,
        profile: ScannerProfile,
        on_event: Callable[[ScannerEvent], None],
        on_connected: Callable[[], None],
        same_code_window_ns: int,
    ) -> None:
        self.is_enabled = False
        self.is_monitored = False
        self.status: StatusUpdateEvent | None = None
        self.good_scan_count = 0
        self.communication_error_count = 0
        self._profile = profile
        self._on_event = on_event
        self._on_connected = on_connected
        self._window_ns = same_code_window_ns
        self._framer = Framer(profile.framing)
        self._last_raw = b""
        self._last_ns = 0

    def connected(self) -> None:
        """The port is open. What had begun before is dropped: half a code must never pass for a whole one."""
        self._framer.reset()
        self._on_connected()
        self._report(StatusUpdateEvent(PowerState.ONLINE, None, ""))

    def received(self, data: bytes, at_ns: int) -> None:
        """Bytes arrived. While disabled they are shown to the technician at most."""
        if self.is_monitored:
            self._tell(RawEvent(data, at_ns))
        if not self.is_enabled:
            self._framer.reset()
            return
        for found in self._framer.feed(data, at_ns):
            self._handle(found)

    def silent(self, at_ns: int) -> None:
        """Nothing arrived up to now."""
        for found in self._framer.idle(at_ns):
            self._handle(found)

    def wait_s(self) -> float | None:
        """How long silence may last before a frame that has begun is over."""
        return self._framer.gap_s if self._framer.is_pending else None

    def stalled(self, error: PortStalledError) -> None:
        """The scanner does not take a command; it may still scan."""
        self.communication_error_count += 1
        self._report(StatusUpdateEvent(PowerState.ONLINE, error.code, str(error)))

    def lost(self, error: PortError) -> None:
        """The port is away."""
        if self.status and self.status.power_state is PowerState.ONLINE:
            self.communication_error_count += 1
        self._report(StatusUpdateEvent(PowerState.OFF_OFFLINE, error.code, str(error)))

    def _tell(self, event: ScannerEvent) -> None:
        """Deliver. A mistake above costs this event, neither the next one of the same read nor the reader."""
        try:
            self._on_event(event)
        except Exception as exc:  # noqa: BLE001 (the border to whoever listens)
            _log.error("a listener failed on %s: %s", type(event).__name__, described(exc))

    def _report(self, status: StatusUpdateEvent) -> None:
        known, self.status = self.status, status
        # The system's words vary from one attempt to the next; the same state is told once.
        if known is None or (known.power_state, known.error_code) != (status.power_state, status.error_code):
            self._tell(status)

    def _handle(self, found: Frame | FramingFault) -> None:
        if isinstance(found, FramingFault):
            self.communication_error_count += 1
            self._tell(ErrorEvent(found.kind, found.at_ns))
        elif found.end is FrameEnd.REPLY:
            self._tell(ReplyEvent(found.data, found.last_ns))
        elif self.is_enabled:
            self._scanned(found)

    def _scanned(self, frame: Frame) -> None:
        data = decode(frame.data, aim_prefix=self._profile.aim_prefix, charset=self._profile.charset)
        if not data.label:
            return  # nothing but control characters: noise of the line, or a stray ACK
        if self._has_come_again(data, frame.last_ns):
            self._tell(RepeatEvent(data, frame.last_ns))
            return
        self.good_scan_count += 1
        self._tell(DataEvent(data, frame.last_ns))

    def _has_come_again(self, data: ScanData, at_ns: int) -> bool:
        """True for the bytes of the frame before, while they keep coming: each repeat prolongs the window."""
        is_again = data.raw == self._last_raw and at_ns - self._last_ns < self._window_ns
        self._last_raw, self._last_ns = data.raw, at_ns
        return is_again
