"""Listening on a port that nobody knows yet."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from devices.ear import LINES, Deaf, Ear, Listening, Told
from devices.errors import PortMissingError
from devices.hearing import TEST_CODE, Hearing, Trouble
from devices.ports import PortRef
from devices.simulators import ScannerSimulator
from devices.transport import LineSettings, Transport
from tests.devices.harness import PATIENCE_S

PORT = PortRef.parse("device:/dev/nowhere")
T = TypeVar("T")


class Line:
    """A port whose scanner speaks at one setting: at any other its bytes are garbage. `scans` come one a life."""

    def __init__(self, settings: LineSettings, spoken: LineSettings, scans: queue.Queue[bytes]) -> None:
        self._is_right, self._scans = settings == spoken, scans

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def cancel(self) -> None:
        pass

    def write(self, data: bytes) -> None:
        raise AssertionError("listening sends nothing")

    def read(self, max_bytes: int, timeout_s: float) -> bytes:
        try:
            sent = self._scans.get(timeout=timeout_s)
        except queue.Empty:
            return b""
        return sent if self._is_right else bytes(byte ^ 0xA5 for byte in sent)


@contextmanager
def listening(port: PortRef, transport_for: Callable[[str, LineSettings], Transport] | None = None) -> Iterator[
    queue.Queue[Told]
]:  # fmt: skip
    told: queue.Queue[Told] = queue.Queue()
    more = {"transport_for": transport_for} if transport_for else {}
    ear = Ear(port, told.put, backoff_s=(0.01,), **more)  # type: ignore[arg-type]
    ear.start()
    try:
        yield told
    finally:
        ear.stop()


def next_of(told: queue.Queue[Told], kind: type[T]) -> T:
    while not isinstance(found := told.get(timeout=PATIENCE_S), kind):
        pass
    return found


def test_a_scan_is_heard_whole(simulator: ScannerSimulator) -> None:
    """However many reads it takes: silence ends it."""
    with listening(simulator.port) as told:
        assert next_of(told, Listening).line == LINES[0]
        simulator.type_bytes(TEST_CODE.encode() + b"\r\n", gap_s=0.02, chunk=9)
        found = next_of(told, Hearing)
    assert found.is_test_code
    assert found.end_name == "CR LF"
    assert found.longest_gap_ms >= 15


def test_d20_garbage_leads_to_the_next_line_settings() -> None:
    """Each scan is tried at the next ones, until it makes sense; those stay."""
    spoken, scans = LINES[2], queue.Queue[bytes]()
    with listening(PORT, lambda _port, line: Line(line, spoken, scans)) as told:
        heard = []
        for expected in LINES[:3]:
            assert next_of(told, Listening).line == expected
            scans.put(TEST_CODE.encode() + b"\r")
            heard.append(next_of(told, Hearing))
        assert [found.is_test_code for found in heard] == [False, False, True]
        assert heard[-1].line == spoken
        scans.put(b"6901234567892\r")
        assert next_of(told, Hearing).line == spoken


def test_a_port_that_is_not_there_is_said_and_tried_again() -> None:
    """With what is wrong."""
    with listening(PORT) as told:
        for _attempt in range(2):
            assert isinstance(next_of(told, Deaf).error, PortMissingError)


def test_a_line_that_never_falls_silent_is_heard_in_pieces() -> None:
    """No buffer without an end."""
    scans = queue.Queue[bytes]()
    for _time in range(3):
        scans.put(b"1" * 4_096)
    with listening(PORT, lambda _port, line: Line(line, line, scans)) as told:
        assert len(next_of(told, Hearing).raw) == 8_192


@pytest.mark.parametrize("trouble", [Trouble.GARBAGE, Trouble.PARITY])
def test_what_is_not_text_is_never_shown_as_readable(trouble: Trouble) -> None:
    """So nobody assigns a profile by it."""
    sent = b"\x80\x81\x00" if trouble is Trouble.GARBAGE else b"\xb1\xb2\xb3\x8d"
    scans = queue.Queue[bytes]()
    scans.put(sent)
    with listening(PORT, lambda _port, line: Line(line, line, scans)) as told:
        found = next_of(told, Hearing)
    assert found.troubles == (trouble,)
    assert not found.is_readable
