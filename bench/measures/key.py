"""From a key to the first bytes that it paints, while 100,000 changes are pulled into a full cache.

Esc has a line of its own: a terminal sends it at the head of every function key too, so Textual waits whether more follows.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bench.figures import Figure, Spread, at_most, percentile
from bench.shop.consoles import Console
from bench.shop.counters import open_counter, open_echo, pulling
from bench.workshop import Workshop

_ROUNDS = 25
_ESC = "\x1b"
_KEYS = ("1", "2", "8", ".", "5", "\x7f", "\x7f", "\x7f", "\x7f", "\x7f")
_PAGES = ("\x1bOP", "\x1b[15~", "\x1b[20~")
"""F1 help, F5 look up, F9 more: each opens a page, which Esc closes."""

_PAUSE_S = 0.12
_PARTS = 5


def measure(workshop: Workshop) -> Iterator[Figure]:
    """p99 of all keys but Esc, and of Esc."""
    shop = workshop.shop(workshop.members)
    keys: list[float] = []
    escapes: list[float] = []
    echoes: list[float] = []
    with open_counter(shop.till) as counter, open_echo(workshop.source) as echo:
        counter.scan(7)
        with pulling(shop, workshop.changes) as pulled:
            for _ in range(_ROUNDS):
                for key in _KEYS:
                    keys.append(_press(counter.console, key))
                    echoes.append(echo.press(key))
                for page in _PAGES:
                    keys.append(_press(counter.console, page))
                    escapes.append(_press(counter.console, _ESC))
    note = (
        f"p50 {percentile(keys, 50) * 1_000:.0f} ms, p95 {percentile(keys, 95) * 1_000:.0f} ms,"
        f" {pulled[0].rows:,} rows pulled in {pulled[0].seconds:.0f} s"
    )
    machine = f"echo {percentile(echoes, 99) * 1_000:.1f} ms"
    yield _figure("any key but Esc", keys, machine, note)
    yield _figure(
        "Esc",
        escapes,
        machine,
        "25 ms of it (ESCDELAY) are Textual's wait whether the Esc is the head of another key",
    )


def _figure(what: str, times: Sequence[float], echo: str, note: str) -> Figure:
    parts = [percentile(times[start::_PARTS], 99) * 1_000 for start in range(_PARTS)]
    value = Spread(percentile(times, 99) * 1_000, min(parts), max(parts))
    return Figure("key", f"{what}, p99, a pull running", value, "ms", at_most(50), f"{len(times)} keys", echo, note)


def _press(console: Console, key: str) -> float:
    time.sleep(_PAUSE_S)
    return console.press(key)
