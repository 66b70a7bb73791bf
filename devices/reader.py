"""One thread that owns one port: opens it, reads in bulk, sends what is queued, and comes back by itself after a loss.

No other thread touches the port (a close under a running read raises TypeError in pyserial), so `stop` only asks.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import ParamSpec, Protocol

from devices.errors import PortError, PortStalledError, TransportLostError
from devices.transport import Transport

BACKOFF_S = (0.5, 1.0)
"""Pauses between attempts, the last one for ever: who puts a plug back waits a second. Looking costs 1 ms. Windows refuses a
port that was closed less than 0.5 s ago."""

_READ_BYTES = 4096
_QUIET_READ_S = 0.5
_SETTLED_S = 1.0
"""A port that lived this long starts the pauses anew; one that flickers (a hub reset) does not."""
_STOP_WAIT_S = 0.4

_P = ParamSpec("_P")

_log = logging.getLogger(__name__)


def described(exc: Exception) -> str:
    """Kind and place of an exception for the log. Not its text, which may hold what was scanned."""
    place = traceback.extract_tb(exc.__traceback__)[-1]
    return f"{type(exc).__name__} at {place.filename}:{place.lineno}"


class LineListener(Protocol):
    """Who is told, always from the reader's thread."""

    def connected(self) -> None:
        """The port is open and empty."""

    def received(self, data: bytes, at_ns: int) -> None:
        """Bytes arrived."""

    def silent(self, at_ns: int) -> None:
        """Nothing arrived up to now."""

    def wait_s(self) -> float | None:
        """How long silence may last before it matters; None when nothing is pending."""

    def stalled(self, error: PortStalledError) -> None:
        """The device does not take what is sent to it."""

    def lost(self, error: PortError) -> None:
        """The port could not be opened, or is gone. Another attempt follows."""


class PortReader:
    """Reads a port until stopped. `transport_of` looks the port up anew at each attempt."""

    def __init__(
        self,
        name: str,
        transport_of: Callable[[], Transport],
        listener: LineListener,
        *,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        backoff_s: Sequence[float] = BACKOFF_S,
    ) -> None:
        self._transport_of = transport_of
        self._listener = listener
        self._clock_ns = clock_ns
        self._backoff_s = tuple(backoff_s)
        self._stop = threading.Event()
        self._outbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._transport: Transport | None = None
        self._last_surprise = ""
        self._thread = threading.Thread(target=self._run, name=f"port {name}", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def send(self, data: bytes) -> None:
        """Queue bytes for the device; what is queued while the port is away is dropped."""
        self._outbox.put(data)
        self.wake()

    @property
    def is_sent(self) -> bool:
        """Whether all that was queued is written. For the port's own thread: for others it may be on its way."""
        return self._outbox.empty()

    @property
    def is_stopping(self) -> bool:
        """True once `stop` was called: what still arrives is nobody's."""
        return self._stop.is_set()

    def stop(self) -> None:
        """End within half a second. A port that hangs in its own open or close is left to the daemon thread."""
        self._stop.set()
        self.wake()
        if threading.current_thread() is not self._thread:
            self._thread.join(_STOP_WAIT_S)

    def wake(self) -> None:
        """End the wait for bytes: the listener is told of silence."""
        if transport := self._transport:
            transport.cancel()

    def _run(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            opened_s = time.monotonic()
            try:
                self._serve_once()
            except PortError as exc:
                self._tell(self._listener.lost, exc)
            except Exception as exc:  # noqa: BLE001 (outermost loop: a driver's surprise must not cost the scanner)
                self._log_once(described(exc))
                self._tell(self._listener.lost, TransportLostError(self._thread.name, type(exc).__name__))
            if time.monotonic() - opened_s >= _SETTLED_S:
                attempt = 0
            self._stop.wait(self._backoff_s[min(attempt, len(self._backoff_s) - 1)])
            attempt += 1

    def _log_once(self, surprise: str) -> None:
        """A fault that comes with every attempt would fill the log by itself."""
        if surprise != self._last_surprise:
            self._last_surprise = surprise
            _log.error("%s: %s", self._thread.name, surprise)

    def _serve_once(self) -> None:
        """One life of the port. Raises the `PortError` that ended it; returns when stopped."""
        transport = self._transport_of()
        try:
            transport.open()
            self._forget_outbox()
            self._transport = transport
            self._tell(self._listener.connected)
            while not self._stop.is_set():
                self._send_queued(transport)
                self._read_once(transport)
        finally:
            self._transport = None
            transport.close()

    def _read_once(self, transport: Transport) -> None:
        pending_s = self._listener.wait_s()
        data = transport.read(_READ_BYTES, _QUIET_READ_S if pending_s is None else pending_s)
        at_ns = self._clock_ns()
        if data:
            self._tell(self._listener.received, data, at_ns)
        else:
            self._tell(self._listener.silent, at_ns)

    def _send_queued(self, transport: Transport) -> None:
        while not self._outbox.empty():
            data = self._outbox.get_nowait()
            try:
                transport.write(data)
            except PortStalledError as exc:
                # What comes behind a piece that is missing would be read as something else.
                self._forget_outbox()
                self._tell(self._listener.stalled, exc)

    def _forget_outbox(self) -> None:
        while not self._outbox.empty():
            self._outbox.get_nowait()

    def _tell(self, what: Callable[_P, None], *args: _P.args, **kwargs: _P.kwargs) -> None:
        if not self._stop.is_set():
            what(*args, **kwargs)
