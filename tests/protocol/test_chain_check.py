"""What a receipt's QR code says is enough to be held against a journal, and fits the till's screen."""

from __future__ import annotations

import hashlib

import pytest

from devices.qr import qr_matrix
from protocol.chain_check import MIN_CODE, Witness, code_of, read_witnesses, witness_of

HASH = hashlib.sha256(b"entry").digest()


@pytest.mark.parametrize("terminal", ["zhongshan-02", "s-1", "zhongshan-r3-117", "a" * 64])
def test_it_fits_a_tills_screen(terminal: str) -> None:
    """Version 4, 33 rows of modules at 80x24; the whole hash, unless the till's id takes the room."""
    witness = witness_of(terminal, 10**8, HASH)
    assert len(qr_matrix(str(witness), max_version=4)) <= 33
    assert witness.fits(HASH)
    assert len(witness.code) == (52 if len(terminal) < 20 else 90 - len(str(witness._replace(code=""))))
    assert len(witness.code) >= MIN_CODE
    assert read_witnesses(str(witness)) == [witness]


def test_what_people_type() -> None:
    """The eight characters of a printed receipt, in small letters; not fewer."""
    short = code_of(HASH)[:8]
    assert read_witnesses(f"w1? W1 zhongshan-02 5 {short.lower()}") == [Witness("zhongshan-02", 5, short)]
    assert not witness_of("t", 5, bytes(32)).fits(HASH)
    assert read_witnesses("W1 zhongshan-02 5 ABC") == read_witnesses("") == []
