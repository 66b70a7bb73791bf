"""One number follows a scan from its bytes to the ledger's outcome."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from local_db.device_log import DeviceLog, DeviceLogReader, ScanRow
from local_db.journal import Journal
from protocol.codes import member_code
from protocol.push import Outcome
from tests.desks import MEMBER, TestDesk, make_desk
from tests.till.test_composition import Shop
from till import i18n
from till.cli import main
from till.composition import open_till
from till.counter import Counter
from till.draft import SaleDraft
from till.events import CodeScanned, Event, ReceiptMade, ScanFailed, ScannerChanged
from till.scan_trail import KEYBOARD, ScanTrail
from till.scan_words import by_device, counts_text, traced
from till.scanning import MemberIdentified
from till.shifts import Session

DEVICE = "newland-unified COM3"
PRODUCT, PAYMENT = "6901234567892", "134567890123456789"


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    i18n.use("en")
    yield
    i18n.use("en")


class Way:
    """A trail, its log, and a counter whose screen is the test."""

    def __init__(self, desk: TestDesk, log: DeviceLog, folder: Path) -> None:
        self.desk, self.log, self.folder = desk, log, folder
        self.trail = ScanTrail(desk.desk, log, lambda: DEVICE)

    def scan(self, text: str, code: str = "", *, begins: bool = False, screen: str = "CounterScreen") -> int:
        event = self.trail.number(CodeScanned(text, time.monotonic_ns(), size=len(text) + 3, symbology="qr"))
        assert isinstance(event, CodeScanned)
        self.trail.judged(event.scan, text, screen, code, begins=begins)
        return event.scan

    def rows(self) -> dict[int, ScanRow]:
        self.log.flush()
        return {row.number: row for row in DeviceLogReader(self.folder).scans(100)}


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    desk, log = make_desk(tmp_path), DeviceLog(tmp_path)
    log.start()
    yield Way(desk, log, tmp_path)
    log.stop()
    desk.close()


def sell(desk: TestDesk) -> ReceiptMade:
    """What the counter tells once a sale is in the journal."""
    told: list[Event] = []
    counter = Counter(desk.desk, lambda: None)  # type: ignore[arg-type, return-value]  # nobody asks for the link
    counter.subscribe(told.append)
    found = counter.scan(member_code(MEMBER), SaleDraft())
    assert isinstance(found, MemberIdentified)
    counter.commit(desk.manager, SaleDraft().with_member(found.member, found.proof).with_amount(10_00))
    return next(event for event in told if isinstance(event, ReceiptMade))


def test_a_scan_is_followed_from_its_bytes_to_the_outcome(way: Way) -> None:
    """Size, code, screen, time, entry, and what the ledger said of it."""
    number = way.scan(PRODUCT, begins=True)
    made = sell(way.desk)
    way.trail.take(made)
    row = way.rows()[number]
    assert (row.device, row.size, row.symbology, row.kind, row.shown) == (DEVICE, 16, "qr", "product", PRODUCT)
    assert (row.screen, row.code, row.seq) == ("CounterScreen", "", made.receipt.seq)
    assert row.answer_us < 1_000_000
    journal = way.desk.desk.journal
    assert [one.outcome for one in traced([row], journal)] == ["waiting"]
    journal.mark([Outcome(seq=row.seq, status="booked", position=7)], 1)
    assert [one.outcome for one in traced([row], journal)] == ["booked"]


def test_only_the_scans_of_a_sale_are_tied_to_its_entry(way: Way) -> None:
    """Not what was refused, not a test scan, not what was cleared before it began."""
    cleared = way.scan(PRODUCT, begins=True)
    member = way.scan(member_code(MEMBER), begins=True)
    refused = way.scan(PAYMENT, "payment-code")
    product = way.scan(PRODUCT)
    tested = way.scan(PRODUCT, screen="DevicesScreen")
    way.trail.take(sell(way.desk))
    later = way.scan(PRODUCT, begins=True)
    seqs = {number: row.seq for number, row in way.rows().items()}
    assert seqs[member] == seqs[product] > 0
    assert [seqs[number] for number in (cleared, refused, tested, later)] == [0, 0, 0, 0]


def test_nothing_is_kept_of_a_code_that_pays(way: Way) -> None:
    """Of a member's code its first and last signs; the file holds no more."""
    way.scan(PAYMENT, "payment-code")
    way.scan(member_code(MEMBER))
    way.log.stop()
    kept = b"".join(path.read_bytes() for path in way.folder.glob("devices.db*"))
    assert PAYMENT[4:].encode() not in kept
    assert MEMBER.encode() not in kept
    payment, member = sorted(DeviceLogReader(way.folder).scans(10))
    assert (payment.kind, payment.shown) == ("payment", "")
    assert (member.kind, member.shown[:2]) == ("member", "M1")


def test_a_scanner_that_types_has_a_number_too(way: Way) -> None:
    """Its bytes are not seen, its code is."""
    way.trail.judged(0, PRODUCT, "CounterScreen", "", begins=True)
    (row,) = way.rows().values()
    assert (row.device, row.size, row.answer_us) == (KEYBOARD, len(PRODUCT), 0)


def test_what_happens_to_a_device_is_counted_by_month(way: Way) -> None:
    """Good scans, refusals, repeats, what was cut off, and how often it was unplugged."""
    way.scan(PRODUCT)
    way.scan(PAYMENT, "payment-code")
    for event in (
        CodeScanned(PRODUCT, 1, is_repeat=True), ScanFailed("incomplete"), ScannerChanged(is_online=False, code="port-gone"),
        ScannerChanged(is_online=True),
    ):  # fmt: skip
        way.trail.number(event)
    way.log.flush()
    (month,) = by_device(DeviceLogReader(way.folder).counted())
    assert (month.device, month.month) == (DEVICE, "2026-09")
    assert counts_text(month.counts) == "2 scans, 1 refused, 1 repeats, 1 cut off, 1 times unplugged"


def test_the_command_tells_the_way(tmp_path: Path) -> None:
    """`till scans`, `till scans NUMBER`, `--counts`: of a real till, while it is open and afterwards."""
    shop = Shop(tmp_path)
    run = CliRunner()

    def told(*arguments: str) -> str:
        done = run.invoke(main, ["--data-dir", str(tmp_path), "--lang", "en", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Nothing was scanned yet" in told("scans")
    from config.settings import Settings

    with open_till(shop.folder, Settings()) as till:
        session = till.counter.open_shift(Session("1001", "赵敏", ("manager",)))
        text = member_code(MEMBER)
        till.workbench.trail.judged(0, text, "CounterScreen", "", begins=True)
        found = till.counter.scan(text, SaleDraft())
        assert isinstance(found, MemberIdentified)
        till.counter.commit(session, SaleDraft().with_member(found.member, found.proof).with_amount(128_50))
        till.workbench.trail.judged(0, PAYMENT, "CounterScreen", "payment-code", begins=True)
        assert till.workbench.scans(10)[1].outcome == "waiting"
    assert "#2" in (listed := told("scans"))
    assert "payment code  refused: payment-code" in listed
    assert "entry 2: waiting" in told("scans", "1")
    scans = json.loads(told("scans", "--json"))["scans"]
    assert [one["seq"] for one in scans] == [0, 2]
    assert "2 scans, 1 refused" in told("scans", "--counts")
    with closing(Journal.open(tmp_path)) as journal:
        journal.mark([Outcome(seq=2, status="booked", position=3)], 1)
    assert "entry 2: booked" in told("scans", "1")
    assert run.invoke(main, ["--data-dir", str(tmp_path), "scans", "99"]).exit_code == 2
