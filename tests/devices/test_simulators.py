"""The simulator itself: it must behave like a cable, or the tests above prove nothing."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path

from devices.serial_port import SerialTransport
from devices.simulators import CABLE_KINDS, ScannerSimulator
from tests.devices.harness import PATIENCE_S


def test_both_cables_exist_where_the_platform_has_ptys() -> None:
    """Debian has both, Windows the socket; the better one comes first and is the default."""
    expected = ("socket",) if sys.platform == "win32" else ("pty", "socket")
    assert expected == CABLE_KINDS
    with ScannerSimulator() as simulator:
        assert simulator.port.kind == {"pty": "device", "socket": "url"}[CABLE_KINDS[0]]


def test_the_port_keeps_its_name_over_a_replug(simulator: ScannerSimulator) -> None:
    """What the settings hold stays valid; plugging and unplugging twice changes nothing."""
    port = simulator.port
    simulator.unplug()
    simulator.unplug()
    simulator.replug()
    simulator.replug()
    assert simulator.port == port
    transport = SerialTransport(port.resolve())
    transport.open()
    transport.close()


def test_typing_into_an_unplugged_cable_is_lost(simulator: ScannerSimulator) -> None:
    """A scanner does not know whether somebody listens: no error, nothing kept for later."""
    simulator.unplug()
    simulator.type_code("LOST")
    assert simulator.received() == b""
    simulator.replug()
    transport = SerialTransport(simulator.port.resolve())
    transport.open()
    assert transport.read(100, 0.05) == b""
    transport.close()


def test_a_closed_simulator_leaves_nothing_behind(simulator: ScannerSimulator) -> None:
    """The folder of its link is removed."""
    simulator.close()
    if simulator.port.kind == "device":
        assert not Path(simulator.port.value).parent.exists()


def test_a_suffix_is_what_the_scanner_is_set_to(simulator: ScannerSimulator) -> None:
    """Labels go out in the charset asked for, with the simulator's suffix."""
    transport = SerialTransport(simulator.port.resolve())
    transport.open()
    simulator.type_code("会员", charset="gb18030")
    data = b""
    while len(data) < 6:
        data += transport.read(100, 5.0)
    assert data == b"\xbb\xe1\xd4\xb1\r\n"
    transport.close()


def test_one_thread_may_type_while_another_listens() -> None:
    """A host that calls is greeted once: the other thread does not wait for ever for a call that was taken."""
    with ScannerSimulator("socket") as simulator:
        address = simulator.port.value.removeprefix("socket://").split(":")
        for _ in range(30):
            with socket.create_connection((address[0], int(address[1]))):
                threads = [threading.Thread(target=simulator.type_code, args=("A1",), daemon=True) for _ in range(6)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(PATIENCE_S)
                assert not any(thread.is_alive() for thread in threads)
