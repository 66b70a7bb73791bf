"""What each person finds: the manager's shift, the technician's devices, and what waits for somebody."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from protocol.push import Outcome
from terminal.dialogs.witness import Witness
from terminal.screens.counter import CounterScreen
from terminal.screens.devices import DevicesScreen
from terminal.screens.quarantine import QuarantineScreen
from terminal.screens.shift import ShiftScreen
from terminal.screens.shift_opening import ShiftOpeningScreen
from terminal.screens.sign_in import SignInScreen
from tests.desks import TERMINAL, payloads
from tests.terminal.stage import MILK, FakeStatus, Stage
from till.events import OutcomesArrived, RawBytesRead, ScannerChanged


async def test_wrong_pin_is_refused_and_typed_anew(stage: Stage) -> None:
    """The sentence says how many tries are left; the right PIN then signs in."""
    async with stage.run():
        await stage.press("1023\n9999\n")
        await stage.until(lambda: "4 tries left" in stage.said())
        await stage.press("1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))


async def test_wrong_staff_number_is_mended_without_a_mouse(stage: Stage) -> None:
    """Backspace in the empty PIN, or Up, goes back to the number."""
    async with stage.run():
        await stage.press("1029\n")
        await stage.press("{backspace}{backspace}3\n1023\n")
        await stage.until(lambda: stage.shows(CounterScreen))


async def test_full_width_digits_sign_in(stage: Stage) -> None:
    """The input method was left on: the PIN's stars cannot show it, and a wrong try would be counted."""
    async with stage.run():
        await stage.press("１０２３\n１０２３\n")
        await stage.until(lambda: stage.shows(CounterScreen))


async def test_locked_counter_says_whose_pin_it_wants(stage: Stage) -> None:
    """Only the PIN is missing, and how somebody else takes over is said."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f10}")
        await stage.until(lambda: stage.shows(SignInScreen))
        assert "1023: type your PIN, Enter; somebody else: F10" in stage.said()


async def test_program_is_not_left_over_a_sale(stage: Stage) -> None:
    """On the screen it would be lost, so it is asked, also behind the lock. Esc stays."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("12")
        await stage.more("Quit the program")
        await stage.until(lambda: "A sale is not finished yet" in stage.said())
        await stage.press("{escape}{f10}")
        await stage.until(lambda: stage.shows(SignInScreen))
        await stage.press("{ctrl+q}{escape}")
        assert stage.app.is_running
        await stage.press("{ctrl+q}{f2}")
        await stage.until(lambda: stage.app.return_code == 0)


async def test_manager_closes_the_shift_and_opens_the_next(stage: Stage) -> None:
    """X shows the totals, Z asks first (Enter is no), and the next shift begins with signing in."""
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan_member()
        await stage.press("100\n{f8}")
        assert stage.shows(ShiftScreen)
        assert "Interim report (X)" in stage.said()
        assert "1 entries, 100 %" in stage.said()
        await stage.press("{f8}\n")
        assert "Interim report (X)" in stage.said()
        await stage.press("{f8}{f2}")
        assert "Closing report (Z)" in stage.said()
        assert payloads(stage.desk.desk)[-1]["type"] == "shift-closed"
        await stage.press("{f8}")
        assert "! The shift is closed" in stage.said()
        await stage.press("{escape}")
        await stage.until(lambda: stage.shows(SignInScreen))
        await stage.sign_in("1023")
        assert stage.shows(ShiftOpeningScreen)
        assert "Ask a supervisor" in stage.said()
        await stage.press("{f10}")
        await stage.until(lambda: stage.shows(SignInScreen))
        await stage.sign_in("1001")
        await stage.press("{f8}")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert payloads(stage.desk.desk)[-1]["type"] == "shift-opened"


async def test_shift_is_not_closed_over_a_sale(stage: Stage) -> None:
    """A sale put aside belongs to its shift."""
    async with stage.run():
        await stage.sign_in("1001")
        await stage.scan(MILK)
        await stage.press("{f6}{f8}{f8}")
        assert stage.shows(ShiftScreen)
        assert "finish it first" in stage.said()


async def test_technician_finds_the_devices(stage: Stage) -> None:
    """Ports with their names as data, a test scan that is used for nothing, raw bytes, and an assignment."""
    async with stage.run():
        await stage.sign_in("1090")
        await stage.until(lambda: "Mindeo MP719 [VIP]" in stage.said())
        assert stage.shows(DevicesScreen)
        await stage.press("{f3}")
        assert stage.scanner.monitored == [True]
        await stage.happen(RawBytesRead(b"\x02690\r\x1b", 1))
        await stage.scan(MILK)
        await stage.happen(ScannerChanged(is_online=False, code="port-gone"))
        text = stage.text()
        assert "02 36 39 30 0d 1b   .690.." in text
        assert MILK in text
        assert "unplugged" in text
        await stage.press("{down}{f2}1")
        await stage.until(lambda: stage.scanner.assigned == [("by-id:usb-Mindeo_MP719", "mindeo")])


