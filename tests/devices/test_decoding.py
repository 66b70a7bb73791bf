"""Decoding: what a frame says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.decoding import Charset, ScanData, Symbology, decode


def test_d40_the_aim_prefix_goes_only_where_the_profile_says_so() -> None:
    """`]` is legal data in a QR code: the same bytes are read both ways."""
    raw = b"]Q1M1.ABC"
    assert decode(raw, aim_prefix=True) == ScanData(raw, "M1.ABC", Symbology.QR, Charset.ASCII)
    assert decode(raw) == ScanData(raw, "]Q1M1.ABC", None, Charset.ASCII)


def test_d40_a_missing_aim_prefix_changes_nothing() -> None:
    """A scanner that was reset to defaults sends no prefix: the code is still whole, its kind unknown."""
    assert decode(b"6901", aim_prefix=True) == ScanData(b"6901", "6901", None, Charset.ASCII)


@pytest.mark.parametrize(
    ("aim", "symbology"),
    [
        ("]E0", Symbology.EAN_UPC),
        ("]E4", Symbology.EAN_8),
        ("]C0", Symbology.CODE_128),
        ("]C1", Symbology.GS1_128),
        ("]Q3", Symbology.GS1_QR),
        ("]d1", Symbology.DATA_MATRIX),
        ("]d2", Symbology.GS1_DATA_MATRIX),
        ("]D9", Symbology.OTHER),
    ],
)
def test_aim_identifiers_name_the_symbology(aim: str, symbology: Symbology) -> None:
    """Letters are case sensitive; GS1 codes are told apart by the modifier."""
    assert decode(aim.encode() + b"12", aim_prefix=True).symbology is symbology


def test_d41_auto_reads_utf8_and_gb18030() -> None:
    """A name of three hanzi is read the same from either kind of scanner."""
    assert decode("会员卡".encode(), charset=Charset.AUTO).label == "会员卡"
    assert decode("会员卡".encode("gb18030"), charset=Charset.AUTO) == ScanData(
        "会员卡".encode("gb18030"), "会员卡", None, Charset.GB18030
    )
    assert decode(b"M1", charset=Charset.AUTO).charset is Charset.ASCII


def test_d20_bytes_outside_the_charset_are_unreadable_not_another_code() -> None:
    """Line noise must not shrink to a valid code by dropping what cannot be read."""
    data = decode(b"69\xfe01")
    assert not data.is_readable
    assert data.label == "69\N{REPLACEMENT CHARACTER}01"
    assert decode(b"6901").is_readable


def test_d29_control_characters_are_stripped_and_kept_in_raw() -> None:
    """NUL, XON, XOFF and a GS1 separator leave the label, never the evidence."""
    raw = b"\x0069\x11\x1301\x1d234\x1b[2J"
    assert decode(raw) == ScanData(raw, "6901234[2J", None, Charset.ASCII)


def test_right_to_left_marks_are_stripped() -> None:
    """A code that reverses the screen's text is category Cf."""
    assert decode("12\N{RIGHT-TO-LEFT OVERRIDE}34".encode(), charset=Charset.UTF_8).label == "1234"


def test_d49_leading_zeros_and_case_are_kept() -> None:
    """A code is text, not a number."""
    assert decode(b"00012aB").label == "00012aB"


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from(Charset), st.booleans())
def test_no_byte_brings_a_control_character_into_a_label(raw: bytes, charset: Charset, aim_prefix: bool) -> None:
    """Whatever a code holds, decoding neither fails nor lets Unicode C* through, and keeps the bytes."""
    data = decode(raw, aim_prefix=aim_prefix, charset=charset)
    assert not [char for char in data.label if unicodedata.category(char).startswith("C")]
    assert data.raw == raw
    assert data.charset is not Charset.AUTO
