"""Every way in which the journals of two tills can come to the real ledger: in what order, in what batches, twice, half booked.

A request and its answer can be lost, come twice, come late; the ledger can be killed between receiving and booking. A step is a
batch of any entries that continue what came before, or repeat it; the same, received alone; what is booked when the ledger is
back; a request for points, at any time and again. After each step the books are the reference's, which books every entry once;
whoever sends again gets the first outcomes, and not a byte of the books changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from protocol.entries import Award, Sale
from protocol.push import Outcome
from tests.ledger.both_sides import A, B, BothSides
from tests.ledger.reference import Reference, Told
from tests.ledger.shop import KIND


class Saved(NamedTuple):
    """A moment to come back to."""

    books: bytes
    reference: Reference
    booked: dict[str, int]
    received: dict[str, int]
    expected: dict[tuple[str, int], Told]
    told: dict[tuple[str, int], Outcome]


class Delivery(BothSides):
    """Journals that are written, and nothing of them has been sent. `asks`: (till, sale, points) that a till asks for."""

    def __init__(self, write: Callable[[Delivery], list[tuple[int, Sale, int]]]) -> None:
        self.start(awarded=50)
        self.asks = write(self)

    def save(self) -> Saved:
        return Saved(
            self.database.serialize(), self.reference.copy(), self.booked.copy(), self.received.copy(),
            self.expected.copy(), self.told.copy(),
        )  # fmt: skip

    def load(self, saved: Saved) -> None:
        self.database.load(saved.books)
        self.reference = saved.reference.copy()
        self.booked, self.received = saved.booked.copy(), saved.received.copy()
        self.expected, self.told = saved.expected.copy(), saved.told.copy()

    @property
    def key(self) -> Any:
        """What the books depend on, but for the time."""
        known = self.reference
        books = (known.lots, known.lying, known.ended, known.sold, known.owed)
        return tuple(frozenset(part.items()) for part in (*books, self.booked, self.received, self.expected))

    def steps(self) -> Iterator[tuple[Callable[..., None], tuple[Any, ...]]]:
        """What can come next."""
        for till in self.tills[:2]:
            known, written = self.received[till.terminal], len(till.payloads)
            for first in range(FIRST[till.terminal], known + 2):
                for last in range(first, written + 1):
                    yield self.send_batch, (till, first, last - first + 1)
                    if last > known:
                        yield self.receive_batch, (till, first, last - first + 1)
        for ask in self.asks:
            yield self.ask_for, ask
        yield self.sweep, ()

    def take(self, step: tuple[Callable[..., None], tuple[Any, ...]]) -> None:
        """And nothing is written where nothing is new."""
        before, known = self.database.serialize(), self.key
        act, what = step
        act(*what)
        if self.key == known:
            assert self.database.serialize() == before
        else:
            self.compare()


FIRST = {"T1": 5, "T2": 1}
"""The first till has sent 4 entries at the beginning."""


def scarce(world: Delivery) -> list[tuple[int, Sale, int]]:
    """Two tills redeem more than the member has; one of them asked for it."""
    one, other = world.tills[0].sale(A), world.tills[1].sale(A)
    world.write_sale(0, one, [Award(kind=KIND, points=5)], [(KIND, 25, "")])
    world.write_sale(1, other, [], [(KIND, 25, "")])
    world.append(1, world.tills[1].void(one))
    world.append(0, world.tills[0].void(one))
    return [(0, one, 20), (1, other, 20)]


def given_up(world: Delivery) -> list[tuple[int, Sale, int]]:
    """A till returns what it asked for, and another one asks for the same points; a second member comes in between."""
    one, other = world.tills[0].sale(A), world.tills[1].sale(A)
    world.append(0, world.tills[0].returned(A, one.id))
    world.write_sale(0, world.tills[0].sale(B), [], [(KIND, 10, "")])
    world.write_sale(1, other, [], [(KIND, 20, "")])
    world.append(1, world.tills[1].void(other))
    return [(0, one, 20), (1, other, 20)]


def explore(write: Callable[[Delivery], list[tuple[int, Sale, int]]]) -> tuple[int, int]:
    """How many different books there are, and how many steps lead to them."""
    world = Delivery(write)
    seen, frontier, taken = {world.key}, [world.save()], 0
    while frontier:
        saved = frontier.pop()
        world.load(saved)
        for step in list(world.steps()):
            world.load(saved)
            world.take(step)
            taken += 1
            if world.key not in seen:
                seen.add(world.key)
                frontier.append(world.save())
    world.database.close()
    return len(seen), taken


@pytest.mark.parametrize(("write", "counted"), [(scarce, (171, 1_777)), (given_up, (105, 1_116))])
def test_however_it_is_delivered_each_entry_is_booked_once(
    write: Callable[[Delivery], Any], counted: tuple[int, int]
) -> None:
    """Every state that there is, to the end of both journals; none fewer than there were when this was written."""
    assert explore(write) == counted
