"""What a technician does in a shop: his card, listening, assigning, the template for the next till."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
import zxingcpp

from config.settings import read_settings
from devices.hearing import TEST_CODE
from devices.simulators import ScannerSimulator
from protocol.push import Outcome
from protocol.technician_cards import make
from terminal.dialogs.ask import Ask
from terminal.dialogs.menu import Menu
from terminal.dialogs.template import TemplateDialog
from terminal.screens.counter import CounterScreen
from terminal.screens.devices import DevicesScreen
from terminal.screens.listening import ListenScreen
from terminal.screens.sign_in import SignInScreen
from tests.desks import STORE
from tests.devices.answering import Answering
from tests.terminal.stage import MILK, FakePort, Stage
from tests.till.test_asking import ANSWERS
from till.events import OutcomesArrived, RawBytesRead
from till.templates import FILE, as_code, read_file

DAY_S = 86_400


def card(stage: Stage, *, store: str = STORE, age_s: int = 60, days: int = 7) -> str:
    """As `till-ledger technician card` makes it."""
    issued_s = stage.desk.clocks.wall_us // 1_000_000 - age_s
    return make("李工", store, issued_s, issued_s + days * DAY_S, b"123456", stage.desk.working_key)


def beside(stage: Stage) -> str:
    """What stands on the right of the code, as one line."""
    return " ".join(" ".join(row[29:] for row in stage.rows()).split())


@pytest.fixture
def scanner() -> Iterator[ScannerSimulator]:
    """A scanner on a line that this machine does not list."""
    with ScannerSimulator("socket") as plugged:
        yield plugged


async def test_a_card_opens_the_screen_over_a_sale_and_esc_goes_back_to_it(counter_stage: Stage) -> None:
    """The sale stays, and so does who is signed in; neither is reached from there."""
    stage = counter_stage
    await stage.scan(MILK)
    await stage.scan(card(stage))
    await stage.until(lambda: stage.shows(DevicesScreen))
    await stage.until(lambda: "Technician's card: 李工" in stage.said())
    assert "F9" not in stage.text()
    await stage.press("{f9}{f10}")
    assert stage.shows(DevicesScreen)
    await stage.press("{escape}")
    await stage.until(lambda: stage.shows(CounterScreen))
    assert "6.50" in stage.text()


async def test_a_card_opens_the_screen_where_nobody_is_signed_in(stage: Stage) -> None:
    """And nobody is by it."""
    async with stage.run():
        await stage.scan(card(stage))
        await stage.until(lambda: stage.shows(DevicesScreen))
        assert stage.app.work is not None
        assert stage.app.work.session is None
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(SignInScreen))


async def test_a_card_typed_by_a_scanner_opens_over_a_dialog(counter_stage: Stage) -> None:
    """Its Enter presses nothing."""
    stage = counter_stage
    await stage.press("{f9}")
    await stage.until(lambda: stage.shows(Menu))
    stage.burst(card(stage))
    await stage.until(lambda: stage.shows(DevicesScreen))


async def test_d102_a_card_that_is_over_forged_or_not_for_here_opens_nothing(stage: Stage) -> None:
    """Each with its sentence; and no card does while the till's clock is in doubt."""
    async with stage.run():
        for text, said in (
            (card(stage, age_s=8 * DAY_S), "has ended"),
            (card(stage, store="airport"), "for another store"),
            (card(stage)[:-4] + "0000", "Not a technician's card"),
            ("C1:ABC", "not read whole"),
        ):
            await stage.scan(text)
            await stage.until(lambda said=said: said in stage.said())  # type: ignore[misc]
            assert stage.shows(SignInScreen)
        stage.desk.clocks.wall_us += 3_600_000_000
        await stage.scan(card(stage))
        await stage.until(lambda: "clock is not sure" in stage.said())
        assert stage.shows(SignInScreen)


