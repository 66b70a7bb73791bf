"""From the scanner's last byte to the member on the screen: the real app in a pty, the real scanner on another, a full cache.

Meanwhile 100,000 members change every few seconds, and the process that pulls brings them into the same cache.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

from bench.figures import Figure, Spread, at_most, percentile
from bench.shop.counters import open_counter, open_echo, pulling
from bench.workshop import Workshop

_SCANS = 300
_IDLE_SCANS = 100
_PARTS = 5


def measure(workshop: Workshop) -> Iterator[Figure]:
    """p99, beside a program that only echoes a key in the same moments."""
    shop = workshop.shop(workshop.members)
    # Not for secrets: the same members in every run.
    chance = random.Random(4)
    echoes: list[float] = []
    with open_counter(shop.till) as counter, open_echo(workshop.source) as echo:

        def scan() -> float:
            time.sleep(chance.uniform(0.05, 0.15))
            echoes.append(echo.press("1"))
            return counter.scan(chance.randrange(shop.members))

        counter.scan(7)
        idle = [scan() for _ in range(_IDLE_SCANS)]
        echoes.clear()
        with pulling(shop, workshop.changes) as pulled:
            times = [scan() for _ in range(_SCANS)]
    parts = [percentile(times[start::_PARTS], 99) * 1_000 for start in range(_PARTS)]
    note = (
        f"p50 {percentile(times, 50) * 1_000:.0f} ms, p95 {percentile(times, 95) * 1_000:.0f} ms of {len(times)} scans,"
        f" {pulled[0].rows:,} rows pulled in {pulled[0].seconds:.0f} s; without a pull p99 is"
        f" {percentile(idle, 99) * 1_000:.0f} ms"
    )
    yield Figure(
        "scan", f"p99, {shop.members:,} members, a pull running",
        Spread(percentile(times, 99) * 1_000, min(parts), max(parts)), "ms", at_most(50),
        f"{percentile(times, 99) * 1_000:.0f} ms", f"echo {percentile(echoes, 99) * 1_000:.1f} ms", note,
    )  # fmt: skip
