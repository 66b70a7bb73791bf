"""Which way to a printer: a serial line, the network, or the system's own printer device (`/dev/usb/lp0`)."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

from devices.serial_port import SerialTransport
from devices.transport import LineSettings, Transport


def printer_transport(target: str, line: LineSettings) -> Transport:
    """For a device path or an address (`socket://192.168.1.50:9100`)."""
    if sys.platform != "win32" and PurePosixPath(target).name.startswith("lp"):
        from devices.file_posix import FileTransport

        return FileTransport(target)
    return SerialTransport(target, line)
