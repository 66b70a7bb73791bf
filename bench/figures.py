"""What a measurement says: a value with its spread, and whether a promised bound holds.

A value is the median over interleaved rounds, its spread the quartiles: on a machine that others use too, one round says little
and the mean says less.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Unit = Literal["x", "ms", "s", "MB", "bytes", "requests", "/s"]


class Bound(NamedTuple):
    """`most` or `least` that DESIGN, section 11, allows."""

    way: Literal["most", "least"]
    limit: float

    def holds(self, value: float) -> bool:
        """Whether a value is within it."""
        return value <= self.limit if self.way == "most" else value >= self.limit


class Spread(NamedTuple):
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of at least one value."""
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `ours` and `other` say in words what the two sides came to."""

    bench: str
    what: str
    value: Spread
    unit: Unit
    bound: Bound | None = None
    ours: str = ""
    other: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        """holds, MISSED, or nothing where nothing was promised."""
        if self.bound is None:
            return ""
        return "holds" if self.bound.holds(self.value.median) else "MISSED"


def at_most(limit: float) -> Bound:
    """A bound from above."""
    return Bound("most", limit)


def at_least(limit: float) -> Bound:
    """A bound from below."""
    return Bound("least", limit)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(percent * 100) // 10_000) - 1)]


def ratios(ours: Sequence[float], other: Sequence[float]) -> Spread:
    """Round by round: what disturbed one side of a round disturbed the other too."""
    return Spread.of([mine / theirs for mine, theirs in zip(ours, other, strict=True)])


def ms(seconds: Sequence[float]) -> str:
    """The median of times, in milliseconds."""
    return f"{statistics.median(seconds) * 1_000:.3g} ms"


def per_s(count: int, seconds: Sequence[float]) -> str:
    """What the median of times for `count` things comes to per second."""
    return f"{count / statistics.median(seconds):,.0f}/s"
