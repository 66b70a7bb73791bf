"""`kill -9` at any moment: what was acknowledged is there, and the chain proves it."""

from __future__ import annotations

import random
from pathlib import Path

from local_db.cache import CacheReader, CacheWriter
from local_db.journal import Journal, JournalReader
from tests.local_db.children.processes import heard, rest, running
from tests.local_db.children.writers import PAGE, append_for_ever, apply_for_ever
from tests.local_db.makers import GENESIS, TERMINAL, contradictions, seqs

ROUNDS = 50
CACHE_ROUNDS = 10
SEED = 20261121


def kill_appending(folder: Path, moments: random.Random) -> int:
    """One child that appends until it is killed after a random number of reports; the last seq it reported."""
    with running(append_for_ever, folder) as (child, pipe):
        reports = [heard(pipe) for _ in range(moments.randint(1, 12))]
        child.kill()
        child.join(30)
        return int(max(reports + rest(pipe)))


def lost_in(rounds: int, folder: Path, seed: int = SEED) -> tuple[int, int]:
    """Kill a till `rounds` times on one folder; (acknowledged entries, those of them that are lost)."""
    moments = random.Random(seed)
    acknowledged = lost = 0
    for number in range(rounds):
        acknowledged = kill_appending(folder, moments)
        open_it = JournalReader.open if number % 2 else Journal.open
        journal = open_it(folder)
        found = seqs(list(journal.walk()))
        lost += len(set(range(1, acknowledged + 1)) - set(found))
        assert found == list(range(1, len(found) + 1))
        assert len(found) <= acknowledged + 1, "more than the one entry in flight"
        assert list(journal.verify(GENESIS, TERMINAL)) == []
        journal.close()
    return acknowledged, lost


def test_no_acknowledged_entry_is_lost(tmp_path: Path) -> None:
    """Over all rounds nothing reported is missing, at most the entry in flight is more, and every chain verifies."""
    acknowledged, lost = lost_in(ROUNDS, tmp_path)
    assert lost == 0
    assert acknowledged >= ROUNDS
    journal = Journal.open(tmp_path)
    assert contradictions(journal) == []
    journal.close()


def test_a_page_is_applied_whole_or_not_at_all(tmp_path: Path) -> None:
    """After each kill all members, the bucket and the age stand at one and the same page."""
    path = tmp_path / "cache-1.db"
    moments = random.Random(SEED)
    for _ in range(CACHE_ROUNDS):
        with running(apply_for_ever, path) as (child, pipe):
            reported = [heard(pipe) for _ in range(moments.randint(1, 4))]
            child.kill()
            child.join(30)
            reported += rest(pipe)
        cache = CacheWriter.open(path)
        position = cache.vector().numbers[0]
        assert position >= max(reported)
        assert {cache.member(f"m{number}").position for number in range(PAGE)} == {position}  # type: ignore[union-attr]
        assert cache.fact("as_of") == str(position)
        cache.close()
    reader = CacheReader.open(path)
    assert reader.member_count() == PAGE
    reader.close()
