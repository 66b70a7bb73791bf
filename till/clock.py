"""Till time, from clocks that may lie.

Till time = wall clock + the last known offset to the ledger. It is trusted as long as it cannot be further from the ledger's
than the minute of a dynamic code allows: half of the round trip in which the offset was measured, what wall and running clock
have moved against each other since (a jump), and what both may have drifted together. A machine that was started anew and has
not heard the ledger has nothing to compare. What stands on the clock (the floor, the minute of a dynamic code) is then
switched off until the ledger is heard. While it is not trusted, till time is never before what was known, and goes on from
there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from protocol.canonical import Count
from protocol.dynamic_codes import CLOCK_TOLERANCE_S
from protocol.entries import Clock
from till.boots import boot_id, running_ns

MAX_ERROR_US = CLOCK_TOLERANCE_S * 1_000_000
"""What a till may be off by for the minute of a dynamic code to be right."""

DRIFT_PPM = 500
"""The worst crystal that time synchronisation still corrects (Linux, `adjtimex`). 30 s are used up in 16 h 40 min."""

BELIEVABLE_US = 400 * 86_400 * 1_000_000
"""A clock that is not trusted and further ahead than that was reset (2106), or nothing here is in force any more."""

_AT_ONCE_US = 1_000_000
"""Readings of two threads may overtake each other. Further back the running clock is in another start of the machine alone."""

Doubt = Literal["", "unheard", "jump", "drift"]
"""Why the clock is not trusted: the ledger was not heard since the machine started; a clock was changed; too long ago."""


class Heard(Clock, kw_only=True):
    """What the clocks said when the ledger was heard, and how wrong the offset may have been."""

    bound_us: Count = 0


class _Reading(NamedTuple):
    """Both clocks at one moment, µs."""

    wall: int
    running: int


class _Known(NamedTuple):
    """A till time that was, and the running clock then, µs: it cannot be earlier now."""

    till: int
    running: int


class TillClock:
    """Reads the machine's clocks. Safe to call from any thread."""

    def __init__(
        self,
        wall_ns: Callable[[], int] = time.time_ns,
        mono_ns: Callable[[], int] = running_ns,
        boot: str | None = None,
    ) -> None:
        self._wall_ns, self._mono_ns = wall_ns, mono_ns
        self.boot = boot or boot_id()
        self._offset_us = 0
        self._anchor: Heard | None = None
        """When the ledger was last heard in this boot; None before that."""
        self._known = _Known(0, 0)
        self._last_entry_us = 0

    def resume(self, heard: Heard | None, last_at_us: int) -> None:
        """Go on where the last run ended: `last_at_us`, the time of the journal's last entry, is the earliest that can be now.

        `heard` is what `heard` returned last. In the same boot it is an anchor, so that a restart of the program loses no
        trust, and wins none: what the clocks said at an entry proves nothing, they may have jumped before it.
        """
        self._last_entry_us = last_at_us
        known_us = last_at_us
        if heard is not None:
            self._offset_us = heard.offset_us
            known_us = max(known_us, heard.wall + heard.offset_us)
            if heard.boot == self.boot and self._anchor is None:
                self._anchor = heard
        self._known = _Known(known_us, self._read().running)

    def heard(self, offset_us: int, bound_us: int = 0) -> Heard:
        """The ledger's time was measured: ledger − wall = `offset_us`, wrong by `bound_us` at most (half of the round trip).

        Returns the reading, to be kept for `resume`. A measure that is worse than what is known and does not contradict it
        changes nothing: after a slow call the clock is not worse than before it. One that contradicts it counts: the clock
        here has jumped, or the ledger's, whose word codes and documents go by.

        What a wrong clock said before does not hold till time in the future. An entry made under it holds only what the
        entries behind it are dated (`entry_us`): whether a code or a programme is still valid is decided by the time it is.
        """
        now, anchor = self._read(), self._anchor
        if anchor is not None:
            known_us = _error_us(anchor, now)
            if known_us <= bound_us and abs(offset_us - anchor.offset_us) <= bound_us + known_us:
                return anchor
        self._offset_us = offset_us
        self._anchor = Heard(
            wall=now.wall, boot=self.boot, mono_us=now.running, offset_us=offset_us, bound_us=bound_us
        )
        self._known = _Known(now.wall + offset_us, now.running)
        return self._anchor

    def wrote(self, at_us: int) -> None:
        """The journal's last entry says `at_us`."""
        self._last_entry_us = max(self._last_entry_us, at_us)
        now = self._read()
        if at_us > self._earliest_us(now):
            self._known = _Known(at_us, now.running)

    def read(self) -> Clock:
        """All that the clocks say, for an entry."""
        now = self._read()
        return Clock(wall=now.wall, boot=self.boot, mono_us=now.running, offset_us=self._offset_us)

    def now_us(self) -> int:
        """Till time in µs UTC."""
        now = self._read()
        told_us = now.wall + self._offset_us
        if not self._doubt(now):
            return told_us
        earliest_us = self._earliest_us(now)
        is_believable = not self._known.till or told_us - earliest_us <= BELIEVABLE_US
        return max(told_us, earliest_us) if is_believable else earliest_us

    def entry_us(self) -> int:
        """What an entry made now is dated: till time, never before the journal's last entry."""
        return max(self._last_entry_us, self.now_us())

    @property
    def is_trusted(self) -> bool:
        """Whether till time is surely good enough for the minute of a dynamic code."""
        return not self.doubt

    @property
    def doubt(self) -> Doubt:
        """Why not, empty where it is."""
        return self._doubt(self._read())

    def unheard_us(self) -> int:
        """How long ago the ledger was heard in this boot; 0 where it was not."""
        return max(0, self._read().running - self._anchor.mono_us) if self._anchor else 0

    def _read(self) -> _Reading:
        """The wall first: what passes between the two readings must not make till time later than it is."""
        wall_us = self._wall_ns() // 1000
        return _Reading(wall_us, self._mono_ns() // 1000)

    def _doubt(self, now: _Reading) -> Doubt:
        anchor = self._anchor
        if anchor is None or anchor.mono_us - now.running > _AT_ONCE_US:
            return "unheard"
        if _error_us(anchor, now) <= MAX_ERROR_US:
            return ""
        return "drift" if _drift_us(anchor, now) > MAX_ERROR_US // 2 else "jump"

    def _earliest_us(self, now: _Reading) -> int:
        return self._known.till + max(0, now.running - self._known.running)


def _error_us(anchor: Heard, now: _Reading) -> int:
    """How far till time may be from the ledger's at most."""
    jumped_us = abs((now.wall - anchor.wall) - (now.running - anchor.mono_us))
    return anchor.bound_us + jumped_us + _drift_us(anchor, now)


def _drift_us(anchor: Heard, now: _Reading) -> int:
    return abs(now.running - anchor.mono_us) * DRIFT_PPM // 1_000_000
