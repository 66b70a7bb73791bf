"""Zebra's Simple Serial Interface and its clones (NADAMOO, Grow GM67, Element): `len op source status data.. checksum`.

`len` counts all but the checksum; source 04 is the host, 00 the decoder. Status bit 0 marks a frame that is sent again, bit 3
a setting to be stored. Scans come raw, or, in packet mode, as DECODE_DATA with the kind of code in their first byte.
(easymanua.ls zebra/ds9908 p. 254; manualslib.com/manual/1903737 p. 193; docs.zebra.com MP72 "SSI commands".)
"""

from __future__ import annotations

from enum import IntEnum

from devices.decoding import Symbology
from devices.frames import MORE, NOT, Answer, Damaged, FrameMeaning, ScanPacket, length_fault, printable
from devices.frames.checksums import complement_16
from devices.replies import Outcome

HOST, DECODER = 0x04, 0x00
_RESENT = 0x01
_LEAST = 4
_CHECKSUM_BYTES = 2


class Opcode(IntEnum):
    """Those that the till sends or understands."""

    REQUEST_REVISION = 0xA3
    REPLY_REVISION = 0xA4
    PARAM_SEND = 0xC6
    ACK = 0xD0
    NAK = 0xD1
    FLUSH_QUEUE = 0xD2
    START_DECODE = 0xE4
    STOP_DECODE = 0xE5
    BEEP = 0xE6
    SCAN_ENABLE = 0xE9
    SCAN_DISABLE = 0xEA
    DECODE_DATA = 0xF3
    EVENT = 0xF6


_FROM_DECODER = frozenset({Opcode.REPLY_REVISION, Opcode.PARAM_SEND, Opcode.ACK, Opcode.NAK, Opcode.DECODE_DATA,
                           Opcode.EVENT})  # fmt: skip
_NAK_CAUSES = {1: Outcome.REFUSED, 2: Outcome.UNKNOWN_COMMAND, 6: Outcome.REFUSED}
"""01 resend (the checksum was wrong), 02 bad context or unknown, 06 denied."""


def frame(opcode: int, data: bytes = b"", *, source: int = HOST, status: int = 0) -> bytes:
    """One frame with its length and checksum."""
    body = bytes((_LEAST + len(data), opcode, source, status)) + data
    return body + complement_16(body)


ACK = frame(Opcode.ACK)
NAK_RESEND = frame(Opcode.NAK, b"\x01")


class SsiFormat:
    """`ReplyFormat` of SSI. All that comes from a decoder in a frame is told by opcode and source, so never by text."""

    keeps_text = True

    def measure(self, head: bytes, *, is_asked: bool) -> int:  # noqa: ARG002 (told from a scan by its head alone)
        """By the length in the first byte, once opcode and source fit."""
        if head[0] < _LEAST or (head[1:2] and head[1] not in _FROM_DECODER) or (head[2:3] and head[2] != DECODER):
            return NOT
        length = head[0] + _CHECKSUM_BYTES
        return length if len(head) >= length else MORE

    def read(self, frame: bytes) -> FrameMeaning:
        """Answer, scan or event; a wrong checksum is asked for again."""
        body, opcode, data = frame[:-_CHECKSUM_BYTES], frame[1], frame[4:-_CHECKSUM_BYTES]
        if complement_16(body) != frame[-_CHECKSUM_BYTES:]:
            return Damaged(NAK_RESEND)
        match opcode:
            case Opcode.DECODE_DATA:
                return ScanPacket(data[1:], _KINDS.get(data[0] if data else 0), ACK, bool(frame[3] & _RESENT))
            case Opcode.NAK:
                return Answer(_NAK_CAUSES.get(data[0] if data else 0, Outcome.REFUSED))
            case _:
                return Answer(Outcome.DONE, printable(data))

    def answers(self, frame: bytes, command: bytes) -> bool:
        """A revision answers the request for it alone; ACK and NAK name no command."""
        match frame[1]:
            case Opcode.REPLY_REVISION:
                return command[1] == Opcode.REQUEST_REVISION
            case Opcode.ACK:
                return command[1] != Opcode.REQUEST_REVISION
            case Opcode.NAK:
                return True
            case _:
                return False

    def fault_of(self, command: bytes) -> str:
        """Length and checksum."""
        return length_fault(command, _LEAST)


_KINDS = {
    0x01: Symbology.CODE_39,
    0x02: Symbology.CODABAR,
    0x03: Symbology.CODE_128,
    0x06: Symbology.ITF,
    0x08: Symbology.EAN_UPC,
    0x09: Symbology.EAN_UPC,
    0x0A: Symbology.EAN_8,
    0x0B: Symbology.EAN_UPC,
    0x0F: Symbology.GS1_128,
    0x11: Symbology.PDF417,
    0x1B: Symbology.DATA_MATRIX,
    0x1C: Symbology.QR,
    0x2D: Symbology.AZTEC,
}
"""SSI's own code types (easymanua.ls motorola/symbol-cs3000-series p. 129); any other is told without its kind."""
