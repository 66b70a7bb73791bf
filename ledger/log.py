"""The ledger's log: the hash of every received entry, append-only, under one root (RFC 9162; tiles of 256 hashes).

Booking does not wait for it: a worker takes up what was received, a run of entries per terminal, some seconds later. What was
given out is that the log of this size had this root; a till that has it in writing sees whether the next one continues it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.epochs import current_epoch
from ledger.keys import Keys
from ledger.receiving import find_till
from ledger.schema_log import Logged, LogHead, LogRun, LogTile
from protocol import merkle
from protocol.checkpoints import PURPOSE, Checkpoint, LogProof
from protocol.push import PushAnswer
from protocol.signing import Signed, sign

RUN = 10_000
"""Entries of one terminal in one transaction: 20 ms, for which nobody waits but a writer of an SQLite file."""

_HEIGHT = 8
_WIDTH = 1 << _HEIGHT
_HASH_BYTES = 32


class State(NamedTuple):
    """The log as it stands."""

    size: int
    root: bytes


def state(connection: Connection, *, lock: bool = False) -> State:
    """`lock`: for who is about to append."""
    locked = " FOR UPDATE" if lock and connection.dialect.name != "sqlite" else ""
    ((size, root),) = rows.fetch(connection, "SELECT size, root FROM log_head WHERE one = 1" + locked)
    return State(size, root)


def take_up(database: Database) -> int:
    """Append what was received and is not in the log yet, a transaction a run; how many entries it were."""
    with database.read() as connection:
        behind = rows.fetch(
            connection,
            "SELECT t.terminal FROM terminal t LEFT JOIN logged l ON l.terminal = t.terminal"
            " WHERE t.head_seq > coalesce(l.seq, 0) ORDER BY t.seen_at, t.terminal",
        )
    total = 0
    for (terminal,) in behind:
        while count := database.transact(lambda connection, name=terminal: _append_run(connection, name)):  # type: ignore[misc]
            total += count
    return total


def checkpoint(connection: Connection, keys: Keys, terminal: str, seq: int, head: str, now_us: int) -> Signed:
    """The ledger's word for where a chain and the log stand."""
    till, (size, root) = find_till(connection, terminal), state(connection)
    value = Checkpoint(
        terminal=terminal, store=till.store, public=till.public, seq=seq, head=head, at=now_us,
        epoch=current_epoch(connection), size=size, root=root.hex(), logged=min(_logged(connection, terminal), seq),
    )  # fmt: skip
    return sign(PURPOSE, value, keys.current(now_us).private)


def sealed(database: Database, keys: Keys, terminal: str, answer: PushAnswer, now_us: int) -> PushAnswer:
    """The answer with its checkpoint."""
    with database.read() as connection:
        signed = checkpoint(connection, keys, terminal, answer.acknowledged, answer.head, now_us)
    return PushAnswer(
        outcomes=answer.outcomes,
        again=answer.again,
        acknowledged=answer.acknowledged,
        head=answer.head,
        checkpoint=signed,
    )


def prove(database: Database, keys: Keys, terminal: str, older: int, now_us: int) -> LogProof:
    """That the log continues the one of size `older`, and where the newest entry of a terminal is in it.

    Raises `ProofError` where the log was never that large.
    """
    with database.read() as connection:
        till = find_till(connection, terminal)
        signed = checkpoint(connection, keys, terminal, till.head_seq, till.head.hex(), now_us)
        log = tree(connection, state(connection).size)
        logged = _logged(connection, terminal)
        index = index_of(connection, terminal, logged) if logged else 0
        return LogProof(
            checkpoint=signed,
            index=index,
            inclusion=tuple(part.hex() for part in log.inclusion(index)) if logged else (),
            consistency=tuple(part.hex() for part in log.consistency(older)),
        )


def root_at(connection: Connection, size: int) -> bytes:
    """The root of the log's first `size` entries, which it has."""
    return tree(connection, size).root


def tree(connection: Connection, size: int) -> merkle.Tree:
    """The first `size` entries of the log; tiles are read when they are asked for, each once."""
    tiles: dict[tuple[int, int], list[bytes]] = {}

    def complete(level: int, index: int) -> bytes:
        at, above = divmod(level, _HEIGHT)
        first, count = index << above, 1 << above
        key = at, first // _WIDTH
        if key not in tiles:
            tiles[key] = _tile(connection, *key)
        hashes = tiles[key][first % _WIDTH : first % _WIDTH + count]
        while len(hashes) > 1:
            hashes = merkle.pair_up(hashes)
        return hashes[0]

    return merkle.Tree(size, complete)


def index_of(connection: Connection, terminal: str, seq: int) -> int:
    """Where an entry stands in the log, that is in it."""
    ((first, first_seq),) = rows.fetch(
        connection,
        "SELECT first, first_seq FROM log_run WHERE terminal = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
        terminal,
        seq,
    )
    at: int = first + seq - first_seq
    return at


def _append_run(connection: Connection, terminal: str) -> int:
    size, _root = state(connection, lock=True)
    logged = _logged(connection, terminal)
    found = rows.fetch(
        connection,
        "SELECT hash FROM received WHERE terminal = ? AND seq > ? ORDER BY seq LIMIT ?",
        terminal,
        logged,
        RUN,
    )
    if not found:
        return 0
    leaves = [merkle.leaf_hash(hash_) for (hash_,) in found]
    tiles = _grown(connection, size, leaves)
    rows.put(connection, LogTile, [(*key, b"".join(hashes)) for key, hashes in tiles.items()])
    rows.insert(connection, LogRun, [(size, terminal, logged + 1, len(leaves))])
    rows.put(connection, Logged, [(terminal, logged + len(leaves))])
    rows.put(connection, LogHead, [(1, size + len(leaves), root_at(connection, size + len(leaves)))])
    return len(leaves)


def _grown(connection: Connection, size: int, leaves: Sequence[bytes]) -> dict[tuple[int, int], list[bytes]]:
    """The tiles that change when leaves come to a log of `size`: each level's last one, and what is new."""
    changed: dict[tuple[int, int], list[bytes]] = {}
    level, count, fresh = 0, size, list(leaves)
    while fresh:
        number, left = divmod(count, _WIDTH)
        hashes = (_tile(connection, level, number) if left else []) + fresh
        pieces = [hashes[start : start + _WIDTH] for start in range(0, len(hashes), _WIDTH)]
        changed |= {(level, number + place): piece for place, piece in enumerate(pieces)}
        fresh = [_over(piece) for piece in pieces if len(piece) == _WIDTH]
        level, count = level + 1, number
    return changed


def _over(tile: Sequence[bytes]) -> bytes:
    hashes = list(tile)
    while len(hashes) > 1:
        hashes = merkle.pair_up(hashes)
    return hashes[0]


def _tile(connection: Connection, level: int, number: int) -> list[bytes]:
    found = rows.fetch(connection, "SELECT hashes FROM log_tile WHERE level = ? AND number = ?", level, number)
    hashes = bytes(found[0][0])
    return [hashes[start : start + _HASH_BYTES] for start in range(0, len(hashes), _HASH_BYTES)]


def _logged(connection: Connection, terminal: str) -> int:
    found = rows.fetch(connection, "SELECT seq FROM logged WHERE terminal = ?", terminal)
    seq: int = found[0][0] if found else 0
    return seq
