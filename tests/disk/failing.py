"""One call of a day fails, each in turn, with each error it can have.

A day is lived once without faults; then once for each call *k* and each error. After it the till is started again without
faults: from the files as they are after it was closed, as they are after it was killed, and as power cuts may leave them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from local_db import connections
from local_db.errors import LocalDbError, StorageFailedError, StorageFullError, is_io_error
from tests.disk import sqlite_abi as abi
from tests.disk import steps
from tests.disk.judge import BrokenPromiseError, judge, laid_out
from tests.disk.known import CacheContent, Known, cache_content
from tests.disk.platter import Platter
from tests.disk.steps import Step, Till, after_step
from tests.disk.trace import Trace
from tests.disk.vfs import Call, Proceed, watched

_CHECKPOINT_PAGES = 12
"""So that SQLite checkpoints on its own within the day."""

_CUTS, _CUTS_AFTER_SYNC = 1, 20
"""Power cuts after each fault: a failed sync shows only in some of the ways in which the power can go."""


class Fault(NamedTuple):
    """How a call fails. `part`: what of a write is done nevertheless, in halves."""

    name: str
    result: int
    part: int = 0


NO_FAULT = Fault("none", abi.OK)

FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "open": (Fault("cannot open", abi.CANTOPEN),),
    "read": (Fault("EIO", abi.IOERR_READ), Fault("damaged", abi.CORRUPT)),
    "write": (
        Fault("EIO", abi.IOERR_WRITE),
        Fault("ENOSPC", abi.FULL),
        Fault("short, then EIO", abi.IOERR_WRITE, part=1),
        Fault("short, then ENOSPC", abi.FULL, part=1),
    ),
    "truncate": (Fault("EIO", abi.IOERR_TRUNCATE),),
    "sync": (Fault("EIO", abi.IOERR_FSYNC),),
    "sync directory": (Fault("EIO", abi.IOERR_FSYNC),),
    "size": (Fault("EIO", abi.IOERR_FSTAT),),
    "lock": (Fault("EIO", abi.IOERR_LOCK),),
    "delete": (Fault("EIO", abi.IOERR_DELETE),),
    "access": (Fault("EIO", abi.IOERR_ACCESS),),
    "shm map": (Fault("ENOSPC", abi.IOERR_SHMSIZE),),
}
"""What each call can say when the disk fails, as SQLite's own VFS translates it."""

_CHANGING = ("write", "truncate", "sync", "sync directory", "shm map")


