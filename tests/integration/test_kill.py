"""kill -9 of a till, of the process that pulls, and of the ledger, at any moment: while starting, selling, synchronising."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.integration.village import Village, check_journal

CYCLES = int(os.environ.get("TILL_KILL_CYCLES", "200"))
"""2,000 by hand (docs/measurements.md)."""

PARTS = 4
"""Spread over the test processes."""

LONGEST_S = 0.8
"""A process lives at most so long; the shortest lives end before it is open."""


@pytest.mark.parametrize("part", range(PARTS))
def test_no_acknowledged_sale_is_lost_and_none_is_booked_twice(tmp_path: Path, part: int) -> None:
    """After each kill the journal is whole and has all that was shown, or the books contradict themselves nowhere; in the
    end the ledger holds what the journal promises, entry by entry and member by member.
    """
    chance = Random(2026 + part)
    village = Village(tmp_path)
    till = village.pair()
    kills = dict.fromkeys(("till", "ledger", "pull"), 0)
    with ExitStack() as life:
        ledger = life.enter_context(ExitStack())
        selling = life.enter_context(ExitStack())
        served, _ = ledger.enter_context(village.serving())
        seller = selling.enter_context(village.selling(till, chance))
        said = seller.sold()
        while sum(kills.values()) < CYCLES // PARTS:
            if chance.random() < 0.25:  # on a slow machine every kill would come while it starts
                said |= seller.sold()
            time.sleep(chance.choice((0.02, 0.2, 1)) * chance.uniform(0, LONGEST_S))
            victim = chance.choices(("till", "ledger", "pull"), (5, 4, 2))[0]
            if victim == "till":
                said |= seller.kill()
                check_journal(till, said)
                selling.close()
                seller = selling.enter_context(village.selling(till, chance))
            elif victim == "ledger":
                served.kill()
                served.join(30)
                ledger.close()
                village.check_books()
                served, _ = ledger.enter_context(village.serving())
            else:
                seller.kill_puller()
            kills[victim] += 1
        said |= seller.kill()
    entries = check_journal(till, said)
    village.settled()
    assert village.differences() == []
    assert min(kills.values()) > 0
    print(f"{kills}, {len(said)} receipts shown, {entries} entries")
    village.books.close()
