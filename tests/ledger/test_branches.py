"""A till in two places is shown with both chains, and both are proved by its own key."""

from __future__ import annotations

import pytest

from ledger.branches import Branches, branches_of, in_words
from ledger.problems import NotKnownError
from protocol.chain import Head
from protocol.signing import public_bytes, verify_bytes
from tests.ledger.shop import Shop, Till


def shown(shop: Shop, terminal: str) -> Branches:
    with shop.database.read() as connection:
        return branches_of(connection, terminal)


def clone(till: Till) -> Till:
    """Another machine with the same journal and key."""
    other = Till(till.shop, till.terminal, till.store)
    other.payloads, other.hashes = list(till.payloads), list(till.hashes)
    return other


def test_both_chains_are_shown_with_their_proofs(shop: Shop) -> None:
    """They part behind entry 1; the branch comes in two batches and is one chain, another clone is another one."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    second, third = clone(till), clone(till)
    assert [one.is_booked for one in shown(shop, "T1").chains] == [True]
    till.send(till.sale(member, redeem=40))
    for award in (7, 8):
        second.send(second.sale(member, award=award))
    third.send(third.shift())

    found = shown(shop, "T1")
    assert found.common == 1
    booked = found.chains[0]
    assert (booked.is_booked, booked.head_seq, booked.is_signed) == (True, 2, True)
    assert sorted([entry.seq for entry in one.entries] for one in found.chains) == [[2], [2], [2, 3]]
    for one in found.chains:
        head = Head(terminal="T1", seq=one.head_seq, hash=one.head)
        verify_bytes(public_bytes(till.key), bytes.fromhex(one.signature), head.signed_bytes())
        assert one.entries[-1].hash == one.head
    said = in_words(found)
    assert "3 chains, the same up to entry 1" in said
    assert "-40 points (floor)" in said
    assert "+8 points" in said
    assert "shift 1 opened" in said
    assert "NOT signed" not in said


def test_a_head_that_the_till_did_not_sign_is_called_so(shop: Shop) -> None:
    """Somebody who changed the books can make up a branch, and cannot sign it."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    other = clone(till)
    till.send(till.sale(member, award=1))
    other.send(other.sale(member, award=2))
    with shop.database.write() as connection:
        connection.exec_driver_sql("UPDATE branch SET head_signature = head")
    assert "NOT signed by this till" in in_words(shown(shop, "T1"))
    with pytest.raises(NotKnownError):
        shown(shop, "T9")
