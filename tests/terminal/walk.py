"""A walk past every screen and dialog, in one app: where to stop, how to get there, and what is read there.

Each stop begins at the counter of a manager, with nobody on the screen and the network gone. What a stop sells stays sold,
so those that sell come last. A new screen wants a stop here (`tests/terminal/test_snapshots.py` says so).
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment
from textual.screen import Screen
from textual.strip import Strip

import terminal.dialogs
import terminal.screens
from ledger.floor_table import EXAMPLE
from protocol import canonical
from protocol.chain import Head
from protocol.fleet import StoreTill
from protocol.households import Pool, PooledKind
from protocol.ids import bucket_of, new_id
from protocol.voucher_codes import make_issued, voucher_of
from sync.errors import TransientSyncError
from sync.link import LinkState
from terminal.app import HOME_DEPTH
from terminal.dialogs.appointment import AskAppointment
from terminal.dialogs.approve import Approve
from terminal.dialogs.asking import Asking
from terminal.dialogs.claim import ClaimCodeDialog, ClaimDialog
from terminal.dialogs.decide import Decide
from terminal.dialogs.draw_points import DrawPoints
from terminal.dialogs.end_till import EndTill
from terminal.dialogs.find_sale import FindSale
from terminal.dialogs.hand_over import HandOver
from terminal.dialogs.join import Join
from terminal.dialogs.ladder import Ladder
from terminal.dialogs.late_credit import LateCredit
from terminal.dialogs.lesson import LessonBox
from terminal.dialogs.look_up import LookUp
from terminal.dialogs.member_link import MemberLinkDialog
from terminal.dialogs.member_pin import MemberPin
from terminal.dialogs.menu import Menu
from terminal.dialogs.paper import PaperDialog
from terminal.dialogs.phone import PhonePermission
from terminal.dialogs.points_by_hand import PointsByHand
from terminal.dialogs.template import TemplateDialog
from terminal.dialogs.told import Told
from terminal.dialogs.voucher import VoucherCodeDialog
from terminal.dialogs.witness import Witness
from terminal.screens.base import TillScreen
from terminal.screens.counter import CounterScreen
from terminal.screens.devices import DevicesScreen
from terminal.screens.disclosure import DisclosureScreen
from terminal.screens.keys import KeysScreen
from terminal.screens.linking import show_link
from terminal.screens.listening import ListenScreen
from terminal.screens.outage import OutageCode, OutageScreen
from terminal.screens.pairing import PairingScreen
from terminal.screens.refund import RefundScreen
from terminal.screens.refund_list import RefundListScreen
from terminal.screens.scans import ScansScreen
from terminal.screens.services import ServicesScreen
from terminal.screens.shift_opening import ShiftOpeningScreen
from terminal.screens.sign_in import SignInScreen
from terminal.screens.store_report import StoreReportScreen
from terminal.screens.store_tills import StoreTillsScreen
from terminal.screens.tracing import TracingScreen
from terminal.screens.training import TrainingScreen
from terminal.widgets.qr_panel import QrPanel
from terminal.work import Work
from tests.desks import NOON_US
from tests.terminal.stage import APPLES, MEMBER, MILK, OFFLINE, ONLINE, OTHER, FakePort, Stage, make_stage
from tests.terminal.test_deciding import sold, waiting_list
from tests.terminal.test_floor_table import TABLE, open_table
from tests.terminal.test_member_link import PAGE, PIN
from tests.terminal.test_member_link import grants as links
from tests.terminal.test_outage import BAD, Post
from tests.terminal.test_store_report import TOLD
from tests.terminal.test_tutorial import Played
from till import store_report as till_store_report
from till.approval_words import allowed_name
from till.care import Care, Listed
from till.tutorial.coach import Coach
from till.tutorial.props import Props
from till.tutorial.selling import Earn

Act = Callable[[Stage], Awaitable[None]]
SLOW = LinkState("slow", None, since_us=NOON_US - 90_000_000, waiting=2, as_of_us=NOON_US - 60_000_000)


TILLS = (
    StoreTill(terminal="zhongshan-02", name="02号机", status="active", contact_at=NOON_US, waiting=37, waiting_fen=452_300,
              lying=1_000),
    StoreTill(terminal="zhongshan-03", name="服务台", status="lost", contact_at=NOON_US - 86_400_000_000),
)  # fmt: skip
DYNAMIC_CODE = re.compile(r"D1\.\..{4}")
CODE_ON_PAPER = re.compile(r"(?<=│).*[▀▄█].*(?=│)")


class FakeCare(Care):
    """What a store's tills say, without a ledger."""

    def store_tills(self) -> Listed:
        return Listed("zhongshan-02", TILLS)


