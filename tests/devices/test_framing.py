"""The framer: which bytes belong together."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.framing import MAX_FRAME_BYTES, FaultKind, Frame, FrameEnd, Framer, Framing, FramingFault

MS = 1_000_000
FRAMINGS = [
    Framing(),
    Framing(terminators=("CR",)),
    Framing(terminators=("LF",), on_gap="drop"),
    Framing(terminators=("ETX", "CR"), stx=True),
    Framing(terminators=("CRLF",)),
    Framing(terminators=()),
]
# Bytes that mean something come often, and so do runs near the limit.
chunks = st.one_of(
    st.binary(max_size=12),
    st.lists(st.sampled_from(b"\r\n\x02\x03\t\x010A"), max_size=12).map(bytes),
    st.integers(MAX_FRAME_BYTES - 2, MAX_FRAME_BYTES + 2).map(lambda length: b"7" * length),
)


def frames(framer: Framer, data: bytes, at_ns: int = 0) -> list[bytes]:
    return [found.data for found in framer.feed(data, at_ns) if isinstance(found, Frame)]


@settings(deadline=None)
@given(st.sampled_from(FRAMINGS), st.lists(chunks, max_size=6))
@example(FRAMINGS[0], [b"A\r", b"\nB\r\n"])
@example(FRAMINGS[1], [b"A\r", b"\nB\r"])
def test_d23_d24_any_split_of_the_bytes_gives_the_same_frames(framing: Framing, parts: list[bytes]) -> None:
    """Reads may cut a frame anywhere, or carry several: the frames and faults are the same."""
    whole, piecewise, bytewise = Framer(framing), Framer(framing), Framer(framing)
    data = b"".join(parts)
    expected = whole.feed(data, 5) + whole.idle(10**12)
    assert [found for part in parts for found in piecewise.feed(part, 5)] + piecewise.idle(10**12) == expected
    assert [found for byte in data for found in bytewise.feed(bytes([byte]), 5)] + bytewise.idle(10**12) == expected


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda body: body.translate(None, b"\r\n")), max_size=8))
def test_what_was_framed_comes_out(bodies: list[bytes]) -> None:
    """Every body without a terminator in it comes out as it went in; empty ones do not."""
    sent = b"".join(body + b"\r\n" for body in bodies)
    assert frames(Framer(), sent) == [body for body in bodies if body]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_d23_cr_lf_and_crlf_each_end_one_frame(end: bytes) -> None:
    """The three common suffixes end a frame once, without changing a setting."""
    framer = Framer()
    assert frames(framer, b"A" + end + b"B" + end) == [b"A", b"B"]
    assert not framer.is_pending


def test_d23_a_scanner_set_to_crlf_is_read_with_a_profile_that_says_cr() -> None:
    """The LF sticks neither to the next code nor to the one after."""
    assert frames(Framer(Framing(terminators=("CR",))), b"A\r\nB\r\nC\r") == [b"A", b"B", b"C"]


def test_d22_silence_ends_a_frame_without_a_terminator() -> None:
    """Zebra's "data as is" sends no suffix: 80 ms of silence end the frame, 79 do not."""
    framer = Framer(Framing(terminators=()))
    assert framer.feed(b"6901", 1 * MS) == []
    assert framer.idle(80 * MS) == []
    assert framer.idle(81 * MS) == [Frame(b"6901", 1 * MS, 1 * MS, FrameEnd.GAP)]
    assert framer.idle(999 * MS) == []


def test_d22_a_line_that_has_shown_nothing_yet_is_given_half_a_second() -> None:
    """It may have stalled; three frames that nothing but silence ended show that there is no terminator to wait for."""
    framer = Framer()
    for number in range(4):
        begun_ms = number * 1_000
        framer.feed(b"6901", begun_ms * MS)
        ended = [wait for wait in (79, 80, 499, 500) if framer.idle((begun_ms + wait) * MS)]
        assert ended == [80 if number == 3 else 500]


