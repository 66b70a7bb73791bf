"""The one place of the bench that knows pseudo-terminals: Windows has none that a program can hold."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import fcntl
    import os
    import struct
    import termios
    import tty

    def open_terminal(columns: int, rows: int) -> tuple[int, int]:
        """(our end, the program's end) of a new terminal of that size."""
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        return ours, theirs

    def pass_keys_on() -> None:
        """Hand every key of standard input to the program at once, unechoed."""
        tty.setraw(0)

else:

    def open_terminal(columns: int, rows: int) -> tuple[int, int]:
        """There is none."""
        raise OSError(f"no pseudo-terminal of {columns} x {rows} on this platform")

    def pass_keys_on() -> None:
        """There is nothing to change."""
