"""Where the device of a reference is after somebody has played with the plugs (D8 to D11)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from devices.errors import (
    PortAmbiguousError,
    PortError,
    PortExchangedError,
    PortMissingError,
    PortOtherModelError,
    PortSharedError,
    SocketEmptyError,
    plain_code,
)
from devices.finding import find_port
from devices.ports import PortInfo, PortRef, stable_ref

NEWLAND = PortInfo("/dev/ttyACM0", "Newland HR22", 0x1EAB, 0x0106, "A1", "1-1")
CH340 = PortInfo("/dev/ttyUSB0", "USB Serial", 0x1A86, 0x7523, None, "1-2")
TWIN = replace(CH340, device="/dev/ttyUSB1", location="1-3")
PRINTER = PortInfo("/dev/ttyUSB0", "USB Serial", 0x067B, 0x2303, None, "1-2")


def on_windows(*infos: PortInfo) -> list[PortInfo]:
    """The same devices as Windows numbers them, in this order."""
    return [replace(info, device=f"COM{number}") for number, info in enumerate(infos, 3)]


def find(ref: PortRef, *infos: PortInfo, links: Path = Path("/nowhere")) -> str:
    return find_port(PortRef.parse(str(ref)), lambda: infos, links)


def why_not(ref: PortRef, *infos: PortInfo, links: Path = Path("/nowhere")) -> type[PortError]:
    with pytest.raises(PortError) as caught:
        find(ref, *infos, links=links)
    return type(caught.value)


def plug(links: Path, *infos: PortInfo) -> list[PortInfo]:
    """Links as udev makes them: of two devices that say the same the last one has the by-id link."""
    linked = []
    for kind in ("by-id", "by-path"):
        (links / kind).mkdir(exist_ok=True, parents=True)
        for old in (links / kind).iterdir():
            old.unlink()
    for info in infos:
        by_id, by_path = f"usb-{info.usb_id}-{info.serial_number}".replace(":", "_"), f"pci-{info.location}"
        device = links / Path(info.device).name
        device.touch()
        for kind, name in (("by-id", by_id), ("by-path", by_path)):
            (links / kind / name).unlink(missing_ok=True)
            (links / kind / name).symlink_to(device)
        linked.append(replace(info, device=str(device), by_id=by_id, by_path=by_path))
    return linked


def test_d09_a_scanner_in_another_socket_is_found_under_its_new_number(tmp_path: Path) -> None:
    """By its link on Linux."""
    (before,) = plug(tmp_path, NEWLAND)
    ref = stable_ref(before, [before])
    after = plug(tmp_path, replace(NEWLAND, device="/dev/ttyACM3", location="2-4"))
    assert find(ref, *after, links=tmp_path) == str(tmp_path / "ttyACM3")


def test_d09_a_com_port_under_another_number_is_found() -> None:
    """Windows gives a device another number in another socket: the reference follows the device."""
    (before,) = on_windows(NEWLAND)
    ref = stable_ref(before, [before])
    assert str(ref) == "usb:1EAB:0106:A1#1EAB:0106@1-1"
    assert find(ref, replace(before, device="COM11", location="1-7")) == "COM11"
    assert why_not(ref) is PortMissingError


def test_d09_a_device_without_a_serial_number_is_followed_while_it_is_the_only_one() -> None:
    """A cheap adapter says no more of itself than its model."""
    ref = stable_ref(CH340, [CH340])
    assert find(ref, NEWLAND, replace(CH340, device="COM9", location="1-9")) == "COM9"


def test_d10_of_two_that_say_the_same_the_one_in_its_socket_is_meant(tmp_path: Path) -> None:
    """The second came later, and has the only by-id link now."""
    (before,) = plug(tmp_path, CH340)
    ref = stable_ref(before, [before])
    assert ref.kind == "by-id"
    both = plug(tmp_path, CH340, TWIN)
    assert find(ref, *both, links=tmp_path) == str(tmp_path / "ttyUSB0")
    assert find(stable_ref(CH340, [CH340]), CH340, TWIN) == CH340.device


def test_d10_two_that_say_the_same_are_not_guessed_at(tmp_path: Path) -> None:
    """Neither is where the scanner was: one may be the cash register's."""
    (before,) = plug(tmp_path, CH340)
    moved = plug(tmp_path, replace(CH340, location="1-8"), TWIN)
    assert why_not(stable_ref(before, [before]), *moved, links=tmp_path) is PortAmbiguousError
    windows = on_windows(replace(CH340, location="1-8"), TWIN)
    assert why_not(stable_ref(CH340, [CH340]), *windows) is PortAmbiguousError


