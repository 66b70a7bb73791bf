"""`python -m bench allowances`: what a store's allowance is worth with 1, 2, 4 and 8 tills, from real trade.

Every redemption of the baskets is asked once: had the store been offline at this moment, would the till at which the member
stands have had his points? A model without tills and a ledger: who redeemed what, where and when is all that it takes. What is
set aside is made by the ledger's own rule.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import click

from bench.baskets import Basket
from bench.machine import machine
from bench.replay.cashier import WANT_TO_REDEEM
from bench.tables import MEASUREMENTS, write_between
from ledger.allowances import points_for
from protocol.documents import AllowancePolicy

TILLS = (1, 2, 4, 8)
POLICY = AllowancePolicy(per_member=2_000)
REWARDS = (300, *range(1_000, 1_550, 50))
"""Points of the sample programme's bag, and of its voucher."""
MOST_OPENING = 4_000
_DAY_US = 86_400_000_000


@dataclass
class Worth:
    """Of so many redemptions those whose member had an allowance in the store, and those that it would have carried whole."""

    redemptions: int = 0
    has_one: int = 0
    carried: Counter[int] = field(default_factory=Counter)
    """By the number of tills in the store."""

    def document(self) -> dict[str, Any]:
        """For programs: shares of all redemptions."""
        share = 1 / max(1, self.redemptions)
        return {
            "redemptions": self.redemptions,
            "has_one": self.has_one * share,
            "carried": {str(tills): self.carried[tills] * share for tills in TILLS},
        }


class Town:
    """Members with points, and what they took in which store last."""

    def __init__(self, chance: random.Random, *, is_steady: bool) -> None:
        self._chance, self._is_steady = chance, is_steady
        self._wishes: dict[str, int] = defaultdict(lambda: chance.choice(REWARDS))
        self._points: dict[str, int] = defaultdict(lambda: chance.randrange(MOST_OPENING))
        self._usual: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
        """Store → member → (day, points)."""
        self._set_aside: dict[int, tuple[int, dict[str, int]]] = {}
        """Store → (day, member → points): asked for in the morning."""
        self.worth = Worth()

    def serve(self, basket: Basket) -> None:
        """A sale; perhaps with a redemption, which is asked about before it is made."""
        day, member = basket.at_us // _DAY_US, basket.member
        left = self._allowances(basket.store, day)
        points = self._wishes[member] if self._is_steady else self._chance.choice(REWARDS)
        if self._chance.random() < WANT_TO_REDEEM and self._points[member] >= points:
            self._ask(left.get(member, 0), points)
            self._points[member] -= points
            left[member] = max(0, left.get(member, 0) - points)
            self._usual[basket.store][member] = day, points
        self._points[member] += basket.fen // 100

    def _ask(self, left: int, points: int) -> None:
        self.worth.redemptions += 1
        self.worth.has_one += left > 0
        for tills in TILLS:
            stands_at_it = self._chance.randrange(tills) == 0  # one till of the store holds them
            self.worth.carried[tills] += left >= points and stands_at_it

    def _allowances(self, store: int, day: int) -> dict[str, int]:
        known_day, left = self._set_aside.get(store, (-1, {}))
        if known_day == day:
            return left
        usual = {member: took for member, took in self._usual[store].items() if took[0] >= day - POLICY.days}
        latest = sorted(usual, key=lambda member: -usual[member][0])[: POLICY.members]
        granted = {
            member: points_for(min(usual[member][1], POLICY.per_member), self._points[member]) for member in latest
        }
        self._set_aside[store] = day, granted
        return granted


def worth_of(baskets: Iterable[Basket], seed: int, *, is_steady: bool) -> Worth:
    """Of baskets in the order of time. Steady members want the same reward each time, others any."""
    town = Town(random.Random(seed), is_steady=is_steady)
    for basket in baskets:
        town.serve(basket)
    return town.worth


@click.command()
@click.option("--baskets", "count", default=155_848, show_default=True, type=click.IntRange(1))
@click.option("--seed", default=1, show_default=True, help="Of what customers want, and where they stand.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--write", "is_written", is_flag=True, help="Put the result into docs/measurements.md.")
def allowances(count: int, seed: int, *, is_json: bool, is_written: bool) -> None:
    """How many redemptions an allowance would have carried in an outage, by the number of tills in a store."""
    try:
        from bench.complete_journey import real_baskets
    except ImportError as error:
        raise click.ClickException(f"{error}: install the development extra") from None
    baskets = list(real_baskets(count))
    steady, fickle = (worth_of(baskets, seed, is_steady=is_steady) for is_steady in (True, False))
    table = _table(steady, fickle)
    said = {"steady": steady.document(), "fickle": fickle.document()}
    click.echo(json.dumps(said) if is_json else "\n".join(table))
    if is_written:
        asked = f"python -m bench allowances --baskets {count} --seed {seed}"
        facts = {"date": datetime.now(UTC).date().isoformat(), "command": f"`{asked}`"} | machine()
        lines = [f"- {name}: {value}" for name, value in facts.items() if name != "PostgreSQL"]
        write_between(MEASUREMENTS, "allowances", "\n".join([*lines, "", *table]))


def _table(steady: Worth, fickle: Worth) -> list[str]:
    same, any_ = steady.document(), fickle.document()
    rows = [f"| {tills} | {same['carried'][str(tills)]:.0%} | {any_['carried'][str(tills)]:.0%} |" for tills in TILLS]
    return [
        "Redemptions that the allowance of one till carries whole:",
        "",
        "| tills in the store | each member wants the same reward each time | any reward |",
        "|---|---|---|",
        *rows,
        f"| redemptions | {steady.redemptions:,} | {fickle.redemptions:,} |",
        f"| by members of whom points were set aside in the store | {same['has_one']:.0%} | {any_['has_one']:.0%} |",
    ]
