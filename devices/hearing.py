"""What a scan says about the scanner that sent it: the end of its codes, its prefix, its charset, its pauses. Pure.

The technician scans a code that is known beforehand (`TEST_CODE`), so that what the scanner adds, drops or turns into
something else stands out. Any other code tells less: its end, an AIM prefix, its pauses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from devices.decoding import Charset, Symbology, decode
from devices.framing import Frame, Framer, FramingFault
from devices.profiles import ScannerProfile
from devices.transport import LineSettings

TEST_CODE: Final = "Till-test 0012345 会员"
"""Letters of both cases, leading zeros and two hanzi: each is lost or changed by some setting of a scanner. QR version 3."""

_ASCII_PART: Final = "Till-test 0012345"
_HANZI: Final = TEST_CODE.removeprefix(_ASCII_PART + " ")
_ENDS: Final = b"\r\n\x03\t"
_NS_PER_MS: Final = 1_000_000

Chunk = tuple[bytes, int]
"""The bytes of one read and its monotonic ns."""


class Trouble(StrEnum):
    """What is wrong with what was heard."""

    GARBAGE = "heard-garbage"
    """Bytes that make no text: another baud rate."""
    PARITY = "heard-parity"
    """Text once the highest bit is taken off: seven bits with parity, read as eight."""
    CASE = "heard-case"
    """Letters in another case."""
    HANZI = "heard-hanzi"
    """The Chinese of the test code is gone, or turned into something else."""
    NO_END = "heard-no-end"
    """Nothing marks the end: only silence does, and the till waits for it at every scan."""
    PAUSE = "heard-pause"
    """Longer pauses inside the code than the end may take to be known."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One scan as it came in. `end` and `prefix` are the bytes around the code; times in ms."""

    raw: bytes
    line: LineSettings
    prefix: bytes
    end: bytes
    symbology: Symbology | None
    charset: Charset | None
    is_test_code: bool
    duration_ms: int
    longest_gap_ms: int
    troubles: tuple[Trouble, ...]
    chunks: tuple[Chunk, ...]

    @property
    def is_readable(self) -> bool:
        """Whether it is text at these line settings."""
        return Trouble.GARBAGE not in self.troubles and Trouble.PARITY not in self.troubles

    @property
    def end_name(self) -> str:
        """`CR LF`; empty where nothing marks the end."""
        return " ".join(_END_NAMES[byte] for byte in self.end)


_END_NAMES: Final = {0x0D: "CR", 0x0A: "LF", 0x03: "ETX", 0x09: "TAB"}


def hear(chunks: Sequence[Chunk], line: LineSettings) -> Hearing:
    """What the reads of one scan say; at least one read with a byte in it."""
    raw = b"".join(data for data, _at in chunks)
    body = raw.rstrip(_ENDS)
    times = [at for _data, at in chunks]
    gap_ns = max((later - earlier for earlier, later in pairwise(times)), default=0)
    code = body[body.find(_ASCII_PART.encode()) :] if _ASCII_PART.encode() in body else b""
    prefix = body[: len(body) - len(code)] if code else _usual_prefix(body)
    aim = decode(prefix.lstrip(b"\x02"), aim_prefix=True)
    return Hearing(
        raw=raw, line=line, prefix=prefix, end=raw[len(body) :], symbology=aim.symbology,
        charset=_charset(code, body), is_test_code=bool(code), duration_ms=(times[-1] - times[0]) // _NS_PER_MS,
        longest_gap_ms=gap_ns // _NS_PER_MS,
        troubles=tuple(_troubles(body, code, raw[len(body) :], gap_ns // _NS_PER_MS)), chunks=tuple(chunks),
    )  # fmt: skip


_LATER_NS = 3_600_000_000_000


def reads_right(profile: ScannerProfile, hearing: Hearing) -> str | None:
    """The one code that this profile makes of what was heard; None where it makes none, several, or another than was shown."""
    framer = Framer(profile.framing)
    _framed(framer, hearing.chunks)  # a line that has shown how it ends its codes is read faster than at first
    found = _framed(framer, [(data, at_ns + _LATER_NS) for data, at_ns in hearing.chunks])
    labels = [
        decode(frame.data, aim_prefix=profile.aim_prefix, code_ids=profile.code_ids, charset=profile.charset)
        for frame in found
        if isinstance(frame, Frame)
    ]
    if len(labels) != 1 or len(found) != 1 or not labels[0].is_readable:
        return None
    label = labels[0].label
    if Trouble.HANZI in hearing.troubles:  # no profile brings them back, and codes of members have none
        return label if label.startswith(_ASCII_PART) else None
    return label if not hearing.is_test_code or label == TEST_CODE else None


def _framed(framer: Framer, chunks: Sequence[Chunk]) -> list[Frame | FramingFault]:
    found = []
    for (data, at_ns), after_ns in zip(chunks, _silences(chunks), strict=True):
        found += framer.feed(data, at_ns)
        found += framer.idle(after_ns)
    return found


def _silences(chunks: Sequence[Chunk]) -> list[int]:
    """Up to when nothing came behind each read: just before the next; behind the last, for ever."""
    return [*(at - 1 for _data, at in chunks[1:]), chunks[-1][1] + 10_000 * _NS_PER_MS]


def _usual_prefix(body: bytes) -> bytes:
    """Of a code that nobody knows: STX and an AIM identifier, where they are there."""
    rest = body.removeprefix(b"\x02")
    label = decode(rest, aim_prefix=True)
    return body[: len(body) - len(rest) + (3 if label.symbology else 0)]


def _charset(code: bytes, body: bytes) -> Charset | None:
    """By the hanzi of the test code; else by what the bytes can be."""
    for charset in (Charset.UTF_8, Charset.GB18030):
        if _HANZI.encode(charset) in code:
            return charset
    if code:
        return None
    label = decode(body, charset=Charset.AUTO)
    return label.charset if label.is_readable else None


def _troubles(body: bytes, code: bytes, end: bytes, gap_ms: int) -> list[Trouble]:
    if not _is_text(body):
        seven = bytes(byte & 0x7F for byte in body).rstrip(_ENDS)
        return [Trouble.PARITY if _is_text(seven) else Trouble.GARBAGE]
    found = []
    if not code and _ASCII_PART.lower().encode() in body.lower():
        found.append(Trouble.CASE)
    if code and _charset(code, body) is None:
        found.append(Trouble.HANZI)
    if not end:
        found.append(Trouble.NO_END)
    if gap_ms >= _LONG_GAP_MS:
        found.append(Trouble.PAUSE)
    return found


_LONG_GAP_MS: Final = 50
"""Datalogic documents pauses of up to 50 ms inside a label; more is a line that stalls."""


def _is_text(body: bytes) -> bool:
    """Whether a code can look like that. A wrong baud rate gives control characters and bytes of no charset."""
    label = decode(body.lstrip(b"\x02"), charset=Charset.AUTO)
    controls = sum(byte < 0x20 and byte != 0x1D for byte in body.lstrip(b"\x02"))
    return bool(body) and label.is_readable and not controls and _has_sense(label.label)


def _has_sense(text: str) -> bool:
    """Garbage is often valid GB18030; codes are mostly ASCII."""
    return sum(char.isascii() for char in text) * 2 >= len(text)
