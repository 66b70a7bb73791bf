"""`till devices check`: who has which port, and which way fits beside a cash register."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings
from devices.errors import PortMissingError, PortTakenError
from devices.holders import programs_on
from devices.ports import PortInfo
from devices.simulators import CABLE_KINDS, ScannerSimulator
from devices.transport import LineSettings
from local_db.connections import till_lock
from till.cli import main
from till.device_check import Checked, Way, check
from till.device_words import check_rows, way_sentence

SCANNER = PortInfo("COM3", "Newland HR22", 0x1EAB, 0x0106, "A1", "1-1")
SECOND = PortInfo("COM4", "Honeywell scanner", 0x0C2E, 0x0901, "B2", "1-2")
ADAPTER = PortInfo("COM8", "USB Serial Port", 0x0403, 0x6001, "C3", "1-3")
PAD = PortInfo("COM9", "PAX S300", 0x2FB8, 0x2205, "D4", "1-4")


class Line:
    """A port that other programs may have, or that is gone. `opened` is shared: which ports were opened at all."""

    taken: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    opened: list[str] = []

    def __init__(self, target: str, _line: LineSettings) -> None:
        self._target = target

    def open(self) -> None:
        self.opened.append(self._target)
        if self._target in self.taken:
            raise PortTakenError(self._target)
        if self._target in self.missing:
            raise PortMissingError(self._target)

    def close(self) -> None:
        """Given back."""

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        raise AssertionError("a check reads nothing")

    def write(self, data: bytes) -> None:
        raise AssertionError("a check sends nothing")

    def cancel(self) -> None:
        """Nothing is under way."""


def look(
    settings: Settings,
    *infos: PortInfo,
    taken: Sequence[str] = (),
    missing: Sequence[str] = (),
    may_open: bool = True,
) -> tuple[Checked, list[str]]:
    opened: list[str] = []
    kind = type("Port", (Line,), {"taken": frozenset(taken), "missing": frozenset(missing), "opened": opened})
    found = check(settings, infos=infos, transport_for=kind, holders=lambda _: (), may_open=may_open)
    return found, opened


@pytest.mark.parametrize(
    ("infos", "taken", "way", "ports"),
    [
        ([], [], Way.KEYBOARD, ("", "")),
        ([PAD, ADAPTER], [], Way.KEYBOARD, ("", "")),
        ([SCANNER], [], Way.ASSIGN, ("device:COM3", "")),
        ([SCANNER, SECOND], ["COM3"], Way.SECOND_SCANNER, ("device:COM4", "")),
        ([SCANNER, ADAPTER], ["COM3"], Way.TAKE_OVER, ("device:COM3", "device:COM8")),
        ([SCANNER, PAD], ["COM3"], Way.BUY_SECOND, ("", "")),
    ],
)
def test_which_way_fits(infos: list[PortInfo], taken: list[str], way: Way, ports: tuple[str, str]) -> None:
    """Told from what is plugged in and what other programs have; a payment pad is never opened."""
    found, opened = look(Settings(), *infos, taken=taken)
    assert (found.way, (found.scanner, found.register)) == (way, ports)
    assert set(opened) <= {"COM3", "COM4"}
    assert found.is_good == (way is Way.KEYBOARD)
    assert all(port in way_sentence(found) for port in ports)


def test_a_till_that_passes_on_is_checked_at_both_ends() -> None:
    """Both lines are opened, and the one that is missing is named."""
    settings = Settings(scanner_port="device:COM3", register_port="device:COM8")
    found, opened = look(settings, SCANNER, ADAPTER)
    assert (found.way, found.is_good, opened) == (Way.PASSES_ON, True, ["COM3", "COM8"])
    found, _ = look(settings, SCANNER, missing=["COM8"])
    assert not found.is_good
    assert any("port-missing" in row for row in check_rows(found))


def test_d03_a_scanner_that_the_register_took_is_advised_upon() -> None:
    """It is assigned here, and the other program was faster."""
    found, _ = look(Settings(scanner_port="device:COM3"), SCANNER, ADAPTER, taken=["COM3"])
    assert (found.way, found.is_good) == (Way.TAKE_OVER, False)


def test_while_the_counter_is_open_nothing_is_opened() -> None:
    """It has the ports itself."""
    found, opened = look(Settings(scanner_port="device:COM3"), SCANNER, may_open=False)
    assert (found.way, opened) == (Way.OWN_SCANNER, [])


def test_the_command_answers_and_says_by_its_end_whether_something_is_to_be_done(tmp_path: Path) -> None:
    """On a real line: there, then gone; and beside an open counter."""
    with ScannerSimulator() as simulator:
        (tmp_path / "till.toml").write_text(f'language = "en"\nscanner_port = "{simulator.port}"\n', encoding="utf-8")
        arguments = ["--data-dir", str(tmp_path), "devices", "check"]
        there = CliRunner().invoke(main, arguments)
        with till_lock(tmp_path):
            beside = CliRunner().invoke(main, arguments)
        simulator.unplug()
        gone = CliRunner().invoke(main, [*arguments, "--json"])
    assert "scanner of its own" in there.stdout
    assert there.exit_code == 0
    assert "the counter is open" in beside.stderr
    assert (gone.exit_code, '"code": "port-missing"' in gone.stdout) == (1, True)


def test_the_program_that_has_a_port_is_named(tmp_path: Path) -> None:
    """From a /proc made by hand: another's link to the device; an unreadable process is passed over."""
    process = tmp_path / "4711"
    (process / "fd").mkdir(parents=True)
    device = tmp_path / "ttyUSB0"
    device.touch()
    (process / "fd" / "5").symlink_to(device)
    (process / "comm").write_text("pos-software\n", encoding="utf-8")
    (tmp_path / "4712").mkdir()
    assert programs_on(str(device), tmp_path) == ["pos-software (4711)"]
    assert programs_on(str(tmp_path / "ttyUSB1"), tmp_path) == []
    assert programs_on(str(device), tmp_path / "none") == []


if sys.platform == "linux":

    def test_d04_a_program_that_reads_along_is_named() -> None:
        """A real one, that takes no lock."""
        with ScannerSimulator(CABLE_KINDS[0]) as simulator:
            path = str(Path(simulator.port.value).resolve())
            script = f"import os; os.open({path!r}, os.O_RDWR | os.O_NOCTTY); print('open', flush=True); input()"
            with subprocess.Popen(
                [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as other:
                assert other.stdout is not None
                assert other.stdout.readline() == "open\n"
                found = check(Settings(scanner_port=str(simulator.port)), infos=[])
                other.communicate("\n")
        assert any(f"({other.pid})" in program for program in found.ports[0].programs)
