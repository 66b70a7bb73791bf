"""Ports: references that survive a replug."""

from __future__ import annotations

from pathlib import Path

import pytest

from devices.errors import PortInvalidError, PortMissingError
from devices.ports import PortInfo, PortKind, PortRef, list_ports, stable_ref, with_links


@pytest.fixture
def links(tmp_path: Path) -> Path:
    """A /dev with one adapter at ttyUSB0, linked as udev does."""
    for folder in ("by-id", "by-path"):
        (tmp_path / "serial" / folder).mkdir(parents=True)
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "serial/by-id/usb-Newland_1234-if00").symlink_to("../../ttyUSB0")
    (tmp_path / "serial/by-path/pci-usb-0:1:1.0").symlink_to("../../ttyUSB0")
    return tmp_path / "serial"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("by-id:usb-Newland_1234-if00", PortKind.BY_ID, "usb-Newland_1234-if00"),
        ("by-path:pci-usb-0:1:1.0", PortKind.BY_PATH, "pci-usb-0:1:1.0"),
        ("device:/dev/ttyS0", PortKind.DEVICE, "/dev/ttyS0"),
        ("/dev/ttyS0", PortKind.DEVICE, "/dev/ttyS0"),
        ("COM3", PortKind.DEVICE, "COM3"),
        ("url:socket://127.0.0.1:4000", PortKind.URL, "socket://127.0.0.1:4000"),
        ("rfc2217://box:4000", PortKind.URL, "rfc2217://box:4000"),
        ("usb:1eab:0106:a1", PortKind.USB, "1EAB:0106:a1"),
    ],
)
def test_a_reference_is_text_and_back(text: str, kind: PortKind, value: str) -> None:
    """What the settings hold is read, and its canonical text gives the same reference."""
    ref = PortRef.parse(text)
    assert ref == PortRef(kind, value)
    assert PortRef.parse(str(ref)) == ref


def test_a_reference_says_what_has_to_be_there() -> None:
    """Behind `#`, in any case; the address of a server is taken as it is."""
    ref = PortRef.parse("by-path:pci-0:1#1a86:7523@1-2.1")
    assert ref == PortRef(PortKind.BY_PATH, "pci-0:1", "1A86:7523", "1-2.1")
    assert str(ref) == "by-path:pci-0:1#1A86:7523@1-2.1"
    assert PortRef.parse("url:socket://box:1/#1A86:7523").model == ""


@pytest.mark.parametrize(
    "text", ["usb:1EAB", "usb:scanner", "", "device:", "by-id: ", "by-id:../../etc/passwd", "by-path:/dev/ttyS0"]
)
def test_a_reference_that_names_no_port_is_refused(text: str) -> None:
    """Nothing, and a link name that leaves its folder, are no ports."""
    with pytest.raises(PortInvalidError) as caught:
        PortRef.parse(text)
    assert caught.value.code == "port-invalid"


def test_d09_by_id_follows_the_device_and_by_path_the_socket(links: Path) -> None:
    """Replugged elsewhere, the adapter is found by id under its new number; the old socket is empty."""
    by_id, by_path = PortRef.parse("by-id:usb-Newland_1234-if00"), PortRef.parse("by-path:pci-usb-0:1:1.0")
    assert by_id.resolve(links) == by_path.resolve(links) == str(links.parent / "ttyUSB0")

    (links.parent / "ttyUSB0").rename(links.parent / "ttyUSB1")
    (links / "by-id/usb-Newland_1234-if00").unlink()
    (links / "by-id/usb-Newland_1234-if00").symlink_to("../../ttyUSB1")

    assert by_id.resolve(links) == str(links.parent / "ttyUSB1")
    with pytest.raises(PortMissingError) as caught:
        by_path.resolve(links)
    assert caught.value.port == "by-path:pci-usb-0:1:1.0"


def test_ports_are_listed_with_their_stable_names(links: Path) -> None:
    """by-id and by-path are added to what pyserial lists; a port without links has none."""
    usb, plain = (
        PortInfo(str(links.parent / name), usb_vendor=0x1EAB, usb_product=0x0106) for name in ("ttyUSB0", "S0")
    )
    linked, unlinked = with_links([usb, plain], links)
    assert (linked.by_id, linked.by_path) == ("usb-Newland_1234-if00", "pci-usb-0:1:1.0")
    assert (unlinked.by_id, unlinked.by_path) == (None, None)
    assert linked.usb_id == "1EAB:0106"


def test_d10_two_adapters_with_one_serial_number_are_told_apart_by_path() -> None:
    """They share one by-id link, which leads to whichever came last: the socket decides."""
    twins = [
        PortInfo(f"/dev/ttyUSB{n}", "", 0x1A86, 0x7523, "0001", f"1-{n}", "usb-1a86-if00" if n else None, f"path-{n}")
        for n in (0, 1)
    ]
    assert [str(stable_ref(twin, twins)) for twin in twins] == [
        "by-path:path-0#1A86:7523",
        "by-path:path-1#1A86:7523",
    ]
    assert str(stable_ref(twins[1], twins[1:])) == "by-id:usb-1a86-if00#1A86:7523@1-1"


def test_a_port_without_links_is_kept_by_its_device_path() -> None:
    """A built-in COM1, or Windows, has nothing better."""
    info = PortInfo("/dev/ttyS0")
    assert str(stable_ref(info, [info])) == "device:/dev/ttyS0"


def test_the_ports_of_this_machine_can_be_listed() -> None:
    """Whatever is plugged in, the list is of ports with a device each, in order."""
    devices = [info.device for info in list_ports()]
    assert devices == sorted(devices)
    assert all(devices)
