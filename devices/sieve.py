"""Beside a cash register: what the till's scanner reads and is not the till's goes on to the register, byte for byte. Pure.

The register sees what it would see from its own scanner. So a byte is held back only while the code that it belongs to may
still be ours; from the byte on at which it cannot be, everything passes at once. A code of ours is kept whole, its terminator
included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from devices.framing import FaultKind, Frame, Framer, Framing, FramingFault

_STX, _LF, _CR = 0x02, 0x0A, 0x0D
_NS_PER_S = 1_000_000_000
_ASKED_BYTES = 80
"""Behind so many bytes nothing new tells what a code is: ranges of cards end at 64 characters."""


class Claims(Protocol):
    """What of all codes is the till's."""

    def may_claim(self, beginning: str) -> bool:
        """Whether a code that begins so can be ours."""

    def claims(self, text: str) -> bool:
        """Whether this whole code is ours."""


class Sieve:
    """Parts the bytes of one line into ours and the register's. Both together are what came in, in its order."""

    def __init__(
        self,
        framing: Framing,
        label_of: Callable[[bytes], str],
        claims: Claims,
        pass_on: Callable[[bytes], None],
        broke_off: Callable[[FramingFault], None],
    ) -> None:
        self._framer = Framer(framing)
        self._has_stx = framing.stx
        self._label_of = label_of
        self._claims = claims
        self._pass_on = pass_on
        self._broke_off = broke_off
        self._held = bytearray()
        self._ours = bytearray()
        self._passed = bytearray()
        self._is_foreign = False
        self._awaits_lf = False
        self._has_lost_ours = False
        self._last_ns = 0

    @property
    def is_pending(self) -> bool:
        """True in the middle of a code, whosever it is."""
        return self._framer.is_pending or bool(self._held)

    def sift(self, data: bytes, at_ns: int) -> bytes:
        """What of the bytes of one read is ours, as far as that is known; the rest is passed on."""
        for byte in data:
            self._take(byte, at_ns)
        self._last_ns = at_ns
        return self._handed_out()

    def silent(self, at_ns: int) -> bytes:
        """Nothing arrived up to now: what silence has ended and is ours."""
        for found in self._framer.idle(at_ns):
            self._decide(found)
        if not self._framer.is_pending:
            self._is_foreign = False
            if at_ns - self._last_ns >= self._framer.gap_s * _NS_PER_S:
                self._let_go()  # an STX that nothing followed
        return self._handed_out()

    def claims_packet(self, code: bytes, packet: bytes) -> bool:
        """Of a scanner that packs its codes: whether this one is ours; if not, the packet is passed on as it came."""
        if self._claims.claims(self._label_of(code)):
            return True
        self._pass_on(packet)
        return False

    def pass_as_it_came(self, data: bytes) -> None:
        """What is no code at all: an answer to what the register asked its scanner, noise."""
        self._pass_on(data)

    def reset(self, at_ns: int) -> None:
        """The line was lost, and is there again: half a code of ours is nobody's, nor is its rest."""
        self._framer.reset(at_ns)
        self._has_lost_ours = bool(self._held)
        self._held.clear()
        self._is_foreign = self._awaits_lf = False

    def _take(self, byte: int, at_ns: int) -> None:
        awaits_lf, self._awaits_lf = self._awaits_lf, False
        if self._is_rest_of_ours(at_ns):
            self._framer.feed(bytes((byte,)), at_ns)
            self._has_lost_ours = self._framer.is_pending
            self._awaits_lf = byte == _CR
            return
        ended = self._framer.feed(bytes((byte,)), at_ns)
        if awaits_lf and byte == _LF:
            self._ours.append(byte)
        elif self._has_stx and byte == _STX:
            self._begin(at_ns)
        elif self._is_foreign or not (ended or self._framer.is_pending):
            self._let_go()
            self._passed.append(byte)
        else:
            self._held.append(byte)
            self._look(ended[-1] if ended else None)
        if not self._framer.is_pending:
            self._is_foreign = False

    def _is_rest_of_ours(self, at_ns: int) -> bool:
        """Of a code of ours that broke off; the register has not seen its beginning either."""
        self._has_lost_ours = self._has_lost_ours and (self._framer.is_tail(at_ns) or self._framer.is_pending)
        return self._has_lost_ours

    def _begin(self, at_ns: int) -> None:
        """A second beginning gives up the first: half a code of ours is no code of the register's either."""
        if len(self._held) > 1:
            self._held.clear()
            self._broke_off(FramingFault(FaultKind.INCOMPLETE, at_ns))
        self._let_go()
        self._held.append(_STX)
        self._is_foreign = False

    def _look(self, ended: Frame | FramingFault | None) -> None:
        if isinstance(ended, FramingFault) and ended.kind is FaultKind.OVERLONG:
            self._let_go()
            self._is_foreign = True
        elif ended is not None:
            self._decide(ended)
        elif len(self._held) <= _ASKED_BYTES and not self._claims.may_claim(self._label_of(bytes(self._held))):
            self._let_go()
            self._is_foreign = True

    def _decide(self, ended: Frame | FramingFault) -> None:
        """Whose the code is that has ended. One that broke off began as ours, or it would have passed."""
        if isinstance(ended, FramingFault):
            if self._held:
                self._has_lost_ours = True
                self._held.clear()
                self._broke_off(ended)
        elif self._held and self._claims.claims(self._label_of(ended.data)):
            self._awaits_lf = self._held[-1] == _CR
            self._ours += self._held
            self._held.clear()
        self._let_go()

    def _let_go(self) -> None:
        self._passed += self._held
        self._held.clear()

    def _handed_out(self) -> bytes:
        ours, passed = bytes(self._ours), bytes(self._passed)
        self._ours.clear()
        self._passed.clear()
        if passed:
            self._pass_on(passed)
        return ours
