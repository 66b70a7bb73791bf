"""Unitech with "binary check character" on: `data CR LF bcc`, the exclusive or of all bytes before it.

The check stands behind the end of the line, so such scans are read as packets (easymanua.ls unitech/ms912plus p. 13).
"""

from __future__ import annotations

from functools import reduce
from operator import xor

from devices.frames import MORE, Damaged, FrameMeaning, ScanPacket

_END = b"\r\n"


class BccFormat:
    """`ReplyFormat` of scanners that answer nothing, and put a check behind each scan."""

    keeps_text = False

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (nothing is ever asked)
        """Up to the byte behind CR LF."""
        end = head.find(_END)
        length = end + len(_END) + 1
        return length if end >= 0 and length <= len(head) else MORE

    def read(self, frame: bytes) -> FrameMeaning:
        """The data without its end; nothing at all where the check is wrong."""
        return Damaged() if reduce(xor, frame) else ScanPacket(frame[: -len(_END) - 1], None, b"")

    def answers(self, frame: bytes, command: bytes) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def fault_of(self, command: bytes) -> str:  # noqa: ARG002
        """Commands have no form."""
        return ""
