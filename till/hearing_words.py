"""What was heard from a scanner, as a technician reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from devices.hearing import Hearing, Trouble
from devices.suggesting import Suggestion
from devices.transport import LineSettings

MOST_SUGGESTED: Final = 5


@dataclass(frozen=True)
class Heard:
    """A scan as a technician reads it: every part of it in words, and the profiles that read it right, the best first."""

    text: str
    hex: str
    line: str
    prefix: str
    end: str
    symbology: str
    charset: str
    bytes: int
    duration_ms: int
    longest_gap_ms: int
    is_test_code: bool
    troubles: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]


def line_text(line: LineSettings) -> str:
    """`9600 8N1`."""
    return f"{line.baud} {line.bytesize}{line.parity}{line.stopbits}"


def in_words(hearing: Hearing, suggestions: Sequence[Suggestion]) -> Heard:
    """What a hearing says, without the bytes of its reads."""
    troubles = [str(trouble) for trouble in hearing.troubles]
    if hearing.prefix and hearing.is_readable and not suggestions:
        troubles.append("heard-prefix")
    elif hearing.is_readable and not suggestions and Trouble.HANZI not in hearing.troubles:
        troubles.append("heard-no-profile")
    return Heard(
        text=printable(hearing.raw), hex=hearing.raw.hex(" "), line=line_text(hearing.line),
        prefix=printable(hearing.prefix), end=hearing.end_name, symbology=hearing.symbology or "",
        charset=hearing.charset or "", bytes=len(hearing.raw), duration_ms=hearing.duration_ms,
        longest_gap_ms=hearing.longest_gap_ms, is_test_code=hearing.is_test_code, troubles=tuple(troubles),
        suggestions=tuple(suggestions[:MOST_SUGGESTED]),
    )  # fmt: skip


def printable(data: bytes) -> str:
    """Bytes as a hex dump shows them beside: a dot for what is no ASCII sign."""
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
