"""A scanner's line, against bare pyserial: bytes to a code, bytes to the screen, bytes to the cash register's port.

Both sides read ptys in the same round. The bare side is what `serial.Serial` gives: bulk reads in a thread, split at CR LF, no
profile, no replug, no repeats told apart. A pty has no baud rate: what is measured is the program, not the wire.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from serial import Serial, SerialException

from bench.figures import Figure, Spread, at_most, percentile, ratios
from bench.shop.coalitions import member_no
from bench.shop.consoles import Console
from bench.shop.counters import open_counter
from bench.shop.echo import READY
from bench.workshop import Workshop
from config import data
from devices.events import DataEvent, ScannerEvent, StatusUpdateEvent
from devices.outlet import Outlet
from devices.profiles import read_profiles
from devices.scanner import Scanner
from devices.simulators import ScannerSimulator
from protocol.codes import member_code
from till.own_codes import OWN_CODES

_ROUNDS = 5
_SCANS = 400
_BURST = 2_000
_PAINTED = 150
_SMALL = 10_000
_PAUSE_S = 0.002
_REST_S = 0.05
_LINE = read_profiles(data("scanners")).profiles["generic-line"]


def measure(workshop: Workshop) -> Iterator[Figure]:
    """The line by itself, the way to the register, the screen."""
    yield from _codes()
    yield from _passed()
    yield from _painted(workshop)


class _Arrivals:
    """When the last one came, and how many have."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self.count, self.at = 0, 0.0

    def note(self, count: int = 1) -> None:
        at = time.perf_counter()
        with self._news:
            self.count, self.at = self.count + count, at
            self._news.notify_all()

    def until(self, count: int) -> float:
        with self._news:
            if not self._news.wait_for(lambda: self.count >= count, 30):
                raise TimeoutError(f"{self.count} of {count}")
            return self.at


@contextmanager
def _ours(arrivals: _Arrivals, pass_on: Callable[[bytes], None] | None = None) -> Iterator[ScannerSimulator]:
    """A scanner of this till; with `pass_on`, beside a register."""
    online = threading.Event()

    def take(event: ScannerEvent) -> None:
        if isinstance(event, DataEvent):
            arrivals.note()
        elif isinstance(event, StatusUpdateEvent):
            online.set()

    with ScannerSimulator() as simulator:
        scanner = Scanner(simulator.port, _LINE, take)
        if pass_on:
            scanner.share(OWN_CODES, pass_on)
        scanner.open()
        scanner.claim()
        scanner.enable()
        online.wait(10)
        yield simulator
        scanner.close()


@contextmanager
def _bare(arrivals: _Arrivals, onto: Serial | None = None) -> Iterator[ScannerSimulator]:
    """pyserial in a thread; with `onto`, what it reads is written there."""

    def read(line: Serial) -> None:
        rest = b""
        with suppress(SerialException, OSError, TypeError):
            while True:
                data = line.read(line.in_waiting or 1)
                if onto:
                    onto.write(data)
                    continue
                *codes, rest = (rest + data).split(b"\r\n")
                if codes:
                    arrivals.note(len(codes))

    with ScannerSimulator() as simulator, Serial(simulator.port.resolve(), exclusive=True) as line:
        thread = threading.Thread(target=read, args=(line,), daemon=True)
        thread.start()
        yield simulator
        simulator.unplug()
        thread.join(5)


def _codes() -> Iterator[Figure]:
    """Codes one by one, and as fast as they go."""
    ours, bare = _Arrivals(), _Arrivals()
    latencies: tuple[list[list[float]], list[list[float]]] = ([], [])
    bursts: tuple[list[float], list[float]] = ([], [])
    with _ours(ours) as mine, _bare(bare) as theirs:
        for turn in range(_ROUNDS):
            for side, (simulator, arrivals) in enumerate(((mine, ours), (theirs, bare))):
                latencies[side].append([_one(simulator, arrivals, turn, place) for place in range(_SCANS)])
                bursts[side].append(_burst(simulator, arrivals, turn))
    for percent in (50, 99):
        mine_s, theirs_s = ([percentile(one, percent) for one in side] for side in latencies)
        yield Figure(
            "line", f"last byte to code, p{percent}", ratios(mine_s, theirs_s), "x", None,
            f"{Spread.of(mine_s).median * 1_000:.2f} ms", f"pyserial {Spread.of(theirs_s).median * 1_000:.2f} ms",
        )  # fmt: skip
    rates = [[_BURST / seconds for seconds in side] for side in bursts]
    yield Figure(
        "line", "codes a second, back to back", ratios(*rates), "x", None,
        f"{Spread.of(rates[0]).median:,.0f}/s", f"pyserial {Spread.of(rates[1]).median:,.0f}/s",
        "a line of 115,200 baud carries 720 of these codes a second",
    )  # fmt: skip


