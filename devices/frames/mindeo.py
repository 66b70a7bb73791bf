"""Mindeo and Unitech ES910: frames like SSI without the byte of the source, `len op status data.. checksum`.

`03 56 80 FF 27` asks for the revision, `R` answers (manualshive.com mindeo/es4200 p. 86, easymanua.ls mindeo/fs580 p. 89).
"""

from __future__ import annotations

from devices.frames import MORE, NOT, Answer, printable
from devices.frames.checksums import complement_16, hex_text
from devices.replies import Outcome

REQUEST_REVISION, REPLY_REVISION = ord("V"), ord("R")
_LEAST = 3
_CHECKSUM_BYTES = 2
_FIRST_PRINTABLE = 0x20


def frame(opcode: int, data: bytes = b"", *, status: int = 0x80) -> bytes:
    """One frame with its length and checksum."""
    body = bytes((_LEAST + len(data), opcode, status)) + data
    return body + complement_16(body)


class MindeoFormat:
    """`ReplyFormat` of Mindeo."""

    def measure(self, head: bytes, *, is_asked: bool) -> int:
        """By length, opcode and checksum. A long answer begins like text (`%R`), so it counts only when it was asked for."""
        if head[0] < _LEAST or (head[0] >= _FIRST_PRINTABLE and not is_asked):
            return NOT
        if head[1:2] and head[1] != REPLY_REVISION:
            return NOT
        length = head[0] + _CHECKSUM_BYTES
        if len(head) < length:
            return MORE
        is_whole = complement_16(head[: head[0]]) == head[head[0] : length]
        return length if is_whole or head[0] < _FIRST_PRINTABLE else NOT

    def read(self, frame: bytes) -> Answer:
        """A revision that came damaged is none."""
        body = frame[:-_CHECKSUM_BYTES]
        if complement_16(body) != frame[-_CHECKSUM_BYTES:]:
            return Answer(Outcome.REFUSED)
        return Answer(Outcome.DONE, printable(body[_LEAST:]))

    def answers(self, frame: bytes, command: bytes) -> bool:  # noqa: ARG002 (there is one question)
        """R answers V."""
        return command[1] == REQUEST_REVISION

    def fault_of(self, command: bytes) -> str:
        """Length and checksum."""
        if len(command) < _LEAST + _CHECKSUM_BYTES or command[0] != len(command) - _CHECKSUM_BYTES:
            return "the first byte counts all bytes but the two of the checksum"
        expected = complement_16(command[:-_CHECKSUM_BYTES])
        return "" if command.endswith(expected) else f"the checksum must be {hex_text(expected)}"