# --- at the counter ------------------------------------------------------------------------------------------------------


async def waiting(stage: Stage) -> None:
    """The counter before a customer."""


async def basket(stage: Stage) -> None:
    """Products, online."""
    await stage.go(ONLINE)
    await stage.scan_member()
    for code in (MILK, APPLES, MILK):
        await stage.scan(code)


async def slow(stage: Stage) -> None:
    """A ledger that answers late."""
    await stage.go(SLOW)
    await stage.scan_member()
    await stage.press("55")


async def refused(stage: Stage) -> None:
    """A payment code."""
    await stage.scan("134512345678901234")


async def asked(stage: Stage) -> None:
    """A question, with its two buttons."""
    await basket(stage)
    await stage.press("{escape}")


async def explained(stage: Stage) -> None:
    """F1."""
    await stage.press("{f1}")


async def more(stage: Stage) -> None:
    """F9."""
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))


async def looked_up(stage: Stage) -> None:
    """F5, with somebody who is not known offline."""
    await stage.press("{f5}1000000009\n")
    await stage.until(lambda: stage.shows(LookUp) and "!" in stage.said())


async def joining(stage: Stage) -> None:
    """F5 with a phone that nobody has: a new member."""
    stage.desk.give_numbers("2000000001")
    await stage.press("{f5}13800001234\n")
    await stage.until(lambda: stage.shows(Join))


async def asking(stage: Stage) -> None:
    """The ledger is asked and does not answer before the next stop."""

    def silent() -> None:
        while dialog.is_attached:
            time.sleep(0.01)

    dialog = Asking("张*丰 (1000000001)", silent)
    stage.app.push_screen(dialog)
    await stage.until(lambda: stage.shows(Asking))


async def told(stage: Stage) -> None:
    """What is read and done with."""
    stage.app.push_screen(Told(["zhongshan-03", "support-20260915.zip"]))


# --- redeeming -----------------------------------------------------------------------------------------------------------


async def rewards(stage: Stage) -> None:
    """Which reward; the member has shown his phone."""
    await stage.scan(stage.dynamic_code())
    await stage.press("/20261121-02-0371\n128.50{f2}")


async def disclosure(stage: Stage) -> None:
    """Before the confirmation."""
    await rewards(stage)
    await stage.press("1")
    await stage.until(lambda: stage.shows(Ladder))
    await stage.press("1000\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))


async def how_many(stage: Stage) -> None:
    """A reward of steps."""
    await stage.scan_member()
    await stage.press("128.50{f2}1")
    await stage.until(lambda: stage.shows(Ladder))


async def by_phone(stage: Stage) -> None:
    """More than is redeemed without the network: the member's phone has one."""
    await how_many(stage)
    await stage.press("1200\n")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(PhonePermission) and bool(stage.app.screen.query(QrPanel)))


async def member_pin(stage: Stage) -> None:
    """The PIN of a member who showed a card, half typed."""
    await stage.go(ONLINE)
    await stage.scan_member()
    await stage.press("128.50{f2}3")
    await stage.until(lambda: stage.shows(DisclosureScreen))
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press("24")


async def appointment(stage: Stage) -> None:
    """When a service is wanted."""
    await stage.scan_member()
    await stage.press("128.50")
    assert stage.app.work is not None
    quoted = stage.counter.quote(stage.app.work.sale())
    assert quoted is not None
    stage.app.push_screen(AskAppointment(quoted.offers[0]))
    await stage.until(lambda: stage.shows(AskAppointment))


