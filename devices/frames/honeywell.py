"""Honeywell's menu commands: `SYN M CR TAG... .` (stored) or `!` (until switched off).

The scanner repeats the command, with a status byte before each mark: ACK done, ENQ unknown, NAK out of range (N431X guide
p. 9-2, N86 p. 10-1). What a query tells stands between the tag and the status; `REVINF.` and `P_INFO.` send lines `Name: value`
before it.
"""

from __future__ import annotations

import re

from devices.frames import MORE, NOT, Answer, printable, worst_status
from devices.replies import Outcome

_COMMAND = re.compile(rb"\x16M\r[!-~ ]{3,}[.!]")
_PREFIX = b"\x16M\r"
_ECHO = re.compile(rb"([A-Za-z0-9_]{3,6})[^\x00-\x04\x07-\x1f]*?[\x05\x06\x15][.!]")
_ECHO_SO_FAR = re.compile(rb"[A-Za-z0-9_]{0,6}|[A-Za-z0-9_]{3,6}[^\x00-\x04\x07-\x1f]*")
_INFO = re.compile(rb"[A-Z][A-Za-z /#]{2,30}: [^\r\n]*\r\n?")
_INFO_SO_FAR = re.compile(rb"[A-Z][A-Za-z /#]{0,30}(:( [^\r\n]*)?)?")
_MOST_BYTES = 1_024


class HoneywellFormat:
    """`ReplyFormat` of Honeywell.

    No scanned text has ACK, ENQ or NAK before a full stop, so an echo is known whenever it comes. A line `Name: value` may
    well be a code, and is an answer only to who asked.
    """

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:
        """An echo up to its mark, or one line of information."""
        if echo := _ECHO.match(head):
            return echo.end()
        if is_asked and (info := _INFO.match(head)):
            return info.end()
        if len(head) >= _MOST_BYTES:
            return NOT
        may_grow = _ECHO_SO_FAR.fullmatch(head) or (is_asked and _INFO_SO_FAR.fullmatch(head))
        return MORE if may_grow else NOT

    def read(self, frame: bytes) -> Answer:
        """The worst status decides; a line of information is a part only."""
        echo = _ECHO.fullmatch(frame)
        if echo is None:
            return Answer(Outcome.DONE, printable(frame), is_last=False)
        return Answer(worst_status(frame), printable(frame[echo.end(1) : -1]))

    def answers(self, frame: bytes, command: bytes) -> bool:
        """The echo begins with the tag that was sent, in either case."""
        echo = _ECHO.fullmatch(frame)
        tag = echo.group(1) if echo else b""
        return command.removeprefix(_PREFIX).upper().startswith(tag.upper())

    def fault_of(self, command: bytes) -> str:
        """A menu command: triggers and signs of Host ACK mode are not answered."""
        return "" if _COMMAND.fullmatch(command) else "write 16 4D 0D TAG, and 2E (stored) or 21"
