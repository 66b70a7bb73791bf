"""A Merkle tree over an append-only log, and its proofs (RFC 9162, section 2.1; the hashes are those of RFC 6962).

Two roots and a few hashes prove that the longer log begins with the shorter one, and that an entry is in it, to whoever has
kept a root. A tree is read by its complete subtrees: `complete(level, index)` is the root of the leaves
`index * 2**level` … `(index + 1) * 2**level - 1`, and where they are kept is nobody's business here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from protocol.errors import ProofError

EMPTY_ROOT = hashlib.sha256(b"").digest()

Complete = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """Of one entry of the log."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def pair_up(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above a level of complete pairs; a last one without a partner is left out."""
    sha, pairs = hashlib.sha256, zip(hashes[::2], hashes[1::2], strict=False)
    return [sha(b"\1" + left + right).digest() for left, right in pairs]


class Tree:
    """The first `size` leaves of a log."""

    def __init__(self, size: int, complete: Complete) -> None:
        self.size, self._complete = size, complete

    @property
    def root(self) -> bytes:
        """What stands for the whole log."""
        return self._root(0, self.size) if self.size else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The path that proves leaf `index`, from the leaf up. Raises `ProofError` for one that is not in the tree."""
        if not 0 <= index < self.size:
            raise ProofError(f"entry {index} of a log of {self.size}")
        path, first, end = list[bytes](), 0, self.size
        while end - first > 1:
            middle = first + _left(end - first)
            if index < middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(first, middle))
                first = middle
        return path[::-1]

    def consistency(self, older: int) -> list[bytes]:
        """The path that proves that the tree begins with its first `older` leaves. Raises `ProofError` for more than it has."""
        if not 0 <= older <= self.size:
            raise ProofError(f"the first {older} entries of a log of {self.size}")
        if older in (0, self.size):
            return []
        path, first, end, is_whole = list[bytes](), 0, self.size, True
        while older != end:
            middle = first + _left(end - first)
            if older <= middle:
                path.append(self._root(middle, end))
                end = middle
            else:
                path.append(self._root(first, middle))
                first, is_whole = middle, False
        return ([] if is_whole else [self._root(first, end)]) + path[::-1]

    def _root(self, first: int, end: int) -> bytes:
        count = end - first
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._complete(level, first >> level)
        middle = first + _left(count)
        return node_hash(self._root(first, middle), self._root(middle, end))


class Growing:
    """A root while leaves come one after another: what is kept is a root per binary digit of the size."""

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """The next leaf's hash."""
        size, found = self.size, leaf
        while size & 1:
            found, size = node_hash(self._roots.pop(), found), size >> 1
        self._roots.append(found)
        self.size += 1

    @property
    def root(self) -> bytes:
        """Of all leaves so far."""
        if not self._roots:
            return EMPTY_ROOT
        found = self._roots[-1]
        for left in self._roots[-2::-1]:
            found = node_hash(left, found)
        return found


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raises `ProofError` unless `leaf` (its hash) is entry `index` of the log of `size` entries under `root` (2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"entry {index} of a log of {size}")
    number, last, found = index, size - 1, leaf
    for part in path:
        if last == 0:
            raise ProofError("a path that is too long")
        if number & 1 or number == last:
            found = node_hash(part, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, part)
        number, last = number >> 1, last >> 1
    if last or found != root:
        raise ProofError("the entry is not in the log")


def verify_consistency(older: int, older_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> None:
    """Raises `ProofError` unless the log of `size` entries begins with the `older` ones (2.1.4.2)."""
    if not 0 < older < size:
        expected = root if older == size else EMPTY_ROOT
        if older > size or path or older_root != expected:
            raise ProofError("the log is not the one it was")
        return
    parts = list(path) if older & (older - 1) else [older_root, *path]
    if not parts:
        raise ProofError("a path that is too short")
    number, last = older - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    was = now = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise ProofError("a path that is too long")
        if number & 1 or number == last:
            was, now = node_hash(part, was), node_hash(part, now)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            now = node_hash(now, part)
        number, last = number >> 1, last >> 1
    if last or was != older_root or now != root:
        raise ProofError("the log does not begin with what it was")


def _left(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)
