"""The till's scanner: what is kept of its port, and what a technician sees of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.settings import Settings, read_settings
from devices import ports
from devices.ports import PortInfo
from till import scanners
from till.events import Event
from till.scanners import ScannerPost

SCANNER = PortInfo("COM3", "Newland HR22", 0x1EAB, 0x0106, "A1", "1-1")
BRIDGE = PortInfo("COM1", "built in")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[PortInfo]:
    """What the system lists; a test plugs things in and out."""
    infos = [BRIDGE, SCANNER]
    for module in (scanners, ports):
        monkeypatch.setattr(module, "list_ports", lambda *_: list(infos))
    return infos


def test_d09_a_typed_com_port_is_kept_as_the_device_that_is_there(tmp_path: Path, listed: list[PortInfo]) -> None:
    """So that it is found when Windows numbers it anew."""
    told: list[Event] = []
    post = ScannerPost(tmp_path, Settings(), told.append)
    post.assign("COM3", "newland-unified")
    post.stop()
    kept = read_settings(tmp_path).scanner_port
    assert kept == "usb:1EAB:0106:A1#1EAB:0106@1-1"
    listed[1] = replace(SCANNER, device="COM7", location="1-4")
    assert [(port.ref, port.device) for port in post.list_ports()] == [("device:COM1", "COM1"), (kept, "COM7")]
    post.assign("COM1", "generic-line")
    post.stop()
    assert read_settings(tmp_path).scanner_port == "device:COM1"
