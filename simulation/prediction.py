"""What the ledger would make of entries that still wait at a till: it books them, is asked, and takes all of it back."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from ledger import rows
from ledger.bookkeeping import book_received
from ledger.chance import random_bits_from
from ledger.receiving import chained, find_till, receive
from protocol.entries import Refund, decode_entry
from protocol.push import MAX_BATCH, Outcome, PushBatch, SentEntry
from simulation.ledger_host import LedgerHost
from simulation.till_host import TillHost


class Prediction(NamedTuple):
    """`spendable` by (member, kind): what is available, and what is set aside at this till; `owed` likewise.

    `unsure`: members of whom no till can know what will be.
    """

    spendable: dict[tuple[str, str], int]
    owed: dict[tuple[str, str], int]
    unsure: set[str]


class _TakenBackError(Exception):
    """Nothing of it happened."""


def predicted(ledger: LedgerHost, till: TillHost, terminal: str) -> Prediction | None:
    """None while the ledger is down. What it answers with a reason (a code that another till used first) no till foresees."""
    if not ledger.is_up:
        return None
    found: list[Prediction] = []

    def book_and_forget(connection: Connection) -> None:
        known = find_till(connection, terminal)
        batch = _batch(till, terminal, known.head_seq)
        if batch is not None:
            receive(connection, batch, chained(batch), ledger.clock())
        while book_received(connection, ledger.database, terminal, MAX_BATCH):
            pass
        found.append(_read(connection, till, terminal))
        raise _TakenBackError

    try:
        with random_bits_from(lambda count: 1 << count - 1), ledger.database.write() as connection:
            book_and_forget(connection)
    except _TakenBackError:
        pass
    return found[0]


def _batch(till: TillHost, terminal: str, acknowledged: int) -> PushBatch | None:
    journal = till.journal
    assert journal is not None
    waiting = journal.entries(acknowledged + 1, MAX_BATCH)
    if not waiting:
        return None
    before = journal.entries(acknowledged, 1)[0].hash if acknowledged else till.genesis
    return PushBatch(
        terminal=terminal, first_seq=waiting[0].seq, previous=before.hex(), head=waiting[-1].hash.hex(),
        entries=tuple(SentEntry(payload=row.payload.decode()) for row in waiting), head_signature=waiting[-1].signature,
    )  # fmt: skip


def _read(connection: Connection, till: TillHost, terminal: str) -> Prediction:
    journal = till.journal
    assert journal is not None
    balances = rows.fetch(connection, "SELECT member, kind, available, owed FROM balance")
    unanswered = journal.first_without_outcome()
    outcomes = rows.fetch(
        connection, "SELECT outcome FROM outcome WHERE terminal = ? AND seq >= ?", terminal, unanswered
    )
    waits = {
        seq
        for (text,) in outcomes
        if (outcome := msgspec.json.decode(text, type=Outcome)).reason and (seq := outcome.seq)
    }
    waits |= _of_untold_ends(connection, till, terminal, unanswered)
    unsure = {row.member for row in journal.walk() if row.seq in waits}
    # No till knows who has claimed a receipt: what arrives for it goes to him.
    claimed: dict[str, str] = dict(
        rows.fetch(connection, "SELECT member, merged_into FROM member WHERE status = 'claimed'")
    )
    unsure |= {claimed[row.member] for row in journal.walk() if row.seq >= unanswered and row.member in claimed}
    here = "SELECT member, kind, points_left, authority FROM reservation WHERE points_left > 0 AND terminal = ?"
    spendable = Counter({(member, kind): available for member, kind, available, _owed in balances})
    owed = {(member, kind): points for member, kind, _available, points in balances}
    for member, kind, points, authority in rows.fetch(connection, here, terminal):
        if authority == "allowance":
            spendable[member, kind] += points
        else:
            unsure.add(member)
    return Prediction(spendable, owed, unsure)


def _of_untold_ends(connection: Connection, till: TillHost, terminal: str, first: int) -> set[int]:
    """Voids and refunds, by seq, of points that had ended: how many, the till was not told before it wrote them."""
    journal, found = till.journal, set()
    assert journal is not None
    for seq, kind, points in rows.fetch(
        connection,
        "SELECT e.seq, p.kind, p.points FROM entry e JOIN posting p ON p.bucket = e.bucket AND p.entry = e.id"
        " WHERE e.terminal = ? AND e.seq >= ? AND p.account = 'breakage'",
        terminal, first,
    ):  # fmt: skip
        entry = decode_entry(journal.entries(seq, 1)[0].payload)
        if not (isinstance(entry, Refund) and entry.ended.get(kind) == -points):
            found.add(seq)
    return found
