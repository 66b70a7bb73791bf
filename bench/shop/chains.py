"""Journals full of sales, ready to be pushed: made by the real desk, entry by entry."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bench.shop.coalitions import member_no
from bench.shop.desks import open_desk, sell
from local_db.journal import Journal, Row
from protocol.push import PushBatch, SentEntry
from sync.identity import load_identity
from till.demo.world import LedgerProcess


def fill_journal(folder: Path, sales: int, members: int, seed: int = 1) -> None:
    """So many sales of random members into the till in `folder`."""
    # Not for secrets: the same sales in every run.
    chance = random.Random(seed)
    with open_desk(folder) as (desk, session):
        for _ in range(sales):
            sell(desk, session, member_no(chance.randrange(members)))


def batches(folder: Path, size: int) -> list[PushBatch]:
    """All of a till's journal, as it would be pushed."""
    with closing(Journal.open(folder)) as journal:
        identity = load_identity(journal)
        assert identity is not None
        rows = journal.entries(1, 1_000_000)
    previous = identity.genesis()
    found = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        found.append(_batch(identity.terminal, previous, part))
        previous = part[-1].hash
    return found


def _batch(terminal: str, previous: bytes, rows: Sequence[Row]) -> PushBatch:
    return PushBatch(
        terminal=terminal, first_seq=rows[0].seq, previous=previous.hex(),
        entries=tuple(SentEntry(payload=row.payload.decode()) for row in rows),
        head=rows[-1].hash.hex(), head_signature=rows[-1].signature,
    )  # fmt: skip


def stop(ledger: LedgerProcess) -> None:
    """End a ledger's process, so that its books are nobody's."""
    ledger.stop()
