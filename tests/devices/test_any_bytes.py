"""Any bytes in, with any pauses and unplugs: never an exception, never a code that was not sent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from config import data
from devices.errors import TransportLostError
from devices.events import DataEvent, ErrorEvent, RepeatEvent, ScannerEvent
from devices.framing import MAX_FRAME_BYTES, Frame, Framer, Framing
from devices.profiles import ScannerProfile, read_profiles
from devices.scan_line import ScanLine
from protocol.codes import DynamicMemberCode, MemberCode, ProductCode, classify, member_code
from protocol.dynamic_codes import read
from protocol.errors import ProtocolError
from protocol.ranges import CodeRange
from protocol.signing import KeyRing
from tests.devices.harness import make_profile

MS = 1_000_000
PROFILES = sorted(read_profiles(data("scanners")).profiles.values(), key=lambda profile: profile.id)
CARDS = (CodeRange(id="plastic", prefix="88", length=10, check="luhn", means="member"),)

chunks = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\r", b"\n", b"\r\n", b"\x02", b"\x03", b"\x06", b"\x15", b"]Q1", b"\x02\x010000#", b"M11000000001\r\n"]
    ),
    st.binary(min_size=MAX_FRAME_BYTES - 2, max_size=MAX_FRAME_BYTES + 2),
)
happenings = st.lists(st.tuples(chunks, st.sampled_from(["", "", "", "pause", "silence", "unplug"])), max_size=12)
"""What comes, and what happens then: nothing, 50 ms, 10 s of silence, or the plug is pulled and put back."""


class Line:
    """A scan line, its clock, and what it told."""

    def __init__(self, profile: ScannerProfile) -> None:
        self.events: list[ScannerEvent] = []
        self.now_ns = 0
        self.line = ScanLine(profile, self.events.append, lambda: None, 0, lambda _: None, lambda: self.now_ns)
        self.line.is_enabled = True
        self.line.connected()

    def come(self, data: bytes, then: str) -> None:
        """Bytes of one read, and what follows them."""
        self.now_ns += MS
        self.line.received(data, self.now_ns)
        if then == "unplug":
            self.line.lost(TransportLostError("the port"))
            self.line.connected()
        elif then == "stall":
            for _ in range(5):
                self.now_ns += 80 * MS
                self.line.silent(self.now_ns)
        elif then:
            self.now_ns += 50 * MS if then == "pause" else 10_000 * MS
            self.line.silent(self.now_ns)

    @property
    def codes(self) -> list[bytes]:
        """The bytes of every code that was told, repeats included."""
        return [event.data.raw for event in self.events if isinstance(event, DataEvent | RepeatEvent)]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(PROFILES), happenings)
def test_any_bytes_are_read_by_every_profile(profile: ScannerProfile, happened: list[tuple[bytes, str]]) -> None:
    """No exception; each code is a stretch of what was sent without a break, short enough, and stripped of controls."""
    line = Line(profile)
    lives = [b""]
    for chunk, then in happened:
        line.come(chunk, then)
        lives[-1] += chunk
        if then == "unplug":
            lives.append(b"")
    line.come(b"", "silence")
    for raw in line.codes:
        assert len(raw) <= MAX_FRAME_BYTES
        assert any(raw in life for life in lives)
    for event in line.events:
        if isinstance(event, DataEvent):
            assert event.data.label
            assert (
                event.data.label.isprintable()
                or " " in event.data.label
                or "\N{REPLACEMENT CHARACTER}" in event.data.label
            )


codes = st.lists(st.integers(0, 10**9).map(lambda number: member_code(str(number)).encode()), min_size=1, max_size=6)
breaks = st.dictionaries(st.integers(0, 120), st.sampled_from(["pause", "stall", "unplug"]), max_size=5)
"""Lines that break stall for less than half a second, or are gone."""


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([profile for profile in PROFILES if profile.framing.terminators]), codes, breaks)
def test_d06_no_half_code_passes_for_a_whole_one(
    profile: ScannerProfile, sent: list[bytes], broken: dict[int, str]
) -> None:
    """Of a scanner that sends terminators: however the line breaks, pauses and comes back, every code told is one that was
    sent whole, the first one of a line that nobody has heard yet too.

    A break behind the first byte is left out: one byte is noise, and what comes behind it is a code.
    """
    stream = b"".join(code + b"\r\n" for code in sent)
    first_bytes = {at + 1 for at in range(len(stream)) if stream[at : at + 1] == b"M"}
    line, begun = Line(profile), 0
    for at, how in sorted(broken.items()):
        if at not in first_bytes:
            line.come(stream[begun : max(begun, at)], how)
            begun = max(begun, at)
    line.come(stream[begun:], "silence")
    assert [raw for raw in line.codes if raw.strip() not in sent] == []


@settings(deadline=None)
@given(st.text(max_size=600) | st.from_regex(r"\A[MmDdAaVvTtEeCcSs]1[: ]?[0-9A-Z]{0,40}\Z"), st.booleans())
def test_any_text_is_classified(text: str, member_awaited: bool) -> None:
    """No exception; a member is one only with his check digits or by a range of the store."""
    code = classify(text, CARDS, member_awaited=member_awaited)
    said = text.strip()
    match code:
        case MemberCode(member, "code"):
            assert said.upper() == member_code(member)
        case MemberCode(member, _):
            assert member in said
        case ProductCode(number):
            assert number in said or number.lstrip("0") in said
        case DynamicMemberCode(scanned):
            assert scanned == said.upper()
            try:
                read(scanned, KeyRing(bytes(32), ()), None)
            except ProtocolError:
                return
            raise AssertionError("nobody signed it")
        case _:
            pass


def test_d26_a_line_that_always_ended_its_codes_is_believed_over_a_pause() -> None:
    """Three codes ended in CR: a pause in the fourth is a stalled line, told as such, and the rest is no code either."""
    line = Line(make_profile())
    for code in (b"6901234567892\r", b"M11000000001\r", b"4006381333931\r"):
        line.come(code, "")
    line.come(b"690123", "stall")
    line.come(b"4567892\r", "")
    assert line.codes == [b"6901234567892", b"M11000000001", b"4006381333931"]
    assert [event.kind for event in line.events if isinstance(event, ErrorEvent)] == ["incomplete"]
    line.come(b"6901234567892\r", "")
    assert line.codes[-1] == b"6901234567892"


def test_d22_a_scanner_that_stopped_sending_its_end_is_heard_again() -> None:
    """Somebody set it so: after one code that was taken for cut off the next one is believed."""
    framer = Framer(Framing())
    for number in range(3):
        framer.feed(b"6901234567892\r", number)
    for at_ms, whole in ((1_000, False), (2_000, True), (3_000, True)):
        framer.feed(b"6901234567892", at_ms * MS)
        (found,) = framer.idle((at_ms + 500) * MS)
        assert isinstance(found, Frame) == whole
