"""Bytes into frames. Pure: the time is passed in.

A frame ends at a terminator, or, where the scanner sends none (Zebra "data as is"), when the line falls silent. Only
`idle` looks at silence: bytes that waited in a buffer while this program was held up are no gap.

No half of a frame passes for a whole one. Where the end is certain, silence in the middle means a line that stalled: what has
come is dropped, and so is the rest if it still comes. Certain is what the profile says (`on_gap`, STX), and what the line has
shown itself: whoever ended a frame by a terminator ends the next one too. A line that has shown nothing yet is given longer,
until it has ended three frames by nothing but silence: lines stall for less than half a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

MAX_FRAME_BYTES = 4096
"""The longest label a scanner documents is 2,714 bytes (Datalogic Magellan 9300i, p. 507)."""

_CR, _LF = 0x0D, 0x0A
_NS_PER_MS = 1_000_000
_SHOWN = 3
_STALL_NS = 500 * _NS_PER_MS
"""The silence that ends a frame of a line of which nobody knows yet whether it sends terminators."""
_TAIL_NS = 500 * _NS_PER_MS
_NOISE_BYTES = 1
"""So long after a frame broke off what comes is its rest: nobody scans again so soon. A single byte was noise, and has none."""
_BYTES_OF = {"CR": (_CR,), "LF": (_LF,), "CRLF": (_CR, _LF), "ETX": (0x03,), "TAB": (0x09,)}

Terminator = Literal["CR", "LF", "CRLF", "ETX", "TAB"]


class Framing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one model marks the ends of what it sends."""

    terminators: tuple[Terminator, ...] = ("CR", "LF")
    """Any of them ends a frame; CR and LF together count as one. Empty: only silence does."""
    stx: bool = False
    """True: a frame begins at STX (0x02), what stands before it is noise."""
    gap_ms: Annotated[int, msgspec.Meta(ge=20, le=5_000)] = 80
    """Silence that ends a frame: above the FTDI latency timer (16 ms) and the pauses inside a label (50 ms)."""
    on_gap: Literal["frame", "drop"] = "frame"
    """`drop` where a terminator is certain: a code cut off by a stalled line must not pass for a whole one."""

    def __post_init__(self) -> None:
        if self.on_gap == "drop" and not self.terminators:
            raise ValueError("on_gap = 'drop' needs a terminator, or no frame would ever end")


class FrameEnd(StrEnum):
    """What ended a frame. CR stands for CR LF too: the LF may be in the next read."""

    CR = "CR"
    LF = "LF"
    ETX = "ETX"
    TAB = "TAB"
    GAP = "gap"


