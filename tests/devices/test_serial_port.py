"""The border to pyserial: real ptys, real sockets, and its four exceptions turned into one tree."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devices.errors import (
    DeviceError,
    PortForbiddenError,
    PortInvalidError,
    PortMissingError,
    PortTakenError,
    SettingRefusedError,
    TransportLostError,
)
from devices.serial_port import SerialTransport
from devices.simulators import ScannerSimulator
from devices.transport import LineSettings


@pytest.fixture
def transport(simulator: ScannerSimulator) -> Iterator[SerialTransport]:
    """An open transport on the simulator's port."""
    opened = SerialTransport(simulator.port.resolve())
    opened.open()
    yield opened
    opened.close()


def read_all(transport: SerialTransport, length: int) -> bytes:
    data = b""
    while len(data) < length and (more := transport.read(4096, 5.0)):
        data += more
    return data


def test_bytes_travel_both_ways(simulator: ScannerSimulator, transport: SerialTransport) -> None:
    """All 256 byte values pass unchanged from the scanner to the host and back (F29)."""
    every = bytes(range(256))
    simulator.type_bytes(every)
    assert read_all(transport, 256) == every
    transport.write(every)
    assert simulator.received(5.0) == every


def test_a_burst_comes_in_few_reads(simulator: ScannerSimulator, transport: SerialTransport) -> None:
    """Reading in bulk, not byte by byte: 600 bytes that lie ready take at most a handful of reads."""
    simulator.type_bytes(b"x" * 600)
    reads = [transport.read(4096, 5.0)]
    while sum(map(len, reads)) < 600:
        reads.append(transport.read(4096, 5.0))
    assert len(reads) <= 20


def test_silence_ends_a_read(transport: SerialTransport) -> None:
    """A read without bytes returns empty after its time-out, neither at once nor much later."""
    began_s = time.monotonic()
    assert transport.read(10, 0.1) == b""
    assert 0.09 <= time.monotonic() - began_s < 2.0


def test_cancel_ends_a_read_under_way(transport: SerialTransport) -> None:
    """Another thread ends a read of a minute within a moment, and it is no error."""
    results: list[bytes] = []
    reader = threading.Thread(target=lambda: results.append(transport.read(10, 60.0)))
    reader.start()
    transport.cancel()
    reader.join(5.0)
    assert results == [b""]


def test_d05_an_unplug_ends_a_read_with_one_error(simulator: ScannerSimulator, transport: SerialTransport) -> None:
    """Whatever the platform raises, the reader sees that the line is lost, also on the calls after."""
    simulator.unplug()
    for _ in range(2):
        with pytest.raises(TransportLostError) as caught:
            transport.read(10, 5.0)
        assert caught.value.code == "port-gone"
    transport.close()
    transport.close()
    with pytest.raises(TransportLostError):
        transport.write(b"x")


def test_d07_an_unplug_before_a_write_is_noticed_by_the_next_read(
    simulator: ScannerSimulator, transport: SerialTransport
) -> None:
    """A socket takes the first write after its peer has gone; the loss shows at the latest when reading."""
    simulator.unplug()
    with pytest.raises(TransportLostError):  # noqa: PT012
        transport.write(b"x")
        transport.read(10, 5.0)


def test_a_lost_port_can_be_opened_again(simulator: ScannerSimulator, transport: SerialTransport) -> None:
    """The same transport works after a replug."""
    simulator.unplug()
    with pytest.raises(TransportLostError):
        transport.read(10, 5.0)
    simulator.replug()
    transport.open()
    simulator.type_bytes(b"again")
    assert read_all(transport, 5) == b"again"


def test_d01_a_missing_port_says_so(simulator: ScannerSimulator) -> None:
    """An unplugged device and a refusing server are both "no such port"."""
    simulator.unplug()
    with pytest.raises(PortMissingError) as caught:
        SerialTransport(simulator.port.resolve()).open()
    assert caught.value.code == "port-missing"
    assert "check the cable" in str(caught.value)


@pytest.mark.parametrize("target", ["carrier-pigeon://roof", "socket://nowhere", "socket:///", "loop://?nonsense=1"])
def test_an_address_that_is_none_says_so(target: str) -> None:
    """An unknown scheme, or a socket without a port number, is a mistake in the settings, with a sentence."""
    with pytest.raises((PortInvalidError, PortMissingError)):
        SerialTransport(target).open()


def test_d18_a_refused_setting_says_so() -> None:
    """A baud rate that the port does not know is not "no such port"."""
    with pytest.raises(SettingRefusedError) as caught:
        SerialTransport("loop://", LineSettings(baud=0)).open()
    assert caught.value.code == "setting-refused"


