"""What only POSIX terminals have: TIOCEXCL, and an error class of their own. Imported by `serial_port` alone."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import contextlib  # noqa: E402
import fcntl  # noqa: E402
import select  # noqa: E402
import termios  # noqa: E402

TtyError = termios.error
"""Raised by flush and reset after an unplug; not an OSError."""


def claim_tty(fd: int) -> None:
    """Let no other process open the port (EBUSY), root excepted. pyserial's own lock is only advisory (flock)."""
    fcntl.ioctl(fd, termios.TIOCEXCL)


def release_tty(fd: int) -> None:
    """Undo `claim_tty`: where somebody else keeps the port open, the mark would outlive us."""
    with contextlib.suppress(OSError):
        fcntl.ioctl(fd, termios.TIOCNXCL)


def has_hung_up(fd: int) -> bool:
    """Whether the line itself is gone. A second reader that took the bytes leaves no such mark."""
    poll = select.poll()
    poll.register(fd, 0)  # hang-up and error are told unasked
    try:
        return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _fd, events in poll.poll(0))
    except (OSError, ValueError):
        return True
