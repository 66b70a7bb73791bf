"""Receiving what a till sent: the chain is checked, and everything is kept before anything is booked.

A batch continues the chain that the ledger has, or repeats a part of it. Where it says something else than before, that is a
fork: the entries are kept as a branch, with the head that the terminal signed, and none of them is booked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.cases import open_branch_cases, open_cases
from ledger.errors import (
    BatchSizeError,
    GapError,
    HeadMismatchError,
    HeadSignatureError,
    UnknownTerminalError,
)
from ledger.schema_received import Branch, EntryOutcome, Received
from protocol import canonical, chain
from protocol.errors import SignatureError
from protocol.push import MAX_BATCH, Outcome, PushBatch, SentEntry
from protocol.signing import verify_bytes


class Link(NamedTuple):
    """An entry with its place in the chain. `payload_hash` is empty where the payload fits the chain."""

    seq: int
    hash: bytes
    payload: bytes
    payload_hash: bytes


class Till(NamedTuple):
    """A terminal as the books know it, and what its store decides."""

    terminal: str
    public: bytes
    status: str
    head_seq: int
    head: bytes
    booked_seq: int
    store: str
    merchant: str
    prices: Mapping[str, int] = {}
    """Settlement price of today per kind, in 1/1000 fen."""


class Told(NamedTuple):
    """A batch beside what the ledger had: how many of its entries were known, and whether the rest parts from them."""

    known: int
    is_fork: bool


def chained(batch: PushBatch) -> list[Link]:
    """The batch's entries, each with its hash.

    Raises `BatchSizeError`, and `HeadMismatchError` when they do not lead to the batch's head.
    """
    if not 0 < len(batch.entries) <= MAX_BATCH:
        raise BatchSizeError(len(batch.entries), MAX_BATCH)
    try:
        previous, head = bytes.fromhex(batch.previous), bytes.fromhex(batch.head)
        links = []
        for seq, sent in enumerate(batch.entries, batch.first_seq):
            payload, stated = _payload(sent)
            previous = chain.link(previous, batch.terminal, seq, stated or chain.payload_hash(payload))
            links.append(Link(seq, previous, payload, stated))
    except ValueError:  # not hex
        raise HeadMismatchError from None
    if previous != head:
        raise HeadMismatchError
    return links


def prices_of_today(connection: Connection) -> Mapping[str, int]:
    """What an acceptor is paid for a point, per kind."""
    return dict(rows.fetch(connection, "SELECT kind, price_mfen FROM settlement_price"))


def find_till(connection: Connection, terminal: str, *, lock: bool = False) -> Till:
    """Raises `UnknownTerminalError`. With `lock` nobody else receives from this terminal, or books for it, meanwhile."""
    locked = " FOR UPDATE OF t" if lock and connection.dialect.name != "sqlite" else ""
    found = rows.fetch(
        connection,
        "SELECT t.terminal, t.public, t.status, t.head_seq, t.head, t.booked_seq, s.store, s.merchant"
        " FROM terminal t JOIN store s ON s.store = t.store"
        " WHERE t.terminal = ?" + locked,
        terminal,
    )
    if not found:
        raise UnknownTerminalError(terminal)
    till = Till(*found[0])._replace(prices=prices_of_today(connection))
    return till if till.head_seq else till._replace(head=chain.genesis(terminal, till.public))


def check_head(till: Till, batch: PushBatch) -> None:
    """Raises `HeadSignatureError` unless the terminal's key signed the head."""
    head = chain.Head(terminal=batch.terminal, seq=batch.first_seq + len(batch.entries) - 1, hash=batch.head)
    try:
        verify_bytes(till.public, batch.head_signature, head.signed_bytes())
    except SignatureError:
        raise HeadSignatureError from None


def compare(connection: Connection, till: Till, batch: PushBatch, links: list[Link]) -> Told:
    """Hash by hash. Raises `GapError` when entries are missing before the batch."""
    if batch.first_seq > till.head_seq + 1:
        raise GapError(batch.first_seq, till.head_seq + 1)
    if bytes.fromhex(batch.previous) != _hash_at(connection, till, batch.first_seq - 1):
        return Told(0, is_fork=True)
    ours = rows.fetch(
        connection,
        "SELECT hash FROM received WHERE terminal = ? AND seq BETWEEN ? AND ? ORDER BY seq",
        till.terminal,
        links[0].seq,
        links[-1].seq,
    )
    known = 0
    for (known_hash,), link in zip(ours, links, strict=False):
        if known_hash != link.hash:
            return Told(known, is_fork=True)
        known += 1
    return Told(known, is_fork=False)


def receive(connection: Connection, batch: PushBatch, links: list[Link], now_us: int) -> Told:
    """Keep what is new of a batch, in its place in the chain or as a branch. Books nothing.

    Raises `UnknownTerminalError`, `GapError`, `HeadSignatureError`.
    """
    till = find_till(connection, batch.terminal, lock=True)
    check_head(till, batch)
    told = compare(connection, till, batch, links)
    new = links[told.known :]
    if told.is_fork:
        _keep_branch(connection, batch, new, now_us)
        open_branch_cases(connection, till, [(link.seq, link.hash) for link in new], now_us)
    elif new:
        _keep(connection, batch, new, now_us)
        if till.status == "revoked":
            _quarantine(connection, till, new, now_us)
    return told


def _payload(sent: SentEntry) -> tuple[bytes, bytes]:
    """The bytes and, where they do not fit it, the hash that the journal states for them."""
    payload = sent.damaged or sent.payload.encode(errors="surrogatepass")
    stated = bytes.fromhex(sent.payload_hash)
    fits = not sent.damaged and (not stated or stated == chain.payload_hash(payload))
    return payload, b"" if fits else stated or chain.payload_hash(payload)


def _hash_at(connection: Connection, till: Till, seq: int) -> bytes:
    if seq == till.head_seq:
        return till.head
    if seq == 0:
        return chain.genesis(till.terminal, till.public)
    found = rows.fetch(connection, "SELECT hash FROM received WHERE terminal = ? AND seq = ?", till.terminal, seq)
    known: bytes = found[0][0]
    return known


def _keep(connection: Connection, batch: PushBatch, new: list[Link], now_us: int) -> None:
    rows.insert(connection, Received, [(batch.terminal, *link, now_us) for link in new])
    rows.execute(
        connection,
        "UPDATE terminal SET head_seq = ?, head = ?, head_signature = ?, seen_at = ? WHERE terminal = ?",
        new[-1].seq,
        new[-1].hash,
        batch.head_signature,
        now_us,
        batch.terminal,
    )


def _keep_branch(connection: Connection, batch: PushBatch, new: list[Link], now_us: int) -> None:
    """With its signed head: two heads for one seq, both under the terminal's key, prove the fork."""
    head = (now_us, new[-1].seq, bytes.fromhex(batch.head), batch.head_signature)
    rows.insert_missing(connection, Branch, [(batch.terminal, *link, *head) for link in new])


def _quarantine(connection: Connection, till: Till, new: list[Link], now_us: int) -> None:
    """After the last head that the ledger saw before a terminal was revoked, nobody knows who sold."""
    outcomes = [Outcome(seq=link.seq, status="quarantined", reason="terminal-revoked") for link in new]
    values = [(till.terminal, outcome.seq, outcome.status, canonical.encode(outcome)) for outcome in outcomes]
    rows.insert(connection, EntryOutcome, values)
    open_cases(connection, till, outcomes, now_us)
