"""What a cashier may type, and what he is told otherwise."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points import (
    MAX_AMOUNT_FEN,
    MAX_POINTS,
    AmountError,
    check_amount,
    check_points,
    format_exact,
    format_fen,
    parse_amount,
    parse_sum,
    percent,
)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("128", 12_800), ("128.5", 12_850), ("128.50", 12_850), ("0.01", 1), (" 7 ", 700), ("1000000", MAX_AMOUNT_FEN)],
)
def test_amounts_are_read_as_fen(typed: str, fen: int) -> None:
    """One or two decimals or none, up to a million yuan."""
    assert parse_amount(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount-empty"),
        ("  ", "amount-empty"),
        ("abc", "amount-not-a-number"),
        ("1e9", "amount-not-a-number"),
        ("1,234.50", "amount-not-a-number"),
        ("+5", "amount-not-a-number"),
        (".5", "amount-not-a-number"),
        ("5.", "amount-not-a-number"),
        ("1_000", "amount-not-a-number"),
        ("٣", "amount-not-a-number"),
        ("nan", "amount-not-a-number"),
        ("0x10", "amount-not-a-number"),
        ("１２３", "amount-full-width"),
        ("12．5", "amount-full-width"),
        ("0", "amount-zero"),
        ("0.00", "amount-zero"),
        ("-5", "amount-negative"),
        ("−5", "amount-negative"),
        ("1.005", "amount-too-precise"),
        ("1.500", "amount-too-precise"),
        ("1000000.01", "amount-too-large"),
        ("1000000000", "amount-too-large"),
        ("9" * 10_000, "amount-too-large"),
        ("6901234567892", "amount-too-large"),
        ("13812345678", "amount-looks-like-phone"),
        ("19912345678", "amount-looks-like-phone"),
        ("12812345678", "amount-too-large"),
    ],
)
def test_what_is_no_amount_is_refused_by_code(typed: str, code: str) -> None:
    """Each mistake has its own stable code, for a sentence that helps."""
    with pytest.raises(AmountError) as caught:
        parse_amount(typed)
    assert caught.value.code == code


def test_a_phone_number_is_masked_in_the_error() -> None:
    """Logs carry no personal data, even when it was typed into the wrong field."""
    with pytest.raises(AmountError) as caught:
        parse_amount("13812345678")
    assert "13812345678" not in str(caught.value) + caught.value.text
    assert caught.value.text == "138****5678"


def test_hostile_text_is_cut_and_cleaned_in_the_error() -> None:
    """Ten thousand characters with escapes leave a short printable sentence."""
    with pytest.raises(AmountError) as caught:
        parse_amount("\x1b[31m" + "x" * 10_000)
    assert caught.value.text.isprintable()
    assert len(str(caught.value)) < 80


@given(st.integers(1, MAX_AMOUNT_FEN))
def test_what_is_shown_is_read_back(fen: int) -> None:
    """`format_fen` without its separators is what `parse_amount` reads."""
    assert parse_amount(format_fen(fen).replace(",", "")) == fen


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_an_amount_error(typed: str) -> None:
    """Nothing that can be typed or scanned ends in another exception."""
    try:
        fen = parse_amount(typed)
    except AmountError as error:
        fen = 1 if error.code in AmountError.SENTENCES else 0
    assert 0 < fen <= MAX_AMOUNT_FEN


@pytest.mark.parametrize("number", [True, False, 1.0, "1", None])
def test_only_integers_pass_the_border(number: object) -> None:
    """A bool is an int to Python, not to a till."""
    with pytest.raises(AmountError, match="not an amount"):
        check_amount(number)  # type: ignore[arg-type]
    with pytest.raises(AmountError, match="not a number of points"):
        check_points(number)  # type: ignore[arg-type]


@pytest.mark.parametrize("number", [-1, MAX_AMOUNT_FEN + 1])
def test_amounts_keep_their_bounds(number: int) -> None:
    """From zero, for a free line, to the maximum."""
    assert check_amount(0) == 0
    assert check_amount(MAX_AMOUNT_FEN) == MAX_AMOUNT_FEN
    with pytest.raises(AmountError):
        check_amount(number)


@pytest.mark.parametrize("number", [-1, MAX_POINTS + 1])
def test_points_keep_their_bounds(number: int) -> None:
    """From zero to more than any account holds."""
    assert check_points(0) == 0
    assert check_points(MAX_POINTS) == MAX_POINTS
    with pytest.raises(AmountError):
        check_points(number)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Fraction(3084, 10), "308.4"),
        (Fraction(308), "308"),
        (Fraction(1, 3), "0.3333"),
        (Fraction(2, 3), "0.6666"),
        (Fraction(-2, 5), "-0.4"),
        (Fraction(-1, 10**6), "0"),
        (Fraction(12345), "12,345"),
    ],
)
def test_exact_points_are_cut_never_rounded_up(value: Fraction, shown: str) -> None:
    """The counter must not show a point that is not there."""
    assert format_exact(value) == shown


def test_percentages_are_computed() -> None:
    """5,000 for 6,000 is 16.7 % fewer points and 20 % more value (A1)."""
    assert percent(Fraction(1, 6)) == "16.7"
    assert percent(Fraction(1, 5)) == "20"
    assert format_fen(-123_450) == "-1,234.50"


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("12.5*3+8", 4_550), ("128", 12_800), ("8+12.5*3", 4_550), ("39.8*0.735", 2_925), ("0.01*0.5", 1), ("3*2*2", 1_200),
        ("1+1+1", 300), ("39.8 * 2", 7_960),
    ],
)  # fmt: skip
def test_what_is_added_and_multiplied(typed: str, fen: int) -> None:
    """Each product is rounded by itself, half a fen up, as on the receipts of a scale."""
    assert parse_sum(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12*", "amount-not-a-number"), ("+5", "amount-empty"), ("5+", "amount-empty"), ("*3", "amount-empty"),
        ("5**3", "amount-not-a-number"), ("5*-3", "amount-not-a-number"), ("5*0", "amount-zero"),
        ("5*1e3", "amount-not-a-number"),
        ("1000000+0.01", "amount-too-large"), ("999999*999999", "amount-too-large"), ("5*0.0001", "amount-not-a-number"),
        ("13812345678+1", "amount-looks-like-phone"), ("5-3", "amount-not-a-number"), ("0.735*39.8", "amount-too-precise"),
    ],
)  # fmt: skip
def test_what_is_no_sum(typed: str, code: str) -> None:
    """Each with the sentence of the amount that is wrong in it."""
    with pytest.raises(AmountError) as caught:
        parse_sum(typed)
    assert caught.value.code == code


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 9)), min_size=1, max_size=5))
def test_a_sum_is_the_sum_of_its_amounts(terms: list[tuple[int, int]]) -> None:
    """Of whole pieces there is nothing to round."""
    typed = "+".join(f"{format_fen(fen).replace(',', '')}*{pieces}" for fen, pieces in terms)
    assert parse_sum(typed) == sum(fen * pieces for fen, pieces in terms)
