"""The power is cut, again and again: `python -m tests.disk --cuts 100000`.

A seed is the fate of one till, in lives. In each life it starts from what a cut of the life before left, and does some steps of
a day while every operation of its files is remembered. Then the power is cut at random operations, each time from this memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch

from local_db import connections
from tests.disk import steps
from tests.disk.judge import BrokenPromiseError, Verdict, judge, laid_out
from tests.disk.known import Known, cache_content
from tests.disk.platter import Operation, Platter
from tests.disk.steps import Step, Till, after_step
from tests.disk.trace import Trace
from tests.disk.vfs import watched

LIVES = 5
CUTS_OF_A_LIFE = 20
CUTS_OF_A_SEED = LIVES * CUTS_OF_A_LIFE
_STEPS = (4, 12)
_CHECKPOINT_PAGES = (connections.CHECKPOINT_PAGES, 40, 10)
"""SQLite checkpoints on its own in the middle of a day in some lives only: what there is in 4,000 pages takes long to make."""


@dataclass
class Result:
    """What a campaign found: `broken` is empty when all is well."""

    cuts: int = 0
    broken: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    """How often each of the ends that are allowed came."""

    def take(self, verdict: Verdict) -> None:
        """Count one cut that broke nothing."""
        self.cuts += 1
        self.seen.update((f"in flight: {verdict.in_flight}", f"cache: {verdict.cache}"))

    def add(self, other: Result) -> None:
        """Take up what another seed found."""
        self.cuts += other.cuts
        self.broken += other.broken
        self.seen += other.seen


@dataclass
class Life:
    """What one life asked of the disk, and when each of its steps was acknowledged."""

    files: Mapping[str, bytes]
    """What the life began with."""
    operations: list[Operation] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    """After how many operations step 1, 2, … returned."""
    known: list[Known] = field(default_factory=list)
    """What was known at first, and after each step."""
    left: Mapping[str, bytes] = field(default_factory=dict)
    """The files at the end."""

    def moment(self, operation: int) -> tuple[Known, Known]:
        """What was acknowledged before an operation, and what is once the step in flight has returned."""
        step = sum(at <= operation for at in self.done)
        return self.known[step], self.known[min(step + 1, len(self.done))]


Day = Callable[[Till, Life, Random], Iterator[Step]]
"""Steps; each is chosen when the one before it is done."""


def any_day(till: Till, life: Life, chance: Random) -> Iterator[Step]:
    """Some steps at random. The last operations come while the files are closed."""
    yield steps.open_journal()
    if name := life.known[-1].current:
        till.loaded = name
        if name in life.known[-1].caches:
            yield steps.open_cache()
    for _ in range(chance.randint(*_STEPS)):
        step = _any_step(till, life, chance)
        yield step
        if step.name == "snapshot":
            yield steps.switch(till.loaded, (cache_content(till.pulled),))
            if chance.random() < 0.7:
                yield steps.tidy()
    yield steps.close()


def lived(files: Mapping[str, bytes], known: Known, chance: Random, day: Day = any_day) -> Life:
    """Let a till live a day."""
    life = Life(files, known=[known])
    with laid_out(files) as folder:
        trace = Trace(folder, Platter(files))
        pages = chance.choice(_CHECKPOINT_PAGES)
        till = Till(folder)
        with patch.object(connections, "CHECKPOINT_PAGES", pages), watched(trace, seed=chance.getrandbits(32)):
            try:
                for step in day(till, life, chance):
                    step.run(till)
                    known = after_step(step, till, known)
                    life.known.append(known)
                    life.done.append(len(trace.operations))
            finally:
                till.close()
        life.operations = trace.operations
        life.left = {path.name: path.read_bytes() for path in folder.iterdir()}
    return life


def _any_step(till: Till, life: Life, chance: Random) -> Step:
    has_cache = till.cache is not None
    makers: list[Callable[[Life, Random], Step]] = [_sale, _sale, _sale, _void, _outcomes, _other, _snapshot]
    makers += [_of_cache if has_cache else _snapshot] * 3
    return chance.choice(makers)(life, chance)


def _number(life: Life) -> int:
    """Ids of entries and positions of rows: rising over all lives of a seed."""
    return len(life.known[-1].journal.rows) * 100 + len(life.done)


def _sale(life: Life, chance: Random) -> Step:
    number = _number(life)
    reference = f"R{number}" if chance.random() < 0.5 else ""
    nonce = f"n{number}" if chance.random() < 0.3 else ""
    return steps.sale(number, reference, nonce, chance.choice((0, 0, 300, 2_500, 9_000)))


def _void(life: Life, chance: Random) -> Step:
    known = life.known[-1]
    sales = [row.seq for row in known.journal.rows if row.type == "sale"]
    return (
        steps.void(_number(life), chance.choice(sales), known) if sales else steps.shift_closed(_number(life), known)
    )


def _outcomes(life: Life, chance: Random) -> Step:
    known = life.known[-1]
    open_seqs = [row.seq for row in known.journal.rows if row.seq not in known.journal.outcomes]
    if not open_seqs:
        return _sale(life, chance)
    return steps.outcomes(sorted(chance.sample(open_seqs, chance.randint(1, len(open_seqs)))), known)


def _other(life: Life, chance: Random) -> Step:
    number, known = _number(life), life.known[-1]
    rows = known.journal.rows
    return chance.choice((
        steps.fact("clock", str(number)),
        steps.sent(len(rows)) if rows else steps.open_journal(),
        steps.pin_tries("1023", number % 5),
        steps.shift_closed(number, known),
        steps.open_journal(),
    ))  # fmt: skip


def _snapshot(life: Life, chance: Random) -> Step:
    return steps.snapshot(_number(life) + 1, chance.randint(2, 40), is_cut_off=chance.random() < 0.4)


def _of_cache(life: Life, chance: Random) -> Step:
    position = _number(life) + 1
    members = chance.sample(range(40), chance.randint(1, 15))
    held_back = {number for number in members if chance.random() < 0.3}
    return chance.choice((
        steps.page(position, members, held_back),
        steps.page(position, members, set()),
        steps.release(),
        steps.documents(position),
        steps.checkpoint(),
        steps.open_cache(),
    ))  # fmt: skip


def cut(
    life: Life, moments: list[int], chance: Random, *, is_lying: bool = False
) -> Iterator[tuple[Mapping[str, bytes], Verdict]]:
    """Cut the power at these operations of a life, in rising order: what was left each time, and what was found in it.

    Raises `BrokenPromiseError`.
    """
    platter, at = Platter(life.files, is_lying=is_lying), 0
    for moment in moments:
        while at < moment:
            platter.take(life.operations[at])
            at += 1
        left = platter.cut(chance)
        try:
            yield left, judge(left, *life.moment(moment), chance)
        except BrokenPromiseError as error:
            raise BrokenPromiseError(f"operation {moment}: {error}") from error


def start_after_a_kill() -> Life:
    """A till sold without ever being closed; this is the life after it: a start and one sale."""

    def before(_till: Till, _life: Life, _chance: Random) -> Iterator[Step]:
        yield steps.open_journal()
        yield steps.sale(1)
        yield steps.open_journal()  # so that the log begins with small commits
        yield from (steps.fact("clock", str(number)) for number in range(6))
        yield from (steps.sale(number) for number in (2, 3))

    def after(_till: Till, _life: Life, _chance: Random) -> Iterator[Step]:
        yield steps.open_journal()
        yield steps.sale(4)

    killed = lived({}, Known(), Random(1), before)
    platter = Platter({})
    for operation in killed.operations[: killed.done[-1]]:
        platter.take(operation)
    return lived(platter.seen(), killed.known[-1], Random(2), after)


def run(seed: int, *, lives: int = LIVES, is_lying: bool = False) -> Result:
    """The fate of one till. `is_lying`: on a disk whose syncs do nothing."""
    chance, result = Random(seed), Result()
    files: Mapping[str, bytes] = {}
    known = Known()
    for number in range(lives):
        life = lived(files, known, chance)
        moments = sorted(chance.randrange(len(life.operations) + 1) for _ in range(CUTS_OF_A_LIFE))
        goes_on_at = chance.randrange(CUTS_OF_A_LIFE)
        try:
            for count, (left, verdict) in enumerate(cut(life, moments, chance, is_lying=is_lying)):
                result.take(verdict)
                if count == goes_on_at:
                    files, known = left, verdict.found
        except BrokenPromiseError as error:
            result.broken.append(f"seed {seed}, life {number}, {error}")
            break
    return result
