"""Customer displays: what a customer reads is read back from the bytes, whatever happens to cable, line and text."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import data
from devices.customer_display import CustomerDisplay, DisplayTold
from devices.display_glass import Family, Glass, Seen
from devices.display_picture import DARK, Picture, PictureRow, encode, pattern
from devices.display_profiles import DisplayProfile, read_displays
from devices.errors import PortStalledError
from devices.ports import PortRef
from devices.simulators import Cable, make_cable
from devices.transport import LineSettings
from tests.devices.harness import FAST_BACKOFF_S, PATIENCE_S, wait_for

PROFILES = read_displays(data("displays")).profiles
FAMILIES: dict[str, Family] = {
    "cd5220": "cd5220",
    "hisense-vc210": "cd5220",
    "epson-dmd": "epson-dmd",
    "led8-2400": "led8",
    "led8-9600": "led8",
}
SALE = Picture(PictureRow("TOTAL", "128.50"), PictureRow("POINTS +154", "1,250"), 12_850)


class Told:
    """What a display told, in order; waits with a deadline."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, event: DisplayTold) -> None:
        with self._changed:
            self.codes.append(event.code)
            self._changed.notify_all()

    def until(self, code: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: code in self.codes, PATIENCE_S), f"no {code!r}, but {self.codes}"
            del self.codes[: self.codes.index(code) + 1]


class Pole:
    """A display on a cable: its glass, and all that came over the line."""

    def __init__(self, cable: Cable, family: Family) -> None:
        self.cable, self.glass, self.heard = cable, Glass(family), b""

    def seen(self) -> Seen:
        came = self.cable.read(0.01)
        self.heard += came
        self.glass.feed(came)
        return self.glass.seen

    def until(self, holds: Callable[[Seen], bool]) -> None:
        wait_for(lambda: holds(self.seen()))


@contextmanager
def shown(profile: DisplayProfile, **options: Any) -> Iterator[tuple[CustomerDisplay, Pole, Told]]:
    cable, told = make_cable("socket"), Told()
    display = CustomerDisplay(cable.port, profile, told, backoff_s=FAST_BACKOFF_S, **options)
    display.start()
    try:
        yield display, Pole(cable, FAMILIES[profile.id]), told
    finally:
        display.stop()
        cable.close()


def read_back(picture: Picture, profile: DisplayProfile, before: bytes = b"") -> Seen:
    glass = Glass(FAMILIES[profile.id])
    glass.feed(before + profile.begin + encode(picture, profile))
    return glass.seen


def test_every_profile_is_read_back() -> None:
    """All that are shipped load, and each has a glass to be read on."""
    assert not read_displays(data("displays")).faults
    assert set(PROFILES) == set(FAMILIES)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_a_sale_as_the_customer_reads_it(profile: DisplayProfile) -> None:
    """Two rows of twenty, or the amount under 合计; then dark."""
    text = Seen(("TOTAL         128.50", "POINTS +154    1,250"), "", 0)
    assert read_back(SALE, profile) == (text if profile.lamps is None else Seen(("128.50",), "合计", 0))
    dark = Seen(("",) * len(profile.rows), "", 0)
    assert read_back(DARK, profile, encode(SALE, profile)) == dark


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_the_pattern_shows_every_segment(profile: DisplayProfile) -> None:
    """What a technician is asked about: eights, or the digit that tells one profile from another."""
    for number in (8, 3):
        assert str(number) * 6 in "".join(read_back(pattern(number), profile).rows).replace(".", "")


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_d91_stuck_in_quick_mode(profile: DisplayProfile) -> None:
    """Another program died behind `ESC Q`, where a CD5220 obeys nothing but `CLR`; half a command hangs in the line."""
    for left in (b"\x1bQAother program\r", b"\x1bQA12345", b"\x1bs4\x1bQA99.00\r", b"\x1f$\x01"):
        seen = read_back(SALE, profile, left)
        assert "128.50" in "".join(seen.rows), left
        assert seen.lamp in ("", "合计")


def test_d92_the_wrong_baud_rate_is_not_claimed_to_be_well() -> None:
    """2400 read as 9600: what is on the glass is noise, the port is well all the same. Told is the port, and nothing more."""
    with shown(PROFILES["led8-2400"]) as (display, pole, told):
        told.until("")
        display.show(SALE)
        wait_for(lambda: bool(pole.cable.read(0.01)))
        noise = Glass("led8")
        noise.feed(bytes(0xE0 | byte >> 3 for byte in encode(SALE, PROFILES["led8-2400"])))
        assert noise.seen.rows == ("",)
        assert noise.seen.unknown
        assert told.codes == []
    assert PROFILES["led8-2400"].line.baud != PROFILES["led8-9600"].line.baud


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
@given(label=st.text(max_size=30), amount_fen=st.integers(0, 10**12))
def test_d93_overlong_text(profile: DisplayProfile, label: str, amount_fen: int) -> None:
    """Any label, any amount: no byte is obeyed, and a figure is shown whole or as dashes, never without its first digits."""
    figure = f"{amount_fen // 100:,}.{amount_fen % 100:02}"
    seen = read_back(Picture(PictureRow(label, figure), PictureRow("Ж\x1b@\x0c", "1"), amount_fen), profile)
    assert seen.unknown == 0
    if profile.lamps is None:
        assert len(seen.rows[0]) <= 20
        assert seen.rows[0].endswith(figure)
        assert seen.rows[1] == "??@?".ljust(19) + "1"
    else:
        plain = figure.replace(",", "")
        assert seen.rows == (plain if len(plain) <= 9 else "-" * 8,)


