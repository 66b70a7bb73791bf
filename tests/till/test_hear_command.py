"""`till devices hear`: a port that nobody knows yet, without a screen."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from click.testing import CliRunner, Result

from devices.hearing import TEST_CODE
from devices.simulators import ScannerSimulator
from till.cli import main


def hear(folder: Path, scanner: ScannerSimulator, scans: bytes, *more: str) -> Result:
    """The command, while the scanner scans as soon as somebody listens."""
    stop = threading.Event()

    def keep_scanning() -> None:
        while not stop.wait(0.4):
            scanner.type_bytes(scans)

    scanning = threading.Thread(target=keep_scanning)
    scanning.start()
    try:
        return CliRunner().invoke(
            main, ["--data-dir", str(folder), "--lang", "en", "devices", "hear", str(scanner.port), *more]
        )
    finally:
        stop.set()
        scanning.join()


def test_what_a_scanner_sends_is_told_with_the_profile_that_reads_it(tmp_path: Path) -> None:
    """For a person, and for a program."""
    with ScannerSimulator("socket") as scanner:
        told = hear(tmp_path, scanner, TEST_CODE.encode() + b"\r\n")
        assert told.exit_code == 0
        for said in ("9600 8N1", "The test code was read", "At its end  CR LF", "Any serial scanner: reads the test"):
            assert said in told.stdout
        document = json.loads(hear(tmp_path, scanner, TEST_CODE.encode("gb18030") + b"\r", "--json").stdout)
    assert (document["charset"], document["end"], document["profiles"][0]) == ("gb18030", "CR", "generic-line")


def test_nothing_that_is_read_right_is_said_so(tmp_path: Path) -> None:
    """Exit code 1; with what came, and what would help."""
    with ScannerSimulator("socket") as scanner:
        told = hear(tmp_path, scanner, b"]Q1" + TEST_CODE.encode() + b"\r", "--seconds", "2")
    assert told.exit_code == 1
    assert "switch that off at the scanner" in told.stderr


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    """Wrong usage."""
    assert CliRunner().invoke(main, ["--data-dir", str(tmp_path), "devices", "hear", "by-id:../x"]).exit_code == 2
