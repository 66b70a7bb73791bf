"""Business time: what the tills' clocks say while a month passes in minutes."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import NamedTuple

from till.clock import TillClock

HOUR_US = 3_600_000_000
_HOURS_BETWEEN, _HOURS_OUT = 30.0, 2.0
"""On average, per till: a bad line, so that a replay of a month has its hundred outages."""


class BusinessTime:
    """µs UTC, set by who plays the trade, and never back. The tills' wall and monotonic clocks both read it."""

    def __init__(self, now_us: int) -> None:
        self.now_us = now_us

    def advance_to(self, at_us: int) -> None:
        """It is this late now, or a second later than before where it was later already: nobody serves two at once."""
        self.now_us = max(at_us, self.now_us + 1_000_000)

    def clock(self) -> TillClock:
        """A till's clock on this time."""
        return TillClock(wall_ns=self._ns, mono_ns=self._ns, boot="replay")

    def _ns(self) -> int:
        return self.now_us * 1_000


class Outage(NamedTuple):
    """When one till's plug is out, µs UTC."""

    begins_us: int
    ends_us: int


def outages(begin_us: int, end_us: int, chance: random.Random) -> list[Outage]:
    """The outages of one till between two moments, in their order."""
    found: list[Outage] = []
    at_us = begin_us
    while True:
        at_us += int(chance.expovariate(1 / _HOURS_BETWEEN) * HOUR_US)
        if at_us >= end_us:
            return found
        ends_us = min(end_us, at_us + int((0.1 + chance.expovariate(1 / _HOURS_OUT)) * HOUR_US))
        found.append(Outage(at_us, ends_us))
        at_us = ends_us


def seconds_of(found: Iterable[Outage]) -> float:
    """All of them together."""
    return sum(outage.ends_us - outage.begins_us for outage in found) / 1_000_000
