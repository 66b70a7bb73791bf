"""The table that a merchant sees before he lets a store redeem without the ledger: what it would have brought and cost him.

From the store's own history, days without any outage included; where there is too little of it, published figures of an
invented town, marked as such.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from ledger.clock import day_of
from ledger.database import Database
from ledger.documents import newest
from ledger.floor_history import read_history
from ledger.outages import Allowances, Bounds, Served, Weighed, weigh
from ledger.problems import NotKnownError, TooOftenError
from protocol.documents import AllowancePolicy, FloorPolicy, StoreSettings
from protocol.floor_table import FloorLine, FloorTable

HOURS, DAYS, OUTAGES_A_YEAR = 2, 90, 12
PER_REDEMPTION = (100, 250, 500, 1_000)
LEAST_WEEKS, LEAST_REDEMPTIONS = 4, 100
"""Of less history a table says more about chance than about the store."""

_HOUR_US = 3_600_000_000
_PER_MEMBER, _PER_TERMINAL = 2, 40
"""Times `per_redemption`, where the store's settings say nothing about it."""

_SHARE = 10_000
_PAUSE_S = 0.002
_LONGEST_S = 60

EXAMPLE = (
    FloorLine(policy="floor", per_redemption=100, accepted=8_640, uncovered=19),
    FloorLine(policy="floor", per_redemption=250, accepted=9_250, uncovered=80),
    FloorLine(policy="floor", per_redemption=500, accepted=9_670, uncovered=170),
    FloorLine(policy="balance", accepted=9_470),
    FloorLine(policy="allowance", accepted=7_990),
)
"""20,000 invented members of 50 stores, all of them cut off; the floors stand beside allowances. Of those whose balances were
trusted 312 had spent more than they had."""


class Wished(NamedTuple):
    """What the table is about."""

    hours: int = HOURS
    days: int = DAYS
    outages_a_year: int = OUTAGES_A_YEAR
    floor: FloorPolicy | None = None
    """One that is thought of; else that of the store."""


USUAL = Wished()


def give_way() -> None:
    """Let others have the interpreter: whoever books does not wait for a table."""
    time.sleep(_PAUSE_S)


def floor_table(
    database: Database, store: str, now_us: int, wished: Wished = USUAL, pause: Callable[[], None] = lambda: None
) -> FloorTable:
    """Reads only. Raises `NotKnownError` for a store that has no settings."""
    with database.read() as connection:
        settings = newest(connection, "store", store, StoreSettings)
    if settings is None:
        raise NotKnownError("store", store)
    floors = _floors(wished.floor or settings.floor)
    policy = settings.allowance if settings.allowance.per_member else AllowancePolicy(per_member=PER_REDEMPTION[-1])
    history = read_history(database, store, now_us, wished.days, policy.days, pause)
    count = sum(one.at_us >= history.begins_us for one in history.redemptions)
    table = FloorTable(
        store=store, made_at=now_us, hours=wished.hours, days=history.weeks * 7, redemptions=count,
        outages_a_year=wished.outages_a_year,
    )  # fmt: skip
    if history.weeks < LEAST_WEEKS or count < LEAST_REDEMPTIONS:
        return replace(table, lines=EXAMPLE, is_example=True)
    bounds = [Bounds(one.per_redemption, one.per_member, one.per_terminal) for one in floors]
    weighed = weigh(
        history, wished.hours * _HOUR_US, [*bounds, Bounds()],
        Allowances(policy.per_member, policy.members, policy.days), pause,
    )  # fmt: skip
    return replace(table, lines=tuple(_lines(floors, weighed, policy.per_member, wished.outages_a_year)))


def _floors(policy: FloorPolicy) -> list[FloorPolicy]:
    """The usual ones, and the one that is thought of as it is. The other bounds are in its proportion."""
    own = [policy] if policy.per_redemption else []
    sizes = {size for size in PER_REDEMPTION if size != policy.per_redemption}
    return sorted((*own, *(in_proportion(policy, size) for size in sizes)), key=lambda one: one.per_redemption)


def in_proportion(policy: FloorPolicy, per_redemption: int) -> FloorPolicy:
    """The bounds of `policy` for another size; usual ones where it has none."""
    base = policy.per_redemption or 1
    per_member = policy.per_member if policy.per_redemption else _PER_MEMBER
    per_terminal = policy.per_terminal if policy.per_redemption else _PER_TERMINAL
    return FloorPolicy(
        per_redemption=per_redemption, per_member=per_member * per_redemption // base,
        per_terminal=per_terminal * per_redemption // base,
    )  # fmt: skip


def _lines(floors: Sequence[FloorPolicy], weighed: Weighed, per_member: int, a_year: int) -> list[FloorLine]:
    *of_floors, of_balance = weighed.floors
    lines = [
        FloorLine(
            policy="floor", per_redemption=one.per_redemption, per_member=one.per_member,
            per_terminal=one.per_terminal, **_shares(served, weighed, a_year),
        )
        for one, served in zip(floors, of_floors, strict=True)
    ]  # fmt: skip
    return [
        *lines,
        FloorLine(policy="balance", **_shares(of_balance, weighed, a_year)),
        FloorLine(policy="allowance", per_member=per_member, **_shares(weighed.allowances, weighed, a_year)),
    ]


def _shares(served: Served, weighed: Weighed, a_year: int) -> dict[str, int]:
    """Gains are rounded down and losses up."""
    return {
        "accepted": served.accepted * _SHARE // max(1, served.redemptions),
        "accepted_points": served.accepted_points * _SHARE // max(1, served.points),
        "uncovered": _up(served.uncovered * _SHARE, served.accepted_points * weighed.weeks),
        "a_year_fen": _up(served.uncovered_mfen * a_year, weighed.outages * weighed.weeks * 1_000),
    }


def _up(part: int, whole: int) -> int:
    return -(-part // max(1, whole))


class FloorTables:
    """Tables for tills: each is made once a day and once for each change of the store's settings, one at a time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[object, FloorTable]] = {}
        self._lock = threading.Lock()

    def table(self, database: Database, store: str, now_us: int) -> FloorTable:
        """Raises `TooOftenError` while another one is being made: nobody waits in a worker for it."""
        with database.read() as connection:
            settings = newest(connection, "store", store, StoreSettings)
        key = day_of(now_us), settings
        made = self._made.get(store)
        if made is not None and made[0] == key:
            return made[1]
        if not self._lock.acquire(blocking=False):
            raise TooOftenError(_LONGEST_S)
        try:
            table = floor_table(database, store, now_us, pause=give_way)
        finally:
            self._lock.release()
        self._made[store] = key, table
        return table
