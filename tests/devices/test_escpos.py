"""A slip, as bytes, as paper: what is read back from the bytes is what was asked for, whatever the words."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from devices.escpos import CUT, RESET, Paper, encode
from devices.paper_sheet import CodeRow, ImageRow, TextRow, read_sheet
from devices.slip import MISSING, Code, Line, Pair, Rule, columns_of, printable, wrapped

NARROW, WIDE = Paper(), Paper(columns=48, dots=576)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("会员", "会员"),
        ("，。！", "，。！"),
        ("¥12.00", "￥12.00"),
        ("￥12.00", "￥12.00"),
        ("−5 分", "-5 分"),
        ("Ａ①℃", "Ａ①℃"),
        ("生日快乐🎂", "生日快乐" + MISSING),
        ("㐀𠮷", MISSING * 2),
        ("e\u0301tude x\u0301", "étude x"),
        ("tab\there", "tab here"),
        ("\u202eabc", "abc"),
        ("\ud800", MISSING),
        ("\ue000", MISSING),
    ],
)
def test_d75_characters_that_break_others(text: str, printed: str) -> None:
    """Full-width marks without a Chinese character beside them; the yen sign; what GB18030 has in four bytes."""
    assert printable(text) == printed
    sheet = read_sheet(encode((Line(text),), NARROW))
    assert (sheet.text, sheet.unknown) == (printed, [])


def test_d76_a_name_opens_no_drawer() -> None:
    """Control characters of a name are not printed, and are no commands."""
    name = "Bob\x1bp\x00\x19\x19\x1d\x56\x00\x10\x14\x01\x00\x05\x1b@"
    sheet = read_sheet(encode((Line(name), Pair(name, name), Code("T1.ABC", name)), NARROW))
    assert (sheet.drawer_openings, sheet.cuts, sheet.asked, sheet.unknown) == (0, 1, [], [])
    assert sheet.text.splitlines()[0] == "BobpV@"


@given(st.lists(st.text(max_size=80), max_size=6), st.sampled_from([NARROW, WIDE]), st.booleans())
def test_any_words_are_words(texts: list[str], paper: Paper, is_big: bool) -> None:
    """No text does anything but print; no row is wider than the paper; nothing that can be printed is lost."""
    slip = tuple(Line(text, is_big=is_big) for text in texts)
    sheet = read_sheet(encode(slip, paper))
    assert (sheet.drawer_openings, sheet.cuts, sheet.asked, sheet.unknown) == (0, 1, [], [])
    rows = [row for row in sheet.rows if isinstance(row, TextRow)]
    assert all(row.columns <= paper.columns for row in rows)
    assert "".join(sheet.text.split()) == "".join(printable("".join(texts)).split())


@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from([NARROW, WIDE]))
def test_label_and_value(label: str, value: str, paper: Paper) -> None:
    """The value stands at the right edge; where there is no room for both it has rows of its own."""
    rows = [row for row in read_sheet(encode((Pair(label, value),), paper)).rows if isinstance(row, TextRow)]
    assert all(row.columns <= paper.columns for row in rows)
    shown = printable(value).rstrip()
    if shown and columns_of(printable(value)) == columns_of(shown) and len(rows) == 1:
        assert (rows[0].columns, rows[0].text.endswith(shown)) == (paper.columns, True)


def test_d77_both_widths() -> None:
    """The same slip on 58 and on 80 mm."""
    slip = (
        Line("青穗超市", is_big=True, is_centred=True),
        Rule(),
        Pair("本单获得", "+128 积分"),
        Pair("长" * 12, "1,234,567,890"),
    )
    narrow, wide = (read_sheet(encode(slip, paper)) for paper in (NARROW, WIDE))
    assert narrow.text.splitlines() == [
        "青穗超市", "-" * 32, "本单获得" + " " * 15 + "+128 积分", "长" * 12, " " * 19 + "1,234,567,890",
    ]  # fmt: skip
    assert wide.text.splitlines()[-1] == "长" * 12 + " " * 11 + "1,234,567,890"
    first = narrow.rows[0]
    assert isinstance(first, TextRow)
    assert (first.columns, first.is_centred) == (16, True)


@pytest.mark.parametrize("text", ["T1." + "A" * 59, "https://p.example.com/T1.ABC"])
@pytest.mark.parametrize("paper", [NARROW, WIDE])
def test_a_code_that_a_phone_reads(text: str, paper: Paper) -> None:
    """Drawn by the printer or by us: the decoder of phones reads the text, also with a border of the paper's own."""
    (native,) = (row for row in read_sheet(encode((Code(text),), paper)).rows if isinstance(row, CodeRow))
    assert (native.text, native.level, native.is_centred) == (text, "M", True)
    raster = Paper(columns=paper.columns, dots=paper.dots, qr="raster")
    (image,) = (row for row in read_sheet(encode((Code(text),), raster)).rows if isinstance(row, ImageRow))
    assert len(image.dots[0]) <= paper.dots
    picture = Image.new("L", (len(image.dots[0]), len(image.dots)))
    picture.putdata([0 if dot else 255 for row in image.dots for dot in row])
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [text]


def test_a_slip_begins_anew_and_ends_with_a_cut() -> None:
    """Whatever was sent before it, or was left unfinished."""
    data = encode((Line("好"),), NARROW)
    assert (data.startswith(RESET), data.endswith(CUT)) == (True, True)
    assert read_sheet(b"\x1bE\x01\x1b!\x30\x1ba\x01" + data).rows[-1] == read_sheet(data).rows[-1]


def test_long_words_break_at_a_space() -> None:
    """And anywhere, where there is none."""
    assert wrapped("points are valid for two years", 12) == ["points are", "valid for", "two years"]
    assert wrapped("积分两年内有效", 6) == ["积分两", "年内有", "效"]
    assert wrapped("", 6) == [""]


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    """The reader of paper never fails, on whatever bytes."""
    read_sheet(data)
