"""The line monitor as a file: every byte but those of a code that could pay."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.errors import RefusedError
from till.events import CodeScanned, RawBytesRead, ScanFailed, ScannerChanged
from till.line_monitor import LineMonitor

MS = 1_000_000


def monitor(*reads: bytes) -> LineMonitor:
    watched = LineMonitor()
    for place, data in enumerate(reads):
        watched.take(RawBytesRead(data, place * 5 * MS))
    return watched


def test_every_read_is_written_with_its_time() -> None:
    """Hex, what can be printed, ms since the first byte, and which scan came of it."""
    watched = monitor(b"\x02M1.AB", b"C\r\n")
    watched.take(CodeScanned("M1.ABC", 5 * MS, scan=371))
    watched.take(ScanFailed("incomplete"))
    watched.take(ScannerChanged(is_online=False, code="port-gone"))
    rows = watched.rows()
    assert re.fullmatch(r" +0\.000 ms  02 4d 31 2e 41 42 +\.M1\.AB", rows[0])
    assert re.fullmatch(r" +5\.000 ms  43 0d 0a +C\.\.", rows[1])
    assert [row.split("# ", 1)[1] for row in rows[2:]] == [
        "scan #371: a code of 6 characters", "no code: incomplete", "away: port-gone",
    ]  # fmt: skip


@given(st.sampled_from(["134567890123456789", "2812345678901234", "6212345678901234567"]), st.data())
def test_a_code_that_could_pay_is_hidden_however_it_was_cut(code: str, draw: st.DataObject) -> None:
    """In signs and in hex: but for its first two digits."""
    data = b"6901234567892\r" + code.encode() + b"\r"
    cuts = sorted({0, len(data), *draw.draw(st.lists(st.integers(1, len(data) - 1), max_size=5))})
    rows = monitor(*(data[a:b] for a, b in pairwise(cuts))).rows()
    signs = "".join(row[66:] for row in rows)
    pairs = " ".join(row[17:65].strip() for row in rows)
    assert signs == "6901234567892." + code[:2] + "*" * (len(code) - 2) + "."
    assert pairs.count("**") == len(code) - 2


def test_it_is_saved_once_there_is_something(tmp_path: Path) -> None:
    """A file with the time in its name; nothing is no file, and a folder that takes none says so."""
    with pytest.raises(RefusedError, match="monitor-empty"):
        LineMonitor().save(tmp_path, 0)
    path = monitor(b"690\r").save(tmp_path, 1_790_000_000_000_000)
    assert path.name == "line-20260921T141320Z.txt"
    assert "36 39 30 0d" in path.read_text(encoding="utf-8")
    with pytest.raises(RefusedError, match="monitor-not-written"):
        monitor(b"690\r").save(tmp_path / "nowhere", 0)


def test_it_forgets_what_is_old() -> None:
    """No memory without an end."""
    watched = monitor(*[b"x"] * 5_100)
    assert len(watched.rows()) == 5_000
