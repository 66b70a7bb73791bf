"""Datalogic: commands of one byte; what `i`, `h` and `s` are answered is framed, `SOH (STX letter content ETX)... EOT`.

(PowerScan reference guide p. 381; the letters: Datalogic KA-01506: M model, S serial number, R revision; health OK, FAIL, NA.)
"""

from __future__ import annotations

import re

from devices.frames import MORE, NOT, Answer
from devices.replies import Outcome

_HEAD, _EOT = b"\x01\x02", 0x04
_PART = re.compile(rb"\x02([!-~])([ -~]*)\x03")
_MOST_BYTES = 2_048


class DatalogicFormat:
    """`ReplyFormat` of Datalogic."""

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (told from a scan by its head alone)
        """From SOH STX to EOT."""
        if not head.startswith(_HEAD):
            return MORE if _HEAD.startswith(head) else NOT
        end = head.find(_EOT)
        if end >= 0:
            return end + 1
        return MORE if len(head) < _MOST_BYTES else len(head)

    def read(self, frame: bytes) -> Answer:
        """One line for each part: `M: 9800`."""
        parts = (f"{part.group(1).decode()}: {part.group(2).decode()}" for part in _PART.finditer(frame))
        return Answer(Outcome.DONE, "\n".join(parts))

    def answers(self, frame: bytes, command: bytes) -> bool:  # noqa: ARG002 (an answer names no command)
        """Any request for information."""
        return command in (b"i", b"h", b"s")

    def fault_of(self, command: bytes) -> str:  # noqa: ARG002 (any byte may be one)
        """Single bytes have no form."""
        return ""