def _one(simulator: ScannerSimulator, arrivals: _Arrivals, turn: int, place: int) -> float:
    time.sleep(_PAUSE_S)
    wanted = arrivals.count + 1
    simulator.type_code(f"69{turn:02d}{place:010d}")
    started = time.perf_counter()
    return max(0.0, arrivals.until(wanted) - started)


def _burst(simulator: ScannerSimulator, arrivals: _Arrivals, turn: int) -> float:
    codes = b"".join(b"7%02d%011d\r\n" % (turn, place) for place in range(_BURST))
    wanted, started = arrivals.count + _BURST, time.perf_counter()
    simulator.type_bytes(codes)
    return arrivals.until(wanted) - started


def _passed() -> Iterator[Figure]:
    """A product, from the scanner's last byte to the register's, through a till and through a bare relay."""
    times: tuple[list[float], list[float]] = ([], [])
    with ExitStack() as stack:
        register, relayed = (stack.enter_context(ScannerSimulator()) for _ in range(2))
        outlet_is_open = threading.Event()
        outlet = Outlet(register.port, _LINE.line, lambda _: outlet_is_open.set(), lambda _: None)
        outlet.start()
        stack.callback(outlet.stop)
        outlet_is_open.wait(10)
        mine = stack.enter_context(_ours(_Arrivals(), outlet.pass_on))
        onto = stack.enter_context(Serial(relayed.port.resolve(), exclusive=True))
        theirs = stack.enter_context(_bare(_Arrivals(), onto))
        for place in range(_ROUNDS * _SCANS):
            code = f"69{place:011d}"
            for side, (scanner, end) in enumerate(((mine, register), (theirs, relayed))):
                time.sleep(_PAUSE_S)
                times[side].append(_across(scanner, end, code))
    parts = [percentile(times[0][start::_ROUNDS], 99) * 1_000 for start in range(_ROUNDS)]
    p50, p99 = (percentile(times[0], percent) * 1_000 for percent in (50, 99))
    yield Figure(
        "line", "passed on to a cash register, p99", Spread(p99, min(parts), max(parts)), "ms", at_most(5),
        f"{p99:.2f} ms", f"bare relay {percentile(times[1], 99) * 1_000:.2f} ms",
        f"p50 {p50:.2f} ms against {percentile(times[1], 50) * 1_000:.2f} ms, of {len(times[0])} products",
    )  # fmt: skip


def _across(scanner: ScannerSimulator, end: ScannerSimulator, code: str) -> float:
    scanner.type_code(code)
    started, got = time.perf_counter(), b""
    while not got.endswith(b"\r\n"):
        got += end.received(5)
        if not got:
            raise TimeoutError(code)
    return time.perf_counter() - started


def _painted(workshop: Workshop) -> Iterator[Figure]:
    """From the last byte to the screen: the counter with a member, and a program that only paints the code."""
    shop = workshop.shop(min(_SMALL, workshop.members))
    times: tuple[list[float], list[float]] = ([], [])
    with open_counter(shop.till) as counter, ScannerSimulator() as simulator:
        command = [sys.executable, "-m", "bench.shop.serial_echo", simulator.port.resolve()]
        with Console(command, workshop.source) as echo:
            echo.saw(READY)
            counter.scan(1)
            for place in range(2, 2 + _PAINTED):
                time.sleep(_REST_S)
                times[0].append(counter.scan(place))
                mark, code = echo.mark(), member_code(member_no(place))
                simulator.type_code(code)
                started = time.perf_counter()
                times[1].append(echo.saw(code, mark) - started)
    ours, bare = ([one * 1_000 for one in side] for side in times)
    yield Figure(
        "line", "last byte to screen, p50", Spread.of(ours), "ms", None,
        f"{percentile(ours, 50):.0f} ms", f"pyserial and print {percentile(bare, 50):.1f} ms",
        f"p95 {percentile(ours, 95):.0f} ms against {percentile(bare, 95):.1f} ms; ours looks the member up and paints him."
        " What is promised of it is measured by `scan`, with a full cache and a pull",
    )  # fmt: skip
