"""F9, household points: what the member's household shares, and points out of it for him, once he has agreed."""

from __future__ import annotations

from functools import partial
from typing import Any

from protocol.households import Drawn, Pool, PooledKind
from terminal.dialogs.asking import Asking
from terminal.dialogs.draw_points import DrawPoints
from terminal.dialogs.member_link import PROVE_AGAIN
from terminal.dialogs.member_pin import MemberPin
from terminal.dialogs.menu import Entry, Menu
from terminal.i18n import _, either
from terminal.screens.base import TillScreen
from terminal.text import harmless
from terminal.words import code_of, name_of, sentence_of
from till.draft import MemberProof, SaleDraft


def draw_from_household(screen: TillScreen[Any]) -> None:
    """For the member on the screen. His proof is asked for as for redeeming online: his PIN, or a fresh code."""
    sale, household = screen.work.draft, screen.counter.household

    def told(answer: Pool | Exception | None) -> None:
        if isinstance(answer, Exception):
            screen.refuse(answer)
        elif answer is not None:
            _choose(screen, sale, answer)

    if sale.member is None:
        screen.refuse_code("no-member")
    elif not screen.counter.is_online:
        screen.refuse_code("household-offline")
    else:
        screen.app.push_screen(Asking(_what(sale), partial(household.pool, sale)), told)


def _choose(screen: TillScreen[Any], sale: SaleDraft, pool: Pool) -> None:
    known = screen.counter.store.programme.kind_by_code
    kinds = [one for one in pool.kinds if one.drawable and one.kind in known]
    if not kinds:
        screen.refuse_code("household-nothing")
    elif len(kinds) == 1:
        _how_many(screen, sale, kinds[0])
    else:
        entries = [Entry(f"{one.points:,} {_kind(screen, one.kind)}", one) for one in kinds]
        screen.app.push_screen(
            Menu(_what(sale), entries), lambda chosen: _how_many(screen, sale, chosen) if chosen else None
        )


def _how_many(screen: TillScreen[Any], sale: SaleDraft, there: PooledKind) -> None:
    def typed(points: int | None) -> None:
        if points is not None:
            _prove(screen, sale, there.kind, points)

    assert sale.member is not None
    dialog = DrawPoints(name_of(sale.member), _kind(screen, there.kind), there)
    screen.app.push_screen(dialog, typed)


def _prove(screen: TillScreen[Any], sale: SaleDraft, kind: str, points: int, first: str = "") -> None:
    def proved(proof: MemberProof | None) -> None:
        if proof is not None:
            call = partial(screen.counter.household.draw, sale, kind, points, proof)
            screen.app.push_screen(Asking(what, call), drawn)

    def drawn(answer: Drawn | Exception | None) -> None:
        if isinstance(answer, Exception) and code_of(answer) in PROVE_AGAIN:
            _prove(screen, sale, kind, points, sentence_of(answer))
        elif isinstance(answer, Exception):
            screen.refuse(answer)
        elif answer is not None:
            words = _("{points} {kind} drawn from the household; they are shown in a moment, then redeem with F2")
            screen.say(words.format(points=f"{answer.points:,}", kind=_kind(screen, kind)), "success")

    what = f"{_what(sale)}  {points:,} {_kind(screen, kind)}"
    screen.app.push_screen(MemberPin(sale, what, first), proved)


def _what(sale: SaleDraft) -> str:
    assert sale.member is not None
    return "  ".join([name_of(sale.member), _("Household points")])


def _kind(screen: TillScreen[Any], kind: str) -> str:
    return harmless(either(screen.counter.store.programme.kind_by_code[kind].name))
