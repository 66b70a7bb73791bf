"""The ledger's receipt for what a till sent, and the log behind it.

A checkpoint says, under the ledger's signature, up to where it has a terminal's chain, and what its log of all entries was at
that moment. The till keeps the newest one. A ledger that later knows less, or another log, is found out by every till: either
somebody rewrote its books, or they were restored from a copy. From then on it counts a new *epoch*: positions of the feed and
outcomes belong to one epoch and are compared within it alone.
"""

from __future__ import annotations

from protocol.canonical import Count, Micros, Model, Name
from protocol.errors import ProofError
from protocol.merkle import leaf_hash, verify_consistency, verify_inclusion
from protocol.signing import KeyRing, Signed

PURPOSE = "checkpoint"


class Checkpoint(Model, kw_only=True):
    """`seq` entries of the terminal's chain are here, which then stands at `head` (hex); the log has `size` entries under
    `root` (hex), of this chain those up to `logged`: the log is some seconds behind. `store` and `public` (its key): who it is.
    """

    terminal: Name
    store: Name
    public: bytes
    seq: Count
    head: str
    at: Micros
    epoch: Name
    size: Count
    root: str
    logged: Count = 0


class LogProof(Model, kw_only=True):
    """That the log of `checkpoint` begins with the one that was asked `from`, and has the terminal's entry `logged` at `index`.

    Paths in hex, from the leaf up (RFC 9162, 2.1). Nothing of the terminal is in the log yet: no inclusion.
    """

    checkpoint: Signed
    index: Count = 0
    inclusion: tuple[str, ...] = ()
    consistency: tuple[str, ...] = ()


class Forgotten(Model, kw_only=True):
    """A checkpoint of the ledger's own that it cannot continue: its books are older than what it signed."""

    checkpoint: Signed


def open_checkpoint(signed: Signed, ring: KeyRing) -> Checkpoint:
    """Raises `SignatureError` unless a working key of the ledger signed it."""
    return ring.open(signed, PURPOSE, Checkpoint)


def check_next(known: Checkpoint, new: Checkpoint) -> None:
    """What two checkpoints of one epoch show without a proof. Raises `ProofError` where `new` takes something back."""
    if new.epoch != known.epoch:
        raise ProofError("checkpoints of two epochs are not compared")
    if new.seq < known.seq or new.logged < known.logged:
        raise ProofError(f"the ledger had {known.seq} entries of this till, and now says {new.seq}")
    if new.seq == known.seq and new.head != known.head:
        raise ProofError(f"the ledger says something else of entry {new.seq} than it signed")
    if new.size < known.size:
        raise ProofError(f"the ledger's log had {known.size} entries, and now has {new.size}")
    if new.size == known.size and new.root != known.root:
        raise ProofError("the ledger's log is not the one that it signed")


def check_proof(known: Checkpoint | None, proof: LogProof, ring: KeyRing, own_hash: bytes | None) -> Checkpoint:
    """The checkpoint of a proof that holds. `own_hash`: of this terminal's entry `logged`, where its journal has it.

    Raises `SignatureError`, `ProofError`.
    """
    new = open_checkpoint(proof.checkpoint, ring)
    size, root = new.size, _bytes(new.root)
    if known is not None:
        check_next(known, new)
        verify_consistency(known.size, _bytes(known.root), size, root, _path(proof.consistency))
    if new.logged and own_hash is not None:
        verify_inclusion(leaf_hash(own_hash), proof.index, size, _path(proof.inclusion), root)
    return new


def _path(hashes: tuple[str, ...]) -> list[bytes]:
    return [_bytes(text) for text in hashes]


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ProofError("a hash that is none") from None
