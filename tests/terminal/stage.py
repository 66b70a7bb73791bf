"""A stage for the app: a desk, the strings that a test pulls, and eyes for what is on the screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from rich.cells import cell_len
from rich.color import Color
from rich.color_triplet import ColorTriplet
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip

from config.settings import Settings
from devices.recognition import UNRECOGNISED, Recognition
from local_db.errors import LocalDbError
from protocol.codes import member_code
from protocol.documents import ApprovalPolicy, FloorPolicy, Product
from protocol.dynamic_codes import make
from protocol.feed import Balance, Expiring, MemberRow
from sync.link import LinkState
from terminal.app import TillApp
from terminal.keyboard import key_event, typed_keys
from tests.desks import MEMBER, NOON_US, TestDesk, make_desk, member_row
from till.counter import Counter
from till.customer_side import CustomerSide
from till.events import CodeScanned, Event, LinkChanged
from till.printing import PrinterPost
from till.scanners import ScannerPost
from till.workbench import Workbench

OTHER = "1000000002"
MILK, APPLES = "6901234567892", "6923450656174"
OFFLINE = LinkState(
    "offline", "no-answer", since_us=NOON_US - 12 * 60_000_000, waiting=37, as_of_us=NOON_US - 12 * 60_000_000
)
ONLINE = LinkState("online", None, since_us=NOON_US - 3_600_000_000, as_of_us=NOON_US - 60_000_000)
DEADLINE_S = 10


@dataclass(frozen=True)
class FakePort:
    """A port of a computer that has one."""

    ref: str = "by-id:usb-Mindeo_MP719"
    device: str = "/dev/ttyACM0"
    description: str = "Mindeo MP719 [VIP]"
    usb_id: str = "2DD6:21CA"
    suggested: tuple[str, ...] = ("mindeo",)
    seems: Recognition = UNRECOGNISED


@dataclass(frozen=True)
class FakeProfile:
    """A profile as the list shows it."""

    id: str
    name: Any


@dataclass(frozen=True)
class FakeName:
    zh: str
    en: str


@dataclass(frozen=True)
class FakeStatus:
    """What the scanner says of itself."""

    port: str = ""
    profile: str = "generic-line"
    is_online: bool = False
    code: str = ""
    good_scans: int = 3
    errors: int = 1


@dataclass
class FakeTechnician:
    """The scanner's side of the devices screen: there is no port in a test."""

    assigned: list[tuple[str, str]] = field(default_factory=list)
    monitored: list[bool] = field(default_factory=list)
    beeps: list[bool] = field(default_factory=list)
    status_now: FakeStatus = field(default_factory=FakeStatus)
    ports: list[FakePort] = field(default_factory=lambda: [FakePort()])

    def list_ports(self) -> Sequence[FakePort]:
        return self.ports

    def profiles(self) -> Sequence[FakeProfile]:
        return [
            FakeProfile("generic-line", FakeName("通用", "generic")),
            FakeProfile("mindeo", FakeName("民德", "Mindeo")),
        ]

    def assign(self, port: str, profile: str) -> None:
        self.assigned.append((port, profile))

    def monitor(self, on: bool) -> None:
        self.monitored.append(on)

    def status(self) -> FakeStatus:
        return self.status_now

    def signal(self, *, is_good: bool) -> None:
        self.beeps.append(is_good)


