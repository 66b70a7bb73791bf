"""A scanner's cable as a pseudo-terminal: what is written here, a serial port reads there. POSIX only.

Imported by `simulators` alone, and only where the platform has ptys.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import contextlib  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import tempfile  # noqa: E402
import tty  # noqa: E402
from pathlib import Path  # noqa: E402

from devices.ports import PortKind, PortRef  # noqa: E402

_WRITE_PATIENCE_S = 2.0


class PtyCable:
    """A pty behind a link that keeps its name over a replug, as by-id does."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="till-scanner-")
        self._link = Path(self._folder.name) / "port"
        self._ends: tuple[int, int] | None = None
        self.port = PortRef(PortKind.DEVICE, str(self._link))
        self.plug()

    def plug(self) -> None:
        """Appear under the link; nothing that was written before is left."""
        if self._ends:
            return
        self._ends = os.openpty()
        ours, theirs = self._ends
        # Held open, so that the settings stay and a reader that closes does not hang the line up.
        tty.setraw(theirs)
        os.set_blocking(ours, False)
        self._link.symlink_to(os.ttyname(theirs))

    def unplug(self) -> None:
        """Disappear: the reader's next call fails as on a pulled USB plug."""
        if self._ends:
            self._link.unlink()
            ends, self._ends = self._ends, None
            for fd in ends:
                os.close(fd)

    def write(self, data: bytes) -> None:
        """Send; a scanner does not wait for ever for a host that does not read, nor does it notice a missing one."""
        while data and self._ends:
            ours = self._ends[0]
            if not select.select([], [ours], [], _WRITE_PATIENCE_S)[1]:
                return
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(ours, data) :]

    def read(self, timeout_s: float) -> bytes:
        """What the host has sent, or `b""`."""
        if not self._ends or not select.select([self._ends[0]], [], [], timeout_s)[0]:
            return b""
        try:
            return os.read(self._ends[0], 4096)
        except OSError:
            return b""

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()
        self._folder.cleanup()
