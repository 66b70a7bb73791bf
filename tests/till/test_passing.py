"""`till devices pass`: the register has its scanner while the counter is closed, and the counter gets it when it opens."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Settings, write_settings
from devices.simulators import ScannerSimulator
from till.cli import main
from till.events import CodeScanned, Event, RegisterChanged, ScannerChanged
from till.passing import pass_on
from till.scanner_turn import WANTED_FILE, ScannerTurn
from till.scanners import ScannerPost

EAN, OURS = b"6901234567892\r\n", b"M1100000000190\r\n"
Told = queue.SimpleQueue[Event]


@pytest.fixture
def ports() -> Iterator[tuple[ScannerSimulator, ScannerSimulator]]:
    """The scanner's end and the register's."""
    with ScannerSimulator() as scanner, ScannerSimulator() as register:
        yield scanner, register


def until_back(told: Told) -> None:
    while told.get(timeout=10) not in (RegisterChanged(), RegisterChanged("register-back")):
        pass


def test_the_register_has_its_scans_before_and_after_the_counter(
    tmp_path: Path, ports: tuple[ScannerSimulator, ScannerSimulator]
) -> None:
    """Products reach it all the time; a member is the counter's while it is open, and nobody's else."""
    scanner, register = ports
    settings = Settings(scanner_port=str(scanner.port), register_port=str(register.port))
    ended, outside, inside = threading.Event(), Told(), Told()
    passing = threading.Thread(target=pass_on, args=(tmp_path, settings, ended, outside.put))
    passing.start()
    try:
        until_back(outside)
        wait_for_scanner(scanner, register)
        write_settings(tmp_path, settings)
        answer = CliRunner().invoke(main, ["--data-dir", str(tmp_path), "--lang", "en", "devices", "check"])
        assert (answer.exit_code, "`till devices pass` has the ports" in answer.stderr) == (0, True)
        post = ScannerPost(tmp_path, settings, inside.put)
        post.start()
        heard = {type(inside.get(timeout=10)), type(inside.get(timeout=10))}
        assert heard == {ScannerChanged, RegisterChanged}
        scanner.type_bytes(OURS + EAN)
        event = inside.get(timeout=10)
        assert isinstance(event, CodeScanned)
        assert event.text == OURS.decode().strip()
        assert register.received(5) == EAN
        post.stop()
        until_back(outside)
        wait_for_scanner(scanner, register)
    finally:
        ended.set()
        passing.join(10)
    assert not passing.is_alive()


def wait_for_scanner(scanner: ScannerSimulator, register: ScannerSimulator) -> None:
    """Scan until the register has it: both ports are opened by threads of their own."""
    for _ in range(100):
        scanner.type_bytes(OURS + EAN)
        if register.received(0.2):
            break
    else:
        raise AssertionError("the register gets nothing")
    while register.received(0.3):
        pass


def test_a_counter_that_crashed_while_it_waited_keeps_nobody_out(tmp_path: Path) -> None:
    """Its wish is old; a young one is obeyed."""
    turn = ScannerTurn(tmp_path)
    wanted = tmp_path / WANTED_FILE
    wanted.touch()
    assert not turn.take()
    os.utime(wanted, (0, 0))
    assert turn.take()
    other = ScannerTurn(tmp_path)
    assert not other.demand(0.05)
    turn.give_back()
    assert other.demand(0.05)
    assert not wanted.exists()
    other.give_back()


def test_without_a_line_to_a_register_there_is_nothing_to_pass_on(tmp_path: Path) -> None:
    """It is said which command assigns one."""
    answer = CliRunner().invoke(main, ["--data-dir", str(tmp_path), "--lang", "en", "devices", "pass"])
    assert answer.exit_code == 4
    assert "--pass-to PORT" in answer.output