@dataclass
class Injector:
    """A watcher that lets call number `at` fail; with `stays`, all from there on that change something."""

    trace: Trace
    at: int = -1
    fault: Fault = NO_FAULT
    stays: bool = False
    kinds: list[str] = field(default_factory=list)

    def __call__(self, call: Call, proceed: Proceed) -> int:
        """Do it, or not."""
        self.kinds.append(call.kind)
        number = len(self.kinds) - 1
        if number != self.at and not (self.stays and number > self.at and call.kind in _CHANGING):
            return self.trace(call, proceed)
        if self.fault.part and call.kind == "write":
            call = call._replace(data=call.data[: len(call.data) // 2])
            proceed(len(call.data))
            self.trace.remember(call, abi.OK)
        elif call.kind == "sync":
            self.trace.remember(call, self.fault.result)
        return self.fault.result


_Maker = Callable[[Known], Step]
"""A step, from what is acknowledged so far: on a full disk an entry before it may have been refused."""

_BEFORE_THE_CACHE: tuple[_Maker, ...] = (
    lambda _known: steps.open_journal(),
    lambda _known: steps.sale(1),
    lambda _known: steps.sale(2, reference="R2", nonce="n2", receipt_bytes=5_000),
    lambda known: _outcome_of_first(known),
    lambda known: _void_last(known),
    lambda known: steps.sent(len(known.journal.rows) or 1),
    lambda known: steps.shift_closed(4, known),
)
_WITH_THE_CACHE: tuple[_Maker, ...] = (
    lambda _known: steps.page(6, [1, 2, 3], {3}),
    lambda _known: steps.documents(7),
    lambda _known: steps.release(),
    lambda _known: steps.checkpoint(),
    lambda _known: steps.tidy(),
    lambda _known: steps.pin_tries("1023", 2),
    lambda _known: steps.open_journal(),
    lambda _known: steps.sale(8, reference="R8", receipt_bytes=9_000),
    lambda _known: steps.sale(9),
)


def _outcome_of_first(known: Known) -> Step:
    return steps.outcomes([1], known) if known.journal.rows else steps.fact("clock", "1")


def _void_last(known: Known) -> Step:
    seqs = list(known.journal.references.values())
    return steps.void(3, seqs[-1], known) if seqs else steps.sale(3)


def day(known: Callable[[], Known], switch: Callable[[], Step]) -> Iterator[Step]:
    """One step of each kind. `known`: what is acknowledged by then; `switch`: to the cache that was loaded."""
    for make in _BEFORE_THE_CACHE:
        yield make(known())
    yield steps.snapshot(5, 12)
    yield switch()
    for make in _WITH_THE_CACHE:
        yield make(known())


def held_by_caches() -> Mapping[str, tuple[CacheContent, ...]]:
    """All that each cache holds at some moment of a day without faults."""
    moments = [Known()]
    with laid_out({}) as folder:
        till = Till(folder)
        with patch.object(connections, "CHECKPOINT_PAGES", _CHECKPOINT_PAGES):
            for step in day(lambda: moments[-1], lambda: steps.switch(till.loaded, (cache_content(till.pulled),))):
                step.run(till)
                moments.append(after_step(step, till, moments[-1]))
            till.close()
    return moments[-1].caches


class _Day:
    """A day with one fault: what was acknowledged, and what may be there besides."""

    def __init__(self, till: Till, caches: Mapping[str, tuple[CacheContent, ...]]) -> None:
        self.acknowledged, self.besides = Known(), Known()
        self.errors: list[str] = []
        self._till, self._caches = till, caches
        self._has_failed = self._has_no_cache = False

    def live(self) -> None:
        """Do all steps that a till would still do. Raises `BrokenPromiseError` for what it may not."""
        for step in day(lambda: self.acknowledged, self._switch):
            if self._till.journal is None and step.name != "open":
                return  # a till whose journal does not open does not start
            if self._has_no_cache and (step.is_about_cache or step.name.startswith("switch")):
                continue  # the process that pulls has ended
            self._try(step)

    def _switch(self) -> Step:
        (name,) = self._caches
        return steps.switch(name, self._caches[name])

    def _try(self, step: Step) -> None:
        after = step.then(self.acknowledged)
        try:
            step.run(self._till)
        except LocalDbError as error:
            self.errors.append(type(error).__name__)
            self._failed(step, error, after)
        except Exception as error:
            raise BrokenPromiseError(f"{step.name}: not an error of ours: {type(error).__name__}: {error}") from error
        else:
            if step.name == "open":
                self._has_failed = False
            elif self._has_failed and after.journal != self.acknowledged.journal:
                raise BrokenPromiseError(f"{step.name}: goes on after an I/O error")
            self.acknowledged = after
            if not self._has_failed:
                self.besides = after

    def _failed(self, step: Step, error: LocalDbError, after: Known) -> None:
        if step.is_about_cache:
            self._has_no_cache = True
            return
        if step.name == "open":
            self._till.journal = None
            return
        if isinstance(error, StorageFullError):
            return  # refused: it has not happened
        if not self._has_failed:
            self.besides = after
        self._has_failed = True
        if isinstance(error, StorageFailedError) and error.__cause__ is not None and not is_io_error(error):
            raise BrokenPromiseError(f"{step.name}: {error}")


class Failed(NamedTuple):
    """What a day with a fault came to, where no promise is broken."""

    kinds: list[str]
    """Of all calls, in order."""
    errors: list[str]
    """That the till said."""


def failed_day(
    caches: Mapping[str, tuple[CacheContent, ...]], at: int = -1, fault: Fault = NO_FAULT,
    *, stays: bool = False,
) -> Failed:  # fmt: skip
    """Live a day in which call `at` fails, and start again in every way. Raises `BrokenPromiseError`."""
    chance = Random(at)
    with laid_out({}) as folder:
        till = Till(folder)
        injector = Injector(Trace(folder, Platter({})), at, fault, stays)
        lived = _Day(till, caches)
        with patch.object(connections, "CHECKPOINT_PAGES", _CHECKPOINT_PAGES), watched(injector):
            try:
                lived.live()
                closing = len(injector.trace.operations)
            finally:
                till.close()
    platter = Platter({})
    for number, operation in enumerate(injector.trace.operations):
        if number == closing:
            _start_again(platter, lived, chance)
            if fault.result == abi.IOERR_FSYNC:
                _sell_on(deepcopy(platter), lived, chance)
        platter.take(operation)
    _start_again(platter, lived, chance)
    if fault.result == abi.IOERR_FSYNC:
        for _ in range(_CUTS_AFTER_SYNC):
            judge(platter.cut(chance), lived.acknowledged, lived.besides, chance)
    return Failed(injector.kinds, lived.errors)


def _start_again(platter: Platter, lived: _Day, chance: Random) -> None:
    """As the files are: the process was killed. And after power cuts."""
    for files in (platter.seen(), *(platter.cut(chance) for _ in range(_CUTS))):
        judge(files, lived.acknowledged, lived.besides, chance)


def _sell_on(platter: Platter, lived: _Day, chance: Random) -> None:
    """After a failed sync, killed: what the next start reads may be in the memory of the machine alone.

    It sells on, and then the power goes: nothing that it acknowledged may stand on what was never on the disk.
    """
    files = platter.seen()
    found = judge(files, lived.acknowledged, lived.besides, chance).found
    known = Known(found.journal, lived.besides.caches)
    with laid_out(files) as folder:
        trace, till = Trace(folder, platter), Till(folder)
        with watched(trace):
            for step in (steps.open_journal(), steps.sale(20), steps.sale(21)):
                step.run(till)
                known = step.then(known)
            killed = len(trace.operations)
            till.close()
    for operation in trace.operations[:killed]:
        platter.take(operation)
    for _ in range(_CUTS_AFTER_SYNC):
        judge(platter.cut(chance), known, known, chance)


def faults(kinds: list[str]) -> Iterator[tuple[int, Fault, bool]]:
    """Each call of a day with each of its errors; once and, where the disk is full or does not sync, from then on."""
    for number, kind in enumerate(kinds):
        for fault in FAULTS[kind]:
            yield number, fault, False
            if fault.name == "ENOSPC" or "sync" in kind:
                yield number, fault, True
