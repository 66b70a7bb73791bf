"""From bytes to events: what one scanner's reader thread does with what it reads. No thread and no port in here."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

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
from devices.frames import Answer, Damaged, ScanPacket
from devices.framing import FaultKind, Frame, Framer, FramingFault
from devices.profiles import ScannerProfile
from devices.reader import described
from devices.router import Piece, ReplyRouter
from devices.sieve import Claims, Sieve

_log = logging.getLogger(__name__)

_NS_PER_S = 1_000_000_000


class ScanLine:
    """A `LineListener` that frames, decodes, drops repeats and reports."""

    def __init__(
        self,
        profile: ScannerProfile,
        on_event: Callable[[ScannerEvent], None],
        on_connected: Callable[[], None],
        same_code_window_ns: int,
        send: Callable[[bytes], None],
        clock_ns: Callable[[], int] = time.monotonic_ns,
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
        self._sieve: Sieve | None = None
        self.router = ReplyRouter(profile.replies, send, clock_ns)
        self._send = send
        self._clock_ns = clock_ns
        self._read_ns = 0
        self._awaited = _AwaitedScan()
        self._last_raw = b""
        self._last_ns = 0

    def share(self, claims: Claims, pass_on: Callable[[bytes], None]) -> None:
        """Keep what `claims` says is ours, and pass the rest on, also while disabled. Before the port is claimed."""
        self._sieve = Sieve(self._profile.framing, self._label_of, claims, pass_on, self._handle)

    def connected(self) -> None:
        """The port is open. What had begun before is dropped: half a code must never pass for a whole one."""
        self._framer.reset(self._clock_ns())
        if self._sieve:
            self._sieve.reset(self._clock_ns())
        self.router.go_online()
        self._on_connected()
        self._report(StatusUpdateEvent(PowerState.ONLINE, None, ""))

    def received(self, data: bytes, at_ns: int) -> None:
        """Bytes arrived. While disabled they are shown to the technician at most."""
        if self.is_monitored:
            self._tell(RawEvent(data, at_ns))
        self._read_ns = at_ns
        for piece in self.router.split(data, self._is_between_codes):
            self._use(piece, at_ns)
        if not self.is_enabled:
            self._framer.reset()
        self._tick()

    def silent(self, at_ns: int) -> None:
        """Nothing arrived up to now."""
        if at_ns - self._read_ns >= self._framer.gap_s * _NS_PER_S and (held := self.router.give_up()):
            self._use(held, self._read_ns)
        if self._sieve:
            self._frame(self._sieve.silent(at_ns), self._read_ns)
        for found in self._framer.idle(at_ns):
            self._handle(found)
        self._tick()

    def wait_s(self) -> float | None:
        """How long silence may last before something is over: a frame that has begun, the patience for an answer."""
        is_pending = not self._is_between_codes() or self.router.is_holding
        ends_s = (
            self._framer.gap_s if is_pending else None,
            self.router.wait_s(),
            self._awaited.left_s(self._clock_ns()),
        )
        return min((end_s for end_s in ends_s if end_s is not None), default=None)

    def await_scan(self, within_s: float) -> Future[ScanData | None]:
        """The next code, or None when none comes in time. It is delivered as any other too. From any thread."""
        return self._awaited.begin(self._clock_ns() + round(within_s * _NS_PER_S))

    def close(self) -> None:
        """Nothing is read any more, for now or for good: whoever waits is told."""
        self.router.go_offline()
        self._awaited.end(None)

    def stalled(self, error: PortStalledError) -> None:
        """The scanner does not take a command; it may still scan."""
        self.communication_error_count += 1
        self.router.stall()
        self._report(StatusUpdateEvent(PowerState.ONLINE, error.code, str(error)))

    def lost(self, error: PortError) -> None:
        """The port is away."""
        if held := self.router.give_up():
            self._use(held, self._read_ns)  # so that its rest is known for one
        self.close()
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

    def _tick(self) -> None:
        self.router.tick()
        if self._awaited.left_s(self._clock_ns()) == 0:
            self._awaited.end(None)

    def _use(self, piece: Piece, at_ns: int) -> None:
        match piece:
            case Piece("scan", data):
                self._frame(self._sieve.sift(data, at_ns) if self._sieve else data, at_ns)
            case Piece("frame", data, ScanPacket() as packet):
                if not self._sieve or self._sieve.claims_packet(packet.data, data):
                    self._unpacked(packet, at_ns)
            case Piece("frame", _, Damaged()):
                self._fail(FaultKind.CHECKSUM, at_ns)
            case Piece("noise", data) | Piece("frame", data, Answer(), is_ours=False) if self._sieve:
                self._sieve.pass_as_it_came(data)
            case Piece("frame", data, Answer()):
                self._tell(ReplyEvent(data, at_ns))
            case Piece("broken"):
                self._fail(FaultKind.INCOMPLETE, at_ns)
            case _:
                pass

    def _frame(self, data: bytes, at_ns: int) -> None:
        for found in self._framer.feed(data, at_ns):
            self._handle(found)

    def _is_between_codes(self) -> bool:
        return not (self._framer.is_pending or (self._sieve and self._sieve.is_pending))

    def _label_of(self, raw: bytes) -> str:
        """Of a whole code, or of what has come of one."""
        return self._decoded(raw).label

    def _fail(self, kind: FaultKind, at_ns: int) -> None:
        self.communication_error_count += 1
        self._tell(ErrorEvent(kind, at_ns))

    def _handle(self, found: Frame | FramingFault) -> None:
        if not self.is_enabled:
            return
        if isinstance(found, FramingFault):
            self._confirm(self._profile.commands.refuse)
            self._fail(found.kind, found.at_ns)
        else:
            self._confirm(self._profile.commands.confirm)
            self._scanned(self._decoded(found.data), found.last_ns)

    def _confirm(self, command: bytes) -> None:
        if command:
            self._send(command)

    def _decoded(self, data: bytes) -> ScanData:
        profile = self._profile
        return decode(data, aim_prefix=profile.aim_prefix, code_ids=profile.code_ids, charset=profile.charset)

    def _unpacked(self, packet: ScanPacket, at_ns: int) -> None:
        """A packet tells its kind of code; one that is sent again was not confirmed in time, and is no second product."""
        data = self._decoded(packet.data)
        if packet.symbology:
            data = dataclasses.replace(data, symbology=packet.symbology)
        if self.is_enabled and not (packet.is_resent and data.raw == self._last_raw):
            self._scanned(data, at_ns)

    def _scanned(self, data: ScanData, at_ns: int) -> None:
        if not data.label:
            return  # nothing but control characters: noise of the line, or a stray ACK
        self._awaited.end(data)
        if self._has_come_again(data, at_ns):
            self._tell(RepeatEvent(data, at_ns))
            return
        self.good_scan_count += 1
        self._tell(DataEvent(data, at_ns))

    def _has_come_again(self, data: ScanData, at_ns: int) -> bool:
        """True for the bytes of the frame before, while they keep coming: each repeat prolongs the window."""
        is_again = data.raw == self._last_raw and at_ns - self._last_ns < self._window_ns
        self._last_raw, self._last_ns = data.raw, at_ns
        return is_again


class _AwaitedScan:
    """Who waits for the next code, and until when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._future: Future[ScanData | None] | None = None
        self._until_ns = 0

    def begin(self, until_ns: int) -> Future[ScanData | None]:
        """Wait from now on; who waited before is told that nothing came."""
        self.end(None)
        future: Future[ScanData | None] = Future()
        with self._lock:
            self._future, self._until_ns = future, until_ns
        return future

    def left_s(self, now_ns: int) -> float | None:
        """How much longer; None when nobody waits."""
        with self._lock:
            return max(0, self._until_ns - now_ns) / _NS_PER_S if self._future else None

    def end(self, data: ScanData | None) -> None:
        """Tell who waits, if somebody does."""
        with self._lock:
            future, self._future = self._future, None
        if future:
            future.set_result(data)
