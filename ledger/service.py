"""What all routes share, handed in by who starts the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter

from ledger.database import Database
from ledger.keys import Keys
from ledger.rates import RateLimit

LOOK_UP_BURST = 30
LOOK_UP_EVERY_US = 2_000_000
"""30 at once, then one in two seconds: no counter is faster, and a phone range would take years."""

PUSHES_AT_ONCE = 1
"""Batches are booked one at a time anyway (`ledger.gate`), and a second one would only fight for the interpreter."""


@dataclass(frozen=True)
class Service:
    """One ledger: its books, its keys, its clock (µs UTC)."""

    database: Database
    keys: Keys
    clock: Callable[[], int]
    look_ups: RateLimit = field(default_factory=lambda: RateLimit(LOOK_UP_BURST, LOOK_UP_EVERY_US))
    batches: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PUSHES_AT_ONCE))
    calls: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(40))
