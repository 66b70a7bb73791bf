"""The only file that knows pyserial: device paths and its addresses (`socket://`, `rfc2217://`, `loop://`).

Its exceptions end here. An unplugged port raises SerialException, OSError, termios.error or TypeError depending on the
call that meets it first, and `is_open` stays true (pyserial 3.5, observed); all become one of this room's errors.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from devices.errors import (
    PortError,
    PortForbiddenError,
    PortInvalidError,
    PortMissingError,
    PortSharedError,
    PortStalledError,
    PortTakenError,
    SettingRefusedError,
    TransportLostError,
)
from devices.ports import PortInfo
from devices.transport import LineSettings

if TYPE_CHECKING:
    from serial import Serial

if sys.platform == "win32":
    _PORT_FAULTS = (OSError, TypeError)
else:
    from devices.tty_posix import TtyError, claim_tty, has_hung_up, release_tty

    _PORT_FAULTS = (OSError, TypeError, TtyError)

TICK_S = 0.04
"""Longest blocking call below a read. Fixed for the life of the port: changing pyserial's timeout sets the line anew
(0.1 s over rfc2217). An idle reader costs 0.4 % of a core at this value, 0.7 % at half of it."""

WRITE_TIMEOUT_S = 1.0

_ALIVE_S = (5, 2, 3)
"""A serial server that lost its power says nothing: asked after 5 s of silence, every 2 s, given up after 3 questions."""


class SerialTransport:
    """A `Transport` on a device path (`/dev/ttyUSB0`, `COM3`) or a pyserial address."""

    def __init__(self, target: str, line: LineSettings | None = None) -> None:
        self._target = target
        self._line = line or LineSettings()
        self._port: Serial | None = None
        self._cancelled = threading.Event()

    def open(self) -> None:
        """Open exclusively (flock and TIOCEXCL). Raises a `PortError`."""
        # The held descriptor of a dead port makes the replug come back under another name.
        self.close()
        try:
            self._port = _opened(self._target, self._line)
        except (*_PORT_FAULTS, ValueError, LookupError, NotImplementedError) as exc:
            raise _open_error(self._target, exc) from exc

    def close(self) -> None:
        """Let go of the port; a dead one may complain, which changes nothing."""
        port, self._port = self._port, None
        if port is not None:
            _let_go(port)

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """All that has arrived, up to `max_bytes`; without a timeout it only looks. Raises `TransportLostError`."""
        deadline_s = time.monotonic() + timeout_s
        with self._translated() as port:
            while timeout_s > 0 or port.in_waiting:
                if data := port.read(min(max_bytes, port.in_waiting or 1)):
                    return data + _rest(port, max_bytes - len(data))
                if self._cancelled.is_set() or time.monotonic() >= deadline_s:
                    self._cancelled.clear()
                    return b""
            return b""

    def write(self, data: bytes) -> None:
        """Send all of `data`. Raises `TransportLostError` or `PortStalledError`."""
        from serial import SerialTimeoutException

        with self._translated() as port:
            try:
                port.write(data)
            except SerialTimeoutException as exc:
                raise PortStalledError(self._target) from exc

    def cancel(self) -> None:
        """End the read under way, or else the next one. Addresses have no such call: they notice within a tick."""
        self._cancelled.set()
        if (port := self._port) and (end_read := getattr(port, "cancel_read", None)):
            with contextlib.suppress(*_PORT_FAULTS):  # closed meanwhile
                end_read()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[Serial]:
        if self._port is None:
            raise TransportLostError(self._target)
        try:
            yield self._port
        except _PORT_FAULTS as exc:
            kind = PortSharedError if self._is_shared(exc) else TransportLostError
            raise kind(self._target, str(exc)) from exc

    def _is_shared(self, exc: Exception) -> bool:
        """pyserial says the same of an unplugged port and of one whose bytes somebody else took; the line knows."""
        if sys.platform == "win32":
            return False
        else:  # noqa: RET505  # mypy reads each branch for its platform
            fd = _descriptor(self._port) if self._port is not None and "multiple access" in str(exc) else None
            return fd is not None and not has_hung_up(fd)


def list_ports() -> list[PortInfo]:
    """The serial ports that the system names now, with what their USB descriptors say (1 ms; ptys are never listed)."""
    from serial.tools.list_ports import comports

    return [
        PortInfo(
            device=port.device,
            description=port.description or "",
            usb_vendor=port.vid,
            usb_product=port.pid,
            serial_number=port.serial_number,
            location=port.location,
        )
        for port in sorted(comports(), key=lambda port: port.device)
    ]


def _opened(target: str, line: LineSettings) -> Serial:
    from serial import serial_for_url

    port = serial_for_url(
        target,
        do_not_open=True,
        baudrate=line.baud,
        bytesize=line.bytesize,
        parity=line.parity,
        stopbits=line.stopbits,
        rtscts=line.rtscts,
        xonxoff=line.xonxoff,
        dsrdtr=line.dsrdtr,
        timeout=TICK_S,
        # pyserial's rfc2217 refuses to open with a write timeout.
        write_timeout=None if target.lower().startswith("rfc2217:") else WRITE_TIMEOUT_S,
        exclusive=True,
    )
    try:
        port.open()
        if sys.platform != "win32" and (fd := _descriptor(port)) is not None:
            claim_tty(fd)
        if isinstance(connection := getattr(port, "_socket", None), socket.socket):
            _keep_alive(connection)
    except BaseException:
        _let_go(port)
        raise
    return port


def _keep_alive(connection: socket.socket) -> None:
    """Send at once, and notice a peer that vanished without a word."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in zip(("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT"), _ALIVE_S, strict=True):
        if (option := getattr(socket, name, None)) is not None:  # not on every system
            connection.setsockopt(socket.IPPROTO_TCP, option, value)


