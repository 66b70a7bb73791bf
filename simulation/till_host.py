"""One till: its folder, its clocks, its cable, and the process that lives there until it crashes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from config.settings import Settings
from local_db.journal import Journal
from simulation.clocks import Clocks
from simulation.coalition import MEMBERS
from simulation.disk import Disk
from simulation.files import Files, Seen
from simulation.machine import TillMachine
from simulation.network import Cable, Way
from simulation.scheduler import Scheduler, Task
from simulation.variants import Variant
from sync.cache_files import FACT
from sync.identity import KEY_FILE, Identity, load_identity
from till.clock import TillClock
from till.composition import Assembly
from till.counter import Counter
from till.shifts import Session

_PAGE_FRAME_BYTES = 24 + 4_096
_WAL_HEADER_BYTES = 32


class TillHost:
    """`on_death` is called when its process is gone, with the moment over."""

    def __init__(
        self, name: str, folder: Path, clocks: Clocks, cable: Cable, scheduler: Scheduler, chance: Random,
        variant: Variant, on_death: Callable[[TillHost], None],
    ) -> None:  # fmt: skip
        self.name, self.folder, self.clocks, self.cable = name, folder, clocks, cable
        self.machine = TillMachine(name, scheduler, clocks, chance, Way(cable), variant.run_pull)
        self._variant = variant
        self.settings = Settings()
        self.last_member = MEMBERS[0]
        self.session: Session | None = None
        self.cashier: Task | None = None
        self.journal: Journal | None = None
        self.contacts: set[tuple[str, int]] = set()
        """Boot, and wall minus monotonic clock, whenever an answer of the ledger came."""
        cable.answered = self._heard
        self.is_ended = False
        """Revoked, and wiped: nobody works here any more."""
        self._assembly: Assembly | None = None
        self._identity: Identity
        self._files = Files(folder)
        self._scheduler, self._chance, self._on_death = scheduler, chance, on_death

    @property
    def is_up(self) -> bool:
        """Whether its process runs."""
        return self._assembly is not None

    @property
    def can_start(self) -> bool:
        """Not one that was revoked and has wiped its key: a technician enrols a new terminal."""
        return (self.folder / KEY_FILE).exists()

    @property
    def is_busy(self) -> bool:
        """Whether the cashier is in the middle of something."""
        return self.cashier is not None and self.cashier.is_alive()

    @property
    def counter(self) -> Counter:
        """What the cashier works with."""
        assert self._assembly is not None
        return self._assembly.counter

    @property
    def offset_us(self) -> int:
        """Wall minus monotonic clock: changes when, and only when, the wall clock jumps."""
        return self.clocks.wall_us() - self.clocks.mono_us()

    def start(self) -> None:
        """A new process in the folder: as `till.composition.open_till`, without a scanner and without a log."""
        self.journal = self._variant.journal.open(self.folder)
        identity = load_identity(self.journal)
        assert identity is not None
        self._identity = identity
        clock = TillClock(
            wall_ns=lambda: self.clocks.wall_us() * 1_000, mono_ns=lambda: self.clocks.mono_us() * 1_000,
            boot=self.clocks.boot,
        )  # fmt: skip
        self._assembly = Assembly(self.folder, self.settings, self.journal, identity, clock, self.machine)
        self._assembly.use_cache()
        self._assembly.agent.start()

    def serve(self, run: Callable[[], None]) -> None:
        """The cashier does something."""
        self.cashier = self.machine.task(run, "cashier")
        self.cashier.start()

    def crash(self) -> None:
        """Now, between two steps."""
        self._leave_files()
        self._bury()

    def crash_at_statement(self, statements: int) -> None:
        """Before its so-manieth SQL statement from now."""
        self._scheduler.arm(self.name, statements, self._leave_files, self._bury)

    def disk(self) -> Disk:
        """What its journal is written to; unsound until it is started again."""
        assert self.journal is not None
        connection = self.journal._connection  # noqa: SLF001  # the disk is below the product
        return self._scheduler.disks.setdefault(self.name, Disk(connection))

    @property
    def has_unsound_disk(self) -> bool:
        """Whether something was planned for its disk since its start."""
        return self.name in self._scheduler.disks

    def tidy_up(self) -> None:
        """Somebody made room."""
        self._scheduler.disks.pop(self.name, None)

    def look(self) -> Seen | None:
        """What its files say; None: nothing was written since the last look."""
        assert self.journal is not None
        return self._files.look(self.journal.fact(FACT) or "")

    def has_waiting(self) -> bool:
        """Whether something has no outcome."""
        return self.journal is not None and self.journal.waiting() > 0

    def contradictions(self) -> Iterator[str]:
        """What the journal finds wrong with itself, its signatures included."""
        assert self.journal is not None
        return self.journal.verify(self.genesis, self.terminal, self._identity.public)

    @property
    def terminal(self) -> str:
        """What the ledger calls it."""
        return self._identity.terminal

    @property
    def genesis(self) -> bytes:
        """Where its chain begins."""
        return self._identity.genesis()

    def close(self) -> None:
        """At the end of a seed."""
        self._scheduler.disarm(self.name)
        self._scheduler.kill(self.name)
        self._let_go()

    def _heard(self) -> None:
        self.contacts.add((self.clocks.boot, self.offset_us))

    def _leave_files(self) -> None:
        """What the disk has at this moment. Whatever is done afterwards, while the stack is unwound, was not."""
        left = self._left()
        shutil.rmtree(left, ignore_errors=True)
        left.mkdir()
        for path in sorted(self.folder.iterdir()):
            if not path.name.endswith(("-shm", ".lock")):
                shutil.copyfile(path, left / path.name)

    def _bury(self) -> None:
        self._scheduler.disarm(self.name)
        self._scheduler.kill(self.name)
        self._let_go()
        shutil.rmtree(self.folder)
        self._left().rename(self.folder)
        self.session = None
        self._on_death(self)

    def _left(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.left")

    def _let_go(self) -> None:
        self._files.close()
        if self._assembly is not None:
            self._assembly.close()
        if self.journal is not None:
            self.journal.close()
        self._assembly = self.journal = None

    def lose_unsynced(self) -> None:
        """The power went too: of the cache's log (`NORMAL`) only a part had reached the disk. The journal's is all there."""
        for log in sorted(self.folder.glob("cache-*.db-wal")):
            frames = max(0, log.stat().st_size - _WAL_HEADER_BYTES) // _PAGE_FRAME_BYTES
            kept = self._chance.randint(0, frames)
            with log.open("rb+") as file:
                file.truncate(_WAL_HEADER_BYTES + kept * _PAGE_FRAME_BYTES if kept else 0)
