"""What the end of a day without a network costs the counter: 3,000 entries wait, half of them of one member, against none.

Both tills are copies of one folder. Each side of a round does the same; a customer is scanned, and what he could redeem is
asked as the screen does it: of every reward the most points that the floor carries, by bisection.
"""

from __future__ import annotations

import secrets
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count

from bench.figures import Figure, ms, ratios
from bench.shop.coalitions import Floor, member_no
from bench.shop.desks import copy_of, open_desk, sell
from bench.shop.shops import fill_cache, open_ledger, pair
from bench.workshop import Workshop
from ledger.keys import Keys, load_keys
from points import Choice, Offer
from protocol.dynamic_codes import make
from till.desk import Desk
from till.draft import SaleDraft
from till.redeeming import redeem_and_commit, standing
from till.scanning import MemberIdentified, identify, scan
from till.selling import Quoted, quote_draft
from till.shifts import Session

_MEMBERS = 10_000
_ENTRIES, _ON_THE_FLOOR = 3_000, 20
_ROUNDS, _TIMES = 15, 10
_POINTS = 1_000
_FLOOR = Floor(per_redemption=_POINTS, per_member=2 * _POINTS, per_terminal=1_000 * _POINTS)
_BUSY = member_no(0)

Work = Callable[[Desk, Session], object]


def measure(workshop: Workshop) -> Iterator[Figure]:
    """A day's sales as they come; then what a customer meets at its end."""
    folder = workshop.folder()
    with ExitStack() as opened:
        ledger, url = opened.enter_context(open_ledger(folder / "ledger", members=_MEMBERS, floor=_FLOOR))
        pair(ledger, url, folder / "till")
        fill_cache(folder / "till")
        keys = load_keys(folder / "ledger")
        late, early = (
            opened.enter_context(open_desk(copy_of(folder / "till", workshop.folder()))) for _ in ("late", "early")
        )
        yield _day(*late, keys)
        others = map(member_no, count(_ENTRIES))
        works: dict[str, Work] = {
            "look-up of a member": lambda desk, _session: identify(desk, next(others), "code"),
            "look-up of the busy one": lambda desk, _session: identify(desk, _BUSY, "code"),
            "the same after an outcome": lambda desk, _session: _look_up_anew(desk),
            "sale to a member": lambda desk, session: sell(desk, session, next(others)),
            "sale to the busy one": lambda desk, session: sell(desk, session, _BUSY),
            "what a member could redeem": lambda desk, _session: _could_redeem(
                desk, _shown(desk, keys, next(others))
            ),
            "what the busy one could redeem": lambda desk, _session: _could_redeem(desk, _shown(desk, keys, _BUSY)),
        }
        for what, work in works.items():
            seconds: tuple[list[float], list[float]] = ([], [])
            for _ in range(_ROUNDS):
                for side, counter in zip(seconds, (late, early), strict=True):
                    side.append(_timed(lambda counter=counter, work=work: work(*counter)))  # type: ignore[misc]
            yield Figure(
                "outage",
                f"{what}, {_ENTRIES:,} : 0 waiting",
                ratios(*seconds),
                "x",
                ours=ms(seconds[0]),
                other=ms(seconds[1]),
            )


def _day(desk: Desk, session: Session, keys: Keys) -> Figure:
    """By turns to the busy member and to one who was not here before; now and then such a one redeems on the floor."""
    busy: list[float] = []
    others: list[float] = []
    for place in range(1, _ENTRIES // 2 + 1):
        busy.append(_once(lambda: sell(desk, session, _BUSY)))
        member = member_no(place)
        others.append(_once(lambda member=member: sell(desk, session, member)))  # type: ignore[misc]
        if place % (_ENTRIES // 2 // _ON_THE_FLOOR) == 0:
            draft = _shown(desk, keys, member_no(_ENTRIES // 2 + place))
            redeem_and_commit(desk, session, draft.with_choice(Choice("voucher", _POINTS)), is_online=False)
    blocks = [(sum(busy[at : at + 100]), sum(others[at : at + 100])) for at in range(0, len(busy), 100)]
    return Figure(
        "outage", f"{len(busy):,} sales to one member : to as many", ratios(*zip(*blocks, strict=True)), "x",
        ours=f"{sum(busy):.1f} s", other=f"{sum(others):.1f} s", note="the median of 15 blocks in the order of the day",
    )  # fmt: skip


def _look_up_anew(desk: Desk) -> None:
    """Whatever the journal is told of an entry throws away what was reckoned."""
    desk.journal.kept.clear()
    identify(desk, _BUSY, "code")


def _shown(desk: Desk, keys: Keys, member: str) -> SaleDraft:
    """A basket of a member who shows the code on his phone."""
    now_us = desk.clock.now_us()
    text = make(member, now_us // 1_000_000, secrets.token_bytes(8), keys.current(now_us).private)
    draft = SaleDraft(reference="", amount_confirmed=True).with_amount(100_00)
    found = scan(desk, text, draft)
    assert isinstance(found, MemberIdentified)
    return draft.with_member(found.member, found.proof)


def _could_redeem(desk: Desk, draft: SaleDraft) -> Sequence[int]:
    quoted = quote_draft(desk, draft)
    assert isinstance(quoted, Quoted)
    return [_most(desk, draft, offer) for offer in quoted.offers if offer.is_possible]


def _most(desk: Desk, draft: SaleDraft, offer: Offer) -> int:
    """As `terminal.screens.redeem` asks."""
    steps = range((offer.most_points - offer.points) // offer.step_points + 1)

    def is_too_much(step: int) -> bool:
        points = offer.points + step * offer.step_points
        return not standing(desk, draft, offer, points, is_online=False).authority

    return bisect_left(steps, True, key=is_too_much)


def _timed(work: Callable[[], object]) -> float:
    """Seconds for one of several."""
    started = time.perf_counter()
    for _ in range(_TIMES):
        work()
    return (time.perf_counter() - started) / _TIMES


def _once(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
