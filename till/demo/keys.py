"""The keys that only the demo has: a customer's phone, a card, a product, and the network plug."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from config import data
from till.app import Demo, DemoKey
from till.composition import Till, open_till
from till.demo.coalition import DemoStore, read_demo_store
from till.demo.world import World


class Props:
    """What the newcomer plays with. Each call comes from a thread of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store: DemoStore = read_demo_store((data("coalition") / "demo.toml").read_bytes(), world.store)
        self._members: Iterator[str] = itertools.cycle(self._store.members)
        self._products: Iterator[str] = itertools.cycle(self._store.products)
        self._current = self._store.members[0]
        self._till: Till | None = None
        self._lock = threading.Lock()

    @contextmanager
    def start(self) -> Iterator[Till]:
        """Open the till of the demo; whoever looks at its screen afterwards sees what it shows."""
        with open_till(self._world.folder, self._world.settings) as till:
            self._till = till
            yield till

    @property
    def manager(self) -> tuple[str, str]:
        """(工号, PIN)."""
        return self._store.manager

    def next_phone(self) -> None:
        """The next customer holds his phone in front of the scanner."""
        with self._lock:
            self._current = next(self._members)
            self._world.scanner.type_code(self._world.dynamic_code(self._current))

    def same_phone(self) -> None:
        """The customer at the counter agrees: he refreshes his code, or reads the till's code and allows it, and shows that."""
        with self._lock:
            shown = self._till.counter.shown_to_phone(self._current) if self._till else ""
            allowed = self._world.allow(self._current, shown) if shown else ""
            self._world.scanner.type_code(allowed or self._world.dynamic_code(self._current))

    def card(self) -> None:
        """The next customer has a card, or a code printed long ago."""
        with self._lock:
            self._current = next(self._members)
            self._world.scanner.type_code(self._world.static_code(self._current))

    def product(self) -> None:
        """A product over the scanner."""
        with self._lock:
            self._world.scanner.type_code(next(self._products))

    def plug(self) -> None:
        """Pull the network plug, or put it back."""
        with self._lock:
            if self._world.plug.is_cut:
                self._world.plug.mend()
            else:
                self._world.plug.cut()


def demo_of(props: Props) -> Demo:
    """The keys and what they are called, and the manager, who may open a shift."""
    rows: tuple[tuple[str, str, str, Callable[[], None]], ...] = (
        ("ctrl+t", "会员手机码", "phone", props.next_phone),
        ("ctrl+r", "刷新再扫", "again", props.same_phone),
        ("ctrl+k", "刷卡", "card", props.card),
        ("ctrl+g", "商品", "product", props.product),
        ("ctrl+n", "拔网线", "plug", props.plug),
    )
    staff, pin = props.manager
    return Demo(tuple(DemoKey(*row) for row in rows), staff, pin)
