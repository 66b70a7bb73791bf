"""Hangzhou Grow and many modules without a name (GM65, Waveshare), Newland EM3095, HR100, HR125: registers.

Command `7E 00 type len address(2) data.. crc(2)`, type 07 read, 08 write, 09 save; answer `02 00 type len data.. crc(2)`, type
00 done, 01 wrong CRC, 02 the memory does not answer, 03 invalid command. CRC-16/XMODEM from type to the last data byte; `AB CD`
instead means "do not check" (esmanual.top/manual/253531 p. 18 and 25, manualslib.mx/manual/493469 p. 21).
"""

from __future__ import annotations

from devices.frames import MORE, NOT, Answer, Damaged, FrameMeaning, printable
from devices.frames.checksums import crc_xmodem, hex_text
from devices.replies import Outcome

COMMAND_HEAD, ANSWER_HEAD = b"\x7e\x00", b"\x02\x00"
UNCHECKED = b"\xab\xcd"
READ = 0x07
_LEAST_COMMAND = 9
_LENGTH_AT, _DATA_AT, _CRC_BYTES = 3, 4, 2
_OUTCOMES = {0x00: Outcome.DONE, 0x03: Outcome.UNKNOWN_COMMAND}


def frame(kind: int, address: int, data: bytes) -> bytes:
    """A command for the registers from `address` on; for a read, `data` is how many."""
    length = 1 if kind == READ else len(data)
    body = bytes((kind, length)) + address.to_bytes(2, "big") + data
    return COMMAND_HEAD + body + crc_xmodem(body)


def answer(kind: int, data: bytes) -> bytes:
    """What a module answers."""
    body = bytes((kind, len(data))) + data
    return ANSWER_HEAD + body + crc_xmodem(body)


class GrowFormat:
    """`ReplyFormat` of register modules."""

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (told from a scan by its head alone)
        """By the length in the fourth byte."""
        if not head.startswith(ANSWER_HEAD):
            return MORE if ANSWER_HEAD.startswith(head) else NOT
        if len(head) <= _LENGTH_AT:
            return MORE
        length = _DATA_AT + head[_LENGTH_AT] + _CRC_BYTES
        return length if len(head) >= length else MORE

    def read(self, frame: bytes) -> FrameMeaning:
        """A register's bytes are no text: they are told in hex."""
        if crc_xmodem(frame[2:-_CRC_BYTES]) != frame[-_CRC_BYTES:]:
            return Damaged()
        data = frame[_DATA_AT:-_CRC_BYTES]
        return Answer(_OUTCOMES.get(frame[2], Outcome.REFUSED), printable(data) or hex_text(data))

    def answers(self, frame: bytes, command: bytes) -> bool:
        """Nothing in an answer names its command; the length of what was read does, as far as it goes."""
        is_done = frame[2] == 0
        return not is_done or command[2] != READ or frame[_LENGTH_AT] == command[6]

    def fault_of(self, command: bytes) -> str:
        """Head and sum."""
        if not command.startswith(COMMAND_HEAD) or len(command) < _LEAST_COMMAND:
            return "write 7E 00 type length address(2) data crc(2)"
        expected = crc_xmodem(command[2:-_CRC_BYTES])
        is_right = command[-_CRC_BYTES:] in (expected, UNCHECKED)
        return "" if is_right else f"the checksum must be {hex_text(expected)}"
