"""The ledger's log: what it gave out stays true, and whoever has kept a root sees it."""

from __future__ import annotations

import msgspec
import pytest

from ledger import log, rows
from ledger.keys import Keys, new_keys
from protocol.checkpoints import Checkpoint, check_next, check_proof, open_checkpoint
from protocol.errors import ProofError
from protocol.merkle import Growing, leaf_hash
from tests.ledger.shop import NOW_US, Shop, Till

KEYS = new_keys(NOW_US)


def told(shop: Shop, till: Till, keys: Keys = KEYS) -> Checkpoint:
    """The ledger's word, as the till reads it."""
    answer = log.sealed(shop.database, keys, till.terminal, till.push(), NOW_US)
    assert answer.checkpoint is not None
    return open_checkpoint(answer.checkpoint, keys.ring)


def fill(till: Till, count: int) -> None:
    """Entries that move nothing, received."""
    for _ in range(count):
        till.append(till.shift())
    till.push(len(till.payloads) - count + 1)


def test_every_root_that_was_given_out_is_proved_by_the_next(shop: Shop) -> None:
    """Two tills, runs of all sizes over the edges of tiles: each checkpoint is continued by all later ones, and each till's
    newest entry is in the log."""
    tills, known = [shop.till("T1"), shop.till("T2", "S2")], list[Checkpoint]()
    for round_, count in enumerate((1, 2, 253, 1, 300, 511, 64)):
        till = tills[round_ % 2]
        fill(till, count)
        assert log.take_up(shop.database) == count
        for older in known:
            if older.terminal == till.terminal:
                proof = log.prove(shop.database, KEYS, till.terminal, older.size, NOW_US)
                new = check_proof(older, proof, KEYS.ring, till.hashes[-1])
                assert (new.seq, new.logged) == (len(till.payloads),) * 2
        known.append(told(shop, till))
    with shop.database.read() as connection:
        order = rows.fetch(connection, "SELECT terminal, first_seq, count FROM log_run ORDER BY first")
    whole = Growing()
    by_name = {till.terminal: till for till in tills}
    for terminal, first_seq, count in order:
        for seq in range(first_seq, first_seq + count):
            whole.append(leaf_hash(by_name[terminal].hashes[seq]))
    assert (known[-1].size, known[-1].root) == (whole.size, whole.root.hex())
    assert log.take_up(shop.database) == 0


def test_a_proof_of_another_log_is_refused(shop: Shop) -> None:
    """Neither an older root that never was, nor an entry that is not the till's, nor a smaller log."""
    till = shop.till()
    fill(till, 5)
    log.take_up(shop.database)
    first = told(shop, till)
    fill(till, 3)
    log.take_up(shop.database)
    proof = log.prove(shop.database, KEYS, till.terminal, first.size, NOW_US)
    second = check_proof(first, proof, KEYS.ring, till.hashes[-1])
    with pytest.raises(ProofError, match="not in the log"):
        check_proof(first, proof, KEYS.ring, till.hashes[-2])
    with pytest.raises(ProofError, match="does not begin"):
        check_proof(msgspec.structs.replace(first, root="00" * 32), proof, KEYS.ring, till.hashes[-1])
    with pytest.raises(ProofError, match="had 8 entries of this till, and now says 5"):
        check_next(second, first)
    with pytest.raises(ProofError, match="of a log of 8"):
        log.prove(shop.database, KEYS, till.terminal, 9, NOW_US)


def test_the_log_is_behind_the_chain_and_says_so(shop: Shop) -> None:
    """What is received and not yet taken up is acknowledged, and not called logged."""
    till = shop.till()
    fill(till, 4)
    assert (told(shop, till).seq, told(shop, till).logged, told(shop, till).size) == (4, 0, 0)
    log.take_up(shop.database)
    assert (told(shop, till).logged, told(shop, till).size) == (4, 4)
