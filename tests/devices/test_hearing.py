"""What a scan says about its scanner: end, prefix, charset, pauses, and which profile reads it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data
from devices.decoding import Charset, Symbology
from devices.framing import Terminator
from devices.hearing import TEST_CODE, Hearing, Trouble, hear, reads_right
from devices.profiles import read_profiles
from devices.qr import qr_matrix
from devices.suggesting import Reason, suggest
from devices.transport import LineSettings
from tests.devices.harness import make_profile

MS = 1_000_000
UTF_8, GB18030 = TEST_CODE.encode(), TEST_CODE.encode("gb18030")


def heard(*reads: bytes, gap_ms: int = 0, line: LineSettings | None = None) -> Hearing:
    """One scan in these reads, `gap_ms` apart."""
    return hear([(data, place * gap_ms * MS) for place, data in enumerate(reads)], line or LineSettings())


def fitting(hearing: Hearing, usb_id: str = "") -> list[str]:
    return [found.profile.id for found in suggest(hearing, read_profiles(data("scanners")).profiles.values(), usb_id)]


def seven_bits(text: bytes) -> bytes:
    """Even parity in the eighth bit, as seven bits look to who reads eight."""
    return bytes(byte | 0x80 if byte.bit_count() % 2 else byte for byte in text)


def test_the_test_code_fits_a_code_that_80x24_has_room_for() -> None:
    """Version 3: half a screen."""
    assert len(qr_matrix(TEST_CODE)) <= 17 + 4 * 3


@pytest.mark.parametrize(("end", "name"), [(b"\r", "CR"), (b"\n", "LF"), (b"\r\n", "CR LF"), (b"\x03", "ETX"), (b"\t", "TAB"),
                                           (b"\x03\r", "ETX CR")])  # fmt: skip
def test_the_end_is_named(end: bytes, name: str) -> None:
    """What the scanner puts behind a code, however it is split over reads."""
    assert heard(UTF_8 + end).end_name == name
    assert heard(UTF_8, end).end_name == name


def test_d22_no_end_is_said() -> None:
    """Zebra "data as is": only silence ends a code."""
    assert heard(UTF_8).troubles == (Trouble.NO_END,)


@pytest.mark.parametrize("prefix", [b"\x02", b"]Q1", b"\x02]Q1", b"Q", b"\x1a"])
def test_whatever_stands_before_the_test_code_is_its_prefix(prefix: bytes) -> None:
    """AIM, Code-ID, STX, or a letter of the maker's own."""
    assert heard(prefix + UTF_8 + b"\r").prefix == prefix


def test_d40_an_aim_prefix_names_the_symbology() -> None:
    """Of the test code, and of a product's bar code, which nobody knows."""
    assert heard(b"]Q1" + UTF_8 + b"\r").symbology is Symbology.QR
    product = heard(b"]E06901234567892\r")
    assert (product.prefix, product.symbology, product.is_test_code) == (b"]E0", Symbology.EAN_UPC, False)
    assert heard(b"6901234567892\r").prefix == b""


def test_d41_the_charset_is_heard_from_the_hanzi() -> None:
    """UTF-8 or GB18030; gone, where the scanner drops them; of other codes as far as it can be told."""
    assert heard(UTF_8 + b"\r").charset is Charset.UTF_8
    assert heard(GB18030 + b"\r").charset is Charset.GB18030
    lost = heard(b"Till-test 0012345 ??\r")
    assert (lost.charset, lost.troubles) == (None, (Trouble.HANZI,))
    assert heard(b"6901234567892\r").charset is Charset.ASCII


def test_d48_letters_in_another_case_are_said() -> None:
    """A setting of the scanner; our codes stand it, others may not."""
    assert heard(TEST_CODE.upper().encode() + b"\r").troubles == (Trouble.CASE,)


def test_d20_a_wrong_baud_rate_is_garbage() -> None:
    """Nothing of it can be a code."""
    for garbage in (bytes(range(0x80, 0xB0)), b"\x00\x1f\x80\xff\xfe", b"\xf8\x00\x98"):
        assert heard(garbage).troubles == (Trouble.GARBAGE,)


def test_d21_seven_bits_read_as_eight_are_told_from_garbage() -> None:
    """Readable once the parity is taken off."""
    found = heard(seven_bits(b"6901234567892\r\n"))
    assert found.troubles == (Trouble.PARITY,)
    assert not found.is_readable