@dataclass
class Stage:
    """The app and what stands behind it."""

    desk: TestDesk
    counter: Counter
    scanner: FakeTechnician
    bench: Workbench
    link: list[LinkState]
    app: TillApp
    pilot: Pilot[Any] | None = None

    @asynccontextmanager
    async def run(self, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
        """The app in a headless terminal, the till open."""
        async with self.app.run_test(size=size, tooltips=False) as pilot:
            self.pilot = pilot
            await self.until(lambda: self.app.counter is not None)
            yield pilot

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for workers and screens, with a deadline."""
        deadline = time.monotonic() + DEADLINE_S
        assert self.pilot is not None
        while True:
            await self.pilot.pause()
            if holds():
                return
            assert time.monotonic() < deadline, f"it did not come to hold; the screen says:\n{self.text()}"
            await asyncio.sleep(0.01)

    # --- what people do ------------------------------------------------------------------------------------------------

    async def press(self, text: str) -> None:
        """Keys as a person presses them, a tenth of a second apart in their own time."""
        assert self.pilot is not None
        for event in typed_keys(text, start_s=time.monotonic()):
            self.app.post_message(event)
            await self.pilot.pause()

    async def more(self, entry: str) -> None:
        """F9, and the number of the entry with these words."""
        await self.press("{f9}")
        await self.until(lambda: any(entry in row for row in self.rows()))
        row = next(row for row in self.rows() if entry in row)
        await self.press(next(character for character in row if character.isdigit()))

    def burst(self, *codes: str, gap_s: float = 0.002) -> None:
        """Scans by a scanner that types: raw key events, back to back, none waited for."""
        at_s = time.monotonic() + 60  # behind all that `press` typed, whose times run ahead of the clock
        for code in codes:
            for char in (*code, "\n"):
                event = key_event(char)
                event.time = at_s
                at_s += gap_s
                self.app.post_message(event)

    async def scan(self, text: str) -> None:
        """A scan by the serial scanner, from a thread of its own."""
        await asyncio.to_thread(self.counter.tell, self.bench.trail.number(CodeScanned(text, 0)))
        await self.settle()

    async def scan_member(self, member: str = MEMBER) -> None:
        await self.scan(member_code(member))

    def dynamic_code(self, member: str = MEMBER, *, age_s: int = 5, nonce: bytes = b"12345678") -> str:
        """What the member's phone shows."""
        return make(member, self.desk.clocks.wall_us // 1_000_000 - age_s, nonce, self.desk.working_key)

    async def sign_in(self, staff: str) -> None:
        await self.press(f"{staff}\n{staff}\n")
        await self.until(lambda: self.app.work is not None and self.app.work.session is not None)
        await self.settle()
        await self.settle()

    async def happen(self, event: Event) -> None:
        """Something in the background."""
        await asyncio.to_thread(self.counter.tell, event)
        await self.settle()

    async def go(self, link: LinkState) -> None:
        """The link changes."""
        self.link[0] = link
        await self.happen(LinkChanged(link))

    async def settle(self) -> None:
        assert self.pilot is not None
        await self.pilot.pause()
        await self.pilot.pause()

    # --- what people see -----------------------------------------------------------------------------------------------

    def rows(self) -> list[str]:
        """The screen, row by row, as the terminal gets it."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def picture(self, cell: int = 4) -> Image.Image:
        """What a camera sees of the screen: each character two pixels of `cell` high and one wide; letters are left out."""
        rows = [list(_pixels(strip)) for strip in self.app.screen._compositor.render_strips()]
        lines = [[column[half] for column in row] for row in rows for half in (0, 1)]
        image = Image.new("RGB", (len(lines[0]), len(lines)))
        image.putdata([colour for line in lines for colour in line])
        return image.resize((image.width * cell, image.height * cell), Image.Resampling.NEAREST)

    def text(self) -> str:
        """All of it."""
        return "\n".join(row.rstrip() for row in self.rows())

    def shows(self, *screens: type[Screen[Any]]) -> bool:
        """Whether one of these is on top."""
        return isinstance(self.app.screen, screens)

    def said(self) -> str:
        """The same as one line: where a sentence is wrapped does not matter."""
        return " ".join(self.text().split())

    def close(self) -> None:
        self.desk.close()


_HALVES = {"▀": (True, False), "▄": (False, True), "█": (True, True)}


def _pixels(strip: Strip) -> Iterator[tuple[ColorTriplet, ColorTriplet]]:
    """The upper and the lower half of each cell of a row."""
    for text, style, _control in strip:
        ink, paper = (_colour(style.color), _colour(style.bgcolor)) if style else (_colour(None), _colour(None))
        for char in text:
            upper, lower = (ink if is_ink else paper for is_ink in _HALVES.get(char, (False, False)))
            yield from [(upper, lower)] * cell_len(char)


def _colour(colour: Color | None) -> ColorTriplet:
    return colour.get_truecolor() if colour else ColorTriplet(0, 0, 0)


def make_stage(folder: Path, *, language: str = "en", theme: str = "till-dark", industry: str = "supermarket",
               name: str = "张*丰", usual_amount_fen: int = 0, static_daily_points: int = 0, member_page: str = "",
               balances: Mapping[str, int] | None = None, more: Sequence[Product] = (), printer_port: str = "",
               households: bool = False, approvals: ApprovalPolicy | None = None, claim_days: int = 0,
               customer: Mapping[str, Any] | None = None, **app: Any) -> Stage:  # fmt: skip
    """A till in an invented store. The member holds 1,250 points, or what `balances` says by kind; the floor carries 1,000."""
    folder.mkdir(parents=True, exist_ok=True)
    expiring = (Expiring(kind="points", points=300, on="2026-12-31"),)
    held = {kind: Balance(available=points) for kind, points in (balances or {"points": 1_250}).items()}
    members: list[MemberRow] = [
        member_row(name=name, expiring=expiring, balances=held),
        member_row(OTHER, 40, name="李*", last4="8888", tier="standard"),
    ]  # fmt: skip
    products = [Product(code=MILK, name="纯牛奶 1L[特价]", category="drinks", price_fen=650),
                Product(code=APPLES, name="苹果", category="fresh", price_fen=1_280), *more]  # fmt: skip
    desk = make_desk(
        folder, industry=industry, members=members, products=products, usual_amount_fen=usual_amount_fen,
        static_daily_points=static_daily_points, member_page=member_page, households=households, approvals=approvals,
        claim_days=claim_days,
        floor=FloorPolicy(per_redemption=1_000, per_member=1_000, per_terminal=5_000),
    )  # fmt: skip
    desk.desk.seen_until(NOON_US - 12 * 60_000_000)
    link = [OFFLINE]
    counter = Counter(desk.desk, lambda: link[0])
    scanner = FakeTechnician()
    settings = Settings(language=language, theme=theme, printer_port=printer_port, **(customer or {}))  # type: ignore[arg-type]
    post = ScannerPost(folder, settings, lambda event: counter.tell(bench.trail.number(event)))
    bench = Workbench(folder, post, desk.desk, counter)
    printer = PrinterPost(settings, counter)
    customer_side = CustomerSide(settings, counter)

    @dataclass(frozen=True)
    class Till:
        counter: Counter
        scanner: FakeTechnician
        workbench: Workbench
        printer: PrinterPost
        customer: CustomerSide

    @contextmanager
    def start() -> Iterator[Till]:
        printer.start()
        customer_side.start()
        bench.start()
        yield Till(counter, scanner, bench, printer, customer_side)
        bench.stop()
        post.stop()
        customer_side.stop()
        printer.stop()

    till_app = TillApp(app.pop("start", start), settings, **app)
    till_app.guard_s = 0
    return Stage(desk, counter, scanner, bench, link, till_app)


__all__ = ["APPLES", "MEMBER", "MILK", "OFFLINE", "ONLINE", "OTHER", "LocalDbError", "Stage", "make_stage"]
