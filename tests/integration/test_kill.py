"""kill -9 of a till that sells and synchronises: nothing acknowledged is lost, nothing is booked twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys

from local_db.journal import JournalReader
from sync.identity import load_identity
from tests.integration.conftest import Watch
from tests.integration.test_reconciliation import MEMBER, held
from till.composition import open_till
from till.demo.world import World

RUNS = int(os.environ.get("TILL_KILL_RUNS", "4"))
"""50 by hand (docs/measurements.md)."""


def acknowledged(world: World, sales: int) -> dict[int, int]:
    """Sell in a process of its own until `sales` were said, kill it there; points by seq of all that were acknowledged."""
    command = [sys.executable, "-m", "tests.integration.children.seller", str(world.folder), MEMBER]
    said: dict[int, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            seq, points, _ = map(int, line.split())
            said[seq] = points
            if len(said) >= sales:
                child.kill()
    return said


def test_no_acknowledged_sale_is_lost_and_none_is_booked_twice(world: World) -> None:
    """After each kill the journal is whole and holds all that was said; in the end the ledger holds the same."""
    chance = random.Random(2026)
    before = held(world)
    said: dict[int, int] = {}
    for _ in range(RUNS):
        said |= acknowledged(world, chance.randrange(1, 40))
        reader = JournalReader.open(world.folder)
        identity = load_identity(reader)
        assert identity is not None
        assert list(reader.verify(identity.genesis(), identity.terminal)) == []
        assert said.keys() <= {row.seq for row in reader.entries(1, 1_000_000)}
        reader.close()
    with open_till(world.folder, world.settings) as till:
        Watch(till).settled()
        sales = [row for row in JournalReader.open(world.folder).entries(1, 1_000_000) if row.type == "sale"]
    # One sale per kill may have been stored and not said: it counts, because it is in the journal.
    assert len(said) <= len(sales) <= len(said) + RUNS
    (points,) = set(said.values())
    assert held(world) == before + len(sales) * points
