"""Frames of the families, byte for byte as their vendors print them, and what only a bad line makes of them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decoding import Symbology
from devices.events import ErrorEvent
from devices.frames import MORE, NOT, Answer, Damaged, ScanPacket, grow, mindeo, ssi
from devices.frames.datalogic import DatalogicFormat
from devices.frames.formats import FORMATS
from devices.frames.grow import GrowFormat
from devices.frames.honeywell import HoneywellFormat
from devices.frames.mindeo import MindeoFormat
from devices.frames.newland import NewlandFormat
from devices.frames.ssi import SsiFormat
from devices.framing import FaultKind
from devices.replies import Outcome, Replies
from tests.devices.harness import make_profile
from tests.devices.test_router import Bench

TELLING = sorted(set(FORMATS) - {"none", "bcc"})
"""Those that tell answers from scans; with `bcc`, scans are frames themselves."""


def hexed(text: str) -> bytes:
    return bytes.fromhex(text)


def bench(family: str) -> Bench:
    return Bench(make_profile(f"[replies]\nformat = '{family}'"))


@pytest.mark.parametrize(
    ("frame", "published"),
    [
        (ssi.frame(ssi.Opcode.SCAN_ENABLE), "04 E9 04 00 FF 0F"),
        (ssi.frame(ssi.Opcode.SCAN_DISABLE), "04 EA 04 00 FF 0E"),
        (ssi.frame(ssi.Opcode.REQUEST_REVISION), "04 A3 04 00 FF 55"),
        (ssi.ACK, "04 D0 04 00 FF 28"),
        (ssi.NAK_RESEND, "05 D1 04 00 01 FF 25"),
        (ssi.frame(ssi.Opcode.PARAM_SEND, hexed("00 F2 FF 00"), status=8), "08 C6 04 08 00 F2 FF 00 FD 35"),
        (ssi.frame(ssi.Opcode.PARAM_SEND, hexed("00 8A 07"), status=8), "07 C6 04 08 00 8A 07 FE 96"),
        (ssi.frame(ssi.Opcode.PARAM_SEND, hexed("00 8A 09"), status=8), "07 C6 04 08 00 8A 09 FE 94"),
        (ssi.frame(ssi.Opcode.PARAM_SEND, hexed("00 F2 01 02"), status=8), "08 C6 04 08 00 F2 01 02 FE 31"),
        (mindeo.frame(mindeo.REQUEST_REVISION), "03 56 80 FF 27"),
        (mindeo.frame(ord("S")), "03 53 80 FF 2A"),
        (mindeo.frame(ord("L"), b"\x03\x02"), "05 4C 80 03 02 FF 2A"),
        (mindeo.frame(mindeo.ACKNOWLEDGE, status=0), "03 59 00 FF A4"),
        (mindeo.frame(mindeo.REFUSE, b"\x40", status=0), "04 4E 00 40 FF 6E"),
        (mindeo.frame(mindeo.DECODE_DATA, b"1234", status=0), "07 50 00 31 32 33 34 FE DF"),
        (grow.frame(0x08, 0x00D9, b"\xd3"), "7E 00 08 01 00 D9 D3 20 38"),
        (grow.frame(0x09, 0x0000, b"\x00"), "7E 00 09 01 00 00 00 DE C8"),
        (grow.frame(grow.READ, 0x002A, b"\x02"), "7E 00 07 01 00 2A 02 D8 0F"),
        (grow.answer(0x00, b"\x00"), "02 00 00 01 00 33 31"),
        (grow.answer(0x01, b"\x00"), "02 00 01 01 00 04 01"),
        (grow.answer(0x02, b"\x00"), "02 00 02 01 00 5D 51"),
        (grow.answer(0x03, b"\x00"), "02 00 03 01 00 6A 61"),
    ],
)
def test_frames_equal_the_published_ones(frame: bytes, published: str) -> None:
    """Lengths, statuses and checksums of SSI, NADAMOO, Mindeo and Grow."""
    assert frame.hex(" ").upper() == published


@pytest.mark.parametrize(
    ("family", "frame", "outcome", "text"),
    [
        ("newland", b"\x02\x010000@DFMADD069990039999F141\x06;\x03", Outcome.DONE, "069990039999F141"),
        ("newland", b"\x02\x010000#SCNTRG9\x15;\x03", Outcome.REFUSED, "9"),
        ("honeywell", b"CBRENA1\x06.", Outcome.DONE, "1"),
        ("honeywell", b"CBRENA?1\x06!", Outcome.DONE, "?1"),
        ("honeywell", b"ABCDEF\x05.", Outcome.UNKNOWN_COMMAND, ""),
        ("grow", hexed("02 00 03 01 00 6A 61"), Outcome.UNKNOWN_COMMAND, "00"),
        ("grow", hexed("02 00 01 01 00 04 01"), Outcome.REFUSED, "00"),
        ("ssi", ssi.frame(ssi.Opcode.NAK, b"\x02", source=0), Outcome.UNKNOWN_COMMAND, ""),
        ("ssi", ssi.frame(ssi.Opcode.REPLY_REVISION, b"NBRPUAAC", source=0), Outcome.DONE, "NBRPUAAC"),
        (
            "mindeo",
            hexed("16 52 00 46 53 35 38 30 5F 48 57 31 2E 30 5F 53 57 31 2E 30 20 2D FA F0"),
            Outcome.DONE,
            "FS580_HW1.0_SW1.0 -",
        ),
        ("mindeo", hexed("04 4E 00 40 FF 6E"), Outcome.REFUSED, ""),
        ("datalogic", b"\x01\x02M9800i\x03\x02SK1234\x03\x04", Outcome.DONE, "M: 9800i\nS: K1234"),
    ],
)
def test_answers_are_read_as_their_vendors_say(family: str, frame: bytes, outcome: Outcome, text: str) -> None:
    """Whole, and told from what follows; one byte less is not yet an answer."""
    form = FORMATS[family]
    assert form
    assert form.measure(frame + b"6901\r\n", is_asked=True) == len(frame)
    assert form.measure(frame[:-1], is_asked=True) == MORE
    assert form.read(frame) == Answer(outcome, text)


@pytest.mark.parametrize("family", TELLING)
@pytest.mark.parametrize(
    "label", ["6901234567892", "M1.7K3M9QXZ2", "]Q1https://id.example/8018/1", "会员 A.b!", "R1,N2;", "AP-77"]
)
def test_no_code_is_taken_for_an_answer(family: str, label: str) -> None:
    """Whether or not somebody waits for one, and however the bytes are split."""
    for is_asked in (False, True):
        line = bench(family)
        if is_asked:
            line.ask(b"\x16M\rREVINF.")
        for byte in label.encode() + b"\r\n":
            line.read(bytes((byte,)))
        assert [event.data.raw for event in line.inbox.scans] == [label.encode()]


@pytest.mark.parametrize("family", TELLING)
@given(data=st.binary(max_size=60), asked=st.booleans())
def test_any_bytes_leave_the_line_at_work(family: str, data: bytes, asked: bool) -> None:
    """Whatever came, after a silence the next code is read, and nothing is thrown."""
    line = bench(family)
    if asked:
        line.ask(b"\x16M\rREVINF.")
    line.read(data)
    line.pass_ms(10_000)
    line.read(b"M1.WHOLE\r\n")
    assert line.inbox.labels[-1:] == ["M1.WHOLE"]


def test_every_format_can_be_named_in_a_profile() -> None:
    """The list in the profile's key is the list of files."""
    assert set(get_args(Replies.__annotations__["format"]) or ()) in (set(), set(FORMATS))
    for name in FORMATS:
        make_profile(f"[replies]\nformat = '{name}'")


