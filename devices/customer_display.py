"""A customer display on a line of its own. Who shows something hands it over and goes on; the newest picture wins.

It never answers: that bytes went out is all that is known, and whether anybody can read them only a person can say. What is
told is the port alone. The picture goes out once more every few seconds, without clearing, so that a display switched on
late shows it too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from devices.display_picture import DARK, Picture, encode
from devices.display_profiles import DisplayProfile
from devices.errors import PortError, PortStalledError
from devices.ports import PortRef
from devices.reader import BACKOFF_S, PortReader
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport

AGAIN_S: Final = 5.0
"""After so long the same picture is sent once more."""
_FLUSH_S: Final = 0.3
"""How long the end waits for the display to be dark."""


@dataclass(frozen=True)
class DisplayTold:
    """How its port is, told on change: `code` of a `PortError`, empty where bytes go out. Of the display nothing is known."""

    code: str


class CustomerDisplay:
    """One display on one port. All its work is done by the port's thread; `on_event` is called from it."""

    def __init__(
        self,
        port: PortRef,
        profile: DisplayProfile,
        on_event: Callable[[DisplayTold], None],
        *,
        backoff_s: Sequence[float] = BACKOFF_S,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        transport_for: Callable[[str, LineSettings], Transport] = SerialTransport,
    ) -> None:
        self.port, self._profile, self._on_event, self._clock_ns = port, profile, on_event, clock_ns
        self._lock = threading.Lock()
        self._picture = DARK
        self._sent: Picture | None = None
        self._told: DisplayTold | None = None
        self._free_ns = self._sent_ns = 0
        self._is_stalled = False
        self._is_dark = threading.Event()
        self._reader = PortReader(
            str(port),
            lambda: transport_for(port.resolve(), profile.line),
            self,
            clock_ns=clock_ns,
            backoff_s=backoff_s,
        )

    def start(self) -> None:
        """Open the port, now and after each loss. Returns at once."""
        self._reader.start()

    def stop(self, *, is_left_dark: bool = True) -> None:
        """Leave it dark, if that is possible at once, and let go of the port."""
        if is_left_dark and self._told is not None and not self._told.code:
            self._is_dark.clear()
            self.show(DARK)
            self._is_dark.wait(_FLUSH_S)
        self._reader.stop()

    def show(self, picture: Picture) -> None:
        """Instead of what was handed over before. Returns at once."""
        with self._lock:
            self._picture = picture
        self._reader.wake()

    # --- what the port's thread tells -------------------------------------------------------------------------------

    def connected(self) -> None:
        """Whatever it was left in: begin anew."""
        self._sent, self._is_stalled = None, False
        self._send(b"", self._clock_ns())

    def received(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002  # no display of these families says anything
        """What comes back is nobody's: an echo of the line."""
        self._go_on(at_ns)

    def silent(self, at_ns: int) -> None:
        """Time goes by, or there is a new picture."""
        self._go_on(at_ns)

    def wait_s(self) -> float | None:
        """Not longer than until the line is free for what waits."""
        if self._sent == self._newest():
            return None
        return max(0.005, (self._free_ns - self._clock_ns()) / 1e9)

    def stalled(self, error: PortStalledError) -> None:
        """A part of a picture was taken: begin anew, after a while."""
        self._sent, self._is_stalled = None, True
        self._free_ns = self._clock_ns() + int(AGAIN_S * 1e9)
        self._tell(error.code)

    def lost(self, error: PortError) -> None:
        """Unplugged, or not there yet."""
        self._sent = None
        self._tell(error.code)

    # --- the work ---------------------------------------------------------------------------------------------------

    def _newest(self) -> Picture:
        with self._lock:
            return self._picture

    def _go_on(self, at_ns: int) -> None:
        if self._reader.is_sent and not self._is_stalled:
            self._tell("")
        if at_ns < self._free_ns:
            return
        picture = self._newest()
        if picture == DARK == self._sent:
            self._is_dark.set()
        if picture != self._sent or (at_ns - self._sent_ns) / 1e9 >= AGAIN_S:
            self._send(encode(picture, self._profile), at_ns)
            self._sent = picture

    def _send(self, data: bytes, at_ns: int) -> None:
        """Not faster than the line: what waits in a driver's buffer is older than what is to be shown."""
        if self._sent is None:
            data = self._profile.begin + data
        self._is_stalled = False
        self._reader.send(data)
        self._sent_ns = at_ns
        self._free_ns = at_ns + len(data) * 10 * 1_000_000_000 // self._profile.line.baud

    def _tell(self, code: str) -> None:
        told = DisplayTold(code)
        if told != self._told:
            self._told = told
            self._on_event(told)
