"""What the replay is fed with: baskets in the order of time, whoever they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple


class Line(NamedTuple):
    """Goods of one product; `category` is one of the supermarket's programme."""

    category: str
    fen: int
    product: str
    name: str
    quantity: int


class Basket(NamedTuple):
    """One sale to be. `at_us`: µs UTC; `member`: his number; `store`: any number of a place."""

    reference: str
    at_us: int
    member: str
    store: int
    lines: tuple[Line, ...]

    @property
    def fen(self) -> int:
        """What all goods come to."""
        return sum(line.fen for line in self.lines)


def tills_of(baskets: Iterable[Basket], tills: int) -> dict[int, int]:
    """Store → till: each store, the busiest first, to the till that has the fewest baskets so far."""
    load = [0] * tills
    found: dict[int, int] = {}
    for store, count in sorted(
        Counter(basket.store for basket in baskets).items(), key=lambda item: (-item[1], item[0])
    ):
        till = load.index(min(load))
        found[store] = till
        load[till] += count
    return found