def _let_go(port: Serial) -> None:
    if sys.platform != "win32" and (fd := _descriptor(port)) is not None:
        release_tty(fd)
    # Where its peer hung up first, pyserial's close leaves the socket of an address open.
    connection = getattr(port, "_socket", None)
    with contextlib.suppress(*_PORT_FAULTS):
        port.close()
    if connection is not None:
        connection.close()


def _descriptor(port: Serial) -> int | None:
    """The file descriptor of a real tty; None for the addresses, which have none."""
    fd = getattr(port, "fd", None)
    return fd if isinstance(fd, int) else None


def _rest(port: Serial, room: int) -> bytes:
    """What lies ready behind the first bytes: a socket tells only *whether* something waits, not how much."""
    parts: list[bytes] = []
    with contextlib.suppress(*_PORT_FAULTS):  # the next read meets the same fault; these bytes were still received
        while room > 0 and (waiting := port.in_waiting):
            parts.append(port.read(min(room, waiting)))
            room -= len(parts[-1])
    return b"".join(parts)


_BY_ERRNO: dict[int, type[PortError]] = {
    errno.ENOENT: PortMissingError,
    errno.ENODEV: PortMissingError,
    errno.ENXIO: PortMissingError,
    errno.ENOTDIR: PortMissingError,
    errno.EIO: PortMissingError,
    errno.ECONNREFUSED: PortMissingError,
    errno.EACCES: PortForbiddenError,
    errno.EPERM: PortForbiddenError,
    errno.EBUSY: PortTakenError,
    errno.EAGAIN: PortTakenError,
    errno.EINVAL: SettingRefusedError,
}


_REFUSALS = ("onfigure port", "RFC2217", "while waiting for option")
"""In pyserial's words: a port, or a serial server, that does not take the settings or does not speak of them at all."""


def _open_error(target: str, exc: Exception) -> PortError:
    detail = str(exc)
    # A KeyError is pyserial stumbling over its own message about an unknown option of an address.
    if isinstance(exc, KeyError) or "invalid URL" in detail or "expected a string in the form" in detail:
        return PortInvalidError(target, detail)
    if kind := _BY_ERRNO.get(_errno_of(exc)):
        return kind(target, detail)
    if isinstance(exc, (ValueError, NotImplementedError)) or any(said in detail for said in _REFUSALS):
        return SettingRefusedError(target, detail)
    # On Windows the number survives only in the text, and "denied" means that another program has the port.
    return PortTakenError(target, detail) if "PermissionError(" in detail else PortMissingError(target, detail)


def _errno_of(exc: BaseException | None) -> int:
    """The first error number in the chain: pyserial wraps the exception below without it."""
    while exc is not None:
        if isinstance(number := exc.args[0] if exc.args else None, int):
            return number
        exc = exc.__cause__ or exc.__context__
    return 0
