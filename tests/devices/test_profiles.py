"""Profiles: the shipped documents prove themselves, and a bad one is named."""

from __future__ import annotations

from datetime import date
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from devices.errors import ProfileError
from devices.profiles import COMMAND_NAMES, ScannerProfile, parse_profile, rank, read_profiles
from devices.proving import prove
from tests.devices.harness import make_profile
from tests.devices.test_router import Bench

FOLDER = resources.files("config") / "scanners"
SHELF = read_profiles(FOLDER)
_ANSWERED = """
[commands]
trigger = '04 E4 04 00 FF 14'
[replies]
format = 'ssi'
answered = ['trigger']
[[exchange]]
command = 'trigger'
"""
FAMILIES = [pytest.param(profile, id=profile_id) for profile_id, profile in SHELF.profiles.items()]


def test_all_shipped_profiles_are_read() -> None:
    """No document has a fault, and none is left out."""
    assert SHELF.faults == ()
    assert set(SHELF.profiles) == {file.name.removesuffix(".toml") for file in FOLDER.iterdir()}


def test_the_list_begins_with_what_most_shops_have() -> None:
    """Then by how sure a profile is; what was seen at a device comes before any paper."""
    ordered = sorted(SHELF.profiles.values(), key=rank)
    assert [profile.id for profile in ordered[:6]] == [
        "keyboard-wedge", "generic-line", "newland-unified", "honeywell-menu", "zebra-rs232-std", "mindeo",
    ]  # fmt: skip
    sureness = ["vector", "manual", "community", "on-site"]
    rest = [sureness.index(profile.status) for profile in ordered[6:]]
    assert rest == sorted(rest)
    seen = msgspec.structs.replace(ordered[-1], confirmed=date(2026, 11, 22))
    assert sorted([*ordered, seen], key=rank)[6] is seen


@pytest.mark.parametrize("profile", FAMILIES)
def test_every_profile_keeps_what_its_own_document_promises(profile: ScannerProfile) -> None:
    """Scans become their labels and kinds; answers mean what is written, and none becomes a code."""
    assert prove(profile) == []


@pytest.mark.parametrize("profile", FAMILIES)
def test_every_answered_command_has_an_example(profile: ScannerProfile) -> None:
    """Or, where no source prints the answer, the same format proves another command of it."""
    if profile.replies.answered:
        assert profile.exchange


@pytest.mark.parametrize("profile", FAMILIES)
def test_every_profile_has_a_sheet_and_says_where_it_comes_from(profile: ScannerProfile) -> None:
    """Steps in both languages; a programming code only with the page that prints it."""
    assert profile.setup
    assert profile.source
    assert all(step.source for step in profile.setup if step.code)


