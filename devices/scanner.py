"""A barcode scanner in the words of UnifiedPOS: open, claim, enable; data events and status events come by themselves.

One callback receives every event, one at a time, from the scanner's reader thread: it must hand over and return.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from devices import health
from devices.decoding import ScanData
from devices.errors import ScannerStateError
from devices.events import PowerState, ScannerEvent
from devices.health import Finding, HealthCheckLevel, HealthReport, Verdict
from devices.ports import PortRef
from devices.profiles import ScannerProfile
from devices.reader import BACKOFF_S, PortReader
from devices.replies import CommandName, Identity, Outcome, Reply, identity_of, is_healthy
from devices.scan_line import ScanLine
from devices.serial_port import SerialTransport
from devices.sieve import Claims
from devices.transport import LineSettings, Transport

SAME_CODE_WINDOW_S = 1.5
"""A presentation scanner reads a phone held in front of it again every 0.5 to 1 s (Zebra, Sunmi defaults)."""

SCAN_WITHIN_S = 20.0
"""How long an interactive check waits for somebody to scan."""

_NS_PER_S = 1_000_000_000

_Asked = TypeVar("_Asked")
_Told = TypeVar("_Told")


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
        window_ns = round(same_code_window_s * _NS_PER_S)
        self._line = ScanLine(profile, on_event, self._greet, window_ns, self._send, clock_ns)
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

    def share(self, claims: Claims, pass_on: Callable[[bytes], None]) -> None:
        """Pass on what is not ours, from the port's thread. Before the port is claimed."""
        self._line.share(claims, pass_on)

    def hand_back(self, data: bytes) -> None:
        """Send what the cash register says to its scanner. From any thread."""
        self._send(data)

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
        self.command("enable")

    def disable(self) -> None:
        """Stop data events; what is scanned meanwhile is dropped."""
        if self._state is ScannerState.ENABLED:
            self._state = ScannerState.CLAIMED
            self._line.is_enabled = False
            self.command("disable")

    def close(self) -> None:
        """Give the port back. Returns within half a second in every state."""
        self._state = ScannerState.CLOSED
        self._line.is_enabled = False
        reader, self._reader = self._reader, None
        if reader:
            reader.stop()
        self._line.close()

    def trigger(self) -> None:
        """Make the scanner read now, where the profile has a command for it."""
        self.command("trigger")

    def signal(self, *, is_good: bool) -> None:
        """Beep good or bad once the till has judged the code, where the profile has a command for it."""
        self.command("good_beep" if is_good else "bad_beep")

    def command(self, name: CommandName) -> Future[Reply]:
        """Send one of the profile's commands. The future ends by itself, at the latest when the scanner is closed.

        Its callbacks run on the port's thread, or at once on the caller's. Commands wait for each other, each at most the
        profile's `timeout_ms` for each try.
        """
        if not (code := getattr(self.profile.commands, name)):
            unsupported: Future[Reply] = Future()
            unsupported.set_result(Reply(Outcome.UNSUPPORTED))
            return unsupported
        return self._line.router.ask(code, is_answered=name in self.profile.replies.answered)

    def identify(self) -> Future[Identity | None]:
        """Ask who it is; None when it does not say."""
        return _then(self.command("identify"), lambda reply: identity_of(self.profile.replies, reply))

    def lock(self) -> Future[Reply]:
        """Let no programming code change the scanner any more."""
        return self.command("lock")

    def unlock(self) -> Future[Reply]:
        """Let programming codes work again."""
        return self.command("unlock")

    def check_health(self, level: HealthCheckLevel, *, scan_within_s: float = SCAN_WITHIN_S) -> Future[HealthReport]:
        """Port, line, identity and the scanner's own health; External: a beep too; Interactive: and a scan."""
        steps: list[health.Step] = [
            ("port", self._find_port),
            ("line", self._find_line),
            ("identify", lambda: _then(self.command("identify"), self._found_identity)),
            ("health", lambda: _then(self.command("health"), self._found_health)),
        ]
        if level is not HealthCheckLevel.INTERNAL:
            steps.append(("beep", lambda: _then(self.command("good_beep"), _found)))
        if level is HealthCheckLevel.INTERACTIVE:
            steps.append(("scan", lambda: _then(self.await_scan(scan_within_s), _found_scan)))
        return health.check(level, steps)

    def await_scan(self, within_s: float) -> Future[ScanData | None]:
        """The next code while enabled, or None when none comes in time or the port is away; it is delivered as an event too."""
        if self.power_state is PowerState.ONLINE:
            return self._line.await_scan(within_s)
        nothing: Future[ScanData | None] = Future()
        nothing.set_result(None)
        return nothing

    def _need(self, least: ScannerState) -> None:
        if self._state < least:
            raise ScannerStateError(least.name.lower(), self._state.name.lower())

    def _greet(self) -> None:
        """A scanner may have been left disabled by a crash: say it at every start."""
        if self._state is ScannerState.ENABLED:
            self.command("enable")

    def _find_port(self) -> Future[Finding]:
        if self.power_state is PowerState.ONLINE:
            return health.known(Verdict.PASS)
        status = self._line.status
        return health.known(Verdict.FAIL, (status.error_code if status else None) or "scanner-state")

    def _find_line(self) -> Future[Finding]:
        """Bytes that made no code, since the scanner was taken into use: a bad cable, or a wrong profile."""
        errors = self._line.communication_error_count
        return health.known(Verdict.FAIL if errors > self._line.good_scan_count else Verdict.PASS, str(errors))

    def _found_identity(self, reply: Reply) -> Finding:
        identity = identity_of(self.profile.replies, reply)
        named = (identity.model, identity.firmware, identity.serial_number) if identity else ()
        return Finding(_found(reply).verdict, " ".join(part for part in named if part) or _found(reply).detail)

    def _found_health(self, reply: Reply) -> Finding:
        found = _found(reply)
        is_bad = found.verdict is Verdict.PASS and not is_healthy(self.profile.replies, reply)
        return Finding(Verdict.FAIL, reply.text) if is_bad else found

    def _send(self, data: bytes) -> None:
        if reader := self._reader:
            reader.send(data)

    def _transport(self) -> Transport:
        return self._transport_for(self.port.resolve(), self.profile.line)


def _then(asked: Future[_Asked], turn: Callable[[_Asked], _Told]) -> Future[_Told]:
    told: Future[_Told] = Future()
    asked.add_done_callback(lambda done: told.set_result(turn(done.result())))
    return told


def _found(reply: Reply) -> Finding:
    """What is sent and not answered is no success: nobody knows."""
    if reply.outcome in (Outcome.SENT, Outcome.UNSUPPORTED):
        return Finding(Verdict.SKIPPED, reply.outcome)
    return (
        Finding(Verdict.PASS, reply.text) if reply.outcome is Outcome.DONE else Finding(Verdict.FAIL, reply.outcome)
    )


def _found_scan(data: ScanData | None) -> Finding:
    """Its length and kind; what it says is not for a report."""
    if data is None:
        return Finding(Verdict.FAIL, "no-scan")
    if not data.is_readable:
        return Finding(Verdict.FAIL, "unreadable")
    return Finding(Verdict.PASS, " ".join((str(len(data.label)), *([data.symbology] if data.symbology else ()))))