async def voucher(stage: Stage) -> None:
    """The code of one."""
    issued = voucher_of(MEMBER, new_id(NOON_US // 1000, bucket_of(MEMBER), 99), "wash-voucher", 0, "2026-12-14")
    text = make_issued(issued, b"an entry")
    stage.app.push_screen(VoucherCodeDialog(text, "洗车券 1张", "2026-12-14"))
    await stage.until(lambda: stage.shows(VoucherCodeDialog) and bool(stage.app.screen.query(QrPanel)))


async def claim_code(stage: Stage) -> None:
    """Points of a sale without a member, for whoever has the code first."""
    stage.app.push_screen(ClaimCodeDialog("HTTPS://P.EXAMPLE.COM/C/ABCDEFG2ABCDEFG2", "+154", "2026-12-14"))
    await stage.until(lambda: stage.shows(ClaimCodeDialog) and bool(stage.app.screen.query(QrPanel)))


async def claim(stage: Stage) -> None:
    """The points of such a receipt, for the member who is here."""
    await stage.scan_member()
    assert stage.app.work is not None
    stage.app.push_screen(ClaimDialog(stage.app.work.draft, "K1ABCDEFG2", lambda: None))
    await stage.until(lambda: stage.shows(ClaimDialog) and "!" in stage.said())


async def member_page(stage: Stage) -> None:
    """The link to the member's own page."""
    stage.desk.ledger.links = links
    await stage.go(ONLINE)
    await stage.scan_member()
    counter = stage.app.screen
    assert isinstance(counter, CounterScreen)
    show_link(counter)
    await stage.until(lambda: stage.shows(MemberPin))
    await stage.press(f"{PIN}\n")
    await stage.until(lambda: stage.shows(MemberLinkDialog) and bool(stage.app.screen.query(QrPanel)))


async def household(stage: Stage) -> None:
    """Points of the family."""
    there = PooledKind(kind="points", points=1_200, drawable=300)
    stage.desk.ledger.shared = Pool(kinds=(there,))
    stage.app.push_screen(DrawPoints("张*丰", "积分", there))
    await stage.until(lambda: stage.shows(DrawPoints))


# --- who and when --------------------------------------------------------------------------------------------------------


async def signing_in(stage: Stage) -> None:
    """Nobody is signed in."""
    stage.app.push_screen(SignInScreen())


async def locked(stage: Stage) -> None:
    """The counter of who comes back."""
    stage.app.push_screen(SignInScreen("1001"))


async def handing_over(stage: Stage) -> None:
    """The next cashier takes over."""
    stage.app.push_screen(HandOver())


async def approving(stage: Stage) -> None:
    """A supervisor says yes, in words of his own."""
    stage.app.push_screen(Approve(("redemption",), "other", f"{allowed_name(('redemption',))}  2,000"))
    await stage.until(lambda: stage.shows(Approve))


async def late_credit(stage: Stage) -> None:
    """What is on the slip of a sale that had no member."""
    member = stage.counter.look_up(MEMBER)
    stage.app.push_screen(LateCredit(member))
    await stage.until(lambda: stage.shows(LateCredit))


async def points_by_hand(stage: Stage) -> None:
    """How many."""
    member = stage.counter.look_up(MEMBER)
    stage.app.push_screen(PointsByHand(member, stage.counter.store.points_kind))
    await stage.until(lambda: stage.shows(PointsByHand))


async def shift_opening(stage: Stage) -> None:
    """No shift is open."""
    stage.app.push_screen(ShiftOpeningScreen())


async def training(stage: Stage) -> None:
    """Before one begins."""
    stage.app.push_screen(TrainingScreen())


async def tutorial(stage: Stage) -> None:
    """Before it begins."""
    stage.app.push_screen(TrainingScreen(is_tutorial=True))


async def lesson(stage: Stage) -> None:
    """Between two tasks of the tutorial."""
    practice = Played(stage.desk.desk.folder)
    practice.join(stage)
    coach = Coach(Props(practice), lambda _passed: None)
    coach.join("1001")
    coach.place = 1
    stage.app.push_screen(LessonBox(coach, Earn(Props(practice)).right()))
    await stage.until(lambda: OTHER in stage.text())


async def pairing(stage: Stage) -> None:
    """A folder that is no till yet."""
    stage.app.push_screen(PairingScreen())


# --- looking after the till ------------------------------------------------------------------------------------------------


async def floor_table(stage: Stage) -> None:
    """What redeeming offline would cost this store."""
    stage.desk.ledger.table = TABLE
    await open_table(stage)


async def floor_example(stage: Stage) -> None:
    """The same in a store that has too little history."""
    stage.desk.ledger.table = replace(TABLE, lines=EXAMPLE, is_example=True, redemptions=7, days=14)
    await open_table(stage)


async def store_tills(stage: Stage) -> None:
    """The tills of the store."""
    stage.app.push_screen(StoreTillsScreen(FakeCare(stage.desk.desk.folder)))
    await stage.until(lambda: "zhongshan-03" in stage.text())


async def store_report(stage: Stage) -> None:
    """The store's day without the ledger: this till's, and behind it what was said last."""
    (stage.desk.desk.folder / till_store_report.FILE).write_bytes(canonical.encode(TOLD))
    with patch.object(till_store_report, "_fetch", side_effect=TransientSyncError("no-answer")):
        stage.app.push_screen(StoreReportScreen())
        await stage.until(lambda: "F5" in stage.rows()[-2])


async def end_till(stage: Stage) -> None:
    """One of them is lost."""
    stage.app.push_screen(EndTill(TILLS[0], "lost", "1001"))


async def outage(stage: Stage) -> None:
    """Before the first examination."""
    stage.app.push_screen(OutageScreen())


async def outage_code(stage: Stage) -> None:
    """A result, for who helps."""
    stage.app.push_screen(OutageCode(BAD))


async def devices(stage: Stage) -> None:
    """Ports, and what comes from the scanner."""
    stage.app.push_screen(DevicesScreen())
    await stage.until(lambda: "ttyACM0" in stage.text())


async def listening(stage: Stage) -> None:
    """A port that nobody opens."""
    stage.app.push_screen(ListenScreen(FakePort("/nowhere/ttyACM9", "/dev/ttyACM9")))
    await stage.until(lambda: stage.shows(ListenScreen) and "!" in stage.rows()[-2])


async def template(stage: Stage) -> None:
    """For the next till."""
    stage.app.push_screen(TemplateDialog())
    await stage.until(lambda: stage.shows(TemplateDialog) and bool(stage.app.screen.query(QrPanel)))


async def scans(stage: Stage) -> None:
    """Where scans went."""
    stage.app.push_screen(ScansScreen())


async def keys(stage: Stage) -> None:
    """Each once."""
    stage.app.push_screen(KeysScreen())
    await stage.until(lambda: stage.shows(KeysScreen))
    await stage.press("{f1}{f2}7")


async def services(stage: Stage) -> None:
    """None is booked."""
    stage.app.push_screen(ServicesScreen())


# --- these sell ----------------------------------------------------------------------------------------------------------


async def selling(stage: Stage) -> None:
    """In the middle of a sale, offline, with a last result."""
    await stage.scan_member(OTHER)
    await stage.press("98\n")
    await stage.scan(stage.dynamic_code(nonce=b"selling."))
    await stage.press("/20261121-02-0371\n128.50")


async def shift(stage: Stage) -> None:
    """The interim report."""
    await stage.scan_member()
    await stage.press("128.50\n{f8}")


async def closing(stage: Stage) -> None:
    """It is asked first."""
    await stage.press("{f8}{f8}")


async def receipts(stage: Stage) -> None:
    """The receipts of the shift."""
    await stage.press("{f7}")


async def witness(stage: Stage) -> None:
    """The proof of the newest."""
    await stage.press("{f7}")
    await stage.settle()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(Witness))


async def paper(stage: Stage) -> None:
    """What a printer would make of one."""
    printer = stage.app.printer
    assert printer is not None
    assert stage.app.work is not None
    assert stage.app.work.session is not None
    newest, *_ = stage.counter.sales(stage.app.work.session)
    stage.app.push_screen(PaperDialog(printer.preview(newest.receipt)))
    await stage.until(lambda: stage.shows(PaperDialog))


async def tracing(stage: Stage) -> None:
    """My points are missing."""
    stage.app.push_screen(TracingScreen())
    await stage.until(lambda: stage.shows(TracingScreen))
    await stage.press(f"{MEMBER}\n")
    await stage.settle()


async def voiding(stage: Stage) -> None:
    """The last sale is taken back, once it is said again."""
    await stage.scan_member()
    await stage.press("20\n{f3}")


async def refund_list(stage: Stage) -> None:
    """Which sale comes back."""
    await stage.press("{f4}")
    await stage.until(lambda: stage.shows(RefundListScreen))


async def find_sale(stage: Stage) -> None:
    """One of another till."""
    await stage.go(ONLINE)
    await stage.press("{f4}")
    await stage.until(lambda: stage.shows(RefundListScreen))
    await stage.press("{f5}")
    await stage.until(lambda: stage.shows(FindSale))


async def refund(stage: Stage) -> None:
    """Before goods of a sale come back; the chosen category is typed."""
    await basket(stage)
    await stage.press("\n{f4}")
    await stage.until(lambda: stage.shows(RefundListScreen))
    await stage.settle()
    await stage.press("\n")
    await stage.until(lambda: stage.shows(RefundScreen))
    await stage.press("6.50")


async def waiting_entries(stage: Stage) -> None:
    """What a manager decides about."""
    await sold(stage, ("reference-taken", 0), ("unknown-programme", 7))
    await stage.go(ONLINE)
    await waiting_list(stage)


async def ways(stage: Stage) -> None:
    """What can be done with the oldest."""
    await stage.go(ONLINE)
    await waiting_list(stage)
    await stage.press("{f2}")
    await stage.until(lambda: stage.shows(Menu))


async def deciding(stage: Stage) -> None:
    """The third way, half done."""
    await ways(stage)
    await stage.press("3")
    await stage.until(lambda: stage.shows(Decide))
    await stage.press("40\n小票打错")


STOPS: tuple[Act, ...] = (
    signing_in, locked, pairing, handing_over, approving, late_credit, points_by_hand, shift_opening, training,
    tutorial, lesson,
    waiting, basket, slow, refused, asked, explained, more, looked_up, joining,
    asking, told, rewards, disclosure, how_many, by_phone, member_pin, appointment, voucher, claim_code, claim,
    member_page, household,
    floor_table, floor_example, store_tills, store_report, end_till, outage, outage_code, devices, listening, template,
    scans, keys, services, selling, shift, closing, receipts, witness, paper, tracing, voiding, refund_list, find_sale, refund,
    waiting_entries, ways, deciding,
)  # fmt: skip


def leaves() -> set[type[TillScreen[Any]]]:
    """Every class of screens and dialogs that is shown: those that no other one is made of."""
    for room in (terminal.screens, terminal.dialogs):
        for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            importlib.import_module(found.name)

    def below(kind: type[TillScreen[Any]]) -> Iterator[type[TillScreen[Any]]]:
        own = [one for one in kind.__subclasses__() if one.__module__.startswith("terminal.")]
        for one in own:
            yield from below(one)
        if not own:
            yield kind

    return set(below(TillScreen))


@dataclass(frozen=True)
class Seen:
    """What stood on the screen at a stop."""

    name: str
    screen: type[Screen[Any]]
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows) + "\n"


