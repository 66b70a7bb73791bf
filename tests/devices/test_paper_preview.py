"""The preview of a slip: what is seen on the screen and in the picture is what the bytes say, and a phone reads its code."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from devices.escpos import Paper, encode
from devices.paper_preview import find_font, preview_png, preview_rows
from devices.paper_sheet import read_sheet
from devices.slip import Code, Line, Pair, Rule, Slip
from tests.devices.test_qr import read, screen_of

PROOF = "T1." + "A" * 40
SLIP: Slip = (
    Line("青穗超市", is_big=True, is_centred=True), Rule(), Pair("本单获得", "+128 积分", is_bold=True),
    Code(PROOF, "本小票凭证"),
)  # fmt: skip
PAPERS = [Paper(), Paper(qr="raster"), Paper(columns=48, dots=576), Paper(columns=48, dots=576, qr="raster")]


@pytest.mark.parametrize("paper", PAPERS)
def test_rows_of_a_terminal(paper: Paper) -> None:
    """Words as wide as the paper, what is large as wide as it is, and a code that can be scanned off the screen."""
    rows = preview_rows(read_sheet(encode(SLIP, paper)), paper)
    words = [row for row in rows if not row.is_code]
    indent = (paper.columns - 16) // 2
    assert [row.text for row in words[:3]] == [
        " " * indent + "青  穗  超  市", "-" * paper.columns, "本单获得" + " " * (paper.columns - 17) + "+128 积分",
    ]  # fmt: skip
    assert [row.is_bold for row in words[:3]] == [True, False, True]
    assert read(screen_of([row.text + " " for row in rows if row.is_code])) == PROOF


@pytest.mark.parametrize("paper", PAPERS)
def test_a_picture_dot_for_dot(paper: Paper) -> None:
    """As wide as the print head, with a margin; ink where the words are; the code is read by the decoder of phones."""
    font = find_font()
    assert font is not None, "a font with Chinese characters is among what the tests need"
    picture = Image.open(io.BytesIO(preview_png(read_sheet(encode(SLIP, paper)), paper, font)))
    assert picture.width == paper.dots + 32
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [PROOF]
    box = picture.crop((0, 0, picture.width, 70)).point(lambda dot: 255 - dot).getbbox()
    assert box is not None
    assert abs((box[0] + box[2]) / 2 - picture.width / 2) < 8


def test_paper_of_nothing() -> None:
    """Whatever the bytes are, there is a paper."""
    sheet = read_sheet(b"\x1dv0\x00\x01\x00\x02\x00\x00\x00" + b"\x1dv0\x00\x00\x00\x00\x00" + b"\x1bd\x02")
    font = find_font()
    assert font is not None
    preview_rows(sheet, Paper())
    assert preview_png(sheet, Paper(), font).startswith(b"\x89PNG")


def test_no_font_is_no_picture(tmp_path: Path) -> None:
    """A file that is none is an error of the file."""
    (tmp_path / "font.ttf").write_bytes(b"no")
    with pytest.raises(OSError, match="file format"):
        preview_png(read_sheet(encode(SLIP, Paper())), Paper(), tmp_path / "font.ttf")
