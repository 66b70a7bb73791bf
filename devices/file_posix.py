"""A device that is a file: the kernel's USB printer (`usblp`), which is no serial line and has no settings. POSIX only."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import contextlib  # noqa: E402
import errno  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import threading  # noqa: E402
import time  # noqa: E402

from devices.errors import (  # noqa: E402
    PortError,
    PortForbiddenError,
    PortMissingError,
    PortStalledError,
    PortTakenError,
    TransportLostError,
)

TICK_S = 0.04
WRITE_TIMEOUT_S = 1.0

_BY_ERRNO: dict[int | None, type[PortError]] = {
    errno.EACCES: PortForbiddenError,
    errno.EPERM: PortForbiddenError,
    errno.EBUSY: PortTakenError,  # usblp lets one in at a time
}


class FileTransport:
    """A `Transport` on a device file. A printer whose cable goes one way is opened for writing alone, and says nothing."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._fd: int | None = None
        self._reads = False
        self._cancelled = threading.Event()

    def open(self) -> None:
        """Raises a `PortError`."""
        self.close()
        for mode, reads in ((os.O_RDWR, True), (os.O_WRONLY, False)):
            try:
                self._fd = os.open(self._target, mode | os.O_NONBLOCK | os.O_NOCTTY)
            except OSError as error:
                if not reads or error.errno != errno.EACCES:
                    raise _BY_ERRNO.get(error.errno, PortMissingError)(self._target, str(error)) from error
            else:
                self._reads = reads
                return

    def close(self) -> None:
        """Let go."""
        fd, self._fd = self._fd, None
        if fd is not None:
            with contextlib.suppress(OSError):
                os.close(fd)

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        """What the printer says. Raises `TransportLostError`."""
        fd, end_s = self._open_fd(), time.monotonic() + timeout_s
        while True:
            # usblp is readable and empty where the printer has nothing to say: wait in any case.
            if data := self._read_once(fd, max_bytes):
                return data
            if self._cancelled.is_set() or time.monotonic() >= end_s:
                self._cancelled.clear()
                return b""
            time.sleep(TICK_S)

    def write(self, data: bytes) -> None:
        """Raises `TransportLostError`, or `PortStalledError` where the printer takes no more."""
        end_s = time.monotonic() + WRITE_TIMEOUT_S
        fd = self._open_fd()
        while data:
            if not select.select([], [fd], [], max(0.0, end_s - time.monotonic()))[1]:
                raise PortStalledError(self._target)
            try:
                data = data[os.write(fd, data) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise TransportLostError(self._target, str(error)) from error

    def cancel(self) -> None:
        """End the read under way, or else the next one."""
        self._cancelled.set()

    def _read_once(self, fd: int, max_bytes: int) -> bytes:
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        if any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _fd, events in poll.poll(0)):
            raise TransportLostError(self._target)
        if not self._reads:
            return b""
        try:
            return os.read(fd, max_bytes)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise TransportLostError(self._target, str(error)) from error

    def _open_fd(self) -> int:
        if self._fd is None:
            raise TransportLostError(self._target)
        return self._fd
