"""Proofs over a log hold for what is true, and for nothing else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from protocol.errors import ProofError
from protocol.merkle import (
    EMPTY_ROOT,
    Growing,
    Tree,
    leaf_hash,
    node_hash,
    pair_up,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(bytes([number])) for number in range(70)]

KNOWN = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43", b"\x50\x51\x52\x53\x54\x55\x56\x57",
         b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"]  # fmt: skip
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""The test vectors of the Certificate Transparency project (RFC 6962)."""


def tree(size: int, leaves: list[bytes] = LEAVES) -> Tree:
    """The first leaves, read as a ledger reads them."""

    def complete(level: int, index: int) -> bytes:
        hashes = leaves[index << level : (index + 1) << level]
        while len(hashes) > 1:
            hashes = pair_up(hashes)
        return hashes[0]

    return Tree(size, complete)


def test_known_roots() -> None:
    """As everybody else reckons them."""
    leaves = [leaf_hash(data) for data in KNOWN]
    assert {size: tree(size, leaves).root.hex() for size in ROOTS} == ROOTS
    assert tree(0).root == EMPTY_ROOT
    assert node_hash(leaves[0], leaves[1]).hex() == ROOTS[2]


@pytest.mark.parametrize("size", range(1, 18))
def test_every_small_log(size: int) -> None:
    """Each entry is in it, each beginning is its beginning, and a growing root is the same."""
    whole, growing = tree(size), Growing()
    for index in range(size):
        growing.append(LEAVES[index])
        verify_inclusion(LEAVES[index], index, size, whole.inclusion(index), whole.root)
        older = index + 1
        verify_consistency(older, tree(older).root, size, whole.root, whole.consistency(older))
    verify_consistency(0, EMPTY_ROOT, size, whole.root, whole.consistency(0))
    assert growing.root == whole.root


@given(st.data())
def test_nothing_else_is_proved(data: st.DataObject) -> None:
    """A path with one hash changed, left out or added, another place, another entry or another root: refused."""
    size = data.draw(st.integers(2, 70))
    index, older = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    whole, root = tree(size), tree(size).root
    inclusion, consistency = whole.inclusion(index), whole.consistency(older)
    for path in spoilt(data, inclusion):
        with pytest.raises(ProofError):
            verify_inclusion(LEAVES[index], index, size, path, root)
    for path in spoilt(data, consistency):
        with pytest.raises(ProofError):
            verify_consistency(older, tree(older).root, size, root, path)
    other = data.draw(st.integers(0, size - 1))
    assume(other != index)
    with pytest.raises(ProofError):
        verify_inclusion(LEAVES[index], other, size, inclusion, root)
    with pytest.raises(ProofError):
        verify_consistency(older, LEAVES[-1], size, root, consistency)
    with pytest.raises(ProofError):
        verify_consistency(older, tree(older).root, size, LEAVES[-1], consistency)


def spoilt(data: st.DataObject, path: list[bytes]) -> list[list[bytes]]:
    """The ways to get a path wrong."""
    longer = [*path, LEAVES[69]]
    if not path:
        return [longer]
    at = data.draw(st.integers(0, len(path) - 1))
    return [longer, path[:at] + path[at + 1 :], [*path[:at], LEAVES[69], *path[at + 1 :]]]
