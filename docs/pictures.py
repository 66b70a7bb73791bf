"""`make pictures`: the pictures of the READMEs, from the running app at 80×24, at a frozen minute, in both languages.

The till is real: journal, cache, signed documents, rules. The network is not asked, so that the pictures are the same every
time; what the status line says is handed in.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from html import escape, unescape
from pathlib import Path
from typing import Literal

from rich.cells import cell_len

from config import data
from config.settings import Settings
from devices.profiles import ScannerProfile, read_profiles
from protocol.documents import FloorPolicy, Product
from protocol.dynamic_codes import make
from protocol.feed import Expiring
from protocol.push import Outcome
from sync.link import LinkState
from terminal.app import TillApp
from terminal.keyboard import typed_keys
from tests.desks import TestDesk, make_desk, member_row
from till.counter import Counter
from till.events import CodeScanned
from till.scanners import ListedPort, ScannerStatus
from till.shifts import close_shift, open_shift

FOLDER = Path(__file__).parent / "pictures"
SIZE = (80, 24)
MINUTE_US = int(datetime(2026, 11, 21, 14, 32, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1_000_000)
MEMBER, OTHER = "1000000001", "1000000002"

_TEXT = re.compile(
    r'(<text class="[^"]*" )x="([\d.]+)"( y="[^"]*") textLength="[^"]*"(?: clip-path="[^"]*")?>([^<]*)</text>'
)
_RUN = re.compile(r"[\u2e80-\uffef]|\s+|[^\u2e80-\uffef\s]+")
_CELL, _WIDE_INSET = 12.2, 2.2
"""Of Rich's picture: a cell is 12.2 wide, a Chinese character 20 in the place of two."""

Language = Literal["zh-CN", "en"]


@dataclass(frozen=True)
class Bench:
    """The technician's side: a machine with two ports, and the profiles that are shipped."""

    def list_ports(self) -> Sequence[ListedPort]:
        """As a Linux machine names them."""
        return (
            ListedPort("by-id:usb-Newland_HR52", "/dev/ttyACM0", "Newland HR52", "1EAB:0106", ("newland-unified",)),
            ListedPort("device:/dev/ttyS0", "/dev/ttyS0", "", "", ()),
        )

    def profiles(self) -> Sequence[ScannerProfile]:
        """All of config/scanners."""
        return tuple(read_profiles(data("scanners")).profiles.values())

    def assign(self, port: str, profile: str) -> None:
        """Nothing is assigned in a picture."""

    def monitor(self, on: bool) -> None:
        """Nor watched."""

    def status(self) -> ScannerStatus:
        """A scanner that works."""
        return ScannerStatus(
            "by-id:usb-Newland_HR52", "newland-unified", is_online=True, code="", good_scans=12, errors=0
        )


@dataclass(frozen=True)
class Till:
    """What the app is given."""

    counter: Counter
    scanner: Bench


class Scene:
    """One app in front of one till, until its picture is taken."""

    def __init__(self, desk: TestDesk, language: Language, *, is_online: bool) -> None:
        self._desk, self._is_online = desk, is_online
        self._counter = Counter(desk.desk, self._link)
        self.app = TillApp(self._start, Settings(language=language))
        self.app.guard_s = 0

    @contextmanager
    def _start(self) -> Iterator[Till]:
        yield Till(self._counter, Bench())

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
            await pilot.pause()
            return _portable(self.app.export_screenshot(title="Till"))

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
        await asyncio.to_thread(self._counter.tell, CodeScanned(code, 0))
        await asyncio.sleep(0.3)


async def _nothing(_scene: Scene) -> None:
    pass


async def _counter(scene: Scene) -> None:
    await scene.sign_in("1023")
    await scene.scan_phone(OTHER)
    await scene.type("98\n")
    await scene.scan_phone(MEMBER)
    await scene.type("128.50")


async def _redeem(scene: Scene) -> None:
    await _counter(scene)
    await scene.type("{f2}1")
    await scene.type("1000\n")


async def _shift(scene: Scene) -> None:
    await scene.sign_in("1001")
    await scene.scan_phone(OTHER)
    await scene.type("98\n")
    await scene.scan_phone(MEMBER)
    await scene.type("128.50{f2}1")
    await scene.type("1000\n")
    await scene.type("{f2}")
    await scene.until(lambda: scene.app.work is not None and scene.app.work.is_idle)
    await scene.type("{f8}")


async def _devices(scene: Scene) -> None:
    await scene.sign_in("1090")
    await scene.scan("6900001000013")


PICTURES: tuple[tuple[str, bool, Callable[[Scene], Awaitable[None]]], ...] = (
    ("sign-in", True, _nothing),
    ("counter-online", True, _counter),
    ("counter-offline", False, _counter),
    ("redeem", True, _redeem),
    ("shift", False, _shift),
    ("devices", True, _devices),
)
"""Name, whether online, and what is done before the picture is taken."""


def _desk(folder: Path) -> TestDesk:
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


def _portable(svg: str) -> str:
    """A picture that asks nobody for a font, and whose columns hold in every viewer.

    Rich writes each run of text with a `textLength`, which some viewers ignore; a Chinese character is narrower than two
    cells, so each gets a place of its own.
    """
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace(
        "font-family: Fira Code", "font-family: 'Fira Code', 'DejaVu Sans Mono', 'Noto Sans Mono CJK SC'"
    )
    svg = _TEXT.sub(lambda found: "".join(_placed(found[1], float(found[2]), found[3], unescape(found[4]))), svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def _placed(before: str, x: float, after: str, text: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        cells = cell_len(run)
        is_wide = cells == 2 * len(run)
        at = x + (_WIDE_INSET if is_wide else 0)
        length = f' textLength="{cells * _CELL:g}"' if not is_wide else ""
        if not run.isspace():
            yield f'{before}x="{at:g}"{length}{after}>{escape(run)}</text>'
        x += cells * _CELL


def draw(name: str, language: Language) -> str:
    """One picture as SVG."""
    is_online, act = next((online, act) for known, online, act in PICTURES if known == name)
    with tempfile.TemporaryDirectory() as folder:
        desk = _desk(Path(folder))
        try:
            return asyncio.run(Scene(desk, language, is_online=is_online).take(act))
        finally:
            desk.close()


def main() -> None:
    """Draw all, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    for name, _online, _act in PICTURES:
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        for language, end in (("zh-CN", "zh"), ("en", "en")):
            (FOLDER / f"{name}.{end}.svg").write_text(draw(name, language), encoding="utf-8")  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