# --- packets: scans inside frames -------------------------------------------------------------------------------------


def packet(data: bytes, *, kind: int = 0x0B, status: int = 0) -> bytes:
    return ssi.frame(ssi.Opcode.DECODE_DATA, bytes((kind,)) + data, source=ssi.DECODER, status=status)


def test_a_scan_in_a_packet_is_a_scan_with_its_kind_and_is_confirmed() -> None:
    """SSI: the type byte becomes the symbology, and the decoder gets its ACK."""
    line = bench("ssi")
    line.read(packet(b"6901234567892"))
    assert line.inbox.labels == ["6901234567892"]
    assert line.inbox.scans[0].data.symbology is Symbology.EAN_UPC
    assert line.sent == ssi.ACK


def test_a_long_code_in_a_packet_is_told_from_text() -> None:
    """60 bytes make the length byte printable; opcode and source still tell."""
    line = bench("ssi")
    line.read(packet(b"M1." + b"A" * 57, kind=0x1C))
    assert [event.data.symbology for event in line.inbox.scans] == [Symbology.QR]


def test_mindeo_packets_are_scans_too() -> None:
    """P, without a kind."""
    line = bench("mindeo")
    line.read(hexed("07 50 00 31 32 33 34 FE DF"))
    assert (line.inbox.labels, line.sent) == (["1234"], mindeo.ACK)


