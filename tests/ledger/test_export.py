"""The books carried away prove themselves: whatever is changed in the file is found, in the line where it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import log
from ledger.export import export
from ledger.export_check import check_export
from ledger.keys import new_keys
from protocol.chain_check import Witness, witness_of
from protocol.signing import Signed
from tests.ledger.shop import NOW_US, Shop

KEYS = new_keys(NOW_US)


class Exported:
    """A day of two tills, exported; what a customer and what a till have in writing."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        tills, member = [shop.till("t1"), shop.till("t2", "S2")], shop.join("1000000001")
        for till in tills:
            till.send(till.sale(member, award=100))
            log.take_up(shop.database)
            till.send(till.sale(member, redeem=30))
        log.take_up(shop.database)
        answer = log.sealed(shop.database, KEYS, "t1", tills[0].push(), NOW_US)
        assert answer.checkpoint is not None
        self.checkpoint: Signed = answer.checkpoint
        self.receipt = witness_of("t2", 2, tills[1].hashes[2])
        self.count = export(shop.database, KEYS, folder / "books.jsonl", NOW_US)
        self.data = (folder / "books.jsonl").read_bytes()
        self.lines = self.data.splitlines(keepends=True)


@pytest.fixture
def exported(shop: Shop, tmp_path: Path) -> Exported:
    return Exported(shop, tmp_path)


def checked(data: bytes, *witnesses: Witness | Signed) -> list[str]:
    return list(check_export(data.splitlines(keepends=True), witnesses, KEYS.fingerprint))


def first_line(findings: list[str]) -> int:
    found = re.match("line ([0-9]+)", findings[0])
    assert found, findings
    return int(found[1])


def test_what_was_exported_is_right(exported: Exported) -> None:
    """With what a customer and a till hold against it; of another ledger it says so."""
    assert checked(exported.data, exported.receipt, exported.checkpoint) == []
    assert exported.count == len(exported.lines) > 20
    assert "another ledger" in next(check_export(exported.lines, (), "0" * 16))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0), flip=st.integers(1, 255), one=st.integers(0), other=st.integers(0), cut=st.integers(0))
def test_the_first_wrong_line_is_named(
    exported: Exported, at: int, flip: int, one: int, other: int, cut: int
) -> None:
    """A changed byte, two lines that changed places, one that is left out, an end that is cut off."""
    data, lines = exported.data, exported.lines
    at, cut = at % len(data), cut % len(data)
    changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
    assert first_line(checked(changed)) == data[:at].count(b"\n") + 1
    one, other = sorted((one % len(lines), other % len(lines)))
    swapped = list(lines)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert not checked(b"".join(swapped)) if one == other else first_line(checked(b"".join(swapped))) == one + 1
    assert first_line(checked(b"".join([*lines[:one], *lines[one + 1 :]]))) == one + 1
    assert first_line(checked(data[:cut])) == data[:cut].count(b"\n") + 1


def test_witnesses_against_the_books(exported: Exported) -> None:
    """A receipt of an entry that is not there, or is another one; a checkpoint of a log that was longer."""
    data = exported.data
    assert "entry 3 is missing" in checked(data, exported.receipt._replace(seq=3))[0]
    assert "another one" in checked(data, exported.receipt._replace(seq=1))[0]
    assert "terminal t9" in checked(data, exported.receipt._replace(terminal="t9"))[0]


def test_books_that_were_rewritten_before_the_export(shop: Shop, tmp_path: Path) -> None:
    """The ledger signs what is there; chains, sums and the till's checkpoint say that it was something else."""
    before = Exported(shop, tmp_path)
    with shop.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE posting SET points = points + 1 WHERE account = 'issuance' AND points < -90"
        )
        connection.exec_driver_sql("DELETE FROM log_run WHERE first > 1")
    export(shop.database, KEYS, tmp_path / "again.jsonl", NOW_US)
    said = "\n".join(checked((tmp_path / "again.jsonl").read_bytes(), before.checkpoint))
    assert "not to zero" in said
    assert "is not the one of" in said
    assert "is not the one that the ledger signed" in said
