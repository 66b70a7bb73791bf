"""Receipts on paper: what a real printer gets of real sales, and what the counter is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import Settings
from devices.paper_sheet import CodeRow
from devices.printer_simulator import PrinterSimulator
from devices.printer_status import Trouble
from points import parse_amount
from protocol.chain_check import Witness, read_witnesses
from protocol.codes import member_code
from sync.link import LinkState
from tests.desks import MEMBER, TestDesk, make_desk, member_row
from till import i18n
from till.counter import Counter
from till.draft import SaleDraft
from till.errors import RefusedError
from till.events import Event, PrinterChanged, ReceiptPrinted
from till.papers import Papers
from till.printing import PrinterPost
from till.receipts import Receipt
from till.scanning import MemberIdentified
from till.text import cells

PATIENCE_S = 10.0


def until_cut(simulated: PrinterSimulator, sheets: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while simulated.sheet.cuts < sheets:
        assert time.monotonic() < deadline, simulated.sheet.text
        time.sleep(0.01)


class Shop:
    """A counter with a printer beside it, and what it was told."""

    def __init__(self, desk: TestDesk, port: str, *, asked: bool = False) -> None:
        self.desk = desk
        self.counter = Counter(desk.desk, lambda: LinkState("offline", "no-answer", since_us=0))
        settings = Settings(printer_port=port, print_receipts="asked" if asked else "always")
        self.printer = PrinterPost(settings, self.counter)
        self._told: list[Event] = []
        self._changed = threading.Condition()
        self.counter.subscribe(self._take)
        self.printer.start()

    def sell(self, amount: str = "100") -> Receipt:
        scan = self.counter.scan(member_code(MEMBER), SaleDraft())
        assert isinstance(scan, MemberIdentified)
        draft = SaleDraft().with_member(scan.member, scan.proof).with_amount(parse_amount(amount))
        return self.counter.commit(self.desk.manager, draft)

    def until(self, event: Event) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: event in self._told, PATIENCE_S), f"no {event}, but {self._told}"
            self._told.clear()

    def _take(self, event: Event) -> None:
        with self._changed:
            self._told.append(event)
            self._changed.notify_all()


@contextmanager
def opened(desk: TestDesk, simulated: PrinterSimulator, *, asked: bool = False) -> Iterator[Shop]:
    shop = Shop(desk, str(simulated.port), asked=asked)
    try:
        yield shop
    finally:
        shop.printer.stop()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TestDesk]:
    i18n.use("zh-CN")
    made = make_desk(tmp_path, members=[member_row(name="张*丰\x1bp\x00")])
    yield made
    made.close()


def test_a_sale_is_printed(desk: TestDesk) -> None:
    """Store, member, money, points, and the code that proves it; a name opens no drawer."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        receipt = shop.sell()
        shop.until(ReceiptPrinted(receipt.seq))
        sheet = simulated.sheet
        assert (sheet.cuts, sheet.drawer_openings, sheet.unknown) == (1, 0, [])
        for words in ("中山路店", "张*丰", "100.00", "+120", "可用积分"):
            assert words in sheet.text, words
        (code,) = (row for row in sheet.rows if isinstance(row, CodeRow))
        (witness,) = read_witnesses(code.text)
        assert isinstance(witness, Witness)
        assert witness.seq == receipt.seq
        assert receipt.code in sheet.text


def test_a_sale_never_waits_for_paper(desk: TestDesk) -> None:
    """No paper, then paper: what was sold meanwhile comes by itself, in its order."""
    with PrinterSimulator() as simulated:
        simulated.trouble(Trouble.PAPER_OUT)
        with opened(desk, simulated) as shop:
            shop.until(PrinterChanged("printer-paper-out", is_paper_low=True))
            sold = [shop.sell(amount) for amount in ("10", "20", "30")]
            assert simulated.printed == b""
            simulated.trouble(None)
            shop.until(ReceiptPrinted(sold[-1].seq))
            assert simulated.sheet.cuts == 3
            assert "补打" not in simulated.sheet.text


def test_the_answer_to_a_customer_is_printed(desk: TestDesk) -> None:
    """查一笔 on paper: the way and the sentence; a name in it opens no drawer."""
    with PrinterSimulator() as simulated, opened(desk, simulated, asked=True) as shop:
        shop.printer.print_way(7, "中山路店", ["12:00  王芳 收银：45.00", "张*丰\x1bp\x00"], "积分已在账上：+45。")
        shop.until(ReceiptPrinted(7))
        sheet = simulated.sheet
        assert (sheet.cuts, sheet.drawer_openings, sheet.unknown) == (1, 0, [])
        for words in ("中山路店", "积分查询", "王芳 收银：45.00", "积分已在账上：+45。"):
            assert words in sheet.text, words
    with pytest.raises(RefusedError, match="no-printer"):
        shop.printer.print_way(7, "中山路店", [], "")


