"""Invented trade that looks like a grocer's: for tests, and where the data package is not installed.

The figures are about those of the real data: half of the baskets have five lines or fewer, a few have a hundred; a basket is
¥17 in the middle and ¥29 on average; few members come often; evenings are busy.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bench.baskets import Basket, Line

FIRST_DAY = datetime(2026, 1, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
BASKETS_A_DAY = 400
_CATEGORIES = {
    "grocery": 55,
    "fresh": 20,
    "household": 12,
    "drinks": 8,
    "general": 3,
    "tobacco": 1,
    "infant-formula": 1,
}
_HOURS = (1, 1, 1, 1, 1, 2, 5, 8, 10, 10, 9, 9, 10, 9, 9, 10, 13, 18, 20, 17, 13, 8, 4, 2)
"""Weights of the hours of a day, from midnight."""
_PRODUCTS = 5_000
_LONGEST = 150


def synthetic_baskets(count: int, seed: int = 1, members: int = 0) -> list[Basket]:
    """`count` baskets in the order of time; the same seed gives the same ones. `members`: a twentieth of them by default."""
    # Not for secrets: the same seed plays the same trade.
    chance = random.Random(seed)
    people = members or max(10, count // 20)
    return sorted((_basket(chance, number, people) for number in range(count)), key=lambda basket: basket.at_us)


def _basket(chance: random.Random, number: int, people: int) -> Basket:
    at = FIRST_DAY + timedelta(
        days=number // BASKETS_A_DAY,
        hours=chance.choices(range(24), _HOURS)[0],
        seconds=chance.randrange(3_600),
    )
    # A Pareto share: few members come often.
    member = int(people * chance.random() ** 2.5)
    store = member % 37 if chance.random() < 0.85 else chance.randrange(37)
    return Basket(
        reference=f"S{number:08d}", at_us=int(at.timestamp()) * 1_000_000, member=str(4_000_000_000 + member),
        store=store, lines=tuple(_lines(chance)),
    )  # fmt: skip


def _lines(chance: random.Random) -> Iterator[Line]:
    for _ in range(min(_LONGEST, 1 + int(chance.lognormvariate(1.5, 1.1)))):
        category = chance.choices(list(_CATEGORIES), list(_CATEGORIES.values()))[0]
        quantity = 1 if chance.random() < 0.8 else chance.randrange(2, 6)
        fen = quantity * max(10, int(chance.lognormvariate(5.2, 0.7)))
        product = f"9{chance.randrange(_PRODUCTS):012d}"
        yield Line(category, fen, product, f"商品{product[-4:]}", quantity)
