"""The end of a seed: everything is healed, all are given time, and then nobody may differ from anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import msgspec

from ledger.verify import verify
from local_db.cache import CacheReader
from protocol.entries import MemberEntry
from protocol.push import Outcome
from simulation.coalition import MEMBERS
from simulation.oracle import Oracle
from simulation.till_host import TillHost
from simulation.watched import Watched
from simulation.world import World
from sync.cache_files import FACT

PATIENCE_S = 3_600
"""Longer than any pause that the background makes."""

_LOOK_EVERY_S = 5


def settle(world: World, oracle: Oracle, step: Callable[[], None]) -> None:
    """Run until all is quiet, and compare."""
    until_us = world.scheduler.now_us + PATIENCE_S * 1_000_000
    look_us = 0
    while world.scheduler.now_us < until_us and not world.findings:
        if world.scheduler.now_us >= look_us:
            look_us = world.scheduler.now_us + _LOOK_EVERY_S * 1_000_000
            if next(_unsettled(world, oracle), None) is None:
                break
        step()
    for reason in _unsettled(world, oracle):
        world.find("I10 everything ends", reason)
    world.checks["I10 everything ends"] += 1
    for watched in oracle.watched():
        _compare(world, oracle, watched)
    for finding in world.ledger.work(verify):
        world.find("P5 conserved", finding)
    world.checks["till-ledger verify"] += 1
    for member in MEMBERS:
        world.trace.say("ends", member, sorted(oracle.books.newest(member).items()))


def _unsettled(world: World, oracle: Oracle) -> Iterator[str]:
    """What is still to be waited for; the first of it is enough."""
    working = [till for till in world.tills if not till.is_ended]
    for till in working:
        yield from _waits_for(till)
    newest = world.ledger.vector().digest()
    for till in working:
        yield from _is_behind(till, newest)
    yield from _left_lying(oracle)


def _left_lying(oracle: Oracle) -> Iterator[str]:
    """Only what is set aside at a till whose shift is open stays reserved, and what a person has to decide about."""
    watched = {one.terminal: one for one in oracle.watched() if not one.till.is_ended}
    for terminal, member, _kind, authority, points in oracle.books.left_lying():
        till = watched.get(terminal)
        if till is None or till.has_quarantined(member):
            continue
        if authority != "allowance" or not till.has_open_shift():
            yield f"{till.till.name}: {points} of {member} are reserved still ({authority})"


def _waits_for(till: TillHost) -> Iterator[str]:
    if not till.is_up or till.journal is None:
        yield f"{till.name} is down"
        return
    if till.is_busy:
        yield f"{till.name} serves somebody"
    if waiting := till.journal.waiting():
        yield f"{till.name}: {waiting} entries without an outcome"


def _is_behind(till: TillHost, newest: str) -> Iterator[str]:
    """After a snapshot of other books a member is unknown until the next poll has asked what was decided about him."""
    name = till.journal.fact(FACT) if till.journal is not None else ""
    if not name:
        yield f"{till.name} has no cache"
        return
    with closing(CacheReader.open(till.folder / name)) as cache:
        is_behind = cache.vector().digest() != newest or any(cache.cached_member(one) is None for one in MEMBERS)
    if is_behind:
        yield f"{till.name}: the cache is behind the books"


def _compare(world: World, oracle: Oracle, watched: Watched) -> None:
    """All outcomes are the ledger's; what is booked is booked as it was shown; every row is the newest."""
    till = watched.till
    if till.is_up:
        oracle.verify_journal(till)
    told = world.ledger.outcomes(watched.terminal)
    world.checks["P2, P3 at the end"] += 1
    # One that had ended when the books were restored speaks to nobody any more (docs/offline.md, F9).
    is_out_of_reach = till.is_ended and not oracle.spending.is_told(watched)
    for seq, outcome in watched.outcomes.items():
        if not _is_same(told.get(seq), outcome) and not (is_out_of_reach and seq not in told):
            world.find("P3 nothing lost", f"{till.name}: entry {seq}: {outcome} here, {told.get(seq)} at the ledger")
    if till.is_ended:
        return
    for entries in watched.entries.values():
        for seq, entry in entries:
            _compare_entry(world, oracle, watched, seq, entry)
    for member in MEMBERS:
        oracle.check_settled(watched, member)


def _is_same(told: Outcome | None, known: Outcome) -> bool:
    """Of an entry that the ledger did not look into it does not say the id."""
    return told is not None and msgspec.structs.replace(told, id=told.id or known.id) == known


def _compare_entry(world: World, oracle: Oracle, watched: Watched, seq: int, entry: MemberEntry) -> None:
    outcome, booked = watched.outcomes.get(seq), oracle.books.by_place.get((watched.terminal, seq))
    where = f"{watched.till.name}: entry {seq} ({type(entry).__name__})"
    if outcome is None:
        world.find("P3 nothing lost", f"{where} has no outcome")
    elif bool(outcome.position) != (booked is not None):
        world.find("P2 booked once", f"{where} is {outcome.status}, in the books: {booked is not None}")
    elif booked is not None and (outcome.position, outcome.shortfall) != (booked.position, booked.shortfall):
        world.find("P2 booked once", f"{where}: {outcome} and {booked}")
