"""What goes wrong in a seed: chance picks which classes of faults it has, how likely each is, and when the rare ones strike.

Not every seed has every class ("swarm testing"): a fault that hides another is away in half of the seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from config.settings import Settings
from simulation import operators
from simulation.network import FAULTS, Plan
from simulation.oracle import Oracle
from simulation.till_host import TillHost
from simulation.world import World

_LONG_OUTAGE_AFTER_S = 20.0

HOUR_US = 3_600_000_000


class Strike(NamedTuple):
    """A fault that strikes now and then; `every_s` on the average, over all tills."""

    name: str
    every_s: float
    act: Callable[[Misfortune], None]


class Misfortune:
    """Faults of one seed, until it is over."""

    def __init__(self, world: World, oracle: Oracle, *, is_calm: bool) -> None:
        self.world, self.oracle = world, oracle
        self.chance = world.chance("misfortune")
        self._is_over = is_calm
        self._is_calm = is_calm

    def begin(self) -> None:
        """Choose, and set the first strikes."""
        operators.open_stores(self.world, self.chance)
        if self._is_calm:
            return
        for till in self.world.tills:
            till.cable.plan = self._plan()
            till.settings = Settings(poll_s=self.chance.choice((5, 30)))
            till.clocks.go_wrong(self.chance.choice((0, 0, -40_000_000, 3_000_000)), self.chance.randint(-200, 200))
        if self.chance.random() < 0.3:
            self.later(_LONG_OUTAGE_AFTER_S, self._cut_for_long)
        for strike in STRIKES:
            if self.chance.random() < 0.5:
                self._soon(strike)

    def end(self) -> None:
        """Everything is mended: networks, clocks, tills and the ledger come back."""
        self._is_over = True
        if not self.world.ledger.is_up:
            self.world.ledger.start()
        self.world.ledger.crash_at_commit = 0
        for till in self.world.tills:
            till.cable.plan, till.cable.is_cut, till.cable.has_portal = Plan(), False, False
            if till.is_up and till.has_unsound_disk:
                till.crash()
            self.world.scheduler.disarm(till.name)
            if not till.is_up:
                self.reopen(till)

    def till(self) -> TillHost:
        """One of them."""
        return self.chance.choice(self.world.tills)

    def count(self, fault: str) -> None:
        """It struck."""
        self.world.faults[fault] += 1
        self.world.trace.say("strikes", "-", fault)

    def died(self, till: TillHost) -> None:
        """A till's process is gone: somebody starts it again after a while."""
        self.world.trace.say("dies", till.name)
        self.world.scheduler.after(self.chance.choice((0.5, 5, 60)), lambda: self.reopen(till))

    def reopen(self, till: TillHost) -> None:
        """It is started, and finds what the crash left."""
        if not till.is_up and till.can_start:
            till.start()
            self.oracle.opened(till)

    def start_again(self, till: TillHost) -> None:
        """Somebody ends it, and starts it."""
        if till.is_up:
            till.crash()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Undo a strike, unless all is mended by then."""
        self.world.scheduler.after(seconds, lambda: None if self._is_over else act())

    def _cut_for_long(self) -> None:
        """One till sells on without a network, until all is mended: what only sums can bound adds up."""
        self.count("long outage")
        self.till().cable.is_cut = True

    def _plan(self) -> Plan:
        """Half of the classes, each up to one request in eight."""
        return Plan(**{fault: self.chance.uniform(0, 0.12) for fault in FAULTS if self.chance.random() < 0.5})

    def _soon(self, strike: Strike) -> None:
        def act() -> None:
            if not self._is_over:
                strike.act(self)
                self._soon(strike)

        self.world.scheduler.after(self.chance.expovariate(1 / strike.every_s), act)


def _outage(misfortune: Misfortune) -> None:
    till = misfortune.till()
    misfortune.count("outage")
    till.cable.is_cut = True
    misfortune.later(misfortune.chance.choice((3, 60, 300)), lambda: setattr(till.cable, "is_cut", False))


def _portal(misfortune: Misfortune) -> None:
    till = misfortune.till()
    misfortune.count("portal for a while")
    till.cable.has_portal = True
    misfortune.later(misfortune.chance.uniform(5, 60), lambda: setattr(till.cable, "has_portal", False))


def _crash(misfortune: Misfortune) -> None:
    till = misfortune.till()
    if till.is_up:
        misfortune.count("till crashes between two steps")
        till.crash()


def _crash_inside(misfortune: Misfortune) -> None:
    till = misfortune.till()
    if till.is_up:
        misfortune.count("till crashes at a statement")
        till.crash_at_statement(misfortune.chance.randint(1, 40))


def _power_cut(misfortune: Misfortune) -> None:
    """The machine goes: clocks start anew, some without a battery, and the cache loses what was not synced."""
    till = misfortune.till()
    if till.is_up:
        misfortune.count("power cut")
        till.crash()
        till.lose_unsynced()
        till.clocks.reboot(misfortune.chance.choice((0, 0, 3_000_000, 26 * HOUR_US, 400 * 24 * HOUR_US)))


def _disk_full(misfortune: Misfortune) -> None:
    """For a while, or until the till is started again."""
    till = misfortune.till()
    if till.is_up and till.disk().is_sound:
        misfortune.count("disk full")
        till.disk().fill(misfortune.chance.randint(1, 30))
        if misfortune.chance.random() < 0.3:
            misfortune.later(misfortune.chance.uniform(1, 30), till.tidy_up)
        else:
            misfortune.later(misfortune.chance.uniform(1, 60), lambda: misfortune.start_again(till))


def _disk_fails(misfortune: Misfortune) -> None:
    """An I/O error. The till takes nothing more; somebody starts it again."""
    till = misfortune.till()
    if till.is_up and till.disk().is_sound:
        misfortune.count("disk fails")
        till.disk().fail(misfortune.chance.randint(1, 30), is_done_first=misfortune.chance.random() < 0.5)
        misfortune.later(misfortune.chance.uniform(1, 60), lambda: misfortune.start_again(till))


def _clock_jumps(misfortune: Misfortune) -> None:
    misfortune.count("clock jumps")
    by_us = misfortune.chance.choice((-25 * HOUR_US, -HOUR_US, -30_000_000, 30_000_000, HOUR_US, 25 * HOUR_US))
    misfortune.till().clocks.jump(by_us)


def _ledger_crashes(misfortune: Misfortune) -> None:
    ledger = misfortune.world.ledger
    if ledger.is_up:
        misfortune.count("ledger crashes between two commits")
        ledger.crash_at_commit = misfortune.chance.randint(1, 4)
        misfortune.later(misfortune.chance.uniform(1, 40), lambda: operators.restart(ledger))


def _ledger_restored(misfortune: Misfortune) -> None:
    """A copy is kept, and some time later put in place of the books: what happened between is forgotten."""
    world = misfortune.world

    def restore() -> None:
        misfortune.count("ledger restored from an older copy")
        world.ledger.restore(tells=world.variant.tells_of_restoring)
        misfortune.oracle.restored()

    if not world.ledger.has_backup:
        world.ledger.back_up()
        misfortune.later(misfortune.chance.uniform(2, 90), restore)


def _operate(misfortune: Misfortune, act: operators.Act) -> None:
    if misfortune.world.ledger.is_up:
        misfortune.count(f"operator: {act.__name__.lstrip('_').replace('_', ' ')}")
        act(misfortune.world, misfortune.oracle, misfortune.chance)


STRIKES = (
    Strike("outage", 40, _outage),
    Strike("portal", 120, _portal),
    Strike("crash", 90, _crash),
    Strike("crash inside", 60, _crash_inside),
    Strike("power cut", 150, _power_cut),
    Strike("disk full", 80, _disk_full),
    Strike("disk fails", 80, _disk_fails),
    Strike("clock", 90, _clock_jumps),
    Strike("ledger", 80, _ledger_crashes),
    Strike("restored", 100, _ledger_restored),
    *(Strike(name, every_s, partial(_operate, act=act)) for name, every_s, act in operators.ACTS),
)
