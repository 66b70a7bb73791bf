"""A replay from its first basket to the comparison."""

from __future__ import annotations

import os
import random
import time
from collections import Counter as Count
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.baskets import Basket, tills_of
from bench.machine import children_of, rss_mb
from bench.replay.cashier import Cashier, Promise
from bench.replay.promises import differences
from bench.replay.settling import settle, shown_differences
from bench.replay.times import HOUR_US, Outage, outages, seconds_of
from bench.replay.town import Town, open_town
from bench.shop.coalitions import Joining
from ledger import rows
from till.events import Event, OutcomesArrived

ANSWERS_LOST = 1 / 400
"""Of baskets: before them the plug swallows one answer of the ledger."""

_MOST_OPENING_POINTS = 4_000
_TIERS = ("standard", "standard", "standard", "silver", "gold")
_TOLD_EVERY = 2_000


@dataclass
class Replayed:
    """What a replay came to; `differences` is empty when all is well.

    Outages in business time, `seconds` in ours. `tills_mb` is what this process grew by while all tills worked in it.
    """

    source: str
    seed: int
    tills: int
    baskets: int = 0
    skipped: int = 0
    members: int = 0
    days: float = 0
    sales: int = 0
    voids: int = 0
    shifts: int = 0
    entries: int = 0
    awarded: int = 0
    redemptions: int = 0
    redeemed: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    booked: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    shortfall: int = 0
    duplicates: int = 0
    answers_lost: int = 0
    outages: int = 0
    outage_s: float = 0
    seconds: float = 0
    settled_s: float = 0
    tills_mb: float = 0
    pulls_mb: float = 0
    differences: list[str] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def play(
    folder: Path, source: str, baskets: Sequence[Basket], tills: int, seed: int, say: Callable[[str], None]
) -> Replayed:
    """Play `baskets` (in the order of time) in `folder` through so many tills; the same seed does the same."""
    result = Replayed(source, seed, tills, len(baskets))
    # Not for secrets: a seed repeats a replay.
    chance = random.Random(seed)
    sold = [basket for basket in baskets if basket.fen]
    result.skipped = len(baskets) - len(sold)
    members = sorted({basket.member for basket in sold})
    joining = [Joining(member, chance.choice(_TIERS), chance.randrange(_MOST_OPENING_POINTS)) for member in members]
    result.members, result.days = len(members), round((sold[-1].at_us - sold[0].at_us) / 24 / HOUR_US, 1)
    say(f"{len(members):,} members join")
    before_mb = rss_mb(os.getpid())
    with open_town(folder, tills, joining, sold[0].at_us - HOUR_US) as town:
        player = _Player(town, result, chance, (sold[0].at_us, sold[-1].at_us))
        say(f"{len(sold):,} baskets over {result.days} days at {tills} tills")
        player.play(sold, say)
        player.finish({person.member: person.points for person in joining}, say)
        result.tills_mb = round(result.tills_mb - before_mb, 1)
    return result


class _Player:
    def __init__(self, town: Town, result: Replayed, chance: random.Random, times: tuple[int, int]) -> None:
        self._town, self._result, self._chance = town, result, chance
        self._plans: list[list[Outage]] = [outages(*times, chance) for _ in town.places]
        self._cashiers = [Cashier(town, number, random.Random(chance.random())) for number in range(len(town.places))]
        self._result.outages = sum(map(len, self._plans))
        self._result.outage_s = round(sum(map(seconds_of, self._plans)), 1)
        for place in town.places:
            place.till.counter.subscribe(self._heard)

    def _heard(self, event: Event) -> None:
        if isinstance(event, OutcomesArrived):
            self._result.duplicates += event.again

    def play(self, baskets: Sequence[Basket], say: Callable[[str], None]) -> None:
        """All baskets, one after the other: business time has one order in the whole town."""
        till_of = tills_of(baskets, len(self._cashiers))
        started = time.monotonic()
        for number, basket in enumerate(baskets, 1):
            till = till_of[basket.store]
            self._town.time.advance_to(basket.at_us)
            self._switch_plugs(basket.at_us)
            if self._chance.random() < ANSWERS_LOST and not self._town.places[till].plug.is_cut:
                self._town.places[till].plug.lose_next_answer()
                self._result.answers_lost += 1
            self._cashiers[till].serve(basket)
            if number % _TOLD_EVERY == 0:
                say(f"{number:,} baskets, {number / (time.monotonic() - started):,.0f}/s")
        for cashier in self._cashiers:
            cashier.end_day()
        self._result.seconds = round(time.monotonic() - started, 1)

    def _switch_plugs(self, now_us: int) -> None:
        for place, plan in zip(self._town.places, self._plans, strict=True):
            while plan and plan[0].ends_us <= now_us:
                plan.pop(0)
                place.plug.mend()
            if plan and plan[0].begins_us <= now_us and not place.plug.is_cut:
                place.plug.cut()

    def finish(self, opening: dict[str, int], say: Callable[[str], None]) -> None:
        """All plugs in, everything pushed and pulled; then count and compare."""
        result, town = self._result, self._town
        for place in town.places:
            place.plug.mend()
        say("all plugs are in; waiting for the rest to be pushed")
        started = time.monotonic()
        with town.books() as database:
            late = settle(town.places, database)
            result.settled_s = round(time.monotonic() - started, 1)
            result.tills_mb, result.pulls_mb = rss_mb(os.getpid()), round(_pulls_mb(town), 1)
            promises = [promise for cashier in self._cashiers for promise in cashier.promises]
            result.differences = [*late, *differences(database, opening, promises)]
            if not late:
                result.differences += shown_differences(town, database)
            with database.read() as connection:
                result.outcomes = dict(rows.fetch(connection, "SELECT status, count(*) FROM outcome GROUP BY status"))
                shortfall = rows.fetch(connection, "SELECT coalesce(sum(shortfall), 0) FROM entry")
        result.shortfall = int(shortfall[0][0])
        result.booked = result.outcomes.get("booked", 0) + result.outcomes.get("shortfall", 0)
        result.entries = sum(place.till.counter.last_seq() for place in town.places)
        self._count(promises)

    def _count(self, promises: Sequence[Promise]) -> None:
        result, redeemed = self._result, Count[str]()
        for promise in promises:
            for taken in promise.receipt.redemptions:
                redeemed[taken.authority] += taken.points
        result.sales, result.voids = len(promises), sum(promise.is_voided for promise in promises)
        result.awarded = sum(sum(promise.receipt.awarded.values()) for promise in promises)
        result.redemptions = sum(bool(promise.receipt.redemptions) for promise in promises)
        result.redeemed = dict(redeemed)
        result.refused = dict(sum((cashier.refused for cashier in self._cashiers), Count[str]()))
        result.shifts = sum(cashier.shifts for cashier in self._cashiers)


def _pulls_mb(town: Town) -> float:
    """Resident memory of the processes that pull, on average."""
    pulling = [pid for pid in children_of(os.getpid()) if b"sync.pull" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return sum(map(rss_mb, pulling)) / max(1, len(pulling)) if town.places else 0.0
