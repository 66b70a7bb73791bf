"""How families frame what they answer: one file each. Pure functions over bytes; `devices.router` holds the line.

An answer is told from a scan by its shape, never by its place alone: a scan may come between a command and its answer, and
an answer that nobody waits for any more must not become a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from devices.decoding import Symbology
from devices.frames.checksums import complement_16, hex_text
from devices.replies import Outcome

MORE = -1
"""`measure`: so far it may be an answer; wait for more bytes."""
NOT = 0
"""`measure`: what begins here is no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A frame that answers a command. `is_last` False: more frames of the same answer follow."""

    outcome: Outcome
    text: str = ""
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class ScanPacket:
    """A scan that came in a packet of the protocol. `confirm` is what the scanner waits for."""

    data: bytes
    symbology: Symbology | None
    confirm: bytes
    is_resent: bool = False
    """The scanner says that it sends this a second time: it did not hear the first confirmation."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A frame whose checksum is wrong. `refuse` asks for it once more."""

    refuse: bytes = b""


FrameMeaning = Answer | ScanPacket | Damaged


class ReplyFormat(Protocol):
    """One family's frames."""

    @property
    def keeps_text(self) -> bool:
        """Whether text that was held, and never became a frame, is a scan."""

    def measure(self, head: bytes, *, is_asked: bool) -> int:
        """How many of the first bytes of `head` are one frame: `MORE`, `NOT`, or a length.

        `head` begins where a frame may begin. `is_asked`: a command waits, or did a moment ago.
        """

    def read(self, frame: bytes) -> FrameMeaning:
        """What a measured frame says."""

    def answers(self, frame: bytes, command: bytes) -> bool:
        """Whether `frame` can be the answer to `command`: a late one to a former command must not pass for it."""

    def fault_of(self, command: bytes) -> str:
        """Why `command` is no frame of this family, for the author of a profile; empty when it is one."""


def worst_status(frame: bytes) -> Outcome:
    """Of the status bytes that Newland and Honeywell put into an answer: ENQ unknown, NAK out of range, else done."""
    if b"\x05" in frame:
        return Outcome.UNKNOWN_COMMAND
    return Outcome.REFUSED if b"\x15" in frame else Outcome.DONE


def length_fault(command: bytes, least: int) -> str:
    """`ReplyFormat.fault_of` of the families whose first byte counts the others, with a sum of two bytes behind."""
    if len(command) < least + 2 or command[0] != len(command) - 2:
        return "the first byte counts all bytes but the two of the checksum"
    expected = complement_16(command[:-2])
    return "" if command.endswith(expected) else f"the checksum must be {hex_text(expected)}"


def printable(data: bytes) -> str:
    """The text of an answer: printable ASCII, lines joined by LF."""
    lines = data.replace(b"\r", b"\n").split(b"\n")
    texts = ("".join(chr(byte) for byte in line if 0x20 <= byte < 0x7F).strip() for line in lines)
    return "\n".join(text for text in texts if text)