def test_published_command_frames() -> None:
    """Byte for byte as the vendors print them (research: Mindeo request revision, Honeywell SYN T CR, Newland SCNTRG1)."""
    commands = {profile_id: profile.commands for profile_id, profile in SHELF.profiles.items()}
    assert commands["mindeo"].identify == b"\x03V\x80\xff\x27"
    assert commands["honeywell-menu"].trigger == b"\x16T\r"
    assert commands["honeywell-menu"].identify == b"\x16M\rREVINF."
    assert commands["zebra-ssi"].enable == bytes.fromhex("04E90400FF0F")
    assert commands["zebra-ssi"].disable == bytes.fromhex("04EA0400FF0E")
    assert commands["zebra-ssi"].identify == bytes.fromhex("04A30400FF55")
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
        (
            "[commands]\nidentify = '04 A3 04 00 FF 56'\n[replies]\nformat = 'ssi'\nanswered = ['identify']",
            "commands.identify",
        ),
        (
            "[commands]\ntrigger = '7E 00 08 01 00 02 01 33 33'\n[replies]\nformat = 'grow'\nanswered = ['trigger']",
            "commands.trigger",
        ),
        (
            "[commands]\ntrigger = '7E 01 30 30 30 30 23 3B 03'\n[replies]\nformat = 'newland'\nanswered = ['trigger']",
            "commands.trigger",
        ),
        (
            "[commands]\ntrigger = '16 4D'\n[replies]\nformat = 'honeywell'\nanswered = ['trigger']",
            "commands.trigger",
        ),
        ("[replies]\nformat = 'ssi'\nanswered = ['lock']", "replies.answered"),
        ("[replies]\nanswered = ['lock']", "replies"),
        ("[replies]\nidentity = '('", "replies"),
        ("[[exchange]]\ncommand = 'lock'\nreply = '06'", "exchange[0]"),
        ("[[setup]]\nzh = '码'\nen = 'code'\ncode = '%0401D03%'", "setup[0]"),
    ],
)
def test_f101_a_bad_value_is_named_by_file_and_key(extra: str, key: str) -> None:
    """A technician reads which file and which key to mend; unknown keys are refused, not ignored."""
    with pytest.raises(ProfileError) as caught:
        make_profile(extra)
    assert (caught.value.code, caught.value.file, caught.value.key) == ("profile-bad", "under-test.toml", key)
    assert str(caught.value).startswith(f"under-test.toml: {key}: ")


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("[[test]]\nbytes = '41 0D'\nlabel = 'B'", "test[0]: these bytes become ['A']"),
        ("[[test]]\nbytes = '41 0D'\nlabel = 'A'\nsymbology = 'qr'", "test[0]: the kind of code becomes None"),
        (_ANSWERED + "reply = '04 D0 00 00 FF 2D'", "exchange[0]: this is no answer to trigger"),
        (_ANSWERED + "reply = '05 D1 00 00 06 FF 24'", "exchange[0]: the answer means refused"),
        (_ANSWERED + "reply = '04 D0 00 00 FF 2C 41 0D'", "exchange[0]: the answer becomes the code 'A'"),
    ],
)
def test_a_profile_that_does_not_keep_its_promise_is_named_by_key(extra: str, said: str) -> None:
    """What somebody wrote and the bytes do not say."""
    assert prove(make_profile(extra))[0] == said


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


def line_of(profile_id: str) -> Bench:
    """A shipped family's line without a port."""
    return Bench(SHELF.profiles[profile_id])


def test_d33_a_scan_is_confirmed_and_half_a_scan_is_refused() -> None:
    """Olivetti repeats what is not confirmed: ACK for a whole frame, NAK for one that broke off, which is no code."""
    bench = line_of("zebra-olivetti")
    bench.read(b"\x02A6901234567892\x03")
    assert (bench.inbox.labels, bench.sent) == (["6901234567892"], b"\x06")
    bench.read(b"\x02A69012")
    bench.pass_ms(1000)
    assert (bench.inbox.labels, bench.sent) == (["6901234567892"], b"\x06\x15")


def test_d64_a_bad_beep_leaves_no_magellan_disabled() -> None:
    """F disables a 800i until E: both go out in one go."""
    for profile_id in ("datalogic-magellan", "datalogic-handheld"):
        commands = SHELF.profiles[profile_id].commands
        assert commands.bad_beep == b"F" + commands.enable


def test_d65_a_cute_scanner_is_sent_nothing_and_the_sheet_warns() -> None:
    """It obeys no code any more, so whoever sets it up must know before."""
    profile = SHELF.profiles["zebra-cute"]
    assert not any(getattr(profile.commands, name) for name in COMMAND_NAMES)
    assert any("set defaults" in step.en for step in profile.setup)


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        (b"A6901234567892\r", "6901234567892"),
        (b"M1.7K3M9QXZ2\r", "M1.7K3M9QXZ2"),
        (b"A690123456\r", "A690123456"),
        (b"ABC123\r", "ABC123"),
    ],
)
def test_a_vendors_letter_is_taken_off_digits_of_an_ean_alone(raw: bytes, label: str) -> None:
    """What only begins like one is another code, and stays whole."""
    bench = line_of("zebra-opos")
    bench.read(raw)
    assert bench.inbox.labels == [label]


def test_d49_leading_zeros_stay() -> None:
    """A UPC-A as EAN-13."""
    bench = line_of("newland-unified")
    bench.read(b"0012345678905\r")
    assert bench.inbox.labels == ["0012345678905"]
