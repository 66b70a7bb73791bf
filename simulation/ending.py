"""The end of a seed: everything is healed, all are given time, and then nobody may differ from anybody."""

from __future__ import annotations

from collections.abc import Callable
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
            if not _unsettled(world, oracle):
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


def _unsettled(world: World, oracle: Oracle) -> list[str]:
    found = [reason for till in world.tills if not till.is_ended for reason in _waits_for(world, till)]
    return found or _left_lying(oracle)


def _left_lying(oracle: Oracle) -> list[str]:
    """Only what is set aside at a till whose shift is open stays reserved, and what a person has to decide about."""
    watched = {one.terminal: one for one in oracle.watched() if not one.till.is_ended}
    found = []
    for terminal, member, _kind, authority, points in oracle.books.left_lying():
        till = watched.get(terminal)
        if till is None or till.has_quarantined(member):
            continue
        if authority != "allowance" or not till.has_open_shift():
            found.append(f"{till.till.name}: {points} of {member} are reserved still ({authority})")
    return found


def _waits_for(world: World, till: TillHost) -> list[str]:
    if not till.is_up or till.journal is None:
        return [f"{till.name} is down"]
    found = []
    if till.is_busy:
        found.append(f"{till.name} serves somebody")
    if waiting := till.journal.waiting():
        found.append(f"{till.name}: {waiting} entries without an outcome")
    name = till.journal.fact(FACT)
    if not name:
        return [*found, f"{till.name} has no cache"]
    with closing(CacheReader.open(till.folder / name)) as cache:
        behind = cache.vector().digest() != world.ledger.vector().digest()
        # After a snapshot of other books a member is unknown until the next poll has asked what was decided about him.
        is_unknown = any(cache.cached_member(member) is None for member in MEMBERS)
    if behind or is_unknown:
        found.append(f"{till.name}: the cache is behind the books")
    return found


def _compare(world: World, oracle: Oracle, watched: Watched) -> None:
    """All outcomes are the ledger's; what is booked is booked as it was shown; every row is the newest."""
    till = watched.till
    if till.is_up:
        oracle.verify_journal(till)
    told = world.ledger.outcomes(watched.terminal)
    world.checks["P2, P3 at the end"] += 1
    for seq, outcome in watched.outcomes.items():
        if not _is_same(told.get(seq), outcome):
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
