"""The ledger's time. Every function that needs it is handed a clock or a number; this is the one that both come from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
"""Where a day of the coalition begins."""


def wall_clock_us() -> int:
    """µs UTC."""
    return time.time_ns() // 1_000


def day_of(now_us: int) -> str:
    """The coalition's day at `now_us`, as YYYY-MM-DD."""
    return datetime.fromtimestamp(now_us / 1_000_000, UTC).astimezone(ZONE).date().isoformat()
