"""Mindeo and Unitech ES910: frames like SSI without the byte of the source, `len op status data.. checksum`.

Status bit 7 marks the host, bit 0 a frame that is sent again. Opcodes are letters: V asks for the revision, R answers; Y is
ACK, N is NAK with a bit for each cause, P carries a scan (manualshive.com mindeo/fs580 p. 86, 90; mindeo/es4200 p. 81-86).
"""

from __future__ import annotations

from devices.frames import MORE, NOT, Answer, Damaged, FrameMeaning, ScanPacket, length_fault, printable
from devices.frames.checksums import complement_16
from devices.replies import Outcome

REQUEST_REVISION, REPLY_REVISION, DECODE_DATA, ACKNOWLEDGE, REFUSE = b"VRPYN"
HOST = 0x80
_RESENT = 0x01
_LEAST = 3
_CHECKSUM_BYTES = 2
_FROM_SCANNER = frozenset((REPLY_REVISION, DECODE_DATA, ACKNOWLEDGE, REFUSE))
_BAD_CONTEXT = 0x04


def frame(opcode: int, data: bytes = b"", *, status: int = HOST) -> bytes:
    """One frame with its length and checksum."""
    body = bytes((_LEAST + len(data), opcode, status)) + data
    return body + complement_16(body)


ACK = frame(ACKNOWLEDGE)
NAK_RESEND = frame(REFUSE, b"\x02")


class MindeoFormat:
    """`ReplyFormat` of Mindeo. A status of 00 or 01 in the third byte tells a frame from text."""

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (told from a scan by its head alone)
        """By the length in the first byte, once opcode and status fit."""
        if head[0] < _LEAST or (head[1:2] and head[1] not in _FROM_SCANNER) or (head[2:3] and head[2] > _RESENT):
            return NOT
        length = head[0] + _CHECKSUM_BYTES
        return length if len(head) >= length else MORE

    def read(self, frame: bytes) -> FrameMeaning:
        """Answer or scan; a wrong checksum is asked for again."""
        body, data = frame[:-_CHECKSUM_BYTES], frame[_LEAST:-_CHECKSUM_BYTES]
        if complement_16(body) != frame[-_CHECKSUM_BYTES:]:
            return Damaged(NAK_RESEND)
        if frame[1] == DECODE_DATA:
            return ScanPacket(data, None, ACK, bool(frame[2] & _RESENT))
        if frame[1] == REFUSE:
            is_unknown = bool(data) and data[0] == _BAD_CONTEXT
            return Answer(Outcome.UNKNOWN_COMMAND if is_unknown else Outcome.REFUSED)
        return Answer(Outcome.DONE, printable(data))

    def answers(self, frame: bytes, command: bytes) -> bool:
        """R answers V alone, Y anything else; N names no command."""
        return frame[1] == REFUSE or (frame[1] == REPLY_REVISION) == (command[1] == REQUEST_REVISION)

    def fault_of(self, command: bytes) -> str:
        """Length and checksum."""
        return length_fault(command, _LEAST)