async def test_port_in_use_is_chosen_even_when_it_is_not_listed(stage: Stage) -> None:
    """F2 pressed once too often keeps the scanner that works; a scan is counted at once."""
    used = "url:socket://192.168.1.20:4001"
    stage.scanner.status_now = FakeStatus(used, "mindeo", is_online=True)
    async with stage.run():
        await stage.sign_in("1090")
        await stage.until(lambda: "in use" in stage.said())
        await stage.press("{f2}1")
        await stage.until(lambda: stage.scanner.assigned == [(used, "generic-line")])
        stage.scanner.status_now = FakeStatus(used, good_scans=4, is_online=True)
        await stage.scan(MILK)
        await stage.until(lambda: "4 scans" in stage.said())


async def test_quarantined_entry_is_listed_with_its_reason(stage: Stage) -> None:
    """The status line says how many wait; F9 lists them with a sentence."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("10\n")
        last = stage.desk.desk.journal.last()
        assert last is not None
        outcome = Outcome(seq=last.seq, status="quarantined", reason="wrong-bucket", detail="bucket 3")
        stage.desk.desk.journal.mark([outcome], 1)
        await stage.happen(OutcomesArrived((outcome,)))
        assert "waits for a manager (F9)" in stage.said()
        await stage.press("{f9}3")
        await stage.until(lambda: "1 entries wait for a manager" in stage.said())
        assert "The entry's number does not fit its" in stage.said()


async def test_receipts_show_and_void_the_chosen_one(stage: Stage) -> None:
    """Two sales; the older one is chosen and taken back, points in both directions."""
    async with stage.run():
        await stage.sign_in("1023")
        for amount in ("10", "20"):
            await stage.scan_member()
            await stage.press(f"{amount}\n")
        await stage.press("{f7}")
        await stage.settle()
        assert "Points earned" in stage.said()
        await stage.press("\n")
        assert "02号机 3 " in stage.said()
        assert TERMINAL not in stage.text(), "nobody calls a till so"
        assert " " * 20 in stage.text()
        await stage.press("{escape}{down}{f3}{f2}")
        assert "10.00 voided" in stage.said()
        voided = payloads(stage.desk.desk)[-1]
        sale = next(entry for entry in payloads(stage.desk.desk) if entry.get("gross_fen") == 1000)
        assert (voided["type"], voided["voids"]) == ("void", sale["id"])
        await stage.press("{f3}")
        assert "voided already" in stage.said()


async def test_long_name_of_a_till_leaves_room_for_the_proof(stage: Stage) -> None:
    """Sixty-four Chinese characters are a name; the code shows as many as it holds."""
    stage.desk.desk.terminal_name = "服务台左边的收银机" * 7
    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("10\n{f7}\n")
        await stage.until(lambda: stage.shows(Witness))
        assert "服务台左边的收银机服务台 2 " in stage.said()


async def test_member_is_found_by_number_offline(stage: Stage) -> None:
    """F5 finds who is in the cache, and says what would help for who is not."""
    async with stage.run():
        await stage.sign_in("1023")
        await stage.press("{f5}1000000009\n")
        await stage.until(lambda: "Not found offline" in stage.said())
        await stage.press("1000000002\n")
        await stage.until(lambda: stage.shows(CounterScreen))
        assert "李*" in stage.said()


async def test_link_changes_under_the_cashier(stage: Stage) -> None:
    """The words change, the sale on the screen does not."""
    from tests.terminal.stage import ONLINE

    async with stage.run():
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("55")
        assert "offline: with code" in stage.said()
        await stage.go(ONLINE)
        assert "Everything is sent" in stage.said()
        assert "code or PIN" in stage.said(), "found by a card: a proof is still missing"
        assert "66 points" in stage.said().replace("6 6", "66")


def _break_journal(folder: Path) -> None:
    journal = sqlite3.connect(next(folder.rglob("journal.db")))
    journal.executescript("PRAGMA foreign_keys = OFF; DROP TABLE outcome; DROP TABLE entry;")
    journal.close()


@pytest.mark.parametrize("size", [(80, 24), (140, 34)])
async def test_damaged_journal_is_a_sentence(tmp_path: Path, stage: Stage, size: tuple[int, int]) -> None:
    """Receipts, totals and what waits are read from it: each says what to do, and the program goes on."""
    async with stage.run(size=size):
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("10\n")
        _break_journal(tmp_path)
        await stage.press("{f7}")
        await stage.until(lambda: "journal is damaged" in stage.said())
        await stage.press("{escape}{f3}{f2}")
        assert "journal is damaged" in stage.said()
        await stage.scan_member()
        assert "journal is damaged" in stage.said()
        await stage.press("{f9}3")
        await stage.until(lambda: stage.shows(QuarantineScreen))
        assert "journal is damaged" in stage.said()


async def test_wide_terminal_shows_the_shift_beside(tmp_path: Path, stage: Stage) -> None:
    """From 120 columns on the sales of the shift stand on the right."""
    async with stage.run(size=(140, 34)):
        await stage.sign_in("1023")
        await stage.scan_member()
        await stage.press("10\n")
        assert "Sales of this shift" in stage.said()
        assert stage.text().count("+12 points") == 2
