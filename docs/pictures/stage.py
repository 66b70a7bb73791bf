"""A till in front of the camera: journal, cache, signed documents and rules are real, the minute is frozen.

The network is not asked, so that the pictures are the same every time; what the status line says is handed in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from config import data
from config.settings import Settings
from devices.hearing import TEST_CODE, hear
from devices.ports import PortInfo
from devices.profiles import ScannerProfile, read_profiles
from devices.recognition import recognise
from devices.suggesting import suggest
from devices.transport import LineSettings
from docs.pictures.portable import portable
from protocol.documents import FloorPolicy, Product
from protocol.dynamic_codes import make
from protocol.feed import Expiring
from protocol.push import Outcome
from sync.link import LinkState
from terminal.app import TillApp
from terminal.keyboard import typed_keys
from tests.desks import TestDesk, make_desk, member_row
from till.counter import Counter
from till.customer_side import CustomerSide
from till.events import CodeScanned, Event, LinkChanged, ScanHeard
from till.hearing_words import in_words
from till.printing import PrinterPost
from till.scanners import ListedPort, ScannerPost, ScannerStatus
from till.shifts import close_shift, open_shift
from till.workbench import Workbench

SIZE = (80, 24)
MINUTE_US = int(datetime(2026, 11, 21, 14, 32, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1_000_000)
MEMBER, OTHER = "1000000001", "1000000002"

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True)
class Bench:
    """The technician's side: a machine with two ports, and the profiles that are shipped."""

    def list_ports(self) -> Sequence[ListedPort]:
        """As a Linux machine names them."""
        return (
            listed("/dev/ttyACM0", "Newland HR52", 0x1EAB, 0x0106, "newland-unified"),
            listed("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523),
            listed("/dev/ttyUSB1", "TM-T82", 0x04B8, 0x0202),
            listed("/dev/ttyS0", ""),
        )

    def profiles(self) -> Sequence[ScannerProfile]:
        """All of config/scanners."""
        return tuple(read_profiles(data("scanners")).profiles.values())

    def assign(self, port: str, profile: str) -> None:
        """Nothing is assigned in a picture."""

    def monitor(self, on: bool) -> None:
        """Nor watched."""

    def signal(self, *, is_good: bool) -> None:
        """A picture is silent."""

    def status(self) -> ScannerStatus:
        """A scanner that works."""
        return ScannerStatus(
            "device:/dev/ttyACM0", "newland-unified", is_online=True, code="", good_scans=12, errors=0
        )


def listed(
    device: str, description: str, vendor: int | None = None, product: int | None = None, *fit: str
) -> ListedPort:
    """A port as the system tells of it, and what it seems to be."""
    info = PortInfo(device, description, vendor, product)
    return ListedPort(f"device:{device}", device, description, info.usb_id, fit, recognise(info))


class QuietWorkbench(Workbench):
    """What a real one would hear of a port that is not on this machine, no picture shows."""

    def listen(self, port: str, is_wanted: Callable[[], bool] = lambda: True) -> None:
        """What is heard is handed in."""


@dataclass(frozen=True)
class Till:
    """What the app is given."""

    counter: Counter
    scanner: Bench
    workbench: Workbench
    printer: PrinterPost
    customer: CustomerSide


class Scene:
    """One app in front of one till, until its picture is taken."""

    def __init__(self, desk: TestDesk, folder: Path, language: Language, *, is_online: bool) -> None:
        self._desk, self._is_online = desk, is_online
        self._counter = Counter(desk.desk, self._link)
        post = ScannerPost(
            folder, Settings(scanner_port="usb:1EAB:0106", scanner_profile="newland-unified"), self._counter.tell
        )
        self._workbench = QuietWorkbench(folder, post, desk.desk, self._counter)
        self.app = TillApp(self._start, Settings(language=language))
        self.app.guard_s = 0

    @contextmanager
    def _start(self) -> Iterator[Till]:
        printer, customer = PrinterPost(Settings(), self._counter), CustomerSide(Settings(), self._counter)
        self._workbench.start()
        yield Till(self._counter, Bench(), self._workbench, printer, customer)
        self._workbench.stop()

    def _link(self) -> LinkState:
        waiting = self._desk.desk.journal.waiting()
        if self._is_online:
            return LinkState("online", None, since_us=MINUTE_US - 3_600_000_000, as_of_us=MINUTE_US - 60_000_000)
        away_us = MINUTE_US - 12 * 60_000_000
        return LinkState("offline", "no-answer", since_us=away_us, waiting=waiting, as_of_us=away_us)

    async def take(self, act: Callable[[Scene], Awaitable[None]]) -> str:
        """Play and take the picture."""
        async with self.app.run_test(size=SIZE, tooltips=False) as pilot:
            await self.until(lambda: self.app.counter is not None)
            await act(self)
            await asyncio.to_thread(self._counter.tell, LinkChanged(self._link()))
            await pilot.pause()
            await pilot.pause()
            return portable(self.app.export_screenshot(title="Till"))

    async def until(self, holds: Callable[[], bool], timeout_s: float = 20) -> None:
        """Wait for the app's workers, with a deadline."""
        until = time.monotonic() + timeout_s
        while not holds():
            if time.monotonic() > until:
                raise TimeoutError
            await asyncio.sleep(0.02)

    async def type(self, text: str) -> None:
        """Keys, as a person presses them."""
        for event in typed_keys(text, start_s=time.monotonic()):
            self.app.post_message(event)
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)

    async def sign_in(self, staff: str) -> None:
        """With the PIN that the desk gave."""
        await self.type(f"{staff}\n{staff}\n")
        await self.until(lambda: self.app.work is not None and self.app.work.session is not None)
        await asyncio.sleep(0.3)

    async def scan_phone(self, member: str) -> None:
        """A phone in front of the scanner."""
        await self.scan(make(member, MINUTE_US // 1_000_000 - 5, member[-8:].encode(), self._desk.working_key))

    async def scan(self, code: str) -> None:
        """Anything in front of the scanner."""
        read = CodeScanned(code, 0, size=len(code), symbology="qr")
        await asyncio.to_thread(self._counter.tell, self._workbench.trail.number(read))
        await asyncio.sleep(0.3)

    async def happen(self, event: Event) -> None:
        """Something that comes by itself."""
        await asyncio.to_thread(self._counter.tell, event)
        await asyncio.sleep(0.3)

    def heard_test_code(self) -> ScanHeard:
        """As a scanner behind an adapter sends it at 9600."""
        hearing = hear([(TEST_CODE.encode() + b"\r\n", 0)], LineSettings())
        return ScanHeard(in_words(hearing, suggest(hearing, Bench().profiles(), "")))


def make_till(folder: Path) -> TestDesk:
    members = [
        member_row(MEMBER, 1_250, expiring=(Expiring(kind="points", points=300, on="2026-12-31"),)),
        member_row(OTHER, 640, name="李*", last4="8888", tier="standard"),
    ]
    floor = FloorPolicy(per_redemption=1_000, per_member=1_000, per_terminal=20_000)
    desk = make_desk(
        folder,
        members=members,
        floor=floor,
        products=[Product(code="6900001000013", name="东北大米", category="grocery", price_fen=39_90)],
    )
    _go_to(desk, MINUTE_US - 6 * 3_600_000_000)
    close_shift(desk.desk, desk.manager)
    open_shift(desk.desk, desk.manager)
    desk.desk.journal.mark([Outcome(seq=seq, status="recorded") for seq in (1, 2, 3)], MINUTE_US)
    _go_to(desk, MINUTE_US)
    desk.desk.seen_until(MINUTE_US - 12 * 60_000_000)
    return desk


def _go_to(desk: TestDesk, at_us: int) -> None:
    desk.clocks.pass_s((at_us - desk.clocks.wall_us) / 1_000_000)
    desk.desk.clock.heard(0)