if sys.platform != "win32":

    @pytest.fixture
    def pty_simulator() -> Iterator[ScannerSimulator]:
        """What follows is about ttys."""
        with ScannerSimulator("pty") as plugged:
            yield plugged

    def open_elsewhere(path: str, *, as_nobody: bool, flock: bool = False) -> str:
        """Try to open the port in another process; returns what became of it."""
        script = (
            "import os, sys, fcntl\n"
            f"{'os.setuid(65534)' if as_nobody and os.geteuid() == 0 else ''}\n"
            "try:\n"
            f"    fd = os.open({path!r}, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)\n"
            f"    {'fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)' if flock else ''}\n"
            "    print('opened')\n"
            "except OSError as exc:\n"
            "    print(exc.errno)\n"
        )
        return subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()

    def test_d03_a_port_locked_by_another_process_is_taken(pty_simulator: ScannerSimulator) -> None:
        """Another program that holds the port with a lock makes our open say "taken", and its end frees the port."""
        path = pty_simulator.port.resolve()
        script = (
            f"import serial, sys\nport = serial.Serial({path!r}, exclusive=True)\n"
            "print('held', flush=True)\nsys.stdin.read()\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            transport = SerialTransport(path)
            with pytest.raises(PortTakenError) as caught:
                transport.open()
            other.communicate("")
        assert caught.value.code == "port-taken"
        transport.open()
        transport.close()

    def test_our_lock_keeps_other_programs_out_until_we_close(pty_simulator: ScannerSimulator) -> None:
        """A locking program meets the lock, an ordinary user's `cat` gets EBUSY; after close both may."""
        path = str(Path(pty_simulator.port.resolve()).resolve())
        Path(path).chmod(0o666)
        transport = SerialTransport(path)
        transport.open()
        assert open_elsewhere(path, as_nobody=False, flock=True) in {"11", "16"}
        assert open_elsewhere(path, as_nobody=True) == "16"
        transport.close()
        assert open_elsewhere(path, as_nobody=True, flock=True) == "opened"

    def test_two_transports_of_one_program_exclude_each_other(pty_simulator: ScannerSimulator) -> None:
        """Two devices assigned to one port: the second is told."""
        first, second = (SerialTransport(pty_simulator.port.resolve()) for _ in range(2))
        first.open()
        with pytest.raises(PortTakenError):
            second.open()
        first.close()
        second.open()
        second.close()

    def test_d12_a_setting_that_the_tty_refuses_says_so(pty_simulator: ScannerSimulator) -> None:
        """7 data bits on a pty raise a bare termios.error, which is no OSError: it ends at the border, port closed."""
        path = str(Path(pty_simulator.port.resolve()).resolve())
        transport = SerialTransport(path)
        transport.open()
        transport.close()
        with pytest.raises(SettingRefusedError):  # nothing else differs now, so the refusal is seen
            SerialTransport(path, LineSettings(bytesize=7)).open()
        assert open_elsewhere(path, as_nobody=False, flock=True) == "opened"

    def test_d08_the_dead_descriptor_is_closed_before_the_replug_is_looked_for(
        pty_simulator: ScannerSimulator,
    ) -> None:
        """A held descriptor makes the replug come back under another name (ttyUSB1)."""
        path = str(Path(pty_simulator.port.resolve()).resolve())
        transport = SerialTransport(path)
        transport.open()
        assert path in open_files()
        pty_simulator.unplug()
        with pytest.raises(TransportLostError):
            transport.read(10, 5.0)
        with pytest.raises(PortMissingError):
            transport.open()
        assert not any(name.startswith(path) for name in open_files())

    def open_files() -> list[str]:
        names = []
        for fd in Path("/proc/self/fd").iterdir():
            try:
                names.append(str(fd.readlink()))
            except OSError:
                continue
        return names

    def test_d02_a_port_without_permission_says_which_group() -> None:
        """Not being in `dialout` is the commonest set-up fault on Debian: the sentence names it."""
        script = (
            "import os, tty\nfrom devices.errors import PortError\nfrom devices.serial_port import SerialTransport\n"
            "import serial\nours, theirs = os.openpty()\npath = os.ttyname(theirs)\nos.chmod(path, 0)\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            "try:\n    SerialTransport(path).open()\nexcept PortError as exc:\n    print(exc.code, exc)\n"
        )
        run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert run.stdout.startswith(PortForbiddenError.code)
        assert "'dialout'" in run.stdout

    def test_what_is_no_serial_port_says_so(tmp_path: Path) -> None:
        """A file and a folder are no ports: an error of this room, not a traceback."""
        (tmp_path / "file").touch()
        for path in (tmp_path / "file", tmp_path):
            with pytest.raises(DeviceError):
                SerialTransport(str(path)).open()