Look = Callable[[Stage, str], Awaitable[None]]


async def walk(folder: Path, language: str, size: tuple[int, int], *, look: Look | None = None,
               stops: tuple[Act, ...] = STOPS, **options: Any) -> list[Seen]:  # fmt: skip
    """Past all `stops`; `look` is called at each, with its name."""
    stage = make_stage(
        folder, language=language, member_page=PAGE, households=True, outages=Post(), pair=FakeCare(folder),
        train=lambda: None, **options,
    )  # fmt: skip
    seen: list[Seen] = []
    async with stage.run(size):
        await stage.sign_in("1001")
        for stop in stops:
            await _home(stage)
            await stop(stage)
            await stage.settle()
            seen.append(Seen(stop.__name__, type(stage.app.screen), tuple(_rows(stage))))
            if look is not None:
                await look(stage, stop.__name__)
    stage.close()
    return seen


async def _home(stage: Stage) -> None:
    """The counter of the same manager, and nothing of the stop before."""
    before = stage.app.work
    assert before is not None
    before.clear()
    stage.app.work = Work(session=before.session)
    stage.link[0] = OFFLINE
    lowest = stage.app.screen_stack[HOME_DEPTH - 1]
    stage.app.go_home()
    await stage.until(
        lambda: (
            len(stage.app.screen_stack) == HOME_DEPTH
            and stage.app.screen is not lowest
            and stage.shows(CounterScreen)
        )
    )


def _rows(stage: Stage) -> Iterator[str]:
    """The screen, with `#` where it differs from run to run: a code for cameras, the short code of a journal's head."""
    is_paper = stage.shows(PaperDialog)
    masks = [panel.region for panel in stage.app.screen.query(QrPanel)]
    codes = [
        Head(terminal=stage.desk.desk.terminal, seq=row.seq, hash=row.hash.hex()).short_code
        for row in stage.desk.desk.journal.entries(1, 100)
    ]
    for y, strip in enumerate(stage.app.screen._compositor.render_strips()):
        row = strip
        for mask in masks:
            if mask.y <= y < mask.bottom:
                blank = Strip([Segment("#" * mask.width)])
                row = Strip.join([row.crop(0, mask.x), blank, row.crop(mask.right)])
        text = DYNAMIC_CODE.sub(lambda found: "#" * len(found[0]), row.text)
        if is_paper:
            text = CODE_ON_PAPER.sub(lambda found: "#" * cell_len(found[0]), text)
        for code in codes:
            text = text.replace(code, "-" * len(code))
        yield text