class FaultKind(StrEnum):
    """Why bytes were thrown away."""

    OVERLONG = "overlong"
    INCOMPLETE = "incomplete"
    CHECKSUM = "checksum"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a scanner sent in one go, without terminator and STX. Times are those of the reads, in monotonic ns."""

    data: bytes
    first_ns: int
    last_ns: int
    end: FrameEnd


@dataclass(frozen=True, slots=True)
class FramingFault:
    """Bytes that make no frame."""

    kind: FaultKind
    at_ns: int


class Framer:
    """Collects bytes of one line into frames. Any split of the same bytes gives the same frames."""

    def __init__(self, framing: Framing | None = None) -> None:
        self._framing = framing or Framing()
        self._ends = {byte for name in self._framing.terminators for byte in _BYTES_OF[name]}
        self._is_certain = self._framing.on_gap == "drop" or (self._framing.stx and bool(self._ends))
        self._buffer = bytearray()
        self._first_ns = self._last_ns = 0
        self._is_open = not self._framing.stx
        self._is_discarding = False
        self._after_cr = False
        self._is_marked = False
        self._bare = 0
        self._tail_until_ns = 0

    @property
    def is_pending(self) -> bool:
        """True while a frame has begun and not ended, so that silence must be watched."""
        return bool(self._buffer) or self._is_discarding

    @property
    def gap_s(self) -> float:
        """How long silence must last before it may mean something."""
        return self._framing.gap_ms / 1000

    def feed(self, data: bytes, at_ns: int) -> list[Frame | FramingFault]:
        """Take the bytes of one read. Returns what ended in them, in order."""
        found = [result for byte in data if (result := self._take(byte, at_ns))]
        if data:
            self._last_ns = at_ns
        return found

    def idle(self, at_ns: int) -> list[Frame | FramingFault]:
        """Say that nothing arrived up to now. Ends a pending frame when the silence is long enough."""
        if not self.is_pending or at_ns - self._last_ns < self._ending_gap_ns():
            return []
        was_discarding, self._is_discarding = self._is_discarding, False
        if was_discarding:
            if self._tail_until_ns:  # of a rest that stalls again there is more
                self._tail_until_ns = at_ns + _TAIL_NS
            return []
        if self._is_certain or self._is_marked:
            self._is_marked = (
                False  # should it send none (it was set so, or that one was inside a code), one code is lost
            )
            self._expect_tail(self._last_ns + self._framing.gap_ms * _NS_PER_MS)
            return [self._drop(FaultKind.INCOMPLETE, at_ns)]
        self._bare += 1
        return [self._finish(FrameEnd.GAP, self._last_ns)]

    def _ending_gap_ns(self) -> int:
        told = self._framing.gap_ms * _NS_PER_MS
        is_known = self._is_certain or self._is_marked or self._bare >= _SHOWN or not self._ends
        return told if is_known or self._is_discarding else max(told, _STALL_NS)

    def is_tail(self, at_ns: int) -> bool:
        """Whether a byte that comes now belongs to a frame that broke off."""
        return at_ns < self._tail_until_ns

    def reset(self, at_ns: int | None = None) -> None:
        """Forget what has begun. `at_ns`: the line was lost, and is there again: the rest of it may still come."""
        if at_ns is None:
            self._tail_until_ns = 0
        elif self._tail_until_ns and self._is_discarding:
            self._tail_until_ns = at_ns + _TAIL_NS
        else:
            self._expect_tail(at_ns)
        self._buffer.clear()
        self._is_open = not self._framing.stx
        self._is_discarding = self._after_cr = False

    def _expect_tail(self, at_ns: int) -> None:
        if len(self._buffer) > _NOISE_BYTES:
            self._tail_until_ns = at_ns + _TAIL_NS

    def _take(self, byte: int, at_ns: int) -> Frame | FramingFault | None:
        after_cr, self._after_cr = self._after_cr, False
        if after_cr and byte == _LF:
            return None
        if self._framing.stx and byte == 0x02:
            return self._begin(at_ns)
        if byte in self._ends:
            self._after_cr = byte == _CR
            return self._end_at(byte, at_ns)
        return self._keep(byte, at_ns)

    def _begin(self, at_ns: int) -> FramingFault | None:
        fault = self._drop(FaultKind.INCOMPLETE, at_ns) if self._buffer else None
        self._is_open, self._is_discarding = True, False
        return fault

    def _end_at(self, byte: int, at_ns: int) -> Frame | None:
        self._is_discarding = False
        self._tail_until_ns = 0
        if not self._buffer:
            return None
        self._is_marked, self._bare = True, 0
        return self._finish(_END_OF[byte], at_ns)

    def _keep(self, byte: int, at_ns: int) -> FramingFault | None:
        if self._is_discarding or not self._is_open:
            return None
        if at_ns < self._tail_until_ns:
            self._is_discarding = True
            return None
        if len(self._buffer) == MAX_FRAME_BYTES:
            self._is_discarding = True
            return self._drop(FaultKind.OVERLONG, at_ns)
        if not self._buffer:
            self._first_ns = at_ns
        self._buffer.append(byte)
        return None

    def _finish(self, end: FrameEnd, last_ns: int) -> Frame:
        frame = Frame(bytes(self._buffer), self._first_ns, last_ns, end)
        self._buffer.clear()
        self._is_open = not self._framing.stx
        return frame

    def _drop(self, kind: FaultKind, at_ns: int) -> FramingFault:
        self._buffer.clear()
        self._is_open = not self._framing.stx
        return FramingFault(kind, at_ns)


_END_OF = {_CR: FrameEnd.CR, _LF: FrameEnd.LF, 0x03: FrameEnd.ETX, 0x09: FrameEnd.TAB}
