"""The power goes at any operation: what was acknowledged is there, byte for byte, and the till goes on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random

import pytest

from tests.disk.campaign import CUTS_OF_A_SEED, Result, cut, lived, run, start_after_a_kill
from tests.disk.judge import laid_out
from tests.disk.known import Known
from tests.disk.platter import Platter

CUTS = 10_000
SHARDS = 20
"""Each a test of its own, so that processes can share them."""

_SEEDS = CUTS // CUTS_OF_A_SEED // SHARDS


@pytest.mark.parametrize("first", range(0, SHARDS * _SEEDS, _SEEDS))
def test_nothing_acknowledged_is_lost_to_a_power_cut(first: int) -> None:
    """Five tills are cut a hundred times each.

    The journal holds all entries, receipts, references, nonces, outcomes, facts and tries that were acknowledged, and of what
    was in flight all or nothing; its chain and signatures verify; it takes the next entry. The cache holds what it once held.
    """
    result = Result()
    for seed in range(first, first + _SEEDS):
        result.add(run(seed))
    assert result.broken == []
    assert result.cuts == _SEEDS * CUTS_OF_A_SEED


def test_the_cuts_come_in_every_way() -> None:
    """The step in flight is found done and not done, the cache at its newest and at an older moment."""
    seen: Counter[str] = Counter()
    for seed in range(4):
        seen += run(seed).seen
    assert {"in flight: kept", "in flight: dropped", "cache: whole", "cache: back"} <= seen.keys()


def test_a_start_can_be_cut_too() -> None:
    """A till that was killed starts again, and the power goes while SQLite puts the log in order: at each operation."""
    life = start_after_a_kill()
    everywhere = [moment for moment in range(len(life.operations) + 1) for _ in range(10)]
    assert len(list(cut(life, everywhere, Random(0)))) == len(everywhere)


def test_a_seed_is_one_fate() -> None:
    """The same seed asks the same of the disk, down to the salts of a log, so that a failing one can be looked at."""
    first, again = (lived({}, Known(), Random(3)) for _ in range(2))
    assert first.operations == again.operations


@pytest.mark.parametrize("seed", range(5))
def test_what_is_remembered_is_what_is_in_the_files(seed: int) -> None:
    """All operations of a life, done to the model of the disk, give the files that the life left."""
    before: Mapping[str, bytes] = {}
    known, chance = Known(), Random(seed)
    for _ in range(3):
        life = lived(before, known, chance)
        platter = Platter(before)
        for operation in life.operations:
            platter.take(operation)
        before, known = platter.seen(), life.known[-1]
        assert before == life.left


def test_a_laid_out_folder_is_gone_afterwards() -> None:
    """Ten thousand of them would fill the memory."""
    with laid_out({"a": b"x"}) as folder:
        assert (folder / "a").read_bytes() == b"x"
    assert not folder.exists()
