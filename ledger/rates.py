"""How often one terminal may ask for people, one phone for pages: who goes through numbers is stopped."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from ledger.problems import TooOftenError


@dataclass
class _Bucket:
    tokens: float
    at_us: int


MAX_NAMES = 10_000
"""Names remembered at once: addresses come from outside, and there are many."""


class RateLimit:
    """A token bucket per name: `burst` at once, then one every `every_us`."""

    def __init__(self, burst: int, every_us: int) -> None:
        self._burst, self._every_us = burst, every_us
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, name: str, now_us: int) -> None:
        """Raises `TooOftenError` with the time after which one more is possible."""
        with self._lock:
            if len(self._buckets) >= MAX_NAMES:
                self._forget(now_us)
            bucket = self._buckets.setdefault(name, _Bucket(self._burst, now_us))
            grown = max(0, now_us - bucket.at_us) / self._every_us
            bucket.tokens, bucket.at_us = min(self._burst, bucket.tokens + grown), now_us
            if bucket.tokens < 1:
                missing_us = (1 - bucket.tokens) * self._every_us
                raise TooOftenError(max(1, -int(-missing_us // 1_000_000)))
            bucket.tokens -= 1

    def _forget(self, now_us: int) -> None:
        """Those whose bucket is full again; where that helps nothing, the half that was not seen for longest."""
        full_after_us = self._burst * self._every_us
        kept = sorted(
            ((name, one) for name, one in self._buckets.items() if one.at_us + full_after_us > now_us),
            key=lambda pair: pair[1].at_us,
        )
        self._buckets = dict(kept[-(MAX_NAMES // 2) :])
