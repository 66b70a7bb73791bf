"""QR codes: what is drawn can be read."""

from __future__ import annotations

import random
import string

import pytest
import zxingcpp
from PIL import Image

from devices.errors import QrTooLongError
from devices.qr import Level, Matrix, half_blocks, qr_matrix, qr_png, runs

ALPHANUMERIC = string.digits + string.ascii_uppercase + " $%*+-./:"
CELL_WIDTH, CELL_HEIGHT = 8, 16


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image, try_invert=False)
    assert len(found) == 1, "the code cannot be read"
    return str(found[0].text)


def screen_of(rows: list[str]) -> Image.Image:
    """Paint half blocks as a terminal of 8x16 pixel cells does, black on white."""
    image = Image.new("L", (len(rows[0]) * CELL_WIDTH, len(rows) * CELL_HEIGHT), 255)
    for y, row in enumerate(rows):
        for x, char in enumerate(row):
            for half, is_dark in enumerate((char in "▀█", char in "▄█")):
                if is_dark:
                    corner = (x * CELL_WIDTH, y * CELL_HEIGHT + half * CELL_HEIGHT // 2)
                    image.paste(0, (*corner, corner[0] + CELL_WIDTH, corner[1] + CELL_HEIGHT // 2))
    return image


def matrix_of(rows: list[str]) -> Matrix:
    """The modules that half blocks show."""
    return [[char in both for char in row] for row in rows for both in ("▀█", "▄█")]


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_a_code_on_the_screen_is_read(level: Level) -> None:
    """Half blocks, dark on white, as pixels of a terminal: the reader finds the text."""
    text = "https://ledger.example/e/7K3M-9QXZ-2"
    assert read(screen_of(half_blocks(qr_matrix(text, level)))) == text


def test_chinese_text_is_read_back() -> None:
    """UTF-8 bytes in a QR code come back as the text."""
    assert read(screen_of(half_blocks(qr_matrix("中山路店 02号机")))) == "中山路店 02号机"


def test_the_fixed_mask_never_makes_a_code_unreadable() -> None:
    """300 seeded texts of all lengths up to version 10, and flat ones, are read although no mask is chosen."""
    source = random.Random(20261121)
    texts = ["".join(source.choices(ALPHANUMERIC, k=length)).strip() or "0" for length in range(1, 301)]
    texts += ["0" * 60, "A" * 90, "\N{FULL BLOCK}" * 20, "~" * 62]
    unread = []
    for text in texts:
        found = zxingcpp.read_barcodes(_flat(qr_matrix(text)), try_invert=False)
        if [code.text for code in found] != [text]:
            unread.append(text)
    assert unread == []


def _flat(matrix: Matrix) -> Image.Image:
    side = len(matrix) + 8
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix):
        for x, is_dark in enumerate(row):
            if is_dark:
                image.putpixel((x + 4, y + 4), 0)
    return image.resize((side * 4, side * 4), Image.Resampling.NEAREST)


def test_62_bytes_fit_a_terminal_of_80x24() -> None:
    """The promise of DESIGN 7: version 4 at level M is 41 by 21 cells; one byte more is refused."""
    rows = half_blocks(qr_matrix("a" * 62, max_version=4))
    assert (len(rows[0]), len(rows)) == (41, 21)
    with pytest.raises(QrTooLongError, match="63 characters does not fit a QR code of version 4"):
        qr_matrix("a" * 63, max_version=4)


def test_a_text_beyond_every_version_is_refused() -> None:
    """The largest code ends at 2,331 bytes at level M."""
    assert len(qr_matrix("a" * 2331)) == 177
    with pytest.raises(QrTooLongError):
        qr_matrix("a" * 2332)


def test_rows_and_runs_show_the_matrix() -> None:
    """Both drawings hold exactly the modules, with a white border; an odd height is filled with white."""
    matrix = qr_matrix("TILL")
    for border in (0, 1, 4):
        shown = matrix_of(half_blocks(matrix, border))
        side = len(matrix) + 2 * border
        assert len(shown) == side + side % 2
        inside = [row[border : border + len(matrix)] for row in shown[border : border + len(matrix)]]
        assert inside == [list(row) for row in matrix]
        flat = [[run.is_dark for run in row for _ in range(run.length)] for row in runs(matrix, border)]
        assert flat == shown[:side]
        assert sum(map(sum, shown)) == sum(map(sum, matrix))


@pytest.mark.parametrize("scale", [3, 8])
def test_the_png_is_read(scale: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A decoder of its own opens the file, and the reader finds the text."""
    file = tmp_path_factory.mktemp("png") / "code.png"
    file.write_bytes(qr_png(qr_matrix("HELLO TILL"), scale=scale))
    with Image.open(file) as image:
        assert image.size == (29 * scale, 29 * scale)
        assert read(image.convert("L")) == "HELLO TILL"
