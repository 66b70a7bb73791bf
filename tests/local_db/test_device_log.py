"""`devices.db`: written behind the counter, worth nothing to the books, gone without harm."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_db import device_log
from local_db.device_log import FILE, Counted, DeviceLog, DeviceLogReader, ScanRow


def row(number: int, size: int = 13) -> ScanRow:
    return ScanRow(number, 1_000_000, "newland-unified COM3", size, "", "product", "690", "CounterScreen", "", 900)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DeviceLog]:
    opened = DeviceLog(tmp_path)
    opened.start()
    yield opened
    opened.stop()


def test_scans_are_read_while_the_till_writes(log: DeviceLog, tmp_path: Path) -> None:
    """The newest first; with their entry once there is one."""
    reader = DeviceLogReader(tmp_path)
    for number in (1, 2, 3):
        log.put(row(number))
    log.sold((1, 3), 77)
    log.flush()
    assert [(one.number, one.seq) for one in reader.scans(10)] == [(3, 77), (2, 0), (1, 77)]
    assert [one.number for one in reader.scans(1, before=3)] == [2]
    assert reader.scan(2) == row(2)
    assert reader.scan(9) is None


def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """A number names one scan for ever."""
    for expected in (1, 2):
        log = DeviceLog(tmp_path)
        log.start()
        number = log.next_number()
        assert number == expected
        log.put(row(number))
        log.stop()


def test_counts_are_kept_by_device_and_month_over_restarts(tmp_path: Path) -> None:
    """And the oldest go."""
    for _run in range(2):
        log = DeviceLog(tmp_path)
        log.start()
        for month in ("2026-09", "2026-09", "2026-10"):
            log.count("COM3", month, "scans")
        log.stop()
    reader = DeviceLogReader(tmp_path)
    assert reader.counted() == [Counted("COM3", "2026-10", "scans", 2), Counted("COM3", "2026-09", "scans", 4)]
    log = DeviceLog(tmp_path)
    log.start()
    log.count("COM3", "2029-09", "scans")
    log.stop()
    assert [one.month for one in reader.counted()] == ["2029-09", "2026-10"]


def test_no_more_scans_are_kept_than_there_is_room_for(
    log: DeviceLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go."""
    monkeypatch.setattr(device_log, "MOST_SCANS", 3)
    for number in range(1, 6):
        log.put(row(number))
    log.flush()
    assert [one.number for one in DeviceLogReader(tmp_path).scans(10)] == [5, 4, 3]


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    """Nothing stands on it."""
    (tmp_path / FILE).write_bytes(b"not a database" * 400)
    log = DeviceLog(tmp_path)
    log.start()
    log.put(row(log.next_number()))
    log.stop()
    assert [one.number for one in DeviceLogReader(tmp_path).scans(10)] == [1]


def test_a_folder_that_takes_no_file_costs_nobody_anything(tmp_path: Path) -> None:
    """The till sells all the same, and asks nobody to wait."""
    (tmp_path / FILE).mkdir()
    log = DeviceLog(tmp_path)
    log.start()
    log.put(row(log.next_number()))
    log.flush()
    log.stop()
    assert DeviceLogReader(tmp_path).scans(10) == []
    assert DeviceLogReader(tmp_path / "nowhere").counted() == []


def test_a_row_that_is_refused_leaves_the_writer_at_work(log: DeviceLog, tmp_path: Path) -> None:
    """It writes the next ones."""
    log.put(row(1, size=-1))
    log.flush()
    log.put(row(2))
    log.flush()
    assert [one.number for one in DeviceLogReader(tmp_path).scans(10)] == [2]


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """Another version wrote it, and may be put back tomorrow."""
    log = DeviceLog(tmp_path)
    log.start()
    log.stop()
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    newer = DeviceLog(tmp_path)
    newer.start()
    newer.put(row(1))
    newer.stop()
    connection = sqlite3.connect(tmp_path / FILE)
    assert connection.execute("PRAGMA user_version").fetchone() == (99,)
    connection.close()
