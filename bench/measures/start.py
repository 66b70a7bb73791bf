"""How soon a person can begin: exec to first paint, against an empty Textual app started the same way; then the first member.

The first paint is the sign-in with its words. The first member is what the till itself needs after that: until it is open
(the link's state is shown), and from the first scan to the member. The typing of a PIN in between is a person's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from bench.figures import Figure, Spread, at_most, ms, ratios
from bench.shop.consoles import Console
from bench.shop.counters import OPEN, SIGN_IN, open_console, sign_in
from bench.shop.empty_app import WORD
from bench.workshop import Workshop

_ROUNDS = 9
_FIRST_MEMBERS = 3


def measure(workshop: Workshop) -> Iterator[Figure]:
    """Against an empty app, and the first member."""
    shop = workshop.shop(workshop.members)
    paints, opened, members, empty = [], [], [], []
    for number in range(_ROUNDS):
        with open_console(shop.till) as counter:
            paint = counter.console.saw(SIGN_IN)
            paints.append(paint - counter.console.started)
            opened.append(counter.console.saw(OPEN) - paint)
            if number < _FIRST_MEMBERS:
                sign_in(counter.console)
                members.append(counter.scan(11 + number))
        with Console([sys.executable, "-m", "bench.shop.empty_app"], workshop.source) as console:
            empty.append(console.saw(WORD) - console.started)
    yield Figure("start", "first paint", ratios(paints, empty), "x", at_most(1.6), ms(paints), ms(empty))
    first = [until_open + Spread.of(members).median for until_open in opened]
    note = f"open {ms(opened)} after the first paint, first scan to member {ms(members)}"
    yield Figure(
        "start", "first member after the first paint", Spread.of(first), "s", at_most(0.6), ms(first), "", note
    )
