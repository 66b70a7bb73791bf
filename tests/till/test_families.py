"""Scanner families of a till: the product's, and one TOML file that a technician adds."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import data
from config.settings import Settings
from till.errors import RefusedError
from till.families import check_document, read_families
from till.scanners import ScannerPost

OURS = """
id = "corner-shop"
vendor = "Nobody"
models = ["X1"]
status = "on-site"
confirmed = 2026-11-22
source = "seen at the counter"
[name]
zh = "小店扫码枪"
en = "corner shop scanner"
[line]
baud = 19200
[[setup]]
zh = "扫码"
en = "Scan"
[[test]]
bytes = "41 0D"
label = "A"
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """The folder for a till's own documents."""
    folder = tmp_path / "scanners"
    folder.mkdir()
    return folder


def test_a_document_in_the_tills_folder_is_a_family_like_others(tmp_path: Path, shelf: Path) -> None:
    """It was seen at a device, so it stands right behind the six that most shops have."""
    (shelf / "corner-shop.toml").write_text(OURS, encoding="utf-8")
    families = read_families(tmp_path)
    assert families.faults == ()
    assert [profile.id for profile in families.profiles].index("corner-shop") == 6
    post = ScannerPost(tmp_path, Settings(), lambda _: None)
    assert "corner-shop" in [profile.id for profile in post.profiles()]
    post.assign("", "corner-shop")
    assert post.settings.scanner_profile == "corner-shop"


def test_it_goes_before_the_products_own(tmp_path: Path, shelf: Path) -> None:
    """A shop whose scanner differs from the manual says so with the same name."""
    known = (data("scanners") / "cino.toml").read_text(encoding="utf-8")
    (shelf / "cino.toml").write_text(known.replace("baud = 9600", "baud = 38400"), encoding="utf-8")
    cino = read_families(tmp_path).find("cino")
    assert cino is not None
    assert cino.line.baud == 38400


def test_one_that_does_not_keep_its_promise_is_told_and_not_used(tmp_path: Path, shelf: Path) -> None:
    """By file, key and what it does instead; all others are there."""
    (shelf / "corner-shop.toml").write_text(OURS.replace('label = "A"', 'label = "B"'), encoding="utf-8")
    (shelf / "broken.toml").write_text("id = ")
    families = read_families(tmp_path)
    assert families.find("corner-shop") is None
    assert families.find("generic-line") is not None
    assert [fault.split(":")[0] for fault in families.faults] == ["broken.toml", "corner-shop.toml"]
    assert families.faults[1] == "corner-shop.toml: test[0]: these bytes become ['A']"
    with pytest.raises(RefusedError, match="profile-unknown"):
        ScannerPost(tmp_path, Settings(), lambda _: None).assign("", "corner-shop")


def test_a_keyboard_has_no_port(tmp_path: Path) -> None:
    """It is in the list of families, and no choice for a port."""
    post = ScannerPost(tmp_path, Settings(), lambda _: None)
    assert "keyboard-wedge" not in [profile.id for profile in post.profiles()]
    assert read_families(tmp_path).profiles[0].id == "keyboard-wedge"


def test_a_document_is_checked_before_it_is_used(tmp_path: Path) -> None:
    """A missing file, a bad one and a good one."""
    file = tmp_path / "corner-shop.toml"
    assert check_document(file)[1] == [f"{file}: No such file or directory"]
    file.write_text(OURS.replace("19200", "'fast'"), encoding="utf-8")
    assert check_document(file)[1][0].startswith("corner-shop.toml: line.baud: ")
    file.write_text(OURS, encoding="utf-8")
    profile, faults = check_document(file)
    assert profile is not None
    assert faults == []
