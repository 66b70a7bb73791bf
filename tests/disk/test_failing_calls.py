"""Each call to the disk fails in turn: the till says so in its own words, stops, and started again it misses nothing."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

import pytest

from local_db.errors import JournalDamagedError, StorageFailedError
from local_db.journal import Journal
from tests.disk import sqlite_abi as abi
from tests.disk.failing import FAULTS, Failed, failed_day, faults, held_by_caches
from tests.disk.vfs import Call, Proceed, watched
from tests.local_db.makers import append, contradictions, new_journal, sale_draft, seqs

SHARDS = 20


@lru_cache
def without_a_fault() -> Failed:
    """The same day, on a disk that does what it is told."""
    return failed_day(held_by_caches())


def test_a_day_without_faults_says_nothing() -> None:
    """And it makes each kind of call, so that each fails below."""
    found = without_a_fault()
    assert found.errors == []
    assert set(found.kinds) == set(FAULTS)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_call_that_fails_costs_nothing_that_was_acknowledged(shard: int) -> None:
    """EIO, ENOSPC and short writes at each call of a day, once and from then on.

    Opening, sales, a void, outcomes, the end of a shift, a snapshot, the switch to it, pages, documents, checkpoints, a second
    start: each either succeeds, or raises an error of `local_db`. After an I/O error the journal takes nothing more until the
    next start; what a full disk refused has not happened. Started again from what was killed, closed, or cut off, everything
    acknowledged is there.
    """
    caches = held_by_caches()
    count = 0
    for at, fault, stays in islice(faults(without_a_fault().kinds), shard, None, SHARDS):
        failed_day(caches, at, fault, stays=stays)
        count += 1
    assert count > len(without_a_fault().kinds) // SHARDS


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_a_disk_that_is_gone_is_said(kind: str) -> None:
    """Wherever in the day all writes and syncs begin to fail, something raises: no till goes on in silence."""
    kinds, caches = without_a_fault().kinds, held_by_caches()
    places = [at for at, one in enumerate(kinds) if one == kind]
    for at in places[: len(places) // 2 : 5]:
        assert failed_day(caches, at, FAULTS[kind][0], stays=True).errors


def test_after_damage_nothing_is_written_until_the_next_start(tmp_path: Path) -> None:
    """A page that is not what was written stops the journal, also where the next read of it would be right again."""
    new_journal(tmp_path, 3).close()
    damaged: list[str] = []

    def watcher(call: Call, proceed: Proceed) -> int:
        return abi.CORRUPT if call.kind in damaged else proceed(None)

    with watched(watcher):
        journal = Journal.open(tmp_path)
        journal._connection.execute("PRAGMA shrink_memory")
        damaged.append("read")
        with pytest.raises(JournalDamagedError):
            append(journal, sale_draft(4))
        damaged.clear()
        with pytest.raises(StorageFailedError, match="start again"):
            append(journal, sale_draft(4))
        journal.close()
    journal = Journal.open(tmp_path)
    assert (seqs(list(journal.walk())), contradictions(journal)) == ([1, 2, 3], [])
    journal.close()
