"""Whether a till of a large coalition is slower: a look-up and a sale with a full cache against one of 10,000 members."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from random import Random

from bench.figures import Figure, at_most, ms, ratios
from bench.shop.coalitions import member_no
from bench.shop.desks import copy_of, open_desk, sell
from bench.workshop import Workshop
from till.desk import Desk
from till.scanning import identify
from till.shifts import Session

_SMALL = 10_000
_ROUNDS = 15
_LOOK_UPS, _SALES = 400, 60

_Work = Callable[[Desk, Session, str], object]


def measure(workshop: Workshop) -> Iterator[Figure]:
    """A look-up of a random member, and a whole sale with one."""
    counts = (workshop.members, min(_SMALL, workshop.members))
    random = Random(1)
    with ExitStack() as opened:
        counters = [
            (*opened.enter_context(open_desk(copy_of(workshop.shop(count).till, workshop.folder()))), count)
            for count in counts
        ]
        for what, times, work in (("look-up", _LOOK_UPS, _look_up), ("sale", _SALES, sell)):
            seconds: tuple[list[float], list[float]] = ([], [])
            for _ in range(_ROUNDS):
                for side, (desk, session, count) in zip(seconds, counters, strict=True):
                    side.append(
                        _timed(work, desk, session, [member_no(random.randrange(count)) for _ in range(times)])
                    )
            yield Figure(
                "lookup", f"{what}, {counts[0]:,} : {counts[1]:,} members", ratios(*seconds), "x", at_most(1.3),
                ms(seconds[0]), ms(seconds[1]),
            )  # fmt: skip


def _look_up(desk: Desk, _session: Session, member: str) -> object:
    return identify(desk, member, "code")


def _timed(work: _Work, desk: Desk, session: Session, members: list[str]) -> float:
    """Seconds for one of them."""
    started = time.perf_counter()
    for member in members:
        work(desk, session, member)
    return (time.perf_counter() - started) / len(members)