def test_d26_a_long_pause_inside_a_code_is_said() -> None:
    """With how long it was, and how long the whole took."""
    found = heard(UTF_8[:5], UTF_8[5:] + b"\r", gap_ms=70)
    assert (found.longest_gap_ms, found.duration_ms, found.troubles) == (70, 70, (Trouble.PAUSE,))
    assert heard(UTF_8[:5], UTF_8[5:] + b"\r", gap_ms=16).troubles == ()


def test_every_profile_that_is_suggested_reads_it_right() -> None:
    """The family of the USB id first; else the one without commands, for whatever may hang behind an adapter."""
    crlf = heard(UTF_8 + b"\r\n")
    assert fitting(crlf)[0] == "generic-line"
    assert fitting(crlf, "1EAB:0106")[0] == "newland-unified"
    fast = heard(UTF_8 + b"\r", line=LineSettings(baud=115_200))
    assert "honeywell-menu" in fitting(fast)
    assert "generic-line" not in fitting(fast)


def test_a_profile_of_another_charset_is_not_suggested() -> None:
    """It would read the hanzi wrong."""
    assert "newland-unified" not in fitting(heard(GB18030 + b"\r"), "1EAB:0106")
    assert "generic-line" in fitting(heard(GB18030 + b"\r"), "1EAB:0106")


def test_hanzi_that_the_scanner_drops_keep_nobody_from_a_profile() -> None:
    """Codes of members have none."""
    assert "generic-line" in fitting(heard(b"Till-test 0012345 ??\r"))


def test_a_profile_that_drops_what_has_no_end_is_not_suggested() -> None:
    """Every code would be lost."""
    sure = make_profile('charset = "utf-8"\n[framing]\nterminators = ["CR"]\non_gap = "drop"')
    assert reads_right(sure, heard(UTF_8)) is None
    assert reads_right(sure, heard(UTF_8 + b"\r")) is not None


def test_a_profile_that_cuts_the_code_in_two_is_not_suggested() -> None:
    """Its gap is shorter than the pause that was heard."""
    hasty = make_profile("charset = 'utf-8'\n[framing]\ngap_ms = 40")
    assert reads_right(hasty, heard(UTF_8[:9], UTF_8[9:] + b"\r", gap_ms=60)) is None
    assert reads_right(hasty, heard(UTF_8[:9], UTF_8[9:] + b"\r", gap_ms=20)) is not None


def test_why_a_profile_is_suggested_is_said() -> None:
    """By the test code or by another one, and by the USB id."""
    profiles = read_profiles(data("scanners")).profiles
    first = suggest(heard(UTF_8 + b"\r"), profiles.values(), "1EAB:0106")[0]
    assert first.reasons == (Reason.TEST_CODE, Reason.USB)
    other = suggest(heard(b"6901234567892\r"), [profiles["generic-line"]], "")[0]
    assert other.reasons == (Reason.READS,)


@given(st.lists(st.binary(min_size=1), min_size=1, max_size=6))
def test_any_bytes_are_heard(reads: Sequence[bytes]) -> None:
    """Never an exception; prefix, code and end are the bytes that came."""
    found = heard(*reads, gap_ms=3)
    assert found.raw == b"".join(reads)
    assert found.raw.startswith(found.prefix)
    assert found.raw.endswith(found.end)
    fitting(found)


@given(st.sampled_from(["CR", "LF", "CRLF", "ETX", "TAB"]), st.sampled_from(["utf-8", "gb18030"]), st.data())
def test_however_the_test_code_is_split_it_is_heard(end: Terminator, charset: str, draw: st.DataObject) -> None:
    """Reads are a matter of luck."""
    ends = {"CR": b"\r", "LF": b"\n", "CRLF": b"\r\n", "ETX": b"\x03", "TAB": b"\t"}
    sent = TEST_CODE.encode(charset) + ends[end]
    cuts = sorted({*draw.draw(st.lists(st.integers(1, len(sent) - 1), max_size=5)), 0, len(sent)})
    found = heard(*(sent[a:b] for a, b in pairwise(cuts)), gap_ms=2)
    assert found.is_test_code
    assert found.end == ends[end]
    assert found.charset == charset
