"""One seed, from its first event to the end: people, faults, then everything is healed and has to agree."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from local_db.errors import LocalDbError
from simulation import ending
from simulation.coalition import Template
from simulation.misfortune import Misfortune
from simulation.operations import OPERATIONS, REFUSALS, Cashier, Operation
from simulation.oracle import Oracle
from simulation.signatures import Signatures, patched
from simulation.till_host import TillHost
from simulation.variants import VARIANTS
from simulation.world import Finding, World

RAM = Path("/dev/shm")  # noqa: S108  # where it is there: thousands of small files, none of them worth a disk
_GAP_S = 2.0
"""Between two people who come, over all counters, on the average."""

_OPENING_S = 120.0


@dataclass
class Result:
    """What a seed came to. `trace`: the hash over everything that happened."""

    seed: int
    trace: str = ""
    events: int = 0
    virtual_s: float = 0.0
    operations: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder that is gone afterwards, in memory where that is possible."""
    folder = Path(tempfile.mkdtemp(prefix="till-simulation-", dir=RAM if RAM.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play(
    seed: int, operations: int, template: Template, narrate: Callable[[str], None] | None = None, *, calm: bool = False,
    breaks: str = "", signatures: Signatures | None = None,
) -> Result:  # fmt: skip
    """Play a seed. `operations`: how many people come to the counters, altogether; `calm`: without any fault.

    `signatures`: those of an earlier run of the same seed, which are not made again.
    """
    variant = VARIANTS[breaks]
    with workshop() as folder, (signatures or Signatures()).used(), patched(dict(variant.patches)):
        world = World(seed, folder, template, narrate, variant)
        oracle = Oracle(world)
        try:
            return _Play(world, oracle, operations, calm=calm).run()
        finally:
            oracle.books.close()
            world.close()


def operations_s(operations: int) -> float:
    """After so long nobody comes any more, whether all were served or not: every till may have ended."""
    return operations * 5 * _GAP_S


class _Play:
    def __init__(self, world: World, oracle: Oracle, operations: int, *, calm: bool) -> None:
        self._world, self._oracle, self._left = world, oracle, operations
        self._chance = world.chance("people")
        self._result = Result(world.seed)
        self._misfortune = Misfortune(world, oracle, is_calm=calm)
        world.died = self._misfortune.died

    def run(self) -> Result:
        world = self._world
        self._misfortune.begin()
        for till in world.tills:
            till.start()
        world.scheduler.after(self._chance.uniform(0, 5), self._somebody_comes)
        until_us = world.scheduler.now_us + int((_OPENING_S + operations_s(self._left)) * 1_000_000)
        while (self._left or self._is_anybody_served()) and not world.findings and world.scheduler.now_us < until_us:
            self._step()
        self._left = 0
        self._misfortune.end()
        if not world.findings:
            ending.settle(world, self._oracle, self._step)
        return self._say()

    def _step(self) -> None:
        self._world.scheduler.step()
        self._oracle.after_event()

    def _is_anybody_served(self) -> bool:
        return any(till.is_busy for till in self._world.tills)

    def _somebody_comes(self) -> None:
        till = self._chance.choice(self._world.tills)
        if till.is_up and not till.is_busy and not till.is_ended and till.counter.is_ready:
            operation = self._chance.choices(OPERATIONS, [one.weight for one in OPERATIONS])[0]
            till.serve(partial(self._serve, till, operation))
            self._left -= 1
        if self._left:
            self._world.scheduler.after(self._chance.expovariate(1 / _GAP_S), self._somebody_comes)

    def _serve(self, till: TillHost, operation: Operation) -> None:
        self._world.trace.say("does", till.name, operation.name)
        self._result.operations[operation.name] += 1
        began_us = self._world.scheduler.now_us
        cashier = Cashier(self._world, self._oracle, till, self._chance)
        try:
            operation.act(cashier)
        except REFUSALS as error:
            code = getattr(error, "code", type(error).__name__)
            self._world.trace.say("refuses", till.name, code)
            if isinstance(error, LocalDbError) and not till.has_unsound_disk:
                self._world.find("P1 durable", f"{till.name}: {code} on a sound disk: {error}")
            self._result.refusals[code] += 1
            if code in ("no-shift", "other-shift"):
                till.session = None
        till.counter.serve("")
        took_s = (self._world.scheduler.now_us - began_us) / 1_000_000
        self._oracle.served(till, took_s - cashier.waited_s, has_looked_up=cashier.has_looked_up)

    def _say(self) -> Result:
        world, result = self._world, self._result
        result.trace, result.events = world.trace.hash, world.scheduler.events
        result.virtual_s = world.trace.elapsed_s
        result.faults, result.checks, result.findings = world.faults, world.checks, world.findings
        for watched in self._oracle.watched():
            result.outcomes.update(outcome.status for outcome in watched.outcomes.values())
        return result