async def test_a_scanner_is_heard_suggested_and_taken_into_use(stage: Stage, scanner: ScannerSimulator) -> None:
    """F4, the code on the screen, F2: nothing was known of it before."""
    stage.scanner.ports = [FakePort(str(scanner.port), "/dev/ttyUSB0", "USB Serial", "1A86:7523")]
    async with stage.run():
        await stage.sign_in("1090")
        await stage.until(lambda: "ttyUSB0" in stage.text())
        await stage.press("{down}{f4}")
        await stage.until(lambda: stage.shows(ListenScreen) and "Listening at 9600 8N1" in beside(stage))
        assert [found.text for found in zxingcpp.read_barcodes(stage.picture())] == [TEST_CODE]
        scanner.type_bytes(b"]Q1" + TEST_CODE.encode() + b"\r\n")
        await stage.until(lambda: "]Q1 qr" in beside(stage))
        assert "switch that off at the scanner" in beside(stage)
        scanner.type_bytes(TEST_CODE.encode() + b"\r\n")
        await stage.until(lambda: "Before it nothing" in beside(stage))
        text = beside(stage)
        for said in (
            "The test code was read",
            "CR LF",
            "utf-8",
            f"{len(TEST_CODE.encode()) + 2} in",
            "54 69 6c 6c",
            "Any serial scanner",
        ):
            assert said in text, said
        await stage.press("{f2}")
        await stage.until(lambda: stage.shows(DevicesScreen))
        settings = read_settings(stage.desk.desk.folder)
        assert (settings.scanner_port, settings.scanner_profile) == (str(scanner.port), "generic-line")
        scanner.type_code(MILK)
        await stage.until(lambda: MILK in stage.text())


async def test_who_leaves_at_once_leaves_the_scanner_in_use(stage: Stage, scanner: ScannerSimulator) -> None:
    """Esc before the port is open, and Esc while a question is under way: nobody listens any more, and codes arrive."""
    stage.scanner.ports = [FakePort(str(scanner.port))]
    async with stage.run():
        await stage.sign_in("1090")
        await stage.until(lambda: "ttyACM0" in stage.text())
        stage.bench.use_heard(str(scanner.port), "newland-unified")
        await stage.press("{down}{f4}")
        await stage.until(lambda: stage.shows(ListenScreen))
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(DevicesScreen))
        await stage.press("{f4}")
        await stage.until(lambda: "Listening at" in beside(stage))
        until_s = time.monotonic() + 10
        while "The test code was read" not in beside(
            stage
        ):  # the simulated line may be the former host's still: he scans again
            assert time.monotonic() < until_s
            scanner.type_bytes(TEST_CODE.encode() + b"\r")
            await asyncio.sleep(1)
            await stage.settle()
        await stage.press("{f5}{escape}")
        await stage.until(lambda: stage.shows(DevicesScreen))
        await asyncio.to_thread(stage.bench.stop_listening)
        await stage.until(lambda: "Scanner ready" in stage.said())
        scanner.type_code(MILK)
        await stage.until(lambda: f"Code {MILK}" in stage.said())


async def test_garbage_is_heard_and_the_next_speed_is_tried(stage: Stage, scanner: ScannerSimulator) -> None:
    """Said in words: scan again."""
    stage.scanner.ports = [FakePort(str(scanner.port))]
    async with stage.run():
        await stage.sign_in("1090")
        await stage.until(lambda: "ttyACM0" in stage.text())
        await stage.press("{down}{f4}")
        await stage.until(lambda: "Listening at 9600 8N1" in beside(stage))
        scanner.type_bytes(b"\x80\x00\xfe\x1f")
        await stage.until(lambda: "wrong speed" in beside(stage) and "115200 8N1" in stage.said())
        await stage.press("{f2}")
        assert stage.shows(ListenScreen)


async def test_the_template_is_a_code_that_the_next_till_takes(stage: Stage) -> None:
    """What it changes is shown; Enter leaves everything as it is, F2 uses it."""
    async with stage.run():
        await stage.sign_in("1090")
        await stage.press("{f6}")
        await stage.until(lambda: stage.shows(TemplateDialog) and bool(zxingcpp.read_barcodes(stage.picture())))
        assert [found.text for found in zxingcpp.read_barcodes(stage.picture())] == [as_code({"language": "en"})]
        await stage.press("{f2}")
        await stage.until(lambda: "Saved:" in stage.said())
        assert read_file(stage.desk.desk.folder / FILE) == {"language": "en"}
        await stage.press("{escape}")
        template = as_code({"scanner_port": "url:socket://127.0.0.1:9", "scanner_profile": "mindeo"})
        await stage.scan(template)
        await stage.until(lambda: stage.shows(Ask) and "generic-line -> mindeo" in stage.said())
        await stage.press("\n")
        assert read_settings(stage.desk.desk.folder).scanner_profile == "generic-line"
        await stage.scan(template)
        await stage.until(lambda: stage.shows(Ask))
        await stage.press("{f2}")
        await stage.until(lambda: read_settings(stage.desk.desk.folder).scanner_profile == "mindeo")


