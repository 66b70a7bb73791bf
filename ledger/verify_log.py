"""The log as it should be, from what was received; and the books against what others have in writing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from ledger import rows
from ledger.database import Database
from ledger.epochs import current_epoch
from ledger.keys import Keys
from ledger.log import root_at, state
from protocol.chain_check import Witness
from protocol.checkpoints import open_checkpoint
from protocol.errors import SignatureError
from protocol.merkle import Growing, leaf_hash
from protocol.signing import Signed


def verify_log(connection: Connection) -> Iterator[str]:
    """Every entry that is in the log, hashed anew: the size and the root that are given out, and the tiles."""
    growing, (size, root) = Growing(), state(connection)
    for first, terminal, first_seq, count in rows.fetch(
        connection, "SELECT first, terminal, first_seq, count FROM log_run ORDER BY first"
    ):
        hashes = rows.fetch(
            connection,
            "SELECT hash FROM received WHERE terminal = ? AND seq BETWEEN ? AND ? ORDER BY seq",
            terminal,
            first_seq,
            first_seq + count - 1,
        )
        if (first, count) != (growing.size, len(hashes)):
            yield f"the log: entries {first_seq} to {first_seq + count - 1} of {terminal} are not what stands at {first}"
            return
        for (hash_,) in hashes:
            growing.append(leaf_hash(hash_))
    if (growing.size, growing.root) != (size, root):
        yield f"the log: {size} entries are said to be in it under another root than the {growing.size} that were received"
    elif size and root_at(connection, size) != root:
        yield "the log: its tiles do not lead to its root"


def check_witnesses(database: Database, keys: Keys, witnesses: Iterable[Witness | Signed]) -> list[str]:
    """A sentence for each witness that contradicts the books."""
    with database.read() as connection:
        return [
            sentence
            for one in witnesses
            for sentence in (_seen(connection, one) if isinstance(one, Witness) else _promised(connection, keys, one))
        ]


def _seen(connection: Connection, one: Witness) -> Iterator[str]:
    hash_ = _hash(connection, one.terminal, one.seq)
    if hash_ is None:
        yield f"terminal {one.terminal}: a witness has seen entry {one.seq}, the ledger has not"
    elif not one.fits(hash_):
        yield f"terminal {one.terminal}, entry {one.seq}: the witness has seen another one"


def _promised(connection: Connection, keys: Keys, signed: Signed) -> Iterator[str]:
    try:
        said = open_checkpoint(signed, keys.ring)
    except SignatureError as error:
        yield f"a checkpoint proves nothing: {error}"
        return
    hash_ = _hash(connection, said.terminal, said.seq)
    if said.seq and (hash_ is None or hash_.hex() != said.head):
        yield f"terminal {said.terminal}: the ledger acknowledged entry {said.seq}, and it is not the one here"
    if said.epoch != current_epoch(connection):
        yield f"a checkpoint of epoch {said.epoch}: the books were restored since"
    elif said.size > state(connection).size or root_at(connection, said.size).hex() != said.root:
        yield f"the log of {said.size} entries is not the one that the ledger signed"


def _hash(connection: Connection, terminal: str, seq: int) -> bytes | None:
    found = rows.fetch(connection, "SELECT hash FROM received WHERE terminal = ? AND seq = ?", terminal, seq)
    return bytes(found[0][0]) if found else None
