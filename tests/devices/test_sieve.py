"""What is the till's and what the cash register's: the sieve, byte by byte."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from devices.decoding import Charset, decode
from devices.framing import MAX_FRAME_BYTES, Framing, FramingFault
from devices.sieve import Sieve

MS = 1_000_000
OURS, EAN = b"M11000000001\r\n", b"6901234567892\r\n"
framings = st.sampled_from(
    [
        Framing(),
        Framing(terminators=("CR",), on_gap="drop"),
        Framing(terminators=()),
        Framing(terminators=("ETX",), stx=True),
    ]
)


class BeginWithM:
    """Whatever begins with M1 and has a digit behind it is ours."""

    def may_claim(self, beginning: str) -> bool:
        return "M1".startswith(beginning) or beginning.startswith("M1")

    def claims(self, text: str) -> bool:
        return text[:2] == "M1" and text[2:].isdigit()


class Line:
    """A sieve, the time, and where the bytes went."""

    def __init__(self, framing: Framing | None = None) -> None:
        self.ours, self.passed, self.now_ms = b"", b"", 0
        self.faults: list[FramingFault] = []
        self.sieve = Sieve(framing or Framing(), self.label, BeginWithM(), self.pass_on, self.faults.append)

    def label(self, raw: bytes) -> str:
        return decode(raw, charset=Charset.AUTO).label

    def pass_on(self, data: bytes) -> None:
        self.passed += data

    def read(self, data: bytes, after_ms: int = 1) -> None:
        self.now_ms += after_ms
        self.ours += self.sieve.sift(data, self.now_ms * MS)

    def wait(self, ms: int = 100) -> None:
        self.now_ms += ms
        self.ours += self.sieve.silent(self.now_ms * MS)


def test_ours_stays_and_the_rest_passes() -> None:
    """Terminators go with their codes, the LF in another read too."""
    line = Line()
    for part in (EAN, OURS[:-1], OURS[-1:], b"\r\n", EAN):
        line.read(part)
    assert (line.ours, line.passed) == (OURS, EAN + b"\r\n" + EAN)


def test_a_product_is_held_up_by_not_one_byte() -> None:
    """What cannot be ours passes in the read in which that shows: nobody waits for the end of the code."""
    line = Line()
    for count, byte in enumerate(EAN, 1):
        line.read(bytes((byte,)))
        assert line.passed == EAN[:count]
    line.read(b"M1")
    assert line.passed == EAN
    line.read(b"X")
    assert (line.passed, line.ours) == (EAN, b"")
    line.read(b"\r")
    assert (line.passed, line.ours) == (EAN + b"M1X\r", b"")


def test_without_a_terminator_silence_decides() -> None:
    """Zebra "data as is"."""
    line = Line(Framing(terminators=()))
    line.read(b"M112345")
    assert line.sieve.is_pending
    line.wait()
    line.read(b"6901234567892")
    line.wait()
    line.read(b"M1")
    line.wait()
    assert (line.ours, line.passed) == (b"M112345", b"6901234567892M1")
    assert not line.sieve.is_pending


def test_d06_half_a_code_of_ours_goes_nowhere() -> None:
    """The line was lost in its middle: neither its beginning nor the rest, which a serial server may still have."""
    line = Line()
    line.read(b"M1100000")
    line.sieve.reset(line.now_ms * MS)
    line.read(b"00012\r\n" + EAN)
    assert (line.ours.strip(), line.passed) == (b"", EAN)
    line.read(b"M1100")
    line.sieve.reset(line.now_ms * MS)
    line.read(EAN, after_ms=600)
    assert line.passed == 2 * EAN


def test_d26_a_code_of_ours_that_stalls_goes_nowhere_and_is_told() -> None:
    """Where the end is certain; a product that stalls has passed already, and goes on."""
    line = Line(Framing(terminators=("CR",), on_gap="drop"))
    line.read(b"M11000")
    line.wait()
    line.read(b"00001\r" + EAN[:5])
    line.wait()
    line.read(EAN[5:-1])
    assert (line.ours, line.passed) == (b"", EAN[:-1])
    assert [fault.kind for fault in line.faults] == ["incomplete"]


def test_d27_an_endless_run_that_begins_like_ours_is_the_register_s() -> None:
    """Nothing of ours is so long; byte for byte it is not ours."""
    line = Line()
    run = b"M1" + b"7" * 2 * MAX_FRAME_BYTES
    line.read(run)
    line.read(b"\r\n" + OURS)
    assert (line.ours, line.passed) == (OURS, run + b"\r\n")


def test_d32_a_second_stx_gives_up_our_half_code() -> None:
    """It is no code of the register's, and the one behind it is told apart as ever."""
    line = Line(Framing(terminators=("ETX",), stx=True))
    line.read(b"\x02M11\x02690\x03\x02M122\x03")
    assert (line.ours, line.passed) == (b"\x02M122\x03", b"\x02690\x03")
    assert [fault.kind for fault in line.faults] == ["incomplete"]


def test_of_a_scanner_that_packs_its_codes_whole_packets_pass() -> None:
    """As they came, frame and sum included."""
    line = Line()
    assert line.sieve.claims_packet(b"M177", b"\x09\xf3M177")
    assert not line.sieve.claims_packet(b"690", b"\x08\xf3690")
    assert line.passed == b"\x08\xf3690"


pieces = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([OURS, EAN, b"M1", b"\r", b"\n", b"\r\n", b"\x02", b"\x03", "会员\r".encode("gb18030")]),
)


@settings(deadline=None)
@given(framings, st.lists(st.tuples(pieces, st.booleans())))
def test_no_byte_is_lost_doubled_or_turned(framing: Framing, parts: list[tuple[bytes, bool]]) -> None:
    """Any bytes, any pauses: ours and passed together are what came in, each in its order; after a silence nothing is held.

    Only a code of ours that broke off is in neither, and that is told.
    """
    line, came = Line(framing), b""
    for data, is_followed_by_silence in parts:
        line.read(data)
        came += data
        if is_followed_by_silence:
            line.wait(600)
            assert line.faults or len(line.ours) + len(line.passed) == len(came)
            assert not line.sieve.is_pending
    line.wait(600)
    assert line.faults or is_shuffle(came, line.ours, line.passed)


@settings(deadline=None)
@given(framings, st.lists(pieces))
def test_any_split_of_the_bytes_is_sifted_the_same(framing: Framing, parts: list[bytes]) -> None:
    """In one read or byte by byte."""
    whole, single = Line(framing), Line(framing)
    data = b"".join(parts)
    whole.read(data)
    for byte in data:
        single.read(bytes((byte,)), after_ms=0)
    assert (whole.ours, whole.passed) == (single.ours, single.passed)


def is_shuffle(came: bytes, ours: bytes, passed: bytes) -> bool:
    """Whether `came` can be dealt out to both sides in order."""
    if len(came) != len(ours) + len(passed):
        return False
    reached = {0}
    for at, byte in enumerate(came):
        reached = {
            count + taken
            for count in reached
            for taken, side, place in ((1, ours, count), (0, passed, at - count))
            if place < len(side) and side[place] == byte
        }
    return bool(reached)
