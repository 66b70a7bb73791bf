"""What all routes share, handed in by who starts the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from anyio import CapacityLimiter

from ledger.database import Database
from ledger.floor_table import FloorTables
from ledger.keys import Keys
from ledger.programmes import Programmes
from ledger.rates import RateLimit
from ledger.sessions import SESSION_DAYS
from ledger.training import TrainingBooks

LOOK_UP_BURST = 30
LOOK_UP_EVERY_US = 2_000_000
"""30 at once, then one in two seconds: no counter is faster, and a phone range would take years."""

VISIT_BURST = 60
VISIT_EVERY_US = 1_000_000
"""Of one signed-in phone, or of one address where nobody is signed in: a code every 15 s and a thumb."""

LINK_BURST = 10
LINK_EVERY_US = 10_000_000
"""Of one till: as many members as stand at a counter."""

TRAINING_BURST = 6
TRAINING_EVERY_US = 60_000_000
"""Of one till: making a training book takes as long as two hundred sales."""

HEARTBEAT_BURST = 10
HEARTBEAT_EVERY_US = 60_000_000
"""Of one till: it says how it is every quarter of an hour, and when something changed."""

ENDING_BURST = 5
ENDING_EVERY_US = 60_000_000
"""Of one till: who ends tills types a PIN, and a PIN has ten thousand values: a week, at a till that somebody would miss."""

PAGES_AT_ONCE = 4
"""Pages of members: they have workers and connections of their own, so that no counter waits behind a crowd of phones."""

PUSHES_AT_ONCE = 1
"""Batches are booked one at a time anyway (`ledger.gate`), and a second one would only fight for the interpreter."""


@dataclass(frozen=True)
class Service:
    """One ledger: its books, its keys, its clock (µs UTC)."""

    database: Database
    keys: Keys
    clock: Callable[[], int]
    session_days: int = SESSION_DAYS
    """How long a member's phone stays signed in."""
    programmes: Programmes = field(default_factory=Programmes)
    """What is known of the published programmes, for pages; `Programmes.current` before use."""
    links: RateLimit = field(default_factory=lambda: RateLimit(LINK_BURST, LINK_EVERY_US))
    heartbeats: RateLimit = field(default_factory=lambda: RateLimit(HEARTBEAT_BURST, HEARTBEAT_EVERY_US))
    endings: RateLimit = field(default_factory=lambda: RateLimit(ENDING_BURST, ENDING_EVERY_US))
    visitors: RateLimit = field(default_factory=lambda: RateLimit(VISIT_BURST, VISIT_EVERY_US))
    pages: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PAGES_AT_ONCE))
    look_ups: RateLimit = field(default_factory=lambda: RateLimit(LOOK_UP_BURST, LOOK_UP_EVERY_US))
    batches: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(PUSHES_AT_ONCE))
    trainings: RateLimit = field(default_factory=lambda: RateLimit(TRAINING_BURST, TRAINING_EVERY_US))
    training: TrainingBooks | None = None
    """Where tills train; None where they cannot."""
    floor_tables: FloorTables = field(default_factory=FloorTables)
    calls: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(40))