async def test_d101_a_template_that_this_till_cannot_follow_changes_nothing(stage: Stage) -> None:
    """A model that is not here, a profile that nobody shipped, half a code."""
    async with stage.run():
        await stage.sign_in("1090")
        for text, said in (
            (as_code({"scanner_port": "usb:FFFF:0001"}), "not plugged in here: FFFF:0001"),
            (as_code({"scanner_profile": "nobodys"}), "no such scanner profile"),
            (as_code({"theme": "till-light"})[:-3], "not read whole"),
        ):
            await stage.scan(text)
            await stage.until(lambda said=said: said in stage.said())  # type: ignore[misc]
        assert not (stage.desk.desk.folder / "till.toml").exists()


async def test_a_template_sells_nothing_at_the_counter(counter_stage: Stage) -> None:
    """It belongs to the technician's screens, and says so."""
    await counter_stage.scan(as_code({"theme": "till-light"}))
    await counter_stage.until(lambda: "for the technician's screens" in counter_stage.said())


async def test_the_scanner_that_was_heard_is_asked_who_it_is(stage: Stage) -> None:
    """F5, once it has scanned; the family that answers is chosen."""
    with ScannerSimulator("socket") as scanner:
        answering = Answering(scanner, ANSWERS)
        stage.scanner.ports = [FakePort(str(scanner.port))]
        async with stage.run():
            await stage.sign_in("1090")
            await stage.until(lambda: "ttyACM0" in stage.text())
            await stage.press("{down}{f4}")
            await stage.until(lambda: "Listening at 9600 8N1" in beside(stage))
            await stage.press("{f5}")
            await stage.until(lambda: "Scan something first" in stage.said())
            scanner.type_bytes(TEST_CODE.encode() + b"\r")
            await stage.until(lambda: "The test code was read" in beside(stage))
            await stage.press("{f5}")
            await stage.until(lambda: "newland-unified answered: HR52 V1.2" in stage.said())
            await stage.press("{f2}")
            await stage.until(lambda: stage.shows(DevicesScreen))
            assert read_settings(stage.desk.desk.folder).scanner_profile == "newland-unified"
            scanner.type_code(MILK)
            await stage.until(lambda: MILK in stage.text())
            await stage.press("{f8}1")
            await stage.until(lambda: "model HR52" in stage.said())
        answering.stop()


async def test_one_number_follows_a_scan_to_the_ledgers_outcome(counter_stage: Stage) -> None:
    """From the counter to the technician's list: refused ones with why, sold ones with their entry and what became of it."""
    stage = counter_stage
    await stage.scan_member()
    await stage.scan("134567890123456789")
    await stage.scan(MILK)
    await stage.press("\n")
    await stage.until(lambda: stage.app.work is not None and stage.app.work.is_idle)
    last = stage.desk.desk.journal.last()
    assert last is not None
    await stage.scan(card(stage))
    await stage.press("{f7}")
    await stage.until(lambda: f"entry {last.seq}: waiting" in stage.said())
    assert f"product {MILK}" in stage.said()
    assert "payment code" in stage.said()
    assert "134567890123456789" not in stage.text()
    outcome = Outcome(seq=last.seq, status="booked", position=3)
    stage.desk.desk.journal.mark([outcome], 1)
    await stage.happen(OutcomesArrived((outcome,)))
    await stage.until(lambda: f"entry {last.seq}: booked" in stage.said())
    assert "keyboard" in stage.said()


async def test_what_came_over_the_line_is_saved_without_what_could_pay(stage: Stage) -> None:
    """F3 twice; only where somebody says so."""
    async with stage.run():
        await stage.sign_in("1090")
        await stage.press("{f3}")
        await stage.happen(RawBytesRead(b"134567890123456789\r", 1))
        await stage.press("{f3}")
        await stage.until(lambda: stage.shows(Ask))
        assert not list(stage.desk.desk.folder.glob("line-*.txt"))
        await stage.press("{f2}")
        await stage.until(lambda: "Saved:" in stage.said())
        (file,) = stage.desk.desk.folder.glob("line-*.txt")
        assert "31 33 ** **" in file.read_text(encoding="utf-8")
