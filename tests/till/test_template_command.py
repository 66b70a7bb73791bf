"""`till devices template`, as a technician calls it."""

from __future__ import annotations

import json
from pathlib import Path

import zxingcpp
from click.testing import CliRunner, Result

from config.settings import Settings, read_settings, write_settings
from local_db.connections import till_lock
from till.cli import main
from till.templates import FILE, as_code

SETTINGS = Settings(language="en", printer_port="url:socket://192.168.1.50:9100", printer_profile="escpos-80")


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["--data-dir", str(folder), "devices", "template", *arguments], catch_exceptions=False
    )


def test_the_template_of_one_till_sets_up_the_next(tmp_path: Path) -> None:
    """By file, and by the text of the code; what changes is said."""
    one, other, third = (tmp_path / name for name in ("one", "other", "third"))
    for folder in (one, other, third):
        folder.mkdir()
    write_settings(one, SETTINGS)
    assert run(one, "--save").exit_code == 0
    applied = run(other, "--apply", str(one / FILE))
    assert "printer_profile: escpos-58 -> escpos-80" in applied.stderr
    assert read_settings(other) == SETTINGS
    code = json.loads(run(one, "--json").stdout)["code"]
    assert run(third, "--apply", code).exit_code == 0
    assert read_settings(third) == SETTINGS


def test_the_code_on_the_terminal_can_be_scanned(tmp_path: Path) -> None:
    """Half blocks; the border of four is there. (Colours are left out where nobody looks.)"""
    write_settings(tmp_path, SETTINGS)
    rows = []
    for line in run(tmp_path).stdout.splitlines():
        if line and set(line) <= set(" ▀▄█"):
            rows += [[cell in "▀█" for cell in line], [cell in "▄█" for cell in line]]
    pixels = bytes(0 if dark else 255 for row in rows for _ in range(4) for dark in row for _ in range(4))
    image = memoryview(pixels).cast("B", (len(rows) * 4, len(rows[0]) * 4))
    assert [found.text[:3] for found in zxingcpp.read_barcodes(image)] == ["S1:"]


def test_what_cannot_be_followed_changes_nothing(tmp_path: Path) -> None:
    """Refused, with exit code 4; and while the counter is open it is scanned there."""
    for text in ("nowhere.toml", as_code({"scanner_port": "usb:FFFF:0001"}), as_code({"scanner_profile": "nobodys"})):
        assert run(tmp_path, "--apply", text).exit_code == 4
    with till_lock(tmp_path):
        assert run(tmp_path, "--apply", as_code({"theme": "till-light"})).exit_code == 4
    assert read_settings(tmp_path) == Settings()
