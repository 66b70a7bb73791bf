"""Newland's unified commands (since 2015), also Sunmi's built-in scanners.

Command `7E 01 "0000" (# volatile | @ stored) TAG... ; 03`; answer `02 01 "0000" (#|@) TAG data status ; 03` with status 06
taken, 15 out of range, 05 unknown command (manualslib.com/manual/3278488 p. 35 and 234).
"""

from __future__ import annotations

import re

from devices.frames import MORE, NOT, Answer, printable, worst_status

_COMMAND = re.compile(rb"\x7e\x010000[#@][A-Z]{6}[ -~]*;\x03")
_HEAD = b"\x02\x010000"
_TAG_ENDS = len(_HEAD) + len(b"@QRYSYS")
_END = b";\x03"
_MOST_BYTES = 2_048


class NewlandFormat:
    """`ReplyFormat` of Newland."""

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (told from a scan by its head alone)
        """From `02 01 "0000"` to `; 03`."""
        if not head.startswith(_HEAD):
            return MORE if _HEAD.startswith(head) else NOT
        end = head.find(_END)
        if end >= 0:
            return end + len(_END)
        return MORE if len(head) < _MOST_BYTES else len(head)

    def read(self, frame: bytes) -> Answer:
        """The worst status of all tags decides."""
        return Answer(worst_status(frame), printable(frame[_TAG_ENDS:].removesuffix(_END)))

    def answers(self, frame: bytes, command: bytes) -> bool:
        """The answer repeats the tag, six letters behind the mark of storage."""
        return frame[len(_HEAD) : _TAG_ENDS] == command[len(_HEAD) : _TAG_ENDS]

    def fault_of(self, command: bytes) -> str:
        """Form only: the vendor's list of tags is not ours."""
        return (
            "" if _COMMAND.fullmatch(command) else 'write 7E 01 "0000" # TAG ; 03 (six capital letters, @ to store)'
        )