def test_d26_a_line_that_ended_one_code_is_known() -> None:
    """What falls silent without an end behind it stalled, and its rest is no code either."""
    framer = Framer()
    assert frames(framer, b"6901\r") == [b"6901"]
    framer.feed(b"69", 1_000 * MS)
    assert framer.idle(1_080 * MS) == [FramingFault(FaultKind.INCOMPLETE, 1_080 * MS)]
    assert frames(framer, b"01\r6902\r", 1_400 * MS) == [b"6902"]


def test_d26_a_pause_of_50_ms_inside_a_label_does_not_cut_it() -> None:
    """Datalogic allows 50 ms between the bytes of one label."""
    framer = Framer()
    framer.feed(b"6901", 0)
    assert framer.idle(50 * MS) == []
    assert framer.feed(b"234\r", 51 * MS) == [Frame(b"6901234", 0, 51 * MS, FrameEnd.CR)]


def test_bytes_that_waited_in_a_buffer_are_no_gap() -> None:
    """When this program was held up for a second, the rest of a frame still belongs to its beginning."""
    framer = Framer()
    framer.feed(b"69", 0)
    assert frames(framer, b"01\r", 1000 * MS) == [b"6901"]


def test_d31_where_the_end_is_certain_a_noise_byte_becomes_no_code() -> None:
    """With `on_gap = drop`, what falls silent without a terminator is a fault, and the next frame is whole."""
    framer = Framer(Framing(on_gap="drop"))
    framer.feed(b"\xfe", 0)
    assert framer.idle(500 * MS) == [FramingFault(FaultKind.INCOMPLETE, 500 * MS)]
    assert frames(framer, b"6901\r", 600 * MS) == [b"6901"]


def test_d27_an_endless_run_is_reported_once_and_left_at_the_next_terminator() -> None:
    """Above 4,096 bytes a frame is given up; the code behind it is read."""
    framer = Framer()
    assert framer.feed(b"0" * 10_000, 7) == [FramingFault(FaultKind.OVERLONG, 7)]
    assert frames(framer, b"00\r\n6901\r\n") == [b"6901"]


def test_d27_an_endless_run_is_left_by_silence_too() -> None:
    """Without a terminator in sight the next frame begins after the gap."""
    framer = Framer()
    framer.feed(b"0" * 10_000, 0)
    assert framer.is_pending
    assert framer.idle(100 * MS) == []
    assert frames(framer, b"6901\r", 101 * MS) == [b"6901"]


def test_d27_a_frame_of_exactly_the_limit_is_whole() -> None:
    """4,096 bytes are allowed, 4,097 are not."""
    assert frames(Framer(), b"x" * MAX_FRAME_BYTES + b"\r") == [b"x" * MAX_FRAME_BYTES]
    assert frames(Framer(), b"x" * (MAX_FRAME_BYTES + 1) + b"\r") == []


def test_d28_empty_frames_are_ignored() -> None:
    """A scanner that sends only its suffix has scanned nothing."""
    assert Framer().feed(b"\r\n\r\n\n\r\r\n", 0) == []


def test_d29_nul_xon_xoff_and_ff_are_data() -> None:
    """No byte but the terminators has a meaning for the framer."""
    assert frames(Framer(), b"A\x00\x11\x13\xffB\r") == [b"A\x00\x11\x13\xffB"]


def test_d32_a_second_stx_gives_up_the_frame_without_etx() -> None:
    """STX begins anew: the first label lost its end and must not grow into the second."""
    framer = Framer(Framing(terminators=("ETX",), stx=True))
    assert framer.feed(b"noise\x0212\x02345\x03noise", 3) == [
        FramingFault(FaultKind.INCOMPLETE, 3),
        Frame(b"345", 3, 3, FrameEnd.ETX),
    ]
    assert not framer.is_pending


def test_d32_stx_without_etx_falls_silent_as_a_fault() -> None:
    """Half an STX..ETX frame is no code."""
    framer = Framer(Framing(terminators=("ETX",), stx=True))
    framer.feed(b"\x0212", 0)
    assert framer.idle(80 * MS) == [FramingFault(FaultKind.INCOMPLETE, 80 * MS)]


def test_d06_a_reset_forgets_half_a_frame() -> None:
    """After a loss of the line, the second half of another code completes nothing."""
    framer = Framer()
    framer.feed(b"6901", 0)
    framer.reset()
    assert frames(framer, b"234\r") == [b"234"]