def test_d35_a_packet_with_a_wrong_checksum_is_asked_for_again_and_no_code() -> None:
    """NAK "resend"; what comes then with the retransmit bit is the code, once."""
    line = bench("ssi")
    damaged = bytearray(packet(b"6901234567892"))
    damaged[7] ^= 0x01
    line.read(bytes(damaged))
    assert (line.inbox.labels, line.sent) == ([], ssi.NAK_RESEND)
    assert [event.kind for event in line.inbox.of(ErrorEvent)] == [FaultKind.CHECKSUM]
    line.read(packet(b"6901234567892", status=1))
    assert line.inbox.labels == ["6901234567892"]


def test_d35_a_packet_that_is_resent_because_the_ack_was_lost_is_no_second_product() -> None:
    """It is confirmed again, and told to nobody: not even as a repeat, which counts for products."""
    line = bench("ssi")
    line.read(packet(b"6901234567892"))
    line.read(packet(b"6901234567892", status=1))
    assert line.inbox.labels == ["6901234567892"]
    assert len(line.inbox.events) == 2  # online, and the scan
    assert line.sent == ssi.ACK * 2


@pytest.mark.parametrize(
    ("form", "frame"),
    [
        (SsiFormat(), packet(b"12")),
        (MindeoFormat(), hexed("07 50 00 31 32 33 34 FE DF")),
        (GrowFormat(), hexed("02 00 00 01 00 33 31")),
    ],
)
def test_one_wrong_bit_makes_no_meaning(form: SsiFormat, frame: bytes) -> None:
    """Every bit behind the head that tells the frame is under the checksum."""
    assert not isinstance(form.read(frame), Damaged)
    for position in range(4, len(frame)):
        for bit in range(8):
            flipped = bytearray(frame)
            flipped[position] ^= 1 << bit
            assert isinstance(form.read(bytes(flipped)), Damaged)


def test_d34_a_scan_with_a_check_behind_it_is_read_and_a_wrong_check_is_no_code() -> None:
    """Unitech's own example, TEST CR LF 11; another byte, or none at all, is told as a fault."""
    line = bench("bcc")
    line.read(b"TEST\r\n\x11")
    assert line.inbox.labels == ["TEST"]
    line.read(b"TEST\r\n\x12")
    line.read(b"TEST\r\n")
    line.pass_ms(80)
    assert line.inbox.labels == ["TEST"]
    assert [event.kind for event in line.inbox.of(ErrorEvent)] == [FaultKind.CHECKSUM, FaultKind.INCOMPLETE]


# --- text answers: Honeywell ---------------------------------------------------------------------------------------------


def test_lines_of_information_belong_to_who_asked() -> None:
    """Several lines, then the echo with its status: one answer."""
    line = bench("honeywell")
    asked = line.ask(b"\x16M\rREVINF.")
    line.read(b"Product Name: Xenon 1900\r\n6901234567892\r\nSerial Number: 10293D0011\r\nREVINF\x06.")
    assert asked.result(0).text == "Product Name: Xenon 1900\nSerial Number: 10293D0011"
    assert line.inbox.labels == ["6901234567892"]


def test_the_same_lines_are_codes_when_nobody_asked() -> None:
    """A QR code may well say `Name: value`; an echo is an answer even then."""
    line = bench("honeywell")
    line.read(b"Product Name: Xenon 1900\r\nREVINF\x06.")
    assert line.inbox.labels == ["Product Name: Xenon 1900"]


def test_an_echo_of_another_command_is_not_the_answer() -> None:
    """The tag tells."""
    assert not HoneywellFormat().answers(b"CBRENA1\x06.", b"\x16M\rREVINF.")
    assert HoneywellFormat().answers(b"revinf\x06.", b"\x16M\rREVINF.")


def test_what_is_no_frame_at_all_is_given_back_at_once() -> None:
    """A first byte that no answer begins with is not held back."""
    assert SsiFormat().measure(b"6\xf3\xa0", is_asked=True) == NOT
    for form in (NewlandFormat(), GrowFormat(), DatalogicFormat()):
        assert form.measure(b"6", is_asked=True) == NOT
    assert isinstance(SsiFormat().read(packet(b"1")), ScanPacket)
