"""The second port of a till that passes on what it scans: a cash register reads there as if it had the scanner itself.

What is written goes out at once, in the port's own thread; what the register sends is looked for twenty times a second and
handed back, for the scanner. Nothing is kept for a register that is away: a product must not reach the next customer's sale.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from devices.errors import PortError, PortStalledError
from devices.ports import PortRef
from devices.reader import BACKOFF_S, PortReader
from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport

_LOOK_S = 0.05
_READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class OutletChanged:
    """The register's port came, went, or takes nothing. `error_code` is a `DeviceError.code`, None when all is well."""

    error_code: str | None
    detail: str = ""


class PortWriter(PortReader):
    """A port that is mostly written to: it waits for something to send, not for something to read."""

    def __init__(
        self, name: str, transport_of: Callable[[], Transport], listener: Outlet, backoff_s: Sequence[float]
    ) -> None:
        super().__init__(name, transport_of, listener, backoff_s=backoff_s)
        self._is_wanted = threading.Event()

    def wake(self) -> None:
        """Something is to be sent, or the end has come."""
        self._is_wanted.set()

    def _read_once(self, transport: Transport) -> None:
        if self._is_wanted.wait(_LOOK_S):
            self._is_wanted.clear()
        elif data := transport.read(_READ_BYTES, 0):
            self._tell(self._listener.received, data, self._clock_ns())


class Outlet:
    """The register's port, as long as the till runs. `tell` and `answer` are called from its thread."""

    def __init__(
        self,
        port: PortRef,
        line: LineSettings,
        tell: Callable[[OutletChanged], None],
        answer: Callable[[bytes], None],
        *,
        backoff_s: Sequence[float] = BACKOFF_S,
        transport_for: Callable[[str, LineSettings], Transport] = SerialTransport,
    ) -> None:
        self.port = port
        self._tell, self._answer = tell, answer
        self._known: str | None = ""
        self._writer = PortWriter(str(port), lambda: transport_for(port.resolve(), line), self, backoff_s)

    @property
    def error_code(self) -> str | None:
        """Why nothing can be passed on now; None when all is well, empty before that is known."""
        return self._known

    def start(self) -> None:
        """Begin; returns at once."""
        self._writer.start()

    def stop(self) -> None:
        """Let the port go, within half a second."""
        self._writer.stop()

    def pass_on(self, data: bytes) -> None:
        """Send; where that cannot be, it is told each time. Returns at once."""
        if self._known is None:
            self._writer.send(data)
        else:
            self._tell(OutletChanged(self._known or "port-missing"))

    # --- what the port's thread tells ----------------------------------------------------------------------------------

    def connected(self) -> None:
        """The port is open."""
        self._change(None)

    def received(self, data: bytes, at_ns: int) -> None:  # noqa: ARG002  # the shape of a listener
        """The register talks to its scanner."""
        self._answer(data)

    def silent(self, at_ns: int) -> None:
        """Nothing from the register."""

    def wait_s(self) -> float | None:
        """Nothing is pending."""
        return None

    def stalled(self, error: PortStalledError) -> None:
        """The register takes no bytes: switched off, or its handshake. What was sent is gone."""
        self._tell(OutletChanged(error.code, str(error)))

    def lost(self, error: PortError) -> None:
        """The port is away."""
        self._change(error.code, str(error))

    def _change(self, error_code: str | None, detail: str = "") -> None:
        if error_code != self._known:
            self._known = error_code
            self._tell(OutletChanged(error_code, detail))
