"""Everything of one seed: virtual time, one ledger, its tills, the members' phones, and what is written down of it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.authorising import authorise
from local_db.errors import LocalDbError
from protocol.dynamic_codes import make
from simulation.clocks import Clocks
from simulation.coalition import START_US, STORES, Template, copy, merchant_of, till_name
from simulation.ledger_host import LedgerHost
from simulation.network import Cable
from simulation.scheduler import Scheduler, Task
from simulation.till_host import TillHost
from simulation.trace import Trace
from simulation.variants import Variant


class Finding(NamedTuple):
    """A promise that was broken: which, where, and how it shows."""

    promise: str
    what: str


class Phones:
    """The members' phones; their clocks are right. An old code may be shown again."""

    def __init__(self, now_us: Callable[[], int], key: Ed25519PrivateKey, ledger: LedgerHost) -> None:
        self._now_us, self._key, self._ledger = now_us, key, ledger
        self._shown: list[str] = []

    def code(self, member: str, chance: Random) -> str:
        """What a phone shows: mostly of this minute."""
        if self._shown and chance.random() < 0.1:
            return chance.choice(self._shown[-5:])
        age_s = chance.choice((0, 3, 12, 50)) if chance.random() < 0.9 else 600
        self._shown.append(make(member, self._now_us() // 1_000_000 - age_s, chance.randbytes(8), self._key))
        return self._shown[-1]

    def allow(self, member: str, challenge: str, chance: Random) -> str:
        """What the page shows once he allowed what the till asks for; empty where he did not, or got a no. Some tap twice."""
        said = ""
        for _tap in range(chance.choice((0, 1, 1, 1, 2))):
            if self._ledger.is_up:
                keys, now_us = self._ledger.keys, self._ledger.clock()
                answer = self._ledger.work(lambda books: authorise(books, keys, member, challenge, now_us))  # noqa: B023
                said = answer if isinstance(answer, str) else ""
        return said


class World:
    """One seed's. `find` writes a broken promise down; each is told once."""

    def __init__(
        self, seed: int, folder: Path, template: Template, narrate: Callable[[str], None] | None, variant: Variant
    ) -> None:
        copy(template, folder)
        self.variant = variant
        self.seed = seed
        self.faults: Counter[str] = Counter()
        self.checks: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.findings: list[Finding] = []
        self.versions = Counter(dict.fromkeys(map(merchant_of, dict(STORES)), 1))
        """The newest programme of each merchant."""
        self.nobody = self.chance("nobody")
        """Who comes without a member code."""
        self.receipts: list[str] = []
        """The codes of receipts whose points can be claimed, the newest last."""
        self.died: Callable[[TillHost], None] = lambda _till: None
        self._log = _Log(self)
        for logger in _loggers():
            logger.addHandler(self._log)
            logger.propagate = False
        self.scheduler = Scheduler(START_US, self.chance("scheduler"))
        self.scheduler.failed = self._task_failed
        self.trace = Trace(lambda: self.scheduler.now_us, narrate)
        self.ledger = LedgerHost(folder, template.keys, lambda: self.scheduler.now_us, self.chance("ledger"))
        self.phones = Phones(lambda: self.scheduler.now_us, template.keys.working[0].private, self.ledger)
        self.tills = [self._till(folder, till_name(number)) for number in range(template.tills)]

    def chance(self, name: str) -> Random:
        """A stream of its own for everybody, so that one more draw here changes nothing there."""
        return Random(f"{self.seed} {name}")  # noqa: S311  # the same seed, the same day

    def find(self, promise: str, what: str) -> None:
        """A promise is broken."""
        finding = Finding(promise, what)
        if finding not in self.findings:
            self.findings.append(finding)
            self.trace.say("FOUND", promise, what)

    def close(self) -> None:
        """Let go of everything."""
        for logger in _loggers():
            logger.removeHandler(self._log)
            logger.propagate = True
        for till in self.tills:
            till.close()
        self.ledger.close()

    def _till(self, folder: Path, name: str) -> TillHost:
        clocks = Clocks(lambda: self.scheduler.now_us)
        cable = Cable(name, self.scheduler, self.ledger, self.chance(f"{name} network"), self.trace, self.faults,
                      self.variant.meddling)  # fmt: skip
        return TillHost(
            name, folder / name, clocks, cable, self.scheduler, self.chance(f"{name} machine"),
            self.variant, lambda till: self.died(till),  # noqa: PLW0108  # who it is comes later
        )  # fmt: skip

    def _task_failed(self, task: Task, error: BaseException) -> None:
        self.find("a task goes on", f"{task.owner} {task.name}: {type(error).__name__}: {error}")


_DISK_FAULTS = {"disk full", "disk fails"}


class _Log(logging.Handler):
    """The outermost loops of the product swallow what they never expected, and log it: here it is a finding."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            if isinstance(error, LocalDbError) and self._world.faults.keys() & _DISK_FAULTS:
                return  # it is said, and the till will be started again
            self._world.find("a task goes on", f"{record.getMessage()}: {type(error).__name__}: {error}")


def _loggers() -> list[logging.Logger]:
    return [logging.getLogger(name) for name in ("sync", "ledger", "till")]
