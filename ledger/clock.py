"""The ledger's time. Every function that needs it is handed a clock or a number; this is the one that both come from."""

from __future__ import annotations

import time
from zoneinfo import ZoneInfo

from protocol.business_days import DEFAULT_ZONE, Calendar

ZONE = ZoneInfo(DEFAULT_ZONE)
"""Where the coalition is."""


def wall_clock_us() -> int:
    """µs UTC."""
    return time.time_ns() // 1_000


def day_of(now_us: int) -> str:
    """The coalition's day at `now_us`, as YYYY-MM-DD: of what belongs to no store."""
    return Calendar().day(now_us).isoformat()
