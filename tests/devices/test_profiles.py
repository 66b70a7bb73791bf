"""Profiles: the shipped documents prove themselves, and a bad one is named."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from devices.errors import ProfileError
from devices.profiles import ScanVector, parse_profile, read_profiles
from devices.scan_line import ScanLine
from tests.devices.harness import Inbox, make_profile

SHELF = read_profiles(resources.files("config") / "scanners")
VECTORS = [
    pytest.param(profile_id, vector, id=f"{profile_id}-{number}")
    for profile_id, profile in SHELF.profiles.items()
    for number, vector in enumerate(profile.test)
]


def test_all_shipped_profiles_are_read() -> None:
    """The five families are there, and no document has a fault."""
    assert SHELF.faults == ()
    assert set(SHELF.profiles) == {"generic-line", "honeywell-menu", "mindeo", "newland-unified", "zebra-rs232-std"}


@pytest.mark.parametrize(("profile_id", "vector"), VECTORS)
def test_every_vector_of_a_profile_becomes_what_it_says(profile_id: str, vector: ScanVector) -> None:
    """The bytes of the document, through framing and decoding, give its label and symbology and nothing else."""
    inbox = Inbox()
    line = ScanLine(SHELF.profiles[profile_id], inbox, lambda: None, 0, lambda _: None)
    line.is_enabled = True
    line.received(vector.bytes, 0)
    line.silent(10**10)
    assert inbox.labels == ([vector.label] if vector.label else [])
    assert [event.data.symbology for event in inbox.scans] == [vector.symbology] * len(inbox.labels)


def test_published_command_frames() -> None:
    """Byte for byte as the vendors print them (research: Mindeo request revision, Honeywell SYN T CR, Newland SCNTRG1)."""
    commands = {profile_id: profile.commands for profile_id, profile in SHELF.profiles.items()}
    assert commands["mindeo"].identify == b"\x03V\x80\xff\x27"
    assert commands["honeywell-menu"].trigger == b"\x16T\r"
    assert commands["honeywell-menu"].identify == b"\x16M\rREVINF."
    assert commands["newland-unified"].trigger == b"~\x010000#SCNTRG1;\x03"
    assert commands["newland-unified"].identify == b"~\x010000@QRYSYS;\x03"


def test_a_usb_id_leads_to_a_profile() -> None:
    """A vendor's id fits by star or exactly; a bridge chip fits none."""
    fitting = [profile.id for profile in SHELF.profiles.values() if profile.fits_usb("05E0:1701")]
    assert fitting == ["zebra-rs232-std"]
    assert SHELF.profiles["newland-unified"].fits_usb("1EAB:0106")
    assert not any(profile.fits_usb("1A86:7523") or profile.fits_usb("") for profile in SHELF.profiles.values())


@pytest.mark.parametrize(
    ("extra", "key"),
    [
        ("[line]\nbaud = '9600'", "line.baud"),
        ("[line]\nbytesize = 9", "line.bytesize"),
        ("[framing]\ngap_ms = 1", "framing.gap_ms"),
        ("[framing]\nterminators = []\non_gap = 'drop'", "framing"),
        ("[commands]\nenable = '7E 0'", "commands.enable"),
        ("[commands]\nenable = 7", "commands.enable"),
        ("[commands]\nexplode = '00'", "commands"),
        ("usb_ids = ['05e0:1701']", "usb_ids[0]"),
        ("charset = 'gbk'", "charset"),
        ("colour = 'red'", "colour"),
    ],
)
def test_f101_a_bad_value_is_named_by_file_and_key(extra: str, key: str) -> None:
    """A technician reads which file and which key to mend; unknown keys are refused, not ignored."""
    with pytest.raises(ProfileError) as caught:
        make_profile(extra)
    assert (caught.value.code, caught.value.file, caught.value.key) == ("profile-bad", "under-test.toml", key)
    assert str(caught.value).startswith(f"under-test.toml: {key}: ")


def test_a_profile_without_a_vector_is_refused() -> None:
    """Every document carries its own proof."""
    document = SHELF_SOURCE.read_bytes().partition(b"# An EAN-13")[0]
    with pytest.raises(ProfileError, match=r"generic-line.toml: test: "):
        parse_profile(document, "generic-line.toml")


def test_a_profile_is_found_under_its_own_name() -> None:
    """A copied file whose id was not changed would hide the original."""
    with pytest.raises(ProfileError, match=r"copy.toml: id: "):
        parse_profile(SHELF_SOURCE.read_bytes(), "copy.toml")


def test_one_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    """Broken TOML and bytes that are no text are faults of their own; the good profile is there."""
    (tmp_path / "generic-line.toml").write_bytes(SHELF_SOURCE.read_bytes())
    (tmp_path / "broken.toml").write_text("id = ")
    (tmp_path / "latin.toml").write_bytes(b"id = '\xe9'")
    (tmp_path / "notes.txt").write_text("not a profile")
    shelf = read_profiles(tmp_path)
    assert list(shelf.profiles) == ["generic-line"]
    assert [fault.file for fault in shelf.faults] == ["broken.toml", "latin.toml"]


SHELF_SOURCE = resources.files("config") / "scanners" / "generic-line.toml"