def test_a_receipt_is_printed_again_as_a_copy(desk: TestDesk) -> None:
    """Where nobody asked, nothing is printed; what is asked for says that it is a copy."""
    with PrinterSimulator() as simulated, opened(desk, simulated, asked=True) as shop:
        shop.until(PrinterChanged())
        receipt = shop.sell()
        shop.printer.print_again(receipt)
        shop.until(ReceiptPrinted(receipt.seq))
        assert simulated.sheet.cuts == 1
        assert simulated.sheet.text.splitlines()[1].strip() == "补打"


def test_a_till_without_a_printer_says_so(desk: TestDesk) -> None:
    """And sells."""
    shop = Shop(desk, "")
    receipt = shop.sell()
    with pytest.raises(RefusedError, match="no-printer"):
        shop.printer.print_again(receipt)


def test_a_printer_that_is_not_there(desk: TestDesk) -> None:
    """Sold all the same; the counter is told what is wrong."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        shop.until(PrinterChanged())
        simulated.unplug()
        shop.until(PrinterChanged("printer-missing"))
        receipt = shop.sell()
        simulated.replug()
        shop.until(ReceiptPrinted(receipt.seq))


@pytest.mark.parametrize("settings", [{"printer_profile": "none-such"}, {"printer_port": "by-id:../x"}])
def test_wrong_settings_keep_no_till_from_selling(desk: TestDesk, settings: dict[str, str]) -> None:
    """Somebody wrote them by hand."""
    shop = Shop(desk, "device:/dev/null")
    printer = PrinterPost(Settings(**{"printer_port": "device:/dev/null"} | settings), shop.counter)  # type: ignore[arg-type]
    shop.printer.stop()
    printer.start()
    with pytest.raises(RefusedError, match="no-printer"):
        printer.print_again(shop.sell())


def test_in_english(desk: TestDesk) -> None:
    """The same slip."""
    i18n.use("en")
    try:
        with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
            shop.until(ReceiptPrinted(shop.sell().seq))
            assert "Points earned" in simulated.sheet.text
    finally:
        i18n.use("zh-CN")


def test_a_void_has_a_slip_of_its_own(desk: TestDesk) -> None:
    """What goes back in money and points, marked as what it is, with its own proof; as a copy when it is asked for again."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        receipt = shop.sell()
        shop.until(ReceiptPrinted(receipt.seq))
        shop.counter.void(desk.manager, receipt.id)
        shop.until(ReceiptPrinted(receipt.seq + 1))
        for words in ("撤销单", "-100.00", "-120"):
            assert words in simulated.sheet.text, words
        codes = [row for row in simulated.sheet.rows if isinstance(row, CodeRow)]
        (witness,) = read_witnesses(codes[-1].text)
        assert isinstance(witness, Witness)
        assert witness.seq == receipt.seq + 1
        assert "补打" not in simulated.sheet.text
        shop.printer.print_void(receipt.id, desk.manager.shift)
        shop.until(ReceiptPrinted(receipt.seq + 1))
        assert "补打" in simulated.sheet.text


def test_what_waits_for_paper_survives_the_end_of_the_program(desk: TestDesk) -> None:
    """A receipt, a void and the closing report: printed when the program is open again and there is paper, as copies."""
    with PrinterSimulator() as simulated:
        simulated.trouble(Trouble.PAPER_OUT)
        with opened(desk, simulated) as shop:
            shop.until(PrinterChanged("printer-paper-out", is_paper_low=True))
            receipt = shop.sell()
            shop.counter.void(desk.manager, receipt.id)
            shop.printer.print_report(shop.counter.close_shift(desk.manager))
            kept = shop.counter.reports.papers.kept()
            assert kept == [f"{receipt.seq}", f"void:{receipt.seq + 1}", f"shift:{desk.manager.shift}"]
        assert Papers(desk.desk).kept() == kept
        simulated.trouble(None)
        with opened(desk, simulated) as shop:
            shop.until(ReceiptPrinted(receipt.seq + 1))
            until_cut(simulated, 3)
            assert shop.counter.reports.papers.kept() == []
        assert "交班单" in simulated.sheet.text
        assert simulated.sheet.text.count("补打") == 2


def test_a_sale_whose_slip_comes_at_once_writes_nothing_beside_its_entry(desk: TestDesk) -> None:
    """Names are kept only while the printer is in trouble."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        shop.until(PrinterChanged())
        receipt = shop.sell()
        shop.until(ReceiptPrinted(receipt.seq))
        assert desk.desk.journal.fact("unprinted") in (None, "[]")


def test_reports_are_printed_as_wide_as_the_paper(desk: TestDesk) -> None:
    """班中小计 on 58 mm: the tender line first, in 32 columns."""
    with PrinterSimulator() as simulated, opened(desk, simulated) as shop:
        receipt = shop.sell()
        shop.until(ReceiptPrinted(receipt.seq))
        shop.printer.print_report(shop.counter.shift_report(desk.manager.shift))
        until_cut(simulated, 2)
        lines = simulated.sheet.text.splitlines()
        report = lines[next(n for n, line in enumerate(lines) if "班中小计" in line) :]
        assert max(cells(line) for line in report) <= 32
        amounts = [line.split()[0] for line in report if line.rstrip().endswith(".00")]
        assert amounts[0] == "积分抵扣"
