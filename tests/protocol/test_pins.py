"""The hash of a PIN, one rule for who makes it and who checks it."""

from __future__ import annotations

import time

import pytest

from protocol.pins import hash_pin, pin_fits


def test_the_pin_that_was_hashed_fits_and_no_other() -> None:
    """Two hashes of one PIN differ, and the PIN fits both; what is no hash fits nothing."""
    first, second = hash_pin("1023"), hash_pin("1023")
    assert first != second
    assert pin_fits(first, "1023")
    assert pin_fits(second, "1023")
    assert not pin_fits(first, "1024")
    assert not pin_fits("", "")
    assert not pin_fits("$argon2id$broken", "1023")


def test_where_nothing_was_hashed_the_work_is_the_same() -> None:
    """So the time of an answer does not say whether there is a PIN."""

    def cost_s(pin_hash: str) -> float:
        before = time.process_time()
        assert not pin_fits(pin_hash, "0000")
        return time.process_time() - before

    known = hash_pin("1023")
    assert min(cost_s("") for _ in range(3)) > min(cost_s(known) for _ in range(3)) / 2


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "１２３４"])
def test_what_is_no_pin_is_not_hashed(pin: str) -> None:
    """4 to 8 digits."""
    with pytest.raises(ValueError, match="4 to 8 digits"):
        hash_pin(pin)
