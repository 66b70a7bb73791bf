"""Check digits find what fingers and scanners get wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.check_digits import gs1_ok, gtin_ok, luhn_ok, mod_97, mod_97_ok

_digits = st.text("0123456789", min_size=1, max_size=30)


@given(_digits)
def test_mod_97_accepts_its_own(digits: str) -> None:
    """What was given check digits passes."""
    assert mod_97_ok(digits + mod_97(digits))


@given(_digits, st.data())
def test_mod_97_finds_every_wrong_digit(digits: str, data: st.DataObject) -> None:
    """One wrong digit anywhere, the check digits included, is found."""
    code = digits + mod_97(digits)
    at = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from("0123456789".replace(code[at], "")))
    assert not mod_97_ok(code[:at] + other + code[at + 1 :])


@given(_digits, st.data())
def test_mod_97_finds_every_swap_of_neighbours(digits: str, data: st.DataObject) -> None:
    """Two neighbours in the wrong order, the check digits included, are found unless they are equal."""
    code = digits + mod_97(digits)
    at = data.draw(st.integers(0, len(code) - 2))
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert mod_97_ok(swapped) == (swapped == code)


def test_the_standards_own_example() -> None:
    """ISO/IEC 7064 gives 794 the check digits 44."""
    assert mod_97("794") == "44"


@pytest.mark.parametrize("code", ["96385074", "036000291452", "4006381333931", "6901234567892", "10614141000415"])
def test_real_gtins_pass(code: str) -> None:
    """Known good numbers of 8, 12, 13 and 14 digits pass, and fail with any other last digit."""
    assert gtin_ok(code)
    assert [gtin_ok(code[:-1] + digit) for digit in "0123456789"].count(True) == 1


def test_luhn_passes_the_usual_example() -> None:
    """79927398713 passes, no other last digit does."""
    assert [digit for digit in "0123456789" if luhn_ok("7992739871" + digit)] == ["3"]


NOT_DIGITS = [
    "",
    "４００６３８１３３３９３１",
    "٤٠٠٦٣٨١٣٣٣٩٣١",
    "400638133393¹",
    "-006381333931",
    " 006381333931",
    "4006381333931\n",
]


@pytest.mark.parametrize("text", NOT_DIGITS)
def test_what_only_looks_like_digits_never_passes(text: str) -> None:
    """Full-width, Arabic and superscript digits, signs and white space pass no check."""
    assert not any(check(text) for check in (mod_97_ok, gtin_ok, gs1_ok, luhn_ok))