def test_d10_twins_are_kept_by_their_sockets(tmp_path: Path) -> None:
    """Once assigned so, the one that is left is never taken for the other."""
    both = plug(tmp_path, CH340, TWIN)
    first, second = (stable_ref(info, both) for info in both)
    assert (first.kind, second.kind) == ("by-path", "by-path")
    assert find(second, *both, links=tmp_path) == str(tmp_path / "ttyUSB1")
    left = plug(tmp_path, CH340)
    assert why_not(second, *left, links=tmp_path) is SocketEmptyError


def test_d11_another_model_in_the_socket_is_not_opened(tmp_path: Path) -> None:
    """It may be a printer: it is named, and left alone."""
    both = plug(tmp_path, CH340, TWIN)
    ref = stable_ref(both[0], both)
    other = plug(tmp_path, PRINTER)
    with pytest.raises(PortOtherModelError, match="067B:2303"):
        find(ref, *other, links=tmp_path)
    windows = on_windows(CH340, TWIN)
    on_com = stable_ref(windows[0], windows)
    assert str(on_com) == "device:COM3#1A86:7523"
    assert find(on_com, *windows) == "COM3"
    assert why_not(on_com, *on_windows(PRINTER)) is PortOtherModelError


def test_d11_a_new_scanner_of_the_same_model_is_named_and_left_to_a_person(tmp_path: Path) -> None:
    """It may as well be the one of the cash register."""
    new = replace(NEWLAND, serial_number="B2")
    assert why_not(stable_ref(NEWLAND, [NEWLAND]), new) is PortExchangedError
    (before,) = plug(tmp_path, NEWLAND)
    after = plug(tmp_path, new)
    assert why_not(stable_ref(before, [before]), *after, links=tmp_path) is PortExchangedError
    after = plug(tmp_path, PRINTER)
    assert why_not(stable_ref(before, [before]), *after, links=tmp_path) is PortMissingError


def test_one_device_with_two_ports_has_no_twin() -> None:
    """Both ports say the same serial number, and each has a link of its own."""
    first = replace(NEWLAND, location="1-1:1.0", by_id="usb-a-if00")
    second = replace(NEWLAND, device="/dev/ttyACM1", location="1-1:1.2", by_id="usb-a-if02")
    refs = [stable_ref(info, [first, second]) for info in (first, second)]
    assert [ref.value for ref in refs] == ["usb-a-if00", "usb-a-if02"]


def test_what_is_written_by_hand_is_opened_as_it_is(tmp_path: Path) -> None:
    """Without a model nothing is compared, and nothing listed."""
    assert find(PortRef.parse("COM3"), PRINTER) == "COM3"
    assert find(PortRef.parse("socket://box:4001")) == "socket://box:4001"
    plug(tmp_path, PRINTER)
    assert find(PortRef.parse("by-path:pci-1-2"), links=tmp_path) == str(tmp_path / "ttyUSB0")


def test_of_other_devices_only_the_plain_case_is_said() -> None:
    """A printer's sentences are `missing` and `taken`; each finer error of a port that cannot be opened is one of the two."""
    finer = (SocketEmptyError, PortExchangedError, PortOtherModelError, PortAmbiguousError, PortSharedError)
    assert [plain_code(error.code) for error in finer] == ["port-missing"] * 4 + ["port-taken"]
    assert plain_code("port-stalled") == "port-stalled"
