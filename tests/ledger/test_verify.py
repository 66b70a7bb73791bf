"""Whatever is changed in the books by hand is found."""

from __future__ import annotations

import pytest

from ledger import log
from ledger.verify import verify
from tests.ledger.shop import Shop

TAMPERED = {
    "postings of": "UPDATE posting SET points = points + 1 WHERE account = 'issuance'",
    "available is stored as 71": "UPDATE balance SET available = available + 1",
    "are left in his lots": "UPDATE lot SET points_left = points_left - 1",
    "were taken": "UPDATE lot_use SET points = points + 1",
    "lie in open reservations": "UPDATE reservation SET points_left = points_left - 1",
    "says a shortfall of 7": "UPDATE entry SET shortfall = 7 WHERE seq = 1",
    "the feed at 0": "UPDATE bucket SET number = 0",
    "entry 2 was changed": "UPDATE received SET payload = received_payload WHERE seq = 2",
    "entry 2 is missing": "DELETE FROM received WHERE seq = 2",
    "the chain ends at entry 2": "DELETE FROM received WHERE seq = 3",
    "the signed head is at 4": "UPDATE terminal SET head_seq = 4",
    "2 outcomes for 3 entries": "DELETE FROM outcome WHERE seq = 1",
    "under another root": "UPDATE log_head SET root = zero_root",
    "its tiles do not lead to its root": "UPDATE log_tile SET hashes = zero_tile",
    "are not what stands at": "UPDATE log_run SET first = first + 1",
    "3 entries stand at position 9": "UPDATE entry SET position = 9",
}


@pytest.mark.parametrize("finding", TAMPERED)
def test_tampering_is_found(shop: Shop, finding: str) -> None:
    """Each sum and each hash has a change that only it finds, and the sentence says where."""
    till, member = shop.till(), shop.join("1000000001")
    till.send(till.sale(member, award=100))
    till.send(till.sale(member, redeem=10))
    till.reserve(till.sale(member), 20)
    till.send(till.sale(member, award=0))
    log.take_up(shop.database)
    assert verify(shop.database) == []
    statement = TAMPERED[finding].replace("received_payload", "(SELECT payload FROM received WHERE seq = 1)")
    for name, count in (("zero_root", 32), ("zero_tile", 96)):
        zeros = "00" * count
        literal = f"x'{zeros}'" if shop.database.is_sqlite else f"'\\x{zeros}'::bytea"
        statement = statement.replace(name, literal)
    with shop.database.write() as connection:
        connection.exec_driver_sql(statement)
    assert any(finding in sentence for sentence in verify(shop.database)), verify(shop.database)
