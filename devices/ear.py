"""Listens on a port that nobody knows yet: each scan as a `Hearing`, and the next line settings where one makes no sense.

Nothing is ever sent. A port that may be a printer or a payment pad can be listened to without harm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Final, NamedTuple

from devices.errors import PortError, PortStalledError
from devices.hearing import Chunk, Hearing, hear
from devices.ports import PortRef
from devices.reader import BACKOFF_S, PortReader
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport

LINES: Final = (
    LineSettings(),
    LineSettings(baud=115_200),
    LineSettings(parity="O"),
    LineSettings(bytesize=7, parity="E"),
    LineSettings(baud=38_400),
    LineSettings(bytesize=7, parity="S", stopbits=2),
    LineSettings(baud=19_200),
    LineSettings(baud=2_400),
)
"""As scanners are delivered, the most common first (research of manuals; docs/technician.md)."""

SCAN_OVER_S: Final = 0.3
"""So much silence ends a scan: longer than any pause inside one, and short for who waits."""

MAX_SCAN_BYTES: Final = 8_192
"""A line that never falls silent is heard in pieces."""


class Listening(NamedTuple):
    """The port is open, with these line settings."""

    line: LineSettings


class Deaf(NamedTuple):
    """The port cannot be opened, or is gone; it is tried again."""

    error: PortError


Told = Listening | Hearing | Deaf


class _NextLineError(PortError):
    """Ends this life of the port: the next one begins with other settings."""


class Ear:
    """One port. `tell` is called from the port's own thread and must return at once."""

    def __init__(
        self,
        port: PortRef,
        tell: Callable[[Told], None],
        *,
        lines: Sequence[LineSettings] = LINES,
        backoff_s: Sequence[float] = BACKOFF_S,
        transport_for: Callable[[str, LineSettings], Transport] = SerialTransport,
    ) -> None:
        self._port, self._tell, self._transport_for = port, tell, transport_for
        self._lines = cycle(lines)
        self._line = next(self._lines)
        self._chunks: list[Chunk] = []
        self._reader = PortReader(f"ear {port}", self._transport, self, backoff_s=backoff_s)

    def start(self) -> None:
        """Begin; returns at once."""
        self._reader.start()

    def stop(self) -> None:
        """Give the port back, within half a second."""
        self._reader.stop()

    # --- for the port's thread (`devices.reader.LineListener`) ------------------------------------------------------

    def connected(self) -> None:
        """Open, and silent so far."""
        self._chunks.clear()
        self._tell(Listening(self._line))

    def received(self, data: bytes, at_ns: int) -> None:
        """A part of a scan."""
        self._chunks.append((data, at_ns))
        if sum(len(chunk) for chunk, _at in self._chunks) >= MAX_SCAN_BYTES:
            self._over()

    def silent(self, at_ns: int) -> None:
        """The scan is over once nothing came for long enough."""
        if self._chunks and at_ns - self._chunks[-1][1] >= SCAN_OVER_S * 1_000_000_000:
            self._over()

    def wait_s(self) -> float | None:
        """How long until that."""
        return SCAN_OVER_S if self._chunks else None

    def stalled(self, error: PortStalledError) -> None:
        """Nothing is ever sent."""

    def lost(self, error: PortError) -> None:
        """Away."""
        if not isinstance(error, _NextLineError):
            self._tell(Deaf(error))

    def _over(self) -> None:
        hearing = hear(self._chunks, self._line)
        self._chunks = []
        self._tell(hearing)
        if not hearing.is_readable:
            self._line = next(self._lines)
            raise _NextLineError(str(self._port))

    def _transport(self) -> Transport:
        return self._transport_for(self._port.resolve(), self._line)
