"""What a full cache costs in memory: the counter with a member on the screen, against an empty Textual app.

The empty app has imported the same third-party and standard modules as the counter: their list is taken from a counter that
runs under `-X importtime`. The process that pulls is a second process; it has a line of its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, Spread, at_most, ratios
from bench.machine import children_of, rss_mb
from bench.shop.consoles import Console
from bench.shop.counters import open_counter, sign_in, till_command
from bench.shop.empty_app import WORD
from bench.workshop import Workshop

_ROUNDS = 3
_SCANS = 30
_IMPORTED = re.compile(r"import time:\s+\d+ \|\s+\d+ \| +([\w.]+)")
_OURS = ("bench", "config", "devices", "ledger", "local_db", "points", "protocol", "sync", "terminal", "till")


def measure(workshop: Workshop) -> Iterator[Figure]:
    """The counter's process, and all of it."""
    shop = workshop.shop(workshop.members)
    modules = _modules(shop.till)
    ours, whole, empty = [], [], []
    for _ in range(_ROUNDS):
        with open_counter(shop.till) as counter:
            for place in range(_SCANS):
                counter.scan(place * (shop.members // _SCANS))
            ours.append(rss_mb(counter.console.pid))
            whole.append(ours[-1] + sum(map(rss_mb, children_of(counter.console.pid))))
        with Console([sys.executable, "-m", "bench.shop.empty_app", *modules], workshop.source) as console:
            console.saw(WORD)
            empty.append(rss_mb(console.pid))
    sides = f"{Spread.of(ours).median:.0f} MB", f"{Spread.of(empty).median:.0f} MB"
    note = f"{len(modules)} modules that are not ours, imported by both"
    yield Figure("memory", f"{shop.members:,} members cached", ratios(ours, empty), "x", at_most(1.3), *sides, note)
    pulls = Spread.of([both - counter for both, counter in zip(whole, ours, strict=True)])
    yield Figure("memory", "the process that pulls", pulls, "MB")


def _modules(till: Path) -> list[str]:
    """Modules that a counter with a member on the screen has imported and that are not ours."""
    command = till_command(till)
    with Console([command[0], "-X", "importtime", *command[1:]], till) as console:
        sign_in(console)
        found = dict.fromkeys(_IMPORTED.findall(console.shown()))
    return [name for name in found if name.partition(".")[0] not in _OURS and not name.startswith("_")]