def test_a_figure_longer_than_the_row() -> None:
    """Dashes: somebody looks at the screen."""
    seen = read_back(Picture(PictureRow("TOTAL", "1" * 21)), PROFILES["cd5220"])
    assert seen.rows[0] == "-" * 20


def test_d90_absent() -> None:
    """No such port: said once, nobody waits, and it shows what is newest as soon as it is there."""
    with shown(PROFILES["cd5220"]) as (display, pole, told):
        told.until("")
        pole.cable.unplug()
        told.until("port-missing")
        for number in range(5):
            display.show(pattern(number))
        display.show(SALE)
        pole.cable.plug()
        told.until("")
        pole.until(lambda seen: seen.rows[0] == "TOTAL         128.50")


def test_d90_switched_on_late() -> None:
    """Writes that went nowhere: the picture comes again by itself, without a clear that flickers."""
    clock = [0]
    with shown(PROFILES["epson-dmd"], clock_ns=lambda: clock[0]) as (display, pole, told):
        told.until("")
        clock[0] += 10**9
        display.show(SALE)
        pole.until(lambda seen: seen.rows[1] == "POINTS +154    1,250")
        pole.glass, pole.heard = Glass("epson-dmd"), b""
        clock[0] += 6 * 10**9
        display.show(SALE)
        pole.until(lambda seen: seen.rows[1] == "POINTS +154    1,250")
        assert b"\x0c" not in pole.heard


class Line:
    """A transport that takes all that is written, or holds it back."""

    def __init__(self) -> None:
        self.written, self.is_held = b"", False
        self._woken = threading.Event()

    def open(self) -> None: ...
    def close(self) -> None: ...

    def cancel(self) -> None:
        self._woken.set()

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        self._woken.wait(min(timeout_s, 0.005))
        self._woken.clear()
        return b""

    def write(self, data: bytes) -> None:
        if self.is_held:
            raise PortStalledError("held")
        self.written += data


@contextmanager
def on_line(profile: DisplayProfile, line: Line, clock: list[int]) -> Iterator[tuple[CustomerDisplay, Told]]:
    told = Told()
    display = CustomerDisplay(
        PortRef.parse("device:/dev/line"), profile, told, clock_ns=lambda: clock[0],
        transport_for=lambda _target, _settings: line,
    )  # fmt: skip
    display.start()
    try:
        yield display, told
    finally:
        display.stop(is_left_dark=False)


def test_d94_a_burst_of_100_updates() -> None:
    """At 2,400 baud: while one picture is on the line none is queued behind it; the last one is what stands there."""
    profile, clock, line = PROFILES["led8-2400"], [0], Line()
    with on_line(profile, line, clock) as (display, told):
        told.until("")
        clock[0] += 10**9
        for fen in range(100, 10_100, 100):
            display.show(Picture(amount_fen=fen))
            threading.Event().wait(0.002)
        assert line.written.count(b"\x1bQA") == 1
        clock[0] += 10**9
        glass = Glass("led8")
        wait_for(lambda: line.written.count(b"\x1bQA") == 2)
        glass.feed(line.written)
        assert glass.seen.rows == ("100.00",)


def test_a_display_that_holds_back() -> None:
    """Its handshake says no: told, tried again after a while from the beginning, and the counter never waits."""
    profile, clock, line = PROFILES["cd5220"], [0], Line()
    with on_line(profile, line, clock) as (display, told):
        told.until("")
        line.is_held = True
        clock[0] += 10**9
        display.show(SALE)
        told.until("port-stalled")
        line.is_held = False
        clock[0] += 6 * 10**9
        told.until("")
        wait_for(lambda: line.written.endswith(encode(SALE, profile)))
        assert line.written.count(profile.begin) == 2


def test_it_is_left_dark() -> None:
    """Nothing of a sale stays when the till ends."""
    with shown(PROFILES["cd5220"]) as (display, pole, told):
        told.until("")
        display.show(SALE)
        pole.until(lambda seen: seen.rows[0] != "")
        reader = threading.Thread(target=lambda: pole.until(lambda seen: seen.rows == ("", "")))
        reader.start()
        display.stop()
        reader.join(PATIENCE_S)
        assert pole.glass.seen.rows == ("", "")


def test_the_line_of_a_profile_is_used() -> None:
    """9600 8O1 for a VC210A."""
    opened: list[LineSettings] = []

    def transport(_target: str, line: LineSettings) -> Any:
        opened.append(line)
        raise PortStalledError("x")

    display = CustomerDisplay(
        PortRef.parse("device:/dev/x"), PROFILES["hisense-vc210"], Told(), transport_for=transport
    )  # fmt: skip
    display.start()
    wait_for(lambda: bool(opened))
    display.stop()
    assert (opened[0].baud, opened[0].parity) == (9600, "O")
