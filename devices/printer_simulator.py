"""A receipt printer that needs no hardware: it prints what comes over a real port, and answers as Chinese ESC/POS printers do.

Its answers to `DLE EOT` 1, 2 and 4 are those of an emulator of Epson's status protocol in each state (emupos 0.4.0).
"""

from __future__ import annotations

import re
import threading
from types import TracebackType
from typing import Final, Self

from devices.paper_sheet import Sheet, read_sheet
from devices.ports import PortRef
from devices.printer_status import Trouble
from devices.simulators import CABLE_KINDS, CableKind, make_cable

_WELL: Final = (0x16, 0x12, 0x12)
_NEAR_END: Final = 0x1E
_STATES: Final[dict[Trouble, tuple[int, int, int]]] = {
    Trouble.PAPER_OUT: (0x1E, 0x32, 0x7E),
    Trouble.COVER_OPEN: (0x1E, 0x16, 0x12),
    Trouble.OFFLINE: (0x1E, 0x12, 0x12),
    Trouble.FAULT: (0x1E, 0x52, 0x12),
}
_ANSWERED: Final = {b"\x01": 0, b"\x02": 1, b"\x04": 2}
_QUESTION: Final = re.compile(rb"\x10\x04(.)", re.DOTALL)
_END_OF_JOB: Final = b"\x1dr\x01"


class PrinterSimulator:
    """A printer on a cable. `port` is what a `Printer` opens. What came out is `sheet`."""

    def __init__(
        self, kind: CableKind | None = None, *, is_silent: bool = False, has_end_of_job: bool = True
    ) -> None:
        self._cable = make_cable(kind or CABLE_KINDS[0])
        self._is_silent, self._has_end_of_job = is_silent, has_end_of_job
        self._lock = threading.Lock()
        self._buffer = self._printed = b""
        self._trouble: Trouble | None = None
        self._is_low = False
        self._paper_left: int | None = None
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printer simulator", daemon=True)
        self._thread.start()

    @property
    def port(self) -> PortRef:
        """The same before and after a replug."""
        return self._cable.port

    @property
    def printed(self) -> bytes:
        """All that came out, as bytes."""
        with self._lock:
            return self._printed

    @property
    def sheet(self) -> Sheet:
        """All that came out."""
        return read_sheet(self.printed)

    def trouble(self, trouble: Trouble | None) -> None:
        """Take out the paper, open the cover; None: as it should be. What was held back is printed then."""
        with self._lock:
            self._trouble = trouble
            if trouble is None:
                self._paper_left = None
            self._print()

    def paper_low(self, is_low: bool) -> None:
        """Paper is near its end."""
        with self._lock:
            self._is_low = is_low

    def paper_for(self, count: int) -> None:
        """Run out of paper after so many more bytes."""
        with self._lock:
            self._paper_left = count

    def forget_buffer(self) -> None:
        """As when it is switched off and on."""
        with self._lock:
            self._buffer = b""

    def say(self, data: bytes) -> None:
        """Send bytes that nobody asked for."""
        self._cable.write(data)

    def unplug(self) -> None:
        """Pull the cable."""
        with self._lock:
            self._cable.unplug()

    def replug(self) -> None:
        """Put it back."""
        with self._lock:
            self._cable.plug()

    def close(self) -> None:
        """Be gone for good."""
        self._is_closed.set()
        self._thread.join()
        self._cable.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _run(self) -> None:
        while not self._is_closed.wait(0.005):
            with self._lock:
                data = self._cable.read(0)
                self._receive(data)

    def _receive(self, data: bytes) -> None:
        """Questions are answered at once, all else is printed in its turn."""
        for number in _QUESTION.findall(data):
            if not self._is_silent and number in _ANSWERED:
                self._cable.write(bytes([self._status()[_ANSWERED[number]]]))
        self._buffer += _QUESTION.sub(b"", data)
        self._print()

    def _status(self) -> tuple[int, int, int]:
        if self._trouble is not None:
            return _STATES[self._trouble]
        return (*_WELL[:2], _NEAR_END if self._is_low else _WELL[2])

    def _print(self) -> None:
        while self._buffer and self._trouble is None:
            end = self._buffer.find(_END_OF_JOB)
            ready, is_end = (self._buffer, False) if end < 0 else (self._buffer[: end + len(_END_OF_JOB)], True)
            if self._paper_left is not None and self._paper_left < len(ready):
                ready, is_end, self._trouble = ready[: self._paper_left], False, Trouble.PAPER_OUT
                self._paper_left = 0
            self._printed += ready
            self._buffer = self._buffer[len(ready) :]
            if self._paper_left is not None:
                self._paper_left -= min(self._paper_left, len(ready))
            if is_end and self._has_end_of_job and not self._is_silent:
                self._cable.write(b"\x00")
